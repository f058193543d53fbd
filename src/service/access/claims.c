/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/claims.h"

#include <math.h>
#include <string.h>

#include "service/access/jwt.h"
#include "service/access/jwt_part.h"

/* RFC 7519 section 4.1.3: one string or an array of strings, one of which must be ours. */
static bool audience_is_good(struct pal_jwt_part *claims, const char *audience)
{
	uint32_t at = pal_json_member(claims->json, 0, PAL_STR("aud"));

	if (!*audience)
		return true;
	if (at == PAL_JSON_NONE || pal_json_type(claims->json, at) != PAL_JSON_ARRAY)
		return pal_str_equal(pal_jwt_part_text_at(claims, at), pal_str(audience));
	uint32_t child = pal_json_first(claims->json, at);
	for (unsigned i = 0; i < claims->json->node[at].count; i++) {
		if (pal_str_equal(pal_jwt_part_text_at(claims, child), pal_str(audience)))
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
static bool permissions_of(struct pal_jwt_part *claims, struct pal_str *ret)
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
		good = add_permission(&text, pal_jwt_part_text_at(claims, child));
		child = claims->json->node[child].next;
	}
	claims->no_memory |= text.failed;	/* all of the token would fit */
	if (good)
		*ret = pal_arena_copy(claims->arena, pal_buf_str(&text));
	claims->no_memory |= good && !ret->p;
	pal_buf_deinit(&text);
	return good && ret->p;
}

bool pal_claims_read(struct pal_jwt_part *claims, const struct pal_claims_rules *rules,
		     int64_t now_s, struct pal_claims *ret)
{
	double expires = 0, from = 0;

	ret->subject = pal_jwt_part_text(claims, "sub");
	ret->tenant_id = pal_jwt_part_text(claims, "tenant_id");
	if (!pal_jwt_part_optional(claims, "user_role", &ret->role) ||
	    !pal_jwt_part_optional(claims, "rate_limit_tier", &ret->tier) ||
	    !pal_jwt_part_optional(claims, "jti", &ret->jti))
		return false;
	if (!ret->subject.p || !ret->tenant_id.p || !pal_jwt_part_date(claims, "exp", &expires))
		return false;
	if (*rules->issuer && !pal_str_equal(pal_jwt_part_text(claims, "iss"), pal_str(rules->issuer)))
		return false;
	if (!audience_is_good(claims, rules->audience) || !permissions_of(claims, &ret->permissions))
		return false;
	static const char *const not_before[] = {"nbf", "iat"};
	for (size_t i = 0; i < 2; i++)
		if (pal_jwt_part_has(claims, not_before[i]) &&
		    (!pal_jwt_part_date(claims, not_before[i], &from) ||
		     from > (double)(now_s + rules->leeway_s)))
			return false;
	ret->expires_s = (int64_t)ceil(expires);
	return true;
}
