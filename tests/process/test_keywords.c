/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/keywords.h"

#include <stdio.h>

#include "analysed.h"
#include "suite.h"

static void check_keywords(const char *text, const char *want)
{
	struct analysed *a = analyse(text);

	CHECK_STR(joined(a->result.keywords), want);
	analysed_free(a);
}

TEST(keywords_come_by_frequency_then_by_first_occurrence)
{
	check_keywords("Lattes beat mochas; mochas beat teas, MOCHAS win",
		       "mochas|beat|lattes|teas");
	check_keywords("zebra apple zebra apple", "zebra|apple");
}

TEST(keywords_are_ascii_words_of_four_letters_off_the_stop_list)
{
	check_keywords("the cat sat with them there", "");
	check_keywords("I didn't, couldn't, wouldn't", "");
	check_keywords("abcd abc4 ab_cd größe abcé", "abcd");
	check_keywords("mail bob@example.com or https://shop.example/path", "mail");
}

TEST(function_words_of_the_texts_language_are_no_keywords)
{
	check_keywords("Ich habe nicht eine Lieferung", "lieferung");
	/* "pour" is a function word in French, but not here */
	check_keywords("Could you pour the coffee for us", "pour|coffee");
}

TEST(there_are_at_most_twenty_keywords_and_ten_tags)
{
	char text[512];
	size_t n = 0;

	for (int i = 0; i < 25; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "word%c%c ", 'a' + i / 5,
				      'a' + i % 5);
	strcat(text, "wordee");
	struct analysed *a = analyse(text);
	CU_ASSERT_EQUAL(a->result.keywords.count, PAL_KEYWORDS_MAX);
	CU_ASSERT_EQUAL(a->result.tags.count, PAL_TAGS_MAX);
	/* The last is the only one said twice. */
	CU_ASSERT_TRUE(pal_str_equal(a->result.keywords.item[0], PAL_STR("wordee")));
	CU_ASSERT_TRUE(pal_str_equal(a->result.keywords.item[1], PAL_STR("wordaa")));
	CU_ASSERT_TRUE(pal_str_equal(a->result.tags.item[9], PAL_STR("wordbd")));
	analysed_free(a);
}

TEST(many_different_words_are_counted_right)
{
	char text[4096];
	size_t n = 0;

	for (int i = 0; i < 600; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "w%c%c%c ", 'a' + i / 100,
				      'a' + i / 10 % 10, 'a' + i % 10);
	snprintf(text + n, sizeof(text) - n, "wfjj wfjj waab");
	struct analysed *a = analyse(text);
	CU_ASSERT_EQUAL(a->result.keywords.count, PAL_KEYWORDS_MAX);
	CU_ASSERT_TRUE(pal_str_equal(a->result.keywords.item[0], PAL_STR("wfjj")));
	CU_ASSERT_TRUE(pal_str_equal(a->result.keywords.item[1], PAL_STR("waab")));
	CU_ASSERT_TRUE(pal_str_equal(a->result.keywords.item[2], PAL_STR("waaa")));
	analysed_free(a);
}

SUITE(keywords, CASE(keywords_come_by_frequency_then_by_first_occurrence),
      CASE(keywords_are_ascii_words_of_four_letters_off_the_stop_list),
      CASE(function_words_of_the_texts_language_are_no_keywords),
      CASE(there_are_at_most_twenty_keywords_and_ten_tags),
      CASE(many_different_words_are_counted_right))
