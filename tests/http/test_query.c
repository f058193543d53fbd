/* SPDX-License-Identifier: Apache-2.0 */
#include "http/query.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct pal_arena arena;

static bool decodes(const char *text, bool plus, const char *want)
{
	struct pal_str got = {NULL, 0};
	bool ok = pal_http_decode(pal_str(text), plus, &arena, &got);
	bool right = want ? ok && pal_str_equal(got, pal_str(want)) : !ok;

	pal_arena_release(&arena);
	return right;
}

TEST(percent_encoding_is_decoded)
{
	CU_ASSERT(decodes("", false, ""));
	CU_ASSERT(decodes("plain", false, "plain"));
	CU_ASSERT(decodes("a%20b%2fc%2Fd", false, "a b/c/d"));
	CU_ASSERT(decodes("%C3%A4", false, "\xc3\xa4"));
	CU_ASSERT(decodes("%2525", false, "%25"));
	CU_ASSERT(decodes("a+b", false, "a+b"));
	CU_ASSERT(decodes("a+b%2B", true, "a b+"));
}

TEST(what_is_not_well_encoded_is_refused)
{
	static const char *const bad[] = {"%",	  "%4",	    "a%4",	"%4g",	     "%g4",
					  "%%41", "%00",    "a%0Ab",	"%7f",	     "%FF",
					  "%C3",  "%C0%80", "%ED%A0%80", "%F4%90%80%80"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT(decodes(bad[i], true, NULL));
}

TEST(pairs_are_split_and_found)
{
	struct pal_http_query query;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_http_query_parse(PAL_STR("page=2&q=a+b%26c&&flag&empty=&x=1=2"), &arena,
					     &query, &err), PAL_OK);
	CU_ASSERT_EQUAL(query.count, 5);
	CU_ASSERT(pal_str_equal(pal_http_query_get(&query, "page"), PAL_STR("2")));
	CU_ASSERT(pal_str_equal(pal_http_query_get(&query, "q"), PAL_STR("a b&c")));
	CU_ASSERT(pal_str_equal(pal_http_query_get(&query, "flag"), PAL_STR("")));
	CU_ASSERT_PTR_NOT_NULL(pal_http_query_get(&query, "flag").p);
	CU_ASSERT(pal_str_equal(pal_http_query_get(&query, "x"), PAL_STR("1=2")));
	CU_ASSERT_PTR_NULL(pal_http_query_get(&query, "pag").p);
	pal_arena_release(&arena);
}

TEST(no_query_has_no_pairs)
{
	struct pal_http_query query;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_http_query_parse((struct pal_str){NULL, 0}, &arena, &query, &err), PAL_OK);
	CU_ASSERT_EQUAL(query.count, 0);
	CU_ASSERT_EQUAL(pal_http_query_parse(PAL_STR("&&"), &arena, &query, &err), PAL_OK);
	CU_ASSERT_EQUAL(query.count, 0);
}

TEST(a_bad_pair_is_named_by_its_place)
{
	struct pal_http_query query;
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_http_query_parse(PAL_STR("a=1&b=%zz"), &arena, &query, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "query");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "parameter 2"));
	CU_ASSERT_EQUAL(pal_http_query_parse(PAL_STR("=1"), &arena, &query, &err), PAL_E_VALIDATION);
	pal_arena_release(&arena);
}

TEST(too_many_pairs_are_refused)
{
	struct pal_http_query query;
	struct pal_error err;
	char text[4 * (PAL_HTTP_QUERY_MAX + 1) + 1] = "";

	for (unsigned i = 0; i < PAL_HTTP_QUERY_MAX; i++)
		strcat(text, "a=b&");
	CU_ASSERT_EQUAL(pal_http_query_parse(pal_str(text), &arena, &query, &err), PAL_OK);
	strcat(text, "a=b");
	CU_ASSERT_EQUAL(pal_http_query_parse(pal_str(text), &arena, &query, &err), PAL_E_VALIDATION);
}

TEST(a_repeated_key_is_refused_when_once_is_asked_for)
{
	struct pal_http_query query;
	struct pal_error err;
	struct pal_str value = PAL_STR("untouched");

	CU_ASSERT_EQUAL(pal_http_query_parse(PAL_STR("a=1&b=2&%61=3"), &arena, &query, &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_http_query_get_once(&query, "a", &value, &err), PAL_E_VALIDATION);
	CHECK_STR(err.subject, "a");
	CU_ASSERT(pal_str_equal(value, PAL_STR("untouched")));
	CU_ASSERT_EQUAL(pal_http_query_get_once(&query, "b", &value, &err), PAL_OK);
	CU_ASSERT(pal_str_equal(value, PAL_STR("2")));
	CU_ASSERT_EQUAL(pal_http_query_get_once(&query, "c", &value, &err), PAL_OK);
	CU_ASSERT_PTR_NULL(value.p);
	CU_ASSERT(pal_str_equal(pal_http_query_get(&query, "a"), PAL_STR("1")));
	pal_arena_release(&arena);
}

SUITE(query, CASE(percent_encoding_is_decoded), CASE(what_is_not_well_encoded_is_refused),
      CASE(pairs_are_split_and_found), CASE(no_query_has_no_pairs),
      CASE(a_bad_pair_is_named_by_its_place), CASE(too_many_pairs_are_refused),
      CASE(a_repeated_key_is_refused_when_once_is_asked_for))
