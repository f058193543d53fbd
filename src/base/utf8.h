/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.h - well-formed UTF-8 (Unicode 15, table 3-7) and fast runs of plain text. */
#ifndef PALAVER_BASE_UTF8_H
#define PALAVER_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * Length, 2..4, of the well-formed sequence that starts with the non-ASCII byte at `p`, or 0 when
 * it is ill-formed or cut short by `end`. Runs on: any.
 */
static inline size_t pal_utf8_sequence(const unsigned char *p, const unsigned char *end)
{
	size_t room = (size_t)(end - p);
	unsigned lead = p[0];

	if (lead < 0xC2 || lead > 0xF4 || room < 2)
		return 0;
	if (lead < 0xE0)
		return (p[1] & 0xC0) == 0x80 ? 2 : 0;
	/* The second byte after these excludes overlong forms, surrogates, beyond U+10FFFF. */
	unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	if (p[1] < low || p[1] > high || room < 3 || (p[2] & 0xC0) != 0x80)
		return 0;
	if (lead < 0xF0)
		return 3;
	return room >= 4 && (p[3] & 0xC0) == 0x80 ? 4 : 0;
}

/* A byte that may stand in a JSON string as it is: printable ASCII but `"` and `\`. */
static inline bool pal_utf8_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

#ifdef __SSE2__
/* One bit for each of the sixteen bytes that is not plain. */
static inline unsigned pal_utf8_odd_bits(__m128i v)
{
	const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
	/* Signed: bytes from 0x80 on are negative, so they are below the space as well. */
	__m128i odd = _mm_or_si128(_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)),
				   _mm_or_si128(_mm_cmpeq_epi8(v, quote),
						_mm_cmpeq_epi8(v, slash)));

	return (unsigned)_mm_movemask_epi8(odd);
}

/* As pal_utf8_skip_plain, of 8 to 15 bytes: both ends, overlapping, are the whole. */
static inline const unsigned char *pal_utf8_skip_plain_short(const unsigned char *p,
							     const unsigned char *end)
{
	__m128i head = _mm_loadl_epi64((const __m128i *)(const void *)p);
	__m128i tail = _mm_loadl_epi64((const __m128i *)(const void *)(end - 8));
	unsigned bits = pal_utf8_odd_bits(_mm_unpacklo_epi64(head, tail));

	if (bits & 0xFF)
		return p + __builtin_ctz(bits);
	return bits ? end - 16 + __builtin_ctz(bits) : end;
}

/* First byte in p..end that is not plain, or `end`: sixteen bytes a step. Runs on: any. */
static inline const unsigned char *pal_utf8_skip_plain(const unsigned char *p,
						       const unsigned char *end)
{
	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned bits = pal_utf8_odd_bits(v);
		if (bits)
			return p + __builtin_ctz(bits);
	}
	if (end - p >= 8)
		return pal_utf8_skip_plain_short(p, end);
	while (p < end && pal_utf8_is_plain(*p))
		p++;
	return p;
}
#else
/* First byte in p..end that is not plain, or `end`: eight bytes a step. Runs on: any. */
static inline const unsigned char *pal_utf8_skip_plain(const unsigned char *p,
						       const unsigned char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;

	for (; end - p >= 8; p += 8) {
		uint64_t v;
		memcpy(&v, p, sizeof(v));
		uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';
		/* Exact for "is any byte odd"; which one it is, the loop below finds. */
		if (((v - ones * 0x20) | (quote - ones) | (slash - ones) | v) & tops)
			break;
	}
	while (p < end && pal_utf8_is_plain(*p))
		p++;
	return p;
}
#endif

/* First byte in p..end that is NUL or not ASCII, or `end`. Runs on: any. */
static inline const unsigned char *pal_utf8_skip_ascii(const unsigned char *p,
						       const unsigned char *end)
{
#ifdef __SSE2__
	for (; end - p >= 16; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpgt_epi8(v, _mm_setzero_si128()));
		if (mask != 0xFFFF)
			return p + __builtin_ctz(~mask);
	}
#endif
	while (p < end && *p > 0 && *p < 0x80)
		p++;
	return p;
}

#endif
