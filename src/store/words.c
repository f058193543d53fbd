/* SPDX-License-Identifier: Apache-2.0 */
#include "store/words.h"

#include <stdint.h>

#include "base/utf8.h"

/* The letters that remain of Latin ones when case and marks are gone; '-': another rule. */
static const char latin_1[] =	/* U+00C0.. */
	"aaaaaa-ceeeeiiii-nooooo--uuuuy--aaaaaa-ceeeeiiii-nooooo--uuuuy-y"
	"aaaaaaccccccccdd--eeeeeeeeeegggggggghh--iiiiiiiii---jjkk-llllll-"
	"---nnnnnn---oooooo--rrrrrrsssssssstttt--uuuuuuuuuuuuwwyyyzzzzzzs";
static const char latin_2[] =	/* U+1E00.. */
	"aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
	"mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
	"wwwwwwwwwwxxxxyyzzzzzzhtwy-s----aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
	"eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------";

#define ILL_FORMED 0xFFFDu
#define LATIN_1 0xC0u
#define LATIN_2 0x1E00u

/* What stands between words, beyond ASCII: punctuation, symbols, pictures. Ascending. */
static const struct range {
	uint32_t first, last;
} separators[] = {
	{0x80, 0xA9},	  {0xAB, 0xB1},	    {0xB4, 0xB4},     {0xB6, 0xB8},	{0xBB, 0xBB},
	{0xBF, 0xBF},	  {0xD7, 0xD7},	    {0xF7, 0xF7},     {0x2000, 0x206F}, {0x20A0, 0x20CF},
	{0x2190, 0x2BFF}, {0x2E00, 0x2E7F}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0xFE30, 0xFE6F},
	{0xFF01, 0xFF0F}, {0xFF1A, 0xFF20}, {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0x1F000, 0x1FAFF},
};

/* The first code point of `s`, not empty, and its length; or ILL_FORMED. */
static size_t decode(struct pal_str s, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : pal_utf8_sequence(p, p + s.n);

	*ret = n == 0 ? ILL_FORMED
	       : n == 1 ? p[0]
	       : n == 2 ? (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu)
	       : n == 3 ? (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)
			: (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 |
				  (p[3] & 0x3Fu);
	return n ? n : 1;
}

static bool is_separator(uint32_t c)
{
	if (c < 0x80)
		return !((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
		if (c <= separators[i].last)
			return c >= separators[i].first || c == ILL_FORMED;
	}
	return false;
}

static bool is_mark(uint32_t c)
{
	return c >= 0x300 && c <= 0x36F;
}

static uint32_t fold(uint32_t c)
{
	char latin = '-';

	if (c >= 'A' && c <= 'Z')
		return c | 0x20;
	if (c >= LATIN_1 && c < LATIN_1 + sizeof(latin_1) - 1)
		latin = latin_1[c - LATIN_1];
	else if (c >= LATIN_2 && c < LATIN_2 + sizeof(latin_2) - 1)
		latin = latin_2[c - LATIN_2];
	if (latin != '-')
		return (uint32_t)latin;
	if ((c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F))
		return c + 32;
	if (c >= 0x400 && c <= 0x40F)
		return c + 80;
	return c == 0x3C2 ? 0x3C3 : c;	/* a sigma at the end of a word */
}

bool pal_words_next(struct pal_str *rest, struct pal_str *ret)
{
	struct pal_str s = *rest;
	uint32_t c;
	size_t n;

	for (; s.n > 0 && (n = decode(s, &c), is_separator(c) || is_mark(c)); s.p += n, s.n -= n)
		;
	*ret = (struct pal_str){s.p, 0};
	for (; s.n > 0 && (n = decode(s, &c), !is_separator(c)); s.p += n, s.n -= n)
		ret->n += n;
	*rest = s;
	return ret->n > 0;
}

bool pal_words_split(struct pal_str query, struct pal_query_words *ret)
{
	struct pal_str word;

	for (ret->count = 0; pal_words_next(&query, &word); ret->count++) {
		if (ret->count == PAL_QUERY_WORDS_MAX)
			return false;
		ret->word[ret->count] = word;
	}
	return true;
}

/* The next folded letter of a word; 0 at its end. */
static uint32_t next_letter(struct pal_str *word)
{
	while (word->n > 0) {
		uint32_t c;
		size_t n = decode(*word, &c);
		word->p += n;
		word->n -= n;
		if (!is_mark(c))
			return fold(c);
	}
	return 0;
}

static bool is_word(struct pal_str wanted, struct pal_str word, bool is_prefix)
{
	for (;;) {
		uint32_t want = next_letter(&wanted);
		uint32_t have = next_letter(&word);
		if (want == 0)
			return is_prefix || have == 0;
		if (want != have)
			return false;
	}
}

static bool has_word(struct pal_str text, struct pal_str wanted, bool is_prefix)
{
	struct pal_str word;

	while (pal_words_next(&text, &word)) {
		if (is_word(wanted, word, is_prefix))
			return true;
	}
	return false;
}

bool pal_words_match(const struct pal_query_words *words, struct pal_str text)
{
	for (size_t i = 0; i < words->count; i++) {
		if (!has_word(text, words->word[i], i + 1 == words->count))
			return false;
	}
	return words->count > 0;
}
