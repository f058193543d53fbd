/* SPDX-License-Identifier: Apache-2.0 */
#include "model/content.h"

#include <assert.h>

#include "model/names.h"

static const char *const content_type_names[] = {
#define X(id, name) [id] = name,
	PAL_CONTENT_TYPES(X)
#undef X
};

const char *pal_content_type_name(enum pal_content_type value)
{
	assert((size_t)value < PAL_CONTENT_TYPE_COUNT);
	return content_type_names[value];
}

bool pal_content_type_parse(struct pal_str name, enum pal_content_type *ret)
{
	size_t i = pal_name_index(content_type_names, PAL_CONTENT_TYPE_COUNT, name);

	if (i == PAL_CONTENT_TYPE_COUNT)
		return false;
	*ret = (enum pal_content_type)i;
	return true;
}
