/* SPDX-License-Identifier: Apache-2.0 */
#include "process/choice.h"

#include "analysed.h"
#include "suite.h"

static struct pal_arena arena;
static struct pal_process_result result;
static const struct pal_process_context context;

static void choose(const char *text, const char *title, const char *payload)
{
	struct pal_content_parts parts = {.chosen_title = pal_str(title),
					  .chosen_payload = pal_str(payload)};
	struct pal_content content = {
		.type = PAL_CONTENT_QUICK_REPLY, .text = pal_str(text), .parts = &parts};

	CU_ASSERT_EQUAL_FATAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
}

TEST(f53_a_quick_reply_is_its_text_else_its_title)
{
	choose(NULL, "Track my order", "TRACK");
	CHECK_STR(plain(result.intent.name), "order_inquiry");
	CHECK_STR(joined(result.entities[PAL_ENTITY_POSTBACK]), "TRACK");
	CHECK_STR(joined(result.entities[PAL_ENTITY_INTENT]), "order_inquiry");
	choose("I need help", "Track my order", "TRACK");
	CHECK_STR(plain(result.intent.name), "support");
	CHECK_STR(joined(result.entities[PAL_ENTITY_POSTBACK]), "TRACK");
	choose(" \t", "Goodbye", "");
	CHECK_STR(plain(result.intent.name), "goodbye");
	CU_ASSERT_EQUAL(result.entities[PAL_ENTITY_POSTBACK].count, 0);
	choose("Yes", NULL, NULL);
	CU_ASSERT_TRUE(result.success);
	CHECK_STR(plain(result.normalized_text), "Yes");
	choose(" ", NULL, "P");
	CU_ASSERT_FALSE(result.success);
	pal_arena_release(&arena);
}

TEST(f53_the_titles_of_a_carousel_are_read_together)
{
	struct pal_content_parts parts = {
		.items = {{{"Two lattes", 10}, {"for $14.50", 10}},
			  {{"Mail a@b.cd", 11}, {NULL, 0}}},
		.item_count = 2};
	struct pal_content content = {.type = PAL_CONTENT_CAROUSEL,
				      .text = PAL_STR("Your order"),
				      .parts = &parts};

	CU_ASSERT_EQUAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
	CU_ASSERT_TRUE(result.success);
	CHECK_STR(plain(result.intent.name), "order_inquiry");
	CHECK_STR(joined(result.entities[PAL_ENTITY_MONEY]), "$14.50");
	CHECK_STR(plain(result.masked_text), "Your order\nTwo lattes\nfor $14.50\nMail [EMAIL]");
	parts.item_count = 11;
	CU_ASSERT_EQUAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
	CU_ASSERT_FALSE(result.success);
	pal_arena_release(&arena);
}

SUITE(choice, CASE(f53_a_quick_reply_is_its_text_else_its_title),
      CASE(f53_the_titles_of_a_carousel_are_read_together))
