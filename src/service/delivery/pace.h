/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pace.h - how often a channel may be sent on: so many times in any minute, and in any day
 * (domain.md section 5.1). Pure: the time comes in. The minute goes by the monotonic clock; the day
 * by the wall clock, since it is kept over restarts: what is stored is always ahead of what was sent,
 * so that after a crash it is rather too much than too little.
 */
#ifndef PALAVER_SERVICE_DELIVERY_PACE_H
#define PALAVER_SERVICE_DELIVERY_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define PAL_PACE_SLOTS_MAX 97u
#define PAL_PACE_LEASE_MAX 1024u	/* sends that are stored ahead */

/* How many were sent in a stretch of time: slots that cover all of it and the one under way. */
struct pal_pace_window {
	int64_t slot_ms;
	unsigned slots;
	int64_t newest;			/* the number of the slot under way */
	uint64_t total;
	uint32_t counts[PAL_PACE_SLOTS_MAX];	/* of slot n at n % slots */
};

struct pal_pace {
	uint32_t per_minute, per_day;	/* 0: any number */
	struct pal_pace_window minute, day;
	uint32_t held;			/* places given out, and not sent on yet */
	uint32_t covered;		/* so many more are stored as sent in this quarter hour */
};

struct pal_pace_time {
	int64_t mono_ms, wall_ms;
};

void pal_pace_init(struct pal_pace *pace);

/* In how many ms one more may be sent, beside those held; 0: now. Runs on: the owner. */
int64_t pal_pace_wait_ms(struct pal_pace *pace, struct pal_pace_time now);

/* Whether the next one must first be stored as sent: there is a limit of the day. */
bool pal_pace_needs_cover(const struct pal_pace *pace);
/* How many to store ahead: few enough to lose, >= 1 while the day has any left. */
uint32_t pal_pace_lease(const struct pal_pace *pace);

/* Hold a place; send on it, or give it back. */
void pal_pace_take(struct pal_pace *pace);
void pal_pace_use(struct pal_pace *pace, struct pal_pace_time now);
void pal_pace_give_back(struct pal_pace *pace);

/* Nothing that it knows matters any more. */
bool pal_pace_is_idle(struct pal_pace *pace, struct pal_pace_time now);

/* Append what is to be stored, `lease` more among it; pal_pace_cover when it is. */
void pal_pace_write(const struct pal_pace *pace, uint32_t lease, struct pal_buf *out);
void pal_pace_cover(struct pal_pace *pace, uint32_t lease);

/*
 * Take over what was stored at `written_ms`, wall clock; `body` absent: nothing was. What may have
 * been sent since counts as sent. Uses the thread's JSON scratch.
 */
void pal_pace_read(struct pal_pace *pace, struct pal_str body, int64_t written_ms,
		   struct pal_pace_time now);

#endif
