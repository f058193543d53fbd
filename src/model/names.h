/* SPDX-License-Identifier: Apache-2.0 */
/* names.h - find the index of a wire name in a table; shared by the enumerations of this folder. */
#ifndef PALAVER_MODEL_NAMES_H
#define PALAVER_MODEL_NAMES_H

#include <stddef.h>

#include "base/str.h"

/* Index of `name` in `names`, or `count` when it is not there. Runs on: any. */
static inline size_t pal_name_index(const char *const *names, size_t count, struct pal_str name)
{
	size_t i = 0;

	while (i < count && !pal_str_equal(pal_str(names[i]), name))
		i++;
	return i;
}

#endif
