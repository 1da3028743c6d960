// A container as runtimes make them: an overlay for a root, a volume mounted into it.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static int mount_container(void) {
  if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) return -1;
  mkdir("/layers", 0755);
  if (mount("none", "/layers", "tmpfs", 0, NULL)) return -1;
  if (mkdir("/layers/upper", 0755) || mkdir("/layers/work", 0755)) return -1;
  const char *layers = "lowerdir=/lower,upperdir=/layers/upper,workdir=/layers/work";
  if (mount("none", "/root", "overlay", 0, layers)) return -1;
  if (mount("/volume", "/root/data", NULL, MS_BIND, NULL)) return -1;
  if (mount("/volume", "/root/etc/secret/volume", NULL, MS_BIND, NULL)) return -1;
  if (mount("proc", "/root/proc", "proc", 0, NULL)) return -1;
  return chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") ? -1 : 0;
}

// Enters the container; before it is confined.
int enter_container(void) {
  int module = open("/overlay.ko", O_RDONLY);
  if (module < 0 || (syscall(SYS_finit_module, module, "", 0) && errno != EEXIST)) return -1;
  make("/lower/etc/secret/f", "x");
  make("/lower/etc/secret/volume/.keep", "x");
  make("/lower/etc/grp", "x");
  make("/lower/data/.keep", "x");
  make("/lower/proc/.keep", "x");
  make("/lower/tmp/.keep", "x");
  make("/lower/bin/.keep", "x");
  make("/volume/f", "x");
  make("/root/.keep", "");
  const char *programs[] = {"/lower/bin/true", "/lower/bin/blocked", "/lower/bin/trusted", NULL};
  for (const char **name = programs; *name; name++)
    if (link("/init", *name) && errno != EEXIST) return -1;
  return mount_container();
}

static int execute(const char *path) { return execl(path, path, NULL); }
static int execute_trusted(const char *path) { return execl("/bin/trusted", "trusted", path, NULL); }
static int own_namespace(const char *path) { return unshare(CLONE_NEWNS) ? -1 : opens(path, O_RDONLY); }

void container(void) {
  check("container: blocked", opens("/etc/secret/f", O_RDONLY), EACCES);
  check("container: a neighbour", opens("/etc/grp", O_RDONLY), 0);
  check("container: copied up", opens("/etc/grp", O_RDWR), 0);
  check("container: after that", opens("/etc/grp", O_RDONLY), 0);
  check("container: new file", opens("/etc/new", O_CREAT | O_RDWR), 0);
  check("container: remove from a layer", unlink("/etc/grp"), 0);
  check("container: make in its place", opens("/etc/grp", O_CREAT | O_RDWR), 0);
  check("container: mode of a file in a layer", chmod("/data/.keep", 0600), ENOENT);
  check("container: volume", opens("/data/f", O_RDWR), 0);
  check("container: volume below what is blocked", opens("/etc/secret/volume/f", O_RDONLY), EACCES);
  check("container: rename", rename("/etc/new", "/tmp/new"), 0);
  check("container: rename out", rename("/etc/secret/f", "/tmp/f"), EACCES);
  check("container: execute", apart(execute, "/bin/true"), 0);
  check("container: execute what is blocked", apart(execute, "/bin/blocked"), EACCES);
  check("container: named source", apart(execute_trusted, "/etc/secret/f"), 0);
  check("container: own namespace", apart(own_namespace, "/etc/secret/f"), EACCES);
  check("container: /proc", opens("/proc/self/status", O_RDONLY), 0);
}

// No capability but that of chroot; the kernel needs more for itself.
void listed_container(void) {
  check("container: capability that is not listed", sethostname("x", 1), EPERM);
  check("container: copied up where capabilities are listed", opens("/etc/grp", O_RDWR), 0);
  check("container: removed from a layer there", unlink("/etc/grp"), 0);
  check("container: and a directory made anew", rmdir("/tmp") || mkdir("/tmp", 0755) ? -1 : 0, ENOTEMPTY);
}
