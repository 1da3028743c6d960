// The first process of the guest that tries the matcher: loads it and two images, lets a confined process try what must
// be denied and what must not, measures, prints one line each, powers off.
//   ok|FAILED WHAT          a check
//   verified PROGRAM N      instructions that the verifier went through
//   cost WHAT N             instructions per run (under -icount)
//   END PASSED FAILED
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct {
  int passed, failed;
} *tally;

void tell(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

void check(const char *what, long result, int expected) {
  int got = result < 0 ? errno : 0;
  if (got == expected) {
    __sync_fetch_and_add(&tally->passed, 1);
    tell("ok %s", what);
  } else {
    __sync_fetch_and_add(&tally->failed, 1);
    tell("FAILED %s: %s instead of %s", what, strerror(got), strerror(expected));
  }
}

int apart(int (*action)(const char *), const char *argument) {
  int status, child = fork();
  if (child == 0) _exit(action(argument) < 0 ? errno : 0);
  waitpid(child, &status, 0);
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  return errno ? -1 : 0;
}

int opens(const char *path, int flags) {
  int fd = open(path, flags, 0644);
  if (fd >= 0) close(fd);
  return fd < 0 ? -1 : 0;
}

void make(const char *path, const char *content) {
  char parent[4096];
  snprintf(parent, sizeof parent, "%s", path);
  for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(parent, 0755);
    *slash = '/';
  }
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);
  if (fd < 0 || write(fd, content, strlen(content)) < 0) tell("FAILED to make %s", path);
  close(fd);
}

// Prepares, then waits until it is confined, then acts.
static int prepared(__u32 domain, int (*preparation)(void), void (*actions)(void)) {
  int go[2], ready[2], child;
  char byte;
  if (pipe(go) || pipe(ready)) return -1;
  if ((child = fork()) == 0) {
    if (preparation && preparation()) tell("FAILED to prepare: %s", strerror(errno));
    if (write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1) actions();
    _exit(0);
  }
  if (read(ready[0], &byte, 1) != 1) tell("FAILED to prepare a process");
  if (label(domain, child, 0) != 1) tell("FAILED to confine a process");
  if (write(go[1], "", 1) != 1) tell("FAILED to start a process");
  close(go[0]);
  close(go[1]);
  close(ready[0]);
  close(ready[1]);
  return child;
}

int confined(__u32 domain, void (*actions)(void)) { return prepared(domain, NULL, actions); }

void act(__u32 domain, void (*actions)(void)) { waitpid(confined(domain, actions), NULL, 0); }

static struct {
  int all, bad, blocked, audited, alias, by_secret;
  int preset[ARMOR_PRESETS + 1][4];
  char source[64];
} seen;

static int event(void *context, void *data, size_t size) {
  struct armor_event *e = data;
  const char *path = (const char *)(e + 1), *source = path + e->path_bytes;
  seen.all++;
  if (e->preset <= ARMOR_PRESETS) seen.preset[e->preset][ARMOR_VERDICT(e->cell)]++;
  seen.bad += e->preset > ARMOR_PRESETS || (e->preset && ARMOR_REASON(e->cell) < ARMOR_RECORD);
  seen.bad += size != e->bytes || size != sizeof *e + e->path_bytes + e->source_bytes || !e->host_pid || !e->domain;
  seen.blocked += ARMOR_VERDICT(e->cell) == ARMOR_BLOCK && !e->trouble;
  seen.audited += ARMOR_VERDICT(e->cell) == ARMOR_AUDIT;
  seen.alias += e->trouble == ARMOR_ALIAS;
  if (e->path_bytes == 13 && !memcmp(path, "/etc/secret/f", 13) && ARMOR_REASON(e->cell) >= ARMOR_RECORD) {
    seen.by_secret++;
    snprintf(seen.source, sizeof seen.source, "%.*s", e->source_bytes, source);
  }
  return 0;
}

static struct ring_buffer *ring;
static int reported_by_preset(int preset, int verdict) {
  ring_buffer__consume(ring);
  return seen.preset[preset][verdict];
}

__u64 counted(__u32 domain, int which) {
  struct armor_counters values[64];
  __u64 sum = 0;
  bpf_map_lookup_elem(map("counters"), &domain, values);
  for (int cpu = 0; cpu < libbpf_num_possible_cpus() && cpu < 64; cpu++) sum += values[cpu].count[which];
  return sum;
}

static void often(void) {
  for (int i = 0; i < 300; i++) opens("/etc/secret/f", O_RDONLY);
}

// At ten a second, more are held back than reported; every one is denied and counted.
static void rates(void) {
  __u32 zero = 0;
  struct armor_control control;
  bpf_map_lookup_elem(map("control"), &zero, &control);
  control.rate = 10;
  bpf_map_update_elem(map("control"), &zero, &control, 0);
  __u64 blocked = counted(1, ARMOR_BLOCKED), reported = counted(1, ARMOR_REPORTED), held = counted(1, ARMOR_HELD_BACK);
  act(1, often);
  blocked = counted(1, ARMOR_BLOCKED) - blocked;
  reported = counted(1, ARMOR_REPORTED) - reported;
  held = counted(1, ARMOR_HELD_BACK) - held;
  check("rate: all are blocked", blocked == 300 ? 0 : -1, 0);
  check("rate: reported or held back", reported + held == 300 && reported > 0 && held > reported ? 0 : -1, 0);
  control.rate = 0;
  bpf_map_update_elem(map("control"), &zero, &control, 0);
}

// MARK: Costs.

static const char *opened;
static void open_often(void) {
  for (int i = 0; i < 200; i++) opens(opened, O_RDONLY);
}
static void socket_often(void) {
  for (int i = 0; i < 200; i++) close(socket(AF_INET, SOCK_STREAM, 0));
}

static void cost(const char *what, const char *name, __u32 domain, void (*actions)(void)) {
  struct bpf_prog_info before = {}, after = {};
  __u32 size = sizeof before;
  bpf_obj_get_info_by_fd(program(name), &before, &size);
  if (domain) {
    act(domain, actions);
  } else {
    actions();
  }
  size = sizeof after;
  bpf_obj_get_info_by_fd(program(name), &after, &size);
  unsigned long long runs = after.run_cnt - before.run_cnt;
  tell("cost %s %llu", what, runs ? (after.run_time_ns - before.run_time_ns) / runs : 0);
}

#define LONG_NAME "/srv/deeper/directory-name/another-directory/some/file-name.txt"

static void costs(void) {
  int fd = open("/proc/sys/kernel/bpf_stats_enabled", O_WRONLY);
  if (fd < 0 || write(fd, "1", 1) != 1) tell("FAILED to enable statistics");
  close(fd);
  opened = LONG_NAME;
  cost("unattached", "armor_file_open", 0, open_often);
  cost("walk-64", "armor_file_open", 1, open_often);
  cost("walk-64-with-presets", "armor_file_open", 7, open_often);
  cost("walk-64-of-10000-rules", "armor_file_open", 3, open_often);
  opened = "/proc/self/status";
  cost("proc-with-presets", "armor_file_open", 7, open_often);
  opened = "/usr/lib/directory-name/another-directory/some-more/file-name1.txt";
  cost("early-64", "armor_file_open", 1, open_often);
  opened = "/etc/audited";
  cost("audited-12", "armor_file_open", 1, open_often);
  cost("socket", "armor_socket_create", 1, socket_often);
}

// MARK: Generations, cgroups, threads.

static void reads_secret(void) { check("generation: secret is read", opens("/etc/secret/f", O_RDONLY), 0); }
static void no_secret(void) { check("generation: secret is not read", opens("/etc/secret/f", O_RDONLY), EACCES); }

// A program that was executed under one generation is the same source under the next.
static int go[2];
static void becomes_trusted(void) {
  dup2(go[0], 0);
  execl("/bin/trusted", "trusted", "wait", "/etc/secret/f", NULL);
}

static void generations(void) {
  act(1, no_secret);
  // The bank in use is switched by one element; the other has no policy for this domain.
  choose(1, 2);
  act(1, reads_secret);
  choose(0, 1);
  act(1, no_secret);
  int status, child = pipe(go) ? -1 : confined(1, becomes_trusted);
  usleep(500000);
  load_image("/image-guarded", 1, 1, 2);
  choose(1, 2);
  act(1, no_secret);
  check("generation: the program goes on", write(go[1], "", 1) == 1 && waitpid(child, &status, 0) == child ? 0 : -1, 0);
  errno = WEXITSTATUS(status);
  check("generation: and is still its source", errno ? -1 : 0, 0);
  choose(0, 1);
}

static int in_cgroup(const char *path) {
  char text[16];
  int fd = open("/cgroup/pod/cgroup.procs", O_WRONLY);
  snprintf(text, sizeof text, "%d", getpid());
  if (fd < 0 || write(fd, text, strlen(text)) < 0) return -1;
  close(fd);
  return opens(path, O_RDONLY);
}

static void cgroups(void) {
  struct stat info;
  mkdir("/cgroup", 0755);
  mount("none", "/cgroup", "cgroup2", 0, NULL);
  mkdir("/cgroup/pod", 0755);
  stat("/cgroup/pod", &info);
  __u64 id = info.st_ino;
  __u32 domain = 1;
  bpf_map_update_elem(map("cgroups"), &id, &domain, 0);
  check("cgroup: secret is read outside", opens("/etc/secret/f", O_RDONLY), 0);
  check("cgroup: moved in", apart(in_cgroup, "/etc/secret/f"), EACCES);
  check("cgroup: other files", apart(in_cgroup, "/etc/grp"), 0);
  int child = fork();
  if (child == 0) {
    bpf_map_delete_elem(map("cgroups"), &id);
    in_cgroup("/etc/grp");
    bpf_map_update_elem(map("cgroups"), &id, &domain, 0);
    check("cgroup: there before it was named", opens("/etc/secret/f", O_RDONLY), 0);
    execl("/bin/true", "true", "/etc/secret/f", NULL);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  errno = WEXITSTATUS(status);
  check("cgroup: confined when it executes", errno ? -1 : 0, EACCES);
  if ((child = fork()) == 0) {
    bpf_map_delete_elem(map("cgroups"), &id);
    in_cgroup("/etc/grp");
    bpf_map_update_elem(map("cgroups"), &id, &domain, 0);
    pause();
    _exit(0);
  }
  usleep(300000);
  check("cgroup: one task is labelled", label(1, 0, id) == 1 ? 0 : -1, 0);
  check("cgroup: it is listed", listed(1, child) == 1 ? 0 : -1, 0);
  check("cgroup: none a second time", label(1, 0, id) == 0 ? 0 : -1, 0);
  check("cgroup: and set free", label(0, child, 0) == 1 ? 0 : -1, 0);
  check("cgroup: it is not listed", listed(1, child) == 0 ? 0 : -1, 0);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void calls(void) {
  check("system calls are never denied", umask(022), 0);
  check("nor with a path", unlink("/etc/not-there"), ENOENT);
  check("nor when it is the path", unlink("/etc/hostkey"), 0);
}

static void listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 8)) tell("FAILED to listen");
}

// MARK: The test entry.

static void test_entry(void) {
  struct armor_test_input in = {.domain = 1, .resource_class = ARMOR_FILE, .operation = ARMOR_READ, .path_bytes = 13};
  unsigned char packet[64] = {0};
  __u32 zero = 0;
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof packet);
  memcpy(in.path, "/etc/secret/f", 13);
  bpf_map_update_elem(map("test_input"), &zero, &in, 0);
  check("test entry runs", bpf_prog_test_run_opts(program("armor_test"), &run), 0);
  bpf_map_lookup_elem(map("test_input"), &zero, &in);
  check("test entry denies", in.denied == 1 && ARMOR_VERDICT(in.cell) == ARMOR_BLOCK ? 0 : -1, 0);
  struct armor_test_input preset = {.domain = 5, .resource_class = ARMOR_PRESET};
  for (preset.number = 0; preset.number < ARMOR_PRESETS; preset.number++) {
    bpf_map_update_elem(map("test_input"), &zero, &preset, 0);
    bpf_prog_test_run_opts(program("armor_test"), &run);
    bpf_map_lookup_elem(map("test_input"), &zero, &in);
    unsigned expected = preset.number == ARMOR_PROTECT_ENV    ? ARMOR_AUDIT
                        : preset.number == ARMOR_PROTECT_PROC ? ARMOR_BLOCK
                                                              : ARMOR_ALLOW;
    check("test entry knows presets", ARMOR_VERDICT(in.cell) == expected && in.denied == (expected == ARMOR_BLOCK) ? 0 : -1, 0);
  }
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (getpid() != 1) {
    // What the scenario executes: opens the path it is given, when it is told.
    char byte;
    if (count > 2 && !strcmp(words[1], "wait") && read(0, &byte, 1) != 1) return EIO;
    if (count < 2 || words[count - 1][0] != '/') return 0;
    return opens(words[count - 1], O_RDONLY) < 0 ? errno : 0;
  }
  const char *directories[] = {"/proc", "/sys", "/mnt", "/mnt2", NULL};
  for (const char **name = directories; *name; name++) mkdir(*name, 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sys", "/sys", "sysfs", 0, NULL);
  mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL);
  tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  make("/etc/secret/f", "x");
  make("/etc/grp", "x");
  make("/etc/hostkey", "x");
  make("/etc/audited", "xxxx");
  make("/usr/lib/directory-name/another-directory/some-more/file-name1.txt", "x");
  make(LONG_NAME, "x");
  make("/opt/owner/root", "x");
  make("/opt/owner/user", "x");
  make("/tmp/fine", "x");
  make("/tmp/script", "#!/bin/true\n");
  make("/bin/.keep", "");
  if (chown("/opt/owner/user", 1000, 1000)) tell("FAILED to give a file away");
  const char *copies[] = {"/bin/true", "/bin/blocked", "/bin/trusted", "/tmp/copy", NULL};
  for (const char **name = copies; *name; name++)
    if (link("/init", *name)) tell("FAILED to make %s", *name);
  int by_pointer = count > 1 && !strcmp(words[1], "by-pointer");
  if (arm("/armor.bpf.o", by_pointer)) {
    tell("FAILED to load the matcher: %s", strerror(errno));
    goto off;
  }
  choose(0, 1);
  load_image("/image-guarded", 1, 0, 1);
  load_image("/image-listed", 2, 0, 1);
  load_image("/image-many", 3, 0, 1);
  bpf_obj_pin(map("control"), "/sys/fs/bpf/control");
  load_image("/image-strict", 4, 0, 1);
  load_image("/image-proc", 5, 0, 1);
  load_image("/image-watched", 6, 0, 1);
  load_image("/image-both", 7, 0, 1);
  ring = ring_buffer__new(map("events"), event, NULL, NULL);
  // Aliases that are there before.
  int kept = (mount("/etc", "/mnt2", NULL, MS_BIND, NULL), open("/mnt2", O_RDONLY | O_DIRECTORY));
  umount2("/mnt2", MNT_DETACH);
  dup2(kept, KEPT);

  act(1, paths);
  act(1, aliases);
  listen_at("/tmp/sock");
  listen_at("/tmp/other-sock");
  act(1, sockets);
  act(1, programs);
  act(2, listed_programs);
  waitpid(prepared(1, enter_container, container), NULL, 0);
  waitpid(prepared(2, enter_container, listed_container), NULL, 0);
  ring_buffer__consume(ring);
  check("events are whole", seen.all && !seen.bad ? 0 : -1, 0);
  check("events name the rule", seen.by_secret ? 0 : -1, 0);
  check("events of audits", seen.audited ? 0 : -1, 0);
  check("events of aliases", seen.alias ? 0 : -1, 0);
  __u64 reported = counted(1, ARMOR_REPORTED) + counted(2, ARMOR_REPORTED);
  check("every event is counted", seen.all == (int)reported ? 0 : -1, 0);
  check("nothing was lost", counted(1, ARMOR_LOST) + counted(1, ARMOR_HELD_BACK) ? -1 : 0, 0);
  generations();
  cgroups();
  int audited = (ring_buffer__consume(ring), seen.audited);
  act(2, calls);
  ring_buffer__consume(ring);
  check("system calls are audited, and with the path only", seen.audited == audited + 2 ? 0 : -1, 0);
  test_entry();
  make_preset_files();
  presets(4, "22200", reported_by_preset);
  waitpid(prepared(4, enter_preset_container, preset_container), NULL, 0);
  presets(5, "00120", reported_by_preset);
  presets(6, "11110", reported_by_preset);
  presets(1, "00000", reported_by_preset);
  check("events of presets are whole", seen.bad ? -1 : 0, 0);
  rates();
  escapes();
  pressure(ring);
  check("unattached tasks are free", opens("/etc/secret/f", O_RDONLY), 0);
  costs();
off:
  tell("END %d %d", tally->passed, tally->failed);
  sync();
  reboot(RB_POWER_OFF);
}
