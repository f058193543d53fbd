/* SPDX-License-Identifier: Apache-2.0 */
/* Only keys that failed lately are kept: a key that is not known is closed. */
#include "courier/breaker.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include <uthash.h>

#define PROBE_WAIT_MS 1000u	/* until it is worth asking again whether the probe is back */

struct breaker {
	UT_hash_handle hh;
	int64_t failed_ms[PAL_BREAKER_FAILURES_MAX];	/* newest last; CLOSED */
	unsigned failed;
	int64_t opened_ms;
	unsigned succeeded;	/* probes, since it is half-open */
	bool is_open;		/* OPEN, and HALF_OPEN once the time is over */
	bool is_probing;
	size_t key_len;
	char key[];
};

struct pal_breakers {
	struct pal_breaker_options options;	/* fixed at create */
	struct breaker *table;			/* in the order they first failed */
};

struct pal_breakers *pal_breakers_create(const struct pal_breaker_options *options)
{
	assert(options->failures >= 1 && options->failures <= PAL_BREAKER_FAILURES_MAX);
	struct pal_breakers *breakers = calloc(1, sizeof(*breakers));

	if (breakers)
		breakers->options = *options;
	return breakers;
}

static void forget(struct pal_breakers *breakers, struct breaker *breaker)
{
	HASH_DEL(breakers->table, breaker);
	free(breaker);
}

void pal_breakers_destroy(struct pal_breakers *breakers)
{
	struct breaker *breaker, *following;

	if (!breakers)
		return;
	HASH_ITER(hh, breakers->table, breaker, following)
		forget(breakers, breaker);
	free(breakers);
}

static int64_t now_ms(const struct pal_breakers *breakers)
{
	return pal_clock_mono_ms(breakers->options.clock);
}

static struct breaker *find(struct pal_breakers *breakers, struct pal_str key)
{
	struct breaker *breaker;

	HASH_FIND(hh, breakers->table, key.p, key.n, breaker);
	return breaker;
}

/* Drop the failures that are out of the window. */
static void expire(struct pal_breakers *breakers, struct breaker *breaker)
{
	int64_t since = now_ms(breakers) - breakers->options.window_ms;
	unsigned old = 0;

	while (old < breaker->failed && breaker->failed_ms[old] <= since)
		old++;
	breaker->failed -= old;
	memmove(breaker->failed_ms, breaker->failed_ms + old,
		breaker->failed * sizeof(breaker->failed_ms[0]));
}

/* Make room: the oldest that is closed leaves. False when all are open. */
static bool evict(struct pal_breakers *breakers)
{
	struct breaker *breaker, *following;

	HASH_ITER(hh, breakers->table, breaker, following) {
		if (!breaker->is_open) {
			forget(breakers, breaker);
			return true;
		}
	}
	return false;
}

static struct breaker *add(struct pal_breakers *breakers, struct pal_str key)
{
	if (HASH_COUNT(breakers->table) >= breakers->options.keys_max && !evict(breakers))
		return NULL;
	struct breaker *breaker = calloc(1, sizeof(*breaker) + key.n);
	if (!breaker)
		return NULL;
	memcpy(breaker->key, key.p, key.n);
	breaker->key_len = key.n;
	HASH_ADD_KEYPTR(hh, breakers->table, breaker->key, breaker->key_len, breaker);
	if (!breaker->hh.tbl) {	/* uthash ran out of memory and left it out */
		free(breaker);
		return NULL;
	}
	return breaker;
}

/* How long it is still to be left alone; 0: it is half-open. */
static uint32_t wait_ms(struct pal_breakers *breakers, const struct breaker *breaker)
{
	int64_t left = breaker->opened_ms + breakers->options.open_ms - now_ms(breakers);

	return left > 0 ? (uint32_t)left : 0;
}

enum pal_breaker_verdict pal_breaker_ask(struct pal_breakers *breakers, struct pal_str key,
					 uint32_t *ret_wait_ms)
{
	struct breaker *breaker = find(breakers, key);

	if (!breaker || !breaker->is_open)
		return PAL_BREAKER_GO;
	uint32_t left = wait_ms(breakers, breaker);
	if (left || breaker->is_probing) {
		*ret_wait_ms = left ? left : PROBE_WAIT_MS;
		return PAL_BREAKER_STOP;
	}
	breaker->is_probing = true;
	return PAL_BREAKER_PROBE;
}

static void open_breaker(struct pal_breakers *breakers, struct breaker *breaker)
{
	breaker->is_open = true;
	breaker->opened_ms = now_ms(breakers);
	breaker->failed = 0;
	breaker->succeeded = 0;
}

static void report_closed(struct pal_breakers *breakers, struct pal_str key,
			  struct breaker *breaker, enum pal_breaker_report report)
{
	if (breaker && report == PAL_BREAKER_SUCCEEDED)
		forget(breakers, breaker);
	if (report != PAL_BREAKER_FAILED)
		return;
	if (!breaker && !(breaker = add(breakers, key)))
		return;
	expire(breakers, breaker);
	breaker->failed_ms[breaker->failed++] = now_ms(breakers);
	if (breaker->failed >= breakers->options.failures)
		open_breaker(breakers, breaker);
}

static void report_probe(struct pal_breakers *breakers, struct breaker *breaker,
			 enum pal_breaker_report report)
{
	breaker->is_probing = false;
	if (report == PAL_BREAKER_FAILED)
		open_breaker(breakers, breaker);
	else if (report == PAL_BREAKER_SUCCEEDED &&
		 ++breaker->succeeded >= breakers->options.successes)
		forget(breakers, breaker);
}

void pal_breaker_report(struct pal_breakers *breakers, struct pal_str key,
			enum pal_breaker_verdict verdict, enum pal_breaker_report report)
{
	assert(verdict != PAL_BREAKER_STOP && key.n >= 1 && key.n <= PAL_BREAKER_KEY_MAX);
	struct breaker *breaker = find(breakers, key);

	if (!breaker || !breaker->is_open) {
		if (verdict == PAL_BREAKER_GO)
			report_closed(breakers, key, breaker, report);
	} else if (verdict == PAL_BREAKER_PROBE) {
		report_probe(breakers, breaker, report);
	}
}

enum pal_breaker_state pal_breaker_state_of(struct pal_breakers *breakers, struct pal_str key)
{
	const struct breaker *breaker = find(breakers, key);

	if (!breaker || !breaker->is_open)
		return PAL_BREAKER_CLOSED;
	return wait_ms(breakers, breaker) ? PAL_BREAKER_OPEN : PAL_BREAKER_HALF_OPEN;
}

uint32_t pal_breaker_wait_ms(struct pal_breakers *breakers, struct pal_str key)
{
	const struct breaker *breaker = find(breakers, key);

	return breaker && breaker->is_open ? wait_ms(breakers, breaker) : 0;
}

void pal_breaker_reset(struct pal_breakers *breakers, struct pal_str key)
{
	struct breaker *breaker = find(breakers, key);

	if (breaker)
		forget(breakers, breaker);
}

size_t pal_breakers_count(const struct pal_breakers *breakers)
{
	return HASH_COUNT(breakers->table);
}
