/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <limits.h>

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment; three rows of the table are enough, the third for swapped neighbours. */
unsigned pal_edit_distance(struct pal_str a, struct pal_str b)
{
	unsigned rows[3][PAL_SUGGEST_LENGTH_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];

	if (a.n > PAL_SUGGEST_LENGTH_MAX || b.n > PAL_SUGGEST_LENGTH_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.n; j++)
		last[j] = before[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned cost = a.p[i - 1] != b.p[j - 1];
			now[j] = least(least(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
				now[j] = least(now[j], before[j - 2] + 1);
		}
		unsigned *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

void pal_suggest_offer(struct pal_suggest *suggest, const char *name)
{
	struct pal_str candidate = pal_str(name);
	size_t longer = candidate.n > suggest->word.n ? candidate.n : suggest->word.n;
	unsigned distance = pal_edit_distance(suggest->word, candidate);

	if (distance > (longer + 2) / 3 || (suggest->best && distance >= suggest->distance))
		return;
	suggest->best = name;
	suggest->distance = distance;
}
