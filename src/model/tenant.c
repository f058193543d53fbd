/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tenant.h"

#include <assert.h>

#include "model/names.h"

static const char *const tenant_status_names[] = {
#define X(id, name) [id] = name,
	PAL_TENANT_STATUSES(X)
#undef X
};

const char *pal_tenant_status_name(enum pal_tenant_status value)
{
	assert((size_t)value < PAL_TENANT_STATUS_COUNT);
	return tenant_status_names[value];
}

bool pal_tenant_status_parse(struct pal_str name, enum pal_tenant_status *ret)
{
	size_t i = pal_name_index(tenant_status_names, PAL_TENANT_STATUS_COUNT, name);

	if (i == PAL_TENANT_STATUS_COUNT)
		return false;
	*ret = (enum pal_tenant_status)i;
	return true;
}
