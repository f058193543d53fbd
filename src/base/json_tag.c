/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_tag.h"

#include "base/id.h"
#include "base/error.h"
#include "base/json_escape.h"

#define TAG_SHORT_MAX 16u	/* bytes; longer keys are hashed byte by byte */
#define TAG_FACTOR UINT64_C(0x9E3779B97F4A7C15)

/* Secret, so that nobody can send many keys with equal tags. */
static uint64_t tag_seed[2];

__attribute__((constructor)) static void draw_seed(void)
{
	pal_random_bytes(tag_seed, sizeof(tag_seed));
	tag_seed[0] |= 1;
	tag_seed[1] |= 1;
}

static inline uint64_t load(const char *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

/* Both ends of a short key, overlapping, are the whole key. */
static inline uint32_t tag_of_short(const char *p, size_t n)
{
	uint64_t first = 0, last = 0;

	if (n >= 8) {
		first = load(p, 8);
		last = load(p + n - 8, 8);
	} else if (n >= 4) {
		first = load(p, 4);
		last = load(p + n - 4, 4);
	} else if (n > 0) {
		first = load(p, 1) << 16 | load(p + n / 2, 1) << 8 | load(p + n - 1, 1);
	}
	uint64_t h = (first ^ tag_seed[0]) * TAG_FACTOR;
	h = ((h ^ h >> 32) ^ last ^ n) * tag_seed[1];
	return (uint32_t)(h >> 32);
}

PAL_NOINLINE static uint32_t tag_of_long(struct pal_str raw)
{
	struct pal_json_bytes in = pal_json_bytes_of(raw);
	char head[TAG_SHORT_MAX];
	uint64_t h = tag_seed[0];
	size_t n = 0;

	for (int c; (c = pal_json_bytes_next(&in)) >= 0; n++) {
		if (n < sizeof(head))
			head[n] = (char)c;
		h = (h ^ (uint64_t)c) * tag_seed[1];
		h ^= h >> 32;
	}
	/* An escaped key may be short after all, and must then agree with its plain spelling. */
	return n <= sizeof(head) ? tag_of_short(head, n) : (uint32_t)h;
}

uint32_t pal_json_tag(struct pal_str raw, bool escaped)
{
	if (escaped || raw.n > TAG_SHORT_MAX)
		return tag_of_long(raw);
	return tag_of_short(raw.p, raw.n);
}
