/* SPDX-License-Identifier: Apache-2.0 */
/*
 * analytics.h - the conversation service: how the conversations of a time went, in figures, by
 * period and by group. A read lane walks the tenant's conversations once and adds up; how fast
 * replies were stands in each conversation's newest message, so those of the newest conversations
 * are looked at afterwards, some at a time, that nobody else has to wait for long.
 */
#ifndef PALAVER_SERVICE_HISTORY_ANALYTICS_H
#define PALAVER_SERVICE_HISTORY_ANALYTICS_H

#include "base/buf.h"
#include "base/error.h"
#include "service/access/caller.h"
#include "service/history/selection.h"
#include "service/history/tally.h"
#include "store/front.h"

#define PAL_ANALYTICS_DAYS_DEFAULT 30
#define PAL_ANALYTICS_DAYS_MAX 365
#define PAL_ANALYTICS_TIMED_MAX 10000u	/* conversations whose response times are looked at */

/* The caller fills the first part and keeps it, and what it points to, until `done` is called. */
struct pal_analytics {
	struct pal_caller caller;	/* who is no staff gets figures of its own conversations */
	int64_t from_ms, to_ms;		/* conversations that began then: from <= t < to */
	enum pal_granularity granularity;
	enum pal_group_by group_by[PAL_GROUP_BY_MAX];
	size_t group_by_count;
	unsigned figures;		/* bits 1 << enum pal_figure */
	/* Called exactly once. Runs on: lane, or the caller's thread for a store that does not
	 * block. */
	void (*done)(struct pal_analytics *analytics);

	/* out */
	enum pal_code code;		/* PAL_E_UNAUTHORIZED: a caller without name; PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf data;		/* PAL_OK: a JSON object; the caller's to free */

	/* the service's */
	struct pal_query query;
	struct pal_store_front *front;
	struct pal_filter filter;
	struct pal_selection newest;
	size_t timed;			/* of the newest, how many were looked at */
	struct pal_tally total;
	struct pal_tallies periods, groups;
	struct pal_buf key;
};

/* Add up what `analytics` asks for. Runs on: any. */
void pal_conversations_analyse(struct pal_store_front *front, struct pal_analytics *analytics);

#endif
