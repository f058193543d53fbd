/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - wall and monotonic time behind an interface, so that tests own the time. */
#ifndef PALAVER_BASE_CLOCK_H
#define PALAVER_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A source of time. Every slot is required and may be called from any thread. */
struct pal_clock {
	int64_t (*wall_ms)(const struct pal_clock *self);	/* Unix epoch, UTC */
	int64_t (*mono_ns)(const struct pal_clock *self);	/* monotonic, arbitrary start */
};

/* The machine's clock; lives for ever. Runs on: any. */
const struct pal_clock *pal_clock_system(void);

static inline int64_t pal_clock_wall_ms(const struct pal_clock *clock)
{
	return clock->wall_ms(clock);
}

static inline int64_t pal_clock_mono_ns(const struct pal_clock *clock)
{
	return clock->mono_ns(clock);
}

static inline int64_t pal_clock_mono_ms(const struct pal_clock *clock)
{
	return clock->mono_ns(clock) / 1000000;
}

/* A clock that stands still until told; zeroed and then init'ed storage of the caller's. */
struct pal_clock_fake {
	struct pal_clock clock;	/* first member */
	_Atomic int64_t wall_ms, mono_ns;
};

void pal_clock_fake_init(struct pal_clock_fake *fake, int64_t wall_ms);
/* Move both times forward by `ms`. Runs on: any. */
void pal_clock_fake_advance_ms(struct pal_clock_fake *fake, int64_t ms);

#define PAL_TIME_MAX_MS 253402300799999ll	/* 9999-12-31T23:59:59.999Z */
#define PAL_TIME_TEXT_SIZE 25	/* "2026-11-23T05:40:57.123Z" and NUL */

/* Write `wall_ms` (years 1970..9999) as ISO 8601 UTC with ms. Return `out`. Runs on: any. */
char *pal_time_format(int64_t wall_ms, char out[PAL_TIME_TEXT_SIZE]);

/*
 * Read ISO 8601 with `Z` or a numeric offset and up to nine digits of fraction; the day must exist.
 * Return false and leave `ret_ms` alone when it is not that. Runs on: any.
 */
bool pal_time_parse(struct pal_str text, int64_t *ret_ms);

#endif
