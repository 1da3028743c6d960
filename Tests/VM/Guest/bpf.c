// Decisions by the BPF matcher: map images, the label of a task, and the ring buffer. Loading is that of Tests/VM/Matcher.
#define _GNU_SOURCE
#include "enforcer.h"

#include "../Matcher/guest.h"

#include <dirent.h>
#include <stdarg.h>

// What matcher.c says of its work: only of what fails.
void tell(const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (strncmp(text, "FAILED", 6) == 0) fatal(text);
}

// Domain n + 1 has images[n].
static char *images[ARMOR_MAX_DOMAINS];
static __u32 domains;

static __u32 domain_of(const char *image) {
  for (__u32 i = 0; i < domains; i++)
    if (strcmp(images[i], image) == 0) return i + 1;
  return 0;
}

// --- The ring buffer. Events are there when the system call returns that they are about.

static struct ring_buffer *ring;
static char *out;
static size_t room;

static int event(void *context, void *data, size_t size) {
  const unsigned char *byte = data;
  if (room == 0) return 0;
  if (room < 2 * size + 2) fatal("keep an event");
  *out++ = '\t';
  for (size_t i = 0; i < size; i++, out += 2) {
    out[0] = "0123456789abcdef"[byte[i] >> 4];
    out[1] = "0123456789abcdef"[byte[i] & 15];
  }
  *out = 0;
  room -= 2 * size + 1;
  return 0;
}

void drain(char *into, size_t size) {
  out = into;
  room = size;
  if (size) into[0] = 0;
  if (ring_buffer__consume(ring) < 0) fatal("read the ring buffer");
}
void discard(void) { drain(NULL, 0); }

// --- Tasks.

int enter(const char *image, int at_exec) {
  char byte;
  return dprintf(3, "confine %d\n", at_exec) > 0 && read(4, &byte, 1) == 1 ? 0 : -1;
}

int confine(pid_t actor, const char *image, int at_exec) {
  __u32 domain = domain_of(image);
  if (domain == 0) return -1;
  return (at_exec ? label_at_exec(domain, actor) : label(domain, actor, 0)) == 1 ? 0 : -1;
}

void forget_capabilities(void) {}

void enforcer_start(void) {
  struct bytes arguments = slurp("/vm/path-arguments");
  if (arguments.count != ARMOR_SYSCALL_NUMBERS) fatal("/vm/path-arguments");
  memcpy(path_argument, arguments.data, ARMOR_SYSCALL_NUMBERS);
  if (arm("/vm/armor.bpf.o", 0)) fatal("load the matcher");
  choose(0, 1);
  ring = ring_buffer__new(map("events"), event, NULL, NULL);
  DIR *directory = opendir("/vm/policies");
  if (!ring || !directory) fatal("/vm/policies");
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char path[512];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/vm/policies/%s", entry->d_name);
    images[domains++] = strdup(entry->d_name);
    load_image(path, domains, 0, 1);
    print("DOMAIN\t%s\t%u\n", entry->d_name, domains);
  }
  closedir(directory);
}
