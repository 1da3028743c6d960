// io_uring, by its system calls alone: work that the kernel does later, or in a thread of its own, is the task's.
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/mman.h>

struct ring {
  int fd;
  unsigned flags;
  unsigned *head, *tail, *mask, *array, *state;
  unsigned *done_head, *done_tail, *done_mask;
  struct io_uring_sqe *entries;
  struct io_uring_cqe *results;
};

static int open_ring(struct ring *r, unsigned flags) {
  struct io_uring_params p = {.flags = flags, .sq_thread_idle = 1000};
  r->flags = flags;
  r->fd = (int)syscall(SYS_io_uring_setup, 4, &p);
  if (r->fd < 0) return -1;
  size_t size = p.sq_off.array + p.sq_entries * sizeof(unsigned);
  size_t done = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe);
  char *sq = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_SQ_RING);
  char *cq = mmap(NULL, done, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, IORING_OFF_CQ_RING);
  r->entries = mmap(NULL, p.sq_entries * sizeof *r->entries, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd,
                    IORING_OFF_SQES);
  if (sq == MAP_FAILED || cq == MAP_FAILED || r->entries == MAP_FAILED) return -1;
  r->head = (unsigned *)(sq + p.sq_off.head);
  r->tail = (unsigned *)(sq + p.sq_off.tail);
  r->mask = (unsigned *)(sq + p.sq_off.ring_mask);
  r->array = (unsigned *)(sq + p.sq_off.array);
  r->state = (unsigned *)(sq + p.sq_off.flags);
  r->done_head = (unsigned *)(cq + p.cq_off.head);
  r->done_tail = (unsigned *)(cq + p.cq_off.tail);
  r->done_mask = (unsigned *)(cq + p.cq_off.ring_mask);
  r->results = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
  return 0;
}

// One request; -1 and its errno, or what it returned.
static int request(struct ring *r, struct io_uring_sqe entry) {
  unsigned tail = *r->tail, index = tail & *r->mask;
  r->entries[index] = entry;
  r->array[index] = index;
  __atomic_store_n(r->tail, tail + 1, __ATOMIC_RELEASE);
  unsigned flags = IORING_ENTER_GETEVENTS, submitted = 1;
  if (r->flags & IORING_SETUP_SQPOLL) {
    submitted = 0;
    if (__atomic_load_n(r->state, __ATOMIC_ACQUIRE) & IORING_SQ_NEED_WAKEUP) flags |= IORING_ENTER_SQ_WAKEUP;
  }
  if (syscall(SYS_io_uring_enter, r->fd, submitted, 1, flags, NULL, 0) < 0) return -1;
  unsigned head = *r->done_head;
  if (head == __atomic_load_n(r->done_tail, __ATOMIC_ACQUIRE)) return errno = ENODATA, -1;
  int result = r->results[head & *r->done_mask].res;
  __atomic_store_n(r->done_head, head + 1, __ATOMIC_RELEASE);
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

static int opens_by(struct ring *r, const char *path, unsigned char how, unsigned short personality) {
  struct io_uring_sqe entry = {
      .opcode = IORING_OP_OPENAT,
      .flags = how,
      .fd = AT_FDCWD,
      .addr = (unsigned long)path,
      .open_flags = O_RDONLY,
      .personality = personality,
  };
  return request(r, entry);
}

// A raw socket by a request that was submitted before the task had other credentials, and that begins afterwards: the first
// of its chain waits for a byte.
static int socket_of_before(struct ring *r) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2];
  int ends[2];
  char byte;
  if (pipe(ends)) return -1;
  struct io_uring_sqe chain[] = {
      {.opcode = IORING_OP_READ, .flags = IOSQE_ASYNC | IOSQE_IO_LINK, .fd = ends[0], .addr = (unsigned long)&byte, .len = 1},
      {.opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_RAW, .len = IPPROTO_ICMP, .user_data = 1},
  };
  for (int i = 0; i < 2; i++) {
    unsigned index = *r->tail & *r->mask;
    r->entries[index] = chain[i];
    r->array[index] = index;
    __atomic_store_n(r->tail, *r->tail + 1, __ATOMIC_RELEASE);
  }
  if (syscall(SYS_io_uring_enter, r->fd, 2, 0, 0, NULL, 0) < 0) return -1;
  if (syscall(SYS_capget, &header, sets) || syscall(SYS_capset, &header, sets)) return -1;
  if (write(ends[1], "x", 1) != 1) return -1;
  if (syscall(SYS_io_uring_enter, r->fd, 0, 2, IORING_ENTER_GETEVENTS, NULL, 0) < 0) return -1;
  int result = -ENODATA;
  while (*r->done_head != __atomic_load_n(r->done_tail, __ATOMIC_ACQUIRE)) {
    struct io_uring_cqe *cqe = &r->results[*r->done_head & *r->done_mask];
    if (cqe->user_data) result = cqe->res;
    __atomic_store_n(r->done_head, *r->done_head + 1, __ATOMIC_RELEASE);
  }
  if (result >= 0) return result;
  errno = -result;
  return -1;
}

void rings(void) {
  struct ring plain, polled;
  check("io_uring: a ring", open_ring(&plain, 0), 0);
  check("io_uring: openat", opens_by(&plain, "/etc/secret/f", 0, 0), EACCES);
  check("io_uring: openat, elsewhere", opens_by(&plain, "/etc/grp", 0, 0), 0);
  check("io_uring: openat in a worker", opens_by(&plain, "/etc/secret/f", IOSQE_ASYNC, 0), EACCES);
  check("io_uring: openat in a worker, elsewhere", opens_by(&plain, "/etc/grp", IOSQE_ASYNC, 0), 0);
  struct io_uring_sqe moved = {
      .opcode = IORING_OP_RENAMEAT,
      .fd = AT_FDCWD,
      .addr = (unsigned long)"/etc/secret/f",
      .len = (unsigned)AT_FDCWD,
      .addr2 = (unsigned long)"/tmp/taken",
  };
  check("io_uring: rename", request(&plain, moved), EACCES);
  int self = (int)syscall(SYS_io_uring_register, plain.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
  check("io_uring: credentials are kept", self, 0);
  check("io_uring: and not used", opens_by(&plain, "/etc/grp", 0, (unsigned short)self), EPERM);
  check("a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), EPERM);
  check("io_uring: a raw socket with credentials of before", socket_of_before(&plain), EPERM);
  check("io_uring: a polled ring", open_ring(&polled, IORING_SETUP_SQPOLL), 0);
  check("io_uring: openat in the kernel's thread", opens_by(&polled, "/etc/secret/f", 0, 0), EACCES);
  check("io_uring: openat in the kernel's thread, elsewhere", opens_by(&polled, "/etc/grp", 0, 0), 0);
}
