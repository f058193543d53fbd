/* SPDX-License-Identifier: Apache-2.0 */
/*
 * micro_actor - what the actor room costs by itself: messages through one actor, a turn on the
 * sender's own thread against a turn two threads away, waking, and bytes for each idle actor.
 */
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor/directory.h"
#include "actor/lane.h"
#include "actor/pool.h"
#include "base/clock.h"

#define MESSAGES 2000000u
#define TRIPS 200000u
#define IDLE_ACTORS 100000u
#define WINDOW 64u

static int64_t now_ns(void)
{
	return pal_clock_mono_ns(pal_clock_system());
}

static void report(const char *what, double per_message_ns)
{
	printf("%-58s %8.0f ns  %10.0f /s\n", what, per_message_ns, 1e9 / per_message_ns);
}

static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	(void)actor, (void)msg;
}

/* --- Two producers, one actor on a thread of its own ------------------------------------------ */

struct sink {
	struct pal_actor actor;	/* first */
	unsigned taken;
};

static void swallow(struct pal_actor *actor)
{
	struct sink *sink = (struct sink *)actor;

	while (pal_actor_take(actor))
		sink->taken++;
}

static const struct pal_actor_class sink_class = {"sink", swallow, drop};

struct producer {
	struct sink *sink;
	struct pal_msg *msgs;
	unsigned count;
};

static void *produce(void *arg)
{
	struct producer *p = arg;

	for (unsigned i = 0; i < p->count; i++)
		while (pal_actor_send(&p->sink->actor, &p->msgs[i]) == PAL_PUT_FULL)
			sched_yield();
	return NULL;
}

static void bench_producers(struct pal_msg *msgs)
{
	struct pal_pool *pool = pal_pool_create(1);
	struct sink sink = {0};
	struct producer producers[2];
	pthread_t threads[2];
	struct pal_error err;

	pal_actor_init(&sink.actor, &sink_class, pool, 65536);
	if (pal_pool_start(pool, &err) != PAL_OK)
		exit(1);
	int64_t start = now_ns();
	for (unsigned i = 0; i < 2; i++) {
		producers[i] = (struct producer){&sink, msgs + i * (MESSAGES / 2), MESSAGES / 2};
		pthread_create(&threads[i], NULL, produce, &producers[i]);
	}
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	pal_pool_stop(pool);
	report("one actor, 2 producer threads, worker thread",
	       (double)(now_ns() - start) / MESSAGES);
	if (sink.taken != MESSAGES)
		printf("lost %u\n", MESSAGES - sink.taken);
	pal_pool_destroy(pool);
}

/* --- Many actors through the directory, turns on the sender's thread -------------------------- */

struct tenant {
	struct pal_live live;	/* first */
	char id[24];
	unsigned taken;
};

static struct pal_pool *pool_of_tenants;

static void serve(struct pal_actor *actor)
{
	while (pal_actor_take(actor))
		((struct tenant *)actor)->taken++;
}

static const struct pal_actor_class tenant_class = {"tenant", serve, drop};

static struct pal_key key_of(const struct pal_live *live)
{
	return (struct pal_key){1, {((const struct tenant *)live)->id, 23}};
}

static size_t size_of(const struct pal_live *live)
{
	(void)live;
	return sizeof(struct tenant);
}

static bool passivate(void *arg, struct pal_live *live)
{
	(void)arg, (void)live;
	return true;
}

static void destroy(void *arg, struct pal_live *live)
{
	(void)arg;
	free(live);
}

static const struct pal_directory_class directory_class = {key_of, size_of, passivate, destroy};

static struct pal_live *make(void *arg, const struct pal_key *key, const struct pal_msg *msg)
{
	struct tenant *t = calloc(1, sizeof(*t));

	(void)arg, (void)msg;
	if (!t)
		return NULL;
	pal_actor_init(&t->live.actor, &tenant_class, pool_of_tenants, 64);
	memcpy(t->id, key->id.p, 23);
	return &t->live;
}

static void send_round(struct pal_directory *dir, struct pal_worker *worker, struct pal_msg *msgs,
		       unsigned count, unsigned keys)
{
	for (unsigned i = 0; i < count; i++) {
		char id[32];
		unsigned key_number = (unsigned)((uint64_t)i * 2654435761u % keys);

		/* Written by hand: snprintf would cost more than what is measured. */
		memset(id, 'c', 23);
		for (unsigned k = 0; k < 7; k++, key_number /= 10)
			id[22 - k] = (char)('0' + key_number % 10);
		struct pal_key key = {1, {id, 23}};
		if (pal_directory_send(dir, &key, &msgs[i], make) != PAL_PUT_QUEUED)
			printf("refused\n");
		if (i % WINDOW == WINDOW - 1)
			pal_worker_run(worker, WINDOW);
	}
	while (pal_worker_run(worker, WINDOW))
		;
}

static void bench_directory(struct pal_msg *msgs, unsigned keys)
{
	struct pal_directory_limits limits = {600000, SIZE_MAX / 2, SIZE_MAX / 2};
	char what[80];

	pool_of_tenants = pal_pool_create(1);
	struct pal_worker *worker = pal_pool_worker(pool_of_tenants, 0);
	struct pal_directory *dir = pal_directory_create(&directory_class, NULL, &limits);
	pal_worker_attach(worker);
	size_t heap = mallinfo2().uordblks;
	send_round(dir, worker, msgs, keys, keys);
	double each = (double)(mallinfo2().uordblks - heap) / keys;
	int64_t start = now_ns();
	send_round(dir, worker, msgs, MESSAGES, keys);
	snprintf(what, sizeof(what), "directory send + turn on the sender's thread, %u actors",
		 keys);
	report(what, (double)(now_ns() - start) / MESSAGES);
	start = now_ns();
	pal_directory_sweep(dir, 1000, SIZE_MAX);
	printf("  sweep over all of them %.1f ms; %.0f bytes of heap each, of them %zu the actor\n"
	       "  with its mailbox, %zu the rest of the entry, %zu the owner's\n",
	       (double)(now_ns() - start) / 1e6, each, sizeof(struct pal_actor),
	       sizeof(struct pal_live) - sizeof(struct pal_actor),
	       sizeof(struct tenant) - sizeof(struct pal_live));
	pal_worker_attach(NULL);
	pal_directory_destroy(dir);
	pal_pool_destroy(pool_of_tenants);
}

/* --- Ping-pong between a worker thread and a lane: two hops ----------------------------------- */

struct pinger {
	struct pal_actor actor;	/* first */
	struct pal_lane *lane;
	struct pal_msg ball;
	unsigned left;
	atomic_uint *playing;
};

static void ping(struct pal_actor *actor)
{
	struct pinger *p = (struct pinger *)actor;

	while (pal_actor_take(actor)) {
		if (p->left-- == 0)
			--*p->playing;
		else if (pal_lane_put(p->lane, &p->ball) != PAL_PUT_QUEUED)
			abort();
	}
}

static const struct pal_actor_class ping_class = {"pinger", ping, drop};

static void pong(void *arg, struct pal_msg *batch, size_t n)
{
	struct pal_msg *next;

	(void)arg, (void)n;
	for (; batch; batch = next) {
		next = batch->next;
		struct pinger *p = (struct pinger *)((char *)batch - offsetof(struct pinger, ball));
		pal_actor_reply(&p->actor, batch);
	}
}

static void bench_ping_pong(unsigned players)
{
	static struct pinger pingers[WINDOW];
	struct pal_lane_options options = {.name = "pong", .capacity = WINDOW, .batch_max = WINDOW,
					   .run = pong};
	struct pal_pool *pool = pal_pool_create(1);
	struct pal_lane *lane = pal_lane_create(&options);
	atomic_uint playing = players;
	struct pal_error err;
	char what[80];

	if (pal_pool_start(pool, &err) != PAL_OK || pal_lane_start(lane, &err) != PAL_OK)
		exit(1);
	int64_t start = now_ns();
	for (unsigned i = 0; i < players; i++) {
		pingers[i] = (struct pinger){
			.lane = lane, .left = TRIPS / players, .playing = &playing};
		pal_actor_init(&pingers[i].actor, &ping_class, pool, 4);
		pal_actor_reply(&pingers[i].actor, &pingers[i].ball);
	}
	while (playing > 0)
		sched_yield();
	snprintf(what, sizeof(what), "worker -> lane -> worker, %u at a time", players);
	report(what, (double)(now_ns() - start) / TRIPS);
	struct pal_lane_stats lane_stats = pal_lane_stats(lane);
	struct pal_worker_stats stats = pal_worker_stats(pal_pool_worker(pool, 0));
	printf("  %.1f messages a batch, %.2f wakes a batch of the worker, %.2f of the lane\n",
	       (double)lane_stats.messages / (double)lane_stats.batches,
	       (double)stats.wakes / (double)lane_stats.batches,
	       (double)lane_stats.wakes / (double)lane_stats.batches);
	pal_lane_stop(lane);
	pal_pool_stop(pool);
	pal_lane_destroy(lane);
	pal_pool_destroy(pool);
}

int main(void)
{
	struct pal_msg *msgs = calloc(MESSAGES, sizeof(*msgs));

	if (!msgs)
		return 1;
	bench_producers(msgs);
	bench_directory(msgs, 1000);
	bench_directory(msgs, IDLE_ACTORS);
	bench_ping_pong(1);
	bench_ping_pong(WINDOW);
	free(msgs);
	return 0;
}
