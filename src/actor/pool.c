/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor/actor.h"
#include "base/role.h"

#define OWN_THREAD_TURNS 64u	/* between two looks at whether to stop */

/* Invariant: a queue that is not empty belongs to a worker that is not asleep (README, rule 5). */
struct pal_worker {
	_Alignas(64) struct pal_pool *pool;	/* fixed at create, as is the next */
	unsigned index;
	pal_wake_fn *wake;		/* fixed before the first actor is scheduled */
	void *wake_arg;
	pthread_t thread;		/* main's */
	bool has_thread;		/* main's */
	pthread_mutex_t lock;		/* guards everything below; a leaf */
	pthread_cond_t due;		/* own threads wait here */
	struct pal_actor *tail;		/* circular, tail->next is the one to run next */
	size_t waiting;
	uint64_t turns, wakes;
	bool asleep;			/* nobody has undertaken to call pal_worker_run */
	bool stopping;
};

struct pal_pool {
	unsigned size;			/* fixed at create */
	atomic_uint next;		/* the next worker for a new actor */
	struct pal_worker workers[];
};

static _Thread_local struct pal_worker *current;

static void wake_nobody(void *arg)
{
	(void)arg;
}

static void worker_init(struct pal_worker *worker, struct pal_pool *pool, unsigned index)
{
	worker->pool = pool;
	worker->index = index;
	worker->wake = wake_nobody;
	worker->asleep = true;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->due, NULL);
}

struct pal_pool *pal_pool_create(unsigned workers)
{
	assert(workers > 0 && workers <= PAL_POOL_WORKERS_MAX);

	size_t size = sizeof(struct pal_pool) + workers * sizeof(struct pal_worker);
	struct pal_pool *pool = aligned_alloc(_Alignof(struct pal_pool), size);
	if (!pool)
		return NULL;
	memset(pool, 0, size);
	pool->size = workers;
	for (unsigned i = 0; i < workers; i++)
		worker_init(&pool->workers[i], pool, i);
	return pool;
}

void pal_pool_destroy(struct pal_pool *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < pool->size; i++) {
		assert(!pool->workers[i].has_thread);
		pthread_mutex_destroy(&pool->workers[i].lock);
		pthread_cond_destroy(&pool->workers[i].due);
	}
	free(pool);
}

unsigned pal_pool_size(const struct pal_pool *pool)
{
	return pool->size;
}

struct pal_worker *pal_pool_worker(struct pal_pool *pool, unsigned index)
{
	assert(index < pool->size);
	return &pool->workers[index];
}

struct pal_worker *pal_pool_pick(struct pal_pool *pool)
{
	if (current && current->pool == pool)
		return current;
	return &pool->workers[atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed) %
			      pool->size];
}

void pal_worker_set_wake(struct pal_worker *worker, pal_wake_fn *wake, void *arg)
{
	worker->wake = wake;
	worker->wake_arg = arg;
}

void pal_worker_attach(struct pal_worker *worker)
{
	current = worker;
}

struct pal_worker *pal_worker_current(void)
{
	return current;
}

unsigned pal_worker_index(const struct pal_worker *worker)
{
	return worker->index;
}

struct pal_worker_stats pal_worker_stats(struct pal_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	struct pal_worker_stats stats = {worker->turns, worker->wakes, worker->waiting};
	pthread_mutex_unlock(&worker->lock);
	return stats;
}

static void push_locked(struct pal_worker *worker, struct pal_actor *actor)
{
	if (worker->tail) {
		actor->next = worker->tail->next;
		worker->tail->next = actor;
	} else {
		actor->next = actor;
	}
	worker->tail = actor;
	worker->waiting++;
}

static struct pal_actor *shift_locked(struct pal_worker *worker)
{
	if (!worker->tail)
		return NULL;

	struct pal_actor *actor = worker->tail->next;
	if (actor == worker->tail)
		worker->tail = NULL;
	else
		worker->tail->next = actor->next;
	worker->waiting--;
	return actor;
}

void pal_worker_schedule(struct pal_actor *actor)
{
	struct pal_worker *worker = actor->worker;

	if (current && current->pool == worker->pool)
		worker = actor->worker = current;
	pthread_mutex_lock(&worker->lock);
	bool wake = worker->asleep && worker != current;
	push_locked(worker, actor);
	worker->asleep = false;
	worker->wakes += wake;
	pthread_mutex_unlock(&worker->lock);
	if (wake)
		worker->wake(worker->wake_arg);
}

/* The next actor to run; NULL, and asleep, when there is none. */
static struct pal_actor *take_next(struct pal_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	struct pal_actor *actor = shift_locked(worker);
	worker->asleep = !actor;
	worker->turns += actor != NULL;
	pthread_mutex_unlock(&worker->lock);
	return actor;
}

static void run_turn(struct pal_worker *worker, struct pal_actor *actor)
{
	actor->class->turn(actor);
	if (!pal_mailbox_rest(&actor->box))
		return;		/* rule 4: another may have it by now, or have freed it */
	pthread_mutex_lock(&worker->lock);
	push_locked(worker, actor);
	pthread_mutex_unlock(&worker->lock);
}

/* Whether to call again; asleep when not. */
static bool is_due(struct pal_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	bool due = worker->tail != NULL;
	worker->asleep = !due;
	pthread_mutex_unlock(&worker->lock);
	return due;
}

bool pal_worker_run(struct pal_worker *worker, unsigned max_turns)
{
	struct pal_worker *attached = current;
	unsigned roles = pal_role_get();
	struct pal_actor *actor;
	bool due = true;

	current = worker;
	pal_role_set(roles | PAL_ROLE_WORKER);
	for (unsigned i = 0; due && i < max_turns; i++) {
		actor = take_next(worker);
		if (actor)
			run_turn(worker, actor);
		due = actor != NULL;
	}
	due = due && is_due(worker);
	pal_role_set(roles);
	current = attached;
	return due;
}

static void signal_thread(void *arg)
{
	struct pal_worker *worker = arg;

	pthread_cond_signal(&worker->due);
}

/* Sleep until something is due; false: nothing is and nothing shall be. */
static bool wait_for_work(struct pal_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (worker->asleep && !worker->stopping)
		pthread_cond_wait(&worker->due, &worker->lock);
	bool due = !worker->asleep;
	pthread_mutex_unlock(&worker->lock);
	return due;
}

static void *thread_main(void *arg)
{
	struct pal_worker *worker = arg;
	char name[16];

	snprintf(name, sizeof(name), "pal-worker-%u", worker->index % 1000);
	pthread_setname_np(pthread_self(), name);
	do {
		while (pal_worker_run(worker, OWN_THREAD_TURNS))
			;
	} while (wait_for_work(worker));
	return NULL;
}

enum pal_code pal_pool_start(struct pal_pool *pool, struct pal_error *err)
{
	for (unsigned i = 0; i < pool->size; i++) {
		struct pal_worker *worker = &pool->workers[i];

		pal_worker_set_wake(worker, signal_thread, worker);
		worker->stopping = false;
		errno = pthread_create(&worker->thread, NULL, thread_main, worker);
		if (errno != 0) {
			pal_fail_errno(err, PAL_E_SERVICE, "workers", "cannot start its thread");
			pal_pool_stop(pool);
			return PAL_E_SERVICE;
		}
		worker->has_thread = true;
	}
	return PAL_OK;
}

static void stop_thread(struct pal_worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_mutex_unlock(&worker->lock);
	pthread_cond_signal(&worker->due);
	pthread_join(worker->thread, NULL);
	worker->has_thread = false;
}

void pal_pool_stop(struct pal_pool *pool)
{
	for (unsigned i = 0; i < pool->size; i++)
		if (pool->workers[i].has_thread)
			stop_thread(&pool->workers[i]);
}
