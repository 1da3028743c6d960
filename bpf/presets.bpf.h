/* What the presets cover. They are asked only where the image has some (ARMOR_HAS_PRESETS). */
#ifndef PRESETS_BPF_H
#define PRESETS_BPF_H

#include "decide.bpf.h"

/* Deleted, or never linked (O_TMPFILE): what /proc would show as "(deleted)". */
static __always_inline int deleted(struct dentry *dentry) {
  return !dentry->d_hash.pprev && dentry->d_parent != dentry;
}

static __always_inline int begins(const __u8 *bytes, const char *with, int count) {
  for (int i = 0; i < count; i++)
    if (bytes[i] != (__u8)with[i]) return 0;
  return 1;
}
#define BEGINS(bytes, with) begins(bytes, with, sizeof with - 1)

/* filelessExec, of the path in scratch. */
static __always_inline int fileless(struct armor_scratch *s, struct dentry *dentry) {
  if (s->pathless || deleted(dentry)) return 1;
  if (s->trouble) return 0;
  __u64 at = s->start;
  OPAQUE(at);
  if (at > PATH_END) return 0;
  const __u8 *bytes = s->bytes + at;
  return BEGINS(bytes, "/dev/shm/") || BEGINS(bytes, "/run/shm/");
}

/* Whether a proc inode belongs to a process that is not the task's own. */
static __always_inline int of_another_process(struct armor_scratch *s, struct inode *inode) {
  s->pid = (__u64)inode;
  asm volatile("" ::: "memory");
  __u64 pid = word_at(s->pid - MEMBER(struct proc_inode, vfs_inode) + MEMBER(struct proc_inode, pid));
  if (!pid) return 0;
  __u64 thread = word_at(pid + MEMBER(struct pid, tasks));
  /* One that is gone is nobody's own. */
  if (!thread) return 1;
  int tgid = word_at(thread - MEMBER(struct task_struct, pid_links) + MEMBER(struct task_struct, tgid));
  return tgid != bpf_get_current_task_btf()->tgid;
}

#define ENVIRON 0x006e6f7269766e65ull /* "environ" */

/* protectEnv and protectProc, of a file of proc that is opened. */
static __always_inline int proc_presets(struct armor_scratch *s, struct dentry *dentry, struct inode *inode) {
  if (inode->i_sb->s_magic != PROC_SUPER_MAGIC || !of_another_process(s, inode)) return 0;
  __u32 environment = ARMOR_ALLOW, process = preset_cell(s, ARMOR_PROTECT_PROC);
  if (dentry->d_name.len == 7 && word_at((__u64)dentry->d_name.name) == ENVIRON)
    environment = preset_cell(s, ARMOR_PROTECT_ENV);
  /* What is denied is not audited too. */
  if (ARMOR_VERDICT(process) == ARMOR_BLOCK && ARMOR_VERDICT(environment) != ARMOR_BLOCK)
    environment = ARMOR_ALLOW;
  if (settle(s, ARMOR_PROTECT_ENV, environment)) return 1;
  return settle(s, ARMOR_PROTECT_PROC, process);
}

/* What covers a file that the classes let through. */
static __noinline int file_presets(struct armor_scratch *s, struct dentry *dentry, struct inode *inode) {
  if (!inode) return 0;
  if (s->hook == ARMOR_HOOK_OPEN) return proc_presets(s, dentry, inode);
  if (s->hook != ARMOR_HOOK_MMAP || !(s->mode & PROT_EXEC)) return 0;
  /* What is written to a private mapping is no file's. */
  int private = s->mode & PROT_WRITE && !(s->operations & 1u << ARMOR_WRITE);
  if (!private && !s->pathless && !deleted(dentry)) return 0;
  return decide_preset(s, ARMOR_ANONYMOUS_MAP_EXEC);
}

/* Writes the path of a file that is mapped: whether it has no name. */
static __always_inline int nameless(struct armor_scratch *s, struct file *file) {
  s->pid = (__u64)file;
  asm volatile("" ::: "memory");
  __u64 path = s->pid + MEMBER(struct file, f_path);
  /* An overlay maps a file of its layers; older kernels give it the path of the overlay's. FMODE_BACKING is not the same
   * bit on all kernels; nothing else that can be mapped is not accounted for. */
  if (bpf_core_type_exists(struct backing_file) && file->f_mode & FMODE_NOACCOUNT)
    path = s->pid - MEMBER(struct backing_file, file) + MEMBER(struct backing_file, user_path);
  __u64 dentry = word_at(path + MEMBER(struct path, dentry));
  write_path_at(s, dentry, word_at(path + MEMBER(struct path, mnt)));
  return s->pathless || (!word_at(dentry + MEMBER(struct dentry, d_hash.pprev)) &&
                         word_at(dentry + MEMBER(struct dentry, d_parent)) != dentry);
}

/* anonymousMapExec, where no path is asked for. `is_written`: some bytes are no file's. */
static __noinline int memory_event(struct armor_task *task, struct file *file, __u32 is_written, __u64 event) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  s->hook = event;
  s->operations = event >> 8 & 0xff;
  s->mode = event >> 32;
  s->answered = 0;
  __u32 cell = preset_cell(s, ARMOR_ANONYMOUS_MAP_EXEC);
  if (!s->answered) {
    denied = undecided(s, LOUD, ARMOR_READ);
  } else if (ARMOR_VERDICT(cell) != ARMOR_ALLOW) {
    if (file) {
      s->owner_uid = file->f_inode->i_uid.val;
      s->is_owner = bpf_get_current_task_btf()->cred->fsuid.val == s->owner_uid;
      if (!nameless(s, file) && !is_written) goto out;
    }
    denied = settle(s, ARMOR_ANONYMOUS_MAP_EXEC, cell);
  }
out:
  end(s, task);
  return denied;
}

#endif
