/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/usage.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct month {
	int64_t number;		/* since 1970 */
	int64_t ends_ms;
};

static struct month month_of(int64_t now_ms)
{
	time_t now_s = (time_t)(now_ms / 1000);
	struct tm tm = {.tm_mday = 1};

	gmtime_r(&now_s, &tm);
	int64_t number = (tm.tm_year - 70) * INT64_C(12) + tm.tm_mon;
	struct tm next = {.tm_mday = 1, .tm_mon = tm.tm_mon + 1, .tm_year = tm.tm_year};
	return (struct month){number, (int64_t)timegm(&next) * 1000};
}

/*
 * Begin a new month when it has come. Whoever sees it first starts the count; one that is still
 * adding to the old month then adds to the new one, which errs by a message at the turn of a month.
 */
static void turn(struct pal_usage *usage, int64_t now_ms)
{
	int64_t ends_ms = atomic_load_explicit(&usage->month_ends_ms, memory_order_acquire);

	if (now_ms < ends_ms)
		return;
	const struct month month = month_of(now_ms);
	if (!atomic_compare_exchange_strong(&usage->month_ends_ms, &ends_ms, month.ends_ms))
		return;
	atomic_store(&usage->month, month.number);
	atomic_store(&usage->messages, 0);
	atomic_store(&usage->written, 0);
}

bool pal_usage_take(struct pal_live_tenant *tenant, int64_t messages, int64_t now_ms,
		    struct pal_usage_hold *ret)
{
	struct pal_usage *usage = &tenant->usage;
	int64_t quota = pal_live_quota(tenant, PAL_QUOTA_MESSAGES);

	turn(usage, now_ms);
	int64_t before = atomic_fetch_add_explicit(&usage->messages, messages,
						   memory_order_relaxed);
	if (quota != PAL_QUOTA_NONE && before + messages > quota) {
		atomic_fetch_sub_explicit(&usage->messages, messages, memory_order_relaxed);
		return false;
	}
	*ret = (struct pal_usage_hold){
		.tenant = tenant,
		.month = atomic_load_explicit(&usage->month, memory_order_relaxed),
		.messages = messages};
	return true;
}

void pal_usage_give_back(struct pal_usage_hold *hold, int64_t messages)
{
	int64_t n = messages < hold->messages ? messages : hold->messages;

	if (n <= 0)
		return;
	hold->messages -= n;
	struct pal_usage *usage = &hold->tenant->usage;
	if (atomic_load_explicit(&usage->month, memory_order_relaxed) == hold->month)
		atomic_fetch_sub_explicit(&usage->messages, n, memory_order_relaxed);
}

int64_t pal_usage_messages(struct pal_live_tenant *tenant, int64_t now_ms)
{
	turn(&tenant->usage, now_ms);
	return atomic_load_explicit(&tenant->usage.messages, memory_order_relaxed);
}

char *pal_usage_id(int64_t now_ms, char out[PAL_USAGE_ID_SIZE])
{
	const struct month month = month_of(now_ms);

	snprintf(out, PAL_USAGE_ID_SIZE, "messages:%04u-%02u",
		 (unsigned)(1970 + month.number / 12) % 10000u, (unsigned)(month.number % 12 + 1));
	return out;
}

void pal_usage_restore(struct pal_live_tenant *tenant, struct pal_str id, int64_t messages,
		       int64_t now_ms)
{
	char current[PAL_USAGE_ID_SIZE];

	turn(&tenant->usage, now_ms);
	if (!pal_str_equal(id, pal_str(pal_usage_id(now_ms, current))))
		return;
	atomic_store(&tenant->usage.messages, messages);
	atomic_store(&tenant->usage.written, messages);
}

bool pal_usage_is_due(struct pal_live_tenant *tenant, int64_t now_ms, int64_t *ret_messages)
{
	int64_t messages = pal_usage_messages(tenant, now_ms);

	if (atomic_exchange(&tenant->usage.written, messages) == messages)
		return false;
	*ret_messages = messages;
	return true;
}
