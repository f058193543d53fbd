/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - what one attempt to deliver makes of a delivery. Pure: time and chance come in. */
#ifndef PALAVER_SERVICE_DELIVERY_JUDGE_H
#define PALAVER_SERVICE_DELIVERY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "courier/schedule.h"
#include "palaver/channel.h"
#include "service/delivery/delivery.h"

/* How a channel's deliveries are tried again. */
struct pal_delivery_policy {
	unsigned attempts_max;		/* failures that count before it is given up, >= 1 */
	struct pal_backoff backoff;
	/*
	 * The receiver tells repeats by their key: what may have arrived is tried again like what
	 * did not. Else it is tried once more.
	 */
	bool repeats_unknown;
};

/* An attempt that ended. */
struct pal_attempt {
	enum pal_channel_outcome outcome;
	bool is_free;		/* nothing left, for a reason of our own: it does not count */
	int64_t started_ms, ended_ms;	/* wall clock */
	uint32_t asked_ms;	/* by a Retry-After; 0: not */
	char code[32];		/* "http_503"; "" when it went well */
	struct pal_str platform_id;	/* absent: none given */
	int64_t part;		/* which of state->parts it was about, from 1; 0: the whole */
};

/*
 * Take `state` on by `attempt`: statuses move forward only; a rate limit counts a quarter of a
 * failure. *ret_next_ms is when to try again, or to send the next part; 0 when it has not to leave
 * any more. Texts go to `arena`. False when out of memory: `state` is then half done. Uses the
 * thread's JSON scratch. Runs on: the user of `chance`.
 */
bool pal_delivery_judge(struct pal_delivery_state *state, const struct pal_attempt *attempt,
			const struct pal_delivery_policy *policy, struct pal_chance *chance,
			struct pal_arena *arena, int64_t *ret_next_ms) PAL_MUST_CHECK;

/* Note in `state` when its status was reached. False when out of memory. As above. */
bool pal_delivery_stamp(struct pal_delivery_state *state, int64_t wall_ms,
			struct pal_arena *arena) PAL_MUST_CHECK;

#endif
