/* SPDX-License-Identifier: Apache-2.0 */
#include "service/jwt.h"

#include <stdlib.h>

#include <cjose/cjose.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "service/answer.h"

#define SECRET_BYTES_MIN 32u
#define CLAIM_POINTS_MAX 255u

struct pal_jwt {
	cjose_jwk_t *jwk;	/* fixed at create, as is the rest */
	char *issuer, *audience;
	int64_t leeway_s;
};

enum pal_code pal_jwt_create(const struct pal_jwt_options *options, struct pal_jwt **ret,
			     struct pal_error *err)
{
	cjose_err jose;

	if (options->secret.n < SECRET_BYTES_MIN)
		return pal_fail(err, PAL_E_CONFIG, "auth.jwt.secret",
				"the secret must have at least %u bytes", SECRET_BYTES_MIN);
	struct pal_jwt *jwt = calloc(1, sizeof(*jwt));
	if (!jwt)
		return pal_fail_memory(err, "jwt");
	jwt->jwk = cjose_jwk_create_oct_spec((const uint8_t *)options->secret.p, options->secret.n,
					     &jose);
	jwt->issuer = strndup(options->issuer.p ? options->issuer.p : "", options->issuer.n);
	jwt->audience =
		strndup(options->audience.p ? options->audience.p : "", options->audience.n);
	jwt->leeway_s = options->leeway_s;
	if (!jwt->jwk || !jwt->issuer || !jwt->audience) {
		pal_jwt_destroy(jwt);
		return pal_fail_memory(err, "jwt");
	}
	*ret = jwt;
	return PAL_OK;
}

void pal_jwt_destroy(struct pal_jwt *jwt)
{
	if (!jwt)
		return;
	cjose_jwk_release(jwt->jwk);
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

static bool header_is_good(struct part *header)
{
	static const char *const refused[] = {"crit", "jwk", "jku", "x5u", "x5c", "zip"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (has_member(header, refused[i]))
			return false;
	return pal_str_equal(text_member(header, "alg"), PAL_STR("HS256"));
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
	ret->expires_s = (int64_t)expires;
	return expires + (double)jwt->leeway_s <= (double)now_s ? PAL_JWT_EXPIRED : PAL_JWT_VALID;
}

static bool signature_is_good(const struct pal_jwt *jwt, struct part *part, struct pal_str token)
{
	cjose_err jose = {.code = CJOSE_ERR_NONE};
	cjose_jws_t *jws = cjose_jws_import(token.p, token.n, &jose);
	bool good = jws && cjose_jws_verify(jws, jwt->jwk, &jose);

	part->no_memory |= !good && jose.code == CJOSE_ERR_NO_MEMORY;
	cjose_jws_release(jws);
	return good;
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

enum pal_jwt_verdict pal_jwt_verify(const struct pal_jwt *jwt, struct pal_str token, int64_t now_s,
				    struct pal_arena *arena, struct pal_claims *ret)
{
	enum pal_jwt_verdict verdict = PAL_JWT_INVALID;
	struct pal_buf decoded = pal_buf_of(PAL_JWT_BYTES_MAX);
	struct pal_str part[3];

	*ret = (struct pal_claims){.expires_s = 0};
	if (!token.p || token.n > PAL_JWT_BYTES_MAX || !split(token, part))
		return PAL_JWT_INVALID;
	struct part view = {.json = pal_thread_json(), .arena = arena};
	/* cjose asserts what it decodes, so every part is decoded by the strict rules before it is
	 * shown one: a stranger's token must not end the process */
	if (scan(&view, part[0], &decoded) && header_is_good(&view) &&
	    decode(&view, part[1], &decoded) && decode(&view, part[2], &decoded) &&
	    signature_is_good(jwt, &view, token) &&
	    scan(&view, part[1], &decoded))
		verdict = judge_claims(jwt, &view, now_s, ret);
	pal_buf_deinit(&decoded);
	return verdict == PAL_JWT_INVALID && view.no_memory ? PAL_JWT_NO_MEMORY : verdict;
}
