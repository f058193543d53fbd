/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/hex.h"

#define POOL_BYTES 1024u
#define COUNTER_BITS 26		/* 12 of rand_a and 14 of rand_b */

/*
 * Invariant: bytes before `used` were handed out and are zero. A child of fork must not hand out
 * what its parent will, so fork raises `generation` and older pools are void.
 */
struct pool {
	unsigned generation;	/* 0: never filled */
	size_t used;
	uint8_t bytes[POOL_BYTES];
};

static _Thread_local struct pool pool;
static _Atomic unsigned generation = 1;

static void on_fork_child(void)
{
	atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

__attribute__((constructor)) static void watch_forks(void)
{
	if (pthread_atfork(NULL, NULL, on_fork_child) != 0)
		abort();
}

static void fill(void *out, size_t n)
{
	uint8_t *at = out;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0 && errno != EINTR)
			abort();	/* ids that repeat are worse than no daemon */
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

void pal_random_bytes(void *out, size_t n)
{
	unsigned current = atomic_load_explicit(&generation, memory_order_relaxed);

	if (n > POOL_BYTES / 4) {
		fill(out, n);
		return;
	}
	if (pool.generation != current || POOL_BYTES - pool.used < n) {
		fill(pool.bytes, POOL_BYTES);
		pool.used = 0;
		pool.generation = current;
	}
	memcpy(out, pool.bytes + pool.used, n);
	memset(pool.bytes + pool.used, 0, n);
	pool.used += n;
}

static void set_version(struct pal_uuid *id, uint8_t version)
{
	id->b[6] = (uint8_t)((id->b[6] & 0x0F) | version << 4);
	id->b[8] = (uint8_t)((id->b[8] & 0x3F) | 0x80);
}

struct pal_uuid pal_uuid_v4(void)
{
	struct pal_uuid id;

	pal_random_bytes(id.b, sizeof(id.b));
	set_version(&id, 4);
	return id;
}

/* A new millisecond starts at a random number, its top bit clear: room to rise, hard to guess. */
static uint32_t next_counter(int64_t wall_ms)
{
	static _Thread_local int64_t last_ms = -1;
	static _Thread_local uint32_t counter;
	static _Thread_local unsigned counter_generation;
	unsigned current = atomic_load_explicit(&generation, memory_order_relaxed);

	if (wall_ms != last_ms || counter_generation != current) {
		pal_random_bytes(&counter, sizeof(counter));
		counter &= (1u << (COUNTER_BITS - 1)) - 1;
		last_ms = wall_ms;
		counter_generation = current;
		return counter;
	}
	return ++counter;
}

/* RFC 9562 section 5.7 with the counter of section 6.2, method 1. */
struct pal_uuid pal_uuid_v7(int64_t wall_ms)
{
	struct pal_uuid id;
	uint32_t counter = next_counter(wall_ms);

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)((uint64_t)wall_ms >> (40 - 8 * i));
	id.b[6] = (uint8_t)(counter >> 22);
	id.b[7] = (uint8_t)(counter >> 14);
	id.b[8] = (uint8_t)(counter >> 8 & 0x3F);
	id.b[9] = (uint8_t)counter;
	pal_random_bytes(id.b + 10, 6);
	set_version(&id, 7);
	return id;
}

char *pal_uuid_format(const struct pal_uuid *id, char out[PAL_UUID_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *at = out;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[id->b[i] >> 4];
		*at++ = digits[id->b[i] & 0x0F];
	}
	*at = '\0';
	return out;
}

bool pal_uuid_parse(struct pal_str text, struct pal_uuid *ret)
{
	struct pal_uuid id;
	const char *at = text.p;

	if (text.n != PAL_UUID_TEXT_SIZE - 1)
		return false;
	for (int i = 0; i < 16; i++, at += 2) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
			return false;
		int high = pal_hex_digit(at[0]), low = pal_hex_digit(at[1]);
		if (high < 0 || low < 0)
			return false;
		id.b[i] = (uint8_t)(high << 4 | low);
	}
	*ret = id;
	return true;
}
