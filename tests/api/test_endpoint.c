/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "api/endpoint.h"
#include "suite.h"

static struct pal_arena arena;
static struct pal_http_request request;
static struct pal_params params;

static void given(const char *query)
{
	pal_arena_reset(&arena);
	request = (struct pal_http_request){.query = pal_str(query), .arena = &arena};
	pal_params_read(&params, &request);
}

/* That just `field` is wrong, and that the message holds `words`. */
static void check_wrong(const char *field, const char *words)
{
	CU_ASSERT_EQUAL_FATAL(params.errors.count, 1);
	CHECK_STR(params.errors.item[0].field, field);
	CU_ASSERT_PTR_NOT_NULL(strstr(params.errors.item[0].message, words));
}

TEST(a_number_keeps_to_its_range)
{
	given("n=7");
	CU_ASSERT_EQUAL(pal_param_number(&params, "n", 1, 100, 20), 7);
	CU_ASSERT_EQUAL(pal_param_number(&params, "other", 1, 100, 20), 20);
	CU_ASSERT_EQUAL(params.errors.count, 0);
	static const char *const bad[] = {"n=0",   "n=101", "n=",   "n=-1",
					  "n=1.5", "n=x",   "n=+7", "n=9223372036854775808"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		given(bad[i]);
		CU_ASSERT_EQUAL(pal_param_number(&params, "n", 1, 100, 20), 20);
		check_wrong("n", "whole number within 1..100");
	}
	given("n=9223372036854775807");
	CU_ASSERT_EQUAL(pal_param_number(&params, "n", 0, INT64_MAX, 0), INT64_MAX);
}

TEST(a_flag_is_true_or_false)
{
	given("a=true&b=false&c=yes");
	CU_ASSERT_TRUE(pal_param_flag(&params, "a", false));
	CU_ASSERT_FALSE(pal_param_flag(&params, "b", true));
	CU_ASSERT_TRUE(pal_param_flag(&params, "d", true));
	CU_ASSERT_EQUAL(params.errors.count, 0);
	CU_ASSERT_TRUE(pal_param_flag(&params, "c", true));
	check_wrong("c", "false, true");
}

TEST(a_choice_names_what_may_be_chosen)
{
	static const char *const names[] = {"json", "csv", "txt"};

	given("format=csv");
	CU_ASSERT_EQUAL(pal_param_choice(&params, "format", names, 3, 0), 1);
	given("");
	CU_ASSERT_EQUAL(pal_param_choice(&params, "format", names, 3, 2), 2);
	given("format=CSV");
	CU_ASSERT_EQUAL(pal_param_choice(&params, "format", names, 3, 0), 0);
	check_wrong("format", "must be one of json, csv, txt");
}

TEST(a_long_list_of_choices_is_cut_not_overrun)
{
	static const char *const names[] = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
					    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
					    "ccccccccccccccccccccccccccccccccccccccccccccccccc"};

	given("x=y");
	pal_param_choice(&params, "x", names, 3, 0);
	check_wrong("x", "must be one of aaaa");
}

TEST(an_instant_comes_in_three_spellings)
{
	given("a=2026-01-02T03:04:05Z&b=1767323045&c=1767323045000&d=2026-01-02T04:04:05%2B01:00");
	CU_ASSERT_EQUAL(pal_param_instant(&params, "a", 0), 1767323045000);
	CU_ASSERT_EQUAL(pal_param_instant(&params, "b", 0), 1767323045000);
	CU_ASSERT_EQUAL(pal_param_instant(&params, "c", 0), 1767323045000);
	CU_ASSERT_EQUAL(pal_param_instant(&params, "d", 0), 1767323045000);
	CU_ASSERT_EQUAL(pal_param_instant(&params, "e", -1), -1);
	CU_ASSERT_EQUAL(params.errors.count, 0);
	given("a=2026-01-02T04:04:05+01:00");
	CU_ASSERT_EQUAL(pal_param_instant(&params, "a", 5), 5);
	check_wrong("a", "%2B");
}

TEST(a_text_is_counted_in_characters)
{
	given("q=%C3%A4%C3%B6&empty=");
	CU_ASSERT_EQUAL(pal_param_text(&params, "q", 2).n, 4);
	CU_ASSERT_PTR_NULL(pal_param_text(&params, "absent", 2).p);
	CU_ASSERT_EQUAL(params.errors.count, 0);
	CU_ASSERT_PTR_NULL(pal_param_text(&params, "q", 1).p);
	check_wrong("q", "1 to 1 characters");
	given("empty=");
	CU_ASSERT_PTR_NULL(pal_param_text(&params, "empty", 2).p);
	check_wrong("empty", "1 to 2 characters");
}

TEST(what_is_given_twice_or_badly_encoded_is_wrong)
{
	given("n=1&n=2");
	CU_ASSERT_EQUAL(pal_param_number(&params, "n", 1, 9, 5), 5);
	check_wrong("n", "2 times");
	given("n=%zz");
	check_wrong("query", "well-encoded");
}

TEST(all_that_is_wrong_is_noted_together)
{
	given("a=x&b=y");
	pal_param_number(&params, "a", 1, 9, 5);
	pal_param_flag(&params, "b", false);
	CU_ASSERT_EQUAL_FATAL(params.errors.count, 2);
	CHECK_STR(params.errors.item[0].field, "a");
	CHECK_STR(params.errors.item[1].field, "b");
	for (size_t i = 0; i < 2 * PAL_FIELD_ERRORS_MAX; i++)
		pal_param_wrong(&params, "more", "and more");
	CU_ASSERT_EQUAL(params.errors.count, PAL_FIELD_ERRORS_MAX);
}

SUITE(endpoint, CASE(a_number_keeps_to_its_range), CASE(a_flag_is_true_or_false),
      CASE(a_choice_names_what_may_be_chosen), CASE(a_long_list_of_choices_is_cut_not_overrun),
      CASE(an_instant_comes_in_three_spellings), CASE(a_text_is_counted_in_characters),
      CASE(what_is_given_twice_or_badly_encoded_is_wrong),
      CASE(all_that_is_wrong_is_noted_together))
