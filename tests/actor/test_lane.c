/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/lane.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/role.h"
#include "suite.h"

struct item {
	struct pal_msg link;	/* first */
	unsigned number;
};

struct scribe {
	size_t batches[8];
	size_t batch_count;
	unsigned next;		/* the number that comes next */
	unsigned idle_calls, idle_max;
	uint32_t linger_us;
};

static void write_down(void *arg, struct pal_msg *batch, size_t n)
{
	struct scribe *s = arg;
	size_t seen = 0;

	CU_ASSERT(pal_role_has(PAL_ROLE_LANE));
	for (; batch; batch = batch->next, seen++)
		CU_ASSERT_EQUAL(((struct item *)batch)->number, s->next++);
	CU_ASSERT_EQUAL(seen, n);
	if (s->batch_count < 8)
		s->batches[s->batch_count] = n;
	s->batch_count++;
}

static bool tidy(void *arg)
{
	struct scribe *s = arg;

	return ++s->idle_calls < s->idle_max;
}

static struct pal_lane *open_lane(struct scribe *s, uint32_t capacity, uint32_t batch_max)
{
	struct pal_lane_options options = {.name = "scribe", .capacity = capacity,
					   .batch_max = batch_max, .run = write_down,
					   .idle = s->idle_max ? tidy : NULL, .arg = s,
					   .linger_us = s->linger_us};

	return pal_lane_create(&options);
}

TEST(everything_that_waits_is_one_batch_up_to_the_limit)
{
	struct scribe s = {0};
	struct item items[8];
	struct pal_lane *lane = open_lane(&s, 8, 5);

	for (unsigned i = 0; i < 7; i++) {
		items[i].number = i;
		CU_ASSERT_EQUAL(pal_lane_put(lane, &items[i].link), PAL_PUT_QUEUED);
	}
	CU_ASSERT_TRUE(pal_lane_step(lane));
	items[7].number = 7;
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[7].link), PAL_PUT_QUEUED);
	CU_ASSERT_FALSE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(s.batch_count, 2);
	CU_ASSERT_EQUAL(s.batches[0], 5);
	CU_ASSERT_EQUAL(s.batches[1], 3);
	CU_ASSERT_FALSE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(s.batch_count, 2);
	pal_lane_destroy(lane);
}

TEST(a_full_lane_refuses_and_forgets_nothing)
{
	struct scribe s = {0};
	struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	struct pal_lane *lane = open_lane(&s, 2, 8);

	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[0].link), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[1].link), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[2].link), PAL_PUT_FULL);
	CU_ASSERT_FALSE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[2].link), PAL_PUT_QUEUED);
	CU_ASSERT_FALSE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(s.next, 3);
	CU_ASSERT_EQUAL(pal_lane_stats(lane).refusals, 1);
	CU_ASSERT_EQUAL(pal_lane_stats(lane).messages, 3);
	pal_lane_destroy(lane);
}

TEST(idle_is_called_only_while_nothing_waits_and_until_it_is_done)
{
	struct scribe s = {.idle_max = 3};
	struct item item = {.number = 0};
	struct pal_lane *lane = open_lane(&s, 2, 8);

	CU_ASSERT_EQUAL(pal_lane_put(lane, &item.link), PAL_PUT_QUEUED);
	CU_ASSERT_TRUE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(s.idle_calls, 0);
	CU_ASSERT_TRUE(pal_lane_step(lane));
	CU_ASSERT_TRUE(pal_lane_step(lane));
	CU_ASSERT_FALSE(pal_lane_step(lane));
	CU_ASSERT_EQUAL(s.idle_calls, 3);
	pal_lane_destroy(lane);
}

TEST(stop_runs_what_waits_and_refuses_what_comes)
{
	struct scribe s = {0};
	struct item items[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	struct pal_lane *lane = open_lane(&s, 4, 1);

	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[0].link), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[1].link), PAL_PUT_QUEUED);
	pal_lane_stop(lane);
	CU_ASSERT_EQUAL(s.next, 2);
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[2].link), PAL_PUT_FULL);
	pal_lane_stop(lane);
	CU_ASSERT_EQUAL(s.next, 2);
	pal_lane_destroy(lane);
}

TEST(its_thread_runs_everything_in_order_and_ends_at_stop)
{
	enum { ITEMS = 2000 };
	static struct item items[ITEMS];
	struct scribe s = {0};
	struct pal_lane *lane = open_lane(&s, ITEMS, 16);
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_lane_start(lane, &err), PAL_OK);
	for (unsigned i = 0; i < ITEMS; i++) {
		items[i].number = i;
		CU_ASSERT_EQUAL(pal_lane_put(lane, &items[i].link), PAL_PUT_QUEUED);
	}
	pal_lane_stop(lane);
	CU_ASSERT_EQUAL(s.next, ITEMS);
	CU_ASSERT(pal_lane_stats(lane).batches >= ITEMS / 16);
	pal_lane_destroy(lane);
}

/* Each message is put when the one before it has been run, so the lane waits before each. */
static void pass_one_by_one(struct pal_lane *lane, struct item *items, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		items[i].number = i;
		CU_ASSERT_EQUAL(pal_lane_put(lane, &items[i].link), PAL_PUT_QUEUED);
		while (pal_lane_stats(lane).messages <= i)
			sched_yield();
	}
}

TEST(a_lane_that_lingers_is_woken_less_and_still_ends_at_stop)
{
	static struct item items[200];
	struct scribe s = {.linger_us = 5000000};	/* longer than any pause of this machine */
	struct pal_lane *lane = open_lane(&s, 8, 8);
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_lane_start(lane, &err), PAL_OK);
	pass_one_by_one(lane, items, 200);
	CU_ASSERT(pal_lane_stats(lane).wakes <= 1);	/* at most for the first, then it looks */
	pal_lane_stop(lane);
	CU_ASSERT_EQUAL(s.next, 200);
	CU_ASSERT_EQUAL(pal_lane_put(lane, &items[0].link), PAL_PUT_FULL);
	pal_lane_destroy(lane);
}

/* Two rounds of quiet work after a batch; the test waits for them, the lane must not need to be told. */
struct sleeper {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned batches, quiet_calls;
};

static void note_batch(void *arg, struct pal_msg *batch, size_t n)
{
	struct sleeper *s = arg;

	(void)batch;
	pthread_mutex_lock(&s->lock);
	s->batches += (unsigned)n;
	pthread_mutex_unlock(&s->lock);
}

static bool note_quiet(void *arg)
{
	struct sleeper *s = arg;

	CU_ASSERT(pal_role_has(PAL_ROLE_LANE));
	pthread_mutex_lock(&s->lock);
	bool more = ++s->quiet_calls % 3 != 0;
	pthread_cond_signal(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return more;
}

/* False: it did not happen within ten seconds. */
static bool wait_for_quiet(struct sleeper *s, unsigned calls)
{
	struct timespec until;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	pthread_mutex_lock(&s->lock);
	while (s->quiet_calls < calls && rc == 0)
		rc = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	pthread_mutex_unlock(&s->lock);
	return rc == 0;
}

TEST(quiet_work_is_done_when_nothing_comes_until_there_is_none)
{
	struct sleeper s = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	const struct pal_lane_options options = {.name = "sleeper", .capacity = 4, .batch_max = 4,
						 .run = note_batch, .quiet = note_quiet,
						 .quiet_ms = 1, .arg = &s};
	struct item item = {.number = 0};
	struct pal_lane *lane = pal_lane_create(&options);
	struct pal_error err;

	CU_ASSERT_PTR_NOT_NULL_FATAL(lane);
	CU_ASSERT_EQUAL_FATAL(pal_lane_start(lane, &err), PAL_OK);
	CU_ASSERT_TRUE(wait_for_quiet(&s, 3));	/* at the start there may be something */
	CU_ASSERT_EQUAL(pal_lane_put(lane, &item.link), PAL_PUT_QUEUED);
	CU_ASSERT_TRUE(wait_for_quiet(&s, 6));
	pal_lane_stop(lane);
	CU_ASSERT_EQUAL(s.batches, 1);
	CU_ASSERT_EQUAL(s.quiet_calls, 6);
	pal_lane_destroy(lane);
}

SUITE(lane, CASE(everything_that_waits_is_one_batch_up_to_the_limit),
      CASE(a_full_lane_refuses_and_forgets_nothing),
      CASE(idle_is_called_only_while_nothing_waits_and_until_it_is_done),
      CASE(stop_runs_what_waits_and_refuses_what_comes),
      CASE(its_thread_runs_everything_in_order_and_ends_at_stop),
      CASE(a_lane_that_lingers_is_woken_less_and_still_ends_at_stop),
      CASE(quiet_work_is_done_when_nothing_comes_until_there_is_none))
