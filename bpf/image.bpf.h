/* Asks an image: one automaton walk and one table look-up. Whatever the bytes of an image are, no read leaves it.
 *
 * A program must know the size of what it reads from, so everything here exists once per tier (image-tier.bpf.h).
 */
#ifndef IMAGE_BPF_H
#define IMAGE_BPF_H

#include "path.bpf.h"

#define unlikely(condition) __builtin_expect(condition, 0)
#define CLASSES __builtin_offsetof(struct armor_image, classes)
/* Where the slots are in every image that the compiler writes. */
#define SLOTS_AT ((sizeof(struct armor_image) + 7) / 8 * 8)

struct walk {
  const __u8 *image;
  struct armor_scratch *s;
  __u64 at;
  __u64 state;
  __u64 absorbing;
  __u64 slots_at; /* in bytes */
};

/* Binary search for a source by its hash. */
struct search {
  const __u8 *image;
  __u64 hash;
  __u64 named_at;
  __u32 low;
  __u32 high;
};

/* Compares two path classes, source by source. */
struct comparison {
  const __u8 *image;
  struct armor_scratch *s;
  __u64 row_at;
  __u64 cell_at;
  __u64 labels;
  __u64 old;
  __u64 new;
};

struct hashing {
  struct armor_scratch *s;
  __u64 at;
  __u64 hash;
};

static long hash_step(__u32 index, struct hashing *h) {
  __u64 at = h->at, hash = h->hash;
  if (at > PATH_END) return 1;
  const __u8 *bytes = h->s->bytes + at;
  long stop = 0;
  for (int i = 0; i < 16; i++) {
    __u8 byte = bytes[i];
    if (!byte) {
      stop = 1;
      break;
    }
    hash = ARMOR_HASH_STEP(hash, byte);
  }
  h->hash = hash;
  h->at = at + 16;
  return stop;
}

/* `next_hash` of the path in scratch; never 0, which means no source. */
__noinline int armor_hash(struct armor_scratch *s) {
  if (!s) return 0;
  struct hashing h = {.s = s, .at = s->start, .hash = s->key};
  bpf_loop(ARMOR_MAX_PATH / 16 + 2, hash_step, &h, 0);
  s->next_hash = h.hash ? h.hash : 1;
  return 0;
}

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)

#define TIER 0
#include "image-tier.bpf.h"
#undef TIER
#define TIER 1
#include "image-tier.bpf.h"
#undef TIER
#define TIER 2
#include "image-tier.bpf.h"
#undef TIER
#define TIER 3
#include "image-tier.bpf.h"
#undef TIER
#define TIER 4
#include "image-tier.bpf.h"
#undef TIER
#define TIER 5
#include "image-tier.bpf.h"
#undef TIER

#define OF_TIER(function, s)              \
  switch ((s)->tier) {                    \
    case 1: PASTE(function, _0)(s); break; \
    case 2: PASTE(function, _1)(s); break; \
    case 3: PASTE(function, _2)(s); break; \
    case 4: PASTE(function, _3)(s); break; \
    case 5: PASTE(function, _4)(s); break; \
    case 6: PASTE(function, _5)(s); break; \
  }

static __always_inline void walk(struct armor_scratch *s, __u32 automaton) {
  s->automaton = automaton;
  OF_TIER(armor_walk, s)
}
static __always_inline void compare(struct armor_scratch *s) { OF_TIER(armor_compare, s) }
static __always_inline void entry(struct armor_scratch *s) { OF_TIER(armor_entry, s) }

/* What the path in scratch is as a source. */
static __always_inline void next_source(struct armor_scratch *s) {
  __u32 label = s->label, state = s->state;
  s->directory = 0;
  walk(s, ARMOR_SOURCES);
  s->next_source = s->label;
  walk(s, ARMOR_SYSCALL_SOURCES);
  s->next_syscall_source = s->label;
  s->label = label;
  s->state = state;
}
__noinline int armor_next_source(struct armor_scratch *s) {
  if (s) next_source(s);
  return 0;
}

#endif
