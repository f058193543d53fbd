/* SPDX-License-Identifier: Apache-2.0 */
/* caller.h - who asks: the identity that a credential proved, and what it may do. */
#ifndef PALAVER_SERVICE_CALLER_H
#define PALAVER_SERVICE_CALLER_H

#include <stdbool.h>

#include "base/str.h"
#include "model/tenant.h"

/* Views are borrowed from whoever authenticated the caller; see access.h. */
struct pal_caller {
	struct pal_tenant_key tenant;
	struct pal_str tenant_id;
	struct pal_str user_id;		/* the token's subject; absent for an API key */
	struct pal_str key_id;		/* absent for a token */
	struct pal_str permissions;	/* blank-separated; `*` and `category:*` are wildcards */
};

/* Whether the caller has `permission`, e.g. "conversations:read" (domain.md section 6.1). Runs on: any. */
bool pal_caller_may(const struct pal_caller *caller, struct pal_str permission);

/*
 * Whether the caller acts for other people's conversations: an API key does (a backend speaks for its
 * users), a person needs the staff permission "conversations:staff" or a wildcard. Runs on: any.
 */
bool pal_caller_is_staff(const struct pal_caller *caller);

/* The permissions a user role grants, blank-separated; none for an unknown role. Runs on: any. */
struct pal_str pal_role_permissions(struct pal_str role);

#endif
