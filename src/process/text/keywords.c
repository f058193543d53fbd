/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/keywords.h"

#define PROBES_MAX 64u

struct counted {
	const struct pal_word *word;
	uint32_t count;
};

struct tally {
	const struct pal_scan *scan;
	struct counted *slots;
	size_t mask;
};

static bool is_same(const struct pal_scan *scan, const struct pal_word *a, const struct pal_word *b)
{
	return a->hash == b->hash && a->len == b->len &&
	       memcmp(scan->lower + a->at, scan->lower + b->at, a->len) == 0;
}

static void count(struct tally *tally, const struct pal_word *word)
{
	size_t at = (word->hash ^ word->hash >> 15) & tally->mask;

	for (size_t probe = 0; probe < PROBES_MAX; probe++, at = (at + 1) & tally->mask) {
		struct counted *slot = &tally->slots[at];
		if (!slot->word)
			slot->word = word;
		else if (!is_same(tally->scan, slot->word, word))
			continue;
		slot->count++;
		return;
	}
}

/* Keep `top` sorted: by count, then by place in the text. Return the new length. */
static size_t rank(struct counted *top, size_t n, struct counted entry)
{
	size_t at = n < PAL_KEYWORDS_MAX ? n : PAL_KEYWORDS_MAX;

	while (at > 0 && (top[at - 1].count < entry.count ||
			  (top[at - 1].count == entry.count && top[at - 1].word > entry.word))) {
		if (at < PAL_KEYWORDS_MAX)
			top[at] = top[at - 1];
		at--;
	}
	if (at < PAL_KEYWORDS_MAX)
		top[at] = entry;
	return n < PAL_KEYWORDS_MAX ? n + 1 : n;
}

static struct pal_str *copy_views(const struct pal_scan *scan, const struct counted *top, size_t n,
				  struct pal_arena *arena)
{
	struct pal_str *item = pal_arena_get(arena, n * sizeof(*item));

	for (size_t i = 0; item && i < n; i++)
		item[i] = (struct pal_str){scan->lower + top[i].word->at, top[i].word->len};
	return item;
}

bool pal_keywords_pick(const struct pal_scan *scan, enum pal_vote_language language,
		       struct pal_arena *arena, struct pal_str_list *ret)
{
	unsigned silent = language < PAL_VOTE_COUNT ? 1u << language : 0;
	struct counted top[PAL_KEYWORDS_MAX];
	size_t size = 4, n = 0;

	if (scan->candidate_count == 0)
		return true;
	while (size < 2 * scan->candidate_count)
		size *= 2;
	struct tally tally = {scan, pal_arena_get(arena, size * sizeof(struct counted)), size - 1};
	if (!tally.slots)
		return false;
	memset(tally.slots, 0, size * sizeof(struct counted));
	for (size_t i = 0; i < scan->candidate_count; i++)
		if (!(scan->candidates[i].function_in & silent))
			count(&tally, &scan->candidates[i]);
	for (size_t i = 0; i < size; i++)
		if (tally.slots[i].word)
			n = rank(top, n, tally.slots[i]);
	ret->item = copy_views(scan, top, n, arena);
	ret->count = ret->item ? n : 0;
	return ret->item || n == 0;
}
