/* The contract between the compiler, the loader and the matcher: map images, maps and events.
 *
 * Included by the eBPF program, by the C target that Swift imports, and by nothing else. Numbers are little-endian;
 * every structure has the same layout on both sides (a test compares sizes and offsets with ARMOR_LAYOUT).
 * docs/bpf-image.md tells the format in words.
 */
#ifndef ARMOR_H
#define ARMOR_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* MARK: The image: the value of the only element of a map, one per subject. */

#define ARMOR_IMAGE_MAGIC 0x474d4941 /* "AIMG" */
/* Raised when the image, or a structure in a map that programs keep, changes its meaning: programs of one version take
 * over the maps of another armorc of the same version. */
#define ARMOR_IMAGE_VERSION 1

/* The size of a map's value is that of a tier; an image is padded with zeros. */
#define ARMOR_TIERS 6
#define ARMOR_TIER_BYTES(tier) (1u << (14 + 2 * (tier))) /* 16 KiB, 64 KiB, 256 KiB, 1 MiB, 4 MiB, 16 MiB */

/* One slot of the automata, all of which lie in one table.
 *
 * A state is the index of its first slot. That slot holds ARMOR_STATE | flags | label, and the state that every byte
 * leads to which has no slot of its own. The slot at `state + class` belongs to the state if `owner` is the state; then
 * `next` is where a byte of that class leads. No slot belongs to two states.
 */
struct armor_slot {
  __u32 owner;
  __u32 next;
};
#define ARMOR_STATE 0x80000000u
/* Some string that goes on from here, one byte or more, is blocked for some source or owner (audited ones do not count:
 * nothing that is only audited is ever denied). Only in the automaton of ARMOR_PATHS. */
#define ARMOR_GUARDED 0x40000000u
#define ARMOR_LABEL 0x00ffffffu

enum armor_automaton {
  ARMOR_PATHS,           /* labels are path classes, from 1; what is no path may have any of them */
  ARMOR_SOURCES,         /* labels are source classes */
  ARMOR_SYSCALL_PATHS,   /* labels are classes of path arguments, 0 no path */
  ARMOR_SYSCALL_SOURCES, /* labels are source classes of system calls, 0 no source */
  ARMOR_AUTOMATA
};

enum armor_operation { ARMOR_EXEC, ARMOR_READ, ARMOR_WRITE };

/* A cell: two bits of verdict, above them who decided. */
enum armor_verdict { ARMOR_ALLOW, ARMOR_AUDIT, ARMOR_BLOCK };
#define ARMOR_VERDICT(cell) ((cell) & 3)
#define ARMOR_REASON(cell) ((cell) >> 2)
#define ARMOR_NOBODY 0        /* nothing speaks of the event */
#define ARMOR_POSTURE 1       /* + enum armor_class: the default posture of that class */
#define ARMOR_RECORD 16       /* + index into the records of the bundle */
#define ARMOR_MAX_RECORDS 16368

enum armor_class {
  ARMOR_PROCESS,
  ARMOR_FILE,
  ARMOR_NETWORK,
  ARMOR_CAPABILITIES,
  ARMOR_SYSCALLS,
  ARMOR_CLASSES,
  ARMOR_PRESET = ARMOR_CLASSES /* of records and of the test entry; it has no posture, and events are of another class */
};

/* Presets: one cell each, by a record or ARMOR_ALLOW. */
enum armor_preset {
  ARMOR_FILELESS_EXEC,
  ARMOR_ANONYMOUS_MAP_EXEC,
  ARMOR_PROTECT_ENV,
  ARMOR_PROTECT_PROC,
  ARMOR_TERMINAL_EXEC, /* always ARMOR_ALLOW: the kernel cannot tell who entered a container */
  ARMOR_PRESETS
};

#define ARMOR_SOCKET_CELLS 112   /* 4 families x 7 types x 4 protocols, as IR.SocketCell */
#define ARMOR_CAPABILITY_CELLS 64
#define ARMOR_SYSCALL_NUMBERS 512
#define ARMOR_NO_SYSCALL 0xffff
#define ARMOR_MAX_SOURCES 4096

/* A named source: which class a path is in whose hash is known but whose bytes are gone. */
struct armor_source {
  __u64 hash;   /* zero in a file: the loader fills it in (armor_hash over the path, with the node's key), sorted */
  __u32 source; /* source class */
  __u32 syscall_source;
};

/* Offsets are in bytes from the start of the image. The tables follow each other without gaps in this order: slots (from
 * the first multiple of 8 after this structure), named, row, cell, socket, capability, syscall, syscall_cell, zeros up to a
 * multiple of 8. Slots suffice for every state plus every class that `classes` names. */
struct armor_image {
  __u32 magic;
  __u32 version;
  __u32 bytes;      /* used, this structure included */
  __u32 generation; /* zero in a file: the loader fills it in */
  __u32 slots_at;
  __u32 slots;
  __u32 absorbing;  /* states 1 ... absorbing lead to themselves by every byte; slot 0 is no state */
  __u32 start[ARMOR_AUTOMATA];
  __u32 labels;     /* path classes; 0 is none, and free */
  __u32 sources;    /* source classes; 0 is no source and every source without a name */
  __u32 rows;
  __u32 row_at;        /* __u16 [sources][labels]: row */
  __u32 cell_at;       /* __u16 [rows][8]: cell at operation * 2 + owner; the last two zero */
  __u32 socket_at;     /* __u16 [sources][ARMOR_SOCKET_CELLS] */
  __u32 capability_at; /* __u16 [sources][ARMOR_CAPABILITY_CELLS] */
  __u32 named_at;      /* struct armor_source [named] */
  __u32 named;
  __u32 syscall_at;      /* __u16 [ARMOR_SYSCALL_NUMBERS]: row or ARMOR_NO_SYSCALL; 0 if there are none */
  __u32 syscall_cell_at; /* __u16 [syscall rows][syscall_sources][syscall_paths] */
  __u32 syscall_rows;
  __u32 syscall_sources;
  __u32 syscall_paths;
  /* Bit per enum armor_class: what can't be decided is denied, since some rule or posture of the class blocks. */
  __u32 fail_closed;
  /* Bit per enum armor_class: events that are allowed are reported as logs. */
  __u32 visible;
  __u32 flags;
  __u16 preset[ARMOR_PRESETS]; /* cells */
  __u16 reserved;
  /* Byte to its class, 1 ... 255; 0 for NUL alone, which no path holds. */
  __u8 classes[256];
};
/* What a policy asks for beyond tables. */
#define ARMOR_BLOCK_FILELESS 1u  /* executing an object without a path is denied (allow-list with posture block) */
#define ARMOR_AUDIT_FILELESS 2u
#define ARMOR_HAS_PRESETS 4u     /* some cell of `preset` is not ARMOR_ALLOW */

#define ARMOR_MAX_PATH 4095

/* MARK: The file: `bpf.img` of a bundle.
 *
 * This header, the image, and what only user space needs: the records that cells name, the paths of `named`, in the same
 * order, and the subject. Sections follow each other in the order of the header, each from the next multiple of 8; between
 * them and after the last, up to a multiple of 8, are zeros.
 */
#define ARMOR_FILE_MAGIC 0x454c4946524d5241ull /* "ARMRFILE" */
#define ARMOR_FILE_VERSION 1

struct armor_string {
  __u32 at; /* into the section of strings */
  __u32 bytes;
};

enum armor_policy_kind { ARMOR_POD_POLICY, ARMOR_HOST_POLICY, ARMOR_CLUSTER_POLICY, ARMOR_NETWORK_POLICY, ARMOR_BASE_LIST };

/* What an alert says of a rule; rules that say the same share one. */
struct armor_record {
  struct armor_string namespace_name;
  struct armor_string name;
  struct armor_string message;
  __u32 first_tag; /* into the section of tags */
  __u32 tags;
  __u8 kind;       /* enum armor_policy_kind */
  __u8 resource_class; /* enum armor_class, ARMOR_PRESET included */
  __u8 action;     /* as a verdict */
  __u8 severity;
  __u32 reserved;
};

struct armor_file {
  __u64 magic;
  __u32 version;
  __u32 bytes; /* of the file */
  __u32 tier;  /* smallest that holds the image */
  __u32 image_at;
  __u32 image_bytes;
  __u32 records_at; /* struct armor_record [records] */
  __u32 records;
  __u32 tags_at; /* struct armor_string [tags] */
  __u32 tags;
  __u32 sources_at; /* struct armor_string [sources]: the path of named[i] */
  __u32 sources;
  __u32 strings_at;
  __u32 strings;
  struct armor_string subject;
  __u32 reserved;
  __u8 sha256[32]; /* of the file, with zeros in place of this field */
};

/* FNV-1a, 64 bits, from a key instead of the usual basis. */
#define ARMOR_HASH_PRIME 0x100000001b3ull
#define ARMOR_HASH_STEP(hash, byte) (((hash) ^ (__u8)(byte)) * ARMOR_HASH_PRIME)

/* MARK: Maps.
 *
 * A generation is a bank: element `domain * 2 + bank` of `domains` and of the tier's outer map. `control` says which bank
 * is in force, so that one update of one element switches all subjects at once; the other bank is the generation before.
 */

#define ARMOR_MAX_DOMAINS 4096 /* domain 0 is none */
#define ARMOR_DOMAIN_NAME 128

struct armor_control {
  __u32 bank;       /* 0 or 1 */
  __u32 generation; /* counts loads */
  __u64 hash_key;
  __u32 rate;       /* events per second and domain that are reported, 0 all; what is held back is counted */
  __u32 flags;
};

struct armor_domain {
  __u32 tier;       /* 1 + tier of the image; 0: no policy, everything is allowed */
  __u32 generation;
  char name[ARMOR_DOMAIN_NAME]; /* the subject, NUL-terminated */
};

/* Task storage. A task without it is nobody's. */
struct armor_task {
  __u32 domain;
  __u32 generation;    /* of the image that `source` is a class of */
  __u32 source;
  __u32 syscall_source;
  __u64 hash;          /* of the source's path; 0 no source */
  /* Set by bprm_creds_for_exec, taken over when the program is replaced. */
  __u64 next_hash;
  __u32 next_source;
  __u32 next_syscall_source;
  __u32 next_generation;
  __u32 waiting; /* the domain that it joins when it next executes something; 0 none */
};

/* Per domain and CPU. */
enum armor_counter {
  ARMOR_ALLOWED,
  ARMOR_AUDITED,
  ARMOR_BLOCKED,
  ARMOR_UNDECIDED, /* denied because they could not be decided */
  ARMOR_GUARDED_OUT, /* denied by a guard against aliases */
  ARMOR_REPORTED,
  ARMOR_HELD_BACK, /* over the rate */
  ARMOR_LOST,      /* no room in the ring buffer */
  ARMOR_COUNTERS
};
struct armor_counters {
  __u64 count[ARMOR_COUNTERS];
};

#define ARMOR_MAX_CGROUPS 16384
/* In a value of `cgroups`, beside the domain: whoever enters joins it with the next execve, not at once. */
#define ARMOR_AT_EXEC 0x80000000u

/* What the iterator `armor_label` does with all threads there are: reading it once is one pass. */
struct armor_labelling {
  __u32 domain; /* whose the tasks become; 0: they are set free */
  __u32 tgid;   /* of this process, or 0 */
  __u64 cgroup; /* or of this cgroup, or 0 */
  __u64 hash;   /* of the path that they execute; 0: unknown */
  /* Out. */
  __u32 labelled; /* tasks that were another's or nobody's */
  __u32 failed;   /* no memory */
  /* In: from their next execve on. */
  __u32 at_exec;
  __u32 reserved;
};

/* What the iterator `armor_list` writes for every task of a domain. */
struct armor_listed {
  __u32 domain; /* or the one that it waits for */
  __u32 tgid;
  __u32 pid;
  __u32 source;
};

/* The test entry: one event, asked of the image in force through the same functions. */
struct armor_test_input {
  __u32 domain;
  __u32 source; /* source classes; ARMOR_BY_HASH: those of the named source `hash` */
  __u32 syscall_source;
  __u32 number; /* capability, system call, socket class or preset */
  __u64 hash;
  __u32 path_bytes; /* 0: an object without a path */
  __u8 resource_class;
  __u8 operation;
  __u8 is_owner;
  __u8 below; /* the state below the path as a directory is asked for too */
  /* Out. */
  __u32 denied; /* ARMOR_NOT_ASKED: there is no image */
  __u32 trouble;
  __u32 cell;
  __u32 label;
  __u32 state;
  __u32 below_state;
  __u32 guarded;
  __u32 found_source; /* class that was used */
  __u32 next_source;  /* after an exec of the path */
  __u32 next_syscall_source;
  __u64 next_hash;
  /* In; last, so that the rest lies together. */
  char path[4096];
};
#define ARMOR_BY_HASH 0xffffffffu
#define ARMOR_NOT_ASKED 2

/* MARK: Events, in the ring buffer `events`. */

enum armor_hook {
  ARMOR_HOOK_EXEC = 1,
  ARMOR_HOOK_OPEN,
  ARMOR_HOOK_CREATE,
  ARMOR_HOOK_UNLINK,
  ARMOR_HOOK_MKDIR,
  ARMOR_HOOK_RMDIR,
  ARMOR_HOOK_MKNOD,
  ARMOR_HOOK_SYMLINK,
  ARMOR_HOOK_LINK,
  ARMOR_HOOK_RENAME,
  ARMOR_HOOK_TRUNCATE,
  ARMOR_HOOK_CHMOD,
  ARMOR_HOOK_CHOWN,
  ARMOR_HOOK_MMAP,
  ARMOR_HOOK_UNIX_CONNECT,
  ARMOR_HOOK_SOCKET,
  ARMOR_HOOK_BIND,
  ARMOR_HOOK_CONNECT,
  ARMOR_HOOK_LISTEN,
  ARMOR_HOOK_ACCEPT,
  ARMOR_HOOK_SENDMSG,
  ARMOR_HOOK_CAPABLE,
  ARMOR_HOOK_SYSCALL,
  ARMOR_HOOK_MOUNT,
  ARMOR_HOOK_USERNS,
  ARMOR_HOOK_PTRACE,
  ARMOR_HOOK_BPF,
  ARMOR_HOOK_URING, /* credentials of another time, by way of io_uring */
  ARMOR_HOOK_MPROTECT,
  ARMOR_HOOKS
};

/* Why an event that no cell decided was denied. */
enum armor_trouble {
  ARMOR_NO_TROUBLE,
  ARMOR_PATH_TOO_LONG,
  ARMOR_PATH_DETACHED, /* the mount is not in the task's namespace: the path is not what it seems */
  ARMOR_NO_SCRATCH,
  ARMOR_NO_IMAGE,
  ARMOR_BAD_IMAGE,
  ARMOR_FILELESS,
  ARMOR_ALIAS /* a guard against aliases */
};

struct armor_event {
  __u64 time;       /* ns since boot */
  __u64 cgroup;
  __u64 pid_namespace; /* inode number */
  __u64 mount_namespace;
  __u32 bytes;      /* of this event: the structure, `path_bytes` of path, `source_bytes` of the source's path */
  __u32 domain;
  __u32 generation;
  __u32 host_pid;   /* thread group ids in the first pid namespace ... */
  __u32 host_parent;
  __u32 pid;        /* ... and in the task's own */
  __u32 parent;
  __u32 uid;        /* real uid in the first user namespace */
  __u32 owner_uid;  /* of the object, for paths */
  __u32 mode;       /* open flags, capability number, system call number, or family << 16 | type << 8 */
  __u32 protocol;
  __u16 cell;
  __u8 resource_class; /* enum armor_class */
  __u8 operation;      /* enum armor_operation */
  __u8 hook;
  __u8 trouble;
  __u8 is_owner;
  __u8 preset; /* 1 + enum armor_preset that decided; 0 none */
  __u16 path_bytes;
  __u16 source_bytes;
  char comm[16];
  char parent_comm[16];
};

#endif
