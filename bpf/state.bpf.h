/* Maps, who a task is, and the scratch space of a decision. */
#ifndef STATE_BPF_H
#define STATE_BPF_H

#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "armor.h"

/* Keeps the compiler from proving a bound that the verifier then cannot see. */
#define OPAQUE(value) asm volatile("" : "+r"(value))

/* Kernels before 6.2 with preempt=full may not find a task's storage although it is there: then tasks are known by
 * `tasks_by_pointer` alone. Set before loading. */
const volatile __u32 armor_tasks_by_pointer = 0;
/* Set before loading: confined tasks may not make user namespaces. */
const volatile __u32 armor_refuse_userns = 0;

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct armor_control);
} control SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 2 * ARMOR_MAX_DOMAINS);
  __type(key, __u32);
  __type(value, struct armor_domain);
} domains SEC(".maps");

/* The inner map is declared by sizes: one with type information would refuse images made without on 6.1. */
#define IMAGES(tier)                                              \
  struct {                                                        \
    __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                     \
    __uint(max_entries, 2 * ARMOR_MAX_DOMAINS);                   \
    __uint(key_size, sizeof(__u32));                              \
    __array(values, struct {                                      \
      __uint(type, BPF_MAP_TYPE_ARRAY);                           \
      __uint(max_entries, 1);                                     \
      __uint(map_flags, BPF_F_RDONLY_PROG);                       \
      __uint(key_size, sizeof(__u32));                            \
      __uint(value_size, ARMOR_TIER_BYTES(tier));                 \
    });                                                           \
  } images_##tier SEC(".maps")
IMAGES(0);
IMAGES(1);
IMAGES(2);
IMAGES(3);
IMAGES(4);
IMAGES(5);

struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, struct armor_task);
} tasks SEC(".maps");

/* Its size is set before loading; one element if it is not used. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1);
  __type(key, __u64);
  __type(value, struct armor_task);
} tasks_by_pointer SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, ARMOR_MAX_CGROUPS);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u64);
  __type(value, __u32);
} cgroups SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, ARMOR_MAX_DOMAINS);
  __type(key, __u32);
  __type(value, struct armor_counters);
} counters SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} events SEC(".maps");

/* When the next event of a domain would be on time at the agreed rate (ns since boot). */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, ARMOR_MAX_DOMAINS);
  __type(key, __u32);
  __type(value, __u64);
} buckets SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct armor_labelling);
} labelling SEC(".maps");

/* MARK: Scratch.
 *
 * `bytes` in order: room for an event's header; the path, written backwards so that it ends at PATH_END; room for the
 * source's path behind it; the place where the source's path is written backwards; room for the verifier.
 */
#define HEAD 256
#define PATH_END (HEAD + 4096)
#define SOURCE_FLOOR (PATH_END + 4096)
#define SOURCE_END (SOURCE_FLOOR + 4096)
#define SCRATCH_BYTES (SOURCE_END + 256)

/* Where one cell stands. */
enum table { SOCKETS, CAPABILITIES, CALLS, PRESETS, GUARDED /* no table: whether any path is blocked */ };

struct armor_scratch {
  __u32 busy;
  __u32 automaton;
  __u32 tier;  /* 1 + tier */
  __u32 outer; /* index in the outer map */
  __u32 domain;
  __u32 rate;
  /* The path: where it starts and, for a walk by address, where the walk stands. */
  __u32 start;
  __u32 floor;
  __u64 dentry;
  __u64 root;
  __u64 mount;
  __u64 pid;
  __u64 top; /* root mount of the task's namespace */
  /* What is decided. */
  __u32 operations; /* bit per enum armor_operation */
  __u32 number;
  __u32 mode;
  __u32 protocol;
  __u32 owner_uid;
  __u8 class;
  __u8 hook;
  __u8 is_owner;
  __u8 trouble;
  __u8 pathless;
  __u8 directory; /* what lies below it matters */
  __u8 table;     /* enum table */
  __u8 fileless;  /* executing it without a path is a matter of its own */
  __u8 probing; /* denied without a report */
  __u8 preset;  /* 1 + enum armor_preset of what is reported */
  /* What the task is. */
  __u32 generation;
  __u32 source;
  __u32 syscall_source;
  __u32 given;     /* they are as the test says */
  __u32 refreshed; /* source classes were found again: to be kept */
  __u64 hash;      /* of the task's source */
  __u64 next_hash; /* of the path */
  __u64 key;
  /* The answer of the image. */
  __u16 cells[8];
  __u32 label;
  __u32 other_label;
  __u32 state;
  __u32 below;   /* state below a directory */
  __u32 guarded; /* something below it has a verdict */
  __u32 weaker;
  __u32 fail_closed;
  __u32 visible;
  __u32 image_flags;
  __u32 answered;
  __u32 next_source;
  __u32 next_syscall_source;
  __u32 cell;   /* the cell that decided */
  __u32 source_bytes;
  struct armor_event event;
  __u8 bytes[SCRATCH_BYTES];
};

/* One CPU's slots: more than one program can be under way where programs can be preempted. */
#define SLOTS 8
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, SLOTS);
  __type(key, __u32);
  __type(value, struct armor_scratch);
} scratch SEC(".maps");

static __always_inline struct armor_scratch *claim(void) {
  for (__u32 slot = 0; slot < SLOTS; slot++) {
    __u32 key = slot;
    struct armor_scratch *s = bpf_map_lookup_elem(&scratch, &key);
    if (s && !__sync_lock_test_and_set(&s->busy, 1)) return s;
  }
  return 0;
}

static __always_inline void release(struct armor_scratch *s) {
  __sync_lock_test_and_set(&s->busy, 0);
}

static __always_inline void count(__u32 domain, enum armor_counter counter) {
  struct armor_counters *c = bpf_map_lookup_elem(&counters, &domain);
  if (c) __sync_fetch_and_add(&c->count[counter], 1);
}

/* The verifier wants a constant on every way out; the compiler would rather calculate. */
static __always_inline int answer(int denied, int error) {
  if (!denied) return 0;
  int result = -error;
  OPAQUE(result);
  return result;
}

/* MARK: Tasks. */

static __always_inline struct armor_task *identity(struct task_struct *task) {
  if (armor_tasks_by_pointer) {
    __u64 pointer = (__u64)task;
    return bpf_map_lookup_elem(&tasks_by_pointer, &pointer);
  }
  return bpf_task_storage_get(&tasks, task, 0, 0);
}

static __always_inline struct armor_task *mine(void) { return identity(bpf_get_current_task_btf()); }

static __always_inline struct armor_task *give_identity(struct task_struct *task, struct armor_task *value) {
  if (armor_tasks_by_pointer) {
    __u64 pointer = (__u64)task;
    bpf_map_update_elem(&tasks_by_pointer, &pointer, value, BPF_ANY);
    return bpf_map_lookup_elem(&tasks_by_pointer, &pointer);
  }
  struct armor_task *stored = bpf_task_storage_get(&tasks, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
  if (stored) *stored = *value;
  return stored;
}

#endif
