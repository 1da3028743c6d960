// Ways to the same object under another path, and out of confinement.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif

static int namespaces(int which) { return unshare(which) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL); }
static int everything(const char *path) {
  return namespaces(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC)
             ? -1
             : opens(path, O_RDONLY);
}
static int bind_in_user_namespace(const char *path) {
  return namespaces(CLONE_NEWUSER | CLONE_NEWNS) ? -1 : mount(path, "/mnt", NULL, MS_BIND, NULL);
}
static int fresh(const char *type) {
  const char *options = strcmp(type, "overlay") ? "" : "lowerdir=/etc:/bin";
  return namespaces(CLONE_NEWNS) ? -1 : mount("none", "/mnt", type, 0, options);
}
static int pivot(const char *to) { return namespaces(CLONE_NEWNS) ? -1 : (int)syscall(SYS_pivot_root, to, to); }
static int tree(const char *path) {
  int fd = namespaces(CLONE_NEWNS) ? -1 : (int)syscall(SYS_open_tree, AT_FDCWD, path, 1);
  return fd < 0 ? -1 : openat(fd, "secret/f", O_RDONLY);
}
static int tree_of_user(const char *path) {
  int fd = namespaces(CLONE_NEWUSER | CLONE_NEWNS) ? -1 : (int)syscall(SYS_open_tree, AT_FDCWD, path, 1);
  return fd < 0 ? -1 : openat(fd, "secret/f", O_RDONLY);
}
static int moved(const char *path) {
  int fd = namespaces(CLONE_NEWNS) ? -1 : (int)syscall(SYS_open_tree, AT_FDCWD, path, 1);
  return fd < 0 ? -1 : (int)syscall(SYS_move_mount, fd, "", AT_FDCWD, "/mnt", 4);
}
static int directory_of_another(const char *path) {
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  return namespaces(CLONE_NEWNS) ? -1 : openat(fd, "secret/f", O_RDONLY);
}
static int attach(const char *pid) { return (int)ptrace(PTRACE_ATTACH, atoi(pid), 0, 0); }
static int attach_child(const char *unused) {
  int child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  int result = (int)ptrace(PTRACE_ATTACH, child, 0, 0), error = errno;
  kill(child, SIGKILL);
  errno = error;
  return result;
}

void aliases(void) {
  check("rename out", rename("/etc/secret/f", "/tmp/f"), EACCES);
  check("rename in", rename("/tmp/fine", "/etc/secret/f2"), EACCES);
  check("rename elsewhere", rename("/tmp/fine", "/tmp/finer"), 0);
  check("rename of the directory", rename("/etc/secret", "/etc/other"), EACCES);
  check("rename of a parent", rename("/etc", "/etc2"), EACCES);
  mkdir("/tmp/one", 0755);
  check("rename of a directory elsewhere", rename("/tmp/one", "/tmp/two"), 0);
  check("rename of a directory to where rules are", rename("/tmp/two", "/opt/owner/two"), EACCES);
  check("exchange", syscall(SYS_renameat2, AT_FDCWD, "/tmp/two", AT_FDCWD, "/etc", 2), EACCES);
  check("link", link("/etc/secret/f", "/tmp/l1"), EACCES);
  check("link of a file", link("/etc/hostkey", "/tmp/l2"), EACCES);
  check("link of a program", link("/bin/blocked", "/tmp/l3"), EACCES);
  check("link of what is only audited", link("/etc/audited", "/tmp/l4"), 0);
  check("link elsewhere", link("/tmp/finer", "/tmp/l5"), 0);
  check("bind mount", mount("/etc", "/mnt", NULL, MS_BIND, NULL), EACCES);
  check("bind mount in an own user namespace", apart(bind_in_user_namespace, "/etc"), EACCES);
  check("tmpfs", apart(fresh, "tmpfs"), 0);
  check("overlay", apart(fresh, "overlay"), EACCES);
  check("pivot_root", apart(pivot, "/mnt"), EACCES);
  check("open_tree", apart(tree, "/etc"), EACCES);
  check("open_tree in an own user namespace", apart(tree_of_user, "/etc"), EACCES);
  check("move_mount", apart(moved, "/etc"), EACCES);
  check("a directory kept from another namespace", apart(directory_of_another, "/etc"), EACCES);
  check("a lazily unmounted bind mount", openat(KEPT, "secret/f", O_RDONLY), EACCES);
  check("in all namespaces of its own", apart(everything, "/etc/secret/f"), EACCES);
  check("and elsewhere", apart(everything, "/etc/grp"), 0);
  check("ptrace of another's process", apart(attach, "1"), EPERM);
  check("ptrace of a child", apart(attach_child, ""), 0);
  check("memory of another's process", opens("/proc/1/mem", O_RDWR), EACCES);
  union bpf_attr none = {};
  check("bpf()", syscall(SYS_bpf, 0, &none, sizeof none), EPERM);
}
