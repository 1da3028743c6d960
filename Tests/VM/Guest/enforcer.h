// What the runner asks of the security module that decides: apparmor.c or bpf.c, one of which is linked.
#pragma once

#include <stddef.h>
#include <sys/types.h>

// Loads what /vm holds for it; prints `LOADED name ok|why-not` for each.
void enforcer_start(void);

// In the actor: from here on, or from its next execve on, the policy decides. 0, or -1 and errno.
int enter(const char *policy, int at_exec);
// In the runner, when the actor has written `confine` (only bpf.c's `enter` does).
int confine(pid_t actor, const char *policy, int at_exec);

// Before an operation that uses a capability.
void forget_capabilities(void);

// Everything that was reported until now, each record after a tab.
void drain(char *into, size_t size);
// Nothing of what was reported until now is of interest.
void discard(void);

// Of the runner.
struct bytes {
  char *data;
  size_t count;
};
struct bytes slurp(const char *path);
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fatal(const char *what) __attribute__((noreturn));
