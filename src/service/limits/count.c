/* SPDX-License-Identifier: Apache-2.0 */
#include "service/limits/count.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS 1000000

static const struct pal_limits_span sliding[PAL_LIMITS_WINDOW_COUNT] = {
	[PAL_LIMITS_MINUTE] = {1 * NS_PER_S, PAL_LIMITS_MINUTE_SLOTS, 0},
	[PAL_LIMITS_HOUR] = {120 * NS_PER_S, PAL_LIMITS_HOUR_SLOTS, PAL_LIMITS_MINUTE_SLOTS},
	[PAL_LIMITS_DAY] = {3600 * NS_PER_S, PAL_LIMITS_DAY_SLOTS, PAL_LIMITS_MINUTE_SLOTS + PAL_LIMITS_HOUR_SLOTS},
};

/* A fixed window is a sliding one of a single sub-window. */
static const struct pal_limits_span fixed[PAL_LIMITS_WINDOW_COUNT] = {
	[PAL_LIMITS_MINUTE] = {60 * NS_PER_S, 1, 0},
	[PAL_LIMITS_HOUR] = {3600 * NS_PER_S, 1, PAL_LIMITS_MINUTE_SLOTS},
	[PAL_LIMITS_DAY] = {86400 * NS_PER_S, 1, PAL_LIMITS_MINUTE_SLOTS + PAL_LIMITS_HOUR_SLOTS},
};

const struct pal_limits_span *pal_limits_spans(bool are_fixed)
{
	return are_fixed ? fixed : sliding;
}

void pal_limits_count_advance(struct pal_limits_count *count, const struct pal_limits_way *way)
{
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		const struct pal_limits_span *span = &way->spans[w];
		uint32_t *slot = count->slot + span->first;
		int64_t now = way->now_ns / span->slot_ns;
		if (now - count->newest[w] >= span->slots) {
			memset(slot, 0, span->slots * sizeof(*slot));
			count->sum[w] = 0;
			count->newest[w] = count->oldest[w] = now;
		}
		while (count->newest[w] < now) {
			uint32_t *next = &slot[++count->newest[w] % span->slots];
			count->sum[w] -= *next;
			*next = 0;
		}
		if (count->oldest[w] <= count->newest[w] - span->slots)
			count->oldest[w] = count->newest[w] - span->slots + 1;
		while (count->oldest[w] < count->newest[w] &&
		       slot[count->oldest[w] % span->slots] == 0)
			count->oldest[w]++;
	}
}

/* What one request of a minute's limit takes out of the bucket, as time. */
static int64_t token_ns(uint32_t limit)
{
	int64_t ns = 60 * NS_PER_S / limit;

	return ns > 0 ? ns : 1;
}

static int64_t emptied_ns(const struct pal_limits_count *count, const struct pal_limits_way *way)
{
	return count->full_ns > way->now_ns ? count->full_ns - way->now_ns : 0;
}

void pal_limits_count_add(struct pal_limits_count *count, const struct pal_limits_way *way,
			  uint32_t limit, uint32_t cost)
{
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		const struct pal_limits_span *span = &way->spans[w];
		count->slot[span->first + count->newest[w] % span->slots] += cost;
		count->sum[w] += cost;
	}
	if (way->is_bucket)
		count->full_ns =
			way->now_ns + emptied_ns(count, way) + cost * token_ns(limit);
}

/* Time until `wanted` > 0 of what is counted in window `w` are forgotten; there are as many. */
static int64_t forgotten_in_ns(const struct pal_limits_count *count,
			       const struct pal_limits_way *way, size_t w, uint64_t wanted)
{
	const struct pal_limits_span *span = &way->spans[w];
	const uint32_t *slot = count->slot + span->first;
	int64_t number = count->oldest[w];

	for (uint64_t seen = slot[number % span->slots]; seen < wanted; )
		seen += slot[++number % span->slots];
	return (number + span->slots) * span->slot_ns - way->now_ns;
}

static uint32_t ms_of(int64_t ns)
{
	return ns <= 0 ? 0 : (uint32_t)((ns + NS_PER_MS - 1) / NS_PER_MS);
}

static bool is_bucket(const struct pal_limits_way *way, size_t w)
{
	return way->is_bucket && w == PAL_LIMITS_MINUTE;
}

/* How long window `w` holds a request of `cost` up; 0: not at all. */
static int64_t held_up_ns(const struct pal_limits_count *count, const struct pal_limits_way *way,
			  size_t w, uint32_t limit, uint32_t cost)
{
	if (is_bucket(way, w)) {
		int64_t room_ns = token_ns(limit) * limit * way->burst - emptied_ns(count, way);
		int64_t short_ns = token_ns(limit) * cost - room_ns;
		return short_ns > 0 ? short_ns : 0;
	}
	uint64_t wanted = (uint64_t)count->sum[w] + cost;
	if (wanted <= limit)
		return 0;
	/* one that costs more than there ever is waits for all there is */
	uint64_t surplus = wanted - limit;
	if (surplus > count->sum[w])
		surplus = count->sum[w];
	return surplus ? forgotten_in_ns(count, way, w, surplus)
		       : pal_limits_window_s((enum pal_limits_window)w) * NS_PER_S;
}

bool pal_limits_count_holds_up(const struct pal_limits_count *count,
			       const struct pal_limits_way *way, uint32_t cost,
			       struct pal_limits_verdict *ret)
{
	bool held = false;

	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		int64_t wait_ns = held_up_ns(count, way, w, ret->limit[w], cost);
		if (wait_ns <= 0)
			continue;
		if (!held || ms_of(wait_ns) > ret->reset_ms) {
			ret->window = (enum pal_limits_window)w;
			ret->reset_ms = ms_of(wait_ns);
		}
		held = true;
	}
	if (held && ret->reset_ms < PAL_LIMITS_WAIT_MS_MIN)
		ret->reset_ms = PAL_LIMITS_WAIT_MS_MIN;
	return held;
}

static uint32_t left(const struct pal_limits_count *count, const struct pal_limits_way *way,
		     size_t w, uint32_t limit)
{
	if (!is_bucket(way, w))
		return limit - count->sum[w];
	int64_t room_ns = token_ns(limit) * limit * way->burst - emptied_ns(count, way);
	return room_ns > 0 ? (uint32_t)(room_ns / token_ns(limit)) : 0;
}

void pal_limits_count_tell(const struct pal_limits_count *count, const struct pal_limits_way *way,
			   struct pal_limits_verdict *ret)
{
	ret->remaining = UINT32_MAX;
	for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++) {
		uint32_t n = left(count, way, w, ret->limit[w]);
		if (n < ret->remaining) {
			ret->window = (enum pal_limits_window)w;
			ret->remaining = n;
		}
	}
	size_t w = ret->window;
	if (is_bucket(way, w))
		ret->reset_ms = ms_of(emptied_ns(count, way));
	else
		ret->reset_ms = count->sum[w]
					? ms_of(forgotten_in_ns(count, way, w, 1))
					: pal_limits_window_s(ret->window) * 1000;
}
