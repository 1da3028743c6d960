// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* A baseline for measurements, not a part of armorc: the look-up algorithm of KubeArmor's BPF-LSM enforcer, written anew
 * from a description of its maps, keys and order of look-ups. It decides and sends no events.
 *
 * Rules are a hash of hashes: namespaces to rules, (path, source) to masks, with both in a key of 400 bytes. A file costs
 * its path, its program's path, and one look-up for the path and for each leading directory while there are keys for
 * them, first with the source and then without.
 */
#include "kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include "baseline.h"

#define BPF_MAP_TYPE_HASH_OF_MAPS 13
#define STEPS 20         /* names and mounts in a path */
#define SCANNED 64       /* bytes of a path in which directories are looked for */
#define END 4096         /* where a path ends in its buffer */
#define FIRST_PID_NAMESPACE 0xeffffffcu

struct {
  __uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
  __uint(max_entries, 256);
  __uint(key_size, sizeof(struct baseline_space));
  __array(values, struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 256);
    __uint(key_size, sizeof(struct baseline_key));
    __uint(value_size, sizeof(struct baseline_masks));
  });
} spaces SEC(".maps");

struct work {
  struct baseline_key key;
  __u32 path_at;
  __u32 source_at;
  char path[2 * END];
  char source[2 * END];
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct work);
} works SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct baseline_input);
} input SEC(".maps");

static const struct baseline_key empty = {};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct nsproxy___children {
  struct mnt_namespace *mnt_ns;
  struct pid_namespace *pid_ns_for_children;
};
#pragma clang attribute pop

static __always_inline struct work *work(void) {
  __u32 zero = 0;
  return bpf_map_lookup_elem(&works, &zero);
}

static __always_inline void *rules_of(struct task_struct *task) {
  struct nsproxy___children *proxy = (void *)BPF_CORE_READ(task, nsproxy);
  struct baseline_space space = {
      .processes = BPF_CORE_READ(proxy, pid_ns_for_children, ns.inum),
      .mounts = BPF_CORE_READ(proxy, mnt_ns, ns.inum),
  };
  if (space.processes == FIRST_PID_NAMESPACE) space.processes = space.mounts = 0;
  return bpf_map_lookup_elem(&spaces, &space);
}

/* MARK: Paths. */

/* Writes a path so that it ends at END; where it starts, or 0. What lies deeper than STEPS loses its beginning. */
static __noinline __u32 write_path(char *into, struct path *path) {
  struct dentry *dentry = BPF_CORE_READ(path, dentry);
  struct vfsmount *visible = BPF_CORE_READ(path, mnt);
  struct mount *mount = (void *)visible - bpf_core_field_offset(struct mount, mnt);
  __u32 at = END;
  into[END] = 0;
  for (int i = 0; i < STEPS; i++) {
    struct dentry *root = BPF_CORE_READ(mount, mnt.mnt_root);
    if (dentry == root) {
      struct mount *parent = BPF_CORE_READ(mount, mnt_parent);
      if (parent == mount) break;
      dentry = BPF_CORE_READ(mount, mnt_mountpoint);
      mount = parent;
      continue;
    }
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    if (parent == dentry) break;
    struct qstr name = BPF_CORE_READ(dentry, d_name);
    __u32 count = name.len & 255;
    at -= count + 1;
    at &= END - 1;
    bpf_probe_read_kernel(&into[at + 1], count, name.name);
    into[at] = '/';
    dentry = parent;
  }
  return at == END ? 0 : at;
}

/* MARK: Look-ups. */

static __always_inline void set_key(struct work *w, __u32 bytes, int with_source) {
  bpf_probe_read_kernel(&w->key, sizeof w->key, &empty);
  bpf_probe_read_kernel_str(w->key.path, bytes, &w->path[w->path_at & (END - 1)]);
  if (with_source) bpf_probe_read_kernel_str(w->key.source, FIELD, &w->source[w->source_at & (END - 1)]);
}

/* The directories above a path, from the root down to the first that there is no key for: masks or 0. */
static __noinline __u32 scan(struct work *w, void *rules, int with_source) {
  __u32 at = w->path_at & (END - 1), remembered = 0, direct = 0;
  for (__u32 i = 0; i < SCANNED; i++) {
    char byte = w->path[at + i];
    if (!byte) break;
    if (byte != '/') continue;
    /* A direct child's directory is the last one. */
    direct = 0;
    set_key(w, i + 2, with_source);
    struct baseline_masks *masks = bpf_map_lookup_elem(rules, &w->key);
    if (!masks) break;
    __u32 file = masks->file;
    if (!(file & M_DIRECTORY)) continue;
    if (file & M_RECURSIVE) {
      if (!(file & M_HINT)) return file;
      remembered = file;
    } else {
      direct = file;
    }
  }
  return remembered ? remembered : direct;
}

static __noinline __u32 find(struct work *w, void *rules) {
  set_key(w, FIELD, 1);
  struct baseline_masks *masks = bpf_map_lookup_elem(rules, &w->key);
  if (masks && masks->file & M_READ) return masks->file;
  __u32 found = scan(w, rules, 1);
  if (found) return found;
  set_key(w, FIELD, 0);
  masks = bpf_map_lookup_elem(rules, &w->key);
  if (masks && masks->file & M_READ) return masks->file;
  return scan(w, rules, 0);
}

static __always_inline int is_blocked_by_posture(struct work *w, void *rules, __u8 key) {
  bpf_probe_read_kernel(&w->key, sizeof w->key, &empty);
  w->key.path[0] = key;
  struct baseline_masks *masks = bpf_map_lookup_elem(rules, &w->key);
  return masks && masks->process == POSTURE_BLOCK;
}

static __always_inline int decide(struct work *w, void *rules, int is_owner) {
  __u32 masks = find(w, rules);
  if (!masks) return is_blocked_by_posture(w, rules, K_FILE_POSTURE);
  if (masks & M_OWNER) return !is_owner;
  if (!(masks & M_WRITE)) return 0;
  return (masks & M_DENY) != 0;
}

static __always_inline int write_source(struct work *w, struct task_struct *task) {
  struct file *file = BPF_CORE_READ(task, mm, exe_file);
  if (!file) return 0;
  w->source_at = write_path(w->source, (struct path *)((void *)file + bpf_core_field_offset(struct file, f_path)));
  return w->source_at != 0;
}

/* MARK: Hooks. */

SEC("lsm/file_open")
int BPF_PROG(baseline_file_open, struct file *file) {
  struct task_struct *task = (void *)bpf_get_current_task();
  void *rules = rules_of(task);
  if (!rules) return 0;
  struct work *w = work();
  if (!w) return 0;
  w->path_at = write_path(w->path, &file->f_path);
  if (!w->path_at || !write_source(w, task)) return 0;
  __u32 uid = bpf_get_current_uid_gid();
  return decide(w, rules, BPF_CORE_READ(file, f_inode, i_uid.val) == uid) ? -EACCES : 0;
}

/* By two bytes with the source, then without. */
static __always_inline struct baseline_masks *find_number(struct work *w, void *rules, __u8 kind, __u8 number,
                                                          int with_source) {
  bpf_probe_read_kernel(&w->key, sizeof w->key, &empty);
  w->key.path[0] = kind;
  w->key.path[1] = number;
  if (with_source) bpf_probe_read_kernel_str(w->key.source, FIELD, &w->source[w->source_at & (END - 1)]);
  return bpf_map_lookup_elem(rules, &w->key);
}

SEC("lsm/socket_create")
int BPF_PROG(baseline_socket_create, int family, int type, int protocol, int kern) {
  if (kern) return 0;
  struct task_struct *task = (void *)bpf_get_current_task();
  void *rules = rules_of(task);
  if (!rules) return 0;
  struct work *w = work();
  if (!w || !write_source(w, task)) return 0;
  if (type == 1 && !protocol) protocol = 6;
  if (type == 2 && !protocol) protocol = 17;
  struct baseline_masks *masks = find_number(w, rules, K_SOCKET_TYPE, type, 1);
  if (!masks) masks = find_number(w, rules, K_PROTOCOL, protocol, 1);
  if (!masks) masks = find_number(w, rules, K_SOCKET_TYPE, type, 0);
  if (!masks) masks = find_number(w, rules, K_PROTOCOL, protocol, 0);
  if (masks) return masks->process & M_DENY ? -EACCES : 0;
  return is_blocked_by_posture(w, rules, K_NETWORK_POSTURE) ? -EACCES : 0;
}

SEC("lsm/capable")
int BPF_PROG(baseline_capable, const struct cred *cred, void *ns, int capability, unsigned int options) {
  struct task_struct *task = (void *)bpf_get_current_task();
  void *rules = rules_of(task);
  if (!rules) return 0;
  struct work *w = work();
  if (!w || !write_source(w, task)) return 0;
  struct baseline_masks *masks = find_number(w, rules, K_CAPABILITY, capability, 1);
  if (!masks) masks = find_number(w, rules, K_CAPABILITY, capability, 0);
  if (masks) return masks->process & M_DENY ? -EACCES : 0;
  return is_blocked_by_posture(w, rules, K_CAPABILITY_POSTURE) ? -EACCES : 0;
}

/* What a program costs that does nothing. */
SEC("lsm/file_open")
int BPF_PROG(baseline_nothing, struct file *file) { return 0; }

/* The look-ups alone, of paths that are given. */
SEC("tc")
int baseline_test(struct __sk_buff *packet) {
  __u32 zero = 0;
  struct baseline_input *in = bpf_map_lookup_elem(&input, &zero);
  struct work *w = work();
  if (!in || !w) return 2;
  struct baseline_space host = {};
  void *rules = bpf_map_lookup_elem(&spaces, &host);
  if (!rules) return 2;
  __u32 turn = in->turn++ & in->turns & 255;
  w->path_at = END - 256;
  w->source_at = END - 256;
  bpf_probe_read_kernel(&w->path[END - 256], 256, in->paths[turn]);
  bpf_probe_read_kernel(&w->source[END - 256], 256, in->source);
  if (in->skip) return 0;
  int denied = decide(w, rules, 1);
  in->denied += denied;
  return denied;
}

char bench_license[] SEC("license") = "GPL";
