/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spelling.h"

#include <limits.h>

#include "suite.h"

#define DISTANCE(a, b) pal_spelling_distance(PAL_STR(a), PAL_STR(b))

TEST(each_slip_of_the_pen_counts_one)
{
	CU_ASSERT_EQUAL(DISTANCE("listen", "listen"), 0);
	CU_ASSERT_EQUAL(DISTANCE("lisen", "listen"), 1);
	CU_ASSERT_EQUAL(DISTANCE("listten", "listen"), 1);
	CU_ASSERT_EQUAL(DISTANCE("lissen", "listen"), 1);
	CU_ASSERT_EQUAL(DISTANCE("litsen", "listen"), 1);
	CU_ASSERT_EQUAL(DISTANCE("Listen", "listen"), 0);
	CU_ASSERT_EQUAL(DISTANCE("", "abc"), 3);
	CU_ASSERT_EQUAL(DISTANCE("abc", ""), 3);
	CU_ASSERT_EQUAL(DISTANCE("", ""), 0);
	CU_ASSERT_EQUAL(DISTANCE("kitten", "sitting"), 3);
	CU_ASSERT_EQUAL(DISTANCE("abcd", "badc"), 2);
}

TEST(a_name_that_is_too_long_is_far_from_everything)
{
	char text[PAL_SPELLING_MAX + 1];
	struct pal_str longest = {text, PAL_SPELLING_MAX};
	struct pal_str longer = {text, PAL_SPELLING_MAX + 1};

	memset(text, 'a', sizeof(text));
	CU_ASSERT_EQUAL(pal_spelling_distance(longest, longest), 0);
	CU_ASSERT_EQUAL(pal_spelling_distance(longest, (struct pal_str){0}), PAL_SPELLING_MAX);
	CU_ASSERT_EQUAL(pal_spelling_distance(longer, longest), UINT_MAX);
	CU_ASSERT_EQUAL(pal_spelling_distance(longest, longer), UINT_MAX);
}

TEST(a_long_word_may_have_more_slips_than_a_short_one)
{
	CU_ASSERT_TRUE(pal_spelling_is_near(PAL_STR("http"), 1));
	CU_ASSERT_FALSE(pal_spelling_is_near(PAL_STR("http"), 2));
	CU_ASSERT_TRUE(pal_spelling_is_near(PAL_STR("listen"), 2));
	CU_ASSERT_FALSE(pal_spelling_is_near(PAL_STR("listen"), 3));
	CU_ASSERT_TRUE(pal_spelling_is_near(PAL_STR("checkpoint_pages"), 3));
	CU_ASSERT_FALSE(pal_spelling_is_near(PAL_STR("checkpoint_pages"), 4));
}

SUITE(spelling, CASE(each_slip_of_the_pen_counts_one),
      CASE(a_name_that_is_too_long_is_far_from_everything),
      CASE(a_long_word_may_have_more_slips_than_a_short_one))
