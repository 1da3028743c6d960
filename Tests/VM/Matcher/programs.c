// Programs and their sources, sockets, capabilities.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

static int execute(const char *path) {
  const char *argument = strchr(path, ' ');
  char program[64];
  snprintf(program, sizeof program, "%.*s", argument ? (int)(argument - path) : 63, path);
  return execl(program, program, argument ? argument + 1 : NULL, NULL);
}
// A program without a path.
static int memory(const char *path) {
  static char bytes[4 << 20];
  int from = open(path, O_RDONLY), to = memfd_create("m", 0);
  ssize_t got = read(from, bytes, sizeof bytes);
  if (got < 0 || write(to, bytes, got) != got) return -1;
  char *words[] = {"m", NULL}, *none[] = {NULL};
  return (int)syscall(SYS_execveat, to, "", words, none, 0x1000);
}
static int of_type(const char *digits) {
  int fd = socket(digits[0] == '6' ? AF_INET6 : AF_INET, digits[1] - '0', digits[2] == '1' ? IPPROTO_ICMP : 0);
  return fd;
}
static int connects(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address);
}

void programs(void) {
  check("execute", apart(execute, "/bin/true"), 0);
  check("execute what is blocked", apart(execute, "/bin/blocked"), EACCES);
  check("execute a script", apart(execute, "/tmp/script"), 0);
  check("the named source reads", apart(execute, "/bin/trusted /etc/secret/f"), 0);
  check("but not all", apart(execute, "/bin/trusted /etc/hostkey"), EACCES);
  check("another source does not", apart(execute, "/bin/true /etc/secret/f"), EACCES);
  check("nor under another name", apart(execute, "/tmp/copy /etc/secret/f"), EACCES);
  check("without a path", apart(memory, "/bin/true"), 0);
}

// An allow-list of programs.
void listed_programs(void) {
  check("execute what is listed", apart(execute, "/bin/true"), 0);
  check("execute what is not", apart(execute, "/tmp/copy"), EACCES);
  check("without a path, where programs are listed", apart(memory, "/bin/true"), EACCES);
}

void sockets(void) {
  int ends[2];
  check("raw", apart(of_type, "431"), EACCES);
  check("inet stream", apart(of_type, "410"), 0);
  check("inet6 datagram", apart(of_type, "620"), 0);
  check("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  check("a named socket", apart(connects, "/tmp/sock"), EACCES);
  check("another", apart(connects, "/tmp/other-sock"), 0);
  check("chroot", chroot("/etc"), EPERM);
  check("another capability", sethostname("x", 1), 0);
}
