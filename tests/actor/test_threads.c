/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole room under real threads: senders, workers, a lane and a sweeper that lets actors go and
 * come again all the while. Meant for the thread sanitizer; what it checks holds at any speed.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor/directory.h"
#include "actor/lane.h"
#include "actor/pool.h"
#include "suite.h"

#define SENDERS 4u
#define KEYS 40u
#define EACH 2000u		/* messages of one sender */
#define LIVE_MAX 16u		/* fewer than keys, so that they come and go */
#define BATCH_MAX 16u

struct ask {
	struct pal_msg link;	/* first */
	unsigned sender, key, number;
};

struct conv {
	struct pal_live live;	/* first */
	unsigned key;
	char id[8];
	bool running;		/* plain on purpose: a second user would be a data race */
	struct pal_msg commit;
	struct ask *unit[BATCH_MAX];
	unsigned unit_count;
};

static struct pal_pool *pool;
static struct pal_lane *lane;
static struct pal_directory *dir;
static struct ask asks[SENDERS][EACH];
static unsigned last_taken[KEYS][SENDERS];	/* touched by the conversation's turns only */
static unsigned stored[KEYS];			/* the lane's */
static atomic_uint answered, broken;
static atomic_bool over;

static void must(bool holds)
{
	broken += !holds;
}

static void take(struct conv *c, struct pal_msg *msg)
{
	if (msg == &c->commit) {
		answered += c->unit_count;
		c->unit_count = 0;
		pal_actor_unpark(&c->live.actor);
		return;
	}
	struct ask *ask = (struct ask *)msg;
	must(ask->key == c->key && ask->number > last_taken[c->key][ask->sender]);
	last_taken[c->key][ask->sender] = ask->number;
	c->unit[c->unit_count++] = ask;
}

static void turn(struct pal_actor *actor)
{
	struct conv *c = (struct conv *)actor;
	struct pal_msg *msg;

	must(!c->running);
	c->running = true;
	while ((pal_actor_is_parked(actor) || c->unit_count < BATCH_MAX) &&
	       (msg = pal_actor_take(actor)))
		take(c, msg);
	if (c->unit_count > 0 && !pal_actor_is_parked(actor)) {
		pal_actor_park(actor);
		must(pal_lane_put(lane, &c->commit) == PAL_PUT_QUEUED);
	}
	c->running = false;
}

static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	(void)actor, (void)msg;
	must(false);
}

static const struct pal_actor_class conv_class = {"conv", turn, drop};

static void commit(void *arg, struct pal_msg *batch, size_t n)
{
	struct pal_msg *next;

	(void)arg, (void)n;
	for (; batch; batch = next) {
		struct conv *c = (struct conv *)((char *)batch - offsetof(struct conv, commit));

		next = batch->next;
		stored[c->key] += c->unit_count;
		pal_actor_reply(&c->live.actor, batch);
	}
}

static struct pal_key key_of(const struct pal_live *live)
{
	return (struct pal_key){7, pal_str(((const struct conv *)live)->id)};
}

static size_t size_of(const struct pal_live *live)
{
	return sizeof(struct conv) + ((const struct conv *)live)->unit_count;
}

static bool passivate(void *arg, struct pal_live *live)
{
	struct conv *c = (struct conv *)live;

	(void)arg;
	must(!c->running && c->unit_count == 0);
	return true;
}

static void destroy(void *arg, struct pal_live *live)
{
	(void)arg;
	pal_actor_deinit(&live->actor);
	free(live);
}

static const struct pal_directory_class dir_class = {key_of, size_of, passivate, destroy};

static struct pal_live *make(void *arg, const struct pal_key *key, const struct pal_msg *msg)
{
	struct conv *c = calloc(1, sizeof(*c));

	(void)arg;
	if (!c)
		return NULL;
	pal_actor_init(&c->live.actor, &conv_class, pool, 32);
	c->key = ((const struct ask *)msg)->key;
	snprintf(c->id, sizeof(c->id), "%.*s", (int)key->id.n, key->id.p);
	return &c->live;
}

/* Speak until all is said or, when the directory drains, nobody listens; count what was taken. */
static void *speak(void *arg)
{
	struct ask *mine = arg;
	uintptr_t accepted = 0;

	for (unsigned i = 0; i < EACH && !over; i++) {
		char id[8];
		struct pal_key key = {7, {id, 0}};
		enum pal_put put;

		mine[i].key = (i * 7 + mine[i].sender) % KEYS;
		mine[i].number = i + 1;
		key.id.n = (size_t)snprintf(id, sizeof(id), "c%u", mine[i].key % 100);
		do {
			put = pal_directory_send(dir, &key, &mine[i].link, make);
			if (put != PAL_PUT_QUEUED)
				sched_yield();
		} while (put != PAL_PUT_QUEUED && !over);
		accepted += put == PAL_PUT_QUEUED;
	}
	return (void *)accepted;
}

static void *sweep(void *arg)
{
	(void)arg;
	for (int64_t now_ms = 0; !over; now_ms += 100) {
		(void)pal_directory_sweep(dir, now_ms, 64);
		sched_yield();
	}
	return NULL;
}

static void open_all(void)
{
	struct pal_lane_options options = {.name = "store", .capacity = KEYS, .batch_max = KEYS,
					   .run = commit};
	struct pal_directory_limits limits = {.idle_ms = 200, .count_max = LIVE_MAX,
					      .bytes_max = SIZE_MAX};
	struct pal_error err;

	memset(last_taken, 0, sizeof(last_taken));
	memset(stored, 0, sizeof(stored));
	answered = broken = 0;
	over = false;
	pool = pal_pool_create(2);
	lane = pal_lane_create(&options);
	dir = pal_directory_create(&dir_class, NULL, &limits);
	CU_ASSERT_EQUAL_FATAL(pal_pool_start(pool, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_lane_start(lane, &err), PAL_OK);
}

static void drain_all(void)
{
	while (pal_directory_drain(dir) > 0)
		sched_yield();
}

static void close_all(void)
{
	pal_lane_stop(lane);
	pal_pool_stop(pool);
	pal_directory_destroy(dir);
	pal_lane_destroy(lane);
	pal_pool_destroy(pool);
}

static unsigned stored_in_all(void)
{
	unsigned sum = 0;

	for (unsigned key = 0; key < KEYS; key++)
		sum += stored[key];
	return sum;
}

static void start_senders(pthread_t threads[SENDERS])
{
	for (unsigned i = 0; i < SENDERS; i++) {
		for (unsigned k = 0; k < EACH; k++)
			asks[i][k].sender = i;
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, speak, asks[i]), 0);
	}
}

static unsigned join_senders(pthread_t threads[SENDERS])
{
	unsigned accepted = 0;
	void *result;

	for (unsigned i = 0; i < SENDERS; i++) {
		pthread_join(threads[i], &result);
		accepted += (unsigned)(uintptr_t)result;
	}
	return accepted;
}

TEST(many_senders_lose_nothing_while_actors_come_and_go)
{
	pthread_t senders[SENDERS], sweeper;

	open_all();
	CU_ASSERT_EQUAL_FATAL(pthread_create(&sweeper, NULL, sweep, NULL), 0);
	start_senders(senders);
	CU_ASSERT_EQUAL(join_senders(senders), SENDERS * EACH);
	over = true;
	pthread_join(sweeper, NULL);
	drain_all();
	struct pal_directory_counts counts = pal_directory_counts(dir);
	close_all();
	CU_ASSERT_EQUAL(answered, SENDERS * EACH);
	CU_ASSERT_EQUAL(stored_in_all(), SENDERS * EACH);
	CU_ASSERT_EQUAL(broken, 0);
	CU_ASSERT(counts.made > KEYS);
	CU_ASSERT_EQUAL(counts.made, counts.passivated);
}

TEST(a_stop_under_load_keeps_what_was_accepted)
{
	pthread_t senders[SENDERS];

	open_all();
	start_senders(senders);
	while (answered < EACH / 4)
		sched_yield();
	drain_all();
	over = true;
	unsigned accepted = join_senders(senders);
	close_all();
	CU_ASSERT_EQUAL(answered, accepted);
	CU_ASSERT_EQUAL(stored_in_all(), accepted);
	CU_ASSERT_EQUAL(broken, 0);
}

SUITE(threads, CASE(many_senders_lose_nothing_while_actors_come_and_go),
      CASE(a_stop_under_load_keeps_what_was_accepted))
