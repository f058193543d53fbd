/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <assert.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "store/kinds.h"
#include "store/limits.h"

/* --- counting --------------------------------------------------------------------------------- */

#define OPS(X)                                                                                     \
	X(OP_COMMIT, "commit")                                                                     \
	X(OP_WRITE_BEHIND, "write_behind")                                                         \
	X(OP_LOAD_CONVERSATION, "load_conversation")                                               \
	X(OP_FIND_EXCHANGE, "find_exchange")                                                       \
	X(OP_WALK_EXCHANGES, "walk_exchanges")                                                     \
	X(OP_PUT_TENANT, "put_tenant")                                                             \
	X(OP_PUT_API_KEY, "put_api_key")                                                           \
	X(OP_WALK_TENANTS, "walk_tenants")                                                         \
	X(OP_WALK_API_KEYS, "walk_api_keys")                                                       \
	X(OP_INSTALLATION_SECRET, "installation_secret")                                           \
	X(OP_PING, "ping")                                                                         \
	X(OP_COUNT, "count")

enum op {
#define X(id, name) id,
	OPS(X)
#undef X
	OP_MAX
};

static const double seconds_bounds[] = {
	0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
	0.05,	 0.1,	 0.25,	 0.5,	1.0,	2.5,   5.0,
};
static const double group_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

#define BOUNDS(array) (array), sizeof(array) / sizeof((array)[0])
#define DURATION(id, label)                                                                        \
	[id] = {"database_query_duration_seconds", "Time a call of the store took.",               \
		PAL_METRIC_HISTOGRAM, "op=\"" label "\"", BOUNDS(seconds_bounds)},
static const struct pal_metric_desc duration_descs[OP_MAX] = {OPS(DURATION)};

#define UNITS(label)                                                                               \
	{                                                                                          \
		"store_units_total", "Units of work by what became of them.", PAL_METRIC_COUNTER,  \
			"verdict=\"" label "\"", NULL, 0                                           \
	}
static const struct pal_metric_desc unit_descs[PAL_UNIT_VERDICT_COUNT] = {
	[PAL_UNIT_STORED] = UNITS("stored"),
	[PAL_UNIT_DUPLICATE] = UNITS("duplicate"),
	[PAL_UNIT_STALE] = UNITS("stale"),
	[PAL_UNIT_FAILED] = UNITS("failed"),
};

/* Registered by pal_store_open, before the threads that count here exist. */
static struct {
	pal_metric duration[OP_MAX];
	pal_metric units[PAL_UNIT_VERDICT_COUNT];
	pal_metric commits, group;
} metrics;

static void register_metrics(void)
{
	for (size_t i = 0; i < OP_MAX; i++)
		metrics.duration[i] = pal_metric_register(&duration_descs[i]);
	for (size_t i = 0; i < PAL_UNIT_VERDICT_COUNT; i++)
		metrics.units[i] = pal_metric_register(&unit_descs[i]);
	metrics.commits = pal_metric_register(&(struct pal_metric_desc){
		.name = "store_commits_total",
		.help = "Groups of units committed.",
		.kind = PAL_METRIC_COUNTER,
	});
	metrics.group = pal_metric_register(&(struct pal_metric_desc){
		.name = "store_group_units",
		.help = "Units committed as one group.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = group_bounds,
		.bounds_count = sizeof(group_bounds) / sizeof(group_bounds[0]),
	});
}

static int64_t now_ns(void)
{
	return pal_clock_mono_ns(pal_clock_system());
}

/* Pass `code` on and note how long `op` took. */
static enum pal_code timed(enum op op, int64_t start_ns, enum pal_code code)
{
	pal_metric_observe(metrics.duration[op], (double)(now_ns() - start_ns) * 1e-9);
	return code;
}

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
	register_metrics();
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

static void commit_group(struct pal_store *store, struct pal_unit **units, size_t count)
{
	int64_t start_ns = now_ns();

	store->ops->commit(store, units, count);
	(void)timed(OP_COMMIT, start_ns, PAL_OK);
	pal_metric_add(metrics.commits, 1);
	pal_metric_observe(metrics.group, (double)count);
}

static void count_verdicts(struct pal_unit **units, size_t count)
{
	uint64_t of[PAL_UNIT_VERDICT_COUNT] = {0};

	for (size_t i = 0; i < count; i++)
		of[units[i]->verdict]++;
	for (size_t v = 0; v < PAL_UNIT_VERDICT_COUNT; v++) {
		if (of[v])
			pal_metric_add(metrics.units[v], of[v]);
	}
}

void pal_store_commit(struct pal_store *store, struct pal_unit **units, size_t count)
{
	size_t start = 0;

	/* An unfit unit is a mistake of the service and splits its group; order is kept. */
	for (size_t i = 0; i < count; i++) {
		if (is_fit(units[i]))
			continue;
		if (i > start)
			commit_group(store, units + start, i - start);
		start = i + 1;
	}
	if (count > start)
		commit_group(store, units + start, count - start);
	count_verdicts(units, count);
}

static enum pal_code check_tenant_key(struct pal_tenant_key tenant, struct pal_error *err)
{
	return tenant.n > 0 ? PAL_OK
			    : pal_fail(err, PAL_E_VALIDATION, "tenant", "a call needs a tenant");
}

enum pal_code pal_store_write_behind(struct pal_store *store, struct pal_tenant_key tenant,
				     const struct pal_conversation *conversations, size_t count,
				     struct pal_error *err)
{
	enum pal_code code = check_tenant_key(tenant, err);

	for (size_t i = 0; code == PAL_OK && i < count; i++) {
		code = pal_store_check_conversation(&conversations[i], err);
		if (code == PAL_OK && conversations[i].key == 0)
			code = pal_fail(err, PAL_E_VALIDATION, "conversation", "is not stored yet");
	}
	if (code != PAL_OK || count == 0)
		return code;
	int64_t start_ns = now_ns();
	return timed(OP_WRITE_BEHIND, start_ns,
		     store->ops->write_behind(store, tenant, conversations, count, err));
}

enum pal_code pal_store_put_tenant(struct pal_store *store, struct pal_tenant *tenant,
				   struct pal_error *err)
{
	enum pal_code code = pal_store_check_tenant(tenant, err);

	if (code != PAL_OK)
		return code;
	int64_t start_ns = now_ns();
	return timed(OP_PUT_TENANT, start_ns, store->ops->put_tenant(store, tenant, err));
}

enum pal_code pal_store_put_api_key(struct pal_store *store, const struct pal_api_key *key,
				    struct pal_error *err)
{
	enum pal_code code = pal_store_check_api_key(key, err);

	if (code != PAL_OK)
		return code;
	int64_t start_ns = now_ns();
	return timed(OP_PUT_API_KEY, start_ns, store->ops->put_api_key(store, key, err));
}

enum pal_code pal_store_installation_secret(struct pal_store *store, struct pal_str name,
					    uint8_t ret[32], struct pal_error *err)
{
	if (!pal_store_is_id(name))
		return pal_fail(err, PAL_E_VALIDATION, "name", "a secret needs a name");
	int64_t start_ns = now_ns();
	return timed(OP_INSTALLATION_SECRET, start_ns,
		     store->ops->installation_secret(store, name, ret, err));
}

bool pal_store_idle(struct pal_store *store)
{
	return store->ops->idle(store);
}

/* --- the readers' calls ----------------------------------------------------------------------- */

static bool is_reader(const struct pal_store *store, unsigned reader)
{
	return !store->ops->blocks || reader < store->readers;
}

enum pal_code pal_store_load_conversation(struct pal_store *store, unsigned reader,
					  struct pal_tenant_key tenant, struct pal_str id,
					  struct pal_arena *arena, struct pal_conversation *ret,
					  struct pal_error *err)
{
	enum pal_code code = check_tenant_key(tenant, err);

	assert(is_reader(store, reader));
	if (code != PAL_OK)
		return code;
	if (!pal_store_is_id(id))
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation_id", "no such conversation");
	int64_t start_ns = now_ns();
	return timed(OP_LOAD_CONVERSATION, start_ns,
		     store->ops->load_conversation(store, reader, tenant, id, arena, ret, err));
}

enum pal_code pal_store_find_exchange(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str message_id,
				      bool outbound, struct pal_arena *arena,
				      struct pal_found_exchange *ret, struct pal_error *err)
{
	enum pal_code code = check_tenant_key(tenant, err);

	assert(is_reader(store, reader));
	if (code != PAL_OK)
		return code;
	if (!pal_store_is_id(message_id))
		return pal_fail(err, PAL_E_NOT_FOUND, "message_id", "no such message");
	int64_t start_ns = now_ns();
	return timed(OP_FIND_EXCHANGE, start_ns,
		     store->ops->find_exchange(store, reader, tenant, message_id, outbound, arena,
					       ret, err));
}

enum pal_code pal_store_walk_exchanges(struct pal_store *store, unsigned reader,
				       struct pal_tenant_key tenant, int64_t key, int64_t from,
				       size_t limit, pal_exchange_visit_fn *visit, void *arg,
				       struct pal_error *err)
{
	enum pal_code code = check_tenant_key(tenant, err);

	assert(is_reader(store, reader) && visit);
	if (code != PAL_OK || limit == 0)
		return code;
	int64_t start_ns = now_ns();
	return timed(OP_WALK_EXCHANGES, start_ns,
		     store->ops->walk_exchanges(store, reader, tenant, key, from, limit, visit, arg,
						err));
}

enum pal_code pal_store_walk_tenants(struct pal_store *store, unsigned reader,
				     pal_tenant_visit_fn *visit, void *arg, struct pal_error *err)
{
	assert(is_reader(store, reader) && visit);
	int64_t start_ns = now_ns();
	return timed(OP_WALK_TENANTS, start_ns,
		     store->ops->walk_tenants(store, reader, visit, arg, err));
}

enum pal_code pal_store_walk_api_keys(struct pal_store *store, unsigned reader,
				      pal_api_key_visit_fn *visit, void *arg, struct pal_error *err)
{
	assert(is_reader(store, reader) && visit);
	int64_t start_ns = now_ns();
	return timed(OP_WALK_API_KEYS, start_ns,
		     store->ops->walk_api_keys(store, reader, visit, arg, err));
}

enum pal_code pal_store_ping(struct pal_store *store, unsigned reader, struct pal_error *err)
{
	assert(is_reader(store, reader));
	int64_t start_ns = now_ns();
	return timed(OP_PING, start_ns, store->ops->ping(store, reader, err));
}

enum pal_code pal_store_count(struct pal_store *store, unsigned reader,
			      struct pal_store_counts *ret, struct pal_error *err)
{
	assert(is_reader(store, reader));
	int64_t start_ns = now_ns();
	return timed(OP_COUNT, start_ns, store->ops->count(store, reader, ret, err));
}
