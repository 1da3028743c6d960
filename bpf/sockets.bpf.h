/* Sockets and capabilities: one cell each, no path; and the paths of named sockets. */
#ifndef SOCKETS_BPF_H
#define SOCKETS_BPF_H

#include "files.bpf.h"

/* As IR.SocketCell: inet, inet6, packet, other; types 1 ... 6, other; icmp, icmpv6, sctp, other. */
static __always_inline __u32 socket_class(__u32 family, __u32 type, __u32 protocol) {
  __u32 f = family == AF_INET ? 0 : family == AF_INET6 ? 1 : family == AF_PACKET ? 2 : 3;
  __u32 t = type - 1 < 6 ? type - 1 : 6;
  __u32 p = protocol == IPPROTO_ICMP ? 0 : protocol == IPPROTO_ICMPV6 ? 1 : protocol == IPPROTO_SCTP ? 2 : 3;
  return (f * 7 + t) * 4 + p;
}

static __noinline int socket_event(struct armor_task *task, __u32 hook, __u32 family, __u32 type, __u32 protocol) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  s->class = ARMOR_NETWORK;
  s->hook = hook;
  s->table = SOCKETS;
  s->number = socket_class(family, type, protocol);
  s->mode = family << 16 | (type & 0xff) << 8;
  s->protocol = protocol;
  denied = armor_decide_entry(s);
  end(s, task);
  return denied;
}

SEC("lsm/socket_create")
int BPF_PROG(armor_socket_create, int family, int type, int protocol, int kern) {
  struct armor_task *task = mine();
  if (!task || kern) return 0;
  return answer(socket_event(task, ARMOR_HOOK_SOCKET, family, type, protocol), EACCES);
}

static __always_inline int used(struct socket *socket, __u32 hook) {
  struct armor_task *task = mine();
  if (!task) return 0;
  struct sock *sk = socket->sk;
  if (!sk) return 0;
  return socket_event(task, hook, sk->__sk_common.skc_family, socket->type, sk->sk_protocol);
}

SEC("lsm/socket_bind")
int BPF_PROG(armor_socket_bind, struct socket *socket) { return answer(used(socket, ARMOR_HOOK_BIND), EACCES); }

SEC("lsm/socket_connect")
int BPF_PROG(armor_socket_connect, struct socket *socket, __u16 *address) {
  __u16 family = 0;
  bpf_probe_read_kernel(&family, sizeof family, address);
  if (family == AF_UNSPEC) return 0;
  return answer(used(socket, ARMOR_HOOK_CONNECT), EACCES);
}

SEC("lsm/socket_listen")
int BPF_PROG(armor_socket_listen, struct socket *socket) { return answer(used(socket, ARMOR_HOOK_LISTEN), EACCES); }

SEC("lsm/socket_accept")
int BPF_PROG(armor_socket_accept, struct socket *socket) { return answer(used(socket, ARMOR_HOOK_ACCEPT), EACCES); }

/* With an address it connects: UDP, and TCP Fast Open, which never calls connect. */
SEC("lsm/socket_sendmsg")
int BPF_PROG(armor_socket_sendmsg, struct socket *socket, struct msghdr *message) {
  if (message->msg_namelen <= 0) return 0;
  return answer(used(socket, ARMOR_HOOK_SENDMSG), EACCES);
}

/* Connecting to a named socket, or sending to it, is a write of its path. */
static __noinline int named_socket(struct armor_task *task, __u64 peer) {
  __u64 dentry = word_at(peer + MEMBER(struct unix_sock, path.dentry));
  if (!dentry) return 0;
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  describe(s, EVENT(ARMOR_HOOK_UNIX_CONNECT, WRITES, 0), 0);
  __u64 inode = word_at(dentry + MEMBER(struct dentry, d_inode));
  s->owner_uid = word_at(inode + MEMBER(struct inode, i_uid.val));
  s->is_owner = s->owner_uid == bpf_get_current_task_btf()->cred->fsuid.val;
  write_path_at(s, dentry, word_at(peer + MEMBER(struct unix_sock, path.mnt)));
  denied = s->pathless ? 0 : armor_decide_path(s);
  end(s, task);
  return denied;
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(armor_unix_connect, struct sock *sock, struct sock *other) {
  struct armor_task *task = mine();
  if (!task) return 0;
  return answer(named_socket(task, (__u64)other), EACCES);
}

SEC("lsm/unix_may_send")
int BPF_PROG(armor_unix_send, struct socket *socket, struct socket *other) {
  struct armor_task *task = mine();
  if (!task) return 0;
  struct sock *peer = other->sk;
  return peer ? answer(named_socket(task, (__u64)peer), EACCES) : 0;
}

static __noinline int capability_event(struct armor_task *task, __u32 capability, __u32 options) {
  int denied;
  struct armor_scratch *s = begin(task, 0, &denied);
  if (!s) return denied;
  s->class = ARMOR_CAPABILITIES;
  s->hook = ARMOR_HOOK_CAPABLE;
  s->table = CAPABILITIES;
  s->number = capability;
  s->mode = capability;
  s->probing = (options & CAP_OPT_NOAUDIT) != 0;
  denied = armor_decide_entry(s);
  end(s, task);
  return denied;
}

SEC("lsm/capable")
int BPF_PROG(armor_capable, const struct cred *cred, void *ns, int capability, unsigned int options) {
  struct armor_task *task = mine();
  if (!task) return 0;
  if ((__u32)capability >= ARMOR_CAPABILITY_CELLS) return 0;
  /* The kernel itself acts, with credentials that it took for the purpose (an overlay copies a file up). What a task can
   * have done with other credentials of its own goes through io_uring, where every request has those of its submission:
   * whoever has a ring, or works for one, is asked in any case. */
  struct task_struct *current = bpf_get_current_task_btf();
  if (cred == current->cred && cred != current->real_cred && !(current->flags & PF_IO_WORKER) &&
      !(bpf_core_field_exists(current->io_uring) && current->io_uring))
    return 0;
  return answer(capability_event(task, capability, options), EPERM);
}

#endif
