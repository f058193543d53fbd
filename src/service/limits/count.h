/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count.h - what one caller is counted by: its windows and its bucket. Who locks it and finds
 * it is judge.c.
 */
#ifndef PALAVER_SERVICE_LIMITS_COUNT_H
#define PALAVER_SERVICE_LIMITS_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "service/limits/limits.h"

#define PAL_LIMITS_WAIT_MS_MIN 1000u	/* domain.md section 3.2: retry_after = max(1, ...) */

/* Sub-windows of a window, and one more: the oldest is forgotten when all of it is out of sight. */
#define PAL_LIMITS_MINUTE_SLOTS (60u + 1)
#define PAL_LIMITS_HOUR_SLOTS (30u + 1)
#define PAL_LIMITS_DAY_SLOTS (24u + 1)
#define PAL_LIMITS_SLOTS                                                                           \
	(PAL_LIMITS_MINUTE_SLOTS + PAL_LIMITS_HOUR_SLOTS + PAL_LIMITS_DAY_SLOTS)

struct pal_limits_span {
	int64_t slot_ns;
	uint32_t slots, first;	/* in pal_limits_count.slot */
};

/* How it is counted, and when now is. */
struct pal_limits_way {
	const struct pal_limits_span *spans;	/* of each window */
	int64_t now_ns;
	bool is_bucket;
	uint32_t burst;
};

/* Zeroed: nothing counted. */
struct pal_limits_count {
	int64_t newest[PAL_LIMITS_WINDOW_COUNT];	/* number of the sub-window now filled */
	int64_t oldest[PAL_LIMITS_WINDOW_COUNT];	/* all before this one are empty */
	uint32_t sum[PAL_LIMITS_WINDOW_COUNT];
	uint32_t slot[PAL_LIMITS_SLOTS];
	/* the bucket as its inverse (GCRA): it is full from this time on, and each request takes
	 * it further by what one takes to come back */
	int64_t full_ns;
};

/* The spans of windows that slide, and of fixed ones. Runs on: any. */
const struct pal_limits_span *pal_limits_spans(bool are_fixed);

/*
 * Forget what is out of sight. A thread that read the clock before another may be a little behind,
 * and then counts into the sub-window that the other began. Runs on: any.
 */
void pal_limits_count_advance(struct pal_limits_count *count, const struct pal_limits_way *way);

/* Count a request of `cost`; `limit` is the minute's. Runs on: any. */
void pal_limits_count_add(struct pal_limits_count *count, const struct pal_limits_way *way,
			  uint32_t limit, uint32_t cost);

/*
 * Fill in the window that holds a request of `cost` up longest by ret->limit; false when none does.
 * Runs on: any.
 */
bool pal_limits_count_holds_up(const struct pal_limits_count *count,
			       const struct pal_limits_way *way, uint32_t cost,
			       struct pal_limits_verdict *ret);

/* Fill in the window with the least left. No window is full beyond its limit. Runs on: any. */
void pal_limits_count_tell(const struct pal_limits_count *count, const struct pal_limits_way *way,
			   struct pal_limits_verdict *ret);

#endif
