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

#define BIT(status) (1u << PAL_CONVERSATION_##status)

bool pal_conversation_may_become(enum pal_conversation_status from, enum pal_conversation_status to)
{
	static const unsigned next[PAL_CONVERSATION_STATUS_COUNT] = {
		[PAL_CONVERSATION_ACTIVE] = BIT(COMPLETED) | BIT(ABANDONED) | BIT(ESCALATED) |
					    BIT(PAUSED) | BIT(ERROR),
		[PAL_CONVERSATION_PAUSED] = BIT(ACTIVE) | BIT(COMPLETED) | BIT(ABANDONED),
		[PAL_CONVERSATION_ESCALATED] = BIT(ACTIVE) | BIT(COMPLETED) | BIT(ABANDONED),
		[PAL_CONVERSATION_ERROR] = BIT(ACTIVE) | BIT(ABANDONED),
		[PAL_CONVERSATION_COMPLETED] = BIT(ARCHIVED),
		[PAL_CONVERSATION_ABANDONED] = BIT(ARCHIVED),
	};

	return from == to || (next[from] & 1u << to);
}

bool pal_conversation_status_is_end(enum pal_conversation_status status)
{
	return (BIT(COMPLETED) | BIT(ABANDONED) | BIT(ARCHIVED)) & 1u << status;
}
