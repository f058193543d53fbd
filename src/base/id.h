/* SPDX-License-Identifier: Apache-2.0 */
/* id.h - UUIDs (RFC 9562) and random bytes. */
#ifndef PALAVER_BASE_ID_H
#define PALAVER_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define PAL_UUID_TEXT_SIZE 37	/* 36 characters and NUL */

struct pal_uuid {
	uint8_t b[16];
};

/* Fill `out` from the kernel's CSPRNG, buffered per thread and never shared with a forked child;
 * ends the process if that fails. Runs on: any. */
void pal_random_bytes(void *out, size_t n);

/* A random UUID, version 4. Runs on: any. */
struct pal_uuid pal_uuid_v4(void);

/*
 * A time-ordered UUID, version 7: `wall_ms` in the first 48 bits, then a counter that rises within
 * one thread and millisecond, the rest random. Keeps inserts into ordered indexes local.
 * Runs on: any.
 */
struct pal_uuid pal_uuid_v7(int64_t wall_ms);

/* Lower-case text form, NUL-terminated. Return `out`. Runs on: any. */
char *pal_uuid_format(const struct pal_uuid *id, char out[PAL_UUID_TEXT_SIZE]);

/* Read the 36-character form, either case. Return false when it is not one. Runs on: any. */
bool pal_uuid_parse(struct pal_str text, struct pal_uuid *ret);

#endif
