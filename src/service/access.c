/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/id.h"
#include "service/keyring.h"
#include "store/store.h"

struct pal_access {
	struct pal_store *store;	/* fixed at create, as are the next two */
	const struct pal_clock *clock;
	struct pal_keyring *ring;
	_Atomic bool require_tenant_header;
	pthread_rwlock_t lock;		/* guards `jwt` */
	struct pal_jwt *jwt;		/* NULL: no bearer tokens */
};

struct pal_tenant_key pal_access_tenant(struct pal_access *access, struct pal_str id)
{
	const struct pal_tenant *t = pal_keyring_tenant(access->ring, id);

	return t ? t->key : (struct pal_tenant_key){0};
}

bool pal_access_next_tenant(struct pal_access *access, struct pal_tenant_key after,
			    struct pal_tenant_key *ret_key, struct pal_str *ret_id)
{
	const struct pal_tenant *t = pal_keyring_next(access->ring, after);

	if (!t)
		return false;
	*ret_key = t->key;
	*ret_id = t->id;
	return true;
}

/* A walk that stopped for want of memory ends well, as far as the store can see. */
struct loading {
	struct pal_keyring *ring;
	bool failed;
};

static bool visit_tenant(void *arg, const struct pal_tenant *tenant)
{
	struct loading *loading = arg;

	loading->failed = !pal_keyring_add_tenant(loading->ring, tenant);
	return !loading->failed;
}

static bool visit_key(void *arg, const struct pal_api_key *key)
{
	struct loading *loading = arg;

	loading->failed = !pal_keyring_add_key(loading->ring, key);
	return !loading->failed;
}

static enum pal_code load(struct pal_access *access, struct pal_error *err)
{
	uint8_t hash_key[PAL_API_KEY_HASH_SIZE];
	struct pal_store *store = access->store;
	enum pal_code code =
		pal_store_installation_secret(store, PAL_STR("api-key-hash"), hash_key, err);

	if (code != PAL_OK)
		return code;
	access->ring = pal_keyring_create(hash_key);
	explicit_bzero(hash_key, sizeof(hash_key));
	struct loading loading = {.ring = access->ring, .failed = !access->ring};
	if (!loading.failed)
		code = pal_store_walk_tenants(store, 0, visit_tenant, &loading, err);
	if (code == PAL_OK && !loading.failed)
		code = pal_store_walk_api_keys(store, 0, visit_key, &loading, err);
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
	pal_jwt_destroy(access->jwt);
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

static bool tenant_is_open(const struct pal_tenant *tenant, int64_t now_ms)
{
	return tenant->status == PAL_TENANT_ACTIVE ||
	       (tenant->status == PAL_TENANT_TRIAL &&
		(tenant->trial_ends_ms == 0 || now_ms < tenant->trial_ends_ms));
}

static enum pal_access_verdict check_key(struct pal_access *access, struct pal_str text,
					 int64_t now_ms, struct pal_caller *ret,
					 const struct pal_tenant **ret_tenant)
{
	const struct pal_api_key *key = pal_keyring_find(access->ring, text, ret_tenant);

	if (!key || key->status != PAL_API_KEY_ACTIVE ||
	    (key->expires_ms && now_ms >= key->expires_ms))
		return PAL_ACCESS_REFUSED;
	*ret = (struct pal_caller){.key_id = key->key_id,
				   .permissions = key->permissions,
				   .tier = PAL_TIER_API_KEY};
	return PAL_ACCESS_GRANTED;
}

static enum pal_access_verdict check_token(struct pal_access *access, struct pal_str token,
					   int64_t now_ms, struct pal_arena *arena,
					   struct pal_caller *ret,
					   const struct pal_tenant **ret_tenant)
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
	*ret_tenant = pal_keyring_tenant(access->ring, claims.tenant_id);
	if (!*ret_tenant)
		return PAL_ACCESS_REFUSED; /* who signs for tenants we have not is not believed */
	*ret = (struct pal_caller){
		.user_id = claims.subject,
		.permissions = claims.permissions.p
				       ? claims.permissions
				       : pal_role_permissions(claims.role.p ? claims.role
									    : PAL_STR("member")),
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
	const struct pal_tenant *tenant = NULL;
	enum pal_access_verdict verdict = PAL_ACCESS_REFUSED;
	struct pal_str rest;

	if (credentials->authorization.p && credentials->api_key.p)
		return PAL_ACCESS_REFUSED; /* two credentials: which one is meant is not guessed */
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
	if (credentials->tenant.p && !pal_str_equal(credentials->tenant, tenant->id))
		return PAL_ACCESS_TENANT_FOREIGN;
	if (!tenant_is_open(tenant, now_ms))
		return PAL_ACCESS_TENANT_INACTIVE;
	ret->tenant = tenant->key;
	ret->tenant_id = tenant->id;
	return PAL_ACCESS_GRANTED;
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
	if (code == PAL_OK && !pal_keyring_add_tenant(access->ring, &tenant))
		code = pal_fail_memory(err, "access");
	return code;
}

enum pal_code pal_access_ensure_key(struct pal_access *access, struct pal_str tenant_id,
				    struct pal_str text, struct pal_str permissions,
				    struct pal_error *err)
{
	const struct pal_tenant *tenant = pal_keyring_tenant(access->ring, tenant_id);
	const struct pal_tenant *owner = NULL;
	struct pal_uuid id = pal_uuid_v4();
	char id_text[PAL_UUID_TEXT_SIZE];

	if (!pal_api_key_is_formed(text))
		return pal_fail(err, PAL_E_VALIDATION, "api_key",
				"an API key is cb_live_ or cb_test_ and 32 to 64 hex digits");
	if (!tenant)
		return pal_fail(err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	bool known = pal_keyring_find(access->ring, text, &owner) != NULL;
	if (known && owner != tenant)
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
	if (code == PAL_OK && !pal_keyring_add_key(access->ring, &key))
		code = pal_fail_memory(err, "access");
	return code;
}
