/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/pace.h"

#include <stdlib.h>

#include "suite.h"

#define WALL_MS 1790000000000ll
#define MINUTE_MS 60000
#define HOUR_MS 3600000ll
#define DAY_MS (24 * HOUR_MS)

static struct pal_pace pace;
static struct pal_pace_time now;

static void begin(uint32_t per_minute, uint32_t per_day)
{
	pal_pace_init(&pace);
	pace.per_minute = per_minute;
	pace.per_day = per_day;
	now = (struct pal_pace_time){12345, WALL_MS};
}

static void pass(int64_t ms)
{
	now.mono_ms += ms;
	now.wall_ms += ms;
}

/* Send one, if it may be. */
static bool send_one(void)
{
	if (pal_pace_wait_ms(&pace, now))
		return false;
	if (pal_pace_needs_cover(&pace))
		pal_pace_cover(&pace, pal_pace_lease(&pace));
	pal_pace_take(&pace);
	pal_pace_use(&pace, now);
	return true;
}

static unsigned send_all(void)
{
	unsigned n = 0;

	while (n < 10000 && send_one())
		n++;
	return n;
}

TEST(as_many_as_the_minute_allows_leave_at_once_and_the_rest_waits)
{
	begin(5, 0);
	CU_ASSERT_EQUAL(send_all(), 5);
	int64_t wait_ms = pal_pace_wait_ms(&pace, now);
	CU_ASSERT(wait_ms >= MINUTE_MS && wait_ms <= MINUTE_MS + 1000);
	pass(wait_ms - 1);
	CU_ASSERT_EQUAL(pal_pace_wait_ms(&pace, now), 1);
	pass(1);
	CU_ASSERT_EQUAL(send_all(), 5);
	pace.per_minute = 7;
	CU_ASSERT_EQUAL(send_all(), 2);
	pace.per_minute = 0;
	CU_ASSERT_EQUAL(pal_pace_wait_ms(&pace, now), 0);
}

TEST(places_that_are_held_count_until_they_are_given_back)
{
	begin(2, 0);
	pal_pace_take(&pace);
	pal_pace_take(&pace);
	CU_ASSERT_NOT_EQUAL(pal_pace_wait_ms(&pace, now), 0);
	pal_pace_give_back(&pace);
	CU_ASSERT_EQUAL(pal_pace_wait_ms(&pace, now), 0);
	pal_pace_use(&pace, now);
	CU_ASSERT_TRUE(send_one());
	CU_ASSERT_FALSE(send_one());
}

/* Whenever they are wanted: in no minute and in no day more than allowed, and none waits for ever. */
TEST(no_stretch_of_time_has_more_than_is_allowed)
{
	static int64_t sent[20000];
	size_t count = 0;
	unsigned seed = 3;

	begin(7, 900);
	for (int i = 0; i < 60000 && count < 20000; i++) {
		pass(1 + rand_r(&seed) % (i / 10000 % 2 ? 200 : 20000));
		for (unsigned burst = (unsigned)rand_r(&seed) % 4; burst; burst--)
			if (send_one())
				sent[count++] = now.mono_ms;
	}
	CU_ASSERT(count > 2000);
	for (size_t i = 0; i < count; i++) {
		if (i >= 7)
			CU_ASSERT(sent[i] - sent[i - 7] > MINUTE_MS);
		if (i >= 900)
			CU_ASSERT(sent[i] - sent[i - 900] > DAY_MS);
	}
	pass(DAY_MS + HOUR_MS);
	CU_ASSERT_EQUAL(send_all(), 7);
	pass(DAY_MS + HOUR_MS);
	CU_ASSERT_TRUE(pal_pace_is_idle(&pace, now));
}

/* What would be stored, `lease` ahead, taken over by another. */
static void restart(uint32_t lease, int64_t after_ms)
{
	struct pal_buf out = {0};
	int64_t written_ms = now.wall_ms;

	pal_pace_write(&pace, lease, &out);
	pass(after_ms);
	now.mono_ms -= 10000;	/* another machine's clock */
	struct pal_pace old = pace;
	pal_pace_init(&pace);
	pace.per_minute = old.per_minute;
	pace.per_day = old.per_day;
	pal_pace_read(&pace, pal_buf_str(&out), written_ms, now);
	pal_buf_deinit(&out);
}

TEST(the_day_is_kept_over_a_restart_and_what_was_ahead_counts_as_sent)
{
	begin(0, 100);
	CU_ASSERT_EQUAL(send_all(), 100);
	restart(0, HOUR_MS);
	CU_ASSERT_EQUAL(send_all(), 0);
	pass(DAY_MS - HOUR_MS + 15 * MINUTE_MS);
	CU_ASSERT_EQUAL(send_all(), 100);

	begin(0, 100);
	for (int i = 0; i < 40; i++)
		send_one();
	restart(10, HOUR_MS);
	CU_ASSERT_EQUAL(send_all(), 100 - 40 - 10 - 0);
}

TEST(the_minute_is_kept_over_a_restart_too)
{
	begin(20, 10000);
	CU_ASSERT_EQUAL(send_all(), 20);
	restart(0, 5000);
	CU_ASSERT_EQUAL(send_all(), 0);
	restart(3, 2 * MINUTE_MS);
	CU_ASSERT_EQUAL(send_all(), 17);	/* three may have left since */
}

TEST(what_is_stored_ahead_is_a_small_share_and_never_beyond_the_day)
{
	begin(60, 10000);
	CU_ASSERT_EQUAL(pal_pace_lease(&pace), 15);
	begin(0, 10000);
	CU_ASSERT_EQUAL(pal_pace_lease(&pace), 156);
	begin(100000, 100000000);
	CU_ASSERT_EQUAL(pal_pace_lease(&pace), PAL_PACE_LEASE_MAX);
	begin(60, 3);
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_TRUE(pal_pace_needs_cover(&pace));
		CU_ASSERT_EQUAL(pal_pace_lease(&pace), 1);
		CU_ASSERT_TRUE(send_one());
	}
	CU_ASSERT_EQUAL(pal_pace_lease(&pace), 0);
	begin(60, 0);
	CU_ASSERT_FALSE(pal_pace_needs_cover(&pace));
}

TEST(a_clock_that_steps_neither_frees_nor_loses)
{
	begin(0, 10);
	CU_ASSERT_EQUAL(send_all(), 10);
	now.wall_ms -= 3 * DAY_MS;
	CU_ASSERT_EQUAL(send_all(), 0);
	restart(0, 0);
	CU_ASSERT_EQUAL(send_all(), 0);	/* what lies ahead counts as sent now */
	pass(DAY_MS + 15 * MINUTE_MS);
	CU_ASSERT_EQUAL(send_all(), 10);
}

TEST(what_cannot_be_read_is_as_if_nothing_were_stored)
{
	static const char *const bodies[] = {"", "[]", "{}", "{\"quarters\":7}", "{\"quarters\":[1,[2]]}",
					     "{\"quarters\":[[-1,-5]],\"ahead\":\"x\"}", "nonsense"};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		begin(5, 10);
		pal_pace_read(&pace, pal_str(bodies[i]), WALL_MS, now);
		CU_ASSERT_EQUAL(pace.day.total, 0);
		CU_ASSERT_EQUAL(send_all(), 5);
	}
}

SUITE(pace, CASE(as_many_as_the_minute_allows_leave_at_once_and_the_rest_waits),
      CASE(places_that_are_held_count_until_they_are_given_back),
      CASE(no_stretch_of_time_has_more_than_is_allowed),
      CASE(the_day_is_kept_over_a_restart_and_what_was_ahead_counts_as_sent),
      CASE(the_minute_is_kept_over_a_restart_too),
      CASE(what_is_stored_ahead_is_a_small_share_and_never_beyond_the_day),
      CASE(a_clock_that_steps_neither_frees_nor_loses),
      CASE(what_cannot_be_read_is_as_if_nothing_were_stored))
