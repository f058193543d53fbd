/* SPDX-License-Identifier: Apache-2.0 */
#include "process/analysis.h"

#include "base/json.h"

static const struct {
	const char *text;	/* "key":, ready to append */
	size_t len;
} entity_keys[PAL_ENTITY_COUNT] = {
#define X(id, key) [id] = {"\"" key "\":", sizeof("\"" key "\":") - 1},
	PAL_ENTITIES(X)
#undef X
};

struct bit_name {
	uint32_t bit;
	const char *name;
};

static const struct bit_name safety_names[] = {
#define X(id, bit, name) {id, name},
	PAL_SAFETY_FLAGS(X)
#undef X
	{0, NULL},
};

static const struct bit_name pii_names[] = {
#define X(id, bit, name) {id, name},
	PAL_PII_TYPES(X)
#undef X
	{0, NULL},
};

/*
 * Four decimals are more than any of these figures is worth; -1 to 1 needs no more room than this.
 */
static void put_ratio(struct pal_buf *out, double v)
{
	char text[8] = "0.";
	int digits = 5;
	unsigned scaled = (unsigned)((v < 0 ? -v : v) * 10000 + 0.5);

	if (v < 0 && scaled > 0)
		pal_buf_add_char(out, '-');
	if (scaled >= 10000) {
		pal_buf_add_char(out, '1');
		return;
	}
	for (int i = 5; i >= 2; i--, scaled /= 10)
		text[i] = (char)('0' + scaled % 10);
	while (digits > 1 && text[digits] == '0')
		digits--;
	pal_buf_add(out, text, digits == 1 ? 1 : (size_t)digits + 1);
}

static void put_list(struct pal_buf *out, struct pal_str_list list)
{
	pal_buf_add_char(out, '[');
	for (size_t i = 0; i < list.count; i++) {
		if (i > 0)
			pal_buf_add_char(out, ',');
		pal_json_put_string(out, list.item[i]);
	}
	pal_buf_add_char(out, ']');
}

static void put_bits(struct pal_buf *out, uint32_t bits, const struct bit_name *names)
{
	pal_buf_add_char(out, '[');
	for (bool is_first = true; names->name; names++) {
		if (!(bits & names->bit))
			continue;
		if (!is_first)
			pal_buf_add_char(out, ',');
		is_first = false;
		pal_json_put_string(out, pal_str(names->name));
	}
	pal_buf_add_char(out, ']');
}

static void put_media(struct pal_buf *out, const struct pal_media *media, bool is_first)
{
	pal_buf_add(out, ",", is_first ? 0 : 1);
	pal_buf_addf(out, "\"media\":{\"type\":\"%s\",\"url\":",
		     pal_media_type_get(media->type)->name);
	pal_json_put_string(out, media->url);
	pal_buf_addf(out, ",\"size_bytes\":%lld", (long long)media->size_bytes);
	if (media->filename.p) {
		pal_buf_add_lit(out, ",\"filename\":");
		pal_json_put_string(out, media->filename);
	}
	pal_buf_add_char(out, '}');
}

static void put_location(struct pal_buf *out, const struct pal_location *location, bool is_first)
{
	pal_buf_add(out, ",", is_first ? 0 : 1);
	pal_buf_add_lit(out, "\"location\":{\"latitude\":");
	pal_json_put_double(out, location->latitude);
	pal_buf_add_lit(out, ",\"longitude\":");
	pal_json_put_double(out, location->longitude);
	if (location->accuracy_m >= 0)
		pal_buf_addf(out, ",\"accuracy\":%lld", (long long)location->accuracy_m);
	if (location->address.n) {
		pal_buf_add_lit(out, ",\"address\":");
		pal_json_put_string(out, location->address);
	}
	pal_buf_add_char(out, '}');
}

void pal_process_write_entities(struct pal_buf *out, const struct pal_process_result *result)
{
	bool is_first = true;

	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < PAL_ENTITY_COUNT; i++) {
		if (result->entities[i].count == 0)
			continue;
		if (!is_first)
			pal_buf_add_char(out, ',');
		is_first = false;
		pal_buf_add(out, entity_keys[i].text, entity_keys[i].len);
		put_list(out, result->entities[i]);
	}
	if (result->media)
		put_media(out, result->media, is_first);
	if (result->location)
		put_location(out, result->location, is_first && !result->media);
	pal_buf_add_char(out, '}');
}

static void put_language(struct pal_buf *out, const struct pal_process_result *result)
{
	if (!result->detected_language.p) {
		pal_buf_add_lit(out, ",\"detected_language\":null,\"language_confidence\":null");
		return;
	}
	pal_buf_add_lit(out, ",\"detected_language\":");
	pal_json_put_string(out, result->detected_language);
	pal_buf_add_lit(out, ",\"language_confidence\":");
	put_ratio(out, result->language_confidence);
}

static void put_sentiment(struct pal_buf *out, const struct pal_sentiment *sentiment)
{
	static const char *const labels[] = {
		[PAL_SENTIMENT_NEUTRAL] = "neutral",
		[PAL_SENTIMENT_POSITIVE] = "positive",
		[PAL_SENTIMENT_NEGATIVE] = "negative",
	};

	pal_buf_add_lit(out, ",\"sentiment\":{\"score\":");
	put_ratio(out, sentiment->score);
	pal_buf_add_lit(out, ",\"label\":\"");
	pal_buf_add_str(out, pal_str(labels[sentiment->label]));
	pal_buf_add_lit(out, "\",\"confidence\":");
	put_ratio(out, sentiment->confidence);
	pal_buf_add_char(out, '}');
}

static void put_statistics(struct pal_buf *out, const struct pal_statistics *statistics)
{
	static const struct pal_str readability[] = {
		[PAL_READ_EASY] = {"easy", 4},
		[PAL_READ_MEDIUM] = {"medium", 6},
		[PAL_READ_DIFFICULT] = {"difficult", 9},
	};

	pal_buf_add_lit(out, ",\"statistics\":{\"word_count\":");
	pal_buf_add_u64(out, statistics->words);
	pal_buf_add_lit(out, ",\"character_count\":");
	pal_buf_add_u64(out, statistics->characters);
	pal_buf_add_lit(out, ",\"sentence_count\":");
	pal_buf_add_u64(out, statistics->sentences);
	pal_buf_add_lit(out, ",\"paragraph_count\":");
	pal_buf_add_u64(out, statistics->paragraphs);
	pal_buf_add_lit(out, ",\"readability\":\"");
	pal_buf_add_str(out, readability[statistics->readability]);
	pal_buf_add_lit(out, "\"}");
}

/* What is found in content that is more than a text. */
static void put_rich(struct pal_buf *out, const struct pal_process_result *result)
{
	pal_buf_add_lit(out, ",\"content_tags\":");
	put_list(out, result->tags);
	pal_buf_add_lit(out, ",\"content_topics\":");
	put_list(out, result->topics);
	pal_buf_add_lit(out, ",\"extracted_data\":");
	pal_buf_add_str(out, result->extracted);
	pal_buf_add_lit(out, ",\"normalized_content\":");
	pal_buf_add_str(out, result->normalized_content);
	pal_buf_add_lit(out, ",\"validation_score\":");
	put_ratio(out, result->validation_score);
}

static void put_moderation(struct pal_buf *out, const struct pal_process_result *result)
{
	pal_buf_add_lit(out, ",\"moderation\":{\"flagged\":true,\"auto_moderated\":");
	pal_buf_add_str(out, result->blocking_flags ? PAL_STR("true") : PAL_STR("false"));
	pal_buf_add_lit(out, ",\"review\":");
	put_bits(out, result->review_flags, safety_names);
	pal_buf_add_lit(out, ",\"block\":");
	put_bits(out, result->blocking_flags, safety_names);
	pal_buf_add_char(out, '}');
}

static void put_privacy(struct pal_buf *out, const struct pal_process_result *result)
{
	pal_buf_add_lit(out, ",\"privacy\":{\"contains_pii\":true,\"pii_types\":");
	put_bits(out, result->pii_types, pii_names);
	pal_buf_add_lit(out, ",\"masked_content\":");
	pal_json_put_string(out, result->masked_text);
	pal_buf_add_char(out, '}');
}

void pal_process_write_analysis(struct pal_buf *out, const struct pal_process_result *result)
{
	pal_buf_add_lit(out, "{\"entities\":");
	pal_process_write_entities(out, result);
	put_language(out, result);
	pal_buf_add_lit(out, ",\"content_categories\":");
	put_list(out, result->categories);
	pal_buf_add_lit(out, ",\"quality_score\":");
	put_ratio(out, result->quality_score);
	pal_buf_add_lit(out, ",\"safety_flags\":");
	put_bits(out, result->safety_flags, safety_names);
	pal_buf_add_lit(out, ",\"intent\":{\"name\":");
	pal_json_put_string(out, result->intent.name);
	pal_buf_add_lit(out, ",\"confidence\":");
	put_ratio(out, result->intent.confidence);
	pal_buf_add_lit(out, "},\"keywords\":");
	put_list(out, result->keywords);
	put_sentiment(out, &result->sentiment);
	if (result->statistics.words)
		put_statistics(out, &result->statistics);
	if (result->extracted.p)
		put_rich(out, result);
	if (result->safety_flags)
		put_moderation(out, result);
	if (result->pii_types)
		put_privacy(out, result);
	pal_buf_add_char(out, '}');
}
