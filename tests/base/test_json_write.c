/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct pal_buf out;

static const char *string_of(struct pal_str s)
{
	pal_buf_clear(&out);
	pal_json_put_string(&out, s);
	pal_buf_add_char(&out, '\0');
	return out.data;
}

static const char *double_of(double v)
{
	pal_buf_clear(&out);
	pal_json_put_double(&out, v);
	pal_buf_add_char(&out, '\0');
	return out.data;
}

TEST(strings_are_quoted_and_escaped)
{
	CHECK_STR(string_of(PAL_STR("")), "\"\"");
	CHECK_STR(string_of(pal_str(NULL)), "\"\"");
	CHECK_STR(string_of(PAL_STR("plain text of more than sixteen bytes")),
		  "\"plain text of more than sixteen bytes\"");
	CHECK_STR(string_of(PAL_STR("a\"b\\c/d")), "\"a\\\"b\\\\c/d\"");
	CHECK_STR(string_of(PAL_STR("\b\f\n\r\t\x01\x1f\0")),
		  "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000\"");
	CHECK_STR(string_of(PAL_STR("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")),
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
	pal_buf_deinit(&out);
}

TEST(ill_formed_utf8_is_replaced)
{
	CHECK_STR(string_of(PAL_STR("a\xff" "b")), "\"a\xef\xbf\xbd" "b\"");
	CHECK_STR(string_of(PAL_STR("\xc3")), "\"\xef\xbf\xbd\"");
	CHECK_STR(string_of(PAL_STR("\xed\xa0\x80")),
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	pal_buf_deinit(&out);
}

TEST(every_byte_reads_back_when_it_is_text)
{
	static struct pal_json json;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_json_fault fault;
	char text[127];

	for (int i = 0; i < 127; i++)
		text[i] = (char)(i + 1);
	pal_buf_clear(&out);
	pal_json_put_string(&out, (struct pal_str){text, sizeof(text)});
	CU_ASSERT_FATAL(pal_json_scan(&json, pal_buf_str(&out), &fault));
	CU_ASSERT(pal_str_equal(pal_json_string(&json, 0, &arena),
				(struct pal_str){text, sizeof(text)}));
	pal_arena_release(&arena);
	pal_buf_deinit(&out);
}

/* What `n` times 'x' becomes with `odd` at `at`; of exactly its size, for the sanitizer. */
static size_t length_with(size_t n, size_t at, char odd)
{
	char *text = malloc(n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'x', n);
	text[at] = odd;
	pal_buf_clear(&out);
	pal_json_put_string(&out, (struct pal_str){text, n});
	free(text);
	return out.len;
}

TEST(an_odd_byte_is_escaped_wherever_it_stands)
{
	for (size_t n = 1; n <= 40; n++) {
		for (size_t at = 0; at < n; at++) {
			CU_ASSERT_EQUAL(length_with(n, at, '"'), n + 3);
			CU_ASSERT(out.data[at + 1] == '\\' && out.data[at + 2] == '"');
			CU_ASSERT_EQUAL(length_with(n, at, '\\'), n + 3);
			CU_ASSERT(out.data[at + 1] == '\\' && out.data[at + 2] == '\\');
			CU_ASSERT_EQUAL(length_with(n, at, '\x1f'), n + 7);
			CU_ASSERT(memcmp(out.data + at + 1, "\\u001f", 6) == 0);
			CU_ASSERT_EQUAL(length_with(n, at, '\xff'), n + 4);
			CU_ASSERT(memcmp(out.data + at + 1, "\xef\xbf\xbd", 3) == 0);
			CU_ASSERT_EQUAL(length_with(n, at, '~'), n + 2);
			CU_ASSERT(out.data[0] == '"' && out.data[n + 1] == '"');
		}
	}
	pal_buf_deinit(&out);
}

TEST(doubles_are_the_shortest_that_read_back)
{
	static const struct {
		double v;
		const char *text;
	} cases[] = {
		{0, "0"}, {-0.0, "-0"}, {1, "1"}, {-17, "-17"}, {0.1, "0.1"}, {0.5, "0.5"},
		{1e9, "1000000000"}, {123456789, "123456789"}, {0.1 + 0.2, "0.30000000000000004"},
		{1.0 / 3, "0.3333333333333333"}, {1e21, "1e+21"}, {1e-7, "1e-07"},
		{DBL_MAX, "1.7976931348623157e+308"}, {DBL_MIN, "2.2250738585072014e-308"},
		{5e-324, "5e-324"}, {NAN, "null"}, {INFINITY, "null"}, {-INFINITY, "null"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_STR(double_of(cases[i].v), cases[i].text);
	double v = 1e-5;
	for (int i = 0; i < 2000; i++, v *= 1.0173)
		CU_ASSERT_EQUAL(strtod(double_of(v), NULL), v);
	pal_buf_deinit(&out);
}

TEST(keys_are_written_as_they_are)
{
	pal_buf_clear(&out);
	pal_json_put_key(&out, "message_id");
	CU_ASSERT(pal_str_equal(pal_buf_str(&out), PAL_STR("\"message_id\":")));
	pal_buf_deinit(&out);
}

SUITE(json_write, CASE(strings_are_quoted_and_escaped), CASE(ill_formed_utf8_is_replaced),
      CASE(an_odd_byte_is_escaped_wherever_it_stands),
      CASE(every_byte_reads_back_when_it_is_text), CASE(doubles_are_the_shortest_that_read_back),
      CASE(keys_are_written_as_they_are))
