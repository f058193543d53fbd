/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/list.h"

#include <stdio.h>

#include "desk.h"
#include "suite.h"

#define HOUR_MS PAL_SESSION_HOUR_MS

/* --- Lists ------------------------------------------------------------------------------------ */

TEST(b37_a_users_list_shows_what_lives_and_removes_the_rest)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.lifetime_ms = HOUR_MS}), PAL_OK);
	desk_pass(1);
	desk_fresh();
	CU_ASSERT_EQUAL(desk_create_under(&bob, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("bob")}),
			PAL_OK);
	CU_ASSERT_EQUAL(desk_list_of("ann"), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 2);
	desk_pass(HOUR_MS);
	CU_ASSERT_EQUAL(desk_list_of("ann"), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 1);
	CU_ASSERT_EQUAL(desk_stored(), 2);
	CU_ASSERT_EQUAL(desk_list_of("nobody"), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 0);
	desk_close();
}

TEST(the_tenants_list_is_filtered)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.channel = PAL_CHANNEL_SMS,
							   .lifetime_ms = HOUR_MS}), PAL_OK);
	desk_fresh();
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = PAL_CHANNEL_SMS}), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 1);
	CHECK_STR(desk_at("/0/channel"), "sms");
	desk_pass(HOUR_MS);
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST,
			     (struct pal_session_list){.channel = -1, .active_only = true}), PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 1);
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, (struct pal_session_list){.channel = -1}),
			PAL_OK);
	CU_ASSERT_EQUAL(desk_shown(), 2);
	CHECK_STR(desk_at("/0/is_active"), "false");
	CHECK_STR(desk_at("/1/is_active"), "true");
	desk_close();
}

TEST(pages_follow_each_other_by_offset_and_by_mark)
{
	struct pal_session_list page = {.channel = -1, .limit = 2};
	char ids[5][64], next[PAL_SESSION_NEXT_SIZE];

	desk_open();
	for (int i = 0; i < 5; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%s", desk_fresh());
		desk_pass(i % 2);	/* some begin at the same time */
	}
	page.offset = 1;
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(desk_shown() == 2 && desk.call.has_more);
	CHECK_STR(desk_at("/0/session_id"), ids[1]);
	page.offset = 0;
	for (int i = 0; i < 5; i += 2) {
		CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
		CHECK_STR(desk_at("/0/session_id"), ids[i]);
		CU_ASSERT_EQUAL(desk.call.has_more, i < 4);
		CU_ASSERT_EQUAL(desk_shown(), i < 4 ? 2 : 1);
		snprintf(next, sizeof(next), "%s", desk.call.next);
		page.after = pal_str(next);
	}
	page = (struct pal_session_list){.channel = -1, .offset = 5};
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(desk_shown() == 0 && !desk.call.has_more);
	desk_close();
}

/* More than one walk of the store gives at once. */
TEST(a_long_list_is_gone_through_to_its_end)
{
	struct pal_session_list page = {.channel = -1, .limit = 100, .offset = 250};

	desk_open();
	for (int i = 0; i < 300; i++)
		desk_fresh();
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(desk_shown() == 50 && !desk.call.has_more);
	page.offset = 256;
	page.limit = 44;
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(desk_shown() == 44 && !desk.call.has_more);
	page.limit = 43;
	CU_ASSERT_EQUAL(desk_list(&staff, PAL_SESSION_LIST, page), PAL_OK);
	CU_ASSERT(desk_shown() == 43 && desk.call.has_more);
	desk_close();
}

/* --- Cleaning --------------------------------------------------------------------------------- */

TEST(b37_cleanup_tells_how_many_were_really_removed)
{
	desk_open();
	for (int i = 0; i < 300; i++)	/* more than one round */
		CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.lifetime_ms = 1000}), PAL_OK);
	desk_fresh();
	CU_ASSERT_EQUAL(desk_create_under(&stranger, NULL,
				     (struct pal_session_create){.user_id = PAL_STR("zed"),
								 .lifetime_ms = 1000}), PAL_OK);
	desk_pass(1000);
	CU_ASSERT_EQUAL(desk_ask(&desk.rig.backend, PAL_SESSION_CLEANUP, NULL), PAL_OK);
	CHECK_STR(desk_at("/cleaned"), "300");
	CU_ASSERT_EQUAL(desk_stored(), 1);
	CU_ASSERT_EQUAL(desk_ask(&desk.rig.backend, PAL_SESSION_CLEANUP, NULL), PAL_OK);
	CHECK_STR(desk_at("/cleaned"), "0");
	desk_close();
}

TEST(the_background_cleans_every_interval)
{
	desk_open();
	CU_ASSERT_EQUAL(desk_create((struct pal_session_create){.lifetime_ms = 1000}), PAL_OK);
	desk.is_done = false;
	pal_sessions_sweep(desk.rig.sessions);
	rig_settle(&desk.rig);
	CU_ASSERT_EQUAL(desk_stored(), 1);
	desk_pass(59999);	/* over, but it is not time yet */
	pal_sessions_sweep(desk.rig.sessions);
	rig_settle(&desk.rig);
	CU_ASSERT_EQUAL(desk_stored(), 1);
	desk_pass(1);
	pal_sessions_sweep(desk.rig.sessions);
	for (int i = 0; i < 4; i++)
		rig_store(&desk.rig);
	CU_ASSERT_EQUAL(desk_stored(), 0);
	desk_close();
}

SUITE(session_list,
      CASE(b37_a_users_list_shows_what_lives_and_removes_the_rest),
      CASE(the_tenants_list_is_filtered),
      CASE(pages_follow_each_other_by_offset_and_by_mark),
      CASE(a_long_list_is_gone_through_to_its_end),
      CASE(b37_cleanup_tells_how_many_were_really_removed),
      CASE(the_background_cleans_every_interval))
