// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The matcher's own walk and decision where no hook calls them: for BPF_PROG_TEST_RUN, on paths by turns. */
#include "decide.bpf.h"
#include "walk.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct walk_input);
} input SEC(".maps");

static __always_inline struct armor_scratch *prepare(struct walk_input *in) {
  struct armor_task task = {.domain = in->domain, .generation = ~0u};
  int denied;
  struct armor_scratch *s = begin(&task, 0, &denied);
  if (!s) return 0;
  s->given = 1;
  s->source = in->source;
  s->is_owner = 1;
  s->class = ARMOR_FILE;
  s->operations = 1 << ARMOR_READ;
  __u64 count = in->path_bytes;
  OPAQUE(count);
  count &= 255;
  /* Begins when the one before has ended, as decisions do. */
  __u32 turn = (in->turn++ + (__u32)(in->last >> 63)) & in->turns & 255;
  bpf_probe_read_kernel(&s->bytes[PATH_END - count], count, in->paths[turn]);
  s->bytes[PATH_END] = 0;
  s->start = PATH_END - count;
  s->pathless = in->skip;
  return s;
}

/* The image is asked: one walk and the row of cells. With `skip` all but the walk. */
SEC("tc")
int bench_walk(struct __sk_buff *packet) {
  __u32 zero = 0;
  struct walk_input *in = bpf_map_lookup_elem(&input, &zero);
  if (!in) return 2;
  struct armor_scratch *s = prepare(in);
  if (!s) return 2;
  walk(s, ARMOR_PATHS);
  in->last = s->state;
  release(s);
  return 0;
}

SEC("tc")
int bench_decide(struct __sk_buff *packet) {
  __u32 zero = 0;
  struct walk_input *in = bpf_map_lookup_elem(&input, &zero);
  if (!in) return 2;
  struct armor_scratch *s = prepare(in);
  if (!s) return 2;
  in->last = decide_path(s, SILENT);
  release(s);
  return 0;
}

SEC("tc")
int bench_nothing(struct __sk_buff *packet) { return 0; }

char bench_license[] SEC("license") = "GPL";
