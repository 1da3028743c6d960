// The first process of the guest: loads the policies, runs every scenario, prints one line per scenario, powers off.
//
// /vm/policies/*    compiled AppArmor policies, each loaded with one write, or map images (apparmor.c, bpf.c)
// /vm/scenarios     one scenario per line, fields separated by tabs, paths percent-escaped (%20):
//   id
//   policy to enter (a profile, or an image), or `-` to stay unconfined
//   user id of the actor
//   `n` for no_new_privs, or `-`
//   program with which to enter, by `exec PROFILE` and execve as container runtimes do, or `-` to enter without any execve
//   places, separated by spaces, or `-`: KIND:UID:PATH with KIND f file, d directory, x program, s script, a actor,
//          n nothing
//   paths to execute one after the other before the operation, separated by spaces, or `-`
//   operation and its arguments, separated by spaces (actor.c)
// Output, through port 0xE9 (qemu's debugcon: a serial line costs more time than all scenarios together):
// `R id outcome record...` separated by tabs; the records are what the kernel reports of the operation alone: audit
// messages from `apparmor=` on, or the matcher's events in hexadecimal digits. The last line is `END <scenarios>`; without it the guest died early.
#define _GNU_SOURCE
#include "enforcer.h"
#include "guest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void put(const char *text) {
  size_t count = strlen(text);
  __asm__ volatile("rep outsb" : "+S"(text), "+c"(count) : "d"(0xE9) : "memory");
}

void print(const char *format, ...) {
  static char text[280000];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  put(text);
}

void fatal(const char *what) {
  print("FATAL %s: %s\n", what, strerror(errno));
  reboot(RB_POWER_OFF);
  _exit(1);
}

struct bytes slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat info;
  if (fd < 0 || fstat(fd, &info) < 0) fatal(path);
  struct bytes bytes = {malloc((size_t)info.st_size + 1), 0};
  if (!bytes.data) fatal(path);
  ssize_t got;
  while ((got = read(fd, bytes.data + bytes.count, (size_t)info.st_size - bytes.count)) > 0) bytes.count += (size_t)got;
  bytes.data[bytes.count] = 0;
  close(fd);
  return bytes;
}

// What programs of scenarios are links to, by owner: the actor, and two that only say that they ran.
#define ACTOR "/init"
#define TARGET "/vm/target"
#define OTHERS_TARGET "/vm/target.other"

// --- The file tree.

static int is_ours(const char *path) {
  static const char *const roots[] = {"/proc", "/sys", "/vm", "/init"};
  for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
    size_t length = strlen(roots[i]);
    if (strncmp(path, roots[i], length) == 0 && (path[length] == 0 || path[length] == '/')) return 1;
  }
  return strcmp(path, "/") == 0;
}

static void remove_tree(const char *path) {
  if (is_ours(path)) return;
  if (unlink(path) == 0 || errno == ENOENT) return;
  if (rmdir(path) == 0) return;
  DIR *directory = opendir(path);
  if (!directory) return;
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char child[4096];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (snprintf(child, sizeof child, "%s/%s", path, entry->d_name) < (int)sizeof child) remove_tree(child);
  }
  closedir(directory);
  rmdir(path);
}

static void make_parents(const char *path) {
  char parent[4096];
  struct stat info;
  for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    size_t length = (size_t)(slash - path);
    if (length >= sizeof parent) return;
    memcpy(parent, path, length);
    parent[length] = 0;
    if (lstat(parent, &info) == 0 && !S_ISDIR(info.st_mode)) remove_tree(parent);
    mkdir(parent, 0777);
  }
}

static int write_file(const char *path, struct bytes bytes, mode_t mode) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (fd < 0) return -1;
  ssize_t wrote = write(fd, bytes.data, bytes.count);
  close(fd);
  return wrote == (ssize_t)bytes.count ? 0 : -1;
}

// Scenarios follow in any order: whatever stands in the way is removed. Modes are open to all, so that only the policy
// decides.
static int place(char kind, uid_t uid, const char *path) {
  static const char script[] = "#!/bin/sh\n";
  struct stat info;
  if (is_ours(path)) return lstat(path, &info);
  make_parents(path);
  int exists = lstat(path, &info) == 0;
  if (exists) remove_tree(path);
  int result = 0;
  switch (kind) {
  case 'n': return 0;
  case 'd': result = mkdir(path, 0777); break;
  case 'f': result = write_file(path, (struct bytes){"content\n", 8}, 0666); break;
  // Links: nothing in a scenario writes to a program.
  case 'x': return link(uid == 0 ? TARGET : OTHERS_TARGET, path);
  case 'a': return link(ACTOR, path);
  case 's':
    if (place('a', 0, "/bin/sh") < 0) return -1;
    result = write_file(path, (struct bytes){(char *)script, sizeof script - 1}, 0777);
    break;
  default: return -1;
  }
  return result < 0 ? -1 : chown(path, uid, uid);
}

// --- Scenarios.

static void child_main(char **field, int result, int go) {
  char failure[96];
  const char *profile = field[1];
  char *chain = strcmp(field[6], "-") == 0 ? "" : field[6];
  char *steps = strdup(chain);
  if (!steps) _exit(1);
  iopl(0); // the runner's own, which every process inherits
  if (dup2(result, RESULT_FD) < 0 || dup2(go, GO_FD) < 0) _exit(1);
  for (int fd = 0; fd < RESULT_FD; fd++) close(fd);
  close_range(GO_FD + 1, ~0u, 0);
  umask(0);
  uid_t uid = (uid_t)atoi(field[2]);
  const char *stage = "setresuid";
  if (uid != 0 && setresuid(uid, uid, uid) < 0) goto failed;
  int by_exec = strcmp(field[4], "-") != 0;
  stage = "enter";
  if (strcmp(profile, "-") != 0 && enter(profile, by_exec) < 0) goto failed;
  stage = "no_new_privs";
  if (field[3][0] == 'n' && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) goto failed;
  if (!by_exec) {
    setenv(STEPS, steps, 1);
    act(steps);
  }
  setenv(STEPS, steps, 1);
  stage = "entry";
  extern char **environ;
  unescape(field[4]);
  execve(field[4], (char *[]){field[4], NULL}, environ);
failed:
  snprintf(failure, sizeof failure, "setup:%s:E%d\n", stage, errno);
  if (write(RESULT_FD, failure, strlen(failure)) < 0) _exit(2);
  _exit(1);
}

// The actor lives on while scenarios ask for the same way to it: a new process costs more than most operations.
static struct {
  pid_t child;
  int results, go;
  char *key;
} session;

static void end_session(void) {
  if (session.child == 0) return;
  close(session.results);
  close(session.go);
  waitpid(session.child, NULL, 0);
  free(session.key);
  session.child = 0;
}

// One line of the actor without its end; what there was of it if the actor dies or hangs.
static void read_outcome(char *outcome, size_t size) {
  size_t used = 0;
  struct pollfd wait = {.fd = session.results, .events = POLLIN};
  while (used < size - 1) {
    if (poll(&wait, 1, 10000) <= 0) {
      kill(session.child, SIGKILL);
      used = (size_t)snprintf(outcome, size, "setup:timeout");
      break;
    }
    if (read(session.results, outcome + used, 1) <= 0) {
      if (used == 0) used = (size_t)snprintf(outcome, size, "setup:died");
      break;
    }
    if (outcome[used] == '\n') break;
    used++;
  }
  outcome[used] = 0;
}

// Starts the actor for the fields from the profile to the chain (all but places) and waits until it is there.
static void start_session(char **field, char *key, char *outcome, size_t size) {
  int results[2], go[2];
  if (pipe2(results, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) fatal("pipe");
  pid_t child = fork();
  if (child < 0) fatal("fork");
  if (child == 0) child_main(field, results[1], go[0]);
  close(results[1]);
  close(go[0]);
  session.child = child;
  session.results = results[0];
  session.go = go[1];
  session.key = key;
  read_outcome(outcome, size);
  if (strncmp(outcome, "confine ", 8) == 0) {
    if (confine(child, field[1], atoi(outcome + 8)) < 0) fatal("confine a process");
    dprintf(session.go, "\n");
    read_outcome(outcome, size);
  }
  if (strcmp(outcome, "ready") == 0) discard(); // what was reported belongs to the way here
}

static void run(char **field) {
  static char records[262144];
  char outcome[256] = "ready", *state = NULL, *key;
  for (char *word = strtok_r(field[5], " ", &state); word && strcmp(word, "-"); word = strtok_r(NULL, " ", &state)) {
    char *uid = strchr(word, ':'), *path = uid ? strchr(uid + 1, ':') : NULL;
    if (path) unescape(path + 1);
    if (!path || place(word[0], (uid_t)atoi(uid + 1), path + 1) < 0) {
      print("R\t%s\tsetup:place:E%d\n", field[0], errno);
      return;
    }
  }
  if (asprintf(&key, "%s %s %s %s %s", field[1], field[2], field[3], field[4], field[6]) < 0) fatal("memory");
  if (session.child != 0 && strcmp(session.key, key) == 0) {
    free(key);
  } else {
    end_session();
    start_session(field, key, outcome, sizeof outcome);
  }
  records[0] = 0;
  if (strcmp(outcome, "ready") == 0) {
    if (strncmp(field[7], "cap:", 4) == 0) {
      forget_capabilities();
      discard();
    }
    dprintf(session.go, "%s\n", field[7]);
    read_outcome(outcome, sizeof outcome);
    drain(records, sizeof records);
  }
  if (strncmp(outcome, "setup", 5) == 0) end_session();
  for (char *c = records; *c; c++)
    if (*c == '\n') *c = ' ';
  print("R\t%s\t%s%s\n", field[0], outcome, records);
}

static void boot(void) {
  signal(SIGPIPE, SIG_IGN); // an actor that died is an answer, too
  if (iopl(3) < 0) _exit(1);
  umask(0);
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mkdir("/dev", 0777);
  chmod("/", 0777);
  chmod("/dev", 0777);
  if (mount("proc", "/proc", "proc", 0, NULL) < 0) fatal("mount /proc");
  if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0) fatal("mount /sys");
  if (mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL) < 0) fatal("mount securityfs");
  mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3));
  // Without this the kernel itself refuses ICMP datagram sockets, with AppArmor's own errno.
  int ping = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);
  if (ping < 0 || write(ping, "0 65535", 7) != 7) fatal("ping_group_range");
  close(ping);
  if (write_file(OTHERS_TARGET, slurp(TARGET), 0777) < 0 || chown(OTHERS_TARGET, 1000, 1000) < 0) fatal(TARGET);
}

int main(void) {
  const char *steps = getenv(STEPS);
  if (steps) act(steps);
  if (getpid() != 1) return RAN; // a program that a scenario runs without steps

  boot();
  enforcer_start();
  struct bytes scenarios = slurp("/vm/scenarios");
  unsigned count = 0;
  char *state = NULL;
  for (char *line = strtok_r(scenarios.data, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
    char *field[8];
    int fields = 0;
    for (char *part = line; part && fields < 8;) {
      field[fields++] = part;
      part = strchr(part, '\t');
      if (part) *part++ = 0;
    }
    if (fields < 8) {
      print("R\t%s\tsetup:malformed\n", field[0]);
    } else {
      run(field);
    }
    count++;
  }
  end_session();
  print("END\t%u\n", count);
  reboot(RB_POWER_OFF);
  return 1;
}
