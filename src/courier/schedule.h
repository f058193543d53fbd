/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.h - when to try again: back-off with full jitter, and what a Retry-After asks for. Pure:
 * time and chance are arguments, so the same seed gives the same schedule.
 */
#ifndef PALAVER_COURIER_SCHEDULE_H
#define PALAVER_COURIER_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define PAL_RETRY_FIRST_MS 1000u
#define PAL_RETRY_CAP_MS (5u * 60 * 1000)
#define PAL_RETRY_AFTER_MIN_MS 1000u
#define PAL_RETRY_AFTER_MAX_MS (60u * 60 * 1000)

/* A source of chance that repeats itself when it starts from the same number; not for secrets. */
struct pal_chance {
	uint64_t state;
};

/* A number of 0..bound-1, bound >= 1, each as likely. Runs on: its one user. */
uint64_t pal_chance_below(struct pal_chance *chance, uint64_t bound);

/* How the waits grow: twice as long each time, up to a cap. Both at least 1. */
struct pal_backoff {
	uint32_t first_ms, cap_ms;
};

/*
 * The wait before the next try after `failures` (>= 1) of them: any time from 0 to the back-off's
 * step, which is first_ms * 2^(failures - 1) up to the cap. Runs on: the user of `chance`.
 */
uint32_t pal_backoff_ms(const struct pal_backoff *backoff, unsigned failures,
			struct pal_chance *chance);

/*
 * Read the value of a Retry-After header, seconds or an HTTP-date in any of its three forms, into a
 * wait from `now_ms` (Unix epoch) within PAL_RETRY_AFTER_MIN_MS..MAX_MS. False when it is neither.
 * Runs on: any.
 */
bool pal_retry_after_read(struct pal_str value, int64_t now_ms, uint32_t *ret_ms);

/* A wait of `asked_ms` and up to a fifth more, so that not all come back at once. Runs on: the user
 * of `chance`. */
uint32_t pal_retry_after_spread(uint32_t asked_ms, struct pal_chance *chance);

/* Read an HTTP-date (RFC 9110 section 5.6.7). `now_ms` tells the century of a two-digit year. Runs
 * on: any. */
bool pal_http_date_read(struct pal_str text, int64_t now_ms, int64_t *ret_ms);

#endif
