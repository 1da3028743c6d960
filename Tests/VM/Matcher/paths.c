// Paths of every shape under a blocked directory, every system call on them, and what must stay possible.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

static char name[256];

static const char *component(int bytes) {
  memset(name, 'n', bytes);
  name[bytes] = 0;
  return name;
}

// Goes down `count` levels, a step at a time, as far as the kernel has names for it, and tries to make or open a file.
static int deep(const char *base, const char *step, int count, int flags) {
  if (chdir(base)) return -1;
  for (int i = 0; i < count; i++) {
    if (flags & O_CREAT) mkdir(step, 0755);
    if (chdir(step)) return chdir("/"), errno = ENOTDIR, -1;
  }
  int result = opens("f", flags), error = errno;
  if (chdir("/")) return -1;
  errno = error;
  return result;
}

// The matcher is armed already, but init is nobody's.
__attribute__((constructor)) static void make_deep(void) {
  if (getpid() != 1) return;
  make("/etc/secret/.keep", "");
  make("/tmp/.keep", "");
  deep("/etc/secret", "a", 5, O_CREAT);
  deep("/etc/secret", "b", 25, O_CREAT);
  deep("/etc/secret", "c", 1900, O_CREAT);
  deep("/etc/secret", component(150), 1, O_CREAT);
  deep("/etc/secret", component(255), 1, O_CREAT);
  deep("/etc/secret", component(250), 14, O_CREAT);
  deep("/etc/secret", component(250), 20, O_CREAT);
  deep("/tmp", "d", 1000, O_CREAT);
}

static int as_user(const char *path) { return setuid(1000) ? -1 : opens(path, O_RDONLY); }
static int mapped(const char *path) {
  int fd = open(path, O_RDWR);
  return fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0;
}

void paths(void) {
  check("plain", opens("/etc/secret/f", O_RDONLY), EACCES);
  check("writing", opens("/etc/secret/f", O_WRONLY), EACCES);
  check("by way of dots and slashes", opens("/etc/./secret/../secret//f", O_RDONLY), EACCES);
  check("5 levels", deep("/etc/secret", "a", 5, O_RDONLY), EACCES);
  check("25 levels", deep("/etc/secret", "b", 25, O_RDONLY), EACCES);
  check("1,900 levels", deep("/etc/secret", "c", 1900, O_RDONLY), EACCES);
  check("a name of 150 bytes", deep("/etc/secret", component(150), 1, O_RDONLY), EACCES);
  check("a name of 255 bytes", deep("/etc/secret", component(255), 1, O_RDONLY), EACCES);
  check("a path of 3.7 KiB", deep("/etc/secret", component(250), 14, O_RDONLY), EACCES);
  check("a path of 5 KiB", deep("/etc/secret", component(250), 20, O_RDONLY), EACCES);
  check("a single file", opens("/etc/hostkey", O_RDONLY), EACCES);
  check("1,000 levels elsewhere", deep("/tmp", "d", 1000, O_RDONLY), 0);
  check("a neighbour", opens("/etc/grp", O_RDONLY), 0);
  check("/proc/self/status", opens("/proc/self/status", O_RDONLY), 0);

  int ends[2], by_path = open("/etc/secret/f", O_PATH), memory = memfd_create("m", 0);
  char again[64];
  if (pipe(ends)) return;
  snprintf(again, sizeof again, "/proc/self/fd/%d", ends[0]);
  check("a pipe again", opens(again, O_RDONLY | O_NONBLOCK), 0);
  snprintf(again, sizeof again, "/proc/self/fd/%d", memory);
  check("a memfd again", opens(again, O_RDONLY), 0);
  snprintf(again, sizeof again, "/proc/self/fd/%d", by_path);
  check("O_PATH again", opens(again, O_RDONLY), EACCES);

  check("create", opens("/etc/secret/new", O_CREAT | O_WRONLY), EACCES);
  check("and nothing is left", access("/etc/secret/new", F_OK), ENOENT);
  check("mkdir", mkdir("/etc/secret/d", 0755), EACCES);
  check("unlink", unlink("/etc/secret/f"), EACCES);
  check("symlink", symlink("x", "/etc/secret/l"), EACCES);
  check("rmdir", rmdir("/etc/secret/a"), EACCES);
  check("mknod", mknod("/etc/secret/n", S_IFIFO | 0644, 0), EACCES);
  check("chmod", chmod("/etc/secret/f", 0600), EACCES);
  check("chown", chown("/etc/secret/f", 0, 0), EACCES);
  check("truncate", truncate("/etc/secret/f", 0), EACCES);

  int fd = open("/tmp/fine", O_RDWR);
  check("ftruncate elsewhere", ftruncate(fd, 1), 0);
  check("flock elsewhere", flock(fd, LOCK_EX), 0);
  check("chmod elsewhere", chmod("/tmp/fine", 0600), 0);
  check("create elsewhere", opens("/tmp/more", O_CREAT | O_RDWR), 0);
  check("unlink elsewhere", unlink("/tmp/more"), 0);

  check("own file", opens("/opt/owner/root", O_RDONLY), 0);
  check("another's file", opens("/opt/owner/user", O_RDONLY), EACCES);
  check("own file, as a user", apart(as_user, "/opt/owner/user"), 0);
  check("another's file, as a user", apart(as_user, "/opt/owner/root"), EACCES);
  check("own file in an owned directory", opens("/opt/owner/new", O_CREAT | O_WRONLY), 0);
  check("audited", apart(mapped, "/etc/audited"), 0);
  check("pins of the matcher", unlink("/sys/fs/bpf/control"), EACCES);
}
