// What the parts of the guest share: the matcher, its maps, and checks.
#ifndef GUEST_H
#define GUEST_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../bpf/armor.h"

// Domains of escapes.c and pressure.c.
enum { ATTACKED = 8, SWAPPED = 9 };
// A descriptor of a directory that is no longer mounted, beyond those of programs and maps.
#define KEPT 900

extern struct bpf_object *matcher;
// Which argument of a system call is a path, 1 to 4, or 0; before `arm`.
extern __u8 path_argument[ARMOR_SYSCALL_NUMBERS];
int map(const char *name);
int program(const char *name);
// Opens, verifies and attaches the matcher; prints `verified NAME COUNT` per program.
int arm(const char *object, int by_pointer);
// Puts bpf.img at `path` into a bank of a domain.
void load_image(const char *path, __u32 domain, __u32 bank, __u32 generation);
void choose(__u32 bank, __u32 generation);
// Labels all threads of a process, or of a cgroup; 0 sets free. The number of tasks that changed.
unsigned label(__u32 domain, int tgid, __u64 cgroup);
// From its next execve on.
unsigned label_at_exec(__u32 domain, int tgid);
// How many threads of a process the matcher lists in a domain.
int listed(__u32 domain, __u32 tgid);

// Prints `ok` or `FAILED`; `result` is that of a system call, `expected` 0 or an errno.
void check(const char *what, long result, int expected);
// Runs `action` in a child of its own; -1 and its errno if it failed there.
int apart(int (*action)(const char *), const char *argument);
// A process of a domain that does this; `act` waits for its end.
int confined(__u32 domain, void (*actions)(void));
void act(__u32 domain, void (*actions)(void));
// A counter of a domain, over all processors.
__u64 counted(__u32 domain, int which);
int opens(const char *path, int flags);
void make(const char *path, const char *content);
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

void paths(void);
void aliases(void);
void programs(void);
void listed_programs(void);
int enter_container(void);
void container(void);
void listed_container(void);
void sockets(void);
void escapes(void);
void rings(void);
void pressure(struct ring_buffer *ring);
void make_preset_files(void);
int enter_preset_container(void);
void preset_container(void);
// `verdicts`: a digit per preset; `reported`: how many events there were so far.
void presets(__u32 domain, const char *verdicts, int (*reported)(int preset, int verdict));

#endif
