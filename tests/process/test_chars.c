/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/chars.h"

#include <string.h>

#include "suite.h"

TEST(decode_takes_whole_code_points_and_single_bytes_of_rubbish)
{
	static const struct {
		const char *text;
		size_t len;
		uint32_t point;
	} rows[] = {
		{"A", 1, 'A'},		      {"\xc3\xa4", 2, 0xe4},
		{"\xe2\x82\xac", 3, 0x20ac},  {"\xf0\x9f\x98\x80", 4, 0x1f600},
		{"\x80", 1, 0xfffd},	      {"\xc3", 1, 0xfffd},
		{"\xc3(", 1, 0xfffd},	      {"\xe2\x82", 1, 0xfffd},
		{"\xf0\x9f\x98", 1, 0xfffd},  {"\xc0\xaf", 1, 0xfffd},
		{"\xff", 1, 0xfffd},	      {"\xf5\x80\x80\x80", 1, 0xfffd},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t point = 0;
		const char *end = rows[i].text + strlen(rows[i].text);
		size_t len = pal_char_decode(rows[i].text, end, &point);
		CU_ASSERT_EQUAL(len, rows[i].len);
		CU_ASSERT_EQUAL(point, rows[i].point);
	}
}

TEST(letters_have_their_script_and_signs_have_none)
{
	static const struct {
		uint32_t point;
		enum pal_script script;
	} rows[] = {
		{0xe9, PAL_SCRIPT_LATIN},	{0x1ef9, PAL_SCRIPT_LATIN},
		{0x301, PAL_SCRIPT_LATIN},	{0x3b1, PAL_SCRIPT_OTHER},
		{0x436, PAL_SCRIPT_CYRILLIC},	{0x5d0, PAL_SCRIPT_OTHER},
		{0x627, PAL_SCRIPT_ARABIC},	{0x915, PAL_SCRIPT_DEVANAGARI},
		{0xe01, PAL_SCRIPT_OTHER},	{0x3042, PAL_SCRIPT_KANA},
		{0x30ab, PAL_SCRIPT_KANA},	{0xff76, PAL_SCRIPT_KANA},
		{0x4e2d, PAL_SCRIPT_HAN},	{0x20000, PAL_SCRIPT_HAN},
		{0xac00, PAL_SCRIPT_HANGUL},	{0xa0, PAL_SCRIPT_NONE},
		{0xbf, PAL_SCRIPT_NONE},	{0xd7, PAL_SCRIPT_NONE},
		{0x200d, PAL_SCRIPT_NONE},	{0x2019, PAL_SCRIPT_NONE},
		{0x20ac, PAL_SCRIPT_NONE},	{0x3002, PAL_SCRIPT_NONE},
		{0xff01, PAL_SCRIPT_NONE},	{0x1f600, PAL_SCRIPT_NONE},
		{0xe000, PAL_SCRIPT_NONE},	{0xfffd, PAL_SCRIPT_NONE},
		{0x10ffff, PAL_SCRIPT_NONE},	{'a', PAL_SCRIPT_NONE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(pal_char_script(rows[i].point), rows[i].script);
}

TEST(lower_case_keeps_the_number_of_bytes)
{
	static const struct {
		uint32_t upper, lower;
	} rows[] = {
		{0xc4, 0xe4},	{0xde, 0xfe},	{0xd7, 0xd7},	{0xdf, 0xdf},	{0x100, 0x101},
		{0x101, 0x101}, {0x139, 0x13a}, {0x13a, 0x13a}, {0x178, 0xff},	{0x179, 0x17a},
		{0x130, 0x130}, {0x152, 0x153}, {0x391, 0x3b1}, {0x3a9, 0x3c9}, {0x401, 0x451},
		{0x416, 0x436}, {0x490, 0x491}, {0x491, 0x491}, {0x4e2d, 0x4e2d}, {0x1e9e, 0x1e9e},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CU_ASSERT_EQUAL(pal_char_lower(rows[i].upper), rows[i].lower);
	for (uint32_t point = 0x80; point < 0x800; point++) {
		uint32_t lower = pal_char_lower(point);
		CU_ASSERT(lower >= 0x80 && lower < 0x800);
		CU_ASSERT_EQUAL(pal_char_lower(lower), lower);
	}
}

TEST(classes_agree_with_the_c_library)
{
	for (int c = 1; c < 128; c++) {
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_UPPER), c >= 'A' && c <= 'Z');
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_LOWER), c >= 'a' && c <= 'z');
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_DIGIT), c >= '0' && c <= '9');
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_BLANK), !!strchr(" \t\n\v\f\r", c));
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_SPECIAL), !!strchr("!@#$%^&*()", c));
		CU_ASSERT_EQUAL(pal_char_is((char)c, PAL_CHAR_STOP), !!strchr(".!?", c));
	}
	for (int c = 128; c < 256; c++)
		CU_ASSERT_EQUAL(pal_char_classes[c], PAL_CHAR_HIGH);
}

SUITE(chars, CASE(decode_takes_whole_code_points_and_single_bytes_of_rubbish),
      CASE(letters_have_their_script_and_signs_have_none),
      CASE(lower_case_keeps_the_number_of_bytes), CASE(classes_agree_with_the_c_library))
