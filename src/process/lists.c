/* SPDX-License-Identifier: Apache-2.0 */
#include "process/lists.h"

static bool has(const struct pal_str *item, size_t count, struct pal_str s)
{
	for (size_t i = 0; i < count; i++)
		if (pal_str_equal(item[i], s))
			return true;
	return false;
}

bool pal_process_extend(struct pal_str_list *list, const struct pal_str *more, size_t count,
			size_t max, struct pal_arena *arena)
{
	size_t n = list->count < max ? list->count : max;
	struct pal_str *item = pal_arena_get(arena, (n + count) * sizeof(*item));

	if (!item)
		return false;
	if (n)
		memcpy(item, list->item, n * sizeof(*item));
	for (size_t i = 0; i < count && n < max; i++)
		if (more[i].n && !has(item, n, more[i]))
			item[n++] = more[i];
	*list = (struct pal_str_list){item, n};
	return true;
}

enum pal_code pal_process_reject(struct pal_process_result *ret, struct pal_str why,
				 struct pal_arena *arena, struct pal_error *err)
{
	ret->success = false;
	return pal_process_extend(&ret->errors, &why, 1, SIZE_MAX, arena)
		       ? PAL_OK
		       : pal_fail_memory(err, "processor");
}

void pal_process_flag(struct pal_process_result *ret, uint32_t flags,
		      const struct pal_process_context *context)
{
	ret->safety_flags |= flags;
	ret->blocking_flags = ret->safety_flags & context->blocking_flags;
	ret->review_flags = ret->safety_flags & ~context->blocking_flags;
}
