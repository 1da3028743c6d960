/* Events: a header, the path and the source's path, in one piece. */
#ifndef REPORT_BPF_H
#define REPORT_BPF_H

#include "path.bpf.h"

_Static_assert(sizeof(struct armor_event) <= HEAD, "a header fits in front of the longest path");
_Static_assert(sizeof(struct armor_event) % 8 == 0, "no hole at the end");

/* Whether the domain's rate allows one more event: at most a second's worth at once. */
static __always_inline int on_time(__u32 domain, __u32 rate) {
  if (!rate) return 1;
  __u64 *due = bpf_map_lookup_elem(&buckets, &domain);
  if (!due) return 0;
  const __u64 second = 1000000000;
  __u64 now = bpf_ktime_get_boot_ns(), at = *due;
  if (at > now) return 0;
  if (at + second < now) at = now - second;
  *due = at + second / rate;
  return 1;
}

struct innermost {
  __s32 number;
  __u32 hole;
  __u64 namespace;
};

/* A task's number in its own pid namespace, and that namespace. */
static __always_inline void own_number(struct armor_scratch *s, struct task_struct *leader, struct innermost *out) {
  struct pid *pid = leader->thread_pid;
  __u64 level = pid->level;
  s->pid = (__u64)pid;
  asm volatile("" ::: "memory");
  __u64 address = s->pid + MEMBER(struct pid, numbers) + level * bpf_core_type_size(struct upid);
  bpf_probe_read_kernel(out, sizeof *out, (void *)address);
}

/* The path of the program that the task executes, as well as it can be told, behind the path in scratch. */
static __always_inline void write_source(struct armor_scratch *s, struct task_struct *task) {
  __u32 start = s->start;
  __u8 trouble = s->trouble, pathless = s->pathless;
  s->source_bytes = 0;
  struct mm_struct *mm = task->mm;
  if (!mm) return;
  struct file *file = mm->exe_file;
  if (!file) return;
  write_path_to(s, file->f_path.dentry, file->f_path.mnt, SOURCE_END);
  __u64 at = s->start;
  OPAQUE(at);
  if (at >= SOURCE_FLOOR && at < SOURCE_END && s->trouble != ARMOR_PATH_TOO_LONG) {
    __u64 bytes = SOURCE_END - at;
    s->source_bytes = bytes;
    OPAQUE(bytes);
    if (bytes <= 4096) bpf_probe_read_kernel(&s->bytes[PATH_END], bytes, &s->bytes[at]);
  }
  s->start = start;
  s->trouble = trouble;
  s->pathless = pathless;
}

/* Reports the event in scratch with its cell. */
__noinline int armor_report(struct armor_scratch *s) {
  if (!s) return 0;
  __u32 domain = s->domain;
  if (!on_time(domain, s->rate)) {
    count(domain, ARMOR_HELD_BACK);
    return 0;
  }
  struct task_struct *task = bpf_get_current_task_btf();
  struct armor_event *e = &s->event;
  struct task_struct *parent = task->real_parent;
  write_source(s, task);
  e->time = bpf_ktime_get_boot_ns();
  e->cgroup = bpf_get_current_cgroup_id();
  struct innermost number;
  own_number(s, task->group_leader, &number);
  e->pid = number.number;
  e->pid_namespace = (__u32)word_at(number.namespace + MEMBER(struct pid_namespace, ns.inum));
  own_number(s, parent->group_leader, &number);
  e->parent = number.number;
  e->mount_namespace = task->nsproxy->mnt_ns->ns.inum;
  e->domain = domain;
  e->generation = s->generation;
  e->host_pid = task->tgid;
  e->host_parent = parent->tgid;
  e->uid = task->cred->uid.val;
  e->owner_uid = s->owner_uid;
  e->mode = s->mode;
  e->protocol = s->protocol;
  e->cell = s->cell;
  e->resource_class = s->class;
  e->hook = s->hook;
  e->trouble = s->trouble;
  e->is_owner = s->is_owner;
  e->preset = s->preset;
  bpf_get_current_comm(e->comm, sizeof e->comm);
  bpf_probe_read_kernel(e->parent_comm, sizeof e->parent_comm, parent->comm);
  __u64 start = s->start;
  OPAQUE(start);
  if (start < HEAD || start > PATH_END) return 0;
  __u64 source_bytes = s->source_bytes;
  OPAQUE(source_bytes);
  if (source_bytes > 4096) return 0;
  e->path_bytes = PATH_END - start;
  e->source_bytes = source_bytes;
  __u64 bytes = sizeof *e + PATH_END - start + source_bytes;
  e->bytes = bytes;
  __u8 *out = &s->bytes[start - sizeof *e];
  bpf_probe_read_kernel(out, sizeof *e, e);
  OPAQUE(bytes);
  if (bytes > sizeof *e + 8192) return 0;
  count(domain, bpf_ringbuf_output(&events, out, bytes, 0) ? ARMOR_LOST : ARMOR_REPORTED);
  /* The path ends here again, for whoever walks it once more. */
  s->bytes[PATH_END] = 0;
  return 0;
}

#endif
