/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h - how many requests one caller may make in a minute, an hour and a day (domain.md
 * sections 3.2 and 6.3). Counted in this process. By default in sliding windows of sub-windows: an
 * admitted request is forgotten one window after its sub-window ended, hence never too soon and at
 * most one sub-window (a second, two minutes, an hour) too late. So no window of that length,
 * wherever it begins, ever holds more admitted requests than the limit.
 */
#ifndef PALAVER_SERVICE_LIMITS_LIMITS_H
#define PALAVER_SERVICE_LIMITS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"
#include "model/tenant.h"
#include "service/access/caller.h"

/* Callers counted at once; a new one then displaces whoever has been silent longest. */
#define PAL_LIMITS_CALLERS_MAX 131072u		/* keys and users, about 600 bytes each */
#define PAL_LIMITS_ADDRESSES_MAX 16384u		/* apart: strangers displace no caller */

/* Identifier, wire name, length in seconds; the shortest first. */
#define PAL_LIMITS_WINDOWS(X)                                                                      \
	X(MINUTE, "minute", 60)                                                                    \
	X(HOUR, "hour", 3600)                                                                      \
	X(DAY, "day", 86400)

enum pal_limits_window {
#define X(id, name, length_s) PAL_LIMITS_##id,
	PAL_LIMITS_WINDOWS(X)
#undef X
	PAL_LIMITS_WINDOW_COUNT
};

enum pal_limits_algorithm {
	PAL_LIMITS_SLIDING_WINDOW,
	PAL_LIMITS_TOKEN_BUCKET,	/* the minute is a bucket that fills; hours and days slide */
	PAL_LIMITS_FIXED_WINDOW,	/* minutes, hours and days of the clock as it stood at start */
};

/* The figures of the configuration. */
struct pal_limits_table {
	bool enabled;
	enum pal_limits_algorithm algorithm;
	uint32_t burst;		/* > 0: how many times the minute's limit a bucket holds */
	uint32_t requests[PAL_TIER_COUNT][PAL_LIMITS_WINDOW_COUNT];	/* each > 0 */
};

/* What an identifier names; equal texts of two kinds or tenants are two callers. */
enum pal_limits_kind {
	PAL_LIMITS_KEY,		/* an API key's id */
	PAL_LIMITS_USER,	/* a token's subject */
	PAL_LIMITS_ADDRESS,	/* who has proved nothing; the tenant is then 0 */
	PAL_LIMITS_TENANT,	/* all of a tenant together; the text is then absent */
	PAL_LIMITS_BULK,	/* a key's or user's bulk requests, counted besides */
	PAL_LIMITS_BULK_ITEMS,	/* the messages in them */
	PAL_LIMITS_WEBHOOK,	/* signed webhooks of a tenant's channel, its name the text */
};

#define PAL_LIMITS_NONE UINT32_MAX	/* a limit that never holds anybody up */
#define PAL_LIMITS_IDS_MAX 4u		/* callers judged in one step */

struct pal_limits_id {
	enum pal_limits_kind kind;
	struct pal_tenant_key tenant;
	struct pal_str text;
	/* not part of the identity: */
	enum pal_tier tier;	/* says which limits, where `own` is 0 */
	uint32_t own[PAL_LIMITS_WINDOW_COUNT];
	uint32_t cost;		/* what the request counts for; 0: one */
};

/*
 * What a caller may still do. Told is the window with the least left; for a refused request the one
 * that holds it up longest.
 */
struct pal_limits_verdict {
	bool admitted;
	enum pal_limits_window window;	/* which one is told */
	uint32_t remaining;		/* requests, after this one */
	uint32_t reset_ms;		/* until the oldest request told is forgotten; when refused,
					 * until one may be admitted, at least 1000 */
	uint32_t limit[PAL_LIMITS_WINDOW_COUNT];
};

struct pal_limits;

/* Nobody counted yet; `clock` must outlive it. NULL when out of memory. Runs on: main. */
struct pal_limits *pal_limits_create(const struct pal_clock *clock,
				     const struct pal_limits_table *table);
void pal_limits_destroy(struct pal_limits *limits);	/* NULL is fine. Runs on: main. */

/*
 * Use other figures from now on, for what was counted before too; another algorithm forgets that.
 * Runs on: any.
 */
void pal_limits_set(struct pal_limits *limits, const struct pal_limits_table *table);

/* Whether anything is counted; ask first. Runs on: any. */
bool pal_limits_are_enabled(const struct pal_limits *limits);

/*
 * Judge one request and count it in all three windows if all admit it, else in none. Fill `ret` and
 * return ret->admitted. Out of memory for a caller not seen before: refused for a second. Runs on:
 * any.
 */
bool pal_limits_admit(struct pal_limits *limits, const struct pal_limits_id *who,
		      struct pal_limits_verdict *ret);

/*
 * As pal_limits_admit for `count` callers, 1..PAL_LIMITS_IDS_MAX, no two the same: counted for all
 * of them if all admit it, else for none. `ret` tells of the first, or, refused, of the one that
 * holds it up longest: *ret_which is its index. Runs on: any.
 */
bool pal_limits_admit_all(struct pal_limits *limits, const struct pal_limits_id *who, size_t count,
			  struct pal_limits_verdict *ret, size_t *ret_which);

/* What pal_limits_admit would find, without counting: nothing is deducted. Runs on: any. */
void pal_limits_peek(struct pal_limits *limits, const struct pal_limits_id *who,
		     struct pal_limits_verdict *ret);

/*
 * What is counted of `who` in each window, and the limits that hold for it. False: nothing is known
 * of it. Runs on: any.
 */
bool pal_limits_used(struct pal_limits *limits, const struct pal_limits_id *who,
		     uint32_t ret_used[PAL_LIMITS_WINDOW_COUNT],
		     uint32_t ret_limit[PAL_LIMITS_WINDOW_COUNT]);

/* Forget what was counted of `who`; false when nothing was. Runs on: any. */
bool pal_limits_reset(struct pal_limits *limits, const struct pal_limits_id *who);

/* The figure of a tier. Runs on: any. */
uint32_t pal_limits_of(const struct pal_limits *limits, enum pal_tier tier,
		       enum pal_limits_window window);

/* Callers and addresses counted now. Runs on: any. */
size_t pal_limits_count(struct pal_limits *limits);

/* "minute", and its length in seconds. Runs on: any. */
const char *pal_limits_window_name(enum pal_limits_window window);
uint32_t pal_limits_window_s(enum pal_limits_window window);

#endif
