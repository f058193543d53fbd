/* SPDX-License-Identifier: Apache-2.0 */
#include "service/limits/limits.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "service/limits/parts.h"

#define NS_PER_MS 1000000

struct pal_limits *pal_limits_create(const struct pal_clock *clock,
				     const struct pal_limits_table *table)
{
	struct pal_limits *limits = aligned_alloc(_Alignof(struct pal_limits), sizeof(*limits));

	if (!limits)
		return NULL;
	memset(limits, 0, sizeof(*limits));
	limits->clock = clock;
	limits->wall_offset_ns =
		pal_clock_wall_ms(clock) * NS_PER_MS - pal_clock_mono_ns(clock);
	for (size_t i = 0; i < PAL_LIMITS_SHARDS; i++)
		pthread_mutex_init(&limits->shard[i].lock, NULL);	/* cannot fail */
	pal_limits_set(limits, table);
	return limits;
}

/* What was counted one way cannot be told the other way. */
static void set_algorithm(struct pal_limits_shard *shard, enum pal_limits_algorithm algorithm)
{
	pthread_mutex_lock(&shard->lock);
	if (shard->algorithm != algorithm) {
		pal_limits_clear_locked(shard);
		shard->algorithm = algorithm;
	}
	pthread_mutex_unlock(&shard->lock);
}

void pal_limits_destroy(struct pal_limits *limits)
{
	if (!limits)
		return;
	for (size_t i = 0; i < PAL_LIMITS_SHARDS; i++) {
		struct pal_limits_shard *shard = &limits->shard[i];
		pal_limits_clear_locked(shard);
		pthread_mutex_destroy(&shard->lock);
	}
	free(limits);
}

void pal_limits_set(struct pal_limits *limits, const struct pal_limits_table *table)
{
	for (size_t t = 0; t < PAL_TIER_COUNT; t++)
		for (size_t w = 0; w < PAL_LIMITS_WINDOW_COUNT; w++)
			atomic_store_explicit(&limits->requests[t][w], table->requests[t][w],
					      memory_order_relaxed);
	atomic_store(&limits->burst, table->burst ? table->burst : 1);
	for (size_t i = 0; i < PAL_LIMITS_SHARDS; i++)
		set_algorithm(&limits->shard[i], table->algorithm);
	atomic_store(&limits->enabled, table->enabled);
}

uint32_t pal_limits_of(const struct pal_limits *limits, enum pal_tier tier,
		       enum pal_limits_window window)
{
	assert(tier < PAL_TIER_COUNT);
	return atomic_load_explicit(&limits->requests[tier][window], memory_order_relaxed);
}

bool pal_limits_are_enabled(const struct pal_limits *limits)
{
	return atomic_load_explicit(&limits->enabled, memory_order_relaxed);
}

size_t pal_limits_count(struct pal_limits *limits)
{
	size_t count = 0;

	for (size_t i = 0; i < PAL_LIMITS_SHARDS; i++) {
		pthread_mutex_lock(&limits->shard[i].lock);
		count += limits->shard[i].callers.count + limits->shard[i].addresses.count;
		pthread_mutex_unlock(&limits->shard[i].lock);
	}
	return count;
}

static const struct {
	const char *name;
	uint32_t length_s;
} windows[] = {
#define X(id, name, length_s) {name, length_s},
	PAL_LIMITS_WINDOWS(X)
#undef X
};

const char *pal_limits_window_name(enum pal_limits_window window)
{
	return windows[window].name;
}

uint32_t pal_limits_window_s(enum pal_limits_window window)
{
	return windows[window].length_s;
}
