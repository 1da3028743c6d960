// Decisions by AppArmor: profiles, and the kernel's audit stream.
#define _GNU_SOURCE
#include "enforcer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// --- The audit stream: as the machine's audit daemon, so that no rate limit drops a line.

static int audit_socket;

static void audit_send(unsigned short type, const void *data, unsigned size) {
  struct {
    struct nlmsghdr header;
    char data[256];
  } message = {.header = {NLMSG_LENGTH(size), type, NLM_F_REQUEST, 1, 0}};
  memcpy(message.data, data, size);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (sendto(audit_socket, &message, message.header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0)
    fatal("send to the audit system");
}

static void audit_open(void) {
  audit_socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
  struct sockaddr_nl name = {.nl_family = AF_NETLINK};
  int size = 4 << 20;
  if (audit_socket < 0 || bind(audit_socket, (struct sockaddr *)&name, sizeof name) < 0) fatal("open the audit system");
  setsockopt(audit_socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  struct audit_status status = {
      .mask = AUDIT_STATUS_PID | AUDIT_STATUS_BACKLOG_LIMIT | AUDIT_STATUS_FAILURE,
      .pid = (unsigned)getpid(),
      .backlog_limit = 8192,
  };
  audit_send(AUDIT_SET, &status, sizeof status);
}

// Reads until a marker of its own comes back: the queue keeps order, so everything before it is there.
static void audit_drain(char *into, size_t size) {
  static unsigned marks;
  char mark[32], expected[40];
  snprintf(mark, sizeof mark, "mark-%u.", ++marks);
  snprintf(expected, sizeof expected, "msg='%s", mark);
  audit_send(AUDIT_USER_AVC, mark, (unsigned)strlen(mark) + 1);
  size_t used = 0;
  if (size) into[0] = 0;
  for (;;) {
    static char buffer[16384];
    struct pollfd wait = {.fd = audit_socket, .events = POLLIN};
    if (poll(&wait, 1, 10000) <= 0) fatal("wait for the audit system");
    ssize_t got = recv(audit_socket, buffer, sizeof buffer - 1, 0);
    if (got < (ssize_t)NLMSG_HDRLEN) fatal("read from the audit system");
    buffer[got] = 0;
    struct nlmsghdr *header = (struct nlmsghdr *)buffer;
    char *text = NLMSG_DATA(header);
    if (header->nlmsg_type == AUDIT_USER_AVC && strstr(text, expected)) return;
    char *record = strstr(text, "apparmor=");
    if (!record || !size) continue;
    int wrote = snprintf(into + used, size - used, "\t%s", record);
    if (wrote > 0 && (size_t)wrote < size - used) used += (size_t)wrote;
  }
}

void drain(char *into, size_t size) { audit_drain(into, size); }
void discard(void) { audit_drain(NULL, 0); }

// --- Profiles.

static int ask(const char *attribute, const char *verb, const char *profile) {
  char text[512];
  int fd = open(attribute, O_WRONLY);
  if (fd < 0) return -1;
  int length = snprintf(text, sizeof text, "%s %s", verb, profile);
  ssize_t wrote = write(fd, text, (size_t)length);
  close(fd);
  return wrote == length ? 0 : -1;
}

int enter(const char *profile, int at_exec) {
  return at_exec ? ask("/proc/self/attr/apparmor/exec", "exec", profile)
                 : ask("/proc/self/attr/apparmor/current", "changeprofile", profile);
}

int confine(pid_t actor, const char *profile, int at_exec) { return -1; }

// The kernel reports a denied capability once per profile in a row; another profile's denial makes it forget.
void forget_capabilities(void) {
  pid_t child = fork();
  if (child == 0) {
    if (enter("armorc-vm-forget", 0) == 0) sethostname("guest", 5);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

void enforcer_start(void) {
  audit_open();
  DIR *directory = opendir("/vm/policies");
  if (!directory) fatal("/vm/policies");
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char path[512];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/vm/policies/%s", entry->d_name);
    struct bytes policy = slurp(path);
    int fd = open("/sys/kernel/security/apparmor/.replace", O_WRONLY);
    if (fd < 0) fatal("apparmor/.replace");
    ssize_t wrote = write(fd, policy.data, policy.count);
    print("LOADED\t%s\t%s\n", entry->d_name, wrote == (ssize_t)policy.count ? "ok" : strerror(errno));
    close(fd);
    free(policy.data);
  }
  closedir(directory);
}
