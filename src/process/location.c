/* SPDX-License-Identifier: Apache-2.0 */
#include "process/location.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "process/lists.h"
#include "process/media_normal.h"
#include "process/text/text.h"

#define CATEGORIES_MAX 16u
#define NULL_ISLAND_DEGREES 0.001
#define TROPICS_DEGREES 23.5
#define POLAR_DEGREES 66.5

/* "web_location" and so on. */
static const struct pal_str channel_location[] = {
#define X(id, name) [id] = {name "_location", sizeof(name "_location") - 1},
	PAL_CHANNELS(X)
#undef X
};

struct judgement {
	unsigned decimals[2];		/* of latitude and longitude, without trailing zeros */
	unsigned fewest;
	bool is_null_island;
	struct pal_str precision, level;
	double score;
};

/* --- Judgements -------------------------------------------------------------------------------- */

/* Of degrees that have six at most. */
static unsigned decimals_of(double degrees)
{
	long long scaled = llround(fabs(degrees) * 1e6);
	unsigned decimals = 6;

	for (; decimals > 0 && scaled % 10 == 0; scaled /= 10)
		decimals--;
	return decimals;
}

static void judge_accuracy(int64_t accuracy_m, struct pal_str *name, double *level)
{
	static const struct {
		int64_t upto;
		struct pal_str name;
		double level;
	} steps[] = {
		{-1, {"medium", 6}, 0.6},	/* not given */
		{10, {"high", 4}, 0.9},
		{100, {"medium", 6}, 0.7},
		{1000, {"low", 3}, 0.5},
		{INT64_MAX, {"very_low", 8}, 0.3},
	};
	size_t i = 0;

	while (accuracy_m > steps[i].upto)
		i++;
	*name = steps[i].name;
	*level = steps[i].level;
}

static double channel_factor(enum pal_channel_type channel)
{
	static const double factors[PAL_CHANNEL_COUNT] = {
		[PAL_CHANNEL_WEB] = 0.7,   [PAL_CHANNEL_WHATSAPP] = 0.9,
		[PAL_CHANNEL_MESSENGER] = 0.9, [PAL_CHANNEL_SLACK] = 0.6,
		[PAL_CHANNEL_TEAMS] = 0.6, [PAL_CHANNEL_SMS] = 0.8,
		[PAL_CHANNEL_VOICE] = 0.8, [PAL_CHANNEL_TELEGRAM] = 0.9,
		[PAL_CHANNEL_WEBHOOK] = 0.7,
	};

	return factors[channel];
}

static struct judgement judge(const struct pal_location *l, enum pal_channel_type channel)
{
	struct judgement j = {.decimals = {decimals_of(l->latitude), decimals_of(l->longitude)},
			      .is_null_island = fabs(l->latitude) <= NULL_ISLAND_DEGREES &&
						fabs(l->longitude) <= NULL_ISLAND_DEGREES};
	double level;

	j.fewest = j.decimals[0] < j.decimals[1] ? j.decimals[0] : j.decimals[1];
	j.precision = j.fewest >= 5   ? PAL_STR("high")
		      : j.fewest == 4 ? PAL_STR("medium")
		      : j.fewest == 3 ? PAL_STR("low")
				      : PAL_STR("very_low");
	judge_accuracy(l->accuracy_m, &j.level, &level);
	double precision = j.fewest >= 5 ? 1.0 : j.fewest == 4 ? 0.8 : j.fewest == 3 ? 0.6 : 0.4;
	j.score = (level + precision) / 2 * channel_factor(channel);
	return j;
}

static double accuracy_quality(int64_t accuracy_m)
{
	static const struct {
		int64_t upto;
		double quality;
	} steps[] = {{-1, 0.5}, {5, 1.0}, {10, 0.9}, {50, 0.7}, {100, 0.6}, {500, 0.4}};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (accuracy_m <= steps[i].upto)
			return steps[i].quality;
	return 0.2;
}

/* Valid it is, or it would not have come here. */
static double quality_of(const struct pal_location *l, const struct judgement *j)
{
	double mean = (j->decimals[0] + j->decimals[1]) / 2.0;
	double complete = 0.5 + (l->accuracy_m >= 0 ? 0.2 : 0) + (l->address.n ? 0.2 : 0) +
			  (l->place_name.n ? 0.1 : 0);
	double precise = mean >= 6 ? 1.0 : mean >= 5 ? 0.9 : mean >= 4 ? 0.7 : mean >= 3 ? 0.5 : 0.3;

	return (1 + accuracy_quality(l->accuracy_m) + complete + precise) / 4;
}

/* --- What is written --------------------------------------------------------------------------- */

static void write_extracted(struct pal_buf *out, const struct judgement *j)
{
	pal_buf_add_lit(out, "{\"location\":{\"precision\":");
	pal_json_put_string(out, j->precision);
	pal_buf_add_lit(out, ",\"accuracy_level\":");
	pal_json_put_string(out, j->level);
	pal_buf_add_lit(out, ",\"score\":");
	pal_json_put_double(out, nearbyint(j->score * 1e4) / 1e4);
	pal_buf_addf(out, ",\"issues\":[%s]}}", j->is_null_island ? "\"null_island\"" : "");
}

static void write_normalized(struct pal_buf *out, const struct pal_process_result *ret)
{
	const struct pal_location *l = ret->location;
	const struct {
		const char *key;
		struct pal_str value;
	} texts[] = {{"address", l->address}, {"place_name", l->place_name},
		     {"place_id", l->place_id}, {"country", l->country},
		     {"city", l->city}, {"postal_code", l->postal_code}};

	pal_buf_add_lit(out, "{\"location\":{\"latitude\":");
	pal_json_put_double(out, l->latitude);
	pal_buf_add_lit(out, ",\"longitude\":");
	pal_json_put_double(out, l->longitude);
	if (l->accuracy_m >= 0)
		pal_buf_addf(out, ",\"accuracy_meters\":%lld", (long long)l->accuracy_m);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i].value.n)
			continue;
		pal_buf_addf(out, ",\"%s\":", texts[i].key);
		pal_json_put_string(out, texts[i].value);
	}
	pal_buf_add_char(out, '}');
	if (ret->normalized_text.n) {
		pal_buf_add_lit(out, ",\"text\":");
		pal_json_put_string(out, ret->normalized_text);
	}
	pal_buf_add_char(out, '}');
}

/* --- The processor ----------------------------------------------------------------------------- */

static bool add_labels(const struct pal_process_context *context, struct pal_arena *arena,
		       struct pal_process_result *ret)
{
	const struct pal_location *l = ret->location;
	double north = fabs(l->latitude);
	const struct pal_str topics[] = {
		l->latitude >= 0 ? PAL_STR("northern_hemisphere") : PAL_STR("southern_hemisphere"),
		l->longitude >= 0 ? PAL_STR("eastern_hemisphere") : PAL_STR("western_hemisphere"),
		north <= TROPICS_DEGREES ? PAL_STR("tropical")
		: north <= POLAR_DEGREES ? PAL_STR("temperate")
					 : PAL_STR("polar"),
	};
	const struct pal_str categories[] = {
		PAL_STR("location"),
		l->place_name.n ? PAL_STR("business_location") : PAL_STR("personal_location"),
		l->accuracy_m >= 0 && l->accuracy_m <= 10    ? PAL_STR("precise_location")
		: l->accuracy_m >= 0 && l->accuracy_m <= 100 ? PAL_STR("accurate_location")
							     : PAL_STR("approximate_location"),
		channel_location[context->channel],
	};

	return pal_process_extend(&ret->topics, topics, 3, SIZE_MAX, arena) &&
	       pal_process_extend(&ret->categories, categories, 4, CATEGORIES_MAX, arena);
}

static bool describe(const struct pal_location *location,
		     const struct pal_process_context *context, struct pal_arena *arena,
		     struct pal_process_result *ret)
{
	const struct pal_str near_zero = PAL_STR("the location is at 0, 0: was it measured?");
	struct pal_buf extracted = {0}, normalized = {0};

	ret->location = pal_location_normalise(location, arena);
	if (!ret->location)
		return false;
	struct judgement j = judge(ret->location, context->channel);
	write_extracted(&extracted, &j);
	write_normalized(&normalized, ret);
	ret->extracted = pal_arena_take_buf(arena, &extracted);
	ret->normalized_content = pal_arena_take_buf(arena, &normalized);
	ret->quality_score = quality_of(ret->location, &j);
	ret->validation_score = j.is_null_island ? 0.9 : 1.0;
	return ret->extracted.p && ret->normalized_content.p &&
	       add_labels(context, arena, ret) &&
	       (!j.is_null_island ||
		pal_process_extend(&ret->warnings, &near_zero, 1, SIZE_MAX, arena));
}

static enum pal_code process(const struct pal_content *content,
			     const struct pal_process_context *context, struct pal_arena *arena,
			     struct pal_process_result *ret, struct pal_error *err)
{
	const struct pal_location *l = content->parts ? content->parts->location : NULL;

	if (!l)
		return pal_process_reject(ret, PAL_STR("the content has no location"), arena, err);
	if (!(fabs(l->latitude) <= 90 && fabs(l->longitude) <= 180))
		return pal_process_reject(ret, PAL_STR("the location is out of range"), arena, err);
	enum pal_code code = pal_text_analyse(content->text, content, context, arena, ret, err);
	if (code != PAL_OK || !ret->success)
		return code;
	return describe(l, context, arena, ret) ? PAL_OK
						: pal_fail_memory(err, "processor.location");
}

const struct pal_processor pal_location_processor = {.name = "location", .process = process};
