/* SPDX-License-Identifier: Apache-2.0 */
#include "process/analysis.h"

#include <stdio.h>

#include "analysed.h"
#include "suite.h"

static void check_json(const char *text, const char *want)
{
	struct analysed *a = analyse(text);
	struct pal_buf out = pal_buf_of(0);

	pal_process_write_analysis(&out, &a->result);
	CHECK_STR(plain(pal_buf_str(&out)), want);
	pal_buf_deinit(&out);
	analysed_free(a);
}

TEST(the_stored_form_has_the_fields_of_the_specification)
{
	check_json("Hello, I would like to check the status of my order 4711 please",
		   "{\"entities\":{\"numbers\":[\"4711\"],\"intent\":[\"order_inquiry\"]},"
		   "\"detected_language\":\"en\",\"language_confidence\":0.81,"
		   "\"content_categories\":[\"business\"],\"quality_score\":1,\"safety_flags\":[],"
		   "\"intent\":{\"name\":\"order_inquiry\",\"confidence\":0.7},"
		   "\"keywords\":[\"check\",\"status\",\"order\"],"
		   "\"sentiment\":{\"score\":0,\"label\":\"neutral\",\"confidence\":0.1},"
		   "\"statistics\":{\"word_count\":13,\"character_count\":63,\"sentence_count\":1,"
		   "\"paragraph_count\":1,\"readability\":\"medium\"}}");
}

TEST(moderation_and_privacy_are_there_only_when_needed)
{
	check_json("terrible!!! a@b.cd",
		   "{\"entities\":{\"emails\":[\"a@b.cd\"]},"
		   "\"detected_language\":null,\"language_confidence\":null,"
		   "\"content_categories\":[\"contact_information\"],\"quality_score\":0.7,"
		   "\"safety_flags\":[\"excessive_punctuation\"],"
		   "\"intent\":{\"name\":\"default\",\"confidence\":0.3},"
		   "\"keywords\":[\"terrible\"],"
		   "\"sentiment\":{\"score\":-0.5,\"label\":\"negative\",\"confidence\":0.9},"
		   "\"statistics\":{\"word_count\":2,\"character_count\":18,\"sentence_count\":3,"
		   "\"paragraph_count\":1,\"readability\":\"easy\"},"
		   "\"moderation\":{\"flagged\":true,\"auto_moderated\":false,\"review\":[\"excessive_punctuation\"],\"block\":[]},"
		   "\"privacy\":{\"contains_pii\":true,\"pii_types\":[\"email\"],"
		   "\"masked_content\":\"terrible!!! [EMAIL]\"}}");
}

TEST(ratios_are_written_with_four_decimals_at_most)
{
	static const struct {
		double value;
		const char *want;
	} rows[] = {
		{0, "0"},	   {1, "1"},	   {-1, "-1"},	     {0.5, "0.5"},
		{0.05, "0.05"},	   {0.0625, "0.0625"}, {1.0 / 3, "0.3333"}, {-2.0 / 3, "-0.6667"},
		{0.99996, "1"},	   {0.00004, "0"}, {-0.00004, "0"},  {0.1, "0.1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_process_result result = {.sentiment.score = rows[i].value};
		struct pal_buf out = pal_buf_of(0);
		char want[64];
		snprintf(want, sizeof(want), "\"score\":%s,", rows[i].want);
		pal_process_write_analysis(&out, &result);
		CU_ASSERT_PTR_NOT_NULL(strstr(plain(pal_buf_str(&out)), want));
		pal_buf_deinit(&out);
	}
}

TEST(entities_of_nothing_are_an_empty_object)
{
	struct pal_process_result result = {.success = true};
	struct pal_buf out = pal_buf_of(0);

	pal_process_write_entities(&out, &result);
	CHECK_STR(plain(pal_buf_str(&out)), "{}");
	pal_buf_deinit(&out);
}

SUITE(analysis, CASE(the_stored_form_has_the_fields_of_the_specification),
      CASE(moderation_and_privacy_are_there_only_when_needed),
      CASE(ratios_are_written_with_four_decimals_at_most),
      CASE(entities_of_nothing_are_an_empty_object))
