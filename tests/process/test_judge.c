/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/judge.h"

#include <stdio.h>

#include "analysed.h"
#include "suite.h"

TEST(statistics_count_what_the_specification_says)
{
	static const struct {
		const char *text;
		uint32_t words, characters, sentences, paragraphs;
		enum pal_readability readability;
	} rows[] = {
		{"One two.", 2, 8, 1, 1, PAL_READ_EASY},
		{"One two. Three? Four!! Five", 5, 27, 4, 1, PAL_READ_EASY},
		{"...", 1, 3, 0, 1, PAL_READ_EASY},
		{"Grüße 你好", 2, 8, 1, 1, PAL_READ_EASY},
		{"a\nb\n\nc\n\n\nd", 4, 10, 1, 3, PAL_READ_EASY},
		{"1 2 3 4 5 6 7 8 9", 9, 17, 1, 1, PAL_READ_EASY},
		{"1 2 3 4 5 6 7 8 9 0", 10, 19, 1, 1, PAL_READ_MEDIUM},
		{"1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9", 19, 37, 1, 1, PAL_READ_MEDIUM},
		{"1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0", 20, 39, 1, 1, PAL_READ_DIFFICULT},
		{"wait - what", 3, 11, 1, 1, PAL_READ_EASY},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		const struct pal_statistics *s = &a->result.statistics;
		CU_ASSERT_EQUAL(s->words, rows[i].words);
		CU_ASSERT_EQUAL(s->characters, rows[i].characters);
		CU_ASSERT_EQUAL(s->sentences, rows[i].sentences);
		CU_ASSERT_EQUAL(s->paragraphs, rows[i].paragraphs);
		CU_ASSERT_EQUAL(s->readability, rows[i].readability);
		analysed_free(a);
	}
}

TEST(quality_adds_length_words_and_calm)
{
	static const struct {
		const char *text;
		double want;
	} rows[] = {
		{"short", 0.6},
		{"0123456789", 0.6},
		{"01234567890", 0.8},
		{"a b c d e f", 1.0},
		{"a b c d e", 0.6},
		{"short!@#", 0.5},
		{"short!! @#", 0.6},
		{"a b c d e f ***", 0.9},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		CU_ASSERT_EQUAL(a->result.quality_score, rows[i].want);
		analysed_free(a);
	}
}

TEST(b69_b70_safety_flags_are_raised_once_and_only_for_cause)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"this is spam, a scam and fraud", "potential_spam"},
		{"Phishing!", "potential_spam"},
		/* B69: whole words */
		{"scampi and spammy unfraudulent", ""},
		{"AAAAA BBBBB CCCCC DDDDD", "excessive_caps"},
		{"AAAAA BBBBB CCCCC", ""},
		{"AAAA BBBB CCCC DDDD EEEE", ""},
		{"AAAAABBBBBCCCCCDDDDD", ""},
		{"ÄÄÄÄÄ ÖÖÖÖÖ ЖЖЖЖЖ ΩΩΩΩΩ", "excessive_caps"},
		{"wow!!!", "excessive_punctuation"},
		{"wow!! wow!! !! ?!?!", ""},
		{"123-45-6789", "potential_pii|potential_pii_ssn"},
		{"my ssn is 123-45-6789, again 123-45-6789", "potential_pii|potential_pii_ssn"},
		{"1123-45-6789", ""},
		{"123-45-67890", ""},
		{"1-123-45-6789", ""},
		{"123-45-6789-1", ""},
		/* B70: cards have 13 to 19 digits and Luhn's sum */
		{"4111 1111 1111 1111", "potential_pii|potential_pii_credit_card"},
		{"4111-1111-1111-1111", "potential_pii|potential_pii_credit_card"},
		{"4111111111111111", "potential_pii|potential_pii_credit_card"},
		{"378282246310005", "potential_pii|potential_pii_credit_card"},
		{"4222222222222", "potential_pii|potential_pii_credit_card"},
		{"4111 1111 1111 1111 12/27", "potential_pii|potential_pii_credit_card"},
		{"5 4111 1111 1111 1111", "potential_pii|potential_pii_credit_card"},
		{"4111 1111 1111 1112", ""},
		{"1234567890123456", ""},
		{"411111111111", ""},
		{"4111  1111 1111 1111", "potential_pii|potential_pii_credit_card"},
		{"4111\n1111\n1111\n1111", ""},
		{"x4111111111111111", ""},
		{"SPAM!!! 123-45-6789 4111111111111111",
		 "potential_spam|excessive_punctuation|potential_pii|potential_pii_ssn|"
		 "potential_pii_credit_card"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		if (strcmp(flags_of(a->result.safety_flags), rows[i].want) != 0)
			printf("# \"%s\": %s\n", rows[i].text, flags_of(a->result.safety_flags));
		CHECK_STR(flags_of(a->result.safety_flags), rows[i].want);
		CU_ASSERT_EQUAL(a->result.review_flags, a->result.safety_flags);
		CU_ASSERT_EQUAL(a->result.blocking_flags, 0);
		analysed_free(a);
	}
}

TEST(the_tenant_says_which_flags_block)
{
	struct pal_process_context context = {
		.language_mode = PAL_LANGUAGE_BUILTIN,
		.blocking_flags = PAL_SAFETY_SPAM | PAL_SAFETY_CAPS,
	};
	struct analysed *a = analyse_with(PAL_STR("spam!!!"), &context);

	CHECK_STR(flags_of(a->result.blocking_flags), "potential_spam");
	CHECK_STR(flags_of(a->result.review_flags), "excessive_punctuation");
	CHECK_STR(flags_of(a->result.safety_flags), "potential_spam|excessive_punctuation");
	analysed_free(a);
}

TEST(sentiment_is_hits_by_words)
{
	static const struct {
		const char *text;
		double score, confidence;
		enum pal_sentiment_label label;
	} rows[] = {
		{"good", 1.0, 0.9, PAL_SENTIMENT_POSITIVE},
		{"great service, excellent food", 0.5, 0.9, PAL_SENTIMENT_POSITIVE},
		{"this is terrible", -1.0 / 3, 2.0 / 3 + 0.1, PAL_SENTIMENT_NEGATIVE},
		{"good and bad", 0, 0.1, PAL_SENTIMENT_NEUTRAL},
		{"one two three four five six seven eight nine good", 0.1, 0.3,
		 PAL_SENTIMENT_NEUTRAL},
		{"one two three four five six seven eight good", 1.0 / 9, 2.0 / 9 + 0.1,
		 PAL_SENTIMENT_POSITIVE},
		{"a plain question", 0, 0.1, PAL_SENTIMENT_NEUTRAL},
		{"goodness badge", 0, 0.1, PAL_SENTIMENT_NEUTRAL},
		{"good,good,good", 1.0, 0.9, PAL_SENTIMENT_POSITIVE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		CU_ASSERT_DOUBLE_EQUAL(a->result.sentiment.score, rows[i].score, 1e-9);
		CU_ASSERT_DOUBLE_EQUAL(a->result.sentiment.confidence, rows[i].confidence, 1e-9);
		CU_ASSERT_EQUAL(a->result.sentiment.label, rows[i].label);
		analysed_free(a);
	}
}

TEST(b69_categories_go_by_whole_words_and_by_what_was_found)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"the price of this order", "business"},
		{"I have a question about the error", "support"},
		{"api and database", "technical"},
		{"please answer ASAP", "urgent"},
		{"mail a@b.cd", "contact_information"},
		{"call 555-123-4567", "contact_information"},
		{"see https://example.com", "web_content"},
		{"it was $5", "financial"},
		{"on 2026-11-23", "scheduling"},
		{"urgent: payment error, system down, $5, 1/2/2026, http://x.y, a@b.cd",
		 "business|support|technical|urgent|contact_information|web_content|financial|"
		 "scheduling"},
		/* B69 */
		{"border, costume, helper, apiary, buyer", ""},
		{"http://order.example/help", "web_content"},
		{"hello", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct analysed *a = analyse(rows[i].text);
		CHECK_STR(joined(a->result.categories), rows[i].want);
		analysed_free(a);
	}
}

SUITE(judge, CASE(statistics_count_what_the_specification_says),
      CASE(quality_adds_length_words_and_calm),
      CASE(b69_b70_safety_flags_are_raised_once_and_only_for_cause),
      CASE(the_tenant_says_which_flags_block), CASE(sentiment_is_hits_by_words),
      CASE(b69_categories_go_by_whole_words_and_by_what_was_found))
