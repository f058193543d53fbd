/* SPDX-License-Identifier: Apache-2.0 */
/* split.h - long texts in parts that a channel takes (channels.md section 1.3). Pure. */
#ifndef PALAVER_CHANNEL_SPLIT_H
#define PALAVER_CHANNEL_SPLIT_H

#include <stddef.h>

#include "base/str.h"

/* Length of strict UTF-8 in UTF-16 units: never less than the characters anybody counts. Runs on:
 * any. */
size_t pal_utf16_units(struct pal_str text);

/*
 * Take the next part of at most `units_max` (>= 1) UTF-16 units off *rest, which is strict UTF-8:
 * up to the last paragraph's end that fits, else the last line's, sentence's, word's; else cut, but
 * never inside a character as a reader sees it, unless that alone is too long, and never inside a
 * code point, even if that one is longer. White space around a cut is dropped. The absent view when
 * nothing is left. Runs on: any.
 */
struct pal_str pal_split_next(struct pal_str *rest, size_t units_max);

#endif
