/* SPDX-License-Identifier: Apache-2.0 */
/* lists.h - the lists of a result, as every processor fills them. */
#ifndef PALAVER_PROCESS_LISTS_H
#define PALAVER_PROCESS_LISTS_H

#include "palaver/processor.h"

/*
 * Add to `list` those of the `count` texts at `more` that are not empty and not in it yet, until it
 * has `max`; the list is copied into `arena`. False when out of memory. Runs on: worker.
 */
bool pal_process_extend(struct pal_str_list *list, const struct pal_str *more, size_t count,
			size_t max, struct pal_arena *arena);

/* Say that the content is at fault, for the reason `why`, a constant. Runs on: worker. */
enum pal_code pal_process_reject(struct pal_process_result *ret, struct pal_str why,
				 struct pal_arena *arena, struct pal_error *err);

/* Share out `flags`, found beside those of the text, by what blocks. Runs on: worker. */
void pal_process_flag(struct pal_process_result *ret, uint32_t flags,
		      const struct pal_process_context *context);

#endif
