/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <assert.h>

#include "store/count.h"
#include "store/kinds.h"
#include "store/limits.h"

/* --- life cycle ------------------------------------------------------------------------------- */

enum pal_code pal_store_open(const struct pal_store_config *config, struct pal_store **ret,
			     struct pal_error *err)
{
	const struct pal_store_kind *kind = NULL;
	struct pal_store *store = NULL;
	enum pal_code code = pal_store_find_kind(pal_str(config->kind), &kind, err);

	if (code != PAL_OK)
		return code;
	if (config->readers < 1 || config->readers > PAL_STORE_READERS_MAX)
		return pal_fail(err, PAL_E_CONFIG, "store.readers", "must be 1 to %u",
				PAL_STORE_READERS_MAX);
	code = pal_store_check_ops(kind->ops, err);
	if (code != PAL_OK)
		return code;
	code = kind->open(config, &store, err);
	if (code != PAL_OK)
		return code;
	assert(store->ops == kind->ops);
	store->readers = config->readers;
	pal_store_count_register();
	*ret = store;
	return PAL_OK;
}

void pal_store_destroy(struct pal_store *store)
{
	if (store)
		store->ops->destroy(store);
}

/* --- the writer's calls ----------------------------------------------------------------------- */

static bool is_fit(struct pal_unit *unit)
{
	if (pal_store_check_unit(unit, &unit->err) == PAL_OK)
		return true;
	unit->verdict = PAL_UNIT_FAILED;
	return false;
}

static bool is_fit_to_write(struct pal_record_write *write)
{
	if (pal_store_check_record_write(write, &write->err) == PAL_OK)
		return true;
	write->verdict = PAL_RECORD_FAILED;
	return false;
}

static void commit_group(struct pal_store *store, struct pal_unit **units, size_t unit_count,
			 struct pal_record_write **writes, size_t write_count)
{
	int64_t start_ns = pal_store_now_ns();

	if (unit_count + write_count == 0)
		return;
	store->ops->commit(store, units, unit_count, writes, write_count);
	if (unit_count)
		pal_store_count_group(start_ns, unit_count);
	else
		(void)pal_store_timed(PAL_OP_WRITE_RECORDS, start_ns, PAL_OK);
}

void pal_store_commit_all(struct pal_store *store, struct pal_unit **units, size_t unit_count,
			  struct pal_record_write **writes, size_t write_count)
{
	size_t unit = 0, write = 0;	/* the first that is not done */

	/* One that is unfit is a mistake of the service and splits its group; order is kept. */
	for (size_t i = 0; i < unit_count; i++) {
		if (is_fit(units[i]))
			continue;
		commit_group(store, units + unit, i - unit, NULL, 0);
		unit = i + 1;
	}
	for (size_t i = 0; i < write_count; i++) {
		if (is_fit_to_write(writes[i]))
			continue;
		commit_group(store, unit_count ? units + unit : NULL, unit_count - unit,
			     writes + write, i - write);
		unit = unit_count;
		write = i + 1;
	}
	/* where there are none there is no array to point into */
	commit_group(store, unit_count ? units + unit : NULL, unit_count - unit,
		     write_count ? writes + write : NULL, write_count - write);
	pal_store_count_verdicts(units, unit_count);
}

void pal_store_commit(struct pal_store *store, struct pal_unit **units, size_t count)
{
	pal_store_commit_all(store, units, count, NULL, 0);
}

void pal_store_write_records(struct pal_store *store, struct pal_record_write **writes,
			     size_t count)
{
	pal_store_commit_all(store, NULL, 0, writes, count);
}

enum pal_code pal_store_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
				     const struct pal_conversation *conversations, size_t count,
				     struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	for (size_t i = 0; code == PAL_OK && i < count; i++) {
		code = pal_store_check_conversation(&conversations[i], err);
		if (code == PAL_OK && conversations[i].key == 0)
			code = pal_fail(err, PAL_E_VALIDATION, "conversation", "is not stored yet");
	}
	if (code != PAL_OK || count == 0)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WRITE_BEHIND, start_ns,
			       store->ops->write_behind(store, tenant, conversations, count, err));
}

enum pal_code pal_store_put_tenant(struct pal_store *store, struct pal_tenant *tenant,
				   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant(tenant, err);

	if (code != PAL_OK)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_PUT_TENANT, start_ns,
			       store->ops->put_tenant(store, tenant, err));
}

enum pal_code pal_store_put_api_key(struct pal_store *store, const struct pal_api_key *key,
				    struct pal_error *err)
{
	enum pal_code code = pal_store_check_api_key(key, err);

	if (code != PAL_OK)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_PUT_API_KEY, start_ns,
			       store->ops->put_api_key(store, key, err));
}

enum pal_code pal_store_installation_secret(struct pal_store *store, struct pal_str name,
					    uint8_t ret[32], struct pal_error *err)
{
	if (!pal_store_is_id(name))
		return pal_fail(err, PAL_E_VALIDATION, "name", "a secret needs a name");
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_INSTALLATION_SECRET, start_ns,
			       store->ops->installation_secret(store, name, ret, err));
}

bool pal_store_idle(struct pal_store *store)
{
	return store->ops->idle(store);
}

/* --- the readers' calls ----------------------------------------------------------------------- */

enum pal_code pal_store_load_conversation(struct pal_store *store, unsigned reader,
					  struct pal_tenant_key tenant, struct pal_str id,
					  struct pal_arena *arena, struct pal_conversation *ret,
					  struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader));
	if (code != PAL_OK)
		return code;
	if (!pal_store_is_id(id))
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation_id", "no such conversation");
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_LOAD_CONVERSATION, start_ns,
			       store->ops->load_conversation(store, reader, tenant, id, arena, ret,
							     err));
}

enum pal_code pal_store_find_exchange(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str message_id,
				      bool outbound, struct pal_arena *arena,
				      struct pal_found_exchange *ret, struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader));
	if (code != PAL_OK)
		return code;
	if (!pal_store_is_id(message_id))
		return pal_fail(err, PAL_E_NOT_FOUND, "message_id", "no such message");
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_FIND_EXCHANGE, start_ns,
			       store->ops->find_exchange(store, reader, tenant, message_id, outbound,
							 arena, ret, err));
}

enum pal_code pal_store_walk_exchanges(struct pal_store *store, unsigned reader,
				       struct pal_tenant_key tenant, int64_t key, int64_t from,
				       size_t limit, pal_exchange_visit_fn *visit, void *arg,
				       struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK || limit == 0)
		return code;
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_EXCHANGES, start_ns,
			       store->ops->walk_exchanges(store, reader, tenant, key, from, limit,
							  visit, arg, err));
}

enum pal_code pal_store_walk_conversations(struct pal_store *store, unsigned reader,
					   struct pal_tenant_key tenant, struct pal_str user_id,
					   pal_conversation_visit_fn *visit, void *arg,
					   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant_key(tenant, err);

	assert(pal_store_is_reader(store, reader) && visit);
	if (code != PAL_OK)
		return code;
	if (user_id.n == 0)
		user_id.p = NULL;	/* empty is absent */
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_CONVERSATIONS, start_ns,
			       store->ops->walk_conversations(store, reader, tenant, user_id, visit,
							      arg, err));
}

enum pal_code pal_store_walk_tenants(struct pal_store *store, unsigned reader,
				     pal_tenant_visit_fn *visit, void *arg, struct pal_error *err)
{
	assert(pal_store_is_reader(store, reader) && visit);
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_TENANTS, start_ns,
			       store->ops->walk_tenants(store, reader, visit, arg, err));
}

enum pal_code pal_store_walk_api_keys(struct pal_store *store, unsigned reader,
				      pal_api_key_visit_fn *visit, void *arg, struct pal_error *err)
{
	assert(pal_store_is_reader(store, reader) && visit);
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_WALK_API_KEYS, start_ns,
			       store->ops->walk_api_keys(store, reader, visit, arg, err));
}

enum pal_code pal_store_ping(struct pal_store *store, unsigned reader, struct pal_error *err)
{
	assert(pal_store_is_reader(store, reader));
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_PING, start_ns, store->ops->ping(store, reader, err));
}

enum pal_code pal_store_count(struct pal_store *store, unsigned reader,
			      struct pal_store_counts *ret, struct pal_error *err)
{
	assert(pal_store_is_reader(store, reader));
	int64_t start_ns = pal_store_now_ns();
	return pal_store_timed(PAL_OP_COUNT, start_ns, store->ops->count(store, reader, ret, err));
}
