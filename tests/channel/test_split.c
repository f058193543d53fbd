/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/split.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "suite.h"

/* The parts of `text`, with a bar between them. */
static const char *split(const char *text, size_t units_max)
{
	static char out[4096];
	struct pal_str rest = pal_str(text), part;
	size_t n = 0;

	out[0] = '\0';
	while ((part = pal_split_next(&rest, units_max)).p)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s", n ? "|" : "", (int)part.n,
				      part.p);
	return out;
}

TEST(what_fits_is_one_part)
{
	CHECK_STR(split("", 5), "");
	CHECK_STR(split(" \n ", 5), "");
	CHECK_STR(split("hello", 5), "hello");
	CHECK_STR(split("  hello\n", 8), "hello");
	CHECK_STR(split("h\xC3\xA9llo", 5), "h\xC3\xA9llo");
}

TEST(a_paragraph_goes_before_a_line_a_sentence_and_a_word)
{
	CHECK_STR(split("One.\n\nTwo.\nThree. Four five", 24), "One.|Two.\nThree. Four five");
	CHECK_STR(split("One.\n\nTwo.\nThree. Four five", 18), "One.|Two.|Three. Four five");
	CHECK_STR(split("One\n \t\nTwo three", 10), "One|Two three");
	CHECK_STR(split("One.\nTwo. Three", 12), "One.|Two. Three");
	CHECK_STR(split("Aaa bb. Ccc dd ee", 12), "Aaa bb.|Ccc dd ee");
	CHECK_STR(split("Aaa (bb!) Ccc dd", 12), "Aaa (bb!)|Ccc dd");
	CHECK_STR(split("aaa bbb ccc ddd", 8), "aaa bbb|ccc ddd");
	CHECK_STR(split("aaa bbb", 3), "aaa|bbb");
	CHECK_STR(split("1.5 is no end", 7), "1.5 is|no end");
	CHECK_STR(split("\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82", 4),
		  "\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82|\xE4\xBD\xA0\xE5\xA5\xBD\xE3\x80\x82");
}

TEST(what_has_no_place_to_cut_is_cut)
{
	CHECK_STR(split("abcdefgh", 3), "abc|def|gh");
	CHECK_STR(split("abcdefgh", 1), "a|b|c|d|e|f|g|h");
}

TEST(length_counts_utf16_units)
{
	CU_ASSERT_EQUAL(pal_utf16_units(PAL_STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 5);
	CHECK_STR(split("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 4),
		  "\xF0\x9F\x98\x80\xF0\x9F\x98\x80|\xF0\x9F\x98\x80");
	CHECK_STR(split("\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 3), "\xF0\x9F\x98\x80|\xF0\x9F\x98\x80");
	CHECK_STR(split("\xF0\x9F\x98\x80x", 1), "\xF0\x9F\x98\x80|x");	/* never inside a pair */
}

#define FAMILY "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"	/* woman, joiner, girl: 5 units */
#define HEART "\xE2\x9D\xA4\xEF\xB8\x8F"			/* heart, variation selector */
#define THUMB "\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD"		/* thumb, skin: 4 units */
#define FLAG "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"			/* D, E: 4 units */
#define ACCENT "e\xCC\x81"					/* e, combining acute */
#define HANGUL "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB"		/* three jamo, one syllable */

TEST(no_character_is_cut_as_a_reader_sees_it)
{
	CHECK_STR(split("abc" FAMILY, 6), "abc|" FAMILY);
	CHECK_STR(split("ab" HEART, 3), "ab|" HEART);
	CHECK_STR(split("ab" THUMB, 5), "ab|" THUMB);
	CHECK_STR(split(FLAG FLAG FLAG, 11), FLAG FLAG "|" FLAG);
	CHECK_STR(split(FLAG FLAG, 6), FLAG "|" FLAG);
	CHECK_STR(split("ab" ACCENT, 3), "ab|" ACCENT);
	CHECK_STR(split("ab" HANGUL, 4), "ab|" HANGUL);
	CHECK_STR(split(FAMILY, 4), "\xF0\x9F\x91\xA9\xE2\x80\x8D|\xF0\x9F\x91\xA7");	/* must be */
}

/* Whatever the text and the limit: parts are whole UTF-8, fit, and lose nothing but blanks. */
TEST(nothing_is_lost_but_blanks)
{
	static const char *const pieces[] = {"a",    " ",    "\n",	 "\n\n", ". ",	"\xC3\xA9",
					     FAMILY, HEART,  FLAG,	 ACCENT, HANGUL, "\r\n",
					     "word", "! ", "\xE3\x80\x82", "\t", "\xF0\x9F\x98\x80"};
	unsigned state = 7;

	for (int round = 0; round < 3000; round++) {
		char text[512], joined[512];
		size_t n = 0, kept = 0, at = 0, points;
		for (int i = 0; i < 24; i++) {
			state = state * 1103515245u + 12345u;
			const char *piece = pieces[(state >> 16) % 17];
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", piece);
		}
		size_t max = 1 + (state >> 8) % 20;
		struct pal_str rest = {text, n}, part;
		while ((part = pal_split_next(&rest, max)).p) {
			CU_ASSERT(part.n > 0 && pal_utf8_count(part, &points));
			CU_ASSERT(pal_utf16_units(part) <= max || points == 1);
			memcpy(joined + kept, part.p, part.n);
			kept += part.n;
		}
		for (size_t i = 0; i < n; i++) {
			bool is_blank = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
			if (at < kept && joined[at] == text[i])
				at++;
			else
				CU_ASSERT_TRUE(is_blank);
		}
		CU_ASSERT_EQUAL(at, kept);
	}
}

SUITE(split, CASE(what_fits_is_one_part),
      CASE(a_paragraph_goes_before_a_line_a_sentence_and_a_word),
      CASE(what_has_no_place_to_cut_is_cut), CASE(length_counts_utf16_units),
      CASE(no_character_is_cut_as_a_reader_sees_it), CASE(nothing_is_lost_but_blanks))
