/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/lexicon.h"

#include <assert.h>
#include <pthread.h>

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

/* Written once under `once`, constant from then on. Entry 0 is the word that nobody knows. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct slot slots[SLOTS];
static struct entry entries[ENTRIES_MAX];
static size_t entry_count = 1;

static struct slot *find_slot(struct pal_str word, uint32_t hash)
{
	for (uint32_t i = hash >> (32 - SLOT_BITS);; i = (i + 1) % SLOTS) {
		struct slot *slot = &slots[i];
		if (slot->entry == 0)
			return slot;
		if (slot->hash == hash && slot->len == word.n &&
		    memcmp(entries[slot->entry].word, word.p, word.n) == 0)
			return slot;
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

static void add_word(struct pal_str word, const struct pal_lexeme *lexeme)
{
	uint32_t hash = PAL_WORD_HASH_START;

	assert(word.n > 0 && word.n <= PAL_LEXICON_WORD_MAX);
	for (size_t i = 0; i < word.n; i++)
		hash = pal_word_hash_step(hash, word.p[i]);
	struct slot *slot = find_slot(word, hash);
	if (slot->entry == 0) {
		assert(entry_count < ENTRIES_MAX);
		*slot = (struct slot){hash, (uint16_t)entry_count++, (uint16_t)word.n};
		entries[slot->entry].word = word.p;
	}
	add_lexeme(&entries[slot->entry].lexeme, lexeme);
}

static void build(void)
{
	for (size_t i = 0; i < pal_word_list_count; i++) {
		const struct pal_word_list *list = &pal_word_lists[i];
		for (const char *p = list->words; *p;) {
			size_t n = strcspn(p, " ");
			add_word((struct pal_str){p, n}, &list->lexeme);
			p += n + (p[n] == ' ');
		}
	}
}

const struct pal_lexeme *pal_lexicon_find(struct pal_str word, uint32_t hash)
{
	pthread_once(&once, build);
	return &entries[find_slot(word, hash)->entry].lexeme;
}
