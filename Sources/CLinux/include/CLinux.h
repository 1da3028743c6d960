// Linux calls that the Swift overlay of the C library does not show.
#ifndef CLINUX_H
#define CLINUX_H

/// Exchanges two paths in one step (`renameat2` with `RENAME_EXCHANGE`). 0, or -1 with `errno`.
int clinux_exchange(const char *from, const char *to);

/// Writes back the file system that holds an open file (`syncfs`). 0, or -1 with `errno`.
int clinux_syncfs(int descriptor);

/// Processors that this process may run on (`sched_getaffinity`), at least 1.
int clinux_core_count(void);

/// A descriptor of a process (`pidfd_open`), closed at exec. -1 with `errno`.
int clinux_pidfd_open(int pid);

/// `fork`. Only for a process of one thread: a child of several has locks that nobody will release.
int clinux_fork(void);

/// Fills in a random number (`getrandom`). 0, or -1 with `errno`.
int clinux_random(unsigned long long *value);

/// The magic number of the file system that holds a path (`statfs`), or -1 with `errno`.
long clinux_file_system(const char *path);

/// Returns when every BPF program that was running has ended.
void clinux_wait_for_programs(void);

/// What was printed since the last `clinux_log_clear`, or the end of it; NUL-terminated, valid until the next message.
const char *clinux_log(void);
void clinux_log_clear(void);

/// Blocks SIGINT and SIGTERM and gives a descriptor that is readable when one came (`signalfd`). -1 with `errno`.
int clinux_signal_descriptor(void);

#endif
