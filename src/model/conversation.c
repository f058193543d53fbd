/* SPDX-License-Identifier: Apache-2.0 */
#include "model/conversation.h"

#include <assert.h>

#include "model/names.h"

static const char *const conversation_status_names[] = {
#define X(id, name) [id] = name,
	PAL_CONVERSATION_STATUSES(X)
#undef X
};

const char *pal_conversation_status_name(enum pal_conversation_status value)
{
	assert((size_t)value < PAL_CONVERSATION_STATUS_COUNT);
	return conversation_status_names[value];
}

bool pal_conversation_status_parse(struct pal_str name, enum pal_conversation_status *ret)
{
	size_t i = pal_name_index(conversation_status_names, PAL_CONVERSATION_STATUS_COUNT, name);

	if (i == PAL_CONVERSATION_STATUS_COUNT)
		return false;
	*ret = (enum pal_conversation_status)i;
	return true;
}
