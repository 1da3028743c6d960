/* The part of image.bpf.h that depends on the size of the map's value: included once per TIER, guarded by none. */

#define BYTES ((__u64)ARMOR_TIER_BYTES(TIER))
#define NAMED(name) PASTE(name##_, TIER)

/* Slots are 8 bytes at a multiple of 8. */
#define SLOT(image, offset) (*(const __u64 *)((image) + ((offset) & (BYTES - 8))))

static long NAMED(walk_step)(__u32 index, struct walk *w) {
  const __u8 *image = w->image;
  __u64 at = w->at, state = w->state, absorbing = w->absorbing, slots_at = w->slots_at;
  if (at > PATH_END) return 1;
  const __u8 *bytes = w->s->bytes + at;
  long stop = 1;
#pragma unroll
  for (int i = 0; i < 16; i++) {
    __u64 class = image[__builtin_offsetof(struct armor_image, classes) + bytes[i]];
    if (!class) goto out;
    __u64 row = slots_at + (state << 3);
    __u64 slot = SLOT(image, row + (class << 3));
    if ((__u32)slot != (__u32)state) slot = SLOT(image, row);
    state = slot >> 32;
    if (state <= absorbing) goto out;
  }
  stop = 0;
out:
  w->state = state;
  w->at = at + 16;
  return stop;
}

static __always_inline __u32 NAMED(walk)(const __u8 *image, struct armor_scratch *s, __u32 start) {
  const struct armor_image *head = (const void *)image;
  struct walk w = {
      .image = image,
      .s = s,
      .at = s->start,
      .state = start,
      .absorbing = head->absorbing,
      .slots_at = head->slots_at,
  };
  if (start > w.absorbing) bpf_loop(ARMOR_MAX_PATH / 16 + 2, NAMED(walk_step), &w, 0);
  return w.state;
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
    if (ARMOR_VERDICT(before) > ARMOR_VERDICT(after)) {
      c->s->weaker = 1;
      return 1;
    }
  }
  return 0;
}

/* Walks the path and takes its six cells. */
static __always_inline int NAMED(ask_path)(const __u8 *image, struct armor_scratch *s) {
  const struct armor_image *head = (const void *)image;
  __u32 label = 0;
  if (!s->pathless) {
    s->state = NAMED(walk)(image, s, head->start[ARMOR_PATHS]);
    __u32 first = NAMED(header)(image, s->state);
    if (!(first & ARMOR_STATE)) return ARMOR_BAD_IMAGE;
    label = first & ARMOR_LABEL;
  }
  s->label = label;
  __u64 row = NAMED(entry)(image, head->row_at + 2 * ((__u64)s->source * head->labels + label));
  __u64 offset = head->cell_at + 16 * row;
  OPAQUE(offset);
  if (offset > BYTES - 16) return ARMOR_BAD_IMAGE;
  const __u16 *cells = (const void *)(image + offset);
#pragma unroll
  for (int i = 0; i < 6; i++) s->cells[i] = cells[i];
  return 0;
}

static __always_inline void NAMED(ask_next)(const __u8 *image, struct armor_scratch *s) {
  const struct armor_image *head = (const void *)image;
  s->next_source = 0;
  s->next_syscall_source = 0;
  if (s->pathless) return;
  s->next_source = NAMED(header)(image, NAMED(walk)(image, s, head->start[ARMOR_SOURCES])) & ARMOR_LABEL;
  if (head->syscall_at)
    s->next_syscall_source =
        NAMED(header)(image, NAMED(walk)(image, s, head->start[ARMOR_SYSCALL_SOURCES])) & ARMOR_LABEL;
}

/* The state below a directory: that of its path and a slash. */
static __always_inline void NAMED(ask_below)(const __u8 *image, struct armor_scratch *s) {
  const struct armor_image *head = (const void *)image;
  __u64 state = s->state;
  if (state > head->absorbing) {
    __u64 row = head->slots_at + (state << 3);
    __u64 class = head->classes['/'];
    __u64 slot = SLOT(image, row + (class << 3));
    if ((__u32)slot != (__u32)state) slot = SLOT(image, row);
    state = slot >> 32;
  }
  s->below = state;
  s->guarded = (NAMED(header)(image, state) & ARMOR_GUARDED) != 0;
}

static __always_inline int NAMED(ask_call)(const __u8 *image, struct armor_scratch *s) {
  const struct armor_image *head = (const void *)image;
  s->cells[0] = 0;
  if (!head->syscall_at || s->number >= ARMOR_SYSCALL_NUMBERS) return 0;
  __u64 row = NAMED(entry)(image, head->syscall_at + 2 * (__u64)s->number);
  if (row == ARMOR_NO_SYSCALL) return 0;
  __u32 path = 0;
  if (!s->pathless)
    path = NAMED(header)(image, NAMED(walk)(image, s, head->start[ARMOR_SYSCALL_PATHS])) & ARMOR_LABEL;
  __u64 index = (row * head->syscall_sources + s->syscall_source) * head->syscall_paths + path;
  s->label = path;
  s->cells[0] = NAMED(entry)(image, head->syscall_cell_at + 2 * index);
  return 0;
}

__noinline int NAMED(armor_ask)(struct armor_scratch *s) {
  if (!s) return 0;
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
  if (s->trouble) return 0;
  int trouble = 0;
  switch (s->question) {
    case ASK_PATH:
    case ASK_EXEC:
    case ASK_DIRECTORY:
    case ASK_LINK: trouble = NAMED(ask_path)(image, s); break;
    case ASK_SOCKET:
      s->cells[0] = NAMED(entry)(image, head->socket_at + 2 * ((__u64)s->source * ARMOR_SOCKET_CELLS + s->number));
      return 0;
    case ASK_CAPABILITY:
      s->cells[0] =
          NAMED(entry)(image, head->capability_at + 2 * ((__u64)s->source * ARMOR_CAPABILITY_CELLS + s->number));
      return 0;
    case ASK_SYSCALL: return NAMED(ask_call)(image, s);
    case ASK_GUARD: s->protects = (NAMED(header)(image, head->start[ARMOR_PATHS]) & ARMOR_GUARDED) != 0; return 0;
  }
  if (trouble) {
    s->trouble = trouble;
    return 0;
  }
  if (s->question == ASK_EXEC) NAMED(ask_next)(image, s);
  if (s->question == ASK_DIRECTORY) NAMED(ask_below)(image, s);
  if (s->question == ASK_LINK) {
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
  }
  return 0;
}

#undef BYTES
#undef NAMED
#undef SLOT
