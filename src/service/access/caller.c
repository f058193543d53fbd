/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/caller.h"

#include <string.h>

static const char *const tiers[] = {
#define X(id, name) name,
	PAL_TIERS(X)
#undef X
};

const char *pal_tier_name(enum pal_tier tier)
{
	return tiers[tier];
}

enum pal_tier pal_tier_of(struct pal_str name)
{
	if (!name.p)
		return PAL_TIER_STANDARD;
	for (int tier = PAL_TIER_BASIC; tier <= PAL_TIER_ENTERPRISE; tier++)
		if (pal_str_equal(name, pal_str(tiers[tier])))
			return (enum pal_tier)tier;
	return PAL_TIER_BASIC;
}

static bool grants(struct pal_str held, struct pal_str wanted)
{
	if (held.n && held.p[held.n - 1] == '*') {
		size_t stem = held.n - 1;	/* "" or "category:" */
		bool is_stem = stem == 0 || held.p[stem - 1] == ':';
		return is_stem && wanted.n > stem && memcmp(held.p, wanted.p, stem) == 0;
	}
	return pal_str_equal(held, wanted);
}

/* Whether one of the quoted words of the array `scopes` grants it. */
static bool is_in_scope(struct pal_str scopes, struct pal_str permission)
{
	const char *end = scopes.p + scopes.n, *open = memchr(scopes.p, '"', scopes.n);

	while (open) {
		const char *word = open + 1, *close = memchr(word, '"', (size_t)(end - word));
		if (!close)
			return false;
		if (grants((struct pal_str){word, (size_t)(close - word)}, permission))
			return true;
		open = memchr(close + 1, '"', (size_t)(end - close - 1));
	}
	return false;
}

bool pal_caller_may(const struct pal_caller *caller, struct pal_str permission)
{
	struct pal_str rest = caller->permissions;

	if (caller->scopes.p && !is_in_scope(caller->scopes, permission))
		return false;
	for (struct pal_str one; (one = pal_str_take_word(&rest)).n; )
		if (grants(one, permission))
			return true;
	return false;
}

bool pal_caller_is_staff(const struct pal_caller *caller)
{
	return caller->key_id.p || pal_caller_may(caller, PAL_STR("conversations:staff"));
}

bool pal_caller_reaches(const struct pal_caller *caller, struct pal_str user_id)
{
	return pal_caller_is_staff(caller) || pal_str_equal(caller->user_id, user_id);
}

struct pal_str pal_role_permissions(struct pal_str role)
{
	/* domain.md section 6.1, role grants */
	static const struct {
		const char *role;
		const char *permissions;
	} grants_of[] = {
		{"owner", "*"},
		{"admin", "conversations:* config:* users:* analytics:* api:* integrations:* "
			  "admin:billing admin:audit"},
		{"developer", "conversations:read config:read config:flows config:integrations "
			      "config:models analytics:read api:* integrations:*"},
		{"manager",
		 "conversations:read conversations:export conversations:staff config:read "
		 "users:read users:invite analytics:*"},
		{"member", "conversations:read conversations:write config:read analytics:read"},
		{"viewer", "conversations:read config:read analytics:read"},
		{"api_user", "api:read api:write conversations:read conversations:write"},
	};

	for (size_t i = 0; i < sizeof(grants_of) / sizeof(grants_of[0]); i++)
		if (pal_str_equal(role, pal_str(grants_of[i].role)))
			return pal_str(grants_of[i].permissions);
	return PAL_STR("");
}
