/* The test entry: runs where there is no BPF LSM (BPF_PROG_TEST_RUN), through the core of the hooks. */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include "decide.bpf.h"

/* What a program of this kind is given, as far as it is used: no structure of the kernel's, the verifier translates it. */
struct __sk_buff {
  __u32 len;
  __u32 pkt_type;
  __u32 mark;
  __u32 queue_mapping;
  __u32 protocol;
  __u32 vlan_present;
  __u32 vlan_tci;
  __u32 vlan_proto;
  __u32 priority;
};

/* Its size is set before loading: so many events can be asked with one call. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct armor_test_input);
} test_input SEC(".maps");

/* Answers 0 allowed, 1 denied, 2 nothing to ask; the rest is in the input. Asked is input number `mark`, which grows by
 * `priority` per run: with both 0 repeated runs ask the first, with priority 1 one after another. */
SEC("tc")
int armor_test(struct __sk_buff *packet) {
  __u32 index = packet->mark;
  packet->mark = index + packet->priority;
  struct armor_test_input *in = bpf_map_lookup_elem(&test_input, &index);
  if (!in) return ARMOR_NOT_ASKED;
  in->denied = ARMOR_NOT_ASKED;
  struct armor_task task = {.domain = in->domain, .generation = ~0u, .hash = in->hash};
  int denied;
  struct armor_scratch *s = begin(&task, 0, &denied);
  if (!s) return ARMOR_NOT_ASKED;
  s->label = 0;
  s->state = 0;
  s->class = in->resource_class;
  s->is_owner = in->is_owner;
  s->number = in->number;
  s->given = in->source != ARMOR_BY_HASH;
  s->next_source = 0;
  s->next_syscall_source = 0;
  s->next_hash = 0;
  __u64 count = in->path_bytes;
  OPAQUE(count);
  if (count == 0 || count > ARMOR_MAX_PATH) {
    s->pathless = 1;
    if (count) s->trouble = ARMOR_PATH_TOO_LONG;
  } else {
    bpf_probe_read_kernel(&s->bytes[PATH_END - count], count, in->path);
    s->bytes[PATH_END] = 0;
    s->start = PATH_END - count;
    if (in->resource_class == ARMOR_PROCESS) armor_hash(s);
  }
  s->source = in->source;
  s->syscall_source = in->syscall_source;
  switch (in->resource_class) {
    case ARMOR_PROCESS:
      s->fileless = 1;
      s->operations = 1 << ARMOR_EXEC;
      in->denied = decide_path(s, SILENT);
      if (!s->trouble) next_source(s);
      break;
    case ARMOR_FILE:
      s->directory = in->below;
      s->operations = 1 << (in->operation & 3);
      in->denied = decide_path(s, SILENT);
      break;
    case ARMOR_NETWORK:
      s->table = SOCKETS;
      in->denied = decide_entry(s, SILENT);
      break;
    case ARMOR_CAPABILITIES:
      s->table = CAPABILITIES;
      in->denied = decide_entry(s, SILENT);
      break;
    case ARMOR_PRESET:
      s->table = PRESETS;
      in->denied = decide_entry(s, SILENT);
      break;
    default:
      s->table = CALLS;
      walk(s, ARMOR_SYSCALL_PATHS);
      in->denied = decide_entry(s, SILENT);
  }
  in->trouble = s->trouble;
  in->cell = s->cell;
  in->label = s->label;
  in->state = s->state;
  in->below_state = s->below;
  in->guarded = s->guarded;
  in->found_source = s->source;
  in->next_source = s->next_source;
  in->next_syscall_source = s->next_syscall_source;
  in->next_hash = s->next_hash;
  release(s);
  return in->denied;
}

#endif
