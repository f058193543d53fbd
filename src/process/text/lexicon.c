/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/lexicon.h"

#include <assert.h>
#include <pthread.h>

#include "process/text/chars.h"

#define SLOT_BITS 12
#define SLOTS (1u << SLOT_BITS)
#define ENTRIES_MAX (SLOTS / 2)	/* keeps the probes short */

struct entry {
	const char *word;
	struct pal_lexeme lexeme;
};

/* A miss, the usual case, reads one slot and nothing else. */
struct slot {
	uint32_t hash;
	uint16_t entry;	/* 0: free */
	uint16_t len;
};

/* Entry 0 is the word that nobody knows. */
struct pal_lexicon {
	struct slot slots[SLOTS];
	struct entry entries[ENTRIES_MAX];
	size_t count;
	uint64_t heads[SLOTS / 64];	/* a bit for each hash of a non-ASCII first letter */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct pal_lexicon the_lexicon;	/* written once, under `once` */

/* The slot of `word`, or the free one where it would have to go. */
static size_t find_slot(const struct pal_lexicon *lexicon, struct pal_str word, uint32_t hash)
{
	for (size_t i = hash >> (32 - SLOT_BITS);; i = (i + 1) % SLOTS) {
		const struct slot *slot = &lexicon->slots[i];
		if (slot->entry == 0)
			return i;
		if (slot->hash == hash && slot->len == word.n &&
		    memcmp(lexicon->entries[slot->entry].word, word.p, word.n) == 0)
			return i;
	}
}

static void add_lexeme(struct pal_lexeme *to, const struct pal_lexeme *from)
{
	assert(!to->hit || !from->hit || to->hit == from->hit);
	to->roles |= from->roles;
	to->languages |= from->languages;
	to->function_in |= from->function_in;
	to->hit |= from->hit;
	to->opens |= from->opens;
	to->closes |= from->closes;
}

static void add_head(struct pal_lexicon *lexicon, struct pal_str word)
{
	uint32_t point;
	size_t len = pal_char_decode(word.p, word.p + word.n, &point);
	uint32_t hash = pal_word_hash(PAL_WORD_HASH_START, word.p, len) >> (32 - SLOT_BITS);

	if (len > 1)
		lexicon->heads[hash / 64] |= 1ull << hash % 64;
}

static void add_word(struct pal_lexicon *lexicon, struct pal_str word,
		     const struct pal_lexeme *lexeme)
{
	uint32_t hash = pal_word_hash(PAL_WORD_HASH_START, word.p, word.n);

	assert(word.n > 0 && word.n <= PAL_LEXICON_WORD_MAX);
	struct slot *slot = &lexicon->slots[find_slot(lexicon, word, hash)];
	if (slot->entry == 0) {
		assert(lexicon->count < ENTRIES_MAX);
		*slot = (struct slot){hash, (uint16_t)lexicon->count++, (uint16_t)word.n};
		lexicon->entries[slot->entry].word = word.p;
		add_head(lexicon, word);
	}
	add_lexeme(&lexicon->entries[slot->entry].lexeme, lexeme);
}

static void set_votes(struct pal_lexeme *lexeme)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PAL_VOTE_COUNT; i++)
		count += lexeme->languages >> i & 1;
	for (unsigned i = 0; i < PAL_VOTE_COUNT; i++)
		if (lexeme->languages >> i & 1)
			lexeme->votes[i] = (uint16_t)(PAL_VOTE_UNIQUE / count);
}

static void build(void)
{
	struct pal_lexicon *lexicon = &the_lexicon;

	lexicon->count = 1;
	for (size_t i = 0; i < pal_word_list_count; i++) {
		const struct pal_word_list *list = &pal_word_lists[i];
		for (const char *p = list->words; *p;) {
			size_t n = strcspn(p, " ");
			add_word(lexicon, (struct pal_str){p, n}, &list->lexeme);
			p += n + (p[n] == ' ');
		}
	}
	for (size_t i = 0; i < lexicon->count; i++)
		set_votes(&lexicon->entries[i].lexeme);
}

const struct pal_lexicon *pal_lexicon_get(void)
{
	pthread_once(&once, build);
	return &the_lexicon;
}

const struct pal_lexeme *pal_lexicon_find(const struct pal_lexicon *lexicon, struct pal_str word,
					  uint32_t hash)
{
	size_t slot = find_slot(lexicon, word, hash);

	return &lexicon->entries[lexicon->slots[slot].entry].lexeme;
}

bool pal_lexicon_may_begin(const struct pal_lexicon *lexicon, uint32_t hash)
{
	hash >>= 32 - SLOT_BITS;
	return lexicon->heads[hash / 64] >> hash % 64 & 1;
}
