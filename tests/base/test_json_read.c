/* SPDX-License-Identifier: Apache-2.0 */
/* What is read from a scanned text. */
#include "base/json.h"

#include <math.h>

#include "suite.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct pal_json json;

static void scan(const char *text)
{
	struct pal_json_fault fault;

	CU_ASSERT_FATAL(pal_json_scan(&json, pal_str(text), &fault));
}

static uint32_t member(const char *key)
{
	return pal_json_member(&json, 0, pal_str(key));
}

TEST(members_are_found_by_their_unescaped_name)
{
	scan("{\"a\":{\"b\":1},\"b\":2,\"c\\u0064\":3,\"\":4,\"e\":[{\"f\":5}]}");
	CU_ASSERT_EQUAL(member("a"), 2);
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("b")), PAL_STR("2")));
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("cd")), PAL_STR("3")));
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("")), PAL_STR("4")));
	CU_ASSERT_EQUAL(member("c"), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(member("cde"), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(member("c\\u0064"), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(member("f"), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(pal_json_member(&json, member("b"), PAL_STR("a")), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(pal_json_member(&json, member("e"), PAL_STR("f")), PAL_JSON_NONE);
}

TEST(walking_gives_every_child_once)
{
	int64_t sum = 0, v;

	scan("[1,[10,20],{\"a\":100},4]");
	for (uint32_t at = pal_json_first(&json, 0); at < json.node[0].next;
	     at = json.node[at].next) {
		if (pal_json_integer(&json, at, &v))
			sum += v;
	}
	CU_ASSERT_EQUAL(sum, 5);
	scan("[[],{},3,\"\"]");
	CU_ASSERT_EQUAL(pal_json_first(&json, 0), 1);
	for (uint32_t at = 1; at <= 4; at++)
		CU_ASSERT_EQUAL(pal_json_first(&json, at), PAL_JSON_NONE);
}

TEST(raw_gives_the_bytes_as_they_stand)
{
	scan(" { \"s\" : \"a\\n\" , \"l\" : [ 1 , 2 ] , \"n\" : -1.50 , \"t\" : true } ");
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("s")), PAL_STR("\"a\\n\"")));
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("l")), PAL_STR("[ 1 , 2 ]")));
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("n")), PAL_STR("-1.50")));
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, member("t")), PAL_STR("true")));
}

TEST(strings_are_views_unless_they_are_escaped)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"\"plain\"", "plain"},
		{"\"\"", ""},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
		{"\"\\u0041\\u00e9\\u20AC\\uFFFF\"", "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf"},
		{"\"\\ud83d\\ude00\\uDBFF\\uDFFF\"", "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"},
		{"\"a\\u007fb\xc3\xa9\\u0080c\"", "a\x7f" "b\xc3\xa9\xc2\x80" "c"},
	};
	struct pal_arena arena = pal_arena_of(0);

	for (size_t i = 0; i < COUNT(cases); i++) {
		scan(cases[i].text);
		struct pal_str s = pal_json_string(&json, 0, &arena);
		CU_ASSERT(pal_str_equal(s, pal_str(cases[i].want)));
		CU_ASSERT_EQUAL(s.p == cases[i].text + 1, !json.node[0].escaped);
	}
	pal_arena_release(&arena);
}

TEST(a_string_that_does_not_fit_the_arena_is_absent)
{
	struct pal_arena arena = pal_arena_of(16);

	scan("\"a\\nb\"");
	CU_ASSERT_PTR_NULL(pal_json_string(&json, 0, &arena).p);
	pal_arena_release(&arena);
}

TEST(integers_are_read_up_to_two_to_the_53)
{
	static const struct {
		const char *text;
		int64_t want;
	} good[] = {
		{"0", 0}, {"-0", 0}, {"1", 1}, {"-1", -1},
		{"9007199254740991", 9007199254740991}, {"9007199254740992", 9007199254740992},
		{"-9007199254740991", -9007199254740991}, {"-9007199254740992", -9007199254740992},
	};
	static const char *const bad[] = {
		"9007199254740993", "-9007199254740993", "9223372036854775807",
		"18446744073709551617", "10000000000000000", "99999999999999999", "1.0", "1e3",
		"1E0", "0.5", "-0.0", "\"1\"", "true", "null", "[1]",
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t v = 77;
		scan(good[i].text);
		CU_ASSERT(pal_json_integer(&json, 0, &v));
		CU_ASSERT_EQUAL(v, good[i].want);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		int64_t v = 77;
		scan(bad[i]);
		CU_ASSERT_FALSE(pal_json_integer(&json, 0, &v));
		CU_ASSERT_EQUAL(v, 77);
	}
}

TEST(doubles_are_read_unless_they_overflow)
{
	double v = 7;

	scan("[-0.5e-3,1e308,1e309,-1e400,5e-324,\"1\",0]");
	CU_ASSERT(pal_json_double(&json, 1, &v));
	CU_ASSERT_EQUAL(v, -0.0005);
	CU_ASSERT(pal_json_double(&json, 2, &v));
	CU_ASSERT_EQUAL(v, 1e308);
	CU_ASSERT_FALSE(pal_json_double(&json, 3, &v));
	CU_ASSERT_FALSE(pal_json_double(&json, 4, &v));
	CU_ASSERT_FALSE(pal_json_double(&json, 6, &v));
	CU_ASSERT_EQUAL(v, 1e308);
	CU_ASSERT(pal_json_double(&json, 5, &v));
	CU_ASSERT_EQUAL(v, 5e-324);
	scan("17");	/* up to the end of the text */
	CU_ASSERT(pal_json_double(&json, 0, &v));
	CU_ASSERT_EQUAL(v, 17.0);
}

TEST(a_number_of_more_than_512_characters_is_no_double)
{
	struct pal_buf buf = pal_buf_of(0);
	double v = 7;

	pal_buf_add_lit(&buf, "0.");
	while (buf.len < 512)
		pal_buf_add_char(&buf, '1');
	pal_buf_add_char(&buf, '\0');
	scan(buf.data);
	CU_ASSERT(pal_json_double(&json, 0, &v));
	CU_ASSERT(fabs(v - 1.0 / 9) < 1e-15);
	buf.len--;
	pal_buf_add(&buf, "1", 2);
	scan(buf.data);
	CU_ASSERT_FALSE(pal_json_double(&json, 0, &v));
	pal_buf_deinit(&buf);
}

TEST(code_points_are_counted_and_bad_text_refused)
{
	static const struct {
		const char *text;
		size_t n, points;
	} good[] = {
		{"", 0, 0}, {"abc", 3, 3}, {"\x01\x7f\"\\", 4, 4},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, 3},
		{"0123456789abcdef0123456789abcdef\xc3\xa9xyz", 37, 36},
		{"0123456789abcd\xf0\x9f\x98\x80", 18, 15},
	};
	static const struct {
		const char *text;
		size_t n;
	} bad[] = {
		{"a\0b", 3}, {"0123456789abcdef\0", 17}, {"\xc3", 1}, {"\x80", 1}, {"\xc0\x80", 2},
		{"\xed\xa0\x80", 3}, {"\xf4\x90\x80\x80", 4}, {"abc\xe2\x82", 5}, {"\xff", 1},
		{"0123456789abcdef0123456789abcde\xf0\x9f\x98", 34},
	};

	for (size_t i = 0; i < COUNT(good); i++) {
		size_t points = 77;
		CU_ASSERT(pal_utf8_count((struct pal_str){good[i].text, good[i].n}, &points));
		CU_ASSERT_EQUAL(points, good[i].points);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		size_t points = 77;
		CU_ASSERT_FALSE(pal_utf8_count((struct pal_str){bad[i].text, bad[i].n}, &points));
		CU_ASSERT_EQUAL(points, 77);
	}
	size_t points = 77;
	CU_ASSERT(pal_utf8_count(pal_str(NULL), &points));
	CU_ASSERT_EQUAL(points, 0);
}

SUITE(json_read, CASE(members_are_found_by_their_unescaped_name),
      CASE(walking_gives_every_child_once), CASE(raw_gives_the_bytes_as_they_stand),
      CASE(strings_are_views_unless_they_are_escaped),
      CASE(a_string_that_does_not_fit_the_arena_is_absent),
      CASE(integers_are_read_up_to_two_to_the_53), CASE(doubles_are_read_unless_they_overflow),
      CASE(a_number_of_more_than_512_characters_is_no_double),
      CASE(code_points_are_counted_and_bad_text_refused))
