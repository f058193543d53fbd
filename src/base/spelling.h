/* SPDX-License-Identifier: Apache-2.0 */
/* spelling.h - how far apart two names are, for "did you mean". */
#ifndef PALAVER_BASE_SPELLING_H
#define PALAVER_BASE_SPELLING_H

#include <stdbool.h>

#include "base/str.h"

#define PAL_SPELLING_MAX 64u	/* bytes of a name; longer ones are far from everything */

/*
 * Number of single-byte insertions, deletions, replacements and exchanges of neighbours that make
 * `b` of `a` (optimal string alignment); letters count without case. Runs on: any.
 */
unsigned pal_spelling_distance(struct pal_str a, struct pal_str b);

/* Whether `distance` is near enough to call `word` a slip of the pen. Runs on: any. */
bool pal_spelling_is_near(struct pal_str word, unsigned distance);

#endif
