/* SPDX-License-Identifier: Apache-2.0 */
/* Workers as guests of real loops: what arrives from elsewhere wakes them, and nothing is left. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "actor/actor.h"
#include "actor/lane.h"
#include "actor/pool.h"
#include "loop/loop.h"
#include "suite.h"

#define LOOPS 2u
#define ACTORS 8u
#define ROUNDS 500u

struct host {
	struct pal_loop_job job;	/* posted to wake the loop; it has nothing to do */
	struct pal_loop *loop;
	struct pal_worker *worker;
	atomic_bool posted;
};

struct player {
	struct pal_actor actor;		/* first */
	struct pal_msg ball;
	struct pal_lane *lane;
	unsigned rounds;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static unsigned playing;		/* under `lock` */
static atomic_uint elsewhere;		/* turns on a thread that is no loop's */

static void leave(void)
{
	pthread_mutex_lock(&lock);
	if (--playing == 0)
		pthread_cond_signal(&all_done);
	pthread_mutex_unlock(&lock);
}

static void play(struct pal_actor *actor)
{
	struct player *p = (struct player *)actor;

	elsewhere += pal_loop_current() == NULL;
	while (pal_actor_take(actor)) {
		if (++p->rounds == ROUNDS)
			leave();
		else if (pal_lane_put(p->lane, &p->ball) != PAL_PUT_QUEUED)
			CU_FAIL("the lane has room for every ball");
	}
}

static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	(void)actor, (void)msg;
	CU_FAIL("a ball was left");
}

static const struct pal_actor_class player_class = {"player", play, drop};

static void throw_back(void *arg, struct pal_msg *batch, size_t n)
{
	struct pal_msg *next;

	(void)arg, (void)n;
	for (; batch; batch = next) {
		next = batch->next;
		pal_actor_reply((struct pal_actor *)((char *)batch - offsetof(struct player, ball)),
				batch);
	}
}

static void woken(struct pal_loop_job *job)
{
	((struct host *)job)->posted = false;
}

/* The worker may sleep and be woken again before the loop has come to the job: post it once. */
static void wake(void *arg)
{
	struct host *host = arg;

	if (!atomic_exchange(&host->posted, true))
		pal_loop_post(host->loop, &host->job);
}

static bool tick(void *arg)
{
	struct host *host = arg;

	pal_worker_attach(host->worker);
	return pal_worker_run(host->worker, 4);
}

TEST(guests_are_woken_for_every_reply)
{
	static struct host hosts[LOOPS];
	static struct player players[ACTORS];
	struct pal_lane_options options = {.name = "thrower", .capacity = ACTORS, .batch_max = 3,
					   .run = throw_back};
	struct pal_pool *pool = pal_pool_create(LOOPS);
	struct pal_lane *lane = pal_lane_create(&options);
	struct pal_error err;

	playing = ACTORS;
	for (unsigned i = 0; i < LOOPS; i++) {
		hosts[i] = (struct host){.job = {.run = woken}, .worker = pal_pool_worker(pool, i)};
		CU_ASSERT_EQUAL_FATAL(pal_loop_create(i, &hosts[i].loop, &err), PAL_OK);
		pal_worker_set_wake(hosts[i].worker, wake, &hosts[i]);
		pal_loop_set_tick(hosts[i].loop, tick, &hosts[i]);
		CU_ASSERT_EQUAL_FATAL(pal_loop_start(hosts[i].loop,
						     PAL_ROLE_LOOP | PAL_ROLE_WORKER, &err),
				      PAL_OK);
	}
	CU_ASSERT_EQUAL_FATAL(pal_lane_start(lane, &err), PAL_OK);
	for (unsigned i = 0; i < ACTORS; i++) {
		players[i] = (struct player){.lane = lane};
		pal_actor_init(&players[i].actor, &player_class, pool, 1);
		pal_actor_reply(&players[i].actor, &players[i].ball);
	}
	pthread_mutex_lock(&lock);
	while (playing > 0)
		pthread_cond_wait(&all_done, &lock);
	pthread_mutex_unlock(&lock);
	pal_lane_stop(lane);
	for (unsigned i = 0; i < LOOPS; i++) {
		pal_loop_stop(hosts[i].loop);
		pal_loop_join(hosts[i].loop);
		pal_loop_destroy(hosts[i].loop);
	}
	for (unsigned i = 0; i < ACTORS; i++)
		CU_ASSERT_EQUAL(players[i].rounds, ROUNDS);
	CU_ASSERT_EQUAL(elsewhere, 0);
	pal_lane_destroy(lane);
	pal_pool_destroy(pool);
}

SUITE(guest, CASE(guests_are_woken_for_every_reply))
