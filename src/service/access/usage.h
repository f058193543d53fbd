/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage.h - messages of the running month (UTC), per tenant, held against its quota. Counted here
 * when a request is admitted and given back when it stored nothing, so that requests at the same
 * time never exceed the quota together. Written behind every second and at a stop: after a kill the
 * count may miss what was stored in the last two seconds before it, and nothing else.
 */
#ifndef PALAVER_SERVICE_ACCESS_USAGE_H
#define PALAVER_SERVICE_ACCESS_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "service/access/live.h"

#define PAL_USAGE_KIND "usage"
#define PAL_USAGE_ID_SIZE 24	/* "messages:2026-11" and NUL */

/* What a request holds of its tenant's quota. Zeroed: nothing. */
struct pal_usage_hold {
	struct pal_live_tenant *tenant;
	int64_t month, messages;
};

/*
 * Count `messages` > 0 for `tenant` at `now_ms`, unless that exceeds the quota: then false, and
 * nothing is counted. What is held is told in `ret`. Lock-free. Runs on: any.
 */
bool pal_usage_take(struct pal_live_tenant *tenant, int64_t messages, int64_t now_ms,
		    struct pal_usage_hold *ret);

/* Give back `messages` of what is held, at most that. Twice is fine. Runs on: any. */
void pal_usage_give_back(struct pal_usage_hold *hold, int64_t messages);

/* Messages counted in the month of `now_ms`. Runs on: any. */
int64_t pal_usage_messages(struct pal_live_tenant *tenant, int64_t now_ms);

/* Start with what was stored for the month called `id`; another month's is passed over. Runs on:
 * main, before the first request. */
void pal_usage_restore(struct pal_live_tenant *tenant, struct pal_str id, int64_t messages,
		       int64_t now_ms);

/* The record id of the month of `now_ms`: "messages:2026-11". Return `out`. Runs on: any. */
char *pal_usage_id(int64_t now_ms, char out[PAL_USAGE_ID_SIZE]);

/*
 * What is to be written of `tenant`, if it changed since it was last told here. Runs on: main.
 */
bool pal_usage_is_due(struct pal_live_tenant *tenant, int64_t now_ms, int64_t *ret_messages);

#endif
