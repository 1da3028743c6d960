// Linux calls that the Swift overlay of the C library does not show.
#ifndef CLINUX_H
#define CLINUX_H

/// Exchanges two paths in one step (`renameat2` with `RENAME_EXCHANGE`). 0, or -1 with `errno`.
int clinux_exchange(const char *from, const char *to);

/// Writes back the file system that holds an open file (`syncfs`). 0, or -1 with `errno`.
int clinux_syncfs(int descriptor);

/// Processors that this process may run on (`sched_getaffinity`), at least 1.
int clinux_core_count(void);

#endif
