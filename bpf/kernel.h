/* What the matcher knows of the kernel: the members it reads (their offsets are found when the program is loaded) and
 * the numbers of the BPF interface. Stands in for a generated vmlinux.h.
 */
#ifndef KERNEL_H
#define KERNEL_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

#define EPERM 1
#define EAGAIN 11
#define EACCES 13

enum {
  BPF_MAP_TYPE_HASH = 1,
  BPF_MAP_TYPE_ARRAY = 2,
  BPF_MAP_TYPE_PERCPU_ARRAY = 6,
  BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
  BPF_MAP_TYPE_RINGBUF = 27,
  BPF_MAP_TYPE_TASK_STORAGE = 29,
};
enum {
  BPF_ANY = 0,
  BPF_F_NO_PREALLOC = 1,
  BPF_F_RDONLY_PROG = 128,
  BPF_F_MMAPABLE = 1024,
  BPF_LOCAL_STORAGE_GET_F_CREATE = 1,
  BPF_RB_NO_WAKEUP = 1,
  BPF_RB_FORCE_WAKEUP = 2,
  BPF_RB_AVAIL_DATA = 0,
};

/* include/linux/fs.h */
#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
#define FMODE_CREATED 0x100000u
#define FMODE_NOACCOUNT 0x20000000u
#define __FMODE_EXEC 0x20u
#define O_TMPFILE_BIT 020000000u
#define S_IFMT 0170000u
#define S_IFREG 0100000u
#define S_IFDIR 0040000u
#define RENAME_EXCHANGE 2u
#define F_UNLCK 2u
#define PROT_READ 1ul
#define PROT_WRITE 2ul
#define PROT_EXEC 4ul
#define MAP_TYPE 0xful
#define MAP_PRIVATE 2ul
#define MS_REMOUNT 32ul
#define MS_BIND 4096ul
#define MS_MOVE 8192ul
#define MS_PROPAGATION ((1ul << 17) | (1ul << 18) | (1ul << 19) | (1ul << 20))
#define BPF_FS_MAGIC 0xcafe4a11ul
#define MNT_DETACH 2
#define PROC_SUPER_MAGIC 0x9fa0ul
/* include/linux/mm.h */
#define VM_EXEC 4ul
#define VM_SHARED 8ul
/* fs/mount.h: the namespace of mounts that nobody sees (pipes, memfd, layers of an overlay). */
#define MNT_NS_INTERNAL ((__u64)-22)

/* arch/x86: the task is in a system call of the 32-bit interface, whose numbers are others. */
#define TS_COMPAT 2u

#define PTRACE_MODE_ATTACH 2u
#define PF_IO_WORKER 0x10u
#define CAP_OPT_NOAUDIT 2u

#define AF_UNSPEC 0
#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define IPPROTO_ICMP 1
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
  __u32 val;
} kuid_t;
struct super_block {
  unsigned long s_magic;
};
struct inode {
  __u16 i_mode;
  kuid_t i_uid;
  struct super_block *i_sb;
};
/* fs/proc/internal.h */
struct proc_inode {
  struct pid *pid; /* whose directory the inode is in, if any */
  struct inode vfs_inode;
};
struct hlist_bl_node {
  struct hlist_bl_node *next, **pprev;
};
struct hlist_node {
  struct hlist_node *next, **pprev;
};
struct hlist_head {
  struct hlist_node *first;
};
struct qstr {
  __u32 len;
  const unsigned char *name;
};
struct dentry {
  struct hlist_bl_node d_hash;
  struct dentry *d_parent;
  struct qstr d_name;
  struct inode *d_inode;
  struct super_block *d_sb;
};
struct vfsmount {
  struct dentry *mnt_root;
  struct super_block *mnt_sb;
};
struct ns_common {
  __u32 inum;
};
struct list_head {
  struct list_head *next, *prev;
};
struct mount {
  struct mount *mnt_parent;
  struct dentry *mnt_mountpoint;
  struct vfsmount mnt;
  struct list_head mnt_mounts; /* mounts on it */
  struct mnt_namespace *mnt_ns;
};
struct mnt_namespace {
  struct ns_common ns;
  struct mount *root;
};
struct path {
  struct vfsmount *mnt;
  struct dentry *dentry;
};
struct file {
  struct path f_path;
  struct inode *f_inode;
  __u32 f_flags;
  __u32 f_mode;
};
/* A file of an overlay's layer, from 6.5 on. */
struct backing_file {
  struct file file;
  struct path user_path;
};
struct pid_namespace {
  struct ns_common ns;
};
struct upid {
  int nr;
  struct pid_namespace *ns;
};
struct pid {
  __u32 level;
  struct hlist_head tasks[4]; /* the first of them: the one thread */
  struct upid numbers[1];
};
struct nsproxy {
  struct mnt_namespace *mnt_ns;
};
struct cred {
  kuid_t uid;
  kuid_t fsuid;
};
struct mm_struct {
  struct file *exe_file;
};
struct anon_vma;
struct vm_area_struct {
  unsigned long vm_flags;
  struct anon_vma *anon_vma; /* some page is not the file's any more */
  struct file *vm_file;
};
struct kernfs_node {
  __u64 id;
};
struct cgroup_root {
  int hierarchy_id;
};
struct cgroup_subsys_state {
  struct cgroup *cgroup;
  struct cgroup_subsys_state *parent;
};
struct cgroup {
  struct cgroup_subsys_state self;
  struct kernfs_node *kn;
  struct cgroup_root *root;
};
struct css_set {
  struct cgroup *dfl_cgrp;
};
struct thread_info {
  __u32 status;
};
struct task_struct {
  struct thread_info thread_info;
  int pid;
  int tgid;
  struct task_struct *real_parent;
  struct task_struct *group_leader;
  char comm[16];
  struct nsproxy *nsproxy;
  const struct cred *real_cred;
  const struct cred *cred;
  __u32 flags;
  struct mm_struct *mm;
  struct pid *thread_pid;
  struct hlist_node pid_links[4];
  struct css_set *cgroups;
  void *io_uring; /* it has, or had, a ring */
};
struct linux_binprm {
  struct file *file;
};
struct sock_common {
  __u16 skc_family;
};
struct sock {
  struct sock_common __sk_common;
  __u16 sk_protocol;
  __u16 sk_type;
};
struct socket {
  short type;
  struct sock *sk;
};
struct unix_sock {
  struct path path;
};
struct msghdr {
  void *msg_name;
  int msg_namelen;
};
struct pt_regs {
  unsigned long di;
  unsigned long si;
  unsigned long dx;
  unsigned long r10;
};
struct seq_file;
struct bpf_iter_meta {
  struct seq_file *seq;
};
struct bpf_iter__task {
  struct bpf_iter_meta *meta;
  struct task_struct *task;
};

#pragma clang attribute pop

#endif
