/* Who a task is: inherited by fork, given by cgroup, by iterator or by user space, and what it executes. */
#ifndef TASKS_BPF_H
#define TASKS_BPF_H

#include "presets.bpf.h"

static __always_inline int owns(struct inode *inode, __u32 *uid) {
  *uid = inode->i_uid.val;
  return bpf_get_current_task_btf()->cred->fsuid.val == *uid;
}

SEC("lsm/task_alloc")
int BPF_PROG(armor_task_alloc, struct task_struct *task, unsigned long clone_flags) {
  struct armor_task *parent = mine();
  if (!parent) return 0;
  struct armor_task child = *parent;
  return give_identity(task, &child) ? 0 : -EAGAIN;
}

SEC("lsm/task_free")
int BPF_PROG(armor_task_free, struct task_struct *task) {
  __u64 pointer = (__u64)task;
  bpf_map_delete_elem(&tasks_by_pointer, &pointer);
  return 0;
}

/* Gives a task what a value of `cgroups` says. */
static __always_inline struct armor_task *join(struct task_struct *task, __u32 value) {
  __u32 domain = value & ~ARMOR_AT_EXEC;
  struct armor_task joined = {};
  if (value & ARMOR_AT_EXEC)
    joined.waiting = domain;
  else
    joined.domain = domain;
  return give_identity(task, &joined);
}

/* A task of a known cgroup that nobody attached: it was born there (CLONE_INTO_CGROUP) or moved as one of many
 * threads. */
static __always_inline struct armor_task *adopt(int *failed) {
  __u64 cgroup = bpf_get_current_cgroup_id();
  __u32 *value = bpf_map_lookup_elem(&cgroups, &cgroup);
  if (!value) return 0;
  struct armor_task *task = join(bpf_get_current_task_btf(), *value);
  if (!task) *failed = 1;
  return task;
}

SEC("lsm/bprm_creds_for_exec")
int BPF_PROG(armor_exec, struct linux_binprm *bprm) {
  struct armor_task *task = mine();
  int failed = 0;
  if (!task) task = adopt(&failed);
  if (failed) return -EAGAIN;
  if (!task) return 0;
  /* It waits until the program is replaced: a second try, or another object that is attached as well, finds the same. */
  int first = task->waiting != 0;
  if (first) {
    task->domain = task->waiting;
    task->generation = 0;
    task->source = 0;
    task->syscall_source = 0;
    task->hash = 0;
  }
  int denied;
  struct armor_scratch *s = begin(task, 1, &denied);
  task->next_hash = 0;
  task->next_source = 0;
  task->next_syscall_source = 0;
  task->next_generation = 0;
  if (!s) return answer(denied, EACCES);
  struct file *file = bprm->file;
  write_path(s, file->f_path.dentry, file->f_path.mnt);
  /* A container's first program is executed by its runtime: it is no source. */
  if (!first && !s->trouble && !s->pathless) {
    armor_hash(s);
    task->next_hash = s->next_hash;
  }
  if (s->tier) {
    s->fileless = 1;
    s->class = ARMOR_PROCESS;
    s->hook = ARMOR_HOOK_EXEC;
    s->operations = 1 << ARMOR_EXEC;
    s->is_owner = owns(file->f_inode, &s->owner_uid);
    s->next_source = 0;
    s->next_syscall_source = 0;
    denied = armor_decide_path(s);
    if (!denied && s->image_flags & ARMOR_HAS_PRESETS && fileless(s, file->f_path.dentry))
      denied = decide_preset(s, ARMOR_FILELESS_EXEC);
    if (!denied && task->next_hash) armor_next_source(s);
    task->next_source = s->next_source;
    task->next_syscall_source = s->next_syscall_source;
    task->next_generation = s->generation;
  }
  end(s, task);
  return answer(denied, EACCES);
}

/* The program is replaced: from here on the task is what it executes. */
SEC("lsm/bprm_committed_creds")
int BPF_PROG(armor_exec_done, struct linux_binprm *bprm) {
  struct armor_task *task = mine();
  if (!task) return 0;
  task->waiting = 0;
  task->hash = task->next_hash;
  task->source = task->next_source;
  task->syscall_source = task->next_syscall_source;
  task->generation = task->next_generation;
  return 0;
}

/* Numbers of cgroups are of the one hierarchy of version 2; those of version 1 have their own. */
static __always_inline int unified(struct cgroup *cgroup) { return cgroup->root->hierarchy_id == 0; }

/* A task that nobody attached becomes a cgroup's when it is moved there, and stays so when it moves on. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(armor_cgroup, struct cgroup *cgroup, const char *path, struct task_struct *task) {
  if (!unified(cgroup)) return 0;
  __u64 id = cgroup->kn->id;
  __u32 *value = bpf_map_lookup_elem(&cgroups, &id);
  if (value && !identity(task)) join(task, *value);
  return 0;
}

/* What is made below a known cgroup is known as well, before anybody can enter it ... */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(armor_cgroup_made, struct cgroup *cgroup, const char *path) {
  if (!unified(cgroup)) return 0;
  struct cgroup_subsys_state *above = cgroup->self.parent;
  if (!above) return 0;
  __u64 id = above->cgroup->kn->id;
  __u32 *value = bpf_map_lookup_elem(&cgroups, &id);
  if (!value) return 0;
  __u32 inherited = *value;
  id = cgroup->kn->id;
  bpf_map_update_elem(&cgroups, &id, &inherited, BPF_ANY);
  return 0;
}

/* ... until it is removed. Its number is never given again. */
SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(armor_cgroup_gone, struct cgroup *cgroup, const char *path) {
  if (!unified(cgroup)) return 0;
  __u64 id = cgroup->kn->id;
  bpf_map_delete_elem(&cgroups, &id);
  return 0;
}

SEC("iter/task")
int armor_label(struct bpf_iter__task *context) {
  struct task_struct *task = context->task;
  __u32 zero = 0;
  struct armor_labelling *l = bpf_map_lookup_elem(&labelling, &zero);
  if (!task || !l) return 0;
  __u32 domain = l->domain;
  if (!(l->tgid && task->tgid == l->tgid) && !(l->cgroup && task->cgroups->dfl_cgrp->kn->id == l->cgroup)) return 0;
  struct armor_task *old = identity(task);
  if (l->at_exec) {
    if (old ? old->waiting == domain : !domain) return 0;
    __sync_fetch_and_add(&l->labelled, 1);
    if (old) {
      old->waiting = domain;
      return 0;
    }
    struct armor_task waiting = {.waiting = domain};
    if (!give_identity(task, &waiting)) __sync_fetch_and_add(&l->failed, 1);
    return 0;
  }
  if (old ? old->domain == domain && !old->waiting : !domain) return 0;
  __sync_fetch_and_add(&l->labelled, 1);
  if (!domain) {
    __u64 pointer = (__u64)task;
    if (armor_tasks_by_pointer)
      bpf_map_delete_elem(&tasks_by_pointer, &pointer);
    else
      bpf_task_storage_delete(&tasks, task);
    return 0;
  }
  struct armor_task value = {.domain = domain, .hash = l->hash};
  if (!give_identity(task, &value)) __sync_fetch_and_add(&l->failed, 1);
  return 0;
}

SEC("iter/task")
int armor_list(struct bpf_iter__task *context) {
  struct task_struct *task = context->task;
  if (!task) return 0;
  struct armor_task *t = identity(task);
  if (!t) return 0;
  __u32 domain = t->domain ? t->domain : t->waiting;
  struct armor_listed listed = {.domain = domain, .tgid = task->tgid, .pid = task->pid, .source = t->source};
  bpf_seq_write(context->meta->seq, &listed, sizeof listed);
  return 0;
}

#endif
