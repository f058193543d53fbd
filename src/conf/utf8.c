/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/utf8.h"

/* Second bytes allowed after the leads whose range is narrower than 80..BF. */
static bool second_fits(unsigned char lead, unsigned char second)
{
	unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

	return second >= low && second <= high;
}

size_t pal_utf8_step(struct pal_str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
	if (n == 0 || n > s.n || !second_fits(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	}
	return n;
}

bool pal_utf8_is_control(const char *p, size_t n)
{
	unsigned char first = (unsigned char)p[0];

	return (n == 1 && (first < 0x20 || first == 0x7F)) ||
	       (n == 2 && first == 0xC2 && (unsigned char)p[1] < 0xA0);
}
