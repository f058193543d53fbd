/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "analysed.h"
#include "suite.h"

struct row {
	const char *text, *want;
};

static void check_rows(enum pal_entity kind, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_entity(kind, rows[i].text, rows[i].want);
}

#define CHECK_ROWS(kind, rows) check_rows((kind), (rows), sizeof(rows) / sizeof((rows)[0]))

TEST(emails_follow_the_format_on_word_boundaries)
{
	static const struct row rows[] = {
		{"mail jane.doe@example.com please", "jane.doe@example.com"},
		{"Jane.Doe+shop_1@Mail.Example.CO.UK", "jane.doe+shop_1@mail.example.co.uk"},
		{"a@b.cd", "a@b.cd"},
		{"(a%b-c@x-y.org).", "a%b-c@x-y.org"},
		{"end of sentence joe@example.com.", "joe@example.com"},
		{"a@b.com-foo", "a@b.com"},
		{"...dots@example.com", "dots@example.com"},
		{"邮箱a@b.com请回复", "a@b.com"},
		{"one@example.com, ONE@EXAMPLE.COM, two@example.com",
		 "one@example.com|two@example.com"},
		{"https://x.org/?u=joe@example.com", "joe@example.com"},
		/* no address */
		{"a@b", ""},
		{"a@b.c", ""},
		{"a@b.c1d", ""},
		{"@example.com", ""},
		{"a@", ""},
		{"@", ""},
		{"joe@example.c|m", ""},
		{"joe@.com", ""},
	};

	CHECK_ROWS(PAL_ENTITY_EMAILS, rows);
}

TEST(urls_end_before_trailing_punctuation)
{
	static const struct row rows[] = {
		{"see http://example.com/a?b=c&d=%20e#f now", "http://example.com/a?b=c&d=%20e#f"},
		{"(see https://example.com/x).", "https://example.com/x"},
		{"https://example.com!?", "https://example.com"},
		{"HTTPS://EXAMPLE.COM", "HTTPS://EXAMPLE.COM"},
		{"https://a.example https://b.example https://a.example",
		 "https://a.example|https://b.example"},
		{"http://x/100%", "http://x/100"},
		{"<https://example.com>", "https://example.com"},
		{"ftp://example.com", ""},
		{"http:/example.com", ""},
		{"http://", ""},
		{"http://...", ""},
		{"://x", ""},
		{"www.example.com", ""},
	};

	CHECK_ROWS(PAL_ENTITY_URLS, rows);
}

TEST(mentions_and_hashtags_are_a_sign_and_a_word)
{
	static const struct row mentions[] = {
		{"@anna_1 and @Bob, @anna_1", "@anna_1|@Bob"},
		{"@田中 さん", "@田中"},
		{"joe@example.com", ""},
		{"x@y", ""},
		{"@ nobody", ""},
		{"https://example.com/@user", ""},
	};
	static const struct row hashtags[] = {
		{"#sale #größe, #42!", "#sale|#größe|#42"},
		{"C# and a#b", ""},
		{"# alone ##", ""},
		{"https://example.com/#top", ""},
	};

	CHECK_ROWS(PAL_ENTITY_MENTIONS, mentions);
	CHECK_ROWS(PAL_ENTITY_HASHTAGS, hashtags);
}

TEST(dates_have_three_groups_and_nothing_more)
{
	static const struct row rows[] = {
		{"on 12/05/2026 or 1-2-26", "12/05/2026|1-2-26"},
		{"2026-11-23, 2026/1/3", "2026-11-23|2026/1/3"},
		{"from 2026-11-23 to 2026-11-24", "2026-11-23|2026-11-24"},
		{"2026-11-23 2026-11-24", "2026-11-23|2026-11-24"},
		{"01-23-45-67-89", ""},
		{"1/2", ""},
		{"123/4/2026", ""},
		{"1/2/3", ""},
		{"1/2/12345", ""},
		{"12/05/2026x", ""},
	};

	CHECK_ROWS(PAL_ENTITY_DATES, rows);
}

TEST(b70_phones_have_ten_to_fifteen_digits_and_are_nothing_else)
{
	static const struct row rows[] = {
		{"call +1 (555) 123-4567 now", "+1 (555) 123-4567"},
		{"(555) 123-4567", "(555) 123-4567"},
		{"555-123-4567", "555-123-4567"},
		{"5551234567", "5551234567"},
		{"+49 30 901820", "+49 30 901820"},
		{"01 23 45 67 89", "01 23 45 67 89"},
		{"555-123-4567 555-987-6543", "555-123-4567|555-987-6543"},
		{"555-123-4567\n555-987-6543", "555-123-4567|555-987-6543"},
		{"(call 555-123-4567)", "555-123-4567"},
		/* B70: blanks, dates, short numbers, cards */
		{"1          2", ""},
		{"- - - - - - - - - - 1", ""},
		{"2026-11-23 2026-11-24", ""},
		{"12/05/2026 13/05/2026", ""},
		{"555-1234", ""},
		{"4111 1111 1111 1111", ""},
		{"1234567890123456", ""},
		{"5551234567abc", ""},
		{"abc5551234567", ""},
		{"call 12345\n67890", ""},
		{"order 4711", ""},
	};

	CHECK_ROWS(PAL_ENTITY_PHONES, rows);
}

TEST(money_has_a_sign_or_a_unit)
{
	static const struct row rows[] = {
		{"$25, £ 1,200.50 and €3.99 or ¥500", "$25|£ 1,200.50|€3.99|¥500"},
		{"20 dollars, 1 Pound, 3.50 euros, 100yen", "20 dollars|1 Pound|3.50 euros|100yen"},
		{"€25,50 oder 25 €", "€25,50|25 €"},
		{"25 € 30 Tage", "25 €"},
		{"$", ""},
		{"20 dollarsigns", ""},
		{"20 apples", ""},
	};

	CHECK_ROWS(PAL_ENTITY_MONEY, rows);
}

TEST(numbers_are_what_nothing_else_claims)
{
	static const struct row rows[] = {
		{"order 4711 please", "4711"},
		{"1,234.56 and 3.14, 3.14", "1,234.56|3.14"},
		{"12 34", "12|34"},
		{"table 5, 2 lattes", "5|2"},
		{"order #4711", "4711"},
		{"订单4711号", "4711"},
		{"$25 on 12/05/2026 by 555-123-4567", ""},
		{"http://example.com/99 a1@b.com", ""},
		{"2nd abc123 5kg _7", ""},
		{"12345678901234567890", "12345678901234567890"},
	};

	CHECK_ROWS(PAL_ENTITY_NUMBERS, rows);
}

TEST(order_numbers_are_a_prefix_and_six_digits)
{
	static const struct row rows[] = {
		{"my order is ORD123456.", "ORD123456"},
		{"ord123456 and ORD-654321", "ord123456|ORD-654321"},
		{"ORD12345", ""},
		{"ORD1234567", ""},
		{"WORD123456", ""},
		{"ORD 123456", ""},
		{"ORD123456x", ""},
	};

	CHECK_ROWS(PAL_ENTITY_ORDER_NUMBERS, rows);
}

TEST(order_numbers_take_the_tenants_shape)
{
	struct pal_process_context context = {
		.language_mode = PAL_LANGUAGE_BUILTIN,
		.order_prefix = PAL_STR("PO"),
		.order_digits = 4,
	};
	struct analysed *a = analyse_with(PAL_STR("PO4711, ORD123456"), &context);

	CHECK_STR(joined(a->result.entities[PAL_ENTITY_ORDER_NUMBERS]), "PO4711");
	analysed_free(a);
}

TEST(every_list_stops_at_fifty)
{
	static const struct {
		enum pal_entity kind;
		const char *format;
	} rows[] = {
		{PAL_ENTITY_EMAILS, "a%03d@example.com "},   {PAL_ENTITY_URLS, "http://x/%03d "},
		{PAL_ENTITY_PHONES, "+1555000%04d; "},	     {PAL_ENTITY_DATES, "1/1/2%03d "},
		{PAL_ENTITY_MONEY, "$%d "},		     {PAL_ENTITY_NUMBERS, "n %d "},
		{PAL_ENTITY_HASHTAGS, "#t%d "},		     {PAL_ENTITY_MENTIONS, "@m%d "},
		{PAL_ENTITY_ORDER_NUMBERS, "ORD%06d "},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[4096];
		size_t n = 0;
		for (int k = 1; k <= 60; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, rows[i].format, k);
		struct analysed *a = analyse(text);
		CU_ASSERT_EQUAL(a->result.entities[rows[i].kind].count, PAL_ENTITY_ITEMS_MAX);
		analysed_free(a);
	}
}

SUITE(entities, CASE(emails_follow_the_format_on_word_boundaries),
      CASE(urls_end_before_trailing_punctuation),
      CASE(mentions_and_hashtags_are_a_sign_and_a_word),
      CASE(dates_have_three_groups_and_nothing_more),
      CASE(b70_phones_have_ten_to_fifteen_digits_and_are_nothing_else),
      CASE(money_has_a_sign_or_a_unit), CASE(numbers_are_what_nothing_else_claims),
      CASE(order_numbers_are_a_prefix_and_six_digits),
      CASE(order_numbers_take_the_tenants_shape), CASE(every_list_stops_at_fifty))
