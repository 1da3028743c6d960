// The guest's side of the matcher: what a loader does, in as few words as possible.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

struct bpf_object *matcher;
__u8 path_argument[ARMOR_SYSCALL_NUMBERS] = {[SYS_unlink] = 1};

int map(const char *name) { return bpf_object__find_map_fd_by_name(matcher, name); }
int program(const char *name) { return bpf_program__fd(bpf_object__find_program_by_name(matcher, name)); }

static int complaints(enum libbpf_print_level level, const char *format, va_list arguments) {
  return level == LIBBPF_WARN ? vprintf(format, arguments) : 0;
}

// An optional hook is left out where the kernel has none.
static int wanted(struct bpf_program *p, struct btf *kernel) {
  const char *section = bpf_program__section_name(p);
  char hook[128];
  if (strncmp(section, "lsm/", 4)) return 1;
  snprintf(hook, sizeof hook, "bpf_lsm_%s", section + 4);
  return btf__find_by_name_kind(kernel, hook, BTF_KIND_FUNC) >= 0;
}

static int attached_at_once(const char *section, const char *name) {
  if (!strcmp(name, "armor_task_free"))
    return bpf_map__max_entries(bpf_object__find_map_by_name(matcher, "tasks_by_pointer")) > 1;
  return strncmp(section, "iter", 4) && strcmp(section, "tc");
}

int arm(const char *object, int by_pointer) {
  static char logs[64][8192];
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  libbpf_set_print(complaints);
  matcher = bpf_object__open(object);
  if (!matcher) return -1;
  struct bpf_map *constants = bpf_object__find_map_by_name(matcher, ".rodata");
  struct btf *own = bpf_object__btf(matcher);
  size_t size;
  char *initial = (char *)bpf_map__initial_value(constants, &size);
  const struct btf_type *section = btf__type_by_id(own, btf__find_by_name_kind(own, ".rodata", BTF_KIND_DATASEC));
  for (int i = 0; i < btf_vlen(section); i++) {
    struct btf_var_secinfo *variable = btf_var_secinfos(section) + i;
    const char *name = btf__name_by_offset(own, btf__type_by_id(own, variable->type)->name_off);
    if (!strcmp(name, "armor_tasks_by_pointer")) *(__u32 *)(initial + variable->offset) = by_pointer;
    if (!strcmp(name, "armor_path_argument")) memcpy(initial + variable->offset, path_argument, sizeof path_argument);
  }
  if (by_pointer) bpf_map__set_max_entries(bpf_object__find_map_by_name(matcher, "tasks_by_pointer"), 4096);
  struct btf *kernel = btf__load_vmlinux_btf();
  struct bpf_program *p;
  int n = 0;
  bpf_object__for_each_program(p, matcher) {
    bpf_program__set_autoload(p, wanted(p, kernel));
    bpf_program__set_log_buf(p, logs[n++], sizeof logs[0]);
    bpf_program__set_log_level(p, 4);
  }
  if (bpf_object__load(matcher)) return -1;
  n = 0;
  bpf_object__for_each_program(p, matcher) {
    const char *found = strstr(logs[n++], "processed ");
    if (!bpf_program__autoload(p)) continue;
    tell("verified %s %d", bpf_program__name(p), found ? atoi(found + 10) : -1);
    if (attached_at_once(bpf_program__section_name(p), bpf_program__name(p)) && !bpf_program__attach(p)) return -1;
  }
  return 0;
}

void load_image(const char *path, __u32 domain, __u32 bank, __u32 generation) {
  static unsigned char file[20 << 20], value[16 << 20];
  int fd = open(path, O_RDONLY);
  ssize_t got = read(fd, file, sizeof file);
  close(fd);
  struct armor_file *head = (void *)file;
  if (got < (ssize_t)sizeof *head || head->magic != ARMOR_FILE_MAGIC) {
    tell("FAILED %s is no image", path);
    return;
  }
  __u32 tier = head->tier, zero = 0, index = domain * 2 + bank;
  struct armor_image *image = (void *)value;
  memset(value, 0, sizeof value);
  memcpy(value, file + head->image_at, head->image_bytes);
  image->generation = generation;
  // The names in the file go by path; here their hashes are put in, sorted.
  struct armor_control control;
  bpf_map_lookup_elem(map("control"), &zero, &control);
  struct armor_source *named = (void *)(value + image->named_at);
  struct armor_string *strings = (void *)(file + head->sources_at);
  for (__u32 i = 0; i < image->named; i++) {
    __u64 hash = control.hash_key;
    const unsigned char *path = file + head->strings_at + strings[i].at;
    for (__u32 j = 0; j < strings[i].bytes; j++) hash = ARMOR_HASH_STEP(hash, path[j]);
    named[i].hash = hash ? hash : 1;
  }
  for (__u32 i = 1; i < image->named; i++)
    for (__u32 j = i; j > 0 && named[j].hash < named[j - 1].hash; j--) {
      struct armor_source other = named[j];
      named[j] = named[j - 1];
      named[j - 1] = other;
    }
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG);
  int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "image", sizeof zero, ARMOR_TIER_BYTES(tier), 1, &options);
  char outer[16];
  snprintf(outer, sizeof outer, "images_%u", tier);
  struct armor_domain entry = {.tier = tier + 1, .generation = generation};
  if (inner < 0 || bpf_map_update_elem(inner, &zero, value, 0) || bpf_map_freeze(inner) ||
      bpf_map_update_elem(map(outer), &index, &inner, 0) || bpf_map_update_elem(map("domains"), &index, &entry, 0))
    tell("FAILED to load %s: %s", path, strerror(errno));
  close(inner);
}

void choose(__u32 bank, __u32 generation) {
  struct armor_control control = {.bank = bank, .generation = generation, .hash_key = 0x9e3779b97f4a7c15};
  __u32 zero = 0;
  bpf_map_update_elem(map("control"), &zero, &control, 0);
}

// Reads an iterator to its end, or as far as `size` goes.
static size_t iterate(const char *name, void *into, size_t size) {
  struct bpf_link *link = bpf_program__attach_iter(bpf_object__find_program_by_name(matcher, name), NULL);
  int iterator = bpf_iter_create(bpf_link__fd(link));
  size_t used = 0;
  ssize_t got;
  while ((got = read(iterator, (char *)into + used, size - used)) > 0) used += (size_t)got;
  close(iterator);
  bpf_link__destroy(link);
  return used;
}

static unsigned labelled(struct armor_labelling request) {
  __u32 zero = 0;
  char none[16];
  bpf_map_update_elem(map("labelling"), &zero, &request, 0);
  iterate("armor_label", none, sizeof none);
  bpf_map_lookup_elem(map("labelling"), &zero, &request);
  return request.labelled;
}

unsigned label(__u32 domain, int tgid, __u64 cgroup) {
  return labelled((struct armor_labelling){.domain = domain, .tgid = tgid, .cgroup = cgroup});
}

unsigned label_at_exec(__u32 domain, int tgid) {
  return labelled((struct armor_labelling){.domain = domain, .tgid = tgid, .at_exec = 1});
}

int listed(__u32 domain, __u32 tgid) {
  static struct armor_listed found[1024];
  size_t count = iterate("armor_list", found, sizeof found) / sizeof found[0];
  int matching = 0;
  for (size_t i = 0; i < count; i++) matching += found[i].domain == domain && found[i].tgid == tgid;
  return matching;
}
