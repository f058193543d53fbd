/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spelling.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>

static bool same(struct pal_str a, size_t i, struct pal_str b, size_t j)
{
	return tolower((unsigned char)a.p[i]) == tolower((unsigned char)b.p[j]);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned pal_spelling_distance(struct pal_str a, struct pal_str b)
{
	uint8_t rows[3][PAL_SPELLING_MAX + 1];

	if (a.n > PAL_SPELLING_MAX || b.n > PAL_SPELLING_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = (uint8_t)j;
	for (size_t i = 1; i <= a.n; i++) {
		uint8_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
		row[0] = (uint8_t)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned d = above[j - 1] + !same(a, i - 1, b, j - 1);
			d = least(d, least(above[j], row[j - 1]) + 1u);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) && same(a, i - 2, b, j - 1))
				d = least(d, above2[j - 2] + 1u);
			row[j] = (uint8_t)d;
		}
	}
	return rows[a.n % 3][b.n];
}

bool pal_spelling_is_near(struct pal_str word, unsigned distance)
{
	return distance <= (word.n < 6 ? 1 : word.n < 12 ? 2 : 3);
}
