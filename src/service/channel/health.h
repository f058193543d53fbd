/* SPDX-License-Identifier: Apache-2.0 */
/*
 * health.h - how the channels of tenants have been doing since the daemon started: an hour's
 * figures decide health, a week's are shown (domain.md section 2.5).
 */
#ifndef PALAVER_SERVICE_CHANNEL_HEALTH_H
#define PALAVER_SERVICE_CHANNEL_HEALTH_H

#include <stdint.h>

#include "base/buf.h"
#include "palaver/channel.h"

#define PAL_CHANNEL_HOURS 168u		/* a week */
#define PAL_CHANNEL_CODES_MAX 8u	/* kinds of failure that are counted apart */

/* Of one hour. */
struct pal_channel_hour {
	int64_t hour;		/* since 1970; another one: it counts nothing */
	uint32_t sent, failed, limited;
};

/* Zeroed: nothing happened yet. Whoever has it locks it. */
struct pal_channel_health {
	struct pal_channel_hour hours[PAL_CHANNEL_HOURS];
	struct {
		char code[32];
		uint64_t count;
	} codes[PAL_CHANNEL_CODES_MAX];
	unsigned failures_in_a_row;
	double average_ms;		/* exponential: nine tenths old, one tenth new */
	int64_t checked_ms;		/* the last outcome; 0: none yet */
	uint64_t received, duplicates, refused, faulty;	/* webhooks that came in */
};

enum pal_channel_state {
	PAL_CHANNEL_HEALTHY,
	PAL_CHANNEL_DEGRADED,
	PAL_CHANNEL_UNHEALTHY,
	PAL_CHANNEL_UNKNOWN,	/* nothing was sent within the hour */
};

/* Note the outcome of one attempt to send, `code` what failed. Runs on: who has it. */
void pal_channel_health_note(struct pal_channel_health *health, int64_t now_ms,
			     enum pal_channel_outcome outcome, const char *code, int64_t took_ms);

/* How it is, by the last hour. Runs on: who has it. */
enum pal_channel_state pal_channel_health_state(const struct pal_channel_health *health,
						int64_t now_ms);
const char *pal_channel_state_name(enum pal_channel_state state);

/* Append the members that clients see, each with a comma behind it. Runs on: who has it. */
void pal_channel_health_view(const struct pal_channel_health *health, int64_t now_ms,
			     struct pal_buf *out);

#endif
