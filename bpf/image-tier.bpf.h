/* The part of image.bpf.h that depends on the size of the map's value: included once per TIER, guarded by none. */

#define BYTES ((__u64)ARMOR_TIER_BYTES(TIER))
#define NAMED(name) PASTE(name##_, TIER)

/* Slots are 8 bytes at a multiple of 8. */
#define SLOT(image, offset) (*(const __u64 *)((image) + ((offset) & (BYTES - 8))))

static __always_inline __u64 NAMED(next)(const __u8 *image, __u64 slots_at, __u64 state, __u64 class) {
  __u64 row = slots_at + (state << 3);
  __u64 slot = SLOT(image, row + (class << 3));
  if ((__u32)slot != (__u32)state) slot = SLOT(image, row);
  return slot >> 32;
}

/* One byte, where the row is known not to end beyond the map: no mask stands between two loads that wait for each other. */
#define FAST_STATE ((BYTES - SLOTS_AT - 8 * 256) / 8)
static __always_inline __u64 NAMED(fast_next)(const __u8 *image, __u64 state, __u64 class) {
  const __u8 *column = image + (class << 3);
  OPAQUE(column);
  const __u8 *slot = column + (state << 3);
  if (unlikely(*(const __u32 *)(slot + SLOTS_AT) != (__u32)state)) slot = image + (state << 3);
  return *(const __u32 *)(slot + SLOTS_AT + 4);
}

/* 16 bytes at once. Whether the walk is over is seen late: every byte leaves an absorbing state as it is. At a state in the
 * last 2 KiB of the map the fast walk ends, and these bytes are walked again. */
#define FAST_STEP(i)                        \
  if (unlikely(state > FAST_STATE)) return 1; \
  state = NAMED(fast_next)(image, state, image[CLASSES + bytes[i]]);
#define FAST_STEPS(i) FAST_STEP(i) FAST_STEP(i + 1) FAST_STEP(i + 2) FAST_STEP(i + 3) if (state <= w->absorbing) goto over;
static SEC(".text") long NAMED(fast_stride)(__u32 index, struct walk *w) {
  const __u8 *image = w->image;
  __u64 at = w->at, state = w->state;
  if (at > PATH_END) return 1;
  const __u8 *bytes = w->s->bytes + at;
  FAST_STEPS(0) FAST_STEPS(4) FAST_STEPS(8) FAST_STEPS(12)
over:
  w->state = state;
  w->at = at + 16;
  return state <= w->absorbing;
}
#undef FAST_STEPS
#undef FAST_STEP

/* Any image, byte by byte. */
static long NAMED(slow_step)(__u32 index, struct walk *w) {
  __u64 at = w->at;
  if (at >= PATH_END || w->state <= w->absorbing) return 1;
  w->state = NAMED(next)(w->image, w->slots_at, w->state, w->image[CLASSES + w->s->bytes[at]]);
  w->at = at + 1;
  return 0;
}

/* The rest, up to 15 bytes and a NUL; 0 if it met such a state. */
static __always_inline int NAMED(fast_finish)(struct walk *w) {
  const __u8 *image = w->image;
  __u64 at = w->at, state = w->state;
  OPAQUE(at);
  if (at > PATH_END) return 1;
  const __u8 *bytes = w->s->bytes + at;
#pragma unroll
  for (int i = 0; i < 15; i++) {
    __u64 class = image[CLASSES + bytes[i]];
    if (!class) goto over;
    if (unlikely(state > FAST_STATE)) return 0;
    state = NAMED(fast_next)(image, state, class);
  }
over:
  w->state = state;
  return 1;
}

static __always_inline __u32 NAMED(header)(const __u8 *image, __u64 state) {
  const struct armor_image *head = (const void *)image;
  return SLOT(image, head->slots_at + (state << 3));
}

/* A table entry; beyond the image it is ARMOR_BLOCK. */
static __always_inline __u32 NAMED(entry)(const __u8 *image, __u64 offset) {
  OPAQUE(offset);
  if (offset > BYTES - 2) return ARMOR_BLOCK;
  return *(const __u16 *)(image + offset);
}

static long NAMED(search_step)(__u32 index, struct search *q) {
  if (q->low >= q->high) return 1;
  __u32 middle = (q->low + q->high) / 2;
  __u64 offset = q->named_at + (__u64)middle * sizeof(struct armor_source);
  OPAQUE(offset);
  if (offset > BYTES - sizeof(struct armor_source)) return 1;
  if (*(const __u64 *)(q->image + offset) < q->hash)
    q->low = middle + 1;
  else
    q->high = middle;
  return 0;
}

/* The source classes in this image of the task whose source's hash is known. */
static __always_inline void NAMED(refresh)(const __u8 *image, struct armor_scratch *s) {
  const struct armor_image *head = (const void *)image;
  s->source = 0;
  s->syscall_source = 0;
  s->generation = head->generation;
  s->refreshed = 1;
  if (!s->hash) return;
  struct search q = {.image = image, .hash = s->hash, .named_at = head->named_at, .high = head->named};
  bpf_loop(16, NAMED(search_step), &q, 0);
  __u64 offset = q.named_at + (__u64)q.low * sizeof(struct armor_source);
  OPAQUE(offset);
  if (q.low >= head->named || offset > BYTES - sizeof(struct armor_source)) return;
  const struct armor_source *named = (const void *)(image + offset);
  if (named->hash != s->hash) return;
  s->source = named->source;
  s->syscall_source = named->syscall_source;
}

static long NAMED(compare_step)(__u32 index, struct comparison *c) {
  __u64 labels = c->labels, at = c->row_at + 2 * index * labels;
  __u64 old = NAMED(entry)(c->image, at + 2 * c->old), new = NAMED(entry)(c->image, at + 2 * c->new);
  if (old == new) return 0;
  for (int i = 0; i < 6; i++) {
    __u32 before = NAMED(entry)(c->image, c->cell_at + 16 * old + 2 * i);
    __u32 after = NAMED(entry)(c->image, c->cell_at + 16 * new + 2 * i);
    if (ARMOR_VERDICT(before) == ARMOR_BLOCK && ARMOR_VERDICT(after) != ARMOR_BLOCK) {
      c->s->weaker = 1;
      return 1;
    }
  }
  return 0;
}

/* The image in force, its magic looked at, and the task's source classes in it. */
static __always_inline const __u8 *NAMED(image)(struct armor_scratch *s) {
  __u32 outer = s->outer, zero = 0;
  void *inner = bpf_map_lookup_elem(&NAMED(images), &outer);
  const __u8 *image = inner ? bpf_map_lookup_elem(inner, &zero) : 0;
  if (!image) {
    s->trouble = ARMOR_NO_IMAGE;
    return 0;
  }
  const struct armor_image *head = (const void *)image;
  if (head->magic != ARMOR_IMAGE_MAGIC || head->version != ARMOR_IMAGE_VERSION) {
    s->trouble = ARMOR_BAD_IMAGE;
    return 0;
  }
  s->answered = 1;
  s->fail_closed = head->fail_closed;
  s->visible = head->visible;
  s->image_flags = head->flags;
  if (s->generation != head->generation && !s->given) NAMED(refresh)(image, s);
  return image;
}

/* 0 if it must be asked again, slowly. */
static __always_inline int NAMED(ask)(struct armor_scratch *s, int fast) {
  const __u8 *image = NAMED(image)(s);
  if (!image || s->trouble) return 1;
  const struct armor_image *head = (const void *)image;
  __u32 automaton = s->automaton;
  s->label = 0;
  s->state = 0;
  if (!s->pathless) {
    if (automaton >= ARMOR_AUTOMATA) return 1;
    struct walk w = {
        .image = image,
        .s = s,
        .at = s->start,
        .state = head->start[automaton],
        .absorbing = head->absorbing,
        .slots_at = head->slots_at,
    };
    __u32 count = PATH_END - s->start;
    if (fast) {
      if (w.slots_at != SLOTS_AT) return 0;
      if (w.state > w.absorbing && count >= 16) bpf_loop(count / 16, NAMED(fast_stride), &w, 0);
      if (w.state > w.absorbing && (w.at + 16 <= PATH_END || !NAMED(fast_finish)(&w))) return 0;
    } else {
      bpf_loop(ARMOR_MAX_PATH, NAMED(slow_step), &w, 0);
    }
    __u64 state = w.state;
    __u32 first = NAMED(header)(image, state);
    if (!(first & ARMOR_STATE)) {
      s->trouble = ARMOR_BAD_IMAGE;
      return 1;
    }
    s->state = state;
    s->label = first & ARMOR_LABEL;
    if (s->directory) {
      if (state > w.absorbing) {
        state = NAMED(next)(image, w.slots_at, state, head->classes['/']);
        first = NAMED(header)(image, state);
      }
      s->below = state;
      s->guarded = (first & ARMOR_GUARDED) != 0;
    }
  }
  if (automaton != ARMOR_PATHS) return 1;
  __u64 row = NAMED(entry)(image, head->row_at + 2 * ((__u64)s->source * head->labels + s->label));
  __u64 offset = head->cell_at + 16 * row;
  OPAQUE(offset);
  if (offset > BYTES - 16) {
    s->trouble = ARMOR_BAD_IMAGE;
    return 1;
  }
  const __u16 *cells = (const void *)(image + offset);
#pragma unroll
  for (int i = 0; i < 6; i++) s->cells[i] = cells[i];
  return 1;
}

__noinline int NAMED(armor_slow_walk)(struct armor_scratch *s) {
  if (s) NAMED(ask)(s, 0);
  return 0;
}
/* Walks the path through `automaton`: `state` and `label`. For ARMOR_PATHS also the six cells and what lies below. */
__noinline int NAMED(armor_walk)(struct armor_scratch *s) {
  if (s && !NAMED(ask)(s, 1)) NAMED(armor_slow_walk)(s);
  return 0;
}

/* Whether any source may do with class `label` what it may not do with class `other_label`. */
__noinline int NAMED(armor_compare)(struct armor_scratch *s) {
  if (!s) return 0;
  const __u8 *image = NAMED(image)(s);
  if (!image) return 0;
  const struct armor_image *head = (const void *)image;
  struct comparison c = {
      .image = image,
      .s = s,
      .row_at = head->row_at,
      .cell_at = head->cell_at,
      .labels = head->labels,
      .old = s->other_label,
      .new = s->label,
  };
  __u32 sources = head->sources;
  if (sources > ARMOR_MAX_SOURCES) sources = ARMOR_MAX_SOURCES;
  bpf_loop(sources, NAMED(compare_step), &c, 0);
  return 0;
}

/* The one cell of what has no path, or of a system call with the path class `label`. */
__noinline int NAMED(armor_entry)(struct armor_scratch *s) {
  if (!s) return 0;
  const __u8 *image = NAMED(image)(s);
  if (!image) return 0;
  const struct armor_image *head = (const void *)image;
  __u64 source = s->source, number = s->number, at = 0;
  s->cells[0] = ARMOR_ALLOW;
  switch (s->table) {
    case SOCKETS: at = head->socket_at + 2 * (source * ARMOR_SOCKET_CELLS + number); break;
    case CAPABILITIES: at = head->capability_at + 2 * (source * ARMOR_CAPABILITY_CELLS + number); break;
    case CALLS: {
      if (!head->syscall_at || number >= ARMOR_SYSCALL_NUMBERS) return 0;
      __u64 row = NAMED(entry)(image, head->syscall_at + 2 * number);
      if (row == ARMOR_NO_SYSCALL) return 0;
      at = head->syscall_cell_at +
           2 * ((row * head->syscall_sources + s->syscall_source) * head->syscall_paths + s->label);
      break;
    }
    case PRESETS:
      if (number < ARMOR_PRESETS) s->cells[0] = head->preset[number];
      return 0;
    case GUARDED:
      s->cells[0] = NAMED(header)(image, head->start[ARMOR_PATHS]) & ARMOR_GUARDED ? ARMOR_BLOCK : ARMOR_ALLOW;
      return 0;
  }
  s->cells[0] = NAMED(entry)(image, at);
  return 0;
}

#undef BYTES
#undef FAST_STATE
#undef NAMED
#undef SLOT
