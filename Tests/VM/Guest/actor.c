// Executes what stands before it, says `ready`, then performs one operation per line that it is sent and answers `ok`,
// `E<errno>` or `sig<number>`. Paths arrive percent-escaped.
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/reboot.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void report(const char *text) {
  char line[80];
  int length = snprintf(line, sizeof line, "%s\n", text);
  if (write(RESULT_FD, line, (size_t)length) != length) _exit(1);
}

static void report_errno(int number) {
  char text[16];
  snprintf(text, sizeof text, number == 0 ? "ok" : "E%d", number);
  report(text);
}

void unescape(char *text) {
  char *out = text;
  for (; *text; text++) {
    if (*text == '%' && text[1] && text[2]) {
      char digits[3] = {text[1], text[2], 0};
      *out++ = (char)strtol(digits, NULL, 16);
      text += 2;
    } else {
      *out++ = *text;
    }
  }
  *out = 0;
}

// Each operation returns 0 or an errno.

static int closing(int fd) {
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

static int failed(int result) { return result < 0 ? errno : 0; }

static int op_openr(char **a) { return closing(open(a[0], O_RDONLY)); }
static int op_opendir(char **a) {
  int fd = open(a[0], O_RDONLY | O_DIRECTORY);
  if (fd < 0) return errno;
  char entries[4096];
  int result = syscall(SYS_getdents64, fd, entries, sizeof entries) < 0 ? errno : 0;
  close(fd);
  return result;
}
static int op_lock(char **a) {
  int fd = open(a[0], O_RDONLY);
  if (fd < 0) return errno;
  int result = failed(flock(fd, LOCK_SH));
  close(fd);
  return result;
}
static int op_mapx(char **a) {
  int fd = open(a[0], O_RDONLY);
  if (fd < 0) return errno;
  int result = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? errno : 0;
  close(fd);
  return result;
}
static int op_openw(char **a) { return closing(open(a[0], O_WRONLY)); }
static int op_append(char **a) { return closing(open(a[0], O_WRONLY | O_APPEND)); }
static int op_openwt(char **a) { return closing(open(a[0], O_WRONLY | O_TRUNC)); }
static int op_create(char **a) { return closing(open(a[0], O_WRONLY | O_CREAT | O_EXCL, 0666)); }
static int op_truncate(char **a) { return failed(truncate(a[0], 1)); }
static int op_unlink(char **a) { return failed(unlink(a[0])); }
static int op_rename(char **a) { return failed(rename(a[0], a[1])); }
static int op_link(char **a) { return failed(link(a[0], a[1])); }
static int op_symlink(char **a) { return failed(symlink("nowhere", a[0])); }
static int op_mkdir(char **a) { return failed(mkdir(a[0], 0777)); }
static int op_rmdir(char **a) { return failed(rmdir(a[0])); }
static int op_mkfifo(char **a) { return failed(mknod(a[0], S_IFIFO | 0666, 0)); }
static int op_chmod(char **a) { return failed(chmod(a[0], 0777)); }
static int op_chown(char **a) { return failed(chown(a[0], -1, -1)); }
static int op_bindpath(char **a) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0) return errno;
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (strlen(a[0]) >= sizeof name.sun_path) return ENAMETOOLONG;
  strcpy(name.sun_path, a[0]);
  int result = failed(bind(fd, (struct sockaddr *)&name, sizeof name));
  close(fd);
  return result;
}

// A socket that the kernel cannot make for want of a protocol was still decided on: the security hook comes first.
static int decided(int number) {
  switch (number) {
  case EAFNOSUPPORT: case ESOCKTNOSUPPORT: case EPROTONOSUPPORT: case EPROTOTYPE: return 0;
  default: return number;
  }
}
static int op_socket(char **a) {
  int fd = socket(atoi(a[0]), atoi(a[1]), atoi(a[2]));
  return decided(closing(fd));
}
static int op_listen(char **a) {
  int fd = socket(atoi(a[0]), SOCK_STREAM, 0);
  if (fd < 0) return decided(errno);
  int result = failed(listen(fd, 1)); // binds to a free port of every address
  close(fd);
  return result;
}

// Capabilities, each through a call that needs that one and no other and changes nothing that matters.

static int op_cap_chown(char **a) {
  int ends[2];
  if (pipe(ends) < 0) return errno;
  return failed(fchown(ends[0], 7, 7)); // pipes have no path: no file rule takes part
}
static int op_cap_setuid(char **a) { return failed(syscall(SYS_setresuid, 7, 7, 7)); }
static int op_cap_setgid(char **a) { return failed(syscall(SYS_setresgid, 7, 7, 7)); }
static int op_cap_setpcap(char **a) { return failed(prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0)); }
static int op_cap_net_bind_service(char **a) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(80)};
  int result = bind(fd, (struct sockaddr *)&any, sizeof any) < 0 ? errno : 0;
  close(fd);
  return result == EACCES ? EPERM : result; // bind's own word for the missing capability
}
static int op_cap_net_raw(char **a) { return closing(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static int op_cap_net_admin(char **a) {
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0), size = 4096;
  if (fd < 0) return errno;
  return failed(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size));
}
static int op_cap_sys_admin(char **a) { return failed(sethostname("guest", 5)); }
static int op_cap_sys_chroot(char **a) { return failed(chroot("/")); }
static int op_cap_sys_time(char **a) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return failed(clock_settime(CLOCK_REALTIME, &now));
}
static int op_cap_sys_nice(char **a) {
  int result = setpriority(PRIO_PROCESS, 0, -1) < 0 ? errno : 0;
  return result == EACCES ? EPERM : result; // setpriority's own word for the missing capability
}
static int op_cap_sys_resource(char **a) {
  struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return errno;
  limit.rlim_max = 65;
  return failed(setrlimit(RLIMIT_NOFILE, &limit));
}
static int op_cap_sys_boot(char **a) {
  return failed(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0));
}
static int op_cap_mknod(char **a) { return failed(mknod(a[0], S_IFCHR | 0666, 0x103)); }
static int op_cap_ipc_lock(char **a) {
  struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_MEMLOCK, &none) < 0) return errno;
  void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return page == MAP_FAILED ? errno : failed(mlock(page, 4096));
}
static int op_cap_sys_tty_config(char **a) { return failed(syscall(SYS_vhangup)); }
static int op_cap_sys_pacct(char **a) { return failed(syscall(SYS_acct, NULL)); }
static int op_cap_sys_rawio(char **a) { return failed(iopl(3)); }
static int op_cap_sys_module(char **a) {
  int result = syscall(SYS_delete_module, "none", O_NONBLOCK) < 0 ? errno : 0;
  return result == ENOENT ? 0 : result;
}

// A system call by number, with a path as argument 1 to 4, or none (0); all others are 0. What it says itself does not matter:
// only a refusal would.
static int op_call(char **a) {
  long words[4] = {0}, at = atol(a[1]);
  if (at > 0 && at <= 4) words[at - 1] = (long)a[2];
  long result = syscall(atol(a[0]), words[0], words[1], words[2], words[3], 0, 0);
  return result < 0 && (errno == EACCES || errno == EPERM) ? errno : 0;
}

static const struct {
  const char *name;
  int (*perform)(char **arguments);
  int arguments;
} operations[] = {
    {"openr", op_openr, 1},
    {"opendir", op_opendir, 1},
    {"lock", op_lock, 1},
    {"mapx", op_mapx, 1},
    {"openw", op_openw, 1},
    {"append", op_append, 1},
    {"openwt", op_openwt, 1},
    {"create", op_create, 1},
    {"truncate", op_truncate, 1},
    {"unlink", op_unlink, 1},
    {"rename", op_rename, 2},
    {"link", op_link, 2},
    {"symlink", op_symlink, 1},
    {"mkdir", op_mkdir, 1},
    {"rmdir", op_rmdir, 1},
    {"mkfifo", op_mkfifo, 1},
    {"chmod", op_chmod, 1},
    {"chown", op_chown, 1},
    {"bindpath", op_bindpath, 1},
    {"socket", op_socket, 3},
    {"listen", op_listen, 1},
    {"call", op_call, 3},
    {"cap:chown", op_cap_chown, 0},
    {"cap:setuid", op_cap_setuid, 0},
    {"cap:setgid", op_cap_setgid, 0},
    {"cap:setpcap", op_cap_setpcap, 0},
    {"cap:net_bind_service", op_cap_net_bind_service, 0},
    {"cap:net_raw", op_cap_net_raw, 0},
    {"cap:net_admin", op_cap_net_admin, 0},
    {"cap:sys_admin", op_cap_sys_admin, 0},
    {"cap:sys_chroot", op_cap_sys_chroot, 0},
    {"cap:sys_time", op_cap_sys_time, 0},
    {"cap:sys_nice", op_cap_sys_nice, 0},
    {"cap:sys_resource", op_cap_sys_resource, 0},
    {"cap:sys_boot", op_cap_sys_boot, 0},
    {"cap:mknod", op_cap_mknod, 1},
    {"cap:ipc_lock", op_cap_ipc_lock, 0},
    {"cap:sys_tty_config", op_cap_sys_tty_config, 0},
    {"cap:sys_pacct", op_cap_sys_pacct, 0},
    {"cap:sys_rawio", op_cap_sys_rawio, 0},
    {"cap:sys_module", op_cap_sys_module, 0},
};

// Executes in a child: the actor itself must live to tell. `execat` goes through a descriptor instead of a name.
static void execute(const char *path, int by_descriptor) {
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) < 0) return report("setup:pipe");
  pid_t child = fork();
  if (child < 0) return report("setup:fork");
  if (child == 0) {
    setenv(STEPS, "exit", 1);
    char *argv[] = {(char *)path, NULL};
    if (by_descriptor) {
      int fd = open(path, O_PATH); // no O_CLOEXEC: a script's interpreter opens it again
      syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
    } else {
      execve(path, argv, environ);
    }
    int number = errno;
    _exit(write(failure[1], &number, sizeof number) == sizeof number ? 1 : 2);
  }
  close(failure[1]);
  int number = 0, status = 0;
  ssize_t got = read(failure[0], &number, sizeof number);
  waitpid(child, &status, 0);
  char text[32];
  if (got == sizeof number) return report_errno(number);
  if (WIFSIGNALED(status)) {
    snprintf(text, sizeof text, "sig%d", WTERMSIG(status));
  } else {
    snprintf(text, sizeof text, WEXITSTATUS(status) == RAN ? "ok" : "exit%d", WEXITSTATUS(status));
  }
  report(text);
}

static void perform(char *line) {
  char *words[5] = {0}, *state = NULL;
  int count = 0;
  for (char *word = strtok_r(line, " ", &state); word && count < 5; word = strtok_r(NULL, " ", &state)) {
    unescape(word);
    words[count++] = word;
  }
  if (count == 2 && strcmp(words[0], "exec") == 0) return execute(words[1], 0);
  if (count == 2 && strcmp(words[0], "execat") == 0) return execute(words[1], 1);
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (count == 0 || strcmp(words[0], operations[i].name) != 0 || count - 1 != operations[i].arguments) continue;
    if (strncmp(words[0], "cap:", 4) != 0 && strcmp(words[0], "call") != 0) return report_errno(operations[i].perform(words + 1));
    // Some of these change the process for good.
    pid_t child = fork();
    if (child < 0) return report("setup:fork");
    if (child == 0) {
      report_errno(operations[i].perform(words + 1));
      _exit(0);
    }
    waitpid(child, NULL, 0);
    return;
  }
  report("setup:unknown-operation");
}

void act(const char *steps) {
  if (strcmp(steps, "exit") == 0) _exit(RAN);
  if (*steps) { // another program comes first
    size_t length = strcspn(steps, " ");
    char *path = strndup(steps, length);
    const char *rest = steps + length + (steps[length] == ' ');
    if (!path || setenv(STEPS, rest, 1) < 0) _exit(1);
    unescape(path);
    char *argv[] = {path, NULL};
    execve(path, argv, environ);
    char text[64];
    snprintf(text, sizeof text, "setup:exec:E%d", errno);
    report(text);
    _exit(1);
  }

  report("ready");
  static char line[16384];
  size_t used = 0;
  for (;;) {
    ssize_t got = read(GO_FD, line + used, sizeof line - 1 - used);
    if (got <= 0) _exit(0);
    used += (size_t)got;
    line[used] = 0;
    if (line[used - 1] == '\n') {
      line[used - 1] = 0;
      used = 0;
      perform(line);
    }
  }
}
