/* SPDX-License-Identifier: Apache-2.0 */
/* caller.h - who asks: the identity that a credential proved, and what it may do. */
#ifndef PALAVER_SERVICE_ACCESS_CALLER_H
#define PALAVER_SERVICE_ACCESS_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/tenant.h"

/* Whose limits apply: a plan's for a person, all keys share one (domain.md section 6.3). */
#define PAL_TIERS(X)                                                                               \
	X(BASIC, "basic")                                                                          \
	X(STANDARD, "standard")                                                                    \
	X(PREMIUM, "premium")                                                                      \
	X(ENTERPRISE, "enterprise")                                                                \
	X(API_KEY, "api_key")

enum pal_tier {
#define X(id, name) PAL_TIER_##id,
	PAL_TIERS(X)
#undef X
	PAL_TIER_COUNT
};

struct pal_live_tenant;

/* Views are borrowed from whoever authenticated the caller; see access.h. */
struct pal_caller {
	struct pal_tenant_key tenant;
	struct pal_str tenant_id;
	struct pal_str user_id;		/* the token's subject; absent for an API key */
	struct pal_str key_id;		/* absent for a token */
	struct pal_str permissions;	/* blank-separated; `*` and `category:*` are wildcards */
	struct pal_str scopes;		/* JSON array of such, none escaped: only these of the permissions;
					   absent: all of them */
	enum pal_tier tier;
	uint32_t per_minute;		/* an API key's own limit; 0: its tier's */
	struct pal_live_tenant *live;	/* NULL for callers of our own, whom nothing limits */
};

/* The wire name of a tier. Runs on: any. */
const char *pal_tier_name(enum pal_tier tier);

/*
 * The tier that a token's claim `name` gives a person: standard when absent, basic when unknown.
 * Runs on: any.
 */
enum pal_tier pal_tier_of(struct pal_str name);

/* Whether the caller has `permission`, e.g. "conversations:read" (domain.md section 6.1). Runs on:
 * any. */
bool pal_caller_may(const struct pal_caller *caller, struct pal_str permission);

/*
 * Whether the caller acts for other people's conversations: an API key does (a backend speaks for
 * its users), a person needs the staff permission "conversations:staff" or a wildcard. Runs on:
 * any.
 */
bool pal_caller_is_staff(const struct pal_caller *caller);

/* Whether what is `user_id`'s is there for the caller: its own, and all for staff. Runs on: any. */
bool pal_caller_reaches(const struct pal_caller *caller, struct pal_str user_id);

/* The permissions a user role grants, blank-separated; none for an unknown role. Runs on: any. */
struct pal_str pal_role_permissions(struct pal_str role);

#endif
