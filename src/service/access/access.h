/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - authentication: API keys and bearer tokens against the tenants this node knows. The
 * tenant of a request is the credential's, never the body's.
 */
#ifndef PALAVER_SERVICE_ACCESS_ACCESS_H
#define PALAVER_SERVICE_ACCESS_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "palaver/store.h"
#include "service/access/caller.h"
#include "service/access/jwt.h"

struct pal_access;
struct pal_live_key;

struct pal_access_options {
	struct pal_store *store; /* read while starting, written by the functions marked so */
	const struct pal_clock *clock;
	bool require_tenant_header;	/* auth.require_tenant_header */
	int64_t leeway_ms;		/* auth.jwt.leeway: how much longer a revocation is kept */
	struct pal_jwt *jwt;		/* NULL: no bearer tokens; owned by access from create on */
};

enum pal_access_verdict {
	PAL_ACCESS_GRANTED,
	PAL_ACCESS_REFUSED,		/* 401: no credential, or not a good one; never why */
	PAL_ACCESS_TOKEN_REFUSED,	/* 401: a token that is not good, or was revoked */
	PAL_ACCESS_EXPIRED,		/* 401: a good token, too late */
	PAL_ACCESS_TENANT_MISSING,	/* 400: X-Tenant-ID is demanded and absent */
	PAL_ACCESS_TENANT_FOREIGN,	/* 403: X-Tenant-ID names another tenant */
	PAL_ACCESS_TENANT_INACTIVE,	/* 403: suspended, deleted, pending, or the trial is over */
	PAL_ACCESS_ADDRESS_REFUSED,	/* 403: the key is not for use from there */
	PAL_ACCESS_PLAIN_REFUSED,	/* 403: the key is for HTTPS only */
	PAL_ACCESS_UNAVAILABLE,		/* 503: out of memory */
};

struct pal_credentials {
	struct pal_str authorization;	/* header values; absent when the header is */
	struct pal_str api_key;		/* X-API-Key */
	struct pal_str tenant;		/* X-Tenant-ID */
	const uint8_t *address;		/* whose: 16 bytes, IPv4 mapped; NULL: nobody's we know */
	bool is_encrypted;		/* came by HTTPS, to us or to a proxy we trust */
};

/*
 * Load tenants and keys from options->store. On PAL_OK the caller owns `ret`. PAL_E_SERVICE when
 * the store cannot; options->jwt is then still the caller's. Runs on: main.
 */
enum pal_code pal_access_create(const struct pal_access_options *options, struct pal_access **ret,
				struct pal_error *err) PAL_MUST_CHECK;
void pal_access_destroy(struct pal_access *access);

/*
 * Decide who asks. On PAL_ACCESS_GRANTED `ret` is filled; its views live as long as `access` or in
 * `arena`. On a refusal `ret` still says whose credential it was, as far as it was known by then:
 * tenant (0: not), user_id, key_id. Runs on: any.
 */
enum pal_access_verdict pal_access_check(struct pal_access *access,
					 const struct pal_credentials *credentials,
					 struct pal_arena *arena, struct pal_caller *ret);

/* Tenant `id` as requests see it, NULL when there is none. Runs on: any. */
struct pal_live_tenant *pal_access_live(struct pal_access *access, struct pal_str id);

/* API key `key_id` of `tenant` as requests see it, NULL when there is none. Runs on: any. */
struct pal_live_key *pal_access_live_key(struct pal_access *access, struct pal_tenant_key tenant,
					 struct pal_str key_id);

/* The key of tenant `id`, with n 0 when there is none. Runs on: any. */
struct pal_tenant_key pal_access_tenant(struct pal_access *access, struct pal_str id);

/*
 * The tenant with the smallest key above `after`; its id lives as long as `access`. False when
 * there is none. Runs on: any.
 */
bool pal_access_next_tenant(struct pal_access *access, struct pal_tenant_key after,
			    struct pal_tenant_key *ret_key, struct pal_str *ret_id);

/* Change what a reload may change; `jwt` (NULL: no bearer tokens) is taken over. Runs on: main. */
void pal_access_require_tenant_header(struct pal_access *access, bool required);
void pal_access_set_jwt(struct pal_access *access, struct pal_jwt *jwt);

/*
 * Make sure that tenant `id` exists: write an active one to the store if not; one that is known
 * stays as it is. PAL_E_SERVICE. Runs on: main, before the store's lanes start.
 */
enum pal_code pal_access_ensure_tenant(struct pal_access *access, struct pal_str id,
				       struct pal_error *err) PAL_MUST_CHECK;

/*
 * Make `text` a key of tenant `tenant_id` with `permissions`, in the store too; one that is known
 * already stays as it is. PAL_E_VALIDATION when it has not the form of a key, PAL_E_NOT_FOUND for
 * an unknown tenant, PAL_E_CONFLICT for another tenant's key, PAL_E_SERVICE. Runs on: main, before
 * the store's lanes start.
 */
enum pal_code pal_access_ensure_key(struct pal_access *access, struct pal_str tenant_id,
				    struct pal_str text, struct pal_str permissions,
				    struct pal_error *err) PAL_MUST_CHECK;

#endif
