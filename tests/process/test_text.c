/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "analysed.h"
#include "suite.h"

TEST(personal_data_is_masked_in_place)
{
	static const struct {
		const char *text, *want;
		uint32_t types;
	} rows[] = {
		{"mail Joe@Example.com now", "mail [EMAIL] now", PAL_PII_EMAIL},
		{"a@b.cd", "[EMAIL]", PAL_PII_EMAIL},
		{"a@b.cd,a@b.cd", "[EMAIL],[EMAIL]", PAL_PII_EMAIL},
		{"call +1 (555) 123-4567!", "call [PHONE]!", PAL_PII_PHONE},
		{"ssn 123-45-6789.", "ssn [SSN].", PAL_PII_SSN},
		{"card 4111 1111 1111 1111, ok", "card [CARD], ok", PAL_PII_CARD},
		{"4111111111111111 a@b.cd 123-45-6789 555-123-4567",
		 "[CARD] [EMAIL] [SSN] [PHONE]",
		 PAL_PII_EMAIL | PAL_PII_PHONE | PAL_PII_SSN | PAL_PII_CARD},
		{"see https://x.org/?u=joe@example.com&v=1", "see https://x.org/?u=[EMAIL]&v=1",
		 PAL_PII_EMAIL},
		{"one\n\n a@b.cd \ntwo", "one\n\n[EMAIL]\ntwo", PAL_PII_EMAIL},
		{"order 4711 of 12/05/2026 for $5", "order 4711 of 12/05/2026 for $5", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		CHECK_STR(plain(a->result.masked_text), rows[i].want);
		CU_ASSERT_EQUAL(a->result.pii_types, rows[i].types);
		analysed_free(a);
	}
}

TEST(personal_data_beyond_the_cap_of_its_list_is_masked_too)
{
	char text[4096];
	size_t n = 0;

	for (int i = 0; i < 80; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "a%d@b.cd, 55512345%02d; ", i, i);
	struct analysed *a = analyse(text);
	CU_ASSERT_EQUAL(a->result.entities[PAL_ENTITY_EMAILS].count, PAL_ENTITY_ITEMS_MAX);
	CU_ASSERT_EQUAL(a->result.entities[PAL_ENTITY_PHONES].count, PAL_ENTITY_ITEMS_MAX);
	CU_ASSERT_PTR_NULL(strpbrk(plain(a->result.masked_text), "@0123456789"));
	analysed_free(a);
}

TEST(line_breaks_survive_and_blanks_do_not)
{
	struct analysed *a = analyse("  Dear  team,\r\n\r\n my\torder\n is late ");

	CHECK_STR(plain(a->result.normalized_text), "Dear team,\n\nmy order\nis late");
	CHECK_STR(plain(a->result.intent.name), "order_inquiry");
	CU_ASSERT_EQUAL(a->result.statistics.paragraphs, 2);
	analysed_free(a);
}

static void check_length(size_t points, const char *unit, bool is_taken)
{
	struct pal_process_context context = {.language_mode = PAL_LANGUAGE_BUILTIN};
	struct pal_str one = pal_str(unit);
	char *text = malloc(points * one.n);
	struct pal_process_result result;
	struct pal_arena arena = {0};

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	for (size_t i = 0; i < points; i++)
		memcpy(text + i * one.n, one.p, one.n);
	struct pal_content content = {.type = PAL_CONTENT_TEXT, .text = {text, points * one.n}};
	CU_ASSERT_EQUAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
	CU_ASSERT_EQUAL(result.success, is_taken);
	if (!is_taken)
		CHECK_STR(joined(result.errors), "the text is longer than 10000 characters");
	pal_arena_release(&arena);
	free(text);
}

TEST(ten_thousand_code_points_are_taken_and_one_more_is_refused)
{
	check_length(10000, "a", true);
	check_length(10001, "a", false);
	check_length(10000, "😀", true);
	check_length(10001, "😀", false);
	check_length(50000, "é", false);
}

/* Gives the processor `room` bytes and then nothing. */
static enum pal_code process_within(size_t room, char *memory, struct pal_process_result *ret,
				    struct pal_error *err)
{
	static const struct pal_content content = {
		.type = PAL_CONTENT_TEXT,
		.text = {"  Mail JOE@example.com about order 4711, 555-123-4567!", 54},
	};
	struct pal_process_context context = {.language_mode = PAL_LANGUAGE_BUILTIN};
	struct pal_arena arena = {.at = memory, .end = memory + room, .max = 1};

	return pal_process(&content, &context, &arena, ret, err);
}

TEST(each_failed_allocation_is_reported_and_leaves_the_result_alone)
{
	_Alignas(max_align_t) static char memory[8192];
	size_t room = 0;
	struct pal_process_result result = {.quality_score = 42};
	struct pal_error err = {0};

	for (; room < sizeof(memory); room += 16) {
		if (process_within(room, memory, &result, &err) == PAL_OK)
			break;
		CU_ASSERT_EQUAL(err.code, PAL_E_SERVICE);
		CU_ASSERT_EQUAL(result.quality_score, 42);
	}
	CU_ASSERT(room > 256);
	CU_ASSERT(room < sizeof(memory));
	CU_ASSERT_TRUE(result.success);
	CHECK_STR(plain(result.masked_text), "Mail [EMAIL] about order 4711, [PHONE]!");
}

TEST(results_are_the_same_every_time)
{
	struct analysed *a = analyse("Hola, mi pedido ORD123456 no ha llegado, ayuda por favor");
	struct analysed *b = analyse("Hola, mi pedido ORD123456 no ha llegado, ayuda por favor");

	CU_ASSERT_TRUE(pal_str_equal(a->result.detected_language, b->result.detected_language));
	CU_ASSERT_EQUAL(a->result.language_confidence, b->result.language_confidence);
	char keywords[256];
	snprintf(keywords, sizeof(keywords), "%s", joined(a->result.keywords));
	CHECK_STR(joined(b->result.keywords), keywords);
	analysed_free(a);
	analysed_free(b);
}

SUITE(text, CASE(personal_data_is_masked_in_place),
      CASE(personal_data_beyond_the_cap_of_its_list_is_masked_too),
      CASE(line_breaks_survive_and_blanks_do_not),
      CASE(ten_thousand_code_points_are_taken_and_one_more_is_refused),
      CASE(each_failed_allocation_is_reported_and_leaves_the_result_alone),
      CASE(results_are_the_same_every_time))
