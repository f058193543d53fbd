/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/actor.h"
#include "actor/pool.h"

#include <string.h>

#include "base/role.h"
#include "suite.h"

#define LOG_MAX 32u

struct counter {
	struct pal_actor actor;	/* first */
	char name;
	unsigned taken, dropped;
	unsigned turn_max;	/* messages a turn takes; 0: all */
	struct pal_worker *ran_on;
};

static char history[LOG_MAX + 1];	/* which counter took a message, in order */

static void count_turn(struct pal_actor *actor)
{
	struct counter *c = (struct counter *)actor;
	size_t at = strlen(history);

	CU_ASSERT(pal_role_has(PAL_ROLE_WORKER));
	c->ran_on = pal_worker_current();
	for (unsigned n = 0; n < c->turn_max || c->turn_max == 0; n++) {
		if (!pal_actor_take(actor))
			return;
		c->taken++;
		if (at < LOG_MAX)
			history[at++] = c->name;
	}
}

static void count_drop(struct pal_actor *actor, struct pal_msg *msg)
{
	(void)msg;
	((struct counter *)actor)->dropped++;
}

static const struct pal_actor_class count_class = {"count", count_turn, count_drop};

static void make(struct counter *c, char name, struct pal_pool *pool, unsigned turn_max)
{
	*c = (struct counter){.name = name, .turn_max = turn_max};
	pal_actor_init(&c->actor, &count_class, pool, 8);
	memset(history, 0, sizeof(history));
}

static void count_wake(void *arg)
{
	++*(unsigned *)arg;
}

TEST(a_sleeping_worker_is_woken_once)
{
	struct pal_pool *pool = pal_pool_create(1);
	struct pal_worker *worker = pal_pool_worker(pool, 0);
	struct pal_msg msgs[4];
	struct counter a, b;
	unsigned wakes = 0;

	pal_worker_set_wake(worker, count_wake, &wakes);
	make(&a, 'a', pool, 0);
	make(&b, 'b', pool, 0);
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msgs[0]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(pal_actor_send(&b.actor, &msgs[1]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msgs[2]), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(wakes, 1);
	CU_ASSERT_FALSE(pal_worker_run(worker, 10));
	CU_ASSERT_STRING_EQUAL(history, "aab");
	CU_ASSERT_EQUAL(pal_actor_send(&b.actor, &msgs[3]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(wakes, 2);
	CU_ASSERT_FALSE(pal_worker_run(worker, 1));
	CU_ASSERT_EQUAL(pal_worker_stats(worker).turns, 3);
	pal_pool_destroy(pool);
}

TEST(an_attached_thread_schedules_for_itself_without_a_wake)
{
	struct pal_pool *pool = pal_pool_create(2);
	struct pal_worker *mine = pal_pool_worker(pool, 1);
	struct pal_msg msgs[2];
	struct counter a;
	unsigned wakes = 0;

	pal_worker_set_wake(pal_pool_worker(pool, 0), count_wake, &wakes);
	pal_worker_set_wake(mine, count_wake, &wakes);
	make(&a, 'a', pool, 0);
	pal_worker_attach(mine);
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msgs[0]), PAL_PUT_WAKE);
	pal_worker_attach(NULL);
	CU_ASSERT_EQUAL(wakes, 0);
	CU_ASSERT_FALSE(pal_worker_run(pal_pool_worker(pool, 0), 10));
	CU_ASSERT_EQUAL(a.taken, 0);
	CU_ASSERT_FALSE(pal_worker_run(mine, 10));
	CU_ASSERT_EQUAL(a.taken, 1);
	CU_ASSERT_PTR_NULL(pal_worker_current());

	/* From a thread that runs no worker, it goes back to where it last ran. */
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msgs[1]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(wakes, 1);
	CU_ASSERT_FALSE(pal_worker_run(mine, 10));
	CU_ASSERT_PTR_EQUAL(a.ran_on, mine);
	CU_ASSERT_EQUAL(a.taken, 2);
	pal_pool_destroy(pool);
}

TEST(a_busy_actor_goes_to_the_end_of_the_queue)
{
	struct pal_pool *pool = pal_pool_create(1);
	struct pal_worker *worker = pal_pool_worker(pool, 0);
	struct pal_msg msgs[6];
	struct counter a, b;

	make(&a, 'a', pool, 2);
	make(&b, 'b', pool, 2);
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_NOT_EQUAL(pal_actor_send(&a.actor, &msgs[i]), PAL_PUT_FULL);
	CU_ASSERT_EQUAL(pal_actor_send(&b.actor, &msgs[5]), PAL_PUT_WAKE);
	CU_ASSERT_TRUE(pal_worker_run(worker, 1));
	CU_ASSERT_STRING_EQUAL(history, "aa");
	CU_ASSERT_FALSE(pal_worker_run(worker, 10));
	CU_ASSERT_STRING_EQUAL(history, "aabaaa");
	CU_ASSERT_TRUE(pal_actor_is_idle(&a.actor));
	pal_pool_destroy(pool);
}

TEST(a_claimed_actor_runs_only_after_its_release)
{
	struct pal_pool *pool = pal_pool_create(1);
	struct pal_worker *worker = pal_pool_worker(pool, 0);
	struct pal_msg msg;
	struct counter a;

	make(&a, 'a', pool, 0);
	CU_ASSERT_TRUE(pal_actor_claim(&a.actor));
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msg), PAL_PUT_QUEUED);
	CU_ASSERT_FALSE(pal_worker_run(worker, 10));
	CU_ASSERT_EQUAL(a.taken, 0);
	pal_actor_release(&a.actor);
	CU_ASSERT_FALSE(pal_worker_run(worker, 10));
	CU_ASSERT_EQUAL(a.taken, 1);
	pal_pool_destroy(pool);
}

TEST(deinit_hands_back_what_was_never_taken)
{
	struct pal_pool *pool = pal_pool_create(1);
	struct pal_msg msgs[2];
	struct counter a;

	make(&a, 'a', pool, 0);
	CU_ASSERT_EQUAL(pal_actor_send(&a.actor, &msgs[0]), PAL_PUT_WAKE);
	pal_actor_reply(&a.actor, &msgs[1]);
	pal_actor_deinit(&a.actor);
	CU_ASSERT_EQUAL(a.dropped, 2);
	pal_pool_destroy(pool);
}

TEST(own_threads_finish_what_is_due_before_they_stop)
{
	enum { ACTORS = 50, EACH = 8 };
	static struct counter actors[ACTORS];
	static struct pal_msg msgs[ACTORS][EACH];
	struct pal_pool *pool = pal_pool_create(2);
	struct pal_error err;

	for (unsigned i = 0; i < ACTORS; i++) {
		make(&actors[i], 'x', pool, 1);
		for (unsigned k = 0; k < EACH; k++)
			CU_ASSERT_NOT_EQUAL(pal_actor_send(&actors[i].actor, &msgs[i][k]),
					     PAL_PUT_FULL);
	}
	history[LOG_MAX - 1] = '\0';
	memset(history, '.', LOG_MAX);		/* full: two threads do not write it */
	CU_ASSERT_EQUAL_FATAL(pal_pool_start(pool, &err), PAL_OK);
	pal_pool_stop(pool);
	for (unsigned i = 0; i < ACTORS; i++)
		CU_ASSERT_EQUAL(actors[i].taken, EACH);

	/* What comes after the stop stays where it is. */
	CU_ASSERT_EQUAL(pal_actor_send(&actors[0].actor, &msgs[0][0]), PAL_PUT_WAKE);
	CU_ASSERT_EQUAL(actors[0].taken, EACH);
	pal_pool_destroy(pool);
}

SUITE(pool, CASE(a_sleeping_worker_is_woken_once),
      CASE(an_attached_thread_schedules_for_itself_without_a_wake),
      CASE(a_busy_actor_goes_to_the_end_of_the_queue),
      CASE(a_claimed_actor_runs_only_after_its_release),
      CASE(deinit_hands_back_what_was_never_taken),
      CASE(own_threads_finish_what_is_due_before_they_stop))
