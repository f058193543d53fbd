/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - the callers of the slots that concern the audit trail. */
#include <assert.h>

#include "store/count.h"
#include "store/limits.h"
#include "store/store.h"

enum pal_code pal_store_add_audit(struct pal_store *store, struct pal_tenant_key tenant,
				  const struct pal_audit_event *events, size_t count,
				  struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	for (size_t i = 0; code == PAL_OK && i < count; i++)
		code = pal_store_check_audit_event(&events[i], err);
	if (code != PAL_OK || count == 0)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_ADD_AUDIT, start_ns,
			       store->ops->add_audit(store, tenant, events, count, err));
}

enum pal_code pal_store_walk_audit(struct pal_store *store, unsigned reader,
				   struct pal_tenant_key tenant, int64_t after, size_t limit,
				   pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK || limit == 0)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_AUDIT, start_ns,
			       store->ops->walk_audit(store, reader, tenant, after, limit, visit,
						      arg, err));
}

enum pal_code pal_store_walk_audit_back(struct pal_store *store, unsigned reader,
					struct pal_tenant_key tenant, int64_t before, size_t limit,
					pal_audit_visit_fn *visit, void *arg,
					struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK || limit == 0)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_AUDIT, start_ns,
			       store->ops->walk_audit_back(store, reader, tenant, before, limit,
							   visit, arg, err));
}

enum pal_code pal_store_audit_head(struct pal_store *store, unsigned reader,
				   struct pal_tenant_key tenant, struct pal_audit_head *ret,
				   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader));
	return code != PAL_OK ? code : store->ops->audit_head(store, reader, tenant, ret, err);
}

enum pal_code pal_store_verify_audit(struct pal_store *store, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_audit_proof *io,
				     struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && !io->is_done);
	if (code != PAL_OK)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_VERIFY_AUDIT, start_ns,
			       store->ops->verify_audit(store, reader, tenant, io, err));
}

enum pal_code pal_store_prune_audit(struct pal_store *store, struct pal_tenant_key tenant,
				    int64_t before_ms, size_t limit, bool *ret_more,
				    struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(limit > 0);
	if (code != PAL_OK)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_PRUNE_AUDIT, start_ns,
			       store->ops->prune_audit(store, tenant, before_ms, limit, ret_more,
						       err));
}

enum pal_code pal_store_erase_audit(struct pal_store *store, struct pal_tenant_key tenant,
				    const int64_t *seqs, size_t count, struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(count > 0);
	if (code != PAL_OK)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_ERASE_AUDIT, start_ns,
			       store->ops->erase_audit(store, tenant, seqs, count, err));
}
