// Ways out of confinement by other processes, threads, namespaces, roots and programs; domain ATTACKED (attacked.yaml).
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define SECRET "/etc/secret/f"
#define FINE "/etc/grp"

static int reads(const char *path) { return opens(path, O_RDONLY); }

// MARK: Children and threads.

static int grandchild(const char *path) { return setsid() < 0 ? -1 : apart(reads, path); }
static int orphan(const char *path) {
  int results[2], error = EIO;
  if (pipe(results)) return -1;
  if (fork() == 0) {
    if (fork() == 0) {
      while (getppid() != 1) usleep(1000);
      error = reads(path) ? errno : 0;
      if (write(results[1], &error, sizeof error) != sizeof error) _exit(1);
    }
    _exit(0);
  }
  wait(NULL);
  if (read(results[0], &error, sizeof error) != sizeof error) return -1;
  errno = error;
  return error ? -1 : 0;
}

static void *thread_reads(void *path) {
  errno = 0;
  reads(path);
  return (void *)(long)errno;
}
static int in_thread(const char *path) {
  pthread_t thread;
  void *error;
  if (pthread_create(&thread, NULL, thread_reads, (void *)path) || pthread_join(thread, &error)) return errno = EIO, -1;
  errno = (int)(long)error;
  return errno ? -1 : 0;
}
// Words are separated by one space.
static int execute(const char *words) {
  static char text[256];
  char *word[4] = {text}, *space;
  snprintf(text, sizeof text, "%s", words);
  for (int i = 1; i < 3 && (space = strchr(word[i - 1], ' ')); i++) {
    *space = 0;
    word[i] = space + 1;
  }
  return execv(text, word);
}
static void *thread_executes(void *words) {
  execute(words);
  _exit(errno);
}
static int exec_in_thread(const char *words) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, thread_executes, (void *)words)) return errno = EIO, -1;
  for (;;) pause();
}
static int spawned(const char *path) {
  extern char **environ;
  char *words[] = {"true", (char *)path, NULL};
  pid_t child;
  int status, error = posix_spawn(&child, "/bin/true", NULL, NULL, words, environ);
  if (error) return errno = error, -1;
  waitpid(child, &status, 0);
  errno = WEXITSTATUS(status);
  return errno ? -1 : 0;
}

// MARK: Namespaces and roots.

static const struct {
  const char *name;
  int flag;
} namespaces[] = {
    {"mount", CLONE_NEWNS},   {"pid", CLONE_NEWPID}, {"user", CLONE_NEWUSER},     {"net", CLONE_NEWNET},
    {"uts", CLONE_NEWUTS},    {"ipc", CLONE_NEWIPC}, {"cgroup", CLONE_NEWCGROUP}, {"user and mount", CLONE_NEWUSER | CLONE_NEWNS},
};
static int chosen;
// A new pid namespace begins with the next child.
static int in_namespace(const char *path) { return unshare(namespaces[chosen].flag) ? -1 : apart(reads, path); }
// And back into the one that was kept.
static int and_back(const char *path) {
  int kept = open("/proc/self/ns/mnt", O_RDONLY);
  if (kept < 0 || unshare(CLONE_NEWNS) || setns(kept, CLONE_NEWNS)) return -1;
  return reads(path);
}
static int with_init(const char *path) {
  int pids = open("/proc/1/ns/pid", O_RDONLY), mounts = open("/proc/1/ns/mnt", O_RDONLY);
  if (unshare(CLONE_NEWPID | CLONE_NEWNS) || setns(pids, CLONE_NEWPID) || setns(mounts, CLONE_NEWNS)) return -1;
  return apart(reads, path);
}
static int in_root(const char *path) { return chroot("/etc") || chdir("/") ? -1 : reads(path); }
static int root_in_root(const char *path) { return chroot("/etc") || chroot("/secret") || chdir("/") ? -1 : reads(path); }
static int root_in_namespace(const char *path) {
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) || chroot("/etc") || chdir("/") ? -1 : reads(path);
}
static int fresh_proc(const char *path) {
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("none", "/mnt", "proc", 0, NULL))
    return -1;
  return reads(path);
}
static int bind_as_user(const char *path) {
  if (setuid(1000) || unshare(CLONE_NEWUSER | CLONE_NEWNS)) return -1;
  return mount(path, "/mnt", NULL, MS_BIND, NULL);
}

// MARK: Lengths.

// A directory whose file `f` has a path of so many bytes: goes there step by step, as far as the kernel has names for it.
static int at_length(const char *base, int bytes, int flags) {
  char name[256];
  int left = bytes - (int)strlen(base) - 2;
  if (chdir(base)) return -1;
  while (left > 0) {
    int count = left > 251 ? 250 : left - 1;
    if (left > 251 && left < 254) count = 100;
    memset(name, 'l', count);
    name[count] = 0;
    if (flags & O_CREAT) mkdir(name, 0755);
    if (chdir(name)) return chdir("/"), errno = ENOTDIR, -1;
    left -= count + 1;
  }
  int result = opens("f", flags), error = errno;
  if (chdir("/")) return -1;
  errno = error;
  return result;
}
// 1,900 levels to a file of this name.
static int at_depth(const char *base, const char *name, int flags) {
  if (chdir(base)) return -1;
  for (int i = 0; i < 1900; i++) {
    if (flags & O_CREAT) mkdir("q", 0755);
    if (chdir("q")) return chdir("/"), errno = ENOTDIR, -1;
  }
  int result = opens(name, flags), error = errno;
  if (chdir("/")) return -1;
  errno = error;
  return result;
}

static const int lengths[] = {4000, 4094, 4095, 4096, 4097};
#define LENGTHS (int)(sizeof lengths / sizeof *lengths)

static void long_paths(void) {
  char what[80];
  for (int i = 0; i < LENGTHS; i++) {
    snprintf(what, sizeof what, "a path of %d bytes", lengths[i]);
    check(what, at_length("/etc/secret", lengths[i], O_RDONLY), EACCES);
    snprintf(what, sizeof what, "a path of %d bytes elsewhere", lengths[i]);
    check(what, at_length("/tmp", lengths[i], O_RDONLY), lengths[i] > ARMOR_MAX_PATH ? EACCES : 0);
  }
  check("a pattern at 1,900 levels", at_depth("/srv/a", "f.key", O_RDONLY), EACCES);
  check("and what it does not match", at_depth("/srv/a", "f.keys", O_RDONLY), 0);
  check("nor elsewhere", at_depth("/srv/d", "f.key", O_RDONLY), 0);
}
// No rule blocks a file there: what cannot be decided passes.
static void long_paths_where_nothing_is_blocked(void) {
  check("a path of 4,096 bytes where no file is blocked", at_length("/tmp", 4096, O_RDONLY), 0);
  check("the loader where programs are listed", apart(execute, "/lib64/ld-linux-x86-64.so.2 /bin/opener"), EACCES);
  check("a script where programs are listed", apart(execute, "/tmp/script"), EACCES);
}

// MARK: What the matcher is pinned in.

static void make_mounts(void) {
  const char *directories[] = {"/tmp/bpf", "/tmp/leaf", "/tmp/over"};
  for (int i = 0; i < 3; i++) mkdir(directories[i], 0755);
  if (mount("none", "/tmp/bpf", "bpf", 0, NULL) || mount("none", "/tmp/leaf", "tmpfs", 0, NULL) ||
      mount("none", "/tmp/over", "tmpfs", 0, NULL) || mkdir("/tmp/over/below", 0755) ||
      mount("none", "/tmp/over/below", "tmpfs", 0, NULL))
    tell("FAILED to mount");
}
static void unmounts(void) {
  check("umount of a BPF file system", umount2("/tmp/bpf", 0), EPERM);
  check("its detachment", umount2("/tmp/bpf", MNT_DETACH), EPERM);
  check("detachment of what others are mounted on", umount2("/tmp/over", MNT_DETACH), EPERM);
  check("umount of what is below", umount2("/tmp/over/below", 0), 0);
  check("detachment of another", umount2("/tmp/over", MNT_DETACH), 0);
  check("umount of another", umount2("/tmp/leaf", 0), 0);
  check("an entry of a BPF file system is removed", rmdir("/tmp/bpf/kept"), EACCES);
}

static void attacks(void) {
  char what[80];
  check("in a child of a child, in a session of its own", apart(grandchild, SECRET), EACCES);
  check("as an orphan", apart(orphan, SECRET), EACCES);
  check("as an orphan, elsewhere", apart(orphan, FINE), 0);
  check("in a thread", apart(in_thread, SECRET), EACCES);
  check("in a thread, elsewhere", apart(in_thread, FINE), 0);
  check("exec by a thread that is no leader", apart(exec_in_thread, "/bin/true " SECRET), EACCES);
  check("exec by such a thread, elsewhere", apart(exec_in_thread, "/bin/true " FINE), 0);
  check("exec of what is blocked by such a thread", apart(exec_in_thread, "/bin/blocked"), EACCES);
  check("a source by such a thread", apart(exec_in_thread, "/tmp/trusted-script /etc/scripted"), 0);
  check("vfork and exec", apart(spawned, SECRET), EACCES);
  for (chosen = 0; chosen < (int)(sizeof namespaces / sizeof *namespaces); chosen++) {
    snprintf(what, sizeof what, "unshare: %s", namespaces[chosen].name);
    check(what, apart(in_namespace, SECRET), EACCES);
    snprintf(what, sizeof what, "unshare: %s, elsewhere", namespaces[chosen].name);
    check(what, apart(in_namespace, FINE), 0);
  }
  check("setns back into a kept namespace", apart(and_back, SECRET), EACCES);
  check("setns back, elsewhere", apart(and_back, FINE), 0);
  check("setns into those of init", apart(with_init, SECRET), EACCES);
  check("setns into those of init, elsewhere", apart(with_init, FINE), 0);
  check("chroot", apart(in_root, "/secret/f"), EACCES);
  check("chroot, elsewhere", apart(in_root, "/grp"), 0);
  check("chroot below what is blocked", apart(root_in_root, "/f"), EACCES);
  check("chroot in namespaces of its own", apart(root_in_namespace, "/secret/f"), EACCES);
  check("chroot there, elsewhere", apart(root_in_namespace, "/grp"), 0);
  check("bind mount by a user in namespaces of its own", apart(bind_as_user, "/etc"), EACCES);
  check("through the root of a process in another proc", apart(fresh_proc, "/mnt/self/root" SECRET), EACCES);
  check("through the root of a process", apart(reads, "/proc/self/root" SECRET), EACCES);
  check("through its directory", chdir("/etc/secret") ? -1 : apart(reads, "/proc/self/cwd/f"), EACCES);
  if (chdir("/")) return;

  check("a script that is blocked", apart(execute, "/tmp/blocked-script"), EACCES);
  check("a script is the source", apart(execute, "/tmp/trusted-script /etc/scripted"), 0);
  check("its interpreter is not", apart(execute, "/bin/true /etc/scripted"), EACCES);
  check("a program with its loader is the source", apart(execute, "/bin/opener"), 0);
  check("the loader run by hand is not", apart(execute, "/lib64/ld-linux-x86-64.so.2 /bin/opener"), EACCES);
  check("the loader run by hand on what may not be read", apart(execute, "/lib64/ld-linux-x86-64.so.2 /etc/secret/opener"), 127);
  check("what may not be read is executed", apart(execute, "/etc/secret/opener"), EACCES);
  check("exchange of two files", syscall(SYS_renameat2, AT_FDCWD, FINE, AT_FDCWD, "/etc/hostkey", 2), EACCES);
  check("rename over what is blocked", rename("/tmp/victim", "/etc/hostkey"), EACCES);
  check("rename without overwriting", syscall(SYS_renameat2, AT_FDCWD, SECRET, AT_FDCWD, "/tmp/gone", 1), EACCES);
  check("rename elsewhere", rename("/tmp/victim", "/tmp/victim2"), 0);
  int beside = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  char path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", beside);
  check("a file without a name gets a blocked one", linkat(AT_FDCWD, path, AT_FDCWD, "/etc/secret/named", AT_SYMLINK_FOLLOW), EACCES);
  check("and another", linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/named", AT_SYMLINK_FOLLOW), 0);
}

// MARK: Control groups. A domain is not shed by leaving.

static int enters(const char *directory) {
  char path[80], text[16];
  snprintf(path, sizeof path, "%s/cgroup.procs", directory);
  snprintf(text, sizeof text, "%d", getpid());
  int fd = open(path, O_WRONLY);
  int result = fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
  close(fd);
  return result;
}
static int moves(const char *path) { return enters("/cgroup/elsewhere") || enters("/cgroup") ? -1 : reads(path); }
static int in_and_out(const char *path) {
  return enters("/cgroup/attacked") || enters("/cgroup/elsewhere") || enters("/cgroup") ? -1 : reads(path);
}
static void cgroup_moves(void) {
  check("moves to other cgroups", apart(moves, SECRET), EACCES);
  check("moves to other cgroups, elsewhere", apart(moves, FINE), 0);
}

// All threads of a process are labelled, those that are no leaders too.
static void *waits(void *unused) {
  for (;;) pause();
  return unused;
}
static void labelled_threads(void) {
  int child = fork();
  if (child == 0) {
    pthread_t thread;
    for (int i = 0; i < 3; i++) pthread_create(&thread, NULL, waits, NULL);
    waits(NULL);
  }
  usleep(300000);
  check("four threads are labelled", label(ATTACKED, child, 0) == 4 ? 0 : -1, 0);
  check("and listed", listed(ATTACKED, child) == 4 ? 0 : -1, 0);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

void escapes(void) {
  make("/etc/scripted", "x");
  make("/etc/loaded", "x");
  make("/tmp/trusted-script", "#!/bin/true\n");
  make("/tmp/blocked-script", "#!/bin/true\n");
  make("/tmp/victim", "x");
  make("/srv/a/.keep", "");
  make("/srv/d/.keep", "");
  make("/etc/grp", "x");
  make("/etc/hostkey", "x");
  make("/etc/secret/.keep", "");
  if (link("/bin/opener", "/etc/secret/opener")) tell("FAILED to make a program");
  for (int i = 0; i < LENGTHS; i++) {
    at_length("/etc/secret", lengths[i], O_CREAT);
    at_length("/tmp", lengths[i], O_CREAT);
  }
  at_depth("/srv/a", "f.key", O_CREAT);
  at_depth("/srv/a", "f.keys", O_CREAT);
  at_depth("/srv/d", "f.key", O_CREAT);
  load_image("/image-attacked", ATTACKED, 0, 1);
  make_mounts();
  mkdir("/tmp/bpf/kept", 0755);
  act(ATTACKED, unmounts);
  act(ATTACKED, attacks);
  act(ATTACKED, long_paths);
  act(2, long_paths_where_nothing_is_blocked);
  mkdir("/cgroup/attacked", 0755);
  mkdir("/cgroup/elsewhere", 0755);
  act(ATTACKED, cgroup_moves);
  struct stat info;
  stat("/cgroup/attacked", &info);
  __u64 id = info.st_ino;
  __u32 domain = ATTACKED;
  bpf_map_update_elem(map("cgroups"), &id, &domain, 0);
  check("into a cgroup and out of it", apart(in_and_out, SECRET), EACCES);
  bpf_map_delete_elem(map("cgroups"), &id);
  labelled_threads();
  act(ATTACKED, rings);
}
