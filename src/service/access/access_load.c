/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored of tenants, keys and tokens, brought into memory when we start. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "service/access/parts.h"
#include "service/access/usage.h"
#include "store/store.h"

/* A walk that stopped for want of memory ends well, as far as the store can see. */
struct loading {
	struct pal_access *access;
	struct pal_keyring *ring;
	struct pal_live_tenant *tenant;	/* whose records are walked */
	struct pal_json *json;
	int64_t now_ms;
	bool failed;
};

static bool visit_tenant(void *arg, const struct pal_tenant *tenant)
{
	struct loading *loading = arg;

	loading->failed = !pal_keyring_put_tenant(loading->ring, tenant);
	return !loading->failed;
}

static bool visit_key(void *arg, const struct pal_api_key *key)
{
	struct loading *loading = arg;

	loading->failed = !pal_keyring_put_key(loading->ring, key);
	return !loading->failed;
}

/* The number `name` of a record's body, 0 when there is none. */
static int64_t number_in(struct loading *loading, struct pal_str body, const char *name)
{
	struct pal_json_fault fault;
	int64_t n = 0;

	if (!pal_json_scan(loading->json, body, &fault))
		return 0;
	uint32_t at = pal_json_member(loading->json, 0, pal_str(name));
	if (at != PAL_JSON_NONE && pal_json_type(loading->json, at) == PAL_JSON_NUMBER)
		(void)!pal_json_integer(loading->json, at, &n);
	return n;
}

static bool visit_usage(void *arg, const struct pal_record *record)
{
	struct loading *loading = arg;

	pal_usage_restore(loading->tenant, record->id,
			  number_in(loading, record->body, "messages"), loading->now_ms);
	return true;
}

static bool visit_use(void *arg, const struct pal_record *record)
{
	struct loading *loading = arg;
	struct pal_live_key *key =
		pal_keyring_key(loading->ring, loading->tenant->key, record->id);

	if (key)
		atomic_store(&key->last_used_ms, number_in(loading, record->body, "at_ms"));
	return true;
}

/* The owner of the record is the token's jti: the id is its digest, since a jti may be long. */
static bool visit_revoked(void *arg, const struct pal_record *record)
{
	struct loading *loading = arg;

	if (record->expires_ms > loading->now_ms)
		loading->failed = !pal_revoked_add(loading->access->revoked, loading->tenant->key,
						   record->owner, record->expires_ms);
	return !loading->failed;
}

/* What was written behind of `loading->tenant` and its keys. */
static enum pal_code load_records(struct loading *loading, struct pal_error *err)
{
	static const struct {
		const char *kind;
		pal_record_visit_fn *visit;
	} kinds[] = {{PAL_USAGE_KIND, visit_usage},
		     {PAL_KEY_USE_KIND, visit_use},
		     {PAL_REVOKED_KIND, visit_revoked}};
	enum pal_code code = PAL_OK;

	for (size_t i = 0; code == PAL_OK && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		code = pal_store_walk_records(loading->access->store, 0, loading->tenant->key,
					      pal_str(kinds[i].kind), (struct pal_str){NULL, 0}, 0,
					      (struct pal_str){NULL, 0}, PAL_REVOKED_MAX,
					      kinds[i].visit, loading, err);
	return code;
}

static enum pal_code load_all(struct loading *loading, struct pal_error *err)
{
	struct pal_store *store = loading->access->store;
	enum pal_code code = pal_store_walk_tenants(store, 0, visit_tenant, loading, err);

	if (code == PAL_OK && !loading->failed)
		code = pal_store_walk_api_keys(store, 0, visit_key, loading, err);
	loading->tenant = pal_keyring_next(loading->ring, (struct pal_tenant_key){0});
	while (code == PAL_OK && !loading->failed && loading->tenant) {
		code = load_records(loading, err);
		loading->tenant = pal_keyring_next(loading->ring, loading->tenant->key);
	}
	return code;
}

enum pal_code pal_access_load(struct pal_access *access, struct pal_error *err)
{
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];
	enum pal_code code = pal_store_installation_secret(access->store, PAL_STR("api-key-hash"),
							   hash_key, err);

	if (code != PAL_OK)
		return code;
	access->ring = pal_keyring_create(hash_key);
	access->revoked = pal_revoked_create();
	explicit_bzero(hash_key, sizeof(hash_key));
	struct loading loading = {.access = access,
				  .ring = access->ring,
				  .json = malloc(sizeof(*loading.json)),
				  .now_ms = pal_clock_wall_ms(access->clock)};
	loading.failed = !access->ring || !access->revoked || !loading.json;
	if (!loading.failed)
		code = load_all(&loading, err);
	free(loading.json);
	return code == PAL_OK && loading.failed ? pal_fail_memory(err, "access") : code;
}
