/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <string.h>

#include "base/id.h"

static uint8_t process_key[16];

__attribute__((constructor)) static void draw_key(void)
{
	pal_random_bytes(process_key, sizeof(process_key));
}

static inline uint64_t load_le(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* The last n % 8 bytes of `n`, some, at `at`; a word that ends with them when there is a whole one. */
static inline uint64_t load_rest(const uint8_t *at, size_t n)
{
	uint64_t rest = 0;

	if (n >= 8)
		return load_le(at + n % 8 - 8) >> (64 - 8 * (n % 8));
	for (size_t i = 0; i < n; i++)
		rest |= (uint64_t)at[i] << (8 * i);
	return rest;
}

static inline uint64_t rotate(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", with 1 and 3 rounds. */
uint64_t pal_siphash13(const uint8_t key[16], const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	uint64_t k0 = load_le(key), k1 = load_le(key + 8);
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
			 k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u};
	uint64_t last = (uint64_t)n << 56;

	for (size_t words = n / 8; words > 0; words--, at += 8) {
		uint64_t m = load_le(at);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	if (n % 8)
		last |= load_rest(at, n);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xFF;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t pal_hash(const void *bytes, size_t n)
{
	return pal_siphash13(process_key, bytes, n);
}
