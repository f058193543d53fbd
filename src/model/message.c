/* SPDX-License-Identifier: Apache-2.0 */
#include "model/message.h"

#include <assert.h>

#include "model/names.h"

static const char *const channel_names[] = {
#define X(id, name) [id] = name,
	PAL_CHANNELS(X)
#undef X
};

const char *pal_channel_name(enum pal_channel_type value)
{
	assert((size_t)value < PAL_CHANNEL_COUNT);
	return channel_names[value];
}

bool pal_channel_parse(struct pal_str name, enum pal_channel_type *ret)
{
	size_t i = pal_name_index(channel_names, PAL_CHANNEL_COUNT, name);

	if (i == PAL_CHANNEL_COUNT)
		return false;
	*ret = (enum pal_channel_type)i;
	return true;
}

static const char *const delivery_status_names[] = {
#define X(id, name) [id] = name,
	PAL_DELIVERY_STATUSES(X)
#undef X
};

const char *pal_delivery_status_name(enum pal_delivery_status value)
{
	assert((size_t)value < PAL_DELIVERY_STATUS_COUNT);
	return delivery_status_names[value];
}

bool pal_delivery_status_parse(struct pal_str name, enum pal_delivery_status *ret)
{
	size_t i = pal_name_index(delivery_status_names, PAL_DELIVERY_STATUS_COUNT, name);

	if (i == PAL_DELIVERY_STATUS_COUNT)
		return false;
	*ret = (enum pal_delivery_status)i;
	return true;
}
