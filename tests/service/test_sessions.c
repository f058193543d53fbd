/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/sessions.h"

#include <stdio.h>

#include "desk.h"
#include "store/store.h"
#include "suite.h"

#define HOUR_MS PAL_SESSION_HOUR_MS

/* --- Creating and reading --------------------------------------------------------------------- */

TEST(b34_a_session_lives_two_hours_unless_it_says_otherwise)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.channel = PAL_CHANNEL_WEB,
							   .context = PAL_STR("{\"a\":1}"),
							   .metadata = PAL_STR("{\"m\":2}")}),
			PAL_OK);
	CHECK_STR(desk_at("/user_id"), "ann");
	CHECK_STR(desk_at("/tenant_id"), "acme");
	CHECK_STR(desk_at("/channel"), "web");
	CHECK_STR(desk_at("/conversation_id"), "null");
	CHECK_STR(desk_at("/context/a"), "1");
	CHECK_STR(desk_at("/metadata/m"), "2");
	CHECK_STR(desk_at("/is_active"), "true");
	CHECK_STR(desk_at("/created_at"), "2026-09-21T14:13:20.000Z");
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T16:13:20.000Z");
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.lifetime_ms = 60000}), PAL_OK);
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T14:14:20.000Z");
	CU_ASSERT_EQUAL(desk_stored(), 2);
	desk_close();
}

TEST(what_was_created_is_read_back)
{
	char made[1024];

	desk_open();
	desk_fresh();
	snprintf(made, sizeof(made), "%s", desk.call.data.data);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk.call.data.data, made);
	CU_ASSERT_EQUAL(desk_ask(&ann, PAL_SESSION_GET_CONTEXT, desk.id), PAL_OK);
	CHECK_STR(desk_at("/session_id"), desk.id);
	CHECK_STR(desk_at("/context"), "{ }");
	desk_close();
}

TEST(people_begin_sessions_for_themselves_only)
{
	const struct pal_session_create for_bob = {.user_id = PAL_STR("bob")};

	desk_open();
	CU_ASSERT_EQUAL(desk_create_under(&ann, NULL, for_bob), PAL_E_UNAUTHORIZED);
	CHECK_STR(desk.call.err.subject, "user_id");
	CU_ASSERT_EQUAL(desk_stored(), 0);
	CU_ASSERT_EQUAL(desk_create_under(&staff, NULL, for_bob), PAL_OK);
	CU_ASSERT_EQUAL(desk_create_under(&desk.rig.backend, NULL, for_bob), PAL_OK);
	CU_ASSERT_EQUAL(desk_stored(), 2);
	desk_close();
}

TEST(a_session_can_begin_bound_to_a_conversation_of_its_user)
{
	desk_open();
	struct pal_str home = pal_str(letter_home(rig_ask(&desk.rig, &(struct words){.user = "ann"})));
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.conversation_id = home}), PAL_OK);
	CHECK_STR(desk_at("/conversation_id"), home.p);
	CU_ASSERT_EQUAL(desk_create_under(&desk.rig.backend, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("bob"),
								 .conversation_id = home}),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.conversation_id = PAL_STR("none")}),
			PAL_E_NOT_FOUND);
	CHECK_STR(desk.call.err.subject, "conversation");
	CU_ASSERT_EQUAL(desk_stored(), 1);
	desk_close();
}

TEST(b39_the_same_creation_under_a_key_gives_the_same_session)
{
	struct pal_session_create what = {.context = PAL_STR("{\"a\":1}"), .digest = {1}};
	char first[64];

	desk_open();
	CU_ASSERT_EQUAL(desk_create_under(&ann, "k", what), PAL_OK);
	snprintf(first, sizeof(first), "%s", desk.id);
	CU_ASSERT_EQUAL(desk_create_under(&ann, "k", what), PAL_OK);
	CHECK_STR(desk.id, first);
	what.digest[0] = 2;
	CU_ASSERT_EQUAL(desk_create_under(&ann, "k", what), PAL_E_CONFLICT);
	CHECK_STR(desk.call.err.subject, "Idempotency-Key");
	CU_ASSERT_EQUAL(desk_stored(), 1);
	CU_ASSERT_EQUAL(desk_create_under(&desk.rig.backend, "k", what), PAL_OK);	/* another's key */
	CU_ASSERT_STRING_NOT_EQUAL(desk.id, first);
	desk_pass(3 * HOUR_MS);	/* over: the key may begin a new one */
	CU_ASSERT_EQUAL(desk_create_under(&ann, "k", what), PAL_OK);
	CHECK_STR(desk_at("/created_at"), "2026-09-21T17:13:20.000Z");
	desk_close();
}

/* --- Who may see it --------------------------------------------------------------------------- */

/* Every operation on one session gives `caller` the same outcome. */
static void check_all(const struct pal_caller *caller, const char *session, enum pal_code expected)
{
	static const enum pal_session_op ops[] = {
		PAL_SESSION_GET,	 PAL_SESSION_UPDATE, PAL_SESSION_GET_CONTEXT,
		PAL_SESSION_PUT_CONTEXT, PAL_SESSION_EXTEND, PAL_SESSION_TRANSFER,
		PAL_SESSION_DELETE};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		CU_ASSERT_EQUAL(desk_ask(caller, ops[i], session), expected);
		if (expected != PAL_E_NOT_FOUND)
			continue;
		CHECK_STR(desk.call.err.subject, "session");
		CHECK_STR(desk.call.err.message, "there is no such session");
	}
}

TEST(b35_absent_foreign_and_expired_sessions_are_not_found_alike)
{
	desk_open();
	desk_fresh();
	check_all(&bob, desk.id, PAL_E_NOT_FOUND);
	check_all(&ann, "00000000-0000-4000-8000-000000000000", PAL_E_NOT_FOUND);
	check_all(&ann, "x", PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/last_activity"), "2026-09-21T14:13:20.000Z");	/* none changed it */
	check_all(&ann, desk.id, PAL_OK);
	desk_fresh();
	desk_pass(2 * HOUR_MS);
	check_all(&ann, desk.id, PAL_E_NOT_FOUND);
	desk_close();
}

TEST(b17_another_tenant_reaches_no_session)
{
	desk_open();
	desk_fresh();
	check_all(&stranger, desk.id, PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_list(&stranger, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = -1}), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 0);
	CU_ASSERT_EQUAL(desk_list(&stranger, PAL_SESSION_LIST_USER,
			     (struct pal_session_list){.user_id = PAL_STR("ann")}), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 0);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	desk_close();
}

/* A caller without any identity owns nothing, not even what has no owner's name. */
TEST(b18_a_caller_without_identity_sees_nothing)
{
	const struct pal_caller nobody = {.tenant = {1}};

	desk_open();
	desk_fresh();
	check_all(&nobody, desk.id, PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_list(&nobody, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_E_UNAUTHORIZED);
	desk_close();
}

TEST(b47_only_the_owner_and_staff_see_a_session)
{
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_ask(&staff, PAL_SESSION_GET, desk.id), PAL_OK);
	CU_ASSERT_EQUAL(desk_ask(&desk.rig.backend, PAL_SESSION_GET, desk.id), PAL_OK);
	CU_ASSERT_EQUAL(desk_ask(&bob, PAL_SESSION_GET, desk.id), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_list(&bob, PAL_SESSION_LIST_USER,
			     (struct pal_session_list){.user_id = PAL_STR("ann")}),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_list(&bob, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_E_UNAUTHORIZED);
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 1);
	desk_close();
}

/* --- The audit trail -------------------------------------------------------------------------- */

static char trail[1024];

static bool put_event(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;
	size_t len = strlen(trail);

	(void)arg;
	if (pal_str_equal(e->resource_type, PAL_STR("session")))
		snprintf(trail + len, sizeof(trail) - len, "%.*s %s by %.*s %s;",
			 (int)e->event_type.n, e->event_type.p,
			 pal_str_equal(e->resource_id, pal_str(desk.id)) ? "it" : "another",
			 (int)e->user_id.n, e->user_id.p,
			 pal_str_equal(e->request_id, PAL_STR("request-1")) ? "asked" : "alone");
	return true;
}

static const char *audited(void)
{
	struct pal_error err;

	trail[0] = '\0';
	CU_ASSERT_EQUAL(pal_store_walk_audit(desk.rig.script.memory, 0, ann.tenant, 0, 100,
					     put_event, NULL, &err),
			PAL_OK);
	return trail;
}

TEST(what_is_done_to_a_session_is_audited)
{
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CU_ASSERT_EQUAL(desk_ask(&bob, PAL_SESSION_DELETE, desk.id), PAL_E_NOT_FOUND);
	CHECK_STR(audited(), "session.started it by ann asked;");
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.extend = true}), PAL_OK);
	CU_ASSERT_EQUAL(desk_ask(&staff, PAL_SESSION_TRANSFER, desk.id), PAL_OK);
	CU_ASSERT_EQUAL(desk_extend(HOUR_MS), PAL_OK);
	CU_ASSERT_EQUAL(desk_ask(&desk.rig.backend, PAL_SESSION_DELETE, desk.id), PAL_OK);
	CHECK_STR(audited(), "session.started it by ann asked;session.updated it by ann asked;"
			     "session.transferred it by eve asked;session.extended it by ann asked;"
			     "session.ended it by key-1 asked;");
	desk_close();
}

/* --- When the store cannot -------------------------------------------------------------------- */

TEST(a_store_that_takes_no_more_is_told_with_a_time_to_come_again)
{
	desk_open();
	desk_fresh();
	pal_store_front_stop(desk.rig.front);
	check_all(&ann, desk.id, PAL_E_SERVICE);
	desk_close();
}

SUITE(sessions,
      CASE(b34_a_session_lives_two_hours_unless_it_says_otherwise),
      CASE(what_was_created_is_read_back),
      CASE(people_begin_sessions_for_themselves_only),
      CASE(a_session_can_begin_bound_to_a_conversation_of_its_user),
      CASE(b39_the_same_creation_under_a_key_gives_the_same_session),
      CASE(b35_absent_foreign_and_expired_sessions_are_not_found_alike),
      CASE(b17_another_tenant_reaches_no_session),
      CASE(b18_a_caller_without_identity_sees_nothing),
      CASE(b47_only_the_owner_and_staff_see_a_session),
      CASE(what_is_done_to_a_session_is_audited),
      CASE(a_store_that_takes_no_more_is_told_with_a_time_to_come_again))
