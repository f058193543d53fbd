/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/judge.h"

#define EASY_BELOW 10.0		/* words a sentence */
#define MEDIUM_BELOW 20.0
#define QUALITY_POINTS 10u
#define QUALITY_WORDS 5u
#define CAPS_RUNS_MAX 3u
#define SENTIMENT_THRESHOLD 0.1
#define SENTIMENT_CONFIDENCE_MAX 0.9

struct pal_statistics pal_judge_statistics(const struct pal_scan *scan)
{
	struct pal_statistics statistics = {
		.words = scan->words,
		.characters = scan->points,
		.sentences = scan->sentences,
		.paragraphs = scan->paragraphs,
		.readability = PAL_READ_DIFFICULT,
	};
	/* "!!!" is no sentence, yet it has a word. */
	double per_sentence = (double)scan->words / (scan->sentences ? scan->sentences : 1);

	if (per_sentence < EASY_BELOW)
		statistics.readability = PAL_READ_EASY;
	else if (per_sentence < MEDIUM_BELOW)
		statistics.readability = PAL_READ_MEDIUM;
	return statistics;
}

double pal_judge_quality(const struct pal_scan *scan)
{
	/* In tenths: sums of 0.1 and 0.2 would miss 1.0 by a rounding error. */
	unsigned tenths = 5;

	if (scan->points > QUALITY_POINTS)
		tenths += 2;
	if (scan->words > QUALITY_WORDS)
		tenths += 2;
	if (!scan->has_special_run)
		tenths += 1;
	return tenths / 10.0;
}

struct pal_sentiment pal_judge_sentiment(const struct pal_scan *scan)
{
	double words = scan->words ? scan->words : 1;
	double score = ((double)scan->positive - (double)scan->negative) / words;
	enum pal_sentiment_label label = PAL_SENTIMENT_NEUTRAL;

	if (score > 1)
		score = 1;
	if (score < -1)
		score = -1;
	double confidence = 2 * (score < 0 ? -score : score) + 0.1;
	if (confidence > SENTIMENT_CONFIDENCE_MAX)
		confidence = SENTIMENT_CONFIDENCE_MAX;
	if (score > SENTIMENT_THRESHOLD)
		label = PAL_SENTIMENT_POSITIVE;
	if (score < -SENTIMENT_THRESHOLD)
		label = PAL_SENTIMENT_NEGATIVE;
	return (struct pal_sentiment){score, label, confidence};
}

uint32_t pal_judge_pii(const struct pal_findings *found)
{
	uint32_t pii = 0;

	for (size_t i = 0; i < found->links.count; i++)
		pii |= found->links.item[i].pii;
	for (size_t i = 0; i < found->numbers.count; i++)
		pii |= found->numbers.item[i].pii;
	return pii;
}

uint32_t pal_judge_safety(const struct pal_scan *scan, uint32_t pii)
{
	uint32_t flags = 0;

	if (scan->roles & PAL_LEXEME_SPAM)
		flags |= PAL_SAFETY_SPAM;
	if (scan->caps_runs > CAPS_RUNS_MAX)
		flags |= PAL_SAFETY_CAPS;
	if (scan->has_bang_run)
		flags |= PAL_SAFETY_PUNCTUATION;
	if (pii & PAL_PII_SSN)
		flags |= PAL_SAFETY_PII | PAL_SAFETY_PII_SSN;
	if (pii & PAL_PII_CARD)
		flags |= PAL_SAFETY_PII | PAL_SAFETY_PII_CARD;
	return flags;
}

size_t pal_judge_categories(const struct pal_scan *scan, const struct pal_findings *found,
			    struct pal_str *ret)
{
	const struct pal_finding_list *list = found->list;
	const struct {
		struct pal_str name;
		bool holds;
	} rules[PAL_CATEGORIES_MAX] = {
		{PAL_STR("business"), scan->roles & PAL_LEXEME_BUSINESS},
		{PAL_STR("support"), scan->roles & PAL_LEXEME_SUPPORT},
		{PAL_STR("technical"), scan->roles & PAL_LEXEME_TECHNICAL},
		{PAL_STR("urgent"), scan->roles & PAL_LEXEME_URGENT},
		{PAL_STR("contact_information"),
		 list[PAL_ENTITY_EMAILS].count || list[PAL_ENTITY_PHONES].count},
		{PAL_STR("web_content"), list[PAL_ENTITY_URLS].count},
		{PAL_STR("financial"), list[PAL_ENTITY_MONEY].count},
		{PAL_STR("scheduling"), list[PAL_ENTITY_DATES].count},
	};
	size_t count = 0;

	for (size_t i = 0; i < PAL_CATEGORIES_MAX; i++)
		if (rules[i].holds)
			ret[count++] = rules[i].name;
	return count;
}
