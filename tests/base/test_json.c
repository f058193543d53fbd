/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner: what it accepts, what it refuses and at which byte. */
#include "base/json.h"

#include <stdlib.h>

#include "suite.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

static struct pal_json json;

static bool accepts(const char *text, size_t n)
{
	struct pal_json_fault fault;

	return pal_json_scan(&json, (struct pal_str){text, n}, &fault);
}

TEST(every_legal_text_is_accepted)
{
	static const struct {
		const char *text;
		size_t n;
	} good[] = {
		{BYTES("{}")}, {BYTES("[]")}, {BYTES("\"\"")}, {BYTES("0")}, {BYTES("-0")},
		{BYTES("true")}, {BYTES("false")}, {BYTES("null")},
		{BYTES(" \t\r\n[ \t\r\n1 , 2 ]\n")}, {BYTES("{ \"a\" : 1 , \"b\" : 2 }")},
		{BYTES("1")}, {BYTES("-1")}, {BYTES("10")}, {BYTES("1.0")}, {BYTES("0.10")},
		{BYTES("1e1")}, {BYTES("1E+1")}, {BYTES("1e-1")}, {BYTES("0e0")},
		{BYTES("-0.0e-00")},
		{BYTES("123456789012345678901234567890")}, {BYTES("1e99999")},
		{BYTES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0020\\uABcd\"")},
		{BYTES("\"\\ud83d\\ude00\"")}, {BYTES("\"\\uDBFF\\uDFFF\"")},
		{BYTES("\"\\uD7FF\\uE000\\uFFFF\"")},
		{BYTES("\"\x7f\"")},
		{BYTES("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"")},
		{BYTES("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"")},
		{BYTES("[[],{},[[]],{\"\":{}}]")}, {BYTES("{\"\":0}")},
		{BYTES("{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}}")},
		{BYTES("{\"A\":1,\"a\":2,\"a \":3}")},
		{BYTES("\"0123456789abcdef0123456789abcdef\"")},
		{BYTES("\"0123456789abcde\xc3\xa9 0123456789abcdef\\n\"")},
	};

	for (size_t i = 0; i < COUNT(good); i++)
		CU_ASSERT(accepts(good[i].text, good[i].n));
}

struct refusal {
	const char *text;
	size_t n, at;
	const char *why;
};

static void check_refusals(const struct refusal *bad, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pal_json_fault fault = {.at = SIZE_MAX, .why = ""};
		struct pal_str text = {bad[i].text, bad[i].n};
		CU_ASSERT_FALSE(pal_json_scan(&json, text, &fault));
		CU_ASSERT_EQUAL(fault.at, bad[i].at);
		CHECK_STR(fault.why, bad[i].why);
		if (fault.at != bad[i].at || strcmp(fault.why, bad[i].why) != 0)
			printf("# %s: \"%s\" at %zu\n", bad[i].text, fault.why, fault.at);
	}
}

TEST(broken_structure_is_refused_at_its_byte)
{
	static const struct refusal bad[] = {
		{BYTES(""), 0, "unexpected end"},
		{BYTES(" \n"), 2, "unexpected end"},
		{BYTES("\xef\xbb\xbf{}"), 0, "expected a value"},
		{BYTES("{} {}"), 3, "text after the value"},
		{BYTES("1 2"), 2, "text after the value"},
		{BYTES("[1],"), 3, "text after the value"},
		{BYTES("{}\0"), 2, "text after the value"},
		{BYTES("\0{}"), 0, "expected a value"},
		{BYTES("]"), 0, "expected a value"},
		{BYTES("[1,]"), 3, "expected a value"},
		{BYTES("[,1]"), 1, "expected a value"},
		{BYTES("[1,,2]"), 3, "expected a value"},
		{BYTES("[1 2]"), 3, "expected ',' or ']'"},
		{BYTES("[1}"), 2, "expected ',' or ']'"},
		{BYTES("[1:2]"), 2, "expected ',' or ']'"},
		{BYTES("[\x0b]"), 1, "expected a value"},
		{BYTES("[\xc2\xa0]"), 1, "expected a value"},
		{BYTES("{]"), 1, "expected a key"},
		{BYTES("{1:2}"), 1, "expected a key"},
		{BYTES("{a:1}"), 1, "expected a key"},
		{BYTES("{'a':1}"), 1, "expected a key"},
		{BYTES("{\"a\"}"), 4, "expected ':'"},
		{BYTES("{\"a\" 1}"), 5, "expected ':'"},
		{BYTES("{\"a\"::1}"), 5, "expected a value"},
		{BYTES("{\"a\":}"), 5, "expected a value"},
		{BYTES("{\"a\":1,}"), 7, "expected a key"},
		{BYTES("{\"a\":1 \"b\":2}"), 7, "expected ',' or '}'"},
		{BYTES("{\"a\":1]"), 6, "expected ',' or '}'"},
		{BYTES("{,}"), 1, "expected a key"},
		{BYTES("// x\n1"), 0, "expected a value"},
		{BYTES("[1/**/]"), 2, "expected ',' or ']'"},
		{BYTES("'a'"), 0, "expected a value"},
		{BYTES("#"), 0, "expected a value"},
	};

	check_refusals(bad, COUNT(bad));
}

TEST(broken_words_and_numbers_are_refused_at_their_byte)
{
	static const struct refusal bad[] = {
		{BYTES("True"), 0, "expected a value"},
		{BYTES("tru"), 3, "unexpected end"},
		{BYTES("trux"), 3, "expected a value"},
		{BYTES("nul]"), 3, "expected a value"},
		{BYTES("falsey"), 5, "text after the value"},
		{BYTES("NaN"), 0, "expected a value"},
		{BYTES("Infinity"), 0, "expected a value"},
		{BYTES("-Infinity"), 1, "a digit must follow"},
		{BYTES("-"), 1, "unexpected end"},
		{BYTES("+1"), 0, "expected a value"},
		{BYTES("--1"), 1, "a digit must follow"},
		{BYTES("01"), 1, "a number must not begin with 0"},
		{BYTES("-01"), 2, "a number must not begin with 0"},
		{BYTES("00"), 1, "a number must not begin with 0"},
		{BYTES(".5"), 0, "expected a value"},
		{BYTES("1."), 2, "unexpected end"},
		{BYTES("[1.]"), 3, "a digit must follow"},
		{BYTES("[1.e1]"), 3, "a digit must follow"},
		{BYTES("1e"), 2, "unexpected end"},
		{BYTES("[1e]"), 3, "a digit must follow"},
		{BYTES("[1e+]"), 4, "a digit must follow"},
		{BYTES("1e1.5"), 3, "text after the value"},
		{BYTES("0x10"), 1, "text after the value"},
		{BYTES("1_000"), 1, "text after the value"},
		{BYTES("[1a]"), 2, "expected ',' or ']'"},
		{BYTES("\xef\xbc\x91"), 0, "expected a value"},
	};

	check_refusals(bad, COUNT(bad));
}

TEST(broken_strings_are_refused_at_their_byte)
{
	static const struct refusal bad[] = {
		{BYTES("\""), 1, "unexpected end"},
		{BYTES("\"abc"), 4, "unexpected end"},
		{BYTES("\"\\"), 2, "unexpected end"},
		{BYTES("\"\\\""), 3, "unexpected end"},
		{BYTES("\"a\nb\""), 2, "control character in a string"},
		{BYTES("\"a\tb\""), 2, "control character in a string"},
		{BYTES("\"a\0b\""), 2, "control character in a string"},
		{BYTES("\"0123456789abcdef\x1f\""), 17, "control character in a string"},
		{BYTES("\"\\x41\""), 1, "unknown escape"},
		{BYTES("\"\\'\""), 1, "unknown escape"},
		{BYTES("\"\\U0041\""), 1, "unknown escape"},
		{BYTES("\"\\\xc3\xa9\""), 1, "unknown escape"},
		{BYTES("\"\\u12\""), 5, "four hex digits must follow \\u"},
		{BYTES("\"\\u12G4\""), 5, "four hex digits must follow \\u"},
		{BYTES("\"\\u-123\""), 3, "four hex digits must follow \\u"},
		{BYTES("\"\\u12"), 5, "unexpected end"},
		{BYTES("\"\\u"), 3, "unexpected end"},
		{BYTES("\"\\u0000\""), 1, "\\u0000 is not accepted"},
		{BYTES("\"ab\\u0000\""), 3, "\\u0000 is not accepted"},
		{BYTES("{\"\\u0000\":1}"), 2, "\\u0000 is not accepted"},
		{BYTES("\"\\ud800\""), 1, "lone surrogate"},
		{BYTES("\"\\udbff x\""), 1, "lone surrogate"},
		{BYTES("\"\\udc00\""), 1, "lone surrogate"},
		{BYTES("\"\\ud800\\ud800\""), 1, "lone surrogate"},
		{BYTES("\"\\ud800\\n\""), 1, "lone surrogate"},
		{BYTES("\"\\ud800\\u0041\""), 1, "lone surrogate"},
		{BYTES("\"\\ud800\\u00\""), 11, "four hex digits must follow \\u"},
		{BYTES("\"\\udc00\\ud800\""), 1, "lone surrogate"},
	};

	check_refusals(bad, COUNT(bad));
}

TEST(ill_formed_utf8_is_refused_at_its_first_byte)
{
	static const struct refusal bad[] = {
		{BYTES("\"\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"a\xbf\""), 2, "invalid UTF-8"},
		{BYTES("\"\xc0\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xc1\xbf\""), 1, "invalid UTF-8"},
		{BYTES("\"\xc3\""), 1, "invalid UTF-8"},
		{BYTES("\"\xc3("), 1, "invalid UTF-8"},
		{BYTES("\"\xe0\x80\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xe0\x9f\xbf\""), 1, "invalid UTF-8"},
		{BYTES("\"\xe2\x82\""), 1, "invalid UTF-8"},
		{BYTES("\"\xed\xa0\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xed\xbf\xbf\""), 1, "invalid UTF-8"},
		{BYTES("\"\xf0\x80\x80\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xf0\x8f\xbf\xbf\""), 1, "invalid UTF-8"},
		{BYTES("\"\xf0\x9f\x98\""), 1, "invalid UTF-8"},
		{BYTES("\"\xf4\x90\x80\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xf5\x80\x80\x80\""), 1, "invalid UTF-8"},
		{BYTES("\"\xff\""), 1, "invalid UTF-8"},
		{BYTES("\"0123456789abcdef\xfe\""), 17, "invalid UTF-8"},
		{BYTES("{\"\x80\":1}"), 2, "invalid UTF-8"},
		{BYTES("\"\xf0\x9f"), 1, "invalid UTF-8"},
	};

	check_refusals(bad, COUNT(bad));
}

TEST(equal_keys_are_refused_however_they_are_spelled)
{
	static const struct refusal bad[] = {
		{BYTES("{\"a\":1,\"a\":2}"), 7, "duplicate key"},
		{BYTES("{\"\":1,\"\":2}"), 6, "duplicate key"},
		{BYTES("{\"a\":1,\"b\":2,\"a\":3}"), 13, "duplicate key"},
		{BYTES("{\"a\":1,\"\\u0061\":2}"), 7, "duplicate key"},
		{BYTES("{\"\\u0061\":1,\"a\":2}"), 12, "duplicate key"},
		{BYTES("{\"\\u0061\":1,\"\\u0061\":2}"), 12, "duplicate key"},
		{BYTES("{\"a\\/b\":1,\"a/b\":2}"), 10, "duplicate key"},
		{BYTES("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"), 18, "duplicate key"},
		{BYTES("{\"\\u00e9\":1,\"\xc3\xa9\":2}"), 12, "duplicate key"},
		{BYTES("{\"0123456789abcdefg\":1,\"0123456789abcdefg\":2}"), 23, "duplicate key"},
		{BYTES("{\"0123456789abcdefg\":1,\"0123456789abcdef\\u0067\":2}"), 23,
		 "duplicate key"},
		{BYTES("{\"0123456789abcdef\":1,\"0123456789abcde\\u0066\":2}"), 22,
		 "duplicate key"},
		{BYTES("[{\"x\":{\"a\":1},\"y\":{\"b\":1,\"b\":2}}]"), 25, "duplicate key"},
		{BYTES("{\"a\":{\"b\":1,\"c\":2},\"d\":[{\"e\":1}],\"a\":1}"), 33,
		 "duplicate key"},
	};

	check_refusals(bad, COUNT(bad));
}

TEST(keys_of_every_length_that_differ_in_one_byte_are_distinct)
{
	char text[128];

	for (int n = 1; n <= 40; n++) {
		for (int i = 0; i < n; i++) {
			char key[48], other[48];
			memset(key, 'k', (size_t)n);
			memset(other, 'k', (size_t)n);
			other[i] = 'x';
			snprintf(text, sizeof(text), "{\"%.*s\":1,\"%.*s\":2}", n, key, n, other);
			CU_ASSERT(accepts(text, strlen(text)));
			snprintf(text, sizeof(text), "{\"%.*s\":1,\"%.*s\":2}", n, key, n, key);
			CU_ASSERT_FALSE(accepts(text, strlen(text)));
		}
	}
}

TEST(every_prefix_of_a_document_is_refused)
{
	static const char text[] =
		"{\"a\":[1.5e3,true,null,\"\\ud83d\\ude00\xc3\xa9\\n\"],\"b\":{\"c\":{}},\"d\":-0}";

	CU_ASSERT(accepts(text, sizeof(text) - 1));
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *copy = malloc(n ? n : 1);	/* exact, for the address sanitizer */
		CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
		memcpy(copy, text, n);
		CU_ASSERT_FALSE(accepts(copy, n));
		free(copy);
	}
}

static struct pal_buf repeated(const char *head, const char *item, unsigned count, const char *tail)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_str(&buf, pal_str(head));
	for (unsigned i = 0; i < count; i++) {
		if (i > 0 && item[0] != '[' && item[0] != ']')
			pal_buf_add_char(&buf, ',');
		if (item[0] == '"')
			pal_buf_addf(&buf, "\"k%u\":1", i);
		else
			pal_buf_add_str(&buf, pal_str(item));
	}
	pal_buf_add_str(&buf, pal_str(tail));
	return buf;
}

static void check_limit(struct pal_buf buf, const char *why, size_t at)
{
	struct pal_json_fault fault = {0};

	CU_ASSERT_FALSE(pal_json_scan(&json, pal_buf_str(&buf), &fault));
	CHECK_STR(fault.why, why);
	CU_ASSERT_EQUAL(fault.at, at);
	pal_buf_deinit(&buf);
}

static void check_accepted(struct pal_buf buf)
{
	CU_ASSERT(accepts(buf.data, buf.len));
	pal_buf_deinit(&buf);
}

TEST(depth_is_limited_to_32)
{
	struct pal_buf closing = repeated("", "]", 32, "");

	pal_buf_add_char(&closing, '\0');
	check_accepted(repeated("", "[", 32, closing.data));
	check_limit(repeated("", "[", 33, closing.data), "nested too deeply", 32);
	pal_buf_deinit(&closing);
}

TEST(values_are_limited_to_4096)
{
	check_accepted(repeated("[", "1", 4095, "]"));
	check_limit(repeated("[", "1", 4096, "]"), "too many values", 1 + 2 * 4095);
	check_limit(repeated("[", "{}", 4096, "]"), "too many values", 1 + 3 * 4095);
}

TEST(members_fill_the_tape_to_its_last_node)
{
	struct pal_buf buf = pal_buf_of(0);
	unsigned values = 1;

	pal_buf_add_char(&buf, '[');
	while (values + 1 + 255 < PAL_JSON_VALUES_MAX) {
		struct pal_buf box = repeated("{", "\"", 255, "},");
		pal_buf_add_str(&buf, pal_buf_str(&box));
		pal_buf_deinit(&box);
		values += 256;
	}
	struct pal_buf box = repeated("{", "\"", PAL_JSON_VALUES_MAX - values - 1, "}");
	pal_buf_add_str(&buf, pal_buf_str(&box));
	pal_buf_deinit(&box);
	pal_buf_add_char(&buf, ']');
	check_accepted(buf);
	CU_ASSERT_EQUAL(json.count, PAL_JSON_VALUES_MAX + 16 * 255 - 1);
}

TEST(keys_are_limited_to_256_in_one_object)
{
	struct pal_buf good = repeated("{", "\"", 256, "}");
	size_t at = good.len;	/* of the key behind the comma that replaces the bracket */

	check_accepted(good);
	check_limit(repeated("{", "\"", 257, "}"), "too many keys in an object", at);
}

TEST(the_tape_gives_counts_and_the_way_behind_each_value)
{
	static const char text[] = "{\"a\":[1,[2,3],{}],\"b\":\"x\\n\"}";

	CU_ASSERT_FATAL(accepts(text, sizeof(text) - 1));
	CU_ASSERT_EQUAL(json.count, 10);
	CU_ASSERT_EQUAL(json.node[0].count, 2);
	CU_ASSERT_EQUAL(json.node[0].next, 10);
	CU_ASSERT_EQUAL(json.node[2].type, PAL_JSON_ARRAY);
	CU_ASSERT_EQUAL(json.node[2].count, 3);
	CU_ASSERT_EQUAL(json.node[2].next, 8);
	CU_ASSERT_EQUAL(json.node[4].next, 7);
	CU_ASSERT_FALSE(json.node[8].escaped);
	CU_ASSERT(json.node[9].escaped);
}

TEST(a_scan_leaves_nothing_for_the_next_one)
{
	CU_ASSERT_FALSE(accepts(BYTES("{\"a\":{\"b\":[")));
	CU_ASSERT(accepts(BYTES("{\"a\":1}")));
	CU_ASSERT_EQUAL(json.count, 3);
	CU_ASSERT(accepts(BYTES("{\"a\":1}")));
	CU_ASSERT_FALSE(accepts(NULL, 0));
}

SUITE(json, CASE(every_legal_text_is_accepted), CASE(broken_structure_is_refused_at_its_byte),
      CASE(broken_words_and_numbers_are_refused_at_their_byte),
      CASE(broken_strings_are_refused_at_their_byte),
      CASE(ill_formed_utf8_is_refused_at_its_first_byte),
      CASE(equal_keys_are_refused_however_they_are_spelled),
      CASE(keys_of_every_length_that_differ_in_one_byte_are_distinct),
      CASE(every_prefix_of_a_document_is_refused), CASE(depth_is_limited_to_32),
      CASE(values_are_limited_to_4096), CASE(members_fill_the_tape_to_its_last_node),
      CASE(keys_are_limited_to_256_in_one_object),
      CASE(the_tape_gives_counts_and_the_way_behind_each_value),
      CASE(a_scan_leaves_nothing_for_the_next_one))
