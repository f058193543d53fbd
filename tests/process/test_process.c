/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process.h"

#include "analysed.h"
#include "conf/options.h"
#include "suite.h"

TEST(f11_every_type_has_its_processor_and_no_other_has_one)
{
	static const char *const names[PAL_CONTENT_TYPE_COUNT] = {
		[PAL_CONTENT_TEXT] = "text",	  [PAL_CONTENT_IMAGE] = "media",
		[PAL_CONTENT_FILE] = "media",	  [PAL_CONTENT_AUDIO] = "media",
		[PAL_CONTENT_VIDEO] = "media",	  [PAL_CONTENT_LOCATION] = "location",
		[PAL_CONTENT_QUICK_REPLY] = "quick_reply", [PAL_CONTENT_CAROUSEL] = "carousel",
	};

	for (int type = 0; type < PAL_CONTENT_TYPE_COUNT; type++)
		CHECK_STR(pal_processor_get((enum pal_content_type)type)->name, names[type]);
	CU_ASSERT_PTR_NULL(pal_processor_get(PAL_CONTENT_TYPE_COUNT));
}

/* A store or another part of the program may hand over what no request can hold. */
TEST(content_without_what_its_type_needs_is_no_success_and_says_why)
{
	static const char *const why[PAL_CONTENT_TYPE_COUNT] = {
		[PAL_CONTENT_TEXT] = "the text is blank",
		[PAL_CONTENT_IMAGE] = "the content has no media",
		[PAL_CONTENT_FILE] = "the content has no media",
		[PAL_CONTENT_AUDIO] = "the content has no media",
		[PAL_CONTENT_VIDEO] = "the content has no media",
		[PAL_CONTENT_LOCATION] = "the content has no location",
		[PAL_CONTENT_QUICK_REPLY] = "nothing was chosen",
		[PAL_CONTENT_CAROUSEL] = "a carousel must have 1 to 10 items",
	};
	struct pal_process_context context = {0};
	struct pal_arena arena = {0};
	struct pal_process_result result;

	for (int type = 0; type < PAL_CONTENT_TYPE_COUNT; type++) {
		struct pal_content content = {.type = (enum pal_content_type)type};
		CU_ASSERT_EQUAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
		CU_ASSERT_FALSE(result.success);
		CHECK_STR(joined(result.errors), why[type]);
	}
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

/* The configuration cannot use our lists, so its words are compared with them. */
TEST(every_flag_can_be_set_to_block_and_every_media_type_to_pass)
{
	const struct pal_option_desc *block = pal_option_get(PAL_OPT_MODERATION_BLOCK);
	const struct pal_option_desc *types = pal_option_get(PAL_OPT_MEDIA_TYPES);
	int64_t i = 0;

#define X(id, bit, name) CHECK_STR(plain(pal_option_choice(block, i++)), name);
	PAL_SAFETY_FLAGS(X)
#undef X
	CU_ASSERT_PTR_NULL(pal_option_choice(block, i).p);
	i = 0;
	CHECK_STR(plain(pal_option_choice(types, i++)), "standard");
#define X(id, name, ...) CHECK_STR(plain(pal_option_choice(types, i++)), name);
	PAL_MEDIA_TYPES(X)
#undef X
	CU_ASSERT_PTR_NULL(pal_option_choice(types, i).p);
}

SUITE(process, CASE(every_flag_can_be_set_to_block_and_every_media_type_to_pass),
      CASE(f11_every_type_has_its_processor_and_no_other_has_one),
      CASE(content_without_what_its_type_needs_is_no_success_and_says_why),
      CASE(blank_text_is_no_success_and_says_why), CASE(the_benchmark_sentence_is_understood))
