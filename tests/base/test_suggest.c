/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <limits.h>

#include "suite.h"

static const char *nearest(const char *word)
{
	static const char *const names[] = {"status", "reload", "replay", "config", "tail"};
	struct pal_suggest suggest = {.word = pal_str(word)};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		pal_suggest_offer(&suggest, names[i]);
	return suggest.best ? suggest.best : "";
}

TEST(distance_counts_each_kind_of_edit_once)
{
	static const struct {
		const char *a, *b;
		unsigned want;
	} pairs[] = {
		{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abxc", 1},
		{"abc", "ac", 1}, {"abc", "abd", 1}, {"abc", "acb", 1}, {"kitten", "sitting", 3},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		CU_ASSERT_EQUAL(pal_edit_distance(pal_str(pairs[i].a), pal_str(pairs[i].b)),
				pairs[i].want);
}

TEST(distance_of_a_long_word_is_beyond_all)
{
	char word[PAL_SUGGEST_LENGTH_MAX + 1];

	memset(word, 'a', sizeof(word));
	CU_ASSERT_EQUAL(pal_edit_distance((struct pal_str){word, sizeof(word)}, PAL_STR("a")), UINT_MAX);
	CU_ASSERT_EQUAL(pal_edit_distance((struct pal_str){word, sizeof(word) - 1}, PAL_STR("a")),
			PAL_SUGGEST_LENGTH_MAX - 1);
}

TEST(offer_keeps_the_nearest_name)
{
	CHECK_STR(nearest("stauts"), "status");
	CHECK_STR(nearest("relaod"), "reload");
	CHECK_STR(nearest("replai"), "replay");
	CHECK_STR(nearest("tial"), "tail");
}

TEST(offer_refuses_names_that_are_far)
{
	CHECK_STR(nearest("elephant"), "");
	CHECK_STR(nearest(""), "");
	CHECK_STR(nearest("x"), "");
}

SUITE(suggest, CASE(distance_counts_each_kind_of_edit_once),
      CASE(distance_of_a_long_word_is_beyond_all), CASE(offer_keeps_the_nearest_name),
      CASE(offer_refuses_names_that_are_far))
