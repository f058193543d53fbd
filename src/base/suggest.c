/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include "base/spelling.h"

void pal_suggest_offer(struct pal_suggest *suggest, const char *name)
{
	unsigned distance = pal_spelling_distance(suggest->word, pal_str(name));

	if (!pal_spelling_is_near(suggest->word, distance) ||
	    (suggest->best && distance >= suggest->distance))
		return;
	suggest->best = name;
	suggest->distance = distance;
}
