#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_exchange(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE);
}

int clinux_syncfs(int descriptor) { return syncfs(descriptor); }

int clinux_core_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count > 0 ? count : 1;
}

int clinux_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_fork(void) { return fork(); }

int clinux_random(unsigned long long *value) {
  return getrandom(value, sizeof *value, 0) == (ssize_t)sizeof *value ? 0 : -1;
}

long clinux_file_system(const char *path) {
  struct statfs info;
  return statfs(path, &info) == 0 ? (long)(unsigned int)info.f_type : -1;
}

// One thread loads objects, so there is one log. Its end is what says why something failed: the beginning goes first.
static char log_text[1 << 16];
static size_t log_length;

void clinux_log_clear(void) {
  log_length = 0;
  log_text[0] = 0;
}

const char *clinux_log(void) { return log_text; }

int clinux_log_print(unsigned int level, const char *format, va_list arguments) {
  if (level > 1) return 0;
  char line[1 << 14];
  int length = vsnprintf(line, sizeof line, format, arguments);
  if (length <= 0) return 0;
  size_t count = (size_t)length < sizeof line ? (size_t)length : sizeof line - 1;
  if (log_length + count >= sizeof log_text) {
    size_t drop = log_length + count + 1 - sizeof log_text;
    if (drop > log_length) drop = log_length;
    memmove(log_text, log_text + drop, log_length - drop);
    log_length -= drop;
  }
  memcpy(log_text + log_length, line, count);
  log_length += count;
  log_text[log_length] = 0;
  return 0;
}

void clinux_wait_for_programs(void) {
  // MEMBARRIER_CMD_GLOBAL waits for a grace period of RCU, under which BPF programs run. Refused with nohz_full, and of no
  // effect on one processor: then time has to do; a program runs for microseconds, unless it is preempted.
  if (syscall(SYS_membarrier, 1, 0, 0) != 0 || sysconf(_SC_NPROCESSORS_ONLN) < 2) usleep(200000);
}

int clinux_signal_descriptor(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &set, 0) != 0) return -1;
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
