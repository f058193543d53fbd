/* SPDX-License-Identifier: Apache-2.0 */
/* markup.h - what a text says without its HTML. */
#ifndef PALAVER_PROCESS_TEXT_MARKUP_H
#define PALAVER_PROCESS_TEXT_MARKUP_H

#include "base/arena.h"
#include "base/str.h"

/*
 * `text` with character references decoded once, then tags removed (domain.md section 4.5); tags
 * that end a line or a paragraph leave a line break. A `<` that begins no tag stays. A text without
 * either is returned as it came, else a copy in `arena`, never longer. Linear. p is NULL when out
 * of memory. Runs on: worker.
 */
struct pal_str pal_text_without_markup(struct pal_str text, struct pal_arena *arena);

#endif
