/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "service/access/jwt_cache.h"
#include "service/view/answer.h"

#define CLAIM_POINTS_MAX 255u

struct pal_jwt {
	struct pal_jwt_key *keys;	/* fixed at create, as is the rest */
	struct pal_jwt_cache *cache;
	char *issuer, *audience;
	int64_t leeway_s;
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
	jwt->issuer = strndup(options->issuer.p ? options->issuer.p : "", options->issuer.n);
	jwt->audience =
		strndup(options->audience.p ? options->audience.p : "", options->audience.n);
	jwt->leeway_s = options->leeway_s;
	jwt->cache = pal_jwt_cache_create();
	if (code == PAL_OK && (!jwt->issuer || !jwt->audience || !jwt->cache))
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
	free(jwt->issuer);
	free(jwt->audience);
	free(jwt);
}

/* One scanned part of a token, its strings unescaped into the caller's arena. */
struct part {
	struct pal_json *json;
	struct pal_arena *arena;
	bool no_memory;		/* what seems absent may be there */
};

static bool has_member(const struct part *part, const char *name)
{
	return pal_json_member(part->json, 0, pal_str(name)) != PAL_JSON_NONE;
}

/* A string member of 1..CLAIM_POINTS_MAX characters; the absent view for anything else. */
static struct pal_str text_of(struct part *part, uint32_t at)
{
	const struct pal_str none = {NULL, 0};
	size_t points = 0;

	if (at == PAL_JSON_NONE || pal_json_type(part->json, at) != PAL_JSON_STRING)
		return none;
	struct pal_str s = pal_json_string(part->json, at, part->arena);
	if (s.p && (!pal_utf8_count(s, &points) || points == 0 || points > CLAIM_POINTS_MAX))
		return none;
	if (s.p)
		s = pal_arena_copy(part->arena, s); /* the scanned text goes before the claims do */
	part->no_memory |= !s.p;
	return s;
}

static struct pal_str text_member(struct part *part, const char *name)
{
	return text_of(part, pal_json_member(part->json, 0, pal_str(name)));
}

/* As text_member; false when it is there but unfit. */
static bool optional_text(struct part *part, const char *name, struct pal_str *ret)
{
	*ret = text_member(part, name);
	return ret->p || !has_member(part, name);
}

/* RFC 7519 section 2, NumericDate; seconds may have a fraction. */
static bool date_member(const struct part *part, const char *name, double *ret)
{
	uint32_t at = pal_json_member(part->json, 0, pal_str(name));

	return at != PAL_JSON_NONE && pal_json_type(part->json, at) == PAL_JSON_NUMBER &&
	       pal_json_double(part->json, at, ret) && *ret >= 0 && *ret < 1e15;
}

/* No part is longer than a token, so what does not fit `decoded` does not fit into memory. */
static bool decode(struct part *part, struct pal_str text, struct pal_buf *decoded)
{
	pal_buf_clear(decoded);
	bool good = pal_base64url_decode(text, decoded);
	part->no_memory |= decoded->failed;
	return good;
}

static bool scan(struct part *part, struct pal_str text, struct pal_buf *decoded)
{
	struct pal_json_fault fault;

	return decode(part, text, decoded) &&
	       pal_json_scan(part->json, pal_buf_str(decoded), &fault) &&
	       pal_json_type(part->json, 0) == PAL_JSON_OBJECT;
}

/* The key a token's header means: the one of its kid, or the one without, whatever the kid. */
static const struct pal_jwt_key *key_of(const struct pal_jwt *jwt, struct part *header)
{
	struct pal_str kid = text_member(header, "kid");
	const struct pal_jwt_key *nameless = NULL;

	if ((!kid.p && has_member(header, "kid")) || kid.n > PAL_JWT_KID_BYTES_MAX)
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
static const struct pal_jwt_key *judge_header(const struct pal_jwt *jwt, struct part *header)
{
	static const char *const refused[] = {"crit", "jwk", "jku", "x5u", "x5c", "zip"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (has_member(header, refused[i]))
			return NULL;
	const struct pal_jwt_key *key = key_of(jwt, header);
	if (!key || !pal_str_equal(text_member(header, "alg"), pal_str(pal_jwt_key_algorithm(key))))
		return NULL;
	return key;
}

/* RFC 7519 section 4.1.3: one string or an array of strings, one of which must be ours. */
static bool audience_is_good(struct part *claims, const char *audience)
{
	uint32_t at = pal_json_member(claims->json, 0, PAL_STR("aud"));

	if (!*audience)
		return true;
	if (at == PAL_JSON_NONE || pal_json_type(claims->json, at) != PAL_JSON_ARRAY)
		return pal_str_equal(text_of(claims, at), pal_str(audience));
	uint32_t child = pal_json_first(claims->json, at);
	for (unsigned i = 0; i < claims->json->node[at].count; i++) {
		if (pal_str_equal(text_of(claims, child), pal_str(audience)))
			return true;
		child = claims->json->node[child].next;
	}
	return false;
}

static bool add_permission(struct pal_buf *out, struct pal_str one)
{
	if (!one.p || memchr(one.p, ' ', one.n))
		return false;
	pal_buf_add(out, " ", out->len ? 1 : 0);
	pal_buf_add_str(out, one);
	return !out->failed;
}

/*
 * The array claim `permissions`, blank-separated. False when it is there but is no array of words.
 */
static bool permissions_of(struct part *claims, struct pal_str *ret)
{
	uint32_t at = pal_json_member(claims->json, 0, PAL_STR("permissions"));
	struct pal_buf text = pal_buf_of(PAL_JWT_BYTES_MAX);
	bool good = true;

	*ret = (struct pal_str){NULL, 0};
	if (at == PAL_JSON_NONE)
		return true;
	if (pal_json_type(claims->json, at) != PAL_JSON_ARRAY)
		return false;
	uint32_t child = pal_json_first(claims->json, at);
	for (unsigned i = 0; good && i < claims->json->node[at].count; i++) {
		good = add_permission(&text, text_of(claims, child));
		child = claims->json->node[child].next;
	}
	claims->no_memory |= text.failed;	/* all of the token would fit */
	if (good)
		*ret = pal_arena_copy(claims->arena, pal_buf_str(&text));
	claims->no_memory |= good && !ret->p;
	pal_buf_deinit(&text);
	return good && ret->p;
}

static enum pal_jwt_verdict judge_age(const struct pal_jwt *jwt, const struct pal_claims *claims,
				      int64_t now_s)
{
	return claims->expires_s + jwt->leeway_s <= now_s ? PAL_JWT_EXPIRED : PAL_JWT_VALID;
}

static enum pal_jwt_verdict judge_claims(const struct pal_jwt *jwt, struct part *claims,
					 int64_t now_s, struct pal_claims *ret)
{
	double expires = 0, from = 0;

	ret->subject = text_member(claims, "sub");
	ret->tenant_id = text_member(claims, "tenant_id");
	if (!optional_text(claims, "user_role", &ret->role) ||
	    !optional_text(claims, "rate_limit_tier", &ret->tier) ||
	    !optional_text(claims, "jti", &ret->jti))
		return PAL_JWT_INVALID;
	if (!ret->subject.p || !ret->tenant_id.p || !date_member(claims, "exp", &expires))
		return PAL_JWT_INVALID;
	if (*jwt->issuer && !pal_str_equal(text_member(claims, "iss"), pal_str(jwt->issuer)))
		return PAL_JWT_INVALID;
	if (!audience_is_good(claims, jwt->audience) || !permissions_of(claims, &ret->permissions))
		return PAL_JWT_INVALID;
	static const char *const not_before[] = {"nbf", "iat"};
	for (size_t i = 0; i < 2; i++)
		if (has_member(claims, not_before[i]) &&
		    (!date_member(claims, not_before[i], &from) ||
		     from > (double)(now_s + jwt->leeway_s)))
			return PAL_JWT_INVALID;
	ret->expires_s = (int64_t)ceil(expires);
	return judge_age(jwt, ret, now_s);
}

static bool signature_is_good(const struct pal_jwt_key *key, struct part *part,
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
	struct part view = {.json = pal_thread_json(), .arena = arena};
	const struct pal_jwt_key *key = NULL;
	struct pal_str part[3];

	if (!split(token, part))
		return PAL_JWT_INVALID;
	/* cjose asserts what it decodes, so every part is decoded by the strict rules before it is
	 * shown one: a stranger's token must not end the process */
	if (scan(&view, part[0], &decoded))
		key = judge_header(jwt, &view);
	if (key && decode(&view, part[1], &decoded) && decode(&view, part[2], &decoded) &&
	    signature_is_good(key, &view, token, &decoded) &&
	    scan(&view, part[1], &decoded))
		verdict = judge_claims(jwt, &view, now_s, ret);
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
