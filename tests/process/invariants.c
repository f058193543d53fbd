/* SPDX-License-Identifier: Apache-2.0 */
#include "invariants.h"

#include <stdlib.h>

#include "base/json.h"
#include "process/analysis.h"
#include "process/process.h"

static const struct pal_process_context builtin = {.language_mode = PAL_LANGUAGE_BUILTIN};

static enum pal_code process(struct pal_str text, struct pal_arena *arena,
			     struct pal_process_result *ret)
{
	struct pal_content content = {.type = PAL_CONTENT_TEXT, .text = text};

	return pal_process(&content, &builtin, arena, ret, NULL);
}

static const char *check_list(struct pal_str_list list, size_t max)
{
	size_t points;

	if (list.count > max)
		return "a list is longer than its cap";
	for (size_t i = 0; i < list.count; i++) {
		if (list.item[i].n == 0)
			return "an item is empty";
		if (!pal_utf8_count(list.item[i], &points))
			return "an item is not UTF-8";
		for (size_t k = 0; k < i; k++)
			if (pal_str_equal(list.item[i], list.item[k]))
				return "an item is listed twice";
	}
	return NULL;
}

static const char *check_lists(const struct pal_process_result *r)
{
	const char *broken = check_list(r->keywords, PAL_KEYWORDS_MAX);

	if (!broken)
		broken = check_list(r->tags, PAL_TAGS_MAX);
	if (!broken)
		broken = check_list(r->categories, 8);
	for (size_t i = 0; !broken && i < PAL_ENTITY_COUNT; i++)
		broken = check_list(r->entities[i], PAL_ENTITY_ITEMS_MAX);
	return broken;
}

static const char *check_entities_stand_in_the_text(const struct pal_process_result *r)
{
	struct pal_str text = r->normalized_text;

	for (size_t kind = 0; kind < PAL_ENTITY_INTENT; kind++) {
		if (kind == PAL_ENTITY_EMAILS)	/* lower-cased */
			continue;
		for (size_t i = 0; i < r->entities[kind].count; i++) {
			struct pal_str item = r->entities[kind].item[i];
			if (!memmem(text.p, text.n, item.p, item.n))
				return "an entity is not in the text";
		}
	}
	return NULL;
}

static const char *check_figures(const struct pal_process_result *r)
{
	if (r->quality_score < 0.5 || r->quality_score > 1)
		return "quality out of range";
	if (r->sentiment.score < -1 || r->sentiment.score > 1 || r->sentiment.confidence < 0.1 ||
	    r->sentiment.confidence > 0.9)
		return "sentiment out of range";
	if (r->intent.confidence < 0.3 || r->intent.confidence > 0.9 || r->intent.name.n == 0)
		return "intent out of range";
	if (r->detected_language.p &&
	    (r->language_confidence < 0.3 || r->language_confidence > 0.95))
		return "language confidence out of range";
	if (r->language.n != 2)
		return "no language to answer in";
	if (r->safety_flags != (r->review_flags | r->blocking_flags))
		return "flags are neither for review nor blocking";
	if (r->statistics.words == 0 || r->statistics.characters == 0 ||
	    r->statistics.paragraphs == 0)
		return "statistics of nothing";
	return NULL;
}

static const char *check_mask(const struct pal_process_result *r)
{
	struct pal_arena arena = {0};
	struct pal_process_result again;
	size_t points;
	const char *broken = NULL;

	if (!pal_utf8_count(r->normalized_text, &points) || points != r->statistics.characters)
		broken = "the normalised text is not UTF-8 or miscounted";
	else if (!pal_utf8_count(r->masked_text, &points))
		broken = "the masked text is not UTF-8";
	else if (process(r->masked_text, &arena, &again) != PAL_OK || !again.success)
		broken = "the masked text cannot be processed";
	else if (again.pii_types)
		broken = "personal data is left in the masked text";
	else if (!r->pii_types && r->masked_text.p != r->normalized_text.p)
		broken = "text without personal data was masked";
	pal_arena_release(&arena);
	return broken;
}

static const char *check_json(const struct pal_process_result *r)
{
	struct pal_json *json = malloc(sizeof(*json));
	struct pal_json_fault fault = {0};
	struct pal_buf out = pal_buf_of(0);
	const char *broken = NULL;

	pal_process_write_analysis(&out, r);
	if (!json || out.failed)
		broken = "out of memory";
	else if (!pal_json_scan(json, pal_buf_str(&out), &fault))
		broken = fault.why;
	pal_buf_deinit(&out);
	free(json);
	return broken;
}

const char *broken_invariant(struct pal_str text)
{
	struct pal_arena arena = {0};
	struct pal_process_result r;
	const char *broken = NULL;
	size_t points;

	if (process(text, &arena, &r) != PAL_OK)
		broken = "out of memory";
	/* The schema lets only UTF-8 through; other bytes must do no harm, but promise nothing. */
	else if (r.success && pal_utf8_count(text, &points)) {
		broken = check_lists(&r);
		if (!broken)
			broken = check_entities_stand_in_the_text(&r);
		if (!broken)
			broken = check_figures(&r);
		if (!broken)
			broken = check_mask(&r);
		if (!broken)
			broken = check_json(&r);
	} else if (!r.success && r.errors.count == 0) {
		broken = "a refusal without a reason";
	}
	pal_arena_release(&arena);
	return broken;
}
