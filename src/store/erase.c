/* SPDX-License-Identifier: Apache-2.0 */
/* erase.c - the caller of the slot that empties a conversation for good. */
#include <assert.h>

#include "store/count.h"
#include "store/limits.h"
#include "store/store.h"

enum pal_code pal_store_erase_conversation(struct pal_store *store, struct pal_tenant_key tenant,
					   int64_t key, size_t limit, bool *ret_more,
					   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(limit > 0);
	if (code != PAL_OK)
		return code;
	if (key <= 0)
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_ERASE_CONVERSATION, start_ns,
			       store->ops->erase_conversation(store, tenant, key, limit, ret_more,
							      err));
}
