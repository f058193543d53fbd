/* SPDX-License-Identifier: Apache-2.0 */
/*
 * patch.h - change the top-level members of a JSON object that is kept as text. Objects here are
 * what pal_fields_verbatim let through: valid, and no key needs unescaping. An absent one is {}.
 */
#ifndef PALAVER_MODEL_PATCH_H
#define PALAVER_MODEL_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

/*
 * Append `base` with the members of `patch` put over it: one of the same name is replaced, null
 * removes it, others are added behind. `scratch` is overwritten. False when a text is not such an
 * object or `arena` has no room; `out` then holds nothing to use. Runs on: any.
 */
bool pal_patch_merge(struct pal_json *scratch, struct pal_str base, struct pal_str patch,
		     struct pal_arena *arena, struct pal_buf *out) PAL_MUST_CHECK;

/*
 * Append `base` with the value of each member of `items` put at the end of the list of that name,
 * of which the newest `max` (>= 1) elements stay; a list that is not there yet is begun. Returns as
 * pal_patch_merge; false with *ret_key set when a member of that name is no list. Runs on: any.
 */
bool pal_patch_append(struct pal_json *scratch, struct pal_str base, struct pal_str items,
		      size_t max, struct pal_arena *arena, struct pal_buf *out,
		      struct pal_str *ret_key) PAL_MUST_CHECK;

#endif
