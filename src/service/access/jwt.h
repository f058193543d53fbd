/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt.h - verify bearer tokens (RFC 7519) under the rules of RFC 8725: the algorithm is the
 * configuration's, never the token's.
 */
#ifndef PALAVER_SERVICE_ACCESS_JWT_H
#define PALAVER_SERVICE_ACCESS_JWT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "service/access/claims.h"
#include "service/access/jwt_key.h"

#define PAL_JWT_BYTES_MAX 8192u

struct pal_jwt;

struct pal_jwt_options {
	struct pal_str secret;		/* of an HS256 key without kid; absent: none such */
	const struct pal_jwt_key_options *keys;	/* more keys; at most one of all has no kid */
	size_t keys_count;
	struct pal_str issuer;		/* checked when not empty */
	struct pal_str audience;	/* checked when not empty */
	int64_t leeway_s;
};

enum pal_jwt_verdict {
	PAL_JWT_VALID,
	PAL_JWT_INVALID,	/* malformed, wrong signature, wrong or missing claim */
	PAL_JWT_EXPIRED,	/* all else is right */
	PAL_JWT_NO_MEMORY,
};

/*
 * Create a verifier. PAL_E_CONFIG ("auth.jwt.secret", "auth.jwt.keys") when a key is unfit, two
 * have the same kid, or there is none; PAL_E_SERVICE. The caller owns it. Runs on: main.
 */
enum pal_code pal_jwt_create(const struct pal_jwt_options *options, struct pal_jwt **ret,
			     struct pal_error *err) PAL_MUST_CHECK;
void pal_jwt_destroy(struct pal_jwt *jwt);

/*
 * Verify `token` at Unix time `now_s`; the views of `ret` live in `arena`. Its kid names the key,
 * exactly; the key without a kid is for all that name no other. Refused: more than
 * PAL_JWT_BYTES_MAX bytes, an `alg` other than the key's, the headers crit jwk jku x5u x5c zip, any
 * base64url or JSON that is not strict, duplicate members, exp sub tenant_id missing or of the
 * wrong type, user_role rate_limit_tier jti permissions of the wrong type, iss or aud other than
 * configured, nbf or iat in the future. What was verified is remembered until it expires. The
 * calling thread's pal_thread_json is overwritten. Runs on: any.
 */
enum pal_jwt_verdict pal_jwt_verify(const struct pal_jwt *jwt, struct pal_str token, int64_t now_s,
				    struct pal_arena *arena, struct pal_claims *ret);

#endif
