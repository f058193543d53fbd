/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_escape.h"

#include <stdint.h>

static uint32_t read_unit(const char *p)
{
	uint32_t unit = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];
		/* A letter's low four bits are 1..6, in either case. */
		unit = unit << 4 | (c <= '9' ? c & 0x0F : (c & 0x0F) + 9);
	}
	return unit;
}

static size_t encode(uint32_t point, char out[4])
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xC0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xE0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3F));
		out[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3F));
	out[2] = (char)(0x80 | (point >> 6 & 0x3F));
	out[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

size_t pal_json_unescape(const char **at, char out[4])
{
	const char *p = *at;

	*at += 2;
	switch (p[1]) {
	case 'b':
		out[0] = '\b';
		return 1;
	case 'f':
		out[0] = '\f';
		return 1;
	case 'n':
		out[0] = '\n';
		return 1;
	case 'r':
		out[0] = '\r';
		return 1;
	case 't':
		out[0] = '\t';
		return 1;
	case 'u':
		break;
	default:
		out[0] = p[1];
		return 1;
	}
	uint32_t point = read_unit(p + 2);
	*at += 4;
	if (point >= 0xD800 && point <= 0xDBFF) {
		point = 0x10000 + ((point - 0xD800) << 10) + (read_unit(p + 8) - 0xDC00);
		*at += 6;
	}
	return encode(point, out);
}

bool pal_json_equal_unescaped(struct pal_str a, struct pal_str b)
{
	struct pal_json_bytes left = pal_json_bytes_of(a), right = pal_json_bytes_of(b);
	int c;

	do {
		c = pal_json_bytes_next(&left);
		if (c != pal_json_bytes_next(&right))
			return false;
	} while (c >= 0);
	return true;
}
