/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/markup.h"

#include <stdlib.h>

#include "analysed.h"
#include "suite.h"

static struct pal_arena arena;

TEST(f54_references_are_decoded_once_and_tags_removed)
{
	static const char *const rows[][2] = {
		{"plain", "plain"},
		{"a < b and c > d", "a < b and c > d"},
		{"I <3 you", "I <3 you"},
		{"fish & chips", "fish & chips"},
		{"AT&T;", "AT&T;"},
		{"&lt;&gt;&amp;&quot;&apos;&#39;", "<>&\"''"},
		{"a&nbsp;b", "a\xc2\xa0" "b"},
		{"&#8364;&#x20AC;&#X1f600;", "€€😀"},
		{"&#0;&#xD800;&#x110000;&#;&#x;&#1a;", "&#0;&#xD800;&#x110000;&#;&#x;&#1a;"},
		{"&amp;lt;b&amp;gt;", "&lt;b&gt;"},
		{"<b>bold</b> move", "bold move"},
		{"one<br>two<BR/>three<p>four</p>five", "one\ntwo\nthreefour\nfive"},
		{"<a href=\"x>y\">z", "y\">z"},
		{"&lt;i&gt;x&lt;/i&gt;", "x"},
		{"<!-- note -->x<!DOCTYPE y>", "x"},
		{"<https://example.com> <a@b.cd>", "<https://example.com> <a@b.cd>"},
		{"<unclosed", "<unclosed"},
		{"<b", "<b"},
		{"<", "<"},
		{"&", "&"},
		{"</>", "</>"},
		{"<script>alert(1)</script>", "alert(1)"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(plain(pal_text_without_markup(pal_str(rows[i][0]), &arena)), rows[i][1]);
	pal_arena_release(&arena);
}

TEST(a_text_without_markup_is_not_copied)
{
	struct pal_str text = PAL_STR("hello > there; it's #1");

	CU_ASSERT_PTR_EQUAL(pal_text_without_markup(text, &arena).p, text.p);
	struct pal_arena small = pal_arena_of(1);
	CU_ASSERT_PTR_NULL(pal_text_without_markup(PAL_STR("<b>"), &small).p);
	pal_arena_release(&small);
}

/* Each would take minutes if every sign made it look through the rest. */
TEST(many_signs_are_as_quick_as_few)
{
	static const char *const units[] = {"<a ", "<", "&", "&#", "<!", "</a", "&lt;a "};
	const size_t n = 1 << 22;
	char *text = malloc(n);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i]);
		for (size_t k = 0; k < n; k++)
			text[k] = units[i][k % len];
		struct pal_str got =
			pal_text_without_markup((struct pal_str){text, n}, &arena);
		CU_ASSERT(got.p && got.n <= n);
		pal_arena_release(&arena);
	}
	free(text);
}

TEST(f54_the_rules_see_the_text_without_its_markup)
{
	struct analysed *a = analyse("<p>Where is my <b>order</b>?</p>&lt;br&gt;Mail ann&#64;example.com");

	CHECK_STR(plain(a->result.intent.name), "order_inquiry");
	CHECK_STR(joined(a->result.entities[PAL_ENTITY_EMAILS]), "ann@example.com");
	CHECK_STR(plain(a->result.masked_text), "Where is my order?\n\nMail [EMAIL]");
	analysed_free(a);
	a = analyse("<br><p></p>");
	CU_ASSERT_FALSE(a->result.success);
	analysed_free(a);
}

SUITE(markup, CASE(f54_references_are_decoded_once_and_tags_removed),
      CASE(a_text_without_markup_is_not_copied), CASE(many_signs_are_as_quick_as_few),
      CASE(f54_the_rules_see_the_text_without_its_markup))
