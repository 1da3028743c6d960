// What only shows in quantity: ten thousand rules, images replaced under running tasks, events that nobody reads.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

// MARK: 10,000 rules; image-many is made by run.sh.

static void among_many(void) {
  int blocked = 0, wrong = 0;
  for (int i = 7; i < 9999; i += 33) {
    char path[80];
    snprintf(path, sizeof path, "/srv/data/%05d/file-%d.txt", i, i * 7919 % 100003);
    if (opens(path, O_CREAT | O_WRONLY) && errno == EACCES) blocked++; else wrong++;
    path[strlen(path) - 1] = 'u';
    wrong += opens(path, O_CREAT | O_WRONLY) != 0;
    snprintf(path, sizeof path, "/srv/data/%05d/file-%d.txt", i, (i + 1) * 7919 % 100003);
    wrong += opens(path, O_CREAT | O_WRONLY) != 0;
  }
  check("10,000 rules: 303 of their paths and 606 beside them", blocked == 303 && !wrong ? 0 : -1, 0);
}

static void many(void) {
  char path[80];
  for (int i = 7; i < 9999; i += 33) {
    snprintf(path, sizeof path, "/srv/data/%05d/.keep", i);
    make(path, "");
  }
  act(3, among_many);
}

// MARK: Images replaced. Domain SWAPPED has either that of domain 1, which blocks this path, or that of domain 2.

#define CHANGING "/etc/secret/f"
enum { TASKS = 3, SWAPS = 120 };

static struct hammered {
  volatile int stop;
  long allowed[TASKS], blocked[TASKS], other[TASKS];
} *hammered;
static int number;

static void hammer(void) {
  while (!hammered->stop) {
    int error = opens(CHANGING, O_RDONLY) ? errno : 0;
    if (error == 0)
      hammered->allowed[number]++;
    else if (error == EACCES)
      hammered->blocked[number]++;
    else
      hammered->other[number]++;
  }
}

static int changed(const char *blocks) {
  int error = opens(CHANGING, O_RDONLY) ? errno : 0;
  errno = EPROTO;
  return error == (*blocks == 'y' ? EACCES : 0) ? 0 : -1;
}

static void swaps(void) {
  int tasks[TASKS], stale = 0, asker[2], answer[2];
  __u32 generation = 10, zero = 0;
  struct armor_control control;
  hammered = mmap(NULL, sizeof *hammered, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  bpf_map_lookup_elem(map("control"), &zero, &control);
  __u32 bank = control.bank;
  load_image("/image-guarded", SWAPPED, bank, generation);
  __u64 undecided = counted(SWAPPED, ARMOR_UNDECIDED);
  for (number = 0; number < TASKS; number++) tasks[number] = confined(SWAPPED, hammer);
  // One more that is asked after each change; it is confined as they are.
  if (pipe(asker) || pipe(answer)) return;
  int child = fork();
  if (child == 0) {
    char byte;
    while (read(asker[0], &byte, 1) == 1 && byte != 'e') {
      byte = changed(&byte) ? 'n' : 'y';
      if (write(answer[1], &byte, 1) != 1) break;
    }
    _exit(0);
  }
  label(SWAPPED, child, 0);
  for (int i = 0; i < SWAPS; i++) {
    int blocks = i & 1;
    bank ^= 1;
    load_image(blocks ? "/image-guarded" : "/image-listed", SWAPPED, bank, ++generation);
    choose(bank, generation);
    char byte = blocks ? 'y' : 'n';
    if (write(asker[1], &byte, 1) != 1 || read(answer[0], &byte, 1) != 1 || byte != 'y') stale++;
    usleep(2000);
  }
  hammered->stop = 1;
  if (write(asker[1], "e", 1) != 1) stale++;
  long allowed = 0, blocked = 0, other = 0;
  waitpid(child, NULL, 0);
  for (int i = 0; i < TASKS; i++) {
    waitpid(tasks[i], NULL, 0);
    allowed += hammered->allowed[i];
    blocked += hammered->blocked[i];
    other += hammered->other[i];
  }
  tell("note %d images swapped under %d tasks: %ld opens allowed, %ld blocked, %ld neither", SWAPS, TASKS, allowed, blocked,
       other);
  check("swaps: both verdicts, and no third", allowed && blocked && !other ? 0 : -1, 0);
  check("swaps: in force when the loader goes on", stale ? -1 : 0, 0);
  check("swaps: everything was decided", counted(SWAPPED, ARMOR_UNDECIDED) == undecided ? 0 : -1, 0);
  choose(0, 1);
}

// MARK: A burst that nobody reads.

enum { BURST = 30000 };
static void burst(void) {
  int wrong = 0;
  for (int i = 0; i < BURST; i++) wrong += opens("/etc/secret/f", O_RDONLY) == 0 || errno != EACCES;
  check("burst: every one is denied", wrong ? -1 : 0, 0);
}

static void burst_of_one(void) { opens("/etc/secret/f", O_RDONLY); }

static void bursts(struct ring_buffer *ring) {
  ring_buffer__consume(ring);
  __u64 blocked = counted(ATTACKED, ARMOR_BLOCKED), reported = counted(ATTACKED, ARMOR_REPORTED), lost = counted(ATTACKED, ARMOR_LOST);
  act(ATTACKED, burst);
  blocked = counted(ATTACKED, ARMOR_BLOCKED) - blocked;
  reported = counted(ATTACKED, ARMOR_REPORTED) - reported;
  lost = counted(ATTACKED, ARMOR_LOST) - lost;
  tell("note a burst of %d denials that nobody reads: %llu events kept, %llu counted as lost", BURST, reported, lost);
  check("burst: every one is counted", blocked == BURST ? 0 : -1, 0);
  check("burst: kept or lost", reported + lost == BURST && reported && lost ? 0 : -1, 0);
  int read = ring_buffer__consume(ring);
  check("burst: what was kept is there", read == (int)reported ? 0 : -1, 0);
  lost = counted(ATTACKED, ARMOR_LOST);
  act(ATTACKED, burst_of_one);
  check("burst: and then there is room again", counted(ATTACKED, ARMOR_LOST) == lost && ring_buffer__consume(ring) == 1 ? 0 : -1, 0);
}

// Which of its modes the kernel is in: the one in brackets.
static void preemption(void) {
  char modes[80] = "unknown";
  mount("none", "/sys/kernel/debug", "debugfs", 0, NULL);
  int fd = open("/sys/kernel/debug/sched/preempt", O_RDONLY);
  ssize_t got = read(fd, modes, sizeof modes - 1);
  if (got > 0) modes[got - 1] = 0;
  close(fd);
  tell("note preemption: %s", modes);
}

void pressure(struct ring_buffer *ring) {
  preemption();
  many();
  swaps();
  bursts(ring);
}
