/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/lexicon.h"

#include <string.h>

#include "base/json.h"
#include "suite.h"

static const struct pal_lexeme *find(const char *word, size_t n)
{
	return pal_lexicon_find(pal_lexicon_get(), (struct pal_str){word, n},
				pal_word_hash(PAL_WORD_HASH_START, word, n));
}

TEST(every_word_has_all_that_its_lists_say)
{
	for (size_t i = 0; i < pal_word_list_count; i++) {
		const struct pal_lexeme *want = &pal_word_lists[i].lexeme;
		for (const char *p = pal_word_lists[i].words; *p;) {
			size_t n = strcspn(p, " ");
			const struct pal_lexeme *got = find(p, n);
			CU_ASSERT_EQUAL(got->roles & want->roles, want->roles);
			CU_ASSERT_EQUAL(got->languages & want->languages, want->languages);
			CU_ASSERT_EQUAL(got->function_in & want->function_in, want->function_in);
			CU_ASSERT_EQUAL(got->opens & want->opens, want->opens);
			CU_ASSERT_EQUAL(got->closes & want->closes, want->closes);
			CU_ASSERT(want->hit == 0 || got->hit == want->hit);
			p += n + (p[n] == ' ');
		}
	}
}

TEST(lists_are_lower_case_words_between_single_spaces)
{
	for (size_t i = 0; i < pal_word_list_count; i++) {
		struct pal_str words = pal_str(pal_word_lists[i].words);
		size_t points;
		CU_ASSERT_TRUE(pal_utf8_count(words, &points));
		CU_ASSERT_PTR_NULL(strstr(words.p, "  "));
		CU_ASSERT(words.n > 0 && words.p[0] != ' ' && words.p[words.n - 1] != ' ');
		for (size_t k = 0; k < words.n; k++)
			CU_ASSERT_FALSE(words.p[k] >= 'A' && words.p[k] <= 'Z');
	}
}

TEST(a_word_votes_by_the_number_of_its_languages)
{
	const struct pal_lexeme *the = find("the", 3), *de = find("de", 2);

	CU_ASSERT_EQUAL(the->votes[PAL_VOTE_EN], PAL_VOTE_UNIQUE);
	CU_ASSERT_EQUAL(the->votes[PAL_VOTE_FR], 0);
	CU_ASSERT_EQUAL(de->votes[PAL_VOTE_ES], PAL_VOTE_UNIQUE / 3);
	CU_ASSERT_EQUAL(de->votes[PAL_VOTE_PT], PAL_VOTE_UNIQUE / 3);
	CU_ASSERT_EQUAL(de->votes[PAL_VOTE_IT], 0);
}

TEST(an_unknown_word_is_nothing)
{
	static const struct pal_lexeme nothing;

	CU_ASSERT_EQUAL(memcmp(find("xyzzy", 5), &nothing, sizeof(nothing)), 0);
	CU_ASSERT_EQUAL(memcmp(find("orde", 4), &nothing, sizeof(nothing)), 0);
}

SUITE(lexicon, CASE(every_word_has_all_that_its_lists_say),
      CASE(lists_are_lower_case_words_between_single_spaces),
      CASE(a_word_votes_by_the_number_of_its_languages), CASE(an_unknown_word_is_nothing))
