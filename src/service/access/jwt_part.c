/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/jwt_part.h"

#include "base/crypto.h"

#define CLAIM_POINTS_MAX 255u

bool pal_jwt_part_has(const struct pal_jwt_part *part, const char *name)
{
	return pal_json_member(part->json, 0, pal_str(name)) != PAL_JSON_NONE;
}

struct pal_str pal_jwt_part_text_at(struct pal_jwt_part *part, uint32_t at)
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

struct pal_str pal_jwt_part_text(struct pal_jwt_part *part, const char *name)
{
	return pal_jwt_part_text_at(part, pal_json_member(part->json, 0, pal_str(name)));
}

bool pal_jwt_part_optional(struct pal_jwt_part *part, const char *name, struct pal_str *ret)
{
	*ret = pal_jwt_part_text(part, name);
	return ret->p || !pal_jwt_part_has(part, name);
}

bool pal_jwt_part_date(const struct pal_jwt_part *part, const char *name, double *ret)
{
	uint32_t at = pal_json_member(part->json, 0, pal_str(name));

	return at != PAL_JSON_NONE && pal_json_type(part->json, at) == PAL_JSON_NUMBER &&
	       pal_json_double(part->json, at, ret) && *ret >= 0 && *ret < 1e15;
}

bool pal_jwt_part_decode(struct pal_jwt_part *part, struct pal_str text, struct pal_buf *decoded)
{
	pal_buf_clear(decoded);
	bool good = pal_base64url_decode(text, decoded);
	part->no_memory |= decoded->failed;
	return good;
}

bool pal_jwt_part_scan(struct pal_jwt_part *part, struct pal_str text, struct pal_buf *decoded)
{
	struct pal_json_fault fault;

	return pal_jwt_part_decode(part, text, decoded) &&
	       pal_json_scan(part->json, pal_buf_str(decoded), &fault) &&
	       pal_json_type(part->json, 0) == PAL_JSON_OBJECT;
}
