/* SPDX-License-Identifier: Apache-2.0 */
/* record.c - the callers of the slots that concern records. */
#include <assert.h>

#include "store/count.h"
#include "store/limits.h"
#include "store/store.h"

enum pal_code pal_store_load_record(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_str kind,
				    struct pal_str id, struct pal_arena *arena,
				    struct pal_record *ret, struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader));
	if (code != PAL_OK)
		return code;
	if (!pal_store_is_id(kind) || !pal_store_is_record_id(id))
		return pal_fail(err, PAL_E_NOT_FOUND, "record", "no such record");
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_LOAD_RECORD, start_ns,
			       store->ops->load_record(store, reader, tenant, kind, id, arena, ret,
						       err));
}

enum pal_code pal_store_walk_records(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str owner, int64_t after_ms,
				     struct pal_str after_id, size_t limit,
				     pal_record_visit_fn *visit, void *arg, struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK || limit == 0)
		return code;
	if (owner.n == 0)
		owner.p = NULL;		/* empty is absent */
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_RECORDS, start_ns,
			       store->ops->walk_records(store, reader, tenant, kind, owner,
							after_ms, after_id, limit, visit, arg,
							err));
}

enum pal_code pal_store_walk_expired(struct pal_store *store, unsigned reader, struct pal_str kind,
				     int64_t after_ms, int64_t now_ms, size_t limit,
				     pal_expired_visit_fn *visit, void *arg, struct pal_error *err)
{
	assert(pal_store_is_reader(store, reader) && visit && after_ms >= 0);
	if (limit == 0)
		return PAL_OK;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_EXPIRED, start_ns,
			       store->ops->walk_expired(store, reader, kind, after_ms, now_ms, limit,
							visit, arg, err));
}
