// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The matcher: LSM programs that decide by the images of armor.h. docs/bpf.md tells what each hook does.
 *
 * None of them sleeps. A task without identity passes after one look-up.
 */
#include "decide.bpf.h"
#include "tasks.bpf.h"
#include "files.bpf.h"
#include "guards.bpf.h"
#include "sockets.bpf.h"
#include "calls.bpf.h"
#include "test.bpf.h"

/* LSM programs and most helpers are for programs under the GPL alone. */
char armor_license[] SEC("license") = "GPL";
