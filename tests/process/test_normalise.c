/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/normalise.h"

#include "analysed.h"
#include "suite.h"

TEST(blanks_collapse_and_line_breaks_stay)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"plain text", "plain text"},
		{"  two  blanks\tand tabs \t", "two blanks and tabs"},
		{"one\ntwo", "one\ntwo"},
		{"one \n two", "one\ntwo"},
		{"one\r\ntwo\rthree", "one\ntwo\nthree"},
		{"one\n\n\ntwo", "one\n\n\ntwo"},
		{"one\n \t \ntwo", "one\n\ntwo"},
		{"\n\n one \n\n", "one"},
		{"a\vb\fc", "a b c"},
		{"a\xc2\xa0" "b\xe3\x80\x80" "c\xe2\x80\x89" "d", "a b c d"},
		{"a\xe2\x80\xa8" "b\xe2\x80\xa9" "c\xc2\x85" "d", "a\nb\nc\nd"},
		{"\xe3\x80\x80注文\xe3\x80\x80", "注文"},
		{"", ""},
		{" \n\t", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_arena arena = {0};
		CHECK_STR(plain(pal_text_normalise(pal_str(rows[i].text), &arena)), rows[i].want);
		pal_arena_release(&arena);
	}
}

TEST(what_is_normal_already_is_returned_as_it_came)
{
	struct pal_arena arena = {0};
	struct pal_str text = PAL_STR("Grüße an alle\nund 你好");

	CU_ASSERT_PTR_EQUAL(pal_text_normalise(text, &arena).p, text.p);
	CU_ASSERT_PTR_NULL(arena.blocks);
	CU_ASSERT_EQUAL(pal_text_normalise((struct pal_str){NULL, 0}, &arena).n, 0);
	CU_ASSERT_PTR_NOT_NULL(pal_text_normalise((struct pal_str){NULL, 0}, &arena).p);
}

TEST(normalising_twice_changes_nothing)
{
	static const char alphabet[] = "a \t\n\r\xc2\xa0\xe3\x80\x80\xc3\xa4";
	uint32_t seed = 1;

	for (int round = 0; round < 2000; round++) {
		struct pal_arena arena = {0};
		char text[24];
		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525u + 1013904223u;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		struct pal_str in = {text, sizeof(text)};
		struct pal_str once = pal_text_normalise(in, &arena);
		CU_ASSERT(once.n <= in.n);
		CU_ASSERT_PTR_EQUAL(pal_text_normalise(once, &arena).p, once.p);
		pal_arena_release(&arena);
	}
}

SUITE(normalise, CASE(blanks_collapse_and_line_breaks_stay),
      CASE(what_is_normal_already_is_returned_as_it_came),
      CASE(normalising_twice_changes_nothing))
