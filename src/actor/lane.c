/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/lane.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/role.h"

#define LINGER_BATCH_MAX 2	/* with more at once, what a wake costs is shared by many */

struct pal_lane {
	struct pal_lane_options options;	/* fixed at create */
	pthread_t thread;			/* main's */
	bool has_thread;			/* main's */
	bool lingers;				/* the thread's: the last message came soon */
	size_t batch;				/* the thread's: messages in the last batch */
	bool has_quiet_work;			/* the thread's: quiet() may have something to do */
	pthread_mutex_t lock;			/* guards everything below; a leaf */
	pthread_cond_t due;
	struct pal_msg_queue queue;
	_Atomic uint32_t count;			/* messages in `queue`; read without the lock by linger() */
	struct pal_lane_stats stats;		/* but for `waiting` */
	bool asleep;				/* the thread waits on `due`, not yet signalled */
	_Atomic bool stopping;			/* read without the lock by linger() */
};

struct pal_lane *pal_lane_create(const struct pal_lane_options *options)
{
	assert(options->run && options->capacity > 0 && options->batch_max > 0);

	struct pal_lane *lane = calloc(1, sizeof(*lane));
	if (!lane)
		return NULL;
	lane->options = *options;
	pthread_mutex_init(&lane->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->due, &attributes);
	pthread_condattr_destroy(&attributes);
	lane->has_quiet_work = options->quiet != NULL;
	return lane;
}

void pal_lane_destroy(struct pal_lane *lane)
{
	if (!lane)
		return;
	assert(!lane->has_thread && lane->count == 0);
	pthread_cond_destroy(&lane->due);
	pthread_mutex_destroy(&lane->lock);
	free(lane);
}

enum pal_put pal_lane_put(struct pal_lane *lane, struct pal_msg *msg)
{
	assert(msg);
	pthread_mutex_lock(&lane->lock);
	if (lane->stopping || lane->count == lane->options.capacity) {
		lane->stats.refusals++;
		pthread_mutex_unlock(&lane->lock);
		return PAL_PUT_FULL;
	}
	pal_msg_push(&lane->queue, msg);
	lane->count++;
	bool wake = lane->asleep;
	lane->asleep = false;
	lane->stats.wakes += wake;
	pthread_mutex_unlock(&lane->lock);
	if (wake)
		pthread_cond_signal(&lane->due);
	return PAL_PUT_QUEUED;
}

/* Unlink the oldest `n` >= 1 messages as a list that ends in NULL. */
static struct pal_msg *cut_locked(struct pal_lane *lane, size_t n)
{
	struct pal_msg *first = lane->queue.tail->next;
	struct pal_msg *last = lane->queue.tail;

	if (n == lane->count) {
		lane->queue.tail = NULL;
	} else {
		last = first;
		for (size_t i = 1; i < n; i++)
			last = last->next;
		lane->queue.tail->next = last->next;
	}
	last->next = NULL;
	lane->count -= (uint32_t)n;
	return first;
}

static struct pal_msg *take_batch(struct pal_lane *lane, size_t *ret_n)
{
	struct pal_msg *batch = NULL;
	size_t n;

	pthread_mutex_lock(&lane->lock);
	n = lane->count < lane->options.batch_max ? lane->count : lane->options.batch_max;
	if (n > 0) {
		batch = cut_locked(lane, n);
		lane->stats.batches++;
		lane->stats.messages += n;
	}
	pthread_mutex_unlock(&lane->lock);
	*ret_n = n;
	return batch;
}

static bool has_message(struct pal_lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	bool any = lane->count > 0;
	pthread_mutex_unlock(&lane->lock);
	return any;
}

bool pal_lane_step(struct pal_lane *lane)
{
	unsigned roles = pal_role_get();
	bool more = false;
	size_t n;

	pal_role_set(roles | PAL_ROLE_LANE);
	struct pal_msg *batch = take_batch(lane, &n);
	if (batch) {
		lane->batch = n;
		lane->options.run(lane->options.arg, batch, n);
	}
	if (lane->options.idle)
		more = batch || lane->options.idle(lane->options.arg);
	pal_role_set(roles);
	return more || has_message(lane);
}

/* Look for a message for a while without sleeping, letting others run meanwhile. */
static void linger(struct pal_lane *lane, int64_t until_ns)
{
	while (atomic_load_explicit(&lane->count, memory_order_relaxed) == 0 &&
	       !atomic_load_explicit(&lane->stopping, memory_order_relaxed) &&
	       pal_clock_mono_ns(pal_clock_system()) < until_ns)
		sched_yield();
}

/* Sleep until something happens, or until `until_ns` when that is not 0; false: it is past that. */
static bool sleep_locked(struct pal_lane *lane, int64_t until_ns)
{
	const struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
				       .tv_nsec = (long)(until_ns % 1000000000)};

	lane->asleep = true;
	int rc = until_ns ? pthread_cond_timedwait(&lane->due, &lane->lock, &until)
			  : pthread_cond_wait(&lane->due, &lane->lock);
	lane->asleep = false;
	return rc != ETIMEDOUT;
}

/* Sleep until a message waits; false: none does, for the lane shall stop or all is quiet. */
static bool wait_for_message(struct pal_lane *lane)
{
	int64_t until_ns = lane->has_quiet_work
				   ? pal_clock_mono_ns(pal_clock_system()) +
					     (int64_t)lane->options.quiet_ms * 1000000
				   : 0;

	pthread_mutex_lock(&lane->lock);
	while (lane->count == 0 && !lane->stopping && sleep_locked(lane, until_ns))
		;
	bool any = lane->count > 0;
	pthread_mutex_unlock(&lane->lock);
	return any;
}

/* Nothing came for a while: do what is left for such a time, until something does. */
static void run_quiet(struct pal_lane *lane)
{
	unsigned roles = pal_role_get();

	pal_role_set(roles | PAL_ROLE_LANE);
	while (lane->has_quiet_work && !has_message(lane) && !lane->stopping)
		lane->has_quiet_work = lane->options.quiet(lane->options.arg);
	pal_role_set(roles);
}

/* As wait_for_message, but linger first when the last message came within that time. */
static bool await_message(struct pal_lane *lane)
{
	int64_t linger_ns = (int64_t)lane->options.linger_us * 1000, began_ns = 0;

	if (linger_ns)
		began_ns = pal_clock_mono_ns(pal_clock_system());
	if (lane->lingers && lane->batch <= LINGER_BATCH_MAX)
		linger(lane, began_ns + linger_ns);
	bool any = wait_for_message(lane);
	lane->lingers = linger_ns && pal_clock_mono_ns(pal_clock_system()) - began_ns < linger_ns;
	return any;
}

static void *thread_main(void *arg)
{
	struct pal_lane *lane = arg;
	char name[16];

	snprintf(name, sizeof(name), "%s", lane->options.name);
	pthread_setname_np(pthread_self(), name);
	while (!lane->stopping || has_message(lane)) {
		while (pal_lane_step(lane))
			;
		if (await_message(lane))
			lane->has_quiet_work = lane->options.quiet != NULL;
		else
			run_quiet(lane);
	}
	return NULL;
}

enum pal_code pal_lane_start(struct pal_lane *lane, struct pal_error *err)
{
	errno = pthread_create(&lane->thread, NULL, thread_main, lane);
	if (errno != 0)
		return pal_fail_errno(err, PAL_E_SERVICE, lane->options.name,
				      "cannot start a lane thread");
	lane->has_thread = true;
	return PAL_OK;
}

void pal_lane_stop(struct pal_lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	lane->stopping = true;
	pthread_mutex_unlock(&lane->lock);
	if (lane->has_thread) {
		pthread_cond_signal(&lane->due);
		pthread_join(lane->thread, NULL);
		lane->has_thread = false;
	}
	while (has_message(lane))
		pal_lane_step(lane);
}

struct pal_lane_stats pal_lane_stats(struct pal_lane *lane)
{
	pthread_mutex_lock(&lane->lock);
	struct pal_lane_stats stats = lane->stats;
	stats.waiting = lane->count;
	pthread_mutex_unlock(&lane->lock);
	return stats;
}
