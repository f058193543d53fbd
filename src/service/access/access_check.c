/* SPDX-License-Identifier: Apache-2.0 */
/* The check of each request's credentials. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "service/access/access.h"
#include "service/access/parts.h"

#define USE_NOTED_MS INT64_C(60000)	/* a key's use is written a minute late at most */

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
