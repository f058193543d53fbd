/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker.h - circuit breakers, one for each key: who failed too often is left alone for a while
 * and then tried with one request at a time. Pure but for the clock it is given; no locks.
 */
#ifndef PALAVER_COURIER_BREAKER_H
#define PALAVER_COURIER_BREAKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/str.h"

#define PAL_BREAKER_KEY_MAX 256u	/* bytes */
#define PAL_BREAKER_FAILURES_MAX 16u

struct pal_breakers;

/* All but `clock` at least 1. PAL_BREAKER_DEFAULTS are those of domain.md section 2.7. */
struct pal_breaker_options {
	const struct pal_clock *clock;	/* its monotonic time; outlives the breakers */
	unsigned failures;		/* that open it, at most PAL_BREAKER_FAILURES_MAX ... */
	uint32_t window_ms;		/* ... when they lie within this span */
	uint32_t open_ms;		/* left alone for so long */
	unsigned successes;		/* of probes in a row, that close it */
	size_t keys_max;		/* keys that are known at once */
};

#define PAL_BREAKER_DEFAULTS                                                                       \
	.failures = 5, .window_ms = 300000, .open_ms = 60000, .successes = 3, .keys_max = 65536

enum pal_breaker_state {
	PAL_BREAKER_CLOSED,
	PAL_BREAKER_OPEN,
	PAL_BREAKER_HALF_OPEN,
};

enum pal_breaker_verdict {
	PAL_BREAKER_GO,		/* closed */
	PAL_BREAKER_PROBE,	/* half-open, and this is the one probe: its end must be reported */
	PAL_BREAKER_STOP,	/* not before *ret_wait_ms */
};

enum pal_breaker_report {
	PAL_BREAKER_SUCCEEDED,
	PAL_BREAKER_FAILED,
	PAL_BREAKER_DROPPED,	/* it told nothing of the receiver: cancelled, or never sent */
};

/* Breakers that are all closed. NULL when out of memory. Runs on: any, then one user. */
struct pal_breakers *pal_breakers_create(const struct pal_breaker_options *options);
void pal_breakers_destroy(struct pal_breakers *breakers);	/* NULL is fine */

/*
 * May something be sent to `key`, 1..PAL_BREAKER_KEY_MAX bytes? *ret_wait_ms is set with
 * PAL_BREAKER_STOP only; while a probe is under way it is a guess. Runs on: its one user.
 */
enum pal_breaker_verdict pal_breaker_ask(struct pal_breakers *breakers, struct pal_str key,
					 uint32_t *ret_wait_ms);

/*
 * Tell how it ended, `verdict` being what pal_breaker_ask said before. A success of a closed breaker
 * forgets its failures. What was let go before the breaker opened changes nothing after. With
 * `keys_max` keys known, those that are closed are forgotten first, and when none is, a new key
 * stays unknown and closed. Runs on: its one user.
 */
void pal_breaker_report(struct pal_breakers *breakers, struct pal_str key,
			enum pal_breaker_verdict verdict, enum pal_breaker_report report);

/* The state of `key` now. Runs on: its one user. */
enum pal_breaker_state pal_breaker_state_of(struct pal_breakers *breakers, struct pal_str key);

/* How long `key` will still be left alone; 0 unless it is open. Runs on: its one user. */
uint32_t pal_breaker_wait_ms(struct pal_breakers *breakers, struct pal_str key);

/* Close the breaker of `key` and forget its failures: an operator's word. Runs on: its one user. */
void pal_breaker_reset(struct pal_breakers *breakers, struct pal_str key);

/* How many keys are known. Runs on: its one user. */
size_t pal_breakers_count(const struct pal_breakers *breakers);

#endif
