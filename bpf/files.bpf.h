/* Files: every hook asks what SEMANTICS calls read or write of a path. */
#ifndef FILES_BPF_H
#define FILES_BPF_H

#include "tasks.bpf.h"

#define READS (1u << ARMOR_READ)
#define WRITES (1u << ARMOR_WRITE)

/* What a hook asks: hook | operations << 8 | mode << 32. */
#define EVENT(hook, operations, mode) ((__u64)(hook) | (__u64)(operations) << 8 | (__u64)(mode) << 32)

static __always_inline void describe(struct armor_scratch *s, __u64 event, struct inode *inode) {
  s->class = ARMOR_FILE;
  s->hook = event;
  s->operations = event >> 8 & 0xff;
  s->mode = event >> 32;
  if (inode) {
    s->is_owner = owns(inode, &s->owner_uid);
  } else {
    s->is_owner = 1;
    s->owner_uid = bpf_get_current_task_btf()->cred->fsuid.val;
  }
}

/* Decides an event on one path. No inode: the task makes the object and owns it. */
static __noinline int path_event(struct armor_task *task, struct dentry *dentry, struct vfsmount *mnt,
                                 struct inode *inode, __u64 event) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  describe(s, event, inode);
  write_path(s, dentry, mnt);
  /* Pipes, sockets, memfd: no file events (SEMANTICS, section 4). */
  denied = s->pathless ? 0 : armor_decide_path(s);
  if (!denied && (s->pathless || s->image_flags & ARMOR_HAS_PRESETS)) denied = file_presets(s, dentry, inode);
  end(s, task);
  return denied;
}

static __always_inline int file_event(struct armor_task *task, struct file *file, __u64 event) {
  return answer(path_event(task, file->f_path.dentry, file->f_path.mnt, file->f_inode, event), EACCES);
}

SEC("lsm/file_open")
int BPF_PROG(armor_file_open, struct file *file) {
  struct armor_task *task = mine();
  if (!task) return 0;
  __u32 mode = file->f_mode, flags = file->f_flags;
  /* Executing is no read; an overlay opens the file of its layer after the task opened its own. */
  if (flags & __FMODE_EXEC || mode & FMODE_NOACCOUNT) return 0;
  __u32 operations = (mode & FMODE_READ ? READS : 0) | (mode & FMODE_WRITE ? WRITES : 0);
  /* Making it was decided by path_mknod. */
  if (mode & FMODE_CREATED && !(flags & O_TMPFILE_BIT)) operations &= ~WRITES;
  if (!operations) return 0;
  return file_event(task, file, EVENT(ARMOR_HOOK_OPEN, operations, flags));
}

SEC("lsm/mmap_file")
int BPF_PROG(armor_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot, unsigned long flags) {
  struct armor_task *task = mine();
  if (!task) return 0;
  /* Kernels tell the verifier that there is always a file: it would leave out a test of `file` itself. */
  __u64 address = 0;
  bpf_probe_read_kernel(&address, sizeof address, ctx);
  if (!address) {
    if (!(prot & PROT_EXEC)) return 0;
    return answer(memory_event(task, 0, 1, EVENT(ARMOR_HOOK_MMAP, READS, prot)), EACCES);
  }
  __u32 operations = prot & (PROT_READ | PROT_EXEC) ? READS : 0;
  if (prot & PROT_WRITE && (flags & MAP_TYPE) != MAP_PRIVATE) operations |= WRITES;
  if (!operations) return 0;
  /* The program itself: the kernel maps what was executed. */
  if (operations == READS && bpf_get_current_task_btf()->mm->exe_file->f_inode == file->f_inode) {
    if (!(prot & PROT_EXEC) || !(prot & PROT_WRITE)) return 0;
    return answer(memory_event(task, file, 1, EVENT(ARMOR_HOOK_MMAP, READS, prot)), EACCES);
  }
  return file_event(task, file, EVENT(ARMOR_HOOK_MMAP, operations, prot));
}

/* Memory becomes executable: of no file, of a file without a name, or of a private mapping that was or can be written. */
SEC("lsm/file_mprotect")
int BPF_PROG(armor_mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot) {
  if (!(prot & PROT_EXEC)) return 0;
  struct armor_task *task = mine();
  if (!task) return 0;
  unsigned long flags = vma->vm_flags;
  if (flags & VM_EXEC && !(prot & PROT_WRITE)) return 0;
  struct file *file = vma->vm_file;
  int written = !file || (!(flags & VM_SHARED) && (prot & PROT_WRITE || vma->anon_vma));
  return answer(memory_event(task, file, written, EVENT(ARMOR_HOOK_MPROTECT, READS, prot)), EACCES);
}

SEC("lsm/file_lock")
int BPF_PROG(armor_file_lock, struct file *file, unsigned int command) {
  struct armor_task *task = mine();
  if (!task || command == F_UNLCK) return 0;
  return file_event(task, file, EVENT(ARMOR_HOOK_OPEN, READS, 0));
}

SEC("lsm/file_truncate")
int BPF_PROG(armor_file_truncate, struct file *file) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return file_event(task, file, EVENT(ARMOR_HOOK_TRUNCATE, WRITES, 0));
}

/* A write of `path` itself. */
#define PATH_HOOK(name, hook)                                                                              \
  SEC("lsm/" #name)                                                                                        \
  int BPF_PROG(armor_##name, struct path *path) {                                                          \
    struct armor_task *task = mine();                                                                      \
    if (!task) return 0;                                                                                   \
    struct dentry *dentry = path->dentry;                                                                  \
    return answer(path_event(task, dentry, path->mnt, dentry->d_inode, EVENT(hook, WRITES, 0)), EACCES);   \
  }
PATH_HOOK(path_truncate, ARMOR_HOOK_TRUNCATE)
PATH_HOOK(path_chmod, ARMOR_HOOK_CHMOD)
PATH_HOOK(path_chown, ARMOR_HOOK_CHOWN)

/* A write of an entry that the task makes. */
#define MAKE_HOOK(name, hook)                                                                  \
  SEC("lsm/" #name)                                                                            \
  int BPF_PROG(armor_##name, struct path *dir, struct dentry *dentry, __u64 mode) {            \
    struct armor_task *task = mine();                                                          \
    if (!task) return 0;                                                                       \
    return answer(path_event(task, dentry, dir->mnt, 0, EVENT(hook, WRITES, 0)), EACCES);      \
  }
MAKE_HOOK(path_mkdir, ARMOR_HOOK_MKDIR)
MAKE_HOOK(path_symlink, ARMOR_HOOK_SYMLINK)
MAKE_HOOK(path_mknod, (mode & S_IFMT & ~S_IFREG) ? ARMOR_HOOK_MKNOD : ARMOR_HOOK_CREATE)

/* Denied to every task with a policy. */
static __noinline int refuse(struct armor_task *task, __u64 event) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  s->hook = event;
  s->mode = event >> 32;
  s->class = ARMOR_CAPABILITIES;
  refuse_alias(s, LOUD, 0);
  end(s, task);
  return 1;
}

/* An entry goes away. In a BPF file system that could be the matcher itself. */
#define REMOVE_HOOK(name, hook)                                                                            \
  SEC("lsm/" #name)                                                                                        \
  int BPF_PROG(armor_##name, struct path *dir, struct dentry *dentry) {                                    \
    struct armor_task *task = mine();                                                                      \
    if (!task) return 0;                                                                                   \
    if (dentry->d_sb->s_magic == BPF_FS_MAGIC) return answer(refuse(task, EVENT(hook, 0, 0)), EACCES);     \
    return answer(path_event(task, dentry, dir->mnt, dentry->d_inode, EVENT(hook, WRITES, 0)), EACCES);    \
  }
REMOVE_HOOK(path_unlink, ARMOR_HOOK_UNLINK)
REMOVE_HOOK(path_rmdir, ARMOR_HOOK_RMDIR)

static __always_inline int is_directory(struct inode *inode) { return inode && (inode->i_mode & S_IFMT) == S_IFDIR; }

/* Both ends are written. What lies below a directory must mean the same under both names, or nothing. */
SEC("lsm/path_rename")
int BPF_PROG(armor_path_rename, struct path *old_dir, struct dentry *old, struct path *new_dir, struct dentry *new,
             unsigned int flags) {
  struct armor_task *task = mine();
  if (!task) return 0;
  if (old->d_sb->s_magic == BPF_FS_MAGIC) return answer(refuse(task, EVENT(ARMOR_HOOK_RENAME, 0, 0)), EACCES);
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return answer(denied, EACCES);
  int exchange = (flags & RENAME_EXCHANGE) != 0;
  describe(s, EVENT(ARMOR_HOOK_RENAME, WRITES, flags), old->d_inode);
  s->directory = is_directory(old->d_inode);
  if (exchange) {
    /* Both names are written for both objects; who does not own one of them is the stricter case. */
    struct inode *other = new->d_inode;
    __u32 uid;
    if (!other || !owns(other, &uid)) s->is_owner = 0;
    if (is_directory(other)) s->directory = 1;
  }
  write_path(s, old, old_dir->mnt);
  denied = s->pathless ? 0 : armor_decide_path(s);
  if (!denied) {
    __u32 below = s->below, guarded = s->guarded;
    write_path(s, new, new_dir->mnt);
    denied = s->pathless ? 0 : armor_decide_path(s);
    if (!denied && below != s->below && (guarded || s->guarded)) denied = refuse_alias(s, LOUD, ARMOR_WRITE);
  }
  end(s, task);
  return answer(denied, EACCES);
}

/* A second name is written, and must not be allowed what the first is not. */
SEC("lsm/path_link")
int BPF_PROG(armor_path_link, struct dentry *old, struct path *new_dir, struct dentry *new) {
  struct armor_task *task = mine();
  if (!task) return 0;
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return answer(denied, EACCES);
  describe(s, EVENT(ARMOR_HOOK_LINK, 0, 0), old->d_inode);
  write_path(s, old, new_dir->mnt);
  denied = armor_decide_path(s);
  if (!denied) {
    s->other_label = s->label;
    s->operations = WRITES;
    write_path(s, new, new_dir->mnt);
    denied = armor_decide_path(s);
    s->weaker = 0;
    if (!denied && !s->trouble) compare(s);
    if (s->weaker) denied = refuse_alias(s, LOUD, ARMOR_WRITE);
  }
  end(s, task);
  return answer(denied, EACCES);
}

#endif
