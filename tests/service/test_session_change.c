/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/change.h"

#include <stdio.h>

#include "desk.h"
#include "suite.h"

#define HOUR_MS PAL_SESSION_HOUR_MS

/* --- Changing --------------------------------------------------------------------------------- */

TEST(an_update_puts_members_over_those_kept)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){
				.context = PAL_STR("{\"a\":1,\"b\":2}")}), PAL_OK);
	desk_pass(1000);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){
				.context = PAL_STR("{\"a\":null,\"c\":3}"),
				.preferences = PAL_STR("{\"tone\":\"warm\"}"),
				.features = PAL_STR("{\"dark\":true}"),
				.metadata = PAL_STR("{\"m\":1}"),
				.appends = PAL_STR("{\"seen\":\"x\"}")}), PAL_OK);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/context"), "{ \"b\": 2, \"c\": 3, \"seen\": [ \"x\" ] }");
	CHECK_STR(desk_at("/preferences/tone"), "warm");
	CHECK_STR(desk_at("/features/dark"), "true");
	CHECK_STR(desk_at("/metadata/m"), "1");
	CHECK_STR(desk_at("/last_activity"), "2026-09-21T14:13:21.000Z");
	CHECK_STR(desk_at("/updated_at"), "2026-09-21T14:13:21.000Z");
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T16:13:20.000Z");	/* as before */
	desk_close();
}

TEST(an_update_that_asks_for_it_gives_the_lifetime_again)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.lifetime_ms = HOUR_MS}), PAL_OK);
	desk_pass(HOUR_MS / 2);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.extend = true}), PAL_OK);
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T15:43:20.000Z");
	desk_close();
}

TEST(what_would_grow_too_large_is_refused_and_changes_nothing)
{
	static char half[6002], half_b[6002];

	snprintf(half, sizeof(half), "{\"a\":\"%05900d\"}", 0);
	snprintf(half_b, sizeof(half_b), "{\"b\":\"%05900d\"}", 0);
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.context = pal_str(half)}), PAL_OK);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.context = pal_str(half_b)}),
			PAL_E_VALIDATION);
	CHECK_STR(desk.call.err.subject, "context");
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/context/b"), "absent");
	CU_ASSERT_EQUAL(strlen(desk_at("/context/a")), 5900);
	desk_close();
}

/* Each text passes the gate alone; all of them in one record would not be readable any more. */
TEST(what_could_not_be_read_again_is_refused)
{
	static char many[10240];
	size_t len = 0;

	for (int i = 0; i < 2000; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "%s1", i ? "," : "{\"a\":[");
	snprintf(many + len, sizeof(many) - len, "]}");
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.context = pal_str(many)}), PAL_OK);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.preferences = pal_str(many)}), PAL_OK);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.metadata = pal_str(many)}),
			PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/metadata"), "{ }");
	desk_close();
}

TEST(a_list_to_append_to_must_be_one)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.context = PAL_STR("{\"a\":1}")}), PAL_OK);
	CU_ASSERT_EQUAL(desk_update((struct pal_session_update){.appends = PAL_STR("{\"a\":2}")}),
			PAL_E_VALIDATION);
	CHECK_STR(desk.call.err.subject, "append_to_history.a");
	for (int i = 0; i < 52; i++)
		CU_ASSERT_EQUAL(desk_update((struct pal_session_update){
					.appends = PAL_STR("{\"b\":[]}")}), PAL_OK);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/context/b/49"), "[ ]");
	CHECK_STR(desk_at("/context/b/50"), "absent");
	desk_close();
}

TEST(b36_a_change_between_load_and_write_is_not_lost)
{
	struct pal_session_call other;

	desk_open();
	desk_fresh();
	desk_begin(&ann, PAL_SESSION_PUT_CONTEXT, desk.id);
	desk.call.ask.update.context = PAL_STR("{\"a\":1}");
	other = desk.call;
	other.ask.update.context = PAL_STR("{\"b\":2}");
	pal_sessions_run(desk.rig.sessions, &desk.call);
	pal_sessions_run(desk.rig.sessions, &other);	/* both load before either writes */
	for (int i = 0; i < 10; i++) {
		desk.is_done = false;
		rig_store(&desk.rig);
	}
	CU_ASSERT_EQUAL(desk.call.code, PAL_OK);
	CU_ASSERT_EQUAL(other.code, PAL_OK);
	CU_ASSERT(other.change.attempts + desk.call.change.attempts > 2);
	pal_buf_deinit(&other.data);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/context/a"), "1");
	CHECK_STR(desk_at("/context/b"), "2");
	desk_close();
}

TEST(a_transfer_changes_the_channel_and_may_drop_the_context)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.context = PAL_STR("{\"a\":1}")}), PAL_OK);
	desk_begin(&ann, PAL_SESSION_TRANSFER, desk.id);
	desk.call.ask.transfer =
		(struct pal_session_transfer){.channel = PAL_CHANNEL_SMS, .preserve_context = true};
	pal_sessions_run(desk.rig.sessions, &desk.call);
	CU_ASSERT_EQUAL(desk_finish(), PAL_OK);
	CHECK_STR(desk_at("/channel"), "sms");
	CHECK_STR(desk_at("/context/a"), "1");
	desk_begin(&ann, PAL_SESSION_TRANSFER, desk.id);
	desk.call.ask.transfer = (struct pal_session_transfer){.channel = PAL_CHANNEL_WEB};
	pal_sessions_run(desk.rig.sessions, &desk.call);
	CU_ASSERT_EQUAL(desk_finish(), PAL_OK);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	CHECK_STR(desk_at("/channel"), "web");
	CHECK_STR(desk_at("/context"), "{ }");
	desk_close();
}

TEST(a_deleted_session_is_gone)
{
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_ask(&ann, PAL_SESSION_DELETE, desk.id), PAL_OK);
	CHECK_STR(desk_at("/session_id"), desk.id);
	CHECK_STR(desk_at("/deleted"), "true");
	CU_ASSERT_EQUAL(desk_stored(), 0);
	CU_ASSERT_EQUAL(desk_get(), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_ask(&ann, PAL_SESSION_DELETE, desk.id), PAL_E_NOT_FOUND);
	desk_close();
}

/* --- Time ------------------------------------------------------------------------------------- */

TEST(an_expired_session_is_removed_when_it_is_asked_for)
{
	desk_open();
	desk_fresh();
	desk_pass(2 * HOUR_MS - 1);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	desk_pass(1);
	CU_ASSERT_EQUAL(desk_get(), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(desk_stored(), 0);
	desk_close();
}

TEST(b33_an_extended_session_lives_beyond_its_old_time)
{
	desk_open();
	desk_fresh();
	desk_pass(HOUR_MS);
	CU_ASSERT_EQUAL(desk_extend(4 * HOUR_MS), PAL_OK);
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T19:13:20.000Z");
	desk_pass(4 * HOUR_MS - 1);
	desk.is_done = true;
	pal_sessions_sweep(desk.rig.sessions);	/* the cleanup follows it too */
	rig_settle(&desk.rig);
	CU_ASSERT_EQUAL(desk_get(), PAL_OK);
	desk_pass(1);
	CU_ASSERT_EQUAL(desk_get(), PAL_E_NOT_FOUND);
	desk_close();
}

TEST(b32_an_extension_never_shortens)
{
	desk_open();
	desk_fresh();
	CU_ASSERT_EQUAL(desk_extend(60000), PAL_OK);
	CHECK_STR(desk_at("/expires_at"), "2026-09-21T16:13:20.000Z");
	desk_close();
}

TEST(b32_repeated_extensions_end_a_day_after_creation)
{
	desk_open();
	desk_fresh();
	for (int i = 0; i < 23; i++) {
		CU_ASSERT_EQUAL(desk_extend(24 * HOUR_MS), PAL_OK);
		CHECK_STR(desk_at("/expires_at"), "2026-09-22T14:13:20.000Z");
		desk_pass(HOUR_MS);
	}
	desk_pass(HOUR_MS);
	CU_ASSERT_EQUAL(desk_extend(HOUR_MS), PAL_E_NOT_FOUND);
	desk_close();
}

/* The wall clock jumps a day, to 2038, and back a day: no session ends, none lives longer. */
TEST(a_wrong_wall_clock_ends_no_session)
{
	static const int64_t jumps[] = {24 * HOUR_MS, 2145916800000 - RIG_START_MS, -24 * HOUR_MS};

	desk_open();
	desk_fresh();
	for (size_t i = 0; i < 3; i++) {
		desk.rig.clock.wall_ms = RIG_START_MS + jumps[i];
		CU_ASSERT_EQUAL(desk_get(), PAL_OK);
		CHECK_STR(desk_at("/expires_at"), "2026-09-21T16:13:20.000Z");
	}
	desk_pass(2 * HOUR_MS);
	CU_ASSERT_EQUAL(desk_get(), PAL_E_NOT_FOUND);
	desk_close();
}

SUITE(session_change,
      CASE(an_update_puts_members_over_those_kept),
      CASE(an_update_that_asks_for_it_gives_the_lifetime_again),
      CASE(what_would_grow_too_large_is_refused_and_changes_nothing),
      CASE(what_could_not_be_read_again_is_refused),
      CASE(a_list_to_append_to_must_be_one),
      CASE(b36_a_change_between_load_and_write_is_not_lost),
      CASE(a_transfer_changes_the_channel_and_may_drop_the_context),
      CASE(a_deleted_session_is_gone),
      CASE(an_expired_session_is_removed_when_it_is_asked_for),
      CASE(b33_an_extended_session_lives_beyond_its_old_time),
      CASE(b32_an_extension_never_shortens),
      CASE(b32_repeated_extensions_end_a_day_after_creation),
      CASE(a_wrong_wall_clock_ends_no_session))
