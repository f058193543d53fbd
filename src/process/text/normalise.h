/* SPDX-License-Identifier: Apache-2.0 */
/* normalise.h - one form for blanks and line breaks. */
#ifndef PALAVER_PROCESS_TEXT_NORMALISE_H
#define PALAVER_PROCESS_TEXT_NORMALISE_H

#include "base/arena.h"
#include "base/str.h"

/*
 * `text` without blanks at its ends and around line breaks, each run of blanks inside a line as one
 * space, each line break as one LF (domain.md section 4.2, X variant: breaks survive). What is in
 * that form already is returned as it came, else a copy in `arena`, never longer. p is NULL when
 * out of memory. Runs on: worker.
 */
struct pal_str pal_text_normalise(struct pal_str text, struct pal_arena *arena);

#endif
