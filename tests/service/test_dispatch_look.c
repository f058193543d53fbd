/* SPDX-License-Identifier: Apache-2.0 */
/* What the delivery service keeps in memory of an outbox that is larger, and how it finds the rest. */
#include <stdio.h>
#include <string.h>

#include "service/delivery/dispatch.h"
#include "service/dispatch_stage.h"
#include "suite.h"

#define PLACES 64u	/* in memory; an endpoint alone may take half of them */
#define MANY 300
#define DEAD 2

static int64_t apart_ms;		/* between two replies that are put */

static void restart(void)
{
	pal_dispatch_destroy(s.dispatch);
	start_service();
}

/* Replies of `count` conversations NAME0, NAME1... of a tenant, that nobody feeds. */
static void put_many(int64_t tenant, const char *name, int count)
{
	char id[16];

	s.tenant.n = tenant;
	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "%s%d", name, i);
		put(id, 0, 1);
		pal_clock_fake_advance_ms(&s.clock, apart_ms);
	}
	s.tenant.n = 1;
}

static int count_sent(int64_t tenant, const char *name, int count)
{
	char id[16];
	int sent = 0;

	s.tenant.n = tenant;
	for (int i = 0; i < count; i++) {
		snprintf(id, sizeof(id), "%s%d", name, i);
		sent += status_of(id, 1) == PAL_DELIVERY_SENT;
	}
	s.tenant.n = 1;
	return sent;
}

static void begin_with_a_dead_endpoint(void)
{
	begin(NULL, 0);
	s.tracks_max = PLACES;
	s.attempts_max = 1000;
	s.dead.n = DEAD;
	apart_ms = 1000;
	put_many(DEAD, "d", MANY);
	pal_clock_fake_advance_ms(&s.clock, 600000);
	restart();
	settle();
}

TEST(a_dead_endpoint_takes_half_of_the_places_and_is_gone_through_once)
{
	begin_with_a_dead_endpoint();
	CU_ASSERT_EQUAL(s.below.shown, MANY);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, PLACES / 2);
	size_t attempts = s.sent;
	pass(600000);
	/* what is tried is due again later, and seen again then; the others are not */
	CU_ASSERT(s.sent > attempts);
	CU_ASSERT(s.below.shown <= MANY + 4 * s.sent);
	CU_ASSERT(pal_dispatch_counts(s.dispatch).waiting <= PLACES / 2);
	end();
}

TEST(others_leave_past_a_dead_endpoint_fed_or_not)
{
	begin_with_a_dead_endpoint();
	put_many(1, "a", 100);
	pass(61000);
	CU_ASSERT_EQUAL(count_sent(1, "a", 100), 100);
	size_t sent = s.sent;
	put_and_feed("b", 0, 1);
	settle();
	CU_ASSERT_EQUAL(s.sent, sent + 1);
	end();
}

TEST(what_had_no_room_leaves_when_the_endpoint_is_well_again)
{
	begin_with_a_dead_endpoint();
	pass(120000);
	s.dead.n = 0;
	pass(600000);
	CU_ASSERT_EQUAL(count_sent(DEAD, "d", MANY), MANY);
	CU_ASSERT_EQUAL(pal_dispatch_counts(s.dispatch).waiting, 0);
	CU_ASSERT(s.below.shown <= 4 * MANY + 4 * s.sent);
	end();
}

TEST(what_had_no_room_leaves_after_a_restart)
{
	begin_with_a_dead_endpoint();
	s.dead.n = 0;
	restart();
	pass(10000);
	CU_ASSERT_EQUAL(count_sent(DEAD, "d", MANY), MANY);
	end();
}

/* Also of a conversation that had no room when it was found. */
TEST(order_holds_for_what_had_no_room)
{
	begin_with_a_dead_endpoint();
	s.tenant.n = DEAD;
	int64_t key = put("late", 0, 1);
	pass(61000);
	s.dead.n = 0;
	size_t before = s.sent;
	put_and_feed("late", key, 3);
	pass(600000);
	size_t first = 0, second = 0;
	for (size_t i = before; i < s.sent; i++) {
		first = strcmp(s.ids[i], "msg_late-1") == 0 ? i : first;
		second = strcmp(s.ids[i], "msg_late-3") == 0 ? i : second;
	}
	CU_ASSERT(first > 0 && first < second);
	end();
}

TEST(more_than_a_page_that_are_due_at_once_are_all_found)
{
	begin(NULL, 0);
	apart_ms = 0;
	put_many(1, "c", 3000);
	settle();
	pass(1000);
	CU_ASSERT_EQUAL(s.sent, 3000);
	CU_ASSERT_EQUAL(count_sent(1, "c", 3000), 3000);
	end();
}

TEST(more_than_a_page_that_are_due_at_once_hide_nothing_behind_them)
{
	begin(NULL, 0);
	s.dead.n = DEAD;
	apart_ms = 0;
	put_many(DEAD, "d", 3000);
	pal_clock_fake_advance_ms(&s.clock, 1);
	put_many(1, "a", 10);
	pass(1000);
	CU_ASSERT_EQUAL(count_sent(1, "a", 10), 10);
	end();
}

/* Each is refused once: while there are more than there is room for, what is to be tried again waits
 * in the store, and is found there when it is due. */
TEST(what_is_tried_again_makes_room_and_is_found_in_time)
{
	static struct meeting script[MANY];

	for (size_t i = 0; i < MANY; i++)
		script[i] = (struct meeting){PAL_TRANSPORT_ANSWERED, 429, NULL};
	begin(script, MANY);
	s.tracks_max = PLACES;
	s.attempts_max = 20;
	apart_ms = 1;
	put_many(1, "c", MANY);
	restart();
	for (int i = 0; i < 50; i++) {
		pass(100);
		CU_ASSERT(pal_dispatch_counts(s.dispatch).waiting <= PLACES / 2);
	}
	CU_ASSERT(s.sent > MANY);		/* 32 that wait 1, 2, 4 s would not make a third of it */
	pass(10000);
	CU_ASSERT_EQUAL(count_sent(1, "c", MANY), MANY);
	end();
}

SUITE(dispatch_look,
      CASE(a_dead_endpoint_takes_half_of_the_places_and_is_gone_through_once),
      CASE(others_leave_past_a_dead_endpoint_fed_or_not),
      CASE(what_had_no_room_leaves_when_the_endpoint_is_well_again),
      CASE(what_had_no_room_leaves_after_a_restart),
      CASE(order_holds_for_what_had_no_room),
      CASE(more_than_a_page_that_are_due_at_once_are_all_found),
      CASE(more_than_a_page_that_are_due_at_once_hide_nothing_behind_them),
      CASE(what_is_tried_again_makes_room_and_is_found_in_time))
