/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalise; find links; scan the words once; find what digits say; then judge. Everything works on
 * the normalised text with its line breaks: for every rule a break is a blank like any other, so
 * the collapsed form of the specification gives the same answers, but a line break ends a phone
 * number.
 */
#include "process/text/text.h"

#include "process/lists.h"
#include "process/text/digits.h"
#include "process/text/intent.h"
#include "process/text/judge.h"
#include "process/text/keywords.h"
#include "process/text/language.h"
#include "process/text/links.h"
#include "process/text/markup.h"
#include "process/text/normalise.h"
#include "process/text/scan.h"

#define ORDER_DIGITS 6u
#define TOO_LONG PAL_STR("the text is longer than 10000 characters")

static struct pal_order_shape order_shape(const struct pal_process_context *context)
{
	return (struct pal_order_shape){
		context->order_prefix.p ? context->order_prefix : PAL_STR("ORD"),
		context->order_digits ? context->order_digits : ORDER_DIGITS,
	};
}

/* Detected, else what the message or the conversation is said to be in (domain.md section 4.2). */
static void set_language(const struct pal_content *content,
			 const struct pal_process_context *context,
			 struct pal_language_guess guess, struct pal_process_result *ret)
{
	ret->detected_language = guess.code;
	ret->language_confidence = guess.confidence;
	ret->language = guess.code;
	if (guess.confidence >= 0.5)
		return;
	if (content->language.p)
		ret->language = content->language;
	else if (!guess.code.p)
		ret->language = context->language.p ? context->language : PAL_STR("en");
}

static bool set_categories(const struct pal_scan *scan, const struct pal_findings *found,
			   struct pal_process_result *ret)
{
	struct pal_str *item = pal_arena_get(found->arena, PAL_CATEGORIES_MAX * sizeof(*item));

	if (!item)
		return false;
	ret->categories = (struct pal_str_list){item, pal_judge_categories(scan, found, item)};
	return true;
}

static void set_safety(const struct pal_scan *scan, const struct pal_process_context *context,
		       struct pal_process_result *ret)
{
	ret->safety_flags = pal_judge_safety(scan, ret->pii_types);
	ret->blocking_flags = ret->safety_flags & context->blocking_flags;
	ret->review_flags = ret->safety_flags & ~context->blocking_flags;
}

static void set_intent(const struct pal_scan *scan, struct pal_findings *found,
		       struct pal_process_result *ret)
{
	uint32_t hits = scan->hits;

	if (found->list[PAL_ENTITY_ORDER_NUMBERS].count)
		hits |= 1u << PAL_HIT_ORDER_NUMBER;
	ret->intent = pal_intent_decide(hits);
	if (hits)
		pal_findings_add(found, PAL_ENTITY_INTENT, ret->intent.name);
}

static bool analyse(const struct pal_content *content, const struct pal_process_context *context,
		    struct pal_findings *found, struct pal_scan *scan,
		    struct pal_process_result *ret)
{
	if (scan->has_digits)
		pal_digits_find(found, scan->first_digits, order_shape(context));
	ret->pii_types = pal_judge_pii(found);
	ret->masked_text = pal_findings_mask(found);
	set_language(content, context,
		     pal_language_detect(found->text, scan, context->language_mode), ret);
	set_intent(scan, found, ret);
	ret->statistics = pal_judge_statistics(scan);
	ret->quality_score = pal_judge_quality(scan);
	ret->sentiment = pal_judge_sentiment(scan);
	set_safety(scan, context, ret);
	if (!set_categories(scan, found, ret) ||
	    !pal_keywords_pick(scan, pal_language_voter(ret->language), found->arena,
			       &ret->keywords))
		return false;
	ret->tags = ret->keywords;
	if (ret->tags.count > PAL_TAGS_MAX)
		ret->tags.count = PAL_TAGS_MAX;
	pal_findings_publish(found, ret->entities);
	return !found->failed && ret->masked_text.p;
}

static struct pal_str normal_of(struct pal_str text, struct pal_arena *arena)
{
	text = pal_text_without_markup(text.p ? text : PAL_STR(""), arena);
	return text.p ? pal_text_normalise(text, arena) : text;
}

/* What holds of a content that has no text to judge. */
static void judge_silence(const struct pal_content *content,
			  const struct pal_process_context *context,
			  struct pal_process_result *ret)
{
	const struct pal_language_guess none = {.is_clear = true};

	set_language(content, context, none, ret);
	ret->normalized_text = ret->masked_text = PAL_STR("");
	ret->intent = pal_intent_decide(0);
	ret->sentiment.confidence = 0.1;
	ret->success = true;
}

enum pal_code pal_text_analyse(struct pal_str text, const struct pal_content *content,
			       const struct pal_process_context *context, struct pal_arena *arena,
			       struct pal_process_result *ret, struct pal_error *err)
{
	struct pal_findings found = {.arena = arena, .text = normal_of(text, arena)};
	struct pal_scan scan;

	if (!found.text.p)
		return pal_fail_memory(err, "processor.text");
	if (found.text.n == 0) {
		judge_silence(content, context, ret);
		return PAL_OK;
	}
	if (found.text.n > 4 * PAL_TEXT_ANALYSIS_POINTS_MAX)
		return pal_process_reject(ret, TOO_LONG, arena, err);
	pal_links_find(&found);
	if (found.failed || !pal_scan_text(&found, &scan))
		return pal_fail_memory(err, "processor.text");
	if (scan.points > PAL_TEXT_ANALYSIS_POINTS_MAX)
		return pal_process_reject(ret, TOO_LONG, arena, err);
	ret->normalized_text = found.text;
	if (!analyse(content, context, &found, &scan, ret))
		return pal_fail_memory(err, "processor.text");
	ret->success = true;
	return PAL_OK;
}

static enum pal_code process(const struct pal_content *content,
			     const struct pal_process_context *context, struct pal_arena *arena,
			     struct pal_process_result *ret, struct pal_error *err)
{
	enum pal_code code = pal_text_analyse(content->text, content, context, arena, ret, err);

	if (code != PAL_OK || !ret->success || ret->normalized_text.n)
		return code;
	*ret = (struct pal_process_result){.processor_version = ret->processor_version};
	return pal_process_reject(ret, PAL_STR("the text is blank"), arena, err);
}

const struct pal_processor pal_text_processor = {.name = "text", .process = process};
