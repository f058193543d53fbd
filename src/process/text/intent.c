/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/intent.h"

#include <stddef.h>

#include "process/text/lexicon.h"

/* The hits `first` to `last`. */
#define HITS(first, last) ((2u << (last)) - (1u << (first)))

/* By priority. */
static const struct {
	struct pal_str name;
	uint32_t hits;
} intents[] = {
	{{"order_inquiry", 13}, HITS(PAL_HIT_ORDER, PAL_HIT_ORDER_NUMBER)},
	{{"support", 7}, HITS(PAL_HIT_HELP, PAL_HIT_ASSISTANCE)},
	{{"goodbye", 7}, HITS(PAL_HIT_GOODBYE, PAL_HIT_SEE_YOU)},
	{{"greeting", 8}, HITS(PAL_HIT_HELLO, PAL_HIT_GOOD_DAY)},
};

struct pal_intent pal_intent_decide(uint32_t hits)
{
	for (size_t i = 0; i < sizeof(intents) / sizeof(intents[0]); i++) {
		int distinct = __builtin_popcount(hits & intents[i].hits);
		if (distinct > 0)
			return (struct pal_intent){intents[i].name, distinct > 1 ? 0.9 : 0.7};
	}
	return (struct pal_intent){PAL_STR("default"), 0.3};
}
