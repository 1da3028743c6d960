// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Sends the events of a busy node into the matcher's own ring buffer, and counts as the matcher does. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include "armor.h"
#include "burst.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, ARMOR_MAX_DOMAINS);
  __type(key, __u32);
  __type(value, struct armor_counters);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct burst_event);
} template SEC(".maps");

SEC("tc")
int burst(struct __sk_buff *packet) {
  __u32 zero = 0;
  struct burst_event *e = bpf_map_lookup_elem(&template, &zero);
  if (!e) return 2;
  __u32 domain = e->head.domain;
  struct armor_counters *c = bpf_map_lookup_elem(&counters, &domain);
  if (!c) return 2;
  e->head.time = bpf_ktime_get_boot_ns();
  long lost = bpf_ringbuf_output(&events, e, sizeof *e, 0);
  __sync_fetch_and_add(&c->count[lost ? ARMOR_LOST : ARMOR_REPORTED], 1);
  return 0;
}

char bench_license[] SEC("license") = "GPL";
