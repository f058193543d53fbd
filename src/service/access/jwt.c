/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "service/access/jwt_cache.h"
#include "service/access/jwt_part.h"
#include "service/view/answer.h"

struct pal_jwt {
	struct pal_jwt_key *keys;	/* fixed at create, as is the rest */
	struct pal_jwt_cache *cache;
	struct pal_claims_rules rules;	/* its texts are owned */
};

/* The one key of `options->secret`, unless there is none. */
static enum pal_code add_secret(const struct pal_jwt_options *options, struct pal_jwt_key **list,
				struct pal_error *err)
{
	const struct pal_jwt_key_options one = {.algorithm = PAL_JWT_HS256,
						.secret = options->secret};
	struct pal_jwt_key *key = NULL;

	if (!options->secret.p)
		return PAL_OK;
	if (options->secret.n < PAL_JWT_SECRET_BYTES_MIN)
		return pal_fail(err, PAL_E_CONFIG, "auth.jwt.secret",
				"the secret must have at least %u bytes", PAL_JWT_SECRET_BYTES_MIN);
	enum pal_code code = pal_jwt_key_create(&one, &key, err);
	if (code == PAL_OK)
		pal_jwt_key_append(list, key);
	return code;
}

static bool have_same_kid(const struct pal_jwt_key *a, const struct pal_jwt_key *b)
{
	return pal_jwt_key_kid(a).n == 0 ? pal_jwt_key_kid(b).n == 0
					 : pal_str_equal(pal_jwt_key_kid(a), pal_jwt_key_kid(b));
}

/* Which key a token means must be certain. */
static enum pal_code check_keys(const struct pal_jwt_key *list, struct pal_error *err)
{
	size_t count = 0;

	for (const struct pal_jwt_key *a = list; a; a = pal_jwt_key_next(a), count++)
		for (const struct pal_jwt_key *b = pal_jwt_key_next(a); b; b = pal_jwt_key_next(b))
			if (have_same_kid(a, b))
				return pal_fail(err, PAL_E_CONFIG, "auth.jwt.keys",
						"two keys have the kid \"%.*s\"",
						(int)pal_jwt_key_kid(a).n,
						pal_jwt_key_kid(a).n ? pal_jwt_key_kid(a).p : "");
	if (count == 0 || count > PAL_JWT_KEYS_MAX)
		return pal_fail(err, PAL_E_CONFIG, "auth.jwt.keys",
				"there must be 1 to %u keys, not %zu", PAL_JWT_KEYS_MAX, count);
	return PAL_OK;
}

static enum pal_code make_keys(const struct pal_jwt_options *options, struct pal_jwt_key **list,
			       struct pal_error *err)
{
	enum pal_code code = add_secret(options, list, err);

	for (size_t i = 0; code == PAL_OK && i < options->keys_count; i++) {
		struct pal_jwt_key *more = NULL;
		code = pal_jwt_key_create(&options->keys[i], &more, err);
		if (code == PAL_OK)
			pal_jwt_key_append(list, more);
	}
	return code == PAL_OK ? check_keys(*list, err) : code;
}

enum pal_code pal_jwt_create(const struct pal_jwt_options *options, struct pal_jwt **ret,
			     struct pal_error *err)
{
	struct pal_jwt *jwt = calloc(1, sizeof(*jwt));

	if (!jwt)
		return pal_fail_memory(err, "jwt");
	enum pal_code code = make_keys(options, &jwt->keys, err);
	jwt->rules.issuer = strndup(options->issuer.p ? options->issuer.p : "", options->issuer.n);
	jwt->rules.audience =
		strndup(options->audience.p ? options->audience.p : "", options->audience.n);
	jwt->rules.leeway_s = options->leeway_s;
	jwt->cache = pal_jwt_cache_create();
	if (code == PAL_OK && (!jwt->rules.issuer || !jwt->rules.audience || !jwt->cache))
		code = pal_fail_memory(err, "jwt");
	if (code == PAL_OK)
		*ret = jwt;
	else
		pal_jwt_destroy(jwt);
	return code;
}

void pal_jwt_destroy(struct pal_jwt *jwt)
{
	if (!jwt)
		return;
	pal_jwt_key_destroy(jwt->keys);
	pal_jwt_cache_destroy(jwt->cache);
	free(jwt->rules.issuer);
	free(jwt->rules.audience);
	free(jwt);
}

/* The key a token's header means: the one of its kid, or the one without, whatever the kid. */
static const struct pal_jwt_key *key_of(const struct pal_jwt *jwt, struct pal_jwt_part *header)
{
	struct pal_str kid = pal_jwt_part_text(header, "kid");
	const struct pal_jwt_key *nameless = NULL;

	if ((!kid.p && pal_jwt_part_has(header, "kid")) || kid.n > PAL_JWT_KID_BYTES_MAX)
		return NULL;
	for (const struct pal_jwt_key *key = jwt->keys; key; key = pal_jwt_key_next(key)) {
		if (pal_jwt_key_kid(key).n == 0)
			nameless = key;
		else if (kid.p && pal_str_equal(kid, pal_jwt_key_kid(key)))
			return key;
	}
	return nameless;
}

/* The key to check by, or NULL when the header is no good. */
static const struct pal_jwt_key *judge_header(const struct pal_jwt *jwt,
					      struct pal_jwt_part *header)
{
	static const char *const refused[] = {"crit", "jwk", "jku", "x5u", "x5c", "zip"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (pal_jwt_part_has(header, refused[i]))
			return NULL;
	const struct pal_jwt_key *key = key_of(jwt, header);
	if (!key || !pal_str_equal(pal_jwt_part_text(header, "alg"),
				   pal_str(pal_jwt_key_algorithm(key))))
		return NULL;
	return key;
}

static enum pal_jwt_verdict judge_age(const struct pal_jwt *jwt, const struct pal_claims *claims,
				      int64_t now_s)
{
	return claims->expires_s + jwt->rules.leeway_s <= now_s ? PAL_JWT_EXPIRED : PAL_JWT_VALID;
}

static bool signature_is_good(const struct pal_jwt_key *key, struct pal_jwt_part *part,
			      struct pal_str token, const struct pal_buf *signature)
{
	enum pal_jwt_check check = pal_jwt_key_verify(key, token, pal_buf_str(signature));

	part->no_memory |= check == PAL_JWT_CHECK_NO_MEMORY;
	return check == PAL_JWT_CHECK_GOOD;
}

/* The two dots of a compact JWS; false when there are not exactly two. */
static bool split(struct pal_str token, struct pal_str part[3])
{
	const char *end = token.p + token.n;
	const char *one = memchr(token.p, '.', token.n);
	const char *two = one ? memchr(one + 1, '.', (size_t)(end - one - 1)) : NULL;

	if (!two || memchr(two + 1, '.', (size_t)(end - two - 1)))
		return false;
	part[0] = (struct pal_str){token.p, (size_t)(one - token.p)};
	part[1] = (struct pal_str){one + 1, (size_t)(two - one - 1)};
	part[2] = (struct pal_str){two + 1, (size_t)(end - two - 1)};
	return part[0].n && part[1].n && part[2].n;
}

static enum pal_jwt_verdict verify_afresh(const struct pal_jwt *jwt, struct pal_str token,
					  int64_t now_s, struct pal_arena *arena,
					  struct pal_claims *ret)
{
	enum pal_jwt_verdict verdict = PAL_JWT_INVALID;
	struct pal_buf decoded = pal_buf_of(PAL_JWT_BYTES_MAX);
	struct pal_jwt_part view = {.json = pal_thread_json(), .arena = arena};
	const struct pal_jwt_key *key = NULL;
	struct pal_str part[3];

	if (!split(token, part))
		return PAL_JWT_INVALID;
	/* cjose asserts what it decodes, so every part is decoded by the strict rules before it is
	 * shown one: a stranger's token must not end the process */
	if (pal_jwt_part_scan(&view, part[0], &decoded))
		key = judge_header(jwt, &view);
	if (key && pal_jwt_part_decode(&view, part[1], &decoded) &&
	    pal_jwt_part_decode(&view, part[2], &decoded) &&
	    signature_is_good(key, &view, token, &decoded) &&
	    pal_jwt_part_scan(&view, part[1], &decoded) &&
	    pal_claims_read(&view, &jwt->rules, now_s, ret))
		verdict = judge_age(jwt, ret, now_s);
	pal_buf_deinit(&decoded);
	return verdict == PAL_JWT_INVALID && view.no_memory ? PAL_JWT_NO_MEMORY : verdict;
}

enum pal_jwt_verdict pal_jwt_verify(const struct pal_jwt *jwt, struct pal_str token, int64_t now_s,
				    struct pal_arena *arena, struct pal_claims *ret)
{
	uint8_t digest[PAL_SHA256_SIZE];

	*ret = (struct pal_claims){.expires_s = 0};
	if (!token.p || token.n > PAL_JWT_BYTES_MAX)
		return PAL_JWT_INVALID;
	pal_sha256(token, digest);
	/* nbf and iat were in the past when it was kept, and are so still */
	if (pal_jwt_cache_find(jwt->cache, digest, arena, ret))
		return judge_age(jwt, ret, now_s);
	enum pal_jwt_verdict verdict = verify_afresh(jwt, token, now_s, arena, ret);
	if (verdict == PAL_JWT_VALID)
		pal_jwt_cache_put(jwt->cache, digest, ret);
	return verdict;
}
