/* SPDX-License-Identifier: Apache-2.0 */
/* health.h - what is known about a store's health, from pings sent and groups committed. */
#ifndef PALAVER_STORE_HEALTH_H
#define PALAVER_STORE_HEALTH_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define PAL_STORE_PING_AGE_MS 1000	/* ask again, or give up waiting, after this */
#define PAL_STORE_FAILURE_AGE_MS 5000	/* a failed group counts as long */

struct pal_store_health {
	pthread_mutex_t lock;	/* guards everything below; a leaf */
	bool asking;		/* a ping is out */
	int64_t asked_ms;	/* when the last ping went out; monotonic, as all here */
	bool answered_well;	/* the last ping that came back */
	_Atomic bool failed;	/* the last group did; read without the lock, too */
	int64_t failed_ms;	/* ... and when */
	char answer_text[PAL_ERROR_MESSAGE_MAX], failed_text[PAL_ERROR_MESSAGE_MAX];
};

/* A store that is taken to be well. Runs on: main. */
void pal_store_health_init(struct pal_store_health *health);
void pal_store_health_deinit(struct pal_store_health *health);

/* Whether a ping is due at `now_ms`; true: it counts as sent and must be answered. Runs on:
 * any, as all below. */
bool pal_store_health_ask(struct pal_store_health *health, int64_t now_ms);
/* The ping came back, with `err` or, all being well, NULL. */
void pal_store_health_answer(struct pal_store_health *health, const struct pal_error *err);
/* A group was committed; `err` NULL: some of it at least, otherwise why none of it. */
void pal_store_health_group(struct pal_store_health *health, int64_t now_ms,
			    const struct pal_error *err);

/*
 * Whether it is worth telling about a group that succeeded: one that failed is remembered. Cheap.
 */
static inline bool pal_store_health_has_failure(const struct pal_store_health *health)
{
	return atomic_load_explicit(&health->failed, memory_order_relaxed);
}

/* Whether the store is well at `now_ms`, and one sentence about it. */
bool pal_store_health_judge(struct pal_store_health *health, int64_t now_ms, char *text,
			    size_t size);

#endif
