/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/caller.h"

#include <stdio.h>

#include "suite.h"

static bool may(const char *held, const char *wanted)
{
	const struct pal_caller caller = {.permissions = pal_str(held)};

	return pal_caller_may(&caller, pal_str(wanted));
}

TEST(a_permission_is_granted_by_its_exact_name)
{
	CU_ASSERT(may("conversations:read", "conversations:read"));
	CU_ASSERT(may("a:b conversations:read c:d", "conversations:read"));
	CU_ASSERT(may("  a:b   conversations:read ", "conversations:read"));
	CU_ASSERT(!may("conversations:read", "conversations:write"));
	CU_ASSERT(!may("conversations:read", "conversations:rea"));
	CU_ASSERT(!may("conversations:rea", "conversations:read"));
	CU_ASSERT(!may("Conversations:read", "conversations:read"));
	CU_ASSERT(!may("", "conversations:read"));
	CU_ASSERT(!may("   ", "conversations:read"));
	CU_ASSERT(!may(NULL, "conversations:read"));
}

TEST(a_star_grants_a_category_or_everything)
{
	CU_ASSERT(may("*", "conversations:read"));
	CU_ASSERT(may("conversations:*", "conversations:read"));
	CU_ASSERT(may("users:* conversations:*", "conversations:read"));
	CU_ASSERT(!may("users:*", "conversations:read"));
	CU_ASSERT(!may("conversations*", "conversations:read"));
	CU_ASSERT(!may("conv*", "conversations:read"));
	CU_ASSERT(!may("conversations:r*", "conversations:read"));
	CU_ASSERT(!may("*:read", "conversations:read"));
	CU_ASSERT(!may("**", "conversations:read"));
	CU_ASSERT(!may("conversation:*", "conversations:read"));
	CU_ASSERT(!may("conversations:*", "conversations:"));
}

TEST(scopes_narrow_what_is_permitted_and_add_nothing)
{
	struct pal_caller caller = {.permissions = PAL_STR("conversations:* config:read"),
				    .scopes = PAL_STR("[\"conversations:read\",\"users:*\"]")};

	CU_ASSERT(pal_caller_may(&caller, PAL_STR("conversations:read")));
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("conversations:write")));
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("config:read")));
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("users:read")));	/* never permitted */
	caller.scopes = PAL_STR("[\"*\"]");
	CU_ASSERT(pal_caller_may(&caller, PAL_STR("config:read")));
	caller.scopes = PAL_STR("[\"config:read");	/* no whole word */
	CU_ASSERT(!pal_caller_may(&caller, PAL_STR("config:read")));
}

TEST(backends_and_staff_act_for_others_people_do_not)
{
	const struct pal_caller backend = {.key_id = PAL_STR("k")};
	const struct pal_caller person = {.user_id = PAL_STR("u"),
					  .permissions = PAL_STR("conversations:read")};
	const struct pal_caller staff = {.user_id = PAL_STR("u"),
					 .permissions = PAL_STR("conversations:staff")};
	const struct pal_caller owner = {.user_id = PAL_STR("u"), .permissions = PAL_STR("*")};

	CU_ASSERT(pal_caller_is_staff(&backend));
	CU_ASSERT(!pal_caller_is_staff(&person));
	CU_ASSERT(pal_caller_is_staff(&staff));
	CU_ASSERT(pal_caller_is_staff(&owner));
	CU_ASSERT(pal_caller_reaches(&backend, PAL_STR("u2")));
	CU_ASSERT(pal_caller_reaches(&staff, PAL_STR("u2")));
	CU_ASSERT(pal_caller_reaches(&person, PAL_STR("u")));
	CU_ASSERT(!pal_caller_reaches(&person, PAL_STR("u2")));
}

static bool role_may(const char *role, const char *wanted)
{
	const struct pal_caller caller = {.permissions = pal_role_permissions(pal_str(role))};

	return pal_caller_may(&caller, pal_str(wanted));
}

TEST(roles_grant_what_the_table_says)
{
	static const struct {
		const char *role;
		bool read, write, staff, audit, exports;
	} rows[] = {
		{"owner", true, true, true, true, true},
		{"admin", true, true, true, true, true},
		{"developer", true, false, false, false, false},
		{"manager", true, false, true, false, true},
		{"member", true, true, false, false, false},
		{"viewer", true, false, false, false, false},
		{"api_user", true, true, false, false, false},
		{"guest", false, false, false, false, false},
		{"Owner", false, false, false, false, false},
		{"", false, false, false, false, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(role_may(rows[i].role, "conversations:read"), rows[i].read);
		CU_ASSERT_EQUAL(role_may(rows[i].role, "conversations:write"), rows[i].write);
		CU_ASSERT_EQUAL(role_may(rows[i].role, "conversations:staff"), rows[i].staff);
		CU_ASSERT_EQUAL(role_may(rows[i].role, "admin:audit"), rows[i].audit);
		CU_ASSERT_EQUAL(role_may(rows[i].role, "conversations:export"), rows[i].exports);
	}
}

/* Every role against every permission there is (domain.md section 6.1, and what palaver adds). */
TEST(b48_every_role_has_exactly_its_permissions)
{
	static const char *const roles[] = {"owner", "admin", "developer", "manager", "member",
					    "viewer", "api_user", "guest"};
	static const struct {
		const char *permission;
		const char *who;	/* one letter a role, in the order above; - has it not */
	} rows[] = {
		{"conversations:read", "oadmevu-"},	 {"conversations:write", "oa--e-u-"},
		{"conversations:export", "oa-m----"},	 {"conversations:staff", "oa-m----"},
		{"conversations:delete", "oa------"},	 {"conversations:transfer", "oa------"},
		{"conversations:restore", "oa------"},	 {"config:read", "oadmev--"},
		{"config:flows", "oad-----"},		 {"config:integrations", "oad-----"},
		{"config:models", "oad-----"},		 {"config:api_keys", "oa------"},
		{"config:settings", "oa------"},	 {"config:sessions", "oa------"},
		{"users:read", "oa-m----"},		 {"users:invite", "oa-m----"},
		{"users:tokens", "oa------"},		 {"users:erase", "oa------"},
		{"analytics:read", "oadmev--"},		 {"analytics:export", "oa-m----"},
		{"api:read", "oad---u-"},		 {"api:write", "oad---u-"},
		{"api:delete", "oad-----"},		 {"integrations:write", "oad-----"},
		{"admin:billing", "oa------"},		 {"admin:audit", "oa------"},
		{"admin:tenants", "o-------"},		 {"*", "o-------"},
	};

	for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (role_may(roles[r], rows[i].permission) != (rows[i].who[r] != '-')) {
				fprintf(stderr, "%s %s\n", roles[r], rows[i].permission);
				CU_FAIL("a role has another permission than the table says");
			}
}

SUITE(caller, CASE(a_permission_is_granted_by_its_exact_name),
      CASE(a_star_grants_a_category_or_everything),
      CASE(scopes_narrow_what_is_permitted_and_add_nothing),
      CASE(backends_and_staff_act_for_others_people_do_not), CASE(roles_grant_what_the_table_says),
      CASE(b48_every_role_has_exactly_its_permissions))
