/* SPDX-License-Identifier: Apache-2.0 */
/* hex.h - one hexadecimal digit; private to base. */
#ifndef PALAVER_BASE_HEX_H
#define PALAVER_BASE_HEX_H

/* The value of `c`, 0..15, either case, or -1. Runs on: any. */
static inline int pal_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
