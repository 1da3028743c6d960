// Nanoseconds of the walk and of whole decisions on this machine: the matcher's own code and the baseline's look-ups as
// programs that BPF_PROG_TEST_RUN repeats, beside a walk in C over the same bytes. All by turns, the least of many.
//   walk WALK.bpf.o BASELINE.bpf.o DIR NAME SET PATHS …
// PATHS is a file of paths of one length below 256 bytes, a power of two of them. Ends with 77 if there are no privileges.
#define _GNU_SOURCE
#include "../../Tests/VM/Matcher/guest.h"

#include <sched.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <time.h>

#include "baseline.h"
#include "rules.h"
#include "walk.h"

#define ROUNDS 15
#define REPEAT 60000

void tell(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
}

// MARK: The walk in C.

static const struct armor_image *native_image;
static unsigned native_state;

// What armor_walk does, for an image that has been checked: state, label, row, and one cell of it.
static __attribute__((noinline)) unsigned native_walk(const struct armor_image *image, unsigned source,
                                                      const unsigned char *path, size_t bytes) {
  const struct armor_slot *slots = (const void *)((const char *)image + image->slots_at);
  unsigned state = image->start[ARMOR_PATHS], absorbing = image->absorbing;
  for (size_t i = 0; i < bytes && state > absorbing; i++) {
    const struct armor_slot *slot = &slots[state + image->classes[path[i]]];
    state = slot->owner == state ? slot->next : slots[state].next;
  }
  native_state = state;
  unsigned label = slots[state].owner & ARMOR_LABEL;
  const __u16 *rows = (const void *)((const char *)image + image->row_at);
  const __u16 *cells = (const void *)((const char *)image + image->cell_at);
  return cells[8 * rows[source * image->labels + label] + 3] + state;
}

// The least of short batches: other work on the machine interrupts long ones. The programs' clock stops meanwhile.
static double native(const struct walk_input *in) {
  double least = 1e9;
  for (int batch = 0; batch < 100; batch++) {
    struct timespec from, to;
    volatile unsigned sum = 0;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (unsigned i = 0; i < 1024; i++) {
      // Begins when the one before has ended, as decisions do.
      const unsigned char *path = (const void *)in->paths[(i & in->turns) + (sum >> 31)];
      sum = native_walk(native_image, in->source, path, in->path_bytes);
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double taken = ((to.tv_sec - from.tv_sec) * 1e9 + (to.tv_nsec - from.tv_nsec)) / 1024;
    if (taken < least) least = taken;
  }
  return least;
}

// MARK: Programs.

static struct bpf_object *baseline;

static struct bpf_object *open_object(const char *path, int tests_only) {
  struct bpf_object *object = bpf_object__open(path);
  struct bpf_program *p;
  if (!object) return NULL;
  bpf_object__for_each_program(p, object) {
    if (tests_only && strcmp(bpf_program__section_name(p), "tc")) bpf_program__set_autoload(p, 0);
  }
  return bpf_object__load(object) ? NULL : object;
}

static double repeat(struct bpf_object *object, const char *name, int times) {
  unsigned char packet[64] = {0};
  LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = packet, .data_size_in = sizeof packet, .repeat = times);
  if (bpf_prog_test_run_opts(bpf_program__fd(bpf_object__find_program_by_name(object, name)), &options)) {
    tell("cannot run %s: %s", name, strerror(errno));
    exit(3);
  }
  return options.duration;
}

static double run(struct bpf_object *object, const char *name) { return repeat(object, name, REPEAT); }

static void ask(struct bpf_object *object, const void *input) {
  __u32 zero = 0;
  if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, "input"), &zero, input, 0)) {
    tell("cannot ask: %s", strerror(errno));
    exit(3);
  }
}

static void keep(double *least, double value) {
  if (value < *least) *least = value;
}

// The program and the walk in C end every path in the same state.
static void compare(struct walk_input in) {
  __u32 zero = 0;
  for (unsigned i = 0; i <= in.turns; i++) {
    in.turn = i;
    ask(matcher, &in);
    repeat(matcher, "bench_walk", 1);
    struct walk_input after;
    bpf_map_lookup_elem(map("input"), &zero, &after);
    native_walk(native_image, in.source, (const void *)in.paths[i], in.path_bytes);
    if (after.last != native_state) {
      tell("the program ends '%s' in state %llu instead of %u", in.paths[i], after.last, native_state);
      exit(1);
    }
  }
}

// The same image with its slots elsewhere: what the matcher walks byte by byte.
static void compare_slow(struct walk_input in, const struct armor_file *head, const struct armor_image *image) {
  in.domain = 1000;
  __u32 zero = 0, tier = head->tier, index = in.domain * 2;
  if (head->image_bytes + 8 > ARMOR_TIER_BYTES(tier)) return;
  char *value = calloc(1, ARMOR_TIER_BYTES(tier));
  struct armor_image *shifted = (void *)value;
  memcpy(value, image, image->slots_at);
  memcpy(value + image->slots_at + 8, (const char *)image + image->slots_at, head->image_bytes - image->slots_at);
  shifted->slots_at += 8;
  shifted->row_at += 8;
  shifted->cell_at += 8;
  shifted->generation = 1;
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG);
  int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "image", sizeof zero, ARMOR_TIER_BYTES(tier), 1, &options);
  char outer[16];
  snprintf(outer, sizeof outer, "images_%u", tier);
  struct armor_domain entry = {.tier = tier + 1, .generation = 1};
  if (inner < 0 || bpf_map_update_elem(inner, &zero, value, 0) || bpf_map_update_elem(map(outer), &index, &inner, 0) ||
      bpf_map_update_elem(map("domains"), &index, &entry, 0)) {
    tell("cannot load an image: %s", strerror(errno));
    exit(3);
  }
  close(inner);
  free(value);
  compare(in);
}

// MARK: One case.

static void measure(const char *directory, const char *name, const char *set, const char *paths, __u32 domain) {
  static struct walk_input in, skipping;
  static struct baseline_input theirs, theirs_skipping;
  static unsigned char file[20 << 20];
  static struct armor_image *image;
  char path[4096], line[4096];
  memset(&in, 0, sizeof in);
  memset(&theirs, 0, sizeof theirs);

  snprintf(path, sizeof path, "%s/image-%s", directory, set);
  load_image(path, domain, 0, 1);
  FILE *stream = fopen(path, "r");
  size_t got = stream ? fread(file, 1, sizeof file, stream) : 0;
  const struct armor_file *head = (const void *)file;
  if (got < sizeof *head || head->image_at + head->image_bytes > got) exit(3);
  fclose(stream);
  free(image);
  image = aligned_alloc(4096, ARMOR_TIER_BYTES(head->tier));
  memset(image, 0, ARMOR_TIER_BYTES(head->tier));
  memcpy(image, file + head->image_at, head->image_bytes);
  native_image = image;

  snprintf(path, sizeof path, "%s/rules-%s", directory, set);
  int rules = rules_map(path);
  struct baseline_space host = {};
  if (rules < 0 || bpf_map_update_elem(bpf_object__find_map_fd_by_name(baseline, "spaces"), &host, &rules, 0)) exit(3);
  close(rules);

  stream = fopen(paths, "r");
  unsigned count = 0;
  for (; stream && count < 256 && fgets(line, sizeof line, stream); count++) {
    size_t bytes = strcspn(line, "\n");
    if (bytes > 255) exit(3);
    in.path_bytes = bytes;
    memcpy(in.paths[count], line, bytes);
    memcpy(theirs.paths[count], line, bytes);
  }
  if (!count || count & (count - 1)) exit(3);
  fclose(stream);
  in.domain = domain;
  in.turns = theirs.turns = count - 1;
  strcpy(theirs.source, "/bin/trusted");
  compare(in);
  compare_slow(in, head, image);
  skipping = in;
  skipping.skip = 1;
  theirs_skipping = theirs;
  theirs_skipping.skip = 1;

  double walk = 1e9, rest = 1e9, c = 1e9, decide = 1e9, other = 1e9, other_rest = 1e9;
  for (int i = 0; i < ROUNDS; i++) {
    ask(matcher, &in);
    keep(&walk, run(matcher, "bench_walk"));
    keep(&c, native(&in));
    keep(&decide, run(matcher, "bench_decide"));
    ask(matcher, &skipping);
    keep(&rest, run(matcher, "bench_walk"));
    ask(baseline, &theirs);
    keep(&other, run(baseline, "baseline_test"));
    ask(baseline, &theirs_skipping);
    keep(&other_rest, run(baseline, "baseline_test"));
  }
  printf("%-34s %5u %6.0f %6.0f %6.2f %8.0f %8.0f %6.1f\n", name, in.path_bytes, walk - rest, c, (walk - rest) / c, decide,
         other, other / decide);
  fflush(stdout);
}

int main(int count, char **words) {
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  cpu_set_t here;
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  if (count < 7 || (count - 4) % 3) return 2;
  // Scratch space is per processor.
  CPU_ZERO(&here);
  CPU_SET(sched_getcpu(), &here);
  sched_setaffinity(0, sizeof here, &here);
  libbpf_set_print(NULL);
  matcher = open_object(words[1], 0);
  if (!matcher && errno == EPERM) return 77;
  baseline = open_object(words[2], 1);
  if (!matcher || !baseline) {
    tell("cannot load the programs: %s", strerror(errno));
    return 3;
  }
  choose(0, 1);
  printf("%-34s %5s %6s %6s %6s %8s %8s %6s\n", "ns", "bytes", "walk", "C", "ratio", "decision", "baseline", "ratio");
  for (int i = 4; i + 2 < count; i += 3) measure(words[3], words[i], words[i + 1], words[i + 2], (__u32)(i - 3));
  return 0;
}
