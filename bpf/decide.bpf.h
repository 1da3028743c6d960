/* From a question to allow or deny: the one core that hooks and the test entry share. */
#ifndef DECIDE_BPF_H
#define DECIDE_BPF_H

#include "image.bpf.h"
#include "report.bpf.h"

/* Whether decisions are counted and reported is known when the program is compiled: a test program may not call what
 * reports need. */
enum { SILENT, LOUD };

static __always_inline void report(struct armor_scratch *s, int loud, __u32 operation, __u32 cell) {
  s->cell = cell;
  if (!loud || s->probing) return;
  s->event.operation = operation;
  armor_report(s);
}

static __always_inline void tally(struct armor_scratch *s, int loud, enum armor_counter counter) {
  if (loud) count(s->domain, counter);
}

/* Answers what no cell answers: 1 if it is denied. */
static __always_inline int undecided(struct armor_scratch *s, int loud, __u32 operation) {
  int denied = !s->answered || (s->fail_closed >> s->class & 1);
  if (denied) tally(s, loud, ARMOR_UNDECIDED);
  report(s, loud, operation, denied ? ARMOR_BLOCK : ARMOR_ALLOW);
  return denied;
}

static __always_inline int refuse_alias(struct armor_scratch *s, int loud, __u32 operation) {
  s->trouble = ARMOR_ALIAS;
  tally(s, loud, ARMOR_GUARDED_OUT);
  report(s, loud, operation, ARMOR_BLOCK);
  return 1;
}

/* The cell of the `index`th operation, ARMOR_ALLOW if it is not asked for. */
static __always_inline __u32 cell_of(struct armor_scratch *s, __u32 operation) {
  if (!(s->operations >> operation & 1)) return ARMOR_ALLOW;
  return s->is_owner ? s->cells[2 * operation + 1] : s->cells[2 * operation];
}

/* Decides what has one cell, counts and reports it: 1 if it is denied. */
static __always_inline int decide_entry(struct armor_scratch *s, int loud) {
  s->answered = 0;
  entry(s);
  if (s->trouble) return undecided(s, loud, 0);
  __u32 cell = s->cells[0];
  if (ARMOR_VERDICT(cell) == ARMOR_BLOCK) {
    if (s->table == GUARDED) return refuse_alias(s, loud, ARMOR_WRITE);
    tally(s, loud, ARMOR_BLOCKED);
    report(s, loud, 0, cell);
    return 1;
  }
  int audited = ARMOR_VERDICT(cell) != ARMOR_ALLOW;
  tally(s, loud, audited ? ARMOR_AUDITED : ARMOR_ALLOWED);
  s->cell = cell;
  if (s->table == GUARDED) return 0;
  if (audited || (s->visible >> s->class & 1)) report(s, loud, 0, cell);
  return 0;
}

/* The operation that a report of a path names first. */
static __always_inline __u32 first_operation(struct armor_scratch *s) {
  return s->operations & 1 ? ARMOR_EXEC : s->operations & 2 ? ARMOR_READ : ARMOR_WRITE;
}

/* Decides `operations` on the path in scratch, counts and reports them: 1 if they are denied. */
static __always_inline int decide_path(struct armor_scratch *s, int loud) {
  __u32 first = first_operation(s);
  s->answered = 0;
  s->below = 0;
  s->guarded = 0;
  walk(s, ARMOR_PATHS);
  if (s->trouble) return undecided(s, loud, first);
  if (!s->operations) return 0;
  __u32 exec = cell_of(s, ARMOR_EXEC), read = cell_of(s, ARMOR_READ), write = cell_of(s, ARMOR_WRITE);
  if (s->pathless && s->fileless && exec == ARMOR_ALLOW) {
    if (s->image_flags & ARMOR_BLOCK_FILELESS)
      exec = ARMOR_BLOCK;
    else if (s->image_flags & ARMOR_AUDIT_FILELESS)
      exec = ARMOR_AUDIT;
    if (exec != ARMOR_ALLOW) s->trouble = ARMOR_FILELESS;
  }
  __u32 blocked = 0, operation = first;
  if (ARMOR_VERDICT(exec) == ARMOR_BLOCK) {
    blocked = exec;
    operation = ARMOR_EXEC;
  } else if (ARMOR_VERDICT(read) == ARMOR_BLOCK) {
    blocked = read;
    operation = ARMOR_READ;
  } else if (ARMOR_VERDICT(write) == ARMOR_BLOCK) {
    blocked = write;
    operation = ARMOR_WRITE;
  }
  if (blocked) {
    tally(s, loud, ARMOR_BLOCKED);
    report(s, loud, operation, blocked);
    return 1;
  }

  __u32 audits = (ARMOR_VERDICT(exec) == ARMOR_AUDIT) + (ARMOR_VERDICT(read) == ARMOR_AUDIT) +
                 (ARMOR_VERDICT(write) == ARMOR_AUDIT);
  if (!audits) {
    tally(s, loud, ARMOR_ALLOWED);
    s->cell = first == ARMOR_EXEC ? exec : first == ARMOR_READ ? read : write;
    if (s->visible >> s->class & 1) report(s, loud, first, s->cell);
    return 0;
  }
  tally(s, loud, ARMOR_AUDITED);
  if (ARMOR_VERDICT(exec) == ARMOR_AUDIT) report(s, loud, ARMOR_EXEC, exec);
  if (ARMOR_VERDICT(read) == ARMOR_AUDIT) report(s, loud, ARMOR_READ, read);
  /* Reading and writing under one rule is one report. */
  if (ARMOR_VERDICT(write) == ARMOR_AUDIT && (audits == 1 || write != read)) report(s, loud, ARMOR_WRITE, write);
  return 0;
}

__noinline int armor_decide_path(struct armor_scratch *s) { return s ? decide_path(s, LOUD) : 1; }
__noinline int armor_decide_entry(struct armor_scratch *s) { return s ? decide_entry(s, LOUD) : 1; }

/* MARK: Presets: each is a question of its own, asked of what the classes let through. */

static __always_inline __u32 preset_cell(struct armor_scratch *s, enum armor_preset preset) {
  s->table = PRESETS;
  s->number = preset;
  s->cells[0] = ARMOR_ALLOW;
  entry(s);
  return s->cells[0];
}

/* Counts and reports what `cells[0]` says of the preset `number`: 1 if it is denied. */
__noinline int armor_settle_preset(struct armor_scratch *s) {
  if (!s) return 1;
  __u32 cell = s->cells[0], verdict = ARMOR_VERDICT(cell);
  if (verdict == ARMOR_ALLOW) return 0;
  s->trouble = 0;
  s->preset = s->number + 1;
  tally(s, LOUD, verdict == ARMOR_BLOCK ? ARMOR_BLOCKED : ARMOR_AUDITED);
  report(s, LOUD, first_operation(s), cell);
  s->preset = 0;
  return verdict == ARMOR_BLOCK;
}

static __always_inline int settle(struct armor_scratch *s, enum armor_preset preset, __u32 cell) {
  s->number = preset;
  s->cells[0] = cell;
  return armor_settle_preset(s);
}

static __always_inline int decide_preset(struct armor_scratch *s, enum armor_preset preset) {
  return settle(s, preset, preset_cell(s, preset));
}

/* MARK: What every hook does before and after. */

/* The policy in force for a domain: index in the outer maps; tier 0 is none. */
static __always_inline __u32 policy(__u32 domain, __u32 *outer, __u32 *rate, __u64 *key) {
  __u32 zero = 0;
  const struct armor_control *c = bpf_map_lookup_elem(&control, &zero);
  if (!c) return 0;
  __u32 index = domain * 2 + (c->bank & 1);
  *outer = index;
  *rate = c->rate;
  *key = c->hash_key;
  const struct armor_domain *d = bpf_map_lookup_elem(&domains, &index);
  return d ? d->tier : 0;
}

/* Takes a slot for an event of this task. NULL if there is nothing to decide: then `denied` is the answer. */
static __always_inline struct armor_scratch *begin(struct armor_task *task, int always, int *denied) {
  __u32 outer = 0, rate = 0, domain = task->domain;
  __u64 key = 0;
  __u32 tier = policy(domain, &outer, &rate, &key);
  *denied = 0;
  if (!tier && !always) return 0;
  struct armor_scratch *s = claim();
  if (!s) {
    *denied = tier != 0;
    if (tier) count(domain, ARMOR_UNDECIDED);
    return 0;
  }
  s->tier = tier;
  s->outer = outer;
  s->domain = domain;
  s->rate = rate;
  s->key = key;
  s->generation = task->generation;
  s->source = task->source;
  s->syscall_source = task->syscall_source;
  s->hash = task->hash;
  s->refreshed = 0;
  s->given = 0;
  s->start = PATH_END;
  s->pathless = 0;
  s->directory = 0;
  s->below = 0;
  s->guarded = 0;
  s->fileless = 0;
  s->probing = 0;
  s->preset = 0;
  s->trouble = 0;
  s->operations = 0;
  s->owner_uid = 0;
  s->is_owner = 0;
  s->mode = 0;
  s->protocol = 0;
  s->number = 0;
  s->image_flags = 0;
  s->class = ARMOR_FILE;
  return s;
}

/* Keeps what was found out about the task and gives the slot back. */
static __always_inline void end(struct armor_scratch *s, struct armor_task *task) {
  if (s->refreshed) {
    task->source = s->source;
    task->syscall_source = s->syscall_source;
    task->generation = s->generation;
  }
  release(s);
}

#endif
