/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/utf8.h"

static void put_escape(struct pal_buf *out, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	static const char shorts[0x20] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
	};
	char text[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 0x0F]};

	if (c == '"' || c == '\\' || (c < sizeof(shorts) && shorts[c])) {
		text[1] = c < sizeof(shorts) ? shorts[c] : (char)c;
		pal_buf_add(out, text, 2);
	} else {
		pal_buf_add(out, text, sizeof(text));
	}
}

/* The bytes from `p` that stand as they are: plain text and well-formed sequences. */
static const unsigned char *skip_copyable(const unsigned char *p, const unsigned char *end)
{
	for (;;) {
		p = pal_utf8_skip_plain(p, end);
		size_t n = p < end && *p >= 0x80 ? pal_utf8_sequence(p, end) : 0;
		if (n == 0)
			return p;
		p += n;
	}
}

/* `s`, whose bytes before `odd` are plain. */
PAL_NOINLINE static void put_odd_string(struct pal_buf *out, struct pal_str s,
					const unsigned char *odd)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
	const unsigned char *stop = skip_copyable(odd, end);

	pal_buf_add_char(out, '"');
	for (; p < end; stop = skip_copyable(p, end)) {
		pal_buf_add(out, p, (size_t)(stop - p));
		p = stop;
		if (p == end)
			break;
		if (*p < 0x80)
			put_escape(out, *p);
		else
			pal_buf_add_lit(out, "\xEF\xBF\xBD");
		p++;
	}
	pal_buf_add_char(out, '"');
}

void pal_json_put_string(struct pal_buf *out, struct pal_str s)
{
	const unsigned char *p = (const unsigned char *)s.p, *end = s.n ? p + s.n : p;
	const unsigned char *odd = pal_utf8_skip_plain(p, end);

	if (odd < end) {
		put_odd_string(out, s, odd);
		return;
	}
	char *at = pal_buf_reserve(out, s.n + 2);
	if (!at)
		return;
	at[0] = '"';
	if (s.n)
		memcpy(at + 1, s.p, s.n);
	at[s.n + 1] = '"';
	out->len += s.n + 2;
}

/* As strtod in json_read.c: the programs stay in the "C" locale. */
/*
 * Scores, confidences and coordinates have few decimals: v is k / 10^d for a whole k exactly when
 * that quotient, correctly rounded as division is, gives v back; then the digits of k are the
 * shortest text.
 */
static bool put_short_decimal(struct pal_buf *out, double v)
{
	static const double scales[] = {10, 100, 1000, 10000, 100000, 1000000};
	double a = fabs(v);

	for (size_t d = 0; a > 0 && a < 1e6 && d < sizeof(scales) / sizeof(scales[0]); d++) {
		double k = nearbyint(a * scales[d]);
		if (k / scales[d] != a)
			continue;
		uint64_t whole = (uint64_t)k / (uint64_t)scales[d];
		uint64_t rest = (uint64_t)k % (uint64_t)scales[d];
		if (v < 0)
			pal_buf_add_char(out, '-');
		pal_buf_add_u64(out, whole);
		pal_buf_add_char(out, '.');
		for (uint64_t unit = (uint64_t)scales[d] / 10; unit; unit /= 10)
			pal_buf_add_char(out, (char)('0' + rest / unit % 10));
		return true;
	}
	return false;
}

void pal_json_put_double(struct pal_buf *out, double v)
{
	char text[32];

	if (!isfinite(v)) {
		pal_buf_add_lit(out, "null");
		return;
	}
	if (v == (double)(int32_t)(fabs(v) < 1e9 ? v : 0) && !(v == 0 && signbit(v))) {
		pal_buf_add_i64(out, (int64_t)v);
		return;
	}
	if (put_short_decimal(out, v))
		return;
	int n = 0;
	/* 15 digits survive in a normal number; a subnormal may need fewer. */
	for (int digits = fabs(v) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		n = snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	pal_buf_add(out, text, (size_t)n);
}
