/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of tenants and keys are made once and live as long as the room: a change makes a new record
 * and bumps the generation, so that views handed out stay valid without counting references. A
 * verified key is remembered per thread by a 128-bit keyed fingerprint (never by its text), which
 * spares the HMAC on the hot path until the generation moves.
 */
#include "service/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/hash.h"
#include "base/id.h"

#include <uthash.h>

#include "store/store.h"

#define KEY_DIGITS_MIN 32u
#define KEY_DIGITS_MAX 64u
#define KEY_STEM_BYTES 8u		/* "cb_live_" */
#define CACHE_SLOTS 64u

struct tenant {
	struct pal_tenant record;	/* views into `text` */
	UT_hash_handle by_id, by_key;
	char text[];
};

struct key {
	struct pal_api_key record;	/* views into `text` */
	struct tenant *tenant;
	struct key *next;		/* same prefix */
	struct key *older;		/* all of them */
	UT_hash_handle hh;
	char text[];
};

struct pal_access {
	struct pal_store *store;	/* fixed at create, as are the next four */
	const struct pal_clock *clock;
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];
	uint8_t fingerprint_key[2][16];
	uint64_t instance;
	_Atomic bool require_tenant_header;
	_Atomic uint64_t generation;
	pthread_rwlock_t lock;		/* guards the rest; the records never change */
	struct pal_jwt *jwt;		/* NULL: no bearer tokens */
	struct tenant *tenants_by_id, *tenants_by_key;
	struct key *keys_by_prefix, *keys;
};

struct cache_slot {
	uint64_t instance, generation, fingerprint[2];
	const struct key *key;
};

static _Thread_local struct cache_slot cache[CACHE_SLOTS];

bool pal_access_is_key(struct pal_str text)
{
	if (text.n < KEY_STEM_BYTES + KEY_DIGITS_MIN || text.n > KEY_STEM_BYTES + KEY_DIGITS_MAX)
		return false;
	if (memcmp(text.p, "cb_live_", KEY_STEM_BYTES) != 0 &&
	    memcmp(text.p, "cb_test_", KEY_STEM_BYTES) != 0)
		return false;
	for (size_t i = KEY_STEM_BYTES; i < text.n; i++)
		if (!memchr("0123456789abcdef", text.p[i], 16))
			return false;
	return true;
}

void pal_access_new_key(bool live, char out[PAL_API_KEY_TEXT_SIZE])
{
	uint8_t random[KEY_DIGITS_MAX / 2];
	static const char digits[] = "0123456789abcdef";

	pal_random_bytes(random, sizeof(random));
	memcpy(out, live ? "cb_live_" : "cb_test_", KEY_STEM_BYTES);
	for (size_t i = 0; i < sizeof(random); i++) {
		out[KEY_STEM_BYTES + 2 * i] = digits[random[i] >> 4];
		out[KEY_STEM_BYTES + 2 * i + 1] = digits[random[i] & 15];
	}
	out[PAL_API_KEY_TEXT_SIZE - 1] = '\0';
	explicit_bzero(random, sizeof(random));
}

static void hash_key_text(const struct pal_access *access, struct pal_str text, uint8_t out[32])
{
	pal_hmac_sha256((struct pal_str){(const char *)access->hash_key, sizeof(access->hash_key)},
			text, out);
}

/* Copy `s` behind `*at`, move it on, and return the copy. */
static struct pal_str keep(char **at, struct pal_str s)
{
	struct pal_str copy = {*at, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

/* Both tables or none; uthash shows want of memory by leaving the handle without a table. */
static bool link_tenant_locked(struct pal_access *access, struct tenant *t)
{
	HASH_ADD_KEYPTR(by_id, access->tenants_by_id, t->record.id.p, t->record.id.n, t);
	if (!t->by_id.tbl)
		return false;
	HASH_ADD_KEYPTR(by_key, access->tenants_by_key, &t->record.key, sizeof(t->record.key), t);
	if (t->by_key.tbl)
		return true;
	HASH_DELETE(by_id, access->tenants_by_id, t);
	return false;
}

/* Keep a copy of `record`, unless its id is known. False when out of memory. */
static bool remember_tenant(struct pal_access *access, const struct pal_tenant *record)
{
	size_t bytes = record->id.n + record->name.n + record->settings.n;
	struct tenant *t = calloc(1, sizeof(*t) + bytes);
	struct tenant *old = NULL;
	bool linked = false;

	if (!t)
		return false;
	char *at = t->text;
	t->record = *record;
	t->record.id = keep(&at, record->id);
	t->record.name = keep(&at, record->name);
	t->record.settings = keep(&at, record->settings);
	pthread_rwlock_wrlock(&access->lock);
	HASH_FIND(by_id, access->tenants_by_id, t->record.id.p, t->record.id.n, old);
	if (!old)
		linked = link_tenant_locked(access, t);
	atomic_fetch_add(&access->generation, 1);
	pthread_rwlock_unlock(&access->lock);
	if (!linked)
		free(t);
	return old || linked;
}

static struct tenant *tenant_by_id(struct pal_access *access, struct pal_str id)
{
	struct tenant *t = NULL;

	pthread_rwlock_rdlock(&access->lock);
	HASH_FIND(by_id, access->tenants_by_id, id.p, id.n, t);
	pthread_rwlock_unlock(&access->lock);
	return t;
}

struct pal_tenant_key pal_access_tenant(struct pal_access *access, struct pal_str id)
{
	const struct tenant *t = tenant_by_id(access, id);

	return t ? t->record.key : (struct pal_tenant_key){0};
}

bool pal_access_next_tenant(struct pal_access *access, struct pal_tenant_key after,
			    struct pal_tenant_key *ret_key, struct pal_str *ret_id)
{
	const struct tenant *best = NULL;

	pthread_rwlock_rdlock(&access->lock);
	for (const struct tenant *t = access->tenants_by_id; t; t = t->by_id.next)
		if (t->record.key.n > after.n && (!best || t->record.key.n < best->record.key.n))
			best = t;
	pthread_rwlock_unlock(&access->lock);
	if (!best)
		return false;
	*ret_key = best->record.key;
	*ret_id = best->record.id;
	return true;
}

static struct key *copy_key(const struct pal_api_key *record)
{
	struct key *k =
		calloc(1, sizeof(*k) + record->key_id.n + record->name.n + record->permissions.n);

	if (!k)
		return NULL;
	char *at = k->text;
	k->record = *record;
	k->record.key_id = keep(&at, record->key_id);
	k->record.name = keep(&at, record->name);
	k->record.permissions = keep(&at, record->permissions);
	return k;
}

static bool link_key_locked(struct pal_access *access, struct key *k)
{
	struct key *head = NULL;

	HASH_FIND(hh, access->keys_by_prefix, k->record.prefix, PAL_API_KEY_PREFIX_SIZE, head);
	if (head) {
		k->next = head->next;
		head->next = k;
	} else {
		HASH_ADD_KEYPTR(hh, access->keys_by_prefix, k->record.prefix,
				PAL_API_KEY_PREFIX_SIZE, k);
		if (!k->hh.tbl)
			return false;
	}
	k->older = access->keys;
	access->keys = k;
	return true;
}

/* Keep a copy of `record`, unless it is of no tenant: then it opens nothing. False: no memory. */
static bool remember_key(struct pal_access *access, const struct pal_api_key *record)
{
	struct key *k = copy_key(record);
	bool linked = false;

	if (!k)
		return false;
	pthread_rwlock_wrlock(&access->lock);
	HASH_FIND(by_key, access->tenants_by_key, &record->tenant, sizeof(record->tenant), k->tenant);
	bool wanted = k->tenant != NULL;
	if (wanted)
		linked = link_key_locked(access, k);
	atomic_fetch_add(&access->generation, 1);
	pthread_rwlock_unlock(&access->lock);
	if (!linked)
		free(k);
	return linked || !wanted;
}

/* A walk that stopped for want of memory ends well, as far as the store can see. */
struct loading {
	struct pal_access *access;
	bool failed;
};

static bool visit_tenant(void *arg, const struct pal_tenant *tenant)
{
	struct loading *loading = arg;

	loading->failed = !remember_tenant(loading->access, tenant);
	return !loading->failed;
}

static bool visit_key(void *arg, const struct pal_api_key *key)
{
	struct loading *loading = arg;

	loading->failed = !remember_key(loading->access, key);
	return !loading->failed;
}

static enum pal_code load(struct pal_access *access, struct pal_error *err)
{
	struct loading loading = {.access = access};
	struct pal_store *store = access->store;
	enum pal_code code =
		pal_store_installation_secret(store, PAL_STR("api-key-hash"), access->hash_key, err);

	if (code == PAL_OK)
		code = pal_store_walk_tenants(store, 0, visit_tenant, &loading, err);
	if (code == PAL_OK && !loading.failed)
		code = pal_store_walk_api_keys(store, 0, visit_key, &loading, err);
	return code == PAL_OK && loading.failed ? pal_fail_memory(err, "access") : code;
}

enum pal_code pal_access_create(const struct pal_access_options *options, struct pal_access **ret,
				struct pal_error *err)
{
	static _Atomic uint64_t instances;
	struct pal_access *access = calloc(1, sizeof(*access));

	if (!access || pthread_rwlock_init(&access->lock, NULL) != 0) {
		free(access);
		return pal_fail_memory(err, "access");
	}
	access->store = options->store;
	access->clock = options->clock;
	access->instance = atomic_fetch_add(&instances, 1) + 1;
	atomic_init(&access->require_tenant_header, options->require_tenant_header);
	pal_random_bytes(access->fingerprint_key, sizeof(access->fingerprint_key));
	enum pal_code code = load(access, err);
	if (code != PAL_OK) {
		pal_access_destroy(access);
		return code;
	}
	access->jwt = options->jwt;
	*ret = access;
	return PAL_OK;
}

void pal_access_destroy(struct pal_access *access)
{
	if (!access)
		return;
	HASH_CLEAR(hh, access->keys_by_prefix);
	while (access->keys) {
		struct key *older = access->keys->older;
		free(access->keys);
		access->keys = older;
	}
	HASH_CLEAR(by_key, access->tenants_by_key);
	struct tenant *t, *next;
	HASH_ITER(by_id, access->tenants_by_id, t, next) {
		HASH_DELETE(by_id, access->tenants_by_id, t);
		free(t);
	}
	pal_jwt_destroy(access->jwt);
	pthread_rwlock_destroy(&access->lock);
	explicit_bzero(access->hash_key, sizeof(access->hash_key));
	free(access);
}

void pal_access_require_tenant_header(struct pal_access *access, bool required)
{
	atomic_store(&access->require_tenant_header, required);
}

void pal_access_set_jwt(struct pal_access *access, struct pal_jwt *jwt)
{
	pthread_rwlock_wrlock(&access->lock);
	struct pal_jwt *old = access->jwt;
	access->jwt = jwt;
	pthread_rwlock_unlock(&access->lock);
	pal_jwt_destroy(old);
}

static const struct key *find_key(struct pal_access *access, struct pal_str text)
{
	uint8_t hash[PAL_API_KEY_HASH_SIZE];
	struct key *k = NULL;
	const struct key *found = NULL;

	if (!pal_access_is_key(text))
		return NULL;
	hash_key_text(access, text, hash);
	pthread_rwlock_rdlock(&access->lock);
	HASH_FIND(hh, access->keys_by_prefix, text.p, PAL_API_KEY_PREFIX_SIZE, k);
	for (; k; k = k->next)
		if (pal_equal_secret(k->record.hash, hash, sizeof(hash)))
			found = k;
	pthread_rwlock_unlock(&access->lock);
	return found;
}

static const struct key *find_key_cached(struct pal_access *access, struct pal_str text)
{
	uint64_t print[2] = {pal_siphash13(access->fingerprint_key[0], text.p, text.n),
			     pal_siphash13(access->fingerprint_key[1], text.p, text.n)};
	uint64_t generation = atomic_load(&access->generation);
	struct cache_slot *slot = &cache[print[0] % CACHE_SLOTS];

	if (slot->instance == access->instance && slot->generation == generation &&
	    pal_equal_secret(slot->fingerprint, print, sizeof(print)))
		return slot->key;
	const struct key *key = find_key(access, text);
	if (key)
		*slot = (struct cache_slot){access->instance, generation, {print[0], print[1]}, key};
	return key;
}

static bool tenant_is_open(const struct pal_tenant *tenant, int64_t now_ms)
{
	return tenant->status == PAL_TENANT_ACTIVE ||
	       (tenant->status == PAL_TENANT_TRIAL &&
		(tenant->trial_ends_ms == 0 || now_ms < tenant->trial_ends_ms));
}

static enum pal_access_verdict check_key(struct pal_access *access, struct pal_str text,
					 int64_t now_ms, struct pal_caller *ret,
					 const struct tenant **ret_tenant)
{
	const struct key *key = find_key_cached(access, text);

	if (!key || key->record.status != PAL_API_KEY_ACTIVE ||
	    (key->record.expires_ms && now_ms >= key->record.expires_ms))
		return PAL_ACCESS_REFUSED;
	*ret = (struct pal_caller){.key_id = key->record.key_id,
				   .permissions = key->record.permissions,
				   .tier = PAL_TIER_API_KEY};
	*ret_tenant = key->tenant;
	return PAL_ACCESS_GRANTED;
}

static enum pal_access_verdict check_token(struct pal_access *access, struct pal_str token,
					   int64_t now_ms, struct pal_arena *arena,
					   struct pal_caller *ret, const struct tenant **ret_tenant)
{
	struct pal_claims claims;
	enum pal_jwt_verdict verdict = PAL_JWT_INVALID;

	pthread_rwlock_rdlock(&access->lock);	/* no reload takes the key away meanwhile */
	if (access->jwt)
		verdict = pal_jwt_verify(access->jwt, token, now_ms / 1000, arena, &claims);
	pthread_rwlock_unlock(&access->lock);
	switch (verdict) {
	case PAL_JWT_VALID:
		break;
	case PAL_JWT_EXPIRED:
		return PAL_ACCESS_EXPIRED;
	case PAL_JWT_NO_MEMORY:
		return PAL_ACCESS_UNAVAILABLE;
	case PAL_JWT_INVALID:
		return PAL_ACCESS_REFUSED;
	}
	*ret_tenant = tenant_by_id(access, claims.tenant_id);
	if (!*ret_tenant)
		return PAL_ACCESS_REFUSED;	/* who signs for tenants we have not is not believed */
	*ret = (struct pal_caller){
		.user_id = claims.subject,
		.permissions = claims.permissions.p ? claims.permissions
				: pal_role_permissions(claims.role.p ? claims.role : PAL_STR("member")),
		.tier = pal_tier_of(claims.tier),
	};
	return PAL_ACCESS_GRANTED;
}

/* RFC 9110 section 11.4: the scheme is case-insensitive, one or more blanks follow. */
static bool has_scheme(struct pal_str header, const char *scheme, struct pal_str *ret_rest)
{
	size_t n = strlen(scheme);

	if (header.n <= n || strncasecmp(header.p, scheme, n) != 0 || header.p[n] != ' ')
		return false;
	while (n < header.n && header.p[n] == ' ')
		n++;
	*ret_rest = (struct pal_str){header.p + n, header.n - n};
	return true;
}

enum pal_access_verdict pal_access_check(struct pal_access *access,
					 const struct pal_credentials *credentials,
					 struct pal_arena *arena, struct pal_caller *ret)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock);
	const struct tenant *tenant = NULL;
	enum pal_access_verdict verdict = PAL_ACCESS_REFUSED;
	struct pal_str rest;

	if (credentials->authorization.p && credentials->api_key.p)
		return PAL_ACCESS_REFUSED;	/* two credentials: which one is meant is not guessed */
	if (credentials->api_key.p)
		verdict = check_key(access, credentials->api_key, now_ms, ret, &tenant);
	else if (has_scheme(credentials->authorization, "ApiKey", &rest))
		verdict = check_key(access, rest, now_ms, ret, &tenant);
	else if (has_scheme(credentials->authorization, "Bearer", &rest))
		verdict = check_token(access, rest, now_ms, arena, ret, &tenant);
	if (verdict != PAL_ACCESS_GRANTED)
		return verdict;
	if (!credentials->tenant.p && atomic_load(&access->require_tenant_header))
		return PAL_ACCESS_TENANT_MISSING;
	if (credentials->tenant.p && !pal_str_equal(credentials->tenant, tenant->record.id))
		return PAL_ACCESS_TENANT_FOREIGN;
	if (!tenant_is_open(&tenant->record, now_ms))
		return PAL_ACCESS_TENANT_INACTIVE;
	ret->tenant = tenant->record.key;
	ret->tenant_id = tenant->record.id;
	return PAL_ACCESS_GRANTED;
}

enum pal_code pal_access_ensure_tenant(struct pal_access *access, struct pal_str id,
				       struct pal_error *err)
{
	if (tenant_by_id(access, id))
		return PAL_OK;
	struct pal_tenant tenant = {.id = id,
				    .name = id,
				    .status = PAL_TENANT_ACTIVE,
				    .created_ms = pal_clock_wall_ms(access->clock)};
	enum pal_code code = pal_store_put_tenant(access->store, &tenant, err);
	if (code == PAL_OK && !remember_tenant(access, &tenant))
		code = pal_fail_memory(err, "access");
	return code;
}

enum pal_code pal_access_ensure_key(struct pal_access *access, struct pal_str tenant_id,
				    struct pal_str text, struct pal_str permissions,
				    struct pal_error *err)
{
	struct tenant *tenant = tenant_by_id(access, tenant_id);
	struct pal_uuid id = pal_uuid_v4();
	char id_text[PAL_UUID_TEXT_SIZE];

	if (!pal_access_is_key(text))
		return pal_fail(err, PAL_E_VALIDATION, "api_key",
				"an API key is cb_live_ or cb_test_ and 32 to 64 hex digits");
	if (!tenant)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	const struct key *known = find_key(access, text);
	if (known && known->tenant != tenant)
		return pal_fail(err, PAL_E_CONFLICT, "api_key", "the key is another tenant's");
	if (known)
		return PAL_OK;
	struct pal_api_key key = {.key_id = pal_str(pal_uuid_format(&id, id_text)),
				  .tenant = tenant->record.key,
				  .name = PAL_STR("development"),
				  .permissions = permissions,
				  .status = PAL_API_KEY_ACTIVE,
				  .created_ms = pal_clock_wall_ms(access->clock)};
	memcpy(key.prefix, text.p, sizeof(key.prefix));
	hash_key_text(access, text, key.hash);
	enum pal_code code = pal_store_put_api_key(access->store, &key, err);
	if (code == PAL_OK && !remember_key(access, &key))
		code = pal_fail_memory(err, "access");
	return code;
}
