/* Asks an image: one automaton walk and one table look-up. Whatever the bytes of an image are, no read leaves it.
 *
 * A program must know the size of what it reads from, so everything here exists once per tier (image-tier.bpf.h).
 */
#ifndef IMAGE_BPF_H
#define IMAGE_BPF_H

#include "path.bpf.h"

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

static __always_inline void ask(struct armor_scratch *s) {
  switch (s->tier) {
    case 1: armor_ask_0(s); break;
    case 2: armor_ask_1(s); break;
    case 3: armor_ask_2(s); break;
    case 4: armor_ask_3(s); break;
    case 5: armor_ask_4(s); break;
    case 6: armor_ask_5(s); break;
  }
}

#endif
