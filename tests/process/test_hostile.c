/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "analysed.h"
#include "invariants.h"
#include "suite.h"

static void check_invariants(struct pal_str text)
{
	const char *broken = broken_invariant(text);

	if (broken)
		printf("# %s: \"%.*s\"\n", broken, (int)text.n, text.p);
	CU_ASSERT_PTR_NULL(broken);
}

TEST(odd_but_valid_text_does_no_harm)
{
	static const char *const texts[] = {
		"مرحبا، أين طلبي رقم ORD123456؟ بريدي a@b.com",
		"\xe2\x80\xae" "drowssap ruoy si siht" "\xe2\x80\xac",
		"שלום @משתמש #תגית https://example.com/שלום",
		"e\xcc\x81\xcc\x82\xcc\x83\xcc\x84 Z\xcd\x91\xcc\xab\xcc\x94 a\xcc\x81@b.com",
		"👨‍👩‍👧‍👦👍🏽🇩🇪 order 👩🏿‍🚀!!!",
		"\xef\xbb\xbf" "BOM and \xe2\x80\x8b zero \xe2\x80\x8d width",
		"ﷺ ﷽ \xf0\x9d\x94\x98\xf0\x9d\x94\xab 𒐫",
		"\x01\x02\x1f\x7f control",
		"\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf",
		"İSTANBUL ẞTRASSE ǅ ﬁ",
		"१२३ ٤٥٦ １２３４ ①②③",
		"'''' ’’’’ 't 'll l' can't' ''t",
		"@@@@ #### $$$$ ++++ ---- (((( ))))",
		"http://http://http:// https://@:#@:#",
		"a@b.com@c.com@d.com..@@",
		"+1+1+1+1+1+1+1+1+1+1+1+1",
		"1(2)3(4)5(6)7(8)9(0)1(2)3",
		"$1$2$3 £ £ € 1€2€3 ¥¥1",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_invariants(pal_str(texts[i]));
}

TEST(bytes_that_are_no_utf8_do_no_harm)
{
	static const char *const texts[] = {
		"\x80", "\xff\xfe", "abc\xc3", "\xe2\x82", "\xf0\x9f\x98", "a\xc0\xaf@b.com",
		"\xc3(\xc3(", "l\xe2\x80", "1\xe2\x82", "#\xf0", "\xed\xa0\x80 \xed\xbf\xbf",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_invariants(pal_str(texts[i]));
	check_invariants((struct pal_str){"a\0b", 3});
}

TEST(the_longest_message_of_each_class_holds_all_promises)
{
	static const char *const units[] = {
		"a", "A", "1", "_", "é", "É", "字", "か", "한", "Ж", "ع", "न", "ก", "😀", "\xcc\x81",
		"!", "@", "#", "$", "€", "%", "(", ")", "+", "-", ".", ",", "/", ":", "'", "’",
		"a ", "1 ", "A ", "12 ", "1-", "1/", "1/1/11 ", "1,", "1.", "a@", "@a ", "#a ",
		"a@b.co ", "http://a ", "://", "order ", "can't ", "a\n", "\n\n.", "! ", "12345 ",
		"123-45-6789 ", "4111111111111111 ", "555-123-4567 ", "$1 ", "1 euro ",
		"ORD123456 ", "l'", "你好", "l’", "-1", " (", "\xe2\x80\x8d", "x1", "1x", "+1 ",
	};
	char *text = malloc(4 * PAL_TEXT_POINTS_MAX + 32);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct pal_str unit = pal_str(units[i]);
		size_t n = 0;
		for (size_t points = 0; points < PAL_TEXT_POINTS_MAX && n < 4 * PAL_TEXT_POINTS_MAX;
		     points++, n += unit.n)
			memcpy(text + n, unit.p, unit.n);
		check_invariants((struct pal_str){text, n});
	}
	free(text);
}

TEST(random_mixtures_hold_all_promises)
{
	static const char *const pieces[] = {
		"a", "Z", "9", "42", "0", " ", " ", "  ", "\n", "\t", ".", "!", "?", ",", "-",
		"/", "(", ")", "+", "@", "#", "$", "€", "£", ":", "//", "http", "https://",
		"www.", ".com", "a@b.de", "555", "123-45-6789", "4111 1111 1111 1111", "+49 30",
		"12/05/2026", "ORD123456", "euro", " dollars", "order", "help", "hello", "can't",
		"not working", "good morning", "spam", "das", "ñ", "ß", "é", "字", "か", "한", "Ж",
		"😀", "\xcc\x81", "\xe2\x80\x8d", "’", "'", "_", "%20", "4567", "0005",
	};
	const size_t count = sizeof(pieces) / sizeof(pieces[0]);
	uint32_t seed = 4711;

	for (int round = 0; round < 4000; round++) {
		char text[512];
		size_t n = 0;
		for (int i = 0; i < 40; i++) {
			seed = seed * 1664525u + 1013904223u;
			struct pal_str piece = pal_str(pieces[(seed >> 12) % count]);
			if (n + piece.n > sizeof(text))
				break;
			memcpy(text + n, piece.p, piece.n);
			n += piece.n;
		}
		check_invariants((struct pal_str){text, n});
	}
}

SUITE(hostile, CASE(odd_but_valid_text_does_no_harm), CASE(bytes_that_are_no_utf8_do_no_harm),
      CASE(the_longest_message_of_each_class_holds_all_promises),
      CASE(random_mixtures_hold_all_promises))
