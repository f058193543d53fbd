/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/access.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "service/access/parts.h"
#include "service/access/usage.h"
#include "store/store.h"

#define USE_NOTED_MS INT64_C(60000)	/* a key's use is written a minute late at most */

struct pal_live_tenant *pal_access_live(struct pal_access *access, struct pal_str id)
{
	return pal_keyring_tenant(access->ring, id);
}

struct pal_live_key *pal_access_live_key(struct pal_access *access, struct pal_tenant_key tenant,
					 struct pal_str key_id)
{
	return pal_keyring_key(access->ring, tenant, key_id);
}

struct pal_tenant_key pal_access_tenant(struct pal_access *access, struct pal_str id)
{
	const struct pal_live_tenant *t = pal_keyring_tenant(access->ring, id);

	return t ? t->key : (struct pal_tenant_key){0};
}

bool pal_access_next_tenant(struct pal_access *access, struct pal_tenant_key after,
			    struct pal_tenant_key *ret_key, struct pal_str *ret_id)
{
	const struct pal_live_tenant *t = pal_keyring_next(access->ring, after);

	if (!t)
		return false;
	*ret_key = t->key;
	*ret_id = t->id;
	return true;
}

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

static enum pal_code load(struct pal_access *access, struct pal_error *err)
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

enum pal_code pal_access_create(const struct pal_access_options *options, struct pal_access **ret,
				struct pal_error *err)
{
	struct pal_access *access = calloc(1, sizeof(*access));

	if (!access || pthread_rwlock_init(&access->lock, NULL) != 0) {
		free(access);
		return pal_fail_memory(err, "access");
	}
	pthread_mutex_init(&access->admin, NULL);	/* cannot fail */
	access->leeway_ms = options->leeway_ms;
	access->store = options->store;
	access->clock = options->clock;
	atomic_init(&access->require_tenant_header, options->require_tenant_header);
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
	pal_keyring_destroy(access->ring);
	pal_revoked_destroy(access->revoked);
	pal_jwt_destroy(access->jwt);
	pthread_mutex_destroy(&access->admin);
	pthread_rwlock_destroy(&access->lock);
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

/* Note that `key` is in use; once a minute it is put into the list of those to be written. */
static void note_use(struct pal_access *access, struct pal_live_key *key, int64_t now_ms)
{
	int64_t last_ms = atomic_load_explicit(&key->last_used_ms, memory_order_relaxed);

	if (now_ms - last_ms < USE_NOTED_MS)
		return;
	atomic_store_explicit(&key->last_used_ms, now_ms, memory_order_relaxed);
	if (atomic_exchange(&key->is_noted, true))
		return;
	struct pal_live_key *head = atomic_load(&access->noted);
	do
		key->noted = head;
	while (!atomic_compare_exchange_weak(&access->noted, &head, key));
}

static bool is_allowed_from(const struct pal_live_key *key, const uint8_t *address)
{
	struct sockaddr_in6 from = {.sin6_family = AF_INET6};

	if (key->networks_count == 0)
		return true;
	if (!address)
		return false;
	memcpy(&from.sin6_addr, address, sizeof(from.sin6_addr));
	for (size_t i = 0; i < key->networks_count; i++)
		if (pal_network_has(&key->networks[i], (const struct sockaddr *)&from))
			return true;
	return false;
}

static enum pal_access_verdict check_key(struct pal_access *access, struct pal_str text,
					 const struct pal_credentials *credentials, int64_t now_ms,
					 struct pal_caller *ret)
{
	struct pal_live_key *key = pal_keyring_find(access->ring, text);

	if (!key)
		return PAL_ACCESS_REFUSED;
	*ret = (struct pal_caller){.key_id = key->record.key_id,
				   .permissions = key->record.permissions,
				   .scopes = key->scopes,
				   .tier = PAL_TIER_API_KEY,
				   .per_minute = key->per_minute,
				   .live = key->tenant};
	if (!pal_live_key_is_good(key, now_ms))
		return PAL_ACCESS_REFUSED;
	if (!is_allowed_from(key, credentials->address))
		return PAL_ACCESS_ADDRESS_REFUSED;
	if (key->require_https && !credentials->is_encrypted)
		return PAL_ACCESS_PLAIN_REFUSED;
	note_use(access, key, now_ms);
	return PAL_ACCESS_GRANTED;
}

static enum pal_access_verdict verify_token(struct pal_access *access, struct pal_str token,
					    int64_t now_ms, struct pal_arena *arena,
					    struct pal_claims *ret)
{
	enum pal_jwt_verdict verdict = PAL_JWT_INVALID;

	pthread_rwlock_rdlock(&access->lock);	/* no reload takes the keys away meanwhile */
	if (access->jwt)
		verdict = pal_jwt_verify(access->jwt, token, now_ms / 1000, arena, ret);
	pthread_rwlock_unlock(&access->lock);
	switch (verdict) {
	case PAL_JWT_VALID:
		return PAL_ACCESS_GRANTED;
	case PAL_JWT_EXPIRED:
		return PAL_ACCESS_EXPIRED;
	case PAL_JWT_NO_MEMORY:
		return PAL_ACCESS_UNAVAILABLE;
	case PAL_JWT_INVALID:
		break;
	}
	return PAL_ACCESS_TOKEN_REFUSED;
}

static enum pal_access_verdict check_token(struct pal_access *access, struct pal_str token,
					   int64_t now_ms, struct pal_arena *arena,
					   struct pal_caller *ret)
{
	struct pal_claims claims;
	enum pal_access_verdict verdict = verify_token(access, token, now_ms, arena, &claims);

	if (verdict != PAL_ACCESS_GRANTED && verdict != PAL_ACCESS_EXPIRED)
		return verdict;
	struct pal_live_tenant *tenant = pal_keyring_tenant(access->ring, claims.tenant_id);
	if (!tenant)
		return PAL_ACCESS_TOKEN_REFUSED; /* who signs for tenants we have not: no belief */
	*ret = (struct pal_caller){
		.user_id = claims.subject,
		.permissions = claims.permissions.p
				       ? claims.permissions
				       : pal_role_permissions(claims.role.p ? claims.role
									    : PAL_STR("member")),
		.tier = pal_tier_of(claims.tier),
		.live = tenant,
	};
	if (verdict == PAL_ACCESS_GRANTED &&
	    pal_revoked_has(access->revoked, tenant->key, claims.jti))
		return PAL_ACCESS_TOKEN_REFUSED;
	return verdict;
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

static enum pal_access_verdict check_tenant(struct pal_access *access,
					    const struct pal_credentials *credentials,
					    int64_t now_ms, const struct pal_live_tenant *tenant)
{
	if (!credentials->tenant.p && atomic_load(&access->require_tenant_header))
		return PAL_ACCESS_TENANT_MISSING;
	if (credentials->tenant.p && !pal_str_equal(credentials->tenant, tenant->id))
		return PAL_ACCESS_TENANT_FOREIGN;
	return pal_live_tenant_is_open(tenant, now_ms) ? PAL_ACCESS_GRANTED
						       : PAL_ACCESS_TENANT_INACTIVE;
}

enum pal_access_verdict pal_access_check(struct pal_access *access,
					 const struct pal_credentials *credentials,
					 struct pal_arena *arena, struct pal_caller *ret)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock);
	enum pal_access_verdict verdict = PAL_ACCESS_REFUSED;
	struct pal_str rest;

	*ret = (struct pal_caller){.live = NULL};
	if (credentials->authorization.p && credentials->api_key.p)
		return PAL_ACCESS_REFUSED; /* two credentials: which one is meant is not guessed */
	if (credentials->api_key.p)
		verdict = check_key(access, credentials->api_key, credentials, now_ms, ret);
	else if (has_scheme(credentials->authorization, "ApiKey", &rest))
		verdict = check_key(access, rest, credentials, now_ms, ret);
	else if (has_scheme(credentials->authorization, "Bearer", &rest))
		verdict = check_token(access, rest, now_ms, arena, ret);
	if (ret->live) {
		ret->tenant = ret->live->key;
		ret->tenant_id = ret->live->id;
	}
	return verdict == PAL_ACCESS_GRANTED ? check_tenant(access, credentials, now_ms, ret->live)
					     : verdict;
}

enum pal_code pal_access_ensure_tenant(struct pal_access *access, struct pal_str id,
				       struct pal_error *err)
{
	if (pal_keyring_tenant(access->ring, id))
		return PAL_OK;
	struct pal_tenant tenant = {.id = id,
				    .name = id,
				    .status = PAL_TENANT_ACTIVE,
				    .created_ms = pal_clock_wall_ms(access->clock)};
	enum pal_code code = pal_store_put_tenant(access->store, &tenant, err);
	if (code == PAL_OK && !pal_keyring_put_tenant(access->ring, &tenant))
		code = pal_fail_memory(err, "access");
	return code;
}

enum pal_code pal_access_ensure_key(struct pal_access *access, struct pal_str tenant_id,
				    struct pal_str text, struct pal_str permissions,
				    struct pal_error *err)
{
	const struct pal_live_tenant *tenant = pal_keyring_tenant(access->ring, tenant_id);
	struct pal_uuid id = pal_uuid_v4();
	char id_text[PAL_UUID_TEXT_SIZE];

	if (!pal_api_key_is_formed(text))
		return pal_fail(err, PAL_E_VALIDATION, "api_key",
				"an API key is cb_live_ or cb_test_ and 32 to 64 hex digits");
	if (!tenant)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	const struct pal_live_key *known = pal_keyring_find(access->ring, text);
	if (known && known->tenant != tenant)
		return pal_fail(err, PAL_E_CONFLICT, "api_key", "the key is another tenant's");
	if (known)
		return PAL_OK;
	struct pal_api_key key = {.key_id = pal_str(pal_uuid_format(&id, id_text)),
				  .tenant = tenant->key,
				  .name = PAL_STR("development"),
				  .permissions = permissions,
				  .status = PAL_API_KEY_ACTIVE,
				  .created_ms = pal_clock_wall_ms(access->clock)};
	memcpy(key.prefix, text.p, sizeof(key.prefix));
	pal_keyring_hash(access->ring, text, key.hash);
	enum pal_code code = pal_store_put_api_key(access->store, &key, err);
	if (code == PAL_OK && !pal_keyring_put_key(access->ring, &key))
		code = pal_fail_memory(err, "access");
	return code;
}
