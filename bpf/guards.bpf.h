/* Guards: what would let a confined task see a protected object under another path, or leave its confinement. */
#ifndef GUARDS_BPF_H
#define GUARDS_BPF_H

#include "files.bpf.h"

/* Denied if the image protects any path. */
static __noinline int guard(struct armor_task *task, struct dentry *dentry, struct vfsmount *mnt, __u64 event) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  s->hook = event;
  s->mode = event >> 32;
  s->operations = WRITES;
  s->table = GUARDED;
  write_path(s, dentry, mnt);
  s->trouble = 0;
  denied = armor_decide_entry(s);
  end(s, task);
  return denied;
}

static __always_inline int starts(const char *name, const char *with, int count) {
  for (int i = 0; i < count; i++)
    if (name[i] != with[i]) return 0;
  return 1;
}
#define IS(name, word) starts(name, word, sizeof word)

/* File systems that come up empty or show nothing of a disk. All others can show what is mounted elsewhere. */
static __always_inline int comes_fresh(const char *type) {
  char name[16] = {};
  bpf_probe_read_kernel_str(name, sizeof name, type);
  return IS(name, "tmpfs") || IS(name, "ramfs") || IS(name, "proc") || IS(name, "sysfs") || IS(name, "devpts") ||
         IS(name, "mqueue") || IS(name, "cgroup") || IS(name, "cgroup2");
}

SEC("lsm/sb_mount")
int BPF_PROG(armor_sb_mount, const char *device, struct path *path, const char *type, unsigned long flags) {
  struct armor_task *task = mine();
  if (!task) return 0;
  if (flags & MS_REMOUNT) return 0;
  if (!(flags & MS_BIND)) {
    if (flags & MS_PROPAGATION) return 0;
    if (!(flags & MS_MOVE) && comes_fresh(type)) return 0;
  }
  return answer(guard(task, path->dentry, path->mnt, EVENT(ARMOR_HOOK_MOUNT, 0, flags)), EACCES);
}

SEC("lsm/move_mount")
int BPF_PROG(armor_move_mount, struct path *from, struct path *to) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(guard(task, to->dentry, to->mnt, EVENT(ARMOR_HOOK_MOUNT, 0, 0)), EACCES);
}

SEC("lsm/sb_pivotroot")
int BPF_PROG(armor_sb_pivotroot, struct path *old, struct path *new) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(guard(task, old->dentry, old->mnt, EVENT(ARMOR_HOOK_MOUNT, 0, 0)), EACCES);
}

/* The last mount of a BPF file system takes the matcher with it, and goes with a mount above that is detached. */
SEC("lsm/sb_umount")
int BPF_PROG(armor_sb_umount, struct vfsmount *mnt, int flags) {
  struct armor_task *task = mine();
  if (!task) return 0;
  if (mnt->mnt_sb->s_magic != BPF_FS_MAGIC) {
    if (!(flags & MNT_DETACH)) return 0;
    __u64 mounts = (__u64)mnt - MEMBER(struct mount, mnt) + MEMBER(struct mount, mnt_mounts);
    if (word_at(mounts) == mounts) return 0;
  }
  return answer(refuse(task, EVENT(ARMOR_HOOK_MOUNT, 0, flags)), EPERM);
}

SEC("lsm/userns_create")
int BPF_PROG(armor_userns_create, const struct cred *cred) {
  if (!armor_refuse_userns) return 0;
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(refuse(task, EVENT(ARMOR_HOOK_USERNS, 0, 0)), EPERM);
}

/* Nobody outside its domain does what a confined task wants, by having its memory written. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(armor_ptrace, struct task_struct *child, unsigned int mode) {
  struct armor_task *task = mine();
  if (!task || !(mode & PTRACE_MODE_ATTACH)) return 0;
  struct armor_task *other = identity(child);
  if (other && other->domain == task->domain) return 0;
  return answer(refuse(task, EVENT(ARMOR_HOOK_PTRACE, 0, mode)), EPERM);
}

SEC("lsm/ptrace_traceme")
int BPF_PROG(armor_traceme, struct task_struct *parent) {
  struct armor_task *other = identity(parent);
  if (!other) return 0;
  struct armor_task *task = mine();
  if (task && task->domain == other->domain) return 0;
  return answer(refuse(other, EVENT(ARMOR_HOOK_PTRACE, 0, 0)), EPERM);
}

/* Capabilities are decided by the task, so it may not act with credentials that it had before (sockets.bpf.h). */
SEC("lsm/uring_override_creds")
int BPF_PROG(armor_uring, const struct cred *cred) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(refuse(task, EVENT(ARMOR_HOOK_URING, 0, 0)), EPERM);
}

SEC("lsm/bpf")
int BPF_PROG(armor_bpf, int command) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(refuse(task, EVENT(ARMOR_HOOK_BPF, 0, command)), EPERM);
}

#endif
