/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants, API keys, secrets; and what opening again must find. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1};

/* --- tenants ----------------------------------------------------------------------------------- */

static bool is_same_tenant(const struct pal_tenant *a, const struct pal_tenant *b)
{
	return a->key.n == b->key.n && pal_str_equal(a->id, b->id) &&
	       pal_str_equal(a->name, b->name) && a->status == b->status &&
	       a->created_ms == b->created_ms && a->trial_ends_ms == b->trial_ends_ms &&
	       pal_str_equal(a->settings, b->settings) && pal_str_equal(a->profile, b->profile);
}

struct tenant_walk {
	const struct pal_tenant *want;
	size_t seen, different, stop_after;
};

static bool tenant_visit(void *arg, const struct pal_tenant *tenant)
{
	struct tenant_walk *walk = arg;

	walk->different += !is_same_tenant(tenant, &walk->want[walk->seen]);
	walk->seen++;
	return walk->seen != walk->stop_after;
}

static size_t walk_tenants(struct stage *stage, const struct pal_tenant *want, size_t stop_after)
{
	struct tenant_walk walk = {.want = want, .stop_after = stop_after};

	CU_ASSERT_EQUAL(pal_store_walk_tenants(stage->store, 2, tenant_visit, &walk, NULL), PAL_OK);
	CU_ASSERT_EQUAL(walk.different, 0);
	return walk.seen;
}

static void put_tenants(struct stage *stage, struct pal_tenant tenants[3])
{
	tenants[0] = (struct pal_tenant){.id = PAL_STR("demo"),
					 .name = PAL_STR("D\xc3\xa9mo"),
					 .status = PAL_TENANT_TRIAL,
					 .created_ms = 1700000000000,
					 .trial_ends_ms = 1800000000000,
					 .settings = PAL_STR("{\"a\":[1,2]}"),
					 .profile = PAL_STR("{\"plan\":\"free\"}")};
	tenants[1] = (struct pal_tenant){.id = PAL_STR("Demo"), .status = PAL_TENANT_ACTIVE};
	tenants[2] = (struct pal_tenant){.id = repeat(&stage->arena, "\xe2\x82\xac", 255),
					 .status = PAL_TENANT_PENDING};
	for (size_t i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(pal_store_put_tenant(stage->store, &tenants[i], NULL), PAL_OK);
		CU_ASSERT_TRUE(tenants[i].key.n > 0);
	}
}

void conform_a_tenant_is_put_replaced_and_walked(struct stage *stage)
{
	struct pal_tenant tenants[3];

	CU_ASSERT_EQUAL(walk_tenants(stage, NULL, 0), 0);
	put_tenants(stage, tenants);
	CU_ASSERT_NOT_EQUAL(tenants[0].key.n, tenants[1].key.n);
	CU_ASSERT_NOT_EQUAL(tenants[1].key.n, tenants[2].key.n);
	CU_ASSERT_EQUAL(walk_tenants(stage, tenants, 0), 3);
	CU_ASSERT_EQUAL(walk_tenants(stage, tenants, 2), 2);

	struct pal_tenant_key was = tenants[1].key;
	tenants[1].name = PAL_STR("another");
	tenants[1].status = PAL_TENANT_SUSPENDED;
	tenants[1].settings = PAL_STR("{}");
	tenants[1].profile = PAL_STR("{\"plan\":\"custom\"}");
	tenants[1].key.n = 0;		/* is set, whatever it was */
	CU_ASSERT_EQUAL(pal_store_put_tenant(stage->store, &tenants[1], NULL), PAL_OK);
	CU_ASSERT_EQUAL(tenants[1].key.n, was.n);
	CU_ASSERT_EQUAL(walk_tenants(stage, tenants, 0), 3);
}

/* --- API keys ---------------------------------------------------------------------------------- */

static bool is_same_api_key(const struct pal_api_key *a, const struct pal_api_key *b)
{
	return pal_str_equal(a->key_id, b->key_id) && a->tenant.n == b->tenant.n &&
	       pal_str_equal(a->name, b->name) &&
	       memcmp(a->prefix, b->prefix, sizeof(a->prefix)) == 0 &&
	       memcmp(a->hash, b->hash, sizeof(a->hash)) == 0 &&
	       pal_str_equal(a->permissions, b->permissions) && a->status == b->status &&
	       a->created_ms == b->created_ms && a->expires_ms == b->expires_ms &&
	       pal_str_equal(a->rules, b->rules);
}

struct api_key_walk {
	const struct pal_api_key *want;
	size_t seen, different, stop_after;
};

static bool api_key_visit(void *arg, const struct pal_api_key *key)
{
	struct api_key_walk *walk = arg;

	walk->different += !is_same_api_key(key, &walk->want[walk->seen]);
	walk->seen++;
	return walk->seen != walk->stop_after;
}

static size_t walk_api_keys(struct stage *stage, const struct pal_api_key *want, size_t stop_after)
{
	struct api_key_walk walk = {.want = want, .stop_after = stop_after};

	CU_ASSERT_EQUAL(pal_store_walk_api_keys(stage->store, 0, api_key_visit, &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.different, 0);
	return walk.seen;
}

/* Two tenants' keys: 0 and 1 of the first, 2 of the second. */
static void put_api_keys(struct stage *stage, const struct pal_tenant *tenants,
			 struct pal_api_key keys[3])
{
	for (size_t i = 0; i < 3; i++) {
		keys[i] = (struct pal_api_key){
			.key_id = text_of(&stage->arena, "key-%zu", i),
			.tenant = tenants[i / 2].key,
			.name = text_of(&stage->arena, "name %zu", i),
			.permissions = PAL_STR("conversations:* analytics:read"),
			.status = PAL_API_KEY_ACTIVE,
			.created_ms = 1700000000000 + (int64_t)i,
			.expires_ms = i ? 1900000000000 : 0,
			.rules = i ? text_of(&stage->arena, "{\"n\":%zu}", i) : (struct pal_str){0},
		};
		memset(keys[i].prefix, 'a' + (int)i, sizeof(keys[i].prefix));
		for (size_t j = 0; j < sizeof(keys[i].hash); j++)
			keys[i].hash[j] = (uint8_t)(j * 8 + i);	/* zero bytes too */
		CU_ASSERT_EQUAL(pal_store_put_api_key(stage->store, &keys[i], NULL), PAL_OK);
	}
}

void conform_an_api_key_is_put_replaced_and_walked(struct stage *stage)
{
	struct pal_tenant tenants[3];
	struct pal_api_key keys[3];

	put_tenants(stage, tenants);
	CU_ASSERT_EQUAL(walk_api_keys(stage, NULL, 0), 0);
	put_api_keys(stage, tenants, keys);
	CU_ASSERT_EQUAL(walk_api_keys(stage, keys, 0), 3);
	CU_ASSERT_EQUAL(walk_api_keys(stage, keys, 1), 1);

	keys[1].status = PAL_API_KEY_REVOKED;
	keys[1].name = PAL_STR("");
	keys[1].hash[31] ^= 0xff;	/* rotated */
	keys[1].rules = PAL_STR("{}");
	CU_ASSERT_EQUAL(pal_store_put_api_key(stage->store, &keys[1], NULL), PAL_OK);
	CU_ASSERT_EQUAL(walk_api_keys(stage, keys, 0), 3);
}

void conform_an_api_key_that_conflicts_is_refused(struct stage *stage)
{
	struct pal_tenant tenants[3];
	struct pal_api_key keys[3], key;
	struct pal_error err = {0};

	put_tenants(stage, tenants);
	put_api_keys(stage, tenants, keys);
	key = keys[0];		/* a new id, a hash there is */
	key.key_id = PAL_STR("key-9");
	CU_ASSERT_EQUAL(pal_store_put_api_key(stage->store, &key, &err), PAL_E_CONFLICT);
	CU_ASSERT_EQUAL(err.code, PAL_E_CONFLICT);
	key = keys[1];		/* its own id, another's hash */
	memcpy(key.hash, keys[2].hash, sizeof(key.hash));
	CU_ASSERT_EQUAL(pal_store_put_api_key(stage->store, &key, &err), PAL_E_CONFLICT);
	key = keys[2];		/* the id of another tenant's key */
	key.key_id = keys[0].key_id;
	memset(key.hash, 0x5a, sizeof(key.hash));
	CU_ASSERT_EQUAL(pal_store_put_api_key(stage->store, &key, &err), PAL_E_CONFLICT);
	CU_ASSERT_EQUAL(walk_api_keys(stage, keys, 0), 3);
}

/* --- the rest ---------------------------------------------------------------------------------- */

static void get_secret(struct stage *stage, const char *name, uint8_t secret[32])
{
	CU_ASSERT_EQUAL(pal_store_installation_secret(stage->store, pal_str(name), secret, NULL),
			PAL_OK);
}

void conform_a_secret_is_made_once(struct stage *stage)
{
	static const uint8_t zero[32];
	uint8_t first[32] = {0}, again[32] = {0}, other[32] = {0};

	get_secret(stage, "api-keys", first);
	get_secret(stage, "cursor", other);
	get_secret(stage, "api-keys", again);
	CU_ASSERT_EQUAL(memcmp(first, again, 32), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first, other, 32), 0);
	CU_ASSERT_NOT_EQUAL(memcmp(first, zero, 32), 0);
	if (stage->kind->durable) {
		stage_reopen(stage);
		get_secret(stage, "cursor", again);
		CU_ASSERT_EQUAL(memcmp(other, again, 32), 0);
		get_secret(stage, "api-keys", again);
		CU_ASSERT_EQUAL(memcmp(first, again, 32), 0);
	}
}

void conform_a_store_answers_a_ping_and_comes_to_rest(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena,
		&(struct unit_spec){.conversation = "c", .count = 200, .prefix = "c"});
	size_t turns = 0;

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	for (unsigned reader = 0; reader < CONFORMANCE_READERS; reader++)
		CU_ASSERT_EQUAL(pal_store_ping(stage->store, reader, NULL), PAL_OK);
	while (turns < 100000 && pal_store_idle(stage->store))
		turns++;
	CU_ASSERT_TRUE(turns < 100000);
	CU_ASSERT_EQUAL(pal_store_ping(stage->store, 0, NULL), PAL_OK);
}

void conform_everything_is_there_when_opened_again(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 5, .prefix = "c"});
	struct unit_walk walk = {.unit = unit};
	struct pal_tenant tenants[3];
	struct pal_api_key keys[3];
	struct pal_conversation loaded;
	struct pal_found_exchange found;
	struct pal_store_counts counts;

	if (!stage->kind->durable)
		return;
	put_tenants(stage, tenants);
	put_api_keys(stage, tenants, keys);
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	struct pal_conversation record = *unit->conversation;
	record.last_sequence = 10;
	record.state = PAL_STR("{\"behind\":1}");
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, &record, 1, NULL), PAL_OK);

	stage_reopen(stage);
	CU_ASSERT_EQUAL(walk_tenants(stage, tenants, 0), 3);
	CU_ASSERT_EQUAL(walk_api_keys(stage, keys, 0), 3);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, PAL_STR("c"),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_conversation(&loaded, &record));
	CU_ASSERT_EQUAL(loaded.key, unit->conversation->key);
	CU_ASSERT_TRUE(pal_str_equal(loaded.state, record.state));
	CU_ASSERT_EQUAL(loaded.last_sequence, 10);
	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, loaded.key, 1, 100,
						 unit_walk_visit, &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.seen, 5);
	CU_ASSERT_EQUAL(walk.different, 0);
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("c-3-reply"),
						true, &stage->arena, &found, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_exchange(&found.exchange, &unit->exchanges[3]));
	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.exchanges, 5);
}

void conform_conflicts_are_still_seen_when_opened_again(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"});

	if (!stage->kind->durable)
		return;
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	stage_reopen(stage);

	const struct unit_spec specs[] = {
		{.conversation = "d", .count = 1, .prefix = "c"},
		{.conversation = "c", .count = 1, .prefix = "x"},
		{.conversation = "c",
		 .key = unit->conversation->key,
		 .first = 3,
		 .count = 1,
		 .prefix = "x"},
		{.conversation = "c",
		 .key = unit->conversation->key,
		 .first = 5,
		 .count = 1,
		 .prefix = "x"},
	};
	static const enum pal_unit_verdict want[] = {PAL_UNIT_DUPLICATE, PAL_UNIT_STALE,
						     PAL_UNIT_STALE, PAL_UNIT_STORED};
	for (size_t i = 0; i < 4; i++) {
		struct pal_unit *next = make_unit(&stage->arena, &specs[i]);
		CU_ASSERT_EQUAL(commit_one(stage->store, next), want[i]);
	}
}
