/* System calls: audited at entry, never denied. Attached only if some image has rules for them. */
#ifndef CALLS_BPF_H
#define CALLS_BPF_H

#include "decide.bpf.h"

/* Which argument is a path: 1 ... 4, or 0. The loader fills it in for its architecture. */
const volatile __u8 armor_path_argument[ARMOR_SYSCALL_NUMBERS] = {};

SEC("tp_btf/sys_enter")
int BPF_PROG(armor_syscall, struct pt_regs *registers, long call) {
  struct armor_task *task = mine();
  if (!task || call < 0 || call >= ARMOR_SYSCALL_NUMBERS) return 0;
  struct task_struct *current = bpf_get_current_task_btf();
  if (bpf_core_field_exists(current->thread_info.status) && current->thread_info.status & TS_COMPAT) return 0;
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return 0;
  s->class = ARMOR_SYSCALLS;
  s->hook = ARMOR_HOOK_SYSCALL;
  s->table = CALLS;
  s->number = call;
  s->mode = call;
  s->pathless = 1;
  __u64 address = 0;
  switch (armor_path_argument[call]) {
    case 1: address = registers->di; break;
    case 2: address = registers->si; break;
    case 3: address = registers->dx; break;
    case 4: address = registers->r10; break;
  }
  if (address) {
    /* An absolute path as it was given; a relative one is no path. */
    long bytes = bpf_probe_read_user_str(&s->bytes[SOURCE_FLOOR], 4096, (void *)address);
    if (bytes > 1 && bytes <= 4096 && s->bytes[SOURCE_FLOOR] == '/') {
      __u64 count = bytes - 1;
      OPAQUE(count);
      count &= 4095;
      bpf_probe_read_kernel(&s->bytes[PATH_END - count], count, &s->bytes[SOURCE_FLOOR]);
      s->bytes[PATH_END] = 0;
      s->start = PATH_END - count;
      s->pathless = 0;
    }
  }
  s->label = 0;
  if (!s->pathless) walk(s, ARMOR_SYSCALL_PATHS);
  armor_decide_entry(s);
  end(s, task);
  return 0;
}

#endif
