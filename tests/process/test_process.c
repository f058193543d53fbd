/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process.h"

#include "analysed.h"
#include "suite.h"

TEST(text_has_a_processor_and_the_other_types_are_refused_by_name)
{
	struct pal_process_context context = {0};
	struct pal_arena arena = {0};
	struct pal_process_result result;

	for (int type = 0; type < PAL_CONTENT_TYPE_COUNT; type++) {
		struct pal_content content = {.type = (enum pal_content_type)type};
		struct pal_error err = {0};
		if (type == PAL_CONTENT_TEXT)
			continue;
		CU_ASSERT_EQUAL(pal_process(&content, &context, &arena, &result, &err),
				PAL_E_PROCESSING);
		CHECK_STR(err.subject, pal_content_type_name(content.type));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.message, pal_content_type_name(content.type)));
	}
	CU_ASSERT_PTR_NOT_NULL(pal_processor_get(PAL_CONTENT_TEXT));
	pal_arena_release(&arena);
}

TEST(blank_text_is_no_success_and_says_why)
{
	static const char *const texts[] = {"", " ", "\n\t ", "\xe3\x80\x80\xc2\xa0"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct analysed *a = analyse(texts[i]);
		CU_ASSERT_FALSE(a->result.success);
		CHECK_STR(joined(a->result.errors), "the text is blank");
		analysed_free(a);
	}
}

TEST(the_benchmark_sentence_is_understood)
{
	struct analysed *a =
		analyse("Hello, I would like to check the status of my order 4711 please");
	const struct pal_process_result *r = &a->result;

	CU_ASSERT_TRUE(r->success);
	CHECK_STR(plain(r->intent.name), "order_inquiry");
	CU_ASSERT_DOUBLE_EQUAL(r->intent.confidence, 0.7, 1e-9);
	CHECK_STR(plain(r->detected_language), "en");
	CHECK_STR(joined(r->keywords), "check|status|order");
	CHECK_STR(joined(r->categories), "business");
	CHECK_STR(joined(r->entities[PAL_ENTITY_NUMBERS]), "4711");
	CU_ASSERT_EQUAL(r->statistics.words, 13);
	CU_ASSERT_EQUAL(r->statistics.characters, 63);
	CU_ASSERT_EQUAL(r->safety_flags, 0);
	CHECK_STR(plain(r->processor_version), "1.0.0");
	analysed_free(a);
}

SUITE(process, CASE(text_has_a_processor_and_the_other_types_are_refused_by_name),
      CASE(blank_text_is_no_success_and_says_why), CASE(the_benchmark_sentence_is_understood))
