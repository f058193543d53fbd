/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - workers: each a queue of actors that are due a turn, and somebody who runs them.
 *
 * The same code is driven in three ways:
 *  - own threads: pal_pool_start gives each worker one;
 *  - guests: a thread that has an event loop attaches a worker and runs it after each batch of
 *    events, so that a message needs no change of thread between its socket and its turn;
 *  - by hand: a test calls pal_worker_run for whichever worker it likes, one turn at a time.
 *
 * An actor scheduled from a worker's thread waits in that worker's queue, without a wake; scheduled
 * from any other thread, it waits where it last ran.
 */
#ifndef PALAVER_ACTOR_POOL_H
#define PALAVER_ACTOR_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PAL_POOL_WORKERS_MAX 64u

struct pal_actor;
struct pal_pool;
struct pal_worker;

/* Called when a sleeping worker has become due. Must not block. Runs on: any. */
typedef void pal_wake_fn(void *arg);

/*
 * Create a pool of `workers`, 1..PAL_POOL_WORKERS_MAX, nobody running them yet. The caller owns it.
 * NULL when out of memory. Runs on: main.
 */
struct pal_pool *pal_pool_create(unsigned workers);

/*
 * Free a pool that nothing runs on or sends through any more; NULL is fine. Actors still queued are
 * forgotten, not freed. Runs on: main.
 */
void pal_pool_destroy(struct pal_pool *pool);

/* How many workers it has, and the one at `index`, 0..size-1, borrowed. Runs on: any. */
unsigned pal_pool_size(const struct pal_pool *pool);
struct pal_worker *pal_pool_worker(struct pal_pool *pool, unsigned index);

/*
 * Give every worker a thread of its own (role WORKER). PAL_E_SERVICE when one cannot be had; none
 * runs then. Not for a pool with guests. Runs on: main.
 */
PAL_MUST_CHECK enum pal_code pal_pool_start(struct pal_pool *pool, struct pal_error *err);

/*
 * Let each own thread finish the turns that are due and join it; later ones never run. Fine when
 * not started. Runs on: main.
 */
void pal_pool_stop(struct pal_pool *pool);

/*
 * Say how to wake whoever runs `worker`: `wake(arg)` is called from another thread, at most once
 * for each time that pal_worker_run returned false. Set it before the first actor is scheduled.
 * Runs on: main.
 */
void pal_worker_set_wake(struct pal_worker *worker, pal_wake_fn *wake, void *arg);

/*
 * Make the calling thread the one that runs `worker` from now on; NULL ends it. What the thread
 * schedules then goes to that worker without a wake, so the thread must call pal_worker_run before
 * it next sleeps. Runs on: loop.
 */
void pal_worker_attach(struct pal_worker *worker);

/*
 * Run up to `max_turns` turns, with role WORKER added to the thread's. Return true when more are
 * due: call again before sleeping. Return false when none are; `wake` will then tell of the next.
 * Runs on: the thread the worker is attached to, its own, or a test's.
 */
bool pal_worker_run(struct pal_worker *worker, unsigned max_turns);

/* The worker the calling thread runs or has attached, NULL if none; borrowed. Runs on: any. */
struct pal_worker *pal_worker_current(void);

/* Its place in the pool, 0..size-1. Runs on: any. */
unsigned pal_worker_index(const struct pal_worker *worker);

struct pal_worker_stats {
	uint64_t turns;		/* run so far */
	uint64_t wakes;		/* how often the thread had to be woken */
	size_t waiting;		/* actors due a turn now */
};

/* A consistent copy. Runs on: any. */
struct pal_worker_stats pal_worker_stats(struct pal_worker *worker);

/* For actor.c: where a new actor shall first run; and queue an actor whose caller was told WAKE. */
struct pal_worker *pal_pool_pick(struct pal_pool *pool);
void pal_worker_schedule(struct pal_actor *actor);

#endif
