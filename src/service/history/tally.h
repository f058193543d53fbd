/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tally.h - figures of conversations, added up by period and by group. Bounded: what finds no room
 * in a table is added up together, under the key "other".
 */
#ifndef PALAVER_SERVICE_HISTORY_TALLY_H
#define PALAVER_SERVICE_HISTORY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/conversation.h"
#include "model/details.h"

#define PAL_TALLIES_MAX 10000u		/* keys of one table; a year has 8784 hours */
#define PAL_GROUP_BY_MAX 3u

#define PAL_GRANULARITIES(X)                                                                       \
	X(PAL_GRANULARITY_HOUR, "hour")                                                            \
	X(PAL_GRANULARITY_DAY, "day")                                                              \
	X(PAL_GRANULARITY_WEEK, "week")                                                            \
	X(PAL_GRANULARITY_MONTH, "month")

enum pal_granularity {
#define X(id, name) id,
	PAL_GRANULARITIES(X)
#undef X
	PAL_GRANULARITY_COUNT
};

#define PAL_GROUP_BYS(X)                                                                           \
	X(PAL_GROUP_BY_CHANNEL, "channel")                                                         \
	X(PAL_GROUP_BY_STATUS, "status")                                                           \
	X(PAL_GROUP_BY_PRIORITY, "priority")                                                       \
	X(PAL_GROUP_BY_CATEGORY, "category")                                                       \
	X(PAL_GROUP_BY_DEPARTMENT, "department")                                                   \
	X(PAL_GROUP_BY_ASSIGNED_AGENT, "assigned_agent")

enum pal_group_by {
#define X(id, name) id,
	PAL_GROUP_BYS(X)
#undef X
	PAL_GROUP_BY_COUNT
};

/* Which figures are shown: bits 1 << of these. */
#define PAL_FIGURES(X)                                                                             \
	X(PAL_FIGURE_CONVERSATIONS, "conversations")                                               \
	X(PAL_FIGURE_MESSAGES, "messages")                                                         \
	X(PAL_FIGURE_COMPLETION_RATE, "completion_rate")                                           \
	X(PAL_FIGURE_RESPONSE_TIME, "response_time")                                               \
	X(PAL_FIGURE_SATISFACTION, "satisfaction")

enum pal_figure {
#define X(id, name) id,
	PAL_FIGURES(X)
#undef X
	PAL_FIGURE_COUNT
};

/* Zeroed is nothing added yet. */
struct pal_tally {
	int64_t conversations, messages;
	int64_t by_status[PAL_CONVERSATION_STATUS_COUNT];
	int64_t ratings, rating_sum;
	int64_t timed, replies, response_ms, response_ms_max;	/* timed: conversations looked at */
};

/* Tallies by key; zeroed is empty. */
struct pal_tallies {
	struct pal_tally_entry *entries;
	size_t count;
	bool failed;		/* out of memory */
};

/* Add what the record of a conversation says. Runs on: the tally's user; uses the thread's JSON
 * scratch. */
void pal_tally_add(struct pal_tally *tally, const struct pal_conversation *conversation,
		   const struct pal_details *details);

/* Add how fast it was answered, from its state. Runs on: as pal_tally_add. */
void pal_tally_add_times(struct pal_tally *tally, const struct pal_conversation *conversation);

/* The tally of `key`, made if need be; NULL (and failed) when out of memory. */
struct pal_tally *pal_tallies_at(struct pal_tallies *tallies, struct pal_str key);
void pal_tallies_deinit(struct pal_tallies *tallies);

/* Append the figures in the mask, each as a member with a comma behind. */
void pal_tally_put(struct pal_buf *out, const struct pal_tally *tally, unsigned figures);

/*
 * Append a JSON array of all, ascending by key: {"NAME":KEY,FIGURES}; a key is raw JSON.
 */
void pal_tallies_put(struct pal_buf *out, struct pal_tallies *tallies, const char *name,
		     unsigned figures);

/* When the period began that `wall_ms` falls into, UTC; a week begins on Monday. Runs on: any. */
int64_t pal_period_start(int64_t wall_ms, enum pal_granularity granularity);

/*
 * Append the key of the group of a conversation, {"channel":"web",...}. Runs on: any; uses the
 * thread's JSON scratch.
 */
void pal_group_put_key(struct pal_buf *out, const struct pal_conversation *conversation,
		       const struct pal_details *details, const enum pal_group_by *by,
		       size_t count);

#endif
