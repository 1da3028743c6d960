// Presets: what each covers, blocked, audited and where no policy has it, and what is beside it.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/stat.h>

#define PAGE 4096

// MARK: filelessExec.

static int runs(int fd) {
  char *words[] = {"m", NULL}, *none[] = {NULL};
  return (int)syscall(SYS_execveat, fd, "", words, none, 0x1000);
}
static int copied(const char *from, int to) {
  static char bytes[4 << 20];
  int fd = open(from, O_RDONLY);
  ssize_t got = read(fd, bytes, sizeof bytes);
  close(fd);
  return got < 0 || write(to, bytes, (size_t)got) != got ? -1 : 0;
}
// Nobody may have a program open for writing when it is executed.
static int read_only(int fd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDONLY);
  close(fd);
  return again;
}
static int run_memory(const char *from) {
  int fd = memfd_create("m", 0);
  return copied(from, fd) ? -1 : runs(fd);
}
static int run_script(const char *text) {
  int fd = memfd_create("m", 0);
  return write(fd, text, strlen(text)) < 0 ? -1 : runs(fd);
}
static int run_unlinked(const char *from) {
  int fd = open("/tmp", O_TMPFILE | O_RDWR, 0755);
  return copied(from, fd) ? -1 : runs(read_only(fd));
}
static int run_deleted(const char *from) {
  int fd = open("/tmp/deleted", O_CREAT | O_RDWR, 0755);
  return copied(from, fd) || unlink("/tmp/deleted") ? -1 : runs(read_only(fd));
}
static int run(const char *path) { return execl(path, path, NULL); }

// MARK: anonymousMapExec.

static int map_at(int prot, int flags, int fd) { return mmap(NULL, PAGE, prot, flags, fd, 0) == MAP_FAILED ? -1 : 0; }
static int map_memory(const char *prot) { return map_at(prot[0] - '0', MAP_PRIVATE | MAP_ANONYMOUS, -1); }
static int map_shared(const char *prot) { return map_at(prot[0] - '0', MAP_SHARED | MAP_ANONYMOUS, -1); }
static int map_memfd(const char *prot) {
  int fd = memfd_create("m", 0);
  return ftruncate(fd, PAGE) ? -1 : map_at(prot[0] - '0', MAP_PRIVATE, fd);
}
static int map_segment(const char *unused) {
  return shmat(shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700), NULL, SHM_EXEC) == (void *)-1 ? -1 : 0;
}
static int map_deleted(const char *from) {
  int fd = open("/tmp/deleted-library", O_CREAT | O_RDWR, 0755);
  return copied(from, fd) || unlink("/tmp/deleted-library") ? -1 : map_at(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
}
static int map_file(const char *path) { return map_at(PROT_READ | PROT_EXEC, MAP_PRIVATE, open(path, O_RDONLY)); }
static int map_file_shared(const char *path) { return map_at(PROT_READ | PROT_EXEC, MAP_SHARED, open(path, O_RDONLY)); }
static int map_file_all(const char *path) {
  return map_at(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, open(path, O_RDONLY));
}
static int turn(char *at, int prot) { return at == MAP_FAILED ? -1 : mprotect(at, PAGE, prot); }
static int turn_memory(const char *prot) {
  return turn(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), prot[0] - '0');
}
static int turn_memfd(const char *prot) {
  int fd = memfd_create("m", 0);
  return ftruncate(fd, PAGE) ? -1 : turn(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0), prot[0] - '0');
}
static int turn_deleted(const char *path) {
  int fd = open(path, O_RDONLY);
  return unlink(path) ? -1 : turn(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), PROT_READ | PROT_EXEC);
}
static int turn_new(const char *path) {
  make(path, "0123456789");
  return turn_deleted(path);
}
static int turn_file(const char *path) {
  return turn(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open(path, O_RDONLY), 0), PROT_READ | PROT_EXEC);
}
static int turn_written(const char *path) {
  char *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, open(path, O_RDONLY), 0);
  if (at != MAP_FAILED) at[0] = 1;
  return turn(at, PROT_READ | PROT_EXEC);
}

// MARK: protectEnv and protectProc.

static int reads(const char *path) { return opens(path, O_RDONLY); }
static int reads_of_parent(const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", getppid(), name);
  return reads(path);
}
static int reads_beneath(const char *name) {
  int at = open("/proc/1", O_PATH | O_DIRECTORY), fd = openat(at, name, O_RDONLY);
  return fd < 0 ? -1 : 0;
}
// A file system that is mounted nowhere.
static int reads_detached(const char *path) {
  int context = (int)syscall(430, "proc", 0);
  if (context < 0 || syscall(431, context, 6, NULL, NULL, 0)) return -1;
  int mount = (int)syscall(432, context, 0, 0), fd = openat(mount, path, O_RDONLY);
  return fd < 0 ? -1 : 0;
}
static int error_of_thread;
static void *thread(void *format) {
  char path[64];
  int leader = getpid(), own = (int)syscall(SYS_gettid);
  snprintf(path, sizeof path, format, leader, own);
  error_of_thread = opens(path, O_RDONLY) ? errno : 0;
  return NULL;
}
static int thread_reads(const char *format) {
  pthread_t id;
  if (pthread_create(&id, NULL, thread, (void *)format)) return -1;
  pthread_join(id, NULL);
  errno = error_of_thread;
  return errno ? -1 : 0;
}

static const struct {
  int preset; // 1 + enum armor_preset; 0: none covers it
  const char *what;
  int (*action)(const char *);
  const char *argument;
} cases[] = {
    {1 + ARMOR_FILELESS_EXEC, "execute a memfd", run_memory, "/bin/true"},
    {1 + ARMOR_FILELESS_EXEC, "execute a script in a memfd", run_script, "#!/bin/true\n"},
    {1 + ARMOR_FILELESS_EXEC, "execute a file that was never linked", run_unlinked, "/bin/true"},
    {1 + ARMOR_FILELESS_EXEC, "execute a deleted file", run_deleted, "/bin/true"},
    {1 + ARMOR_FILELESS_EXEC, "execute in /dev/shm", run, "/dev/shm/program"},
    {1 + ARMOR_FILELESS_EXEC, "execute a script in /dev/shm", run, "/dev/shm/below/script"},
    {1 + ARMOR_FILELESS_EXEC, "execute in /run/shm", run, "/run/shm/program"},
    {0, "execute beside /dev/shm", run, "/dev/shm-not/program"},
    {0, "execute where it is not /dev/shm", run, "/tmp/dev/shm/program"},
    {0, "execute a program with libraries", run, "/bin/dynamic"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map memory to execute", map_memory, "5"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map memory to write and execute", map_memory, "7"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map shared memory to execute", map_shared, "5"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map a memfd to execute", map_memfd, "5"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map a memory segment to execute", map_segment, ""},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map a deleted file to execute", map_deleted, "/bin/true"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map a file to write for oneself and execute", map_file_all, "/bin/other"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "map the program itself so", map_file_all, "/proc/self/exe"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "turn memory to execute", turn_memory, "5"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "turn memory to write and execute", turn_memory, "7"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "turn a memfd to execute", turn_memfd, "5"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "turn the mapping of a deleted file", turn_new, "/tmp/turned"},
    {1 + ARMOR_ANONYMOUS_MAP_EXEC, "turn a mapping that was written", turn_written, "/bin/other"},
    {0, "map memory to write", map_memory, "3"},
    {0, "map a file to execute", map_file, "/bin/other"},
    {0, "map a shared file to execute", map_file_shared, "/bin/other"},
    {0, "map the program to execute", map_file, "/proc/self/exe"},
    {0, "turn a file's mapping to execute", turn_file, "/bin/other"},
    {0, "turn memory to read", turn_memory, "1"},
    {1 + ARMOR_PROTECT_ENV, "environment of the first process", reads, "/proc/1/environ"},
    {1 + ARMOR_PROTECT_ENV, "of its thread", reads, "/proc/1/task/1/environ"},
    {1 + ARMOR_PROTECT_ENV, "of the parent", reads_of_parent, "environ"},
    {1 + ARMOR_PROTECT_ENV, "from a directory that was not read", reads_beneath, "environ"},
    {1 + ARMOR_PROTECT_ENV, "by way of another proc", reads, "/proc2/1/environ"},
    {1 + ARMOR_PROTECT_ENV, "by way of a bind mount", reads, "/tmp/environment"},
    {1 + ARMOR_PROTECT_ENV, "by way of a proc that is mounted nowhere", reads_detached, "1/environ"},
    {1 + ARMOR_PROTECT_PROC, "status of the first process", reads, "/proc/1/status"},
    {1 + ARMOR_PROTECT_PROC, "its directory", reads, "/proc/1"},
    {1 + ARMOR_PROTECT_PROC, "its threads", reads, "/proc/1/task"},
    {1 + ARMOR_PROTECT_PROC, "maps of the parent", reads_of_parent, "maps"},
    {1 + ARMOR_PROTECT_PROC, "from another proc", reads, "/proc2/1/maps"},
    {0, "own environment", reads, "/proc/self/environ"},
    {0, "own status", reads, "/proc/self/status"},
    {0, "own thread", reads, "/proc/thread-self/environ"},
    {0, "the leader's environment, by a thread", thread_reads, "/proc/%d/environ"},
    {0, "a thread's own environment", thread_reads, "/proc/%d/task/%d/environ"},
    {0, "what is no process's", reads, "/proc/meminfo"},
    {0, "nor this", reads, "/proc/sys/kernel/pid_max"},
    {0, "the directory of processes", reads, "/proc"},
    {0, "another file of that name", reads, "/tmp/environ"},
};
#define CASES (sizeof cases / sizeof cases[0])

// Verdict per preset, in their order.
static const char *verdicts;

static int verdict_of(int preset) { return preset ? verdicts[preset - 1] - '0' : ARMOR_ALLOW; }

static void all(void) {
  for (unsigned i = 0; i < CASES; i++) {
    int verdict = verdict_of(cases[i].preset);
    // The directory covers its environment.
    if (cases[i].preset == 1 + ARMOR_PROTECT_ENV && verdict_of(1 + ARMOR_PROTECT_PROC) == ARMOR_BLOCK) verdict = ARMOR_BLOCK;
    // Where rules block files, what has no path in the namespace is denied.
    if (!strcmp(verdicts, "00000") && cases[i].action == reads_detached) verdict = ARMOR_BLOCK;
    char what[128];
    snprintf(what, sizeof what, "presets %s: %s", verdicts, cases[i].what);
    check(what, apart(cases[i].action, cases[i].argument), verdict == ARMOR_BLOCK ? EACCES : 0);
  }
}

// An overlay maps files of its layers in place of its own.
int enter_preset_container(void) {
  const char *files[] = {"/bin/dynamic", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/bin/other"};
  for (unsigned i = 0; i < sizeof files / sizeof files[0]; i++) {
    char below[128];
    snprintf(below, sizeof below, "/lower%s", files[i]);
    make(below, "");
    if (unlink(below) || link(files[i], below)) return -1;
  }
  return enter_container();
}

void preset_container(void) {
  check("container of presets: execute", apart(run, "/bin/true"), 0);
  check("container of presets: execute a program with libraries", apart(run, "/bin/dynamic"), 0);
  check("container of presets: map a file to execute", apart(map_file, "/bin/true"), 0);
  check("container of presets: turn a file's mapping", apart(turn_file, "/bin/true"), 0);
  check("container of presets: of a deleted file", apart(turn_new, "/tmp/turned"), EACCES);
  check("container of presets: turn a mapping that was written", apart(turn_written, "/bin/true"), EACCES);
  check("container of presets: map a deleted file", apart(map_deleted, "/bin/true"), EACCES);
  check("container of presets: turn the mapping of one deleted from a layer", apart(turn_deleted, "/bin/other"), EACCES);
  check("container of presets: execute a memfd", apart(run_memory, "/bin/true"), EACCES);
  check("container of presets: execute a deleted file", apart(run_deleted, "/bin/true"), EACCES);
  check("container of presets: environment of the first process", apart(reads, "/proc/1/environ"), EACCES);
  check("container of presets: own environment", apart(reads, "/proc/self/environ"), 0);
}

void make_preset_files(void) {
  make("/tmp/environ", "x");
  make("/tmp/environment", "x");
  make("/bin/other", "0123456789");
  make("/dev/shm/below/script", "#!/bin/true\n");
  const char *copies[] = {"/dev/shm/program", "/run/shm/program", "/dev/shm-not/program", "/tmp/dev/shm/program", NULL};
  for (const char **name = copies; *name; name++) {
    make(*name, "");
    int fd = open(*name, O_WRONLY);
    if (copied("/bin/true", fd)) tell("FAILED to make %s", *name);
    close(fd);
  }
  // Where an interpreter finds a script without a path.
  if (symlink("/proc/self/fd", "/dev/fd")) tell("FAILED to make /dev/fd");
  mkdir("/proc2", 0755);
  if (mount("proc", "/proc2", "proc", 0, NULL) || mount("/proc/1/environ", "/tmp/environment", NULL, MS_BIND, NULL))
    tell("FAILED to mount for presets: %s", strerror(errno));
}

void presets(__u32 domain, const char *of_domain, int (*reported)(int preset, int verdict)) {
  int expected[ARMOR_PRESETS + 1][3] = {0}, before[ARMOR_PRESETS + 1][3];
  verdicts = of_domain;
  for (unsigned i = 0; i < CASES; i++) {
    int preset = cases[i].preset, verdict = verdict_of(preset), environment = preset == 1 + ARMOR_PROTECT_ENV;
    int process = environment ? verdict_of(1 + ARMOR_PROTECT_PROC) : ARMOR_ALLOW;
    if (environment && process != ARMOR_ALLOW && verdict != ARMOR_BLOCK) {
      expected[1 + ARMOR_PROTECT_PROC][process]++;
      if (process == ARMOR_BLOCK) continue;
    }
    expected[preset][verdict]++;
  }
  for (int preset = 1; preset <= ARMOR_PRESETS; preset++)
    for (int verdict = 0; verdict < 3; verdict++) before[preset][verdict] = reported(preset, verdict);
  act(domain, all);
  for (int preset = 1; preset <= ARMOR_PRESETS; preset++)
    for (int verdict = ARMOR_AUDIT; verdict <= ARMOR_BLOCK; verdict++) {
      int got = reported(preset, verdict) - before[preset][verdict];
      char what[128];
      snprintf(what, sizeof what, "presets %s: %d events of preset %d, verdict %d (%d)", verdicts, expected[preset][verdict],
               preset, verdict, got);
      check(what, got == expected[preset][verdict] ? 0 : -1, 0);
    }
}
