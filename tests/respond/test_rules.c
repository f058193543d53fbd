/* SPDX-License-Identifier: Apache-2.0 */
#include "respond/rules/rules.h"

#include <stdlib.h>

#include "base/json.h"
#include "respond/respond.h"
#include "suite.h"

static const char *const intents[] = {"order_inquiry", "support", "goodbye", "greeting", "default"};
static const char *const ids[] = {"order_inquiry", "support", "goodbye", "greeting",
				  "default",	   "media",   "location"};
static const char *const languages[] = {"en", "es", "fr", "de", "it", "pt", "ja", "ko", "zh"};
#define INTENTS (sizeof(intents) / sizeof(intents[0]))
#define IDS (sizeof(ids) / sizeof(ids[0]))
#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

/* A source that knows one wording: tenant "acme", greeting, German. */
static bool find_acme(const struct pal_template_source *self, struct pal_str tenant,
		      struct pal_str id, struct pal_str language, struct pal_template *ret)
{
	(void)self;
	if (!pal_str_equal(tenant, PAL_STR("acme")) || !pal_str_equal(id, PAL_STR("greeting")) ||
	    !pal_str_equal(language, PAL_STR("de")))
		return false;
	ret->text = PAL_STR("Moin \"Kunde\"");
	return true;
}

static const struct pal_template_source acme = {find_acme};

static enum pal_content_type sent_as;	/* how the message came */

static enum pal_code reply_to(const struct pal_template_source *source, const char *tenant,
			      const char *intent, const char *language, struct pal_arena *arena,
			      struct pal_respond_result *ret)
{
	struct pal_rules_responder rules = pal_rules_responder_of(source);
	struct pal_process_result analysis = {
		.success = true,
		.intent = {pal_str(intent), 0.7},
		.language = pal_str(language),
	};
	struct pal_process_context context = {.tenant_id = pal_str(tenant)};
	struct pal_content content = {.type = sent_as, .text = PAL_STR("x")};
	struct pal_respond_input input = {
		.content = &content, .analysis = &analysis, .context = &context};

	return pal_respond(&rules.base, &input, arena, ret, NULL);
}

static void check_reply(const struct pal_template_source *source, const char *tenant,
			const char *intent, const char *language, const char *want_id,
			const char *want_language)
{
	struct pal_arena arena = {0};
	struct pal_respond_result result;

	CU_ASSERT_EQUAL_FATAL(reply_to(source, tenant, intent, language, &arena, &result), PAL_OK);
	CU_ASSERT_EQUAL(result.kind, PAL_RESPOND_REPLY);
	CU_ASSERT_TRUE(pal_str_equal(result.template_used, pal_str(want_id)));
	CU_ASSERT_TRUE(pal_str_equal(result.content.language, pal_str(want_language)));
	CU_ASSERT_TRUE(pal_str_equal(result.model_provider, PAL_STR("internal")));
	CU_ASSERT_TRUE(pal_str_equal(result.model_name, PAL_STR("rule_based")));
	CU_ASSERT(result.content.text.n > 0);
	pal_arena_release(&arena);
}

TEST(every_intent_has_its_text_in_every_language)
{
	for (size_t i = 0; i < INTENTS; i++)
		for (size_t l = 0; l < LANGUAGES; l++)
			check_reply(NULL, "demo", intents[i], languages[l], intents[i],
				    languages[l]);
}

TEST(media_and_locations_are_answered_as_such_unless_words_say_more)
{
	static const char *const own[PAL_CONTENT_TYPE_COUNT] = {
		[PAL_CONTENT_TEXT] = "default",	      [PAL_CONTENT_IMAGE] = "media",
		[PAL_CONTENT_FILE] = "media",	      [PAL_CONTENT_AUDIO] = "media",
		[PAL_CONTENT_VIDEO] = "media",	      [PAL_CONTENT_LOCATION] = "location",
		[PAL_CONTENT_QUICK_REPLY] = "default", [PAL_CONTENT_CAROUSEL] = "default",
	};

	for (int type = 0; type < PAL_CONTENT_TYPE_COUNT; type++) {
		sent_as = (enum pal_content_type)type;
		for (size_t l = 0; l < LANGUAGES; l++) {
			check_reply(NULL, "demo", "default", languages[l], own[type], languages[l]);
			check_reply(NULL, "demo", "support", languages[l], "support", languages[l]);
		}
		check_reply(NULL, "demo", "default", "sv", own[type], "en");
	}
	sent_as = PAL_CONTENT_TEXT;
}

TEST(a_language_without_templates_is_answered_in_english)
{
	check_reply(NULL, "demo", "support", "sv", "support", "en");
	check_reply(NULL, "demo", "support", "", "support", "en");
}

TEST(an_intent_without_template_is_answered_by_the_default_one)
{
	check_reply(NULL, "demo", "complaint", "fr", "default", "fr");
	check_reply(NULL, "demo", "complaint", "sv", "default", "en");
}

TEST(a_tenants_wording_wins_only_where_it_has_one)
{
	struct pal_arena arena = {0};
	struct pal_respond_result result;

	CU_ASSERT_EQUAL_FATAL(reply_to(&acme, "acme", "greeting", "de", &arena, &result), PAL_OK);
	CU_ASSERT_TRUE(pal_str_equal(result.content.text, PAL_STR("Moin \"Kunde\"")));
	CU_ASSERT_TRUE(pal_str_equal(result.content.raw,
				     PAL_STR("{\"type\":\"text\",\"text\":\"Moin \\\"Kunde\\\"\","
					     "\"language\":\"de\"}")));
	pal_arena_release(&arena);

	CU_ASSERT_EQUAL_FATAL(reply_to(&acme, "other", "greeting", "de", &arena, &result), PAL_OK);
	CU_ASSERT_FALSE(pal_str_equal(result.content.text, PAL_STR("Moin \"Kunde\"")));
	pal_arena_release(&arena);
	check_reply(&acme, "acme", "greeting", "fr", "greeting", "fr");
	check_reply(&acme, "acme", "support", "de", "support", "de");
}

TEST(the_json_of_every_shipped_template_says_what_the_template_says)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_json_fault fault;

	CU_ASSERT_PTR_NOT_NULL_FATAL(json);
	for (size_t i = 0; i < IDS * LANGUAGES; i++) {
		struct pal_template t = {0};
		struct pal_arena arena = {0};
		CU_ASSERT_TRUE_FATAL(pal_template_shipped(pal_str(ids[i / LANGUAGES]),
							  pal_str(languages[i % LANGUAGES]), &t));
		CU_ASSERT_TRUE_FATAL(pal_json_scan(json, t.raw, &fault));
		uint32_t text = pal_json_member(json, 0, PAL_STR("text"));
		uint32_t language = pal_json_member(json, 0, PAL_STR("language"));
		CU_ASSERT_TRUE(pal_str_equal(pal_json_string(json, text, &arena), t.text));
		CU_ASSERT_TRUE(pal_str_equal(pal_json_string(json, language, &arena), t.language));
		pal_arena_release(&arena);
	}
	free(json);
}

SUITE(rules, CASE(every_intent_has_its_text_in_every_language),
      CASE(media_and_locations_are_answered_as_such_unless_words_say_more),
      CASE(a_language_without_templates_is_answered_in_english),
      CASE(an_intent_without_template_is_answered_by_the_default_one),
      CASE(a_tenants_wording_wins_only_where_it_has_one),
      CASE(the_json_of_every_shipped_template_says_what_the_template_says))
