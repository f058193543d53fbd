/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lane.h - an actor that is allowed to block: a mailbox and a thread of its own.
 *
 * It takes everything that waits as one batch, so that what it does for one message, such as a
 * commit, it does for many: the longer it takes, the larger the next batch.
 */
#ifndef PALAVER_ACTOR_LANE_H
#define PALAVER_ACTOR_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actor/mailbox.h"
#include "actor/msg.h"
#include "base/error.h"

struct pal_lane;

/* What a lane does; copied at create, `name` and `arg` must outlive the lane. */
struct pal_lane_options {
	const char *name;	/* names the thread, cut at 15 characters */
	uint32_t capacity;	/* messages that may wait, >= 1; what is being run does not count */
	uint32_t batch_max;	/* messages for one run, >= 1 */
	/*
	 * Required. Do what the `n` messages from `batch` on ask for, oldest first, linked by
	 * `next`, the last one NULL; it owns them. May block. Runs on: lane.
	 */
	void (*run)(void *arg, struct pal_msg *batch, size_t n);
	/* Optional. Called while nothing waits; return true while there is more. Runs on: lane. */
	bool (*idle)(void *arg);
	/*
	 * Optional. Called when nothing came for `quiet_ms`, and again at once while it returns
	 * true and nothing comes; then not before another batch was run. Runs on: lane.
	 */
	bool (*quiet)(void *arg);
	uint32_t quiet_ms;	/* >= 1, with `quiet` */
	void *arg;
	/*
	 * How long the thread looks for the next message before it sleeps, if the last one came as
	 * soon as that and came alone or in a pair; 0: never. Being woken can cost more than what
	 * the message asks for, but many share it.
	 */
	uint32_t linger_us;
};

/* Create a lane nobody runs yet. The caller owns it. NULL when out of memory. Runs on: main. */
struct pal_lane *pal_lane_create(const struct pal_lane_options *options);

/* Free a lane that is stopped and empty; NULL is fine. Runs on: main. */
void pal_lane_destroy(struct pal_lane *lane);

/* Give it its thread, role LANE. PAL_E_SERVICE when none can be had. Runs on: main. */
PAL_MUST_CHECK enum pal_code pal_lane_start(struct pal_lane *lane, struct pal_error *err);

/*
 * Refuse what comes from now on, run what waits, end and join the thread. A lane without a thread
 * is run to its end by the caller. Twice is fine. Runs on: main.
 */
void pal_lane_stop(struct pal_lane *lane);

/*
 * Append `msg`, which the lane then owns: PAL_PUT_QUEUED. PAL_PUT_FULL when the lane is full or
 * stopped: it is still the caller's. Never blocks. Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_lane_put(struct pal_lane *lane, struct pal_msg *msg);

/*
 * Run one batch or, when nothing waits, `idle` once, on the calling thread with role LANE added to
 * its own. Return true when there is more to do. For tests that drive the lane by hand. Runs on:
 * the one thread that drives it.
 */
bool pal_lane_step(struct pal_lane *lane);

struct pal_lane_stats {
	uint64_t messages, batches, refusals, wakes;	/* since create */
	size_t waiting;		/* messages now */
};

/* A consistent copy. Runs on: any. */
struct pal_lane_stats pal_lane_stats(struct pal_lane *lane);

#endif
