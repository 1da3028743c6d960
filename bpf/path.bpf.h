/* Writes the path of an object into scratch, from the root of the task's mount namespace, whatever its root directory.
 *
 * Within the first mount the dentries come typed, and reading a member is a load; above a mount point they are numbers,
 * and a read is a call.
 */
#ifndef PATH_BPF_H
#define PATH_BPF_H

#include "state.bpf.h"

#define MAX_NAME 255
#define MAX_STEPS 4200 /* one-letter components and mounts */

enum ascent { ON_THE_WAY, AT_MOUNT, AT_TOP, FAILED };

struct ascend {
  struct dentry *dentry;
  struct dentry *root;
  struct armor_scratch *s;
  __u32 at;
  __u32 end;
};

/* Puts '/' and a name of `count` bytes in front of `at`; 0 if there is no room. */
static __always_inline __u32 prepend(struct armor_scratch *s, __u32 at, __u32 count, const void *name) {
  if (count == 0 || count > MAX_NAME) return 0;
  __u64 start = at - count - 1;
  OPAQUE(start);
  if (start < s->floor || start > SOURCE_END) return 0;
  OPAQUE(count);
  count &= 255;
  bpf_probe_read_kernel(&s->bytes[start + 1], count, name);
  s->bytes[start] = '/';
  return start;
}

static long ascend_typed(__u32 index, struct ascend *a) {
  struct dentry *dentry = a->dentry;
  if (dentry == a->root) {
    a->end = AT_MOUNT;
    return 1;
  }
  struct dentry *parent = dentry->d_parent;
  if (parent == dentry) {
    a->end = AT_TOP;
    return 1;
  }
  __u32 at = prepend(a->s, a->at, dentry->d_name.len, dentry->d_name.name);
  if (!at) {
    a->end = FAILED;
    return 1;
  }
  a->at = at;
  a->dentry = parent;
  return 0;
}

#define MEMBER(type, member) bpf_core_field_offset(((type *)0)->member)

static __always_inline __u64 word_at(__u64 address) {
  __u64 word = 0;
  bpf_probe_read_kernel(&word, sizeof word, (void *)address);
  return word;
}

struct climb {
  struct armor_scratch *s;
  __u64 dentry;
  __u64 root;
  __u64 mount;
  __u64 top;
  __u32 at;
  __u32 end;
};

static long climb_step(__u32 index, struct climb *c) {
  if (c->dentry == c->root) {
    if (c->mount == c->top) {
      c->end = AT_MOUNT;
      return 1;
    }
    /* The members stand side by side on every known kernel, and one read is cheaper than two. */
    struct {
      __u64 parent;
      __u64 mountpoint;
    } up;
    if (MEMBER(struct mount, mnt_mountpoint) == MEMBER(struct mount, mnt_parent) + 8) {
      bpf_probe_read_kernel(&up, sizeof up, (void *)(c->mount + MEMBER(struct mount, mnt_parent)));
    } else {
      up.parent = word_at(c->mount + MEMBER(struct mount, mnt_parent));
      up.mountpoint = word_at(c->mount + MEMBER(struct mount, mnt_mountpoint));
    }
    if (up.parent == c->mount || !up.parent) {
      c->end = AT_MOUNT;
      return 1;
    }
    c->mount = up.parent;
    c->dentry = up.mountpoint;
    c->root = word_at(up.parent + MEMBER(struct mount, mnt.mnt_root));
    return 0;
  }
  struct {
    __u64 parent;
    __u32 hash;
    __u32 count;
    __u64 name;
  } d;
  if (MEMBER(struct dentry, d_name.len) == MEMBER(struct dentry, d_parent) + 12 &&
      MEMBER(struct dentry, d_name.name) == MEMBER(struct dentry, d_parent) + 16) {
    bpf_probe_read_kernel(&d, sizeof d, (void *)(c->dentry + MEMBER(struct dentry, d_parent)));
  } else {
    d.parent = word_at(c->dentry + MEMBER(struct dentry, d_parent));
    d.count = word_at(c->dentry + MEMBER(struct dentry, d_name.len));
    d.name = word_at(c->dentry + MEMBER(struct dentry, d_name.name));
  }
  if (d.parent == c->dentry) {
    c->end = AT_TOP;
    return 1;
  }
  __u32 at = prepend(c->s, c->at, d.count, (void *)d.name);
  if (!at) {
    c->end = FAILED;
    return 1;
  }
  c->at = at;
  c->dentry = d.parent;
  return 0;
}

/* From `dentry`, `root`, `mount`, `start` to the top of the namespace; sets `start`, `pathless`, `trouble`. */
__noinline int armor_climb(struct armor_scratch *s) {
  if (!s) return 0;
  struct climb c = {
      .s = s,
      .dentry = s->dentry,
      .root = s->root,
      .mount = s->mount,
      .top = s->top,
      .at = s->start,
  };
  bpf_loop(MAX_STEPS, climb_step, &c, 0);
  if (c.end == ON_THE_WAY || c.end == FAILED) {
    s->trouble = ARMOR_PATH_TOO_LONG;
  } else if (c.end != AT_MOUNT || c.mount != c.top) {
    if (word_at(c.mount + MEMBER(struct mount, mnt_ns)) == MNT_NS_INTERNAL)
      s->pathless = 1;
    else
      s->trouble = ARMOR_PATH_DETACHED;
  }
  s->start = c.at;
  return 0;
}

/* Before a path that ends at `end`. */
static __always_inline void begin_path(struct armor_scratch *s, __u32 end) {
  s->start = end;
  s->floor = end - ARMOR_MAX_PATH;
  s->pathless = 0;
  s->trouble = 0;
  s->bytes[end] = 0;
  s->top = (__u64)bpf_get_current_task_btf()->nsproxy->mnt_ns->root;
}

/* The root directory alone has no component in front of which a slash would stand. */
static __always_inline void end_path(struct armor_scratch *s, __u32 end) {
  if (s->start == end) {
    s->start = end - 1;
    s->bytes[end - 1] = '/';
  }
}

/* The path of `dentry`, which was reached through `mnt`, so that it ends at `end`. */
static __always_inline void write_path_to(struct armor_scratch *s, struct dentry *dentry, struct vfsmount *mnt,
                                          __u32 end) {
  begin_path(s, end);
  struct ascend a = {.dentry = dentry, .root = mnt->mnt_root, .s = s, .at = end};
  bpf_loop(MAX_STEPS, ascend_typed, &a, 0);
  s->start = a.at;
  s->mount = (__u64)mnt;
  s->dentry = (__u64)a.dentry;
  s->root = (__u64)a.root;
  asm volatile("" ::: "memory");
  s->mount -= MEMBER(struct mount, mnt);
  if (a.end == AT_MOUNT && s->mount == s->top) {
    end_path(s, end);
  } else if (a.end == AT_MOUNT || a.end == AT_TOP) {
    armor_climb(s);
    end_path(s, end);
  } else {
    s->trouble = ARMOR_PATH_TOO_LONG;
  }
}

static __always_inline void write_path(struct armor_scratch *s, struct dentry *dentry, struct vfsmount *mnt) {
  write_path_to(s, dentry, mnt, PATH_END);
}

/* The same for addresses. */
static __always_inline void write_path_at(struct armor_scratch *s, __u64 dentry, __u64 mnt) {
  begin_path(s, PATH_END);
  s->dentry = dentry;
  s->root = word_at(mnt + MEMBER(struct vfsmount, mnt_root));
  s->mount = mnt - MEMBER(struct mount, mnt);
  armor_climb(s);
  end_path(s, PATH_END);
}

#endif
