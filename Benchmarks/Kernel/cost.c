// The first process of the guest that counts what decisions cost: the matcher and the baseline stand at the same hooks, and a
// program that is a source by name opens one file over and over. Under -icount a nanosecond is an instruction.
//   kernel RELEASE
//   cost NAME OURS THEIRS     instructions per run of the two programs, the kernel's own accounting included
//   FAILED …                  what was to be allowed was not
#define _GNU_SOURCE
#include "../../Tests/VM/Matcher/guest.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "baseline.h"
#include "rules.h"

#define RUNS 400

static struct bpf_object *baseline;
static struct {
  char name[64];
  int rules;
} sets[64];
static int set_count;

void tell(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
}

static void make_file(const char *path) {
  static char parent[4096];
  snprintf(parent, sizeof parent, "%s", path);
  for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(parent, 0755);
    *slash = '/';
  }
  int fd = open(path, O_CREAT | O_WRONLY, 0755);
  if (fd < 0) tell("FAILED to make a file");
  close(fd);
}

// What is measured, in a program of its own.
static int act(const char *what, const char *path) {
  for (int i = 0; i < RUNS; i++) {
    int result;
    if (!strcmp(what, "socket")) {
      result = socket(AF_INET, SOCK_STREAM, 0);
    } else if (!strcmp(what, "capable")) {
      result = sethostname("guest", 5);
    } else {
      result = open(path, O_RDONLY);
    }
    if (result < 0) return errno;
    if (result > 2) close(result);
  }
  return 0;
}

static int set_named(const char *name) {
  for (int i = 0; i < set_count; i++)
    if (!strcmp(sets[i].name, name)) return i;
  char path[128];
  snprintf(path, sizeof path, "/rules-%s", name);
  int rules = rules_map(path);
  snprintf(path, sizeof path, "/image-%s", name);
  load_image(path, set_count + 1, 0, 1);
  if (rules < 0) tell("FAILED to fill a map: %s", strerror(errno));
  snprintf(sets[set_count].name, sizeof sets[0].name, "%s", name);
  sets[set_count].rules = rules;
  return set_count++;
}

static struct bpf_prog_info stats(int program) {
  struct bpf_prog_info info = {};
  __u32 size = sizeof info;
  bpf_obj_get_info_by_fd(program, &info, &size);
  return info;
}

static int theirs(const char *name) { return bpf_program__fd(bpf_object__find_program_by_name(baseline, name)); }

static unsigned long long between(struct bpf_prog_info before, struct bpf_prog_info after) {
  unsigned long long runs = after.run_cnt - before.run_cnt;
  return runs ? (after.run_time_ns - before.run_time_ns + runs / 2) / runs : 0;
}

static void measure(const char *name, const char *set, const char *what, const char *path) {
  int go[2], child, status, is_free = !strcmp(set, "-"), index = is_free ? 0 : set_named(set);
  struct baseline_space host = {};
  int outer = bpf_object__find_map_fd_by_name(baseline, "spaces");
  if (path[0] == '/') make_file(path);
  if (is_free)
    bpf_map_delete_elem(outer, &host);
  else if (bpf_map_update_elem(outer, &host, &sets[index].rules, 0))
    tell("FAILED to put rules in place: %s", strerror(errno));
  if (pipe(go)) return;
  if ((child = fork()) == 0) {
    char byte;
    if (read(go[0], &byte, 1) == 1) execl("/bin/trusted", "trusted", what, path, NULL);
    _exit(ENOEXEC);
  }
  if (!is_free && label(index + 1, child, 0) != 1) tell("FAILED to confine a process");
  char ours_name[64], theirs_name[64];
  const char *hook = !strcmp(what, "socket") ? "socket_create" : !strcmp(what, "capable") ? "capable" : "file_open";
  snprintf(ours_name, sizeof ours_name, "armor_%s", hook);
  snprintf(theirs_name, sizeof theirs_name, "baseline_%s", !strcmp(what, "floor") ? "nothing" : hook);
  int ours = program(ours_name), other = theirs(theirs_name);
  struct bpf_prog_info ours_before = stats(ours), theirs_before = stats(other);
  if (write(go[1], "", 1) != 1) tell("FAILED to start a process");
  waitpid(child, &status, 0);
  tell("cost %s %llu %llu", name, between(ours_before, stats(ours)), between(theirs_before, stats(other)));
  if (WEXITSTATUS(status)) tell("FAILED %s: %s", name, strerror(WEXITSTATUS(status)));
  close(go[0]);
  close(go[1]);
}

static int arm_baseline(void) {
  baseline = bpf_object__open("/baseline.bpf.o");
  if (!baseline) return -1;
  bpf_program__set_autoload(bpf_object__find_program_by_name(baseline, "baseline_test"), 0);
  if (bpf_object__load(baseline)) return -1;
  struct bpf_program *p;
  bpf_object__for_each_program(p, baseline) {
    if (bpf_program__autoload(p) && !bpf_program__attach(p)) return -1;
  }
  return 0;
}

static void measure_all(void) {
  static char line[8192];
  FILE *cases = fopen("/cases", "r");
  while (cases && fgets(line, sizeof line, cases)) {
    char *name = strtok(line, " \n"), *set = strtok(NULL, " \n"), *what = strtok(NULL, " \n"), *path = strtok(NULL, " \n");
    if (path) measure(name, set, what, path);
  }
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (getpid() != 1) return count > 2 ? act(words[1], words[2]) : 0;
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/bin", 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  mount("sys", "/sys", "sysfs", 0, NULL);
  if (link("/init", "/bin/trusted")) tell("FAILED to make a program");
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  int fd = open("/proc/sys/kernel/bpf_stats_enabled", O_WRONLY);
  if (fd < 0 || write(fd, "1", 1) != 1) tell("FAILED to enable statistics");
  close(fd);
  if (arm("/armor.bpf.o", 0) || arm_baseline()) {
    tell("FAILED to load: %s", strerror(errno));
  } else {
    struct utsname kernel;
    uname(&kernel);
    tell("kernel %s", kernel.release);
    choose(0, 1);
    measure_all();
    tell("END");
  }
  sync();
  reboot(RB_POWER_OFF);
}
