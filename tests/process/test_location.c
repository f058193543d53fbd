/* SPDX-License-Identifier: Apache-2.0 */
#include "process/location.h"

#include <math.h>
#include <stdio.h>

#include "analysed.h"
#include "process/analysis.h"
#include "suite.h"

static struct pal_arena arena;
static struct pal_process_result result;
static struct pal_process_context context;

static void process_at(const struct pal_location *location, const char *text)
{
	struct pal_content_parts parts = {.location = location};
	struct pal_content content = {
		.type = PAL_CONTENT_LOCATION, .text = pal_str(text), .parts = &parts};

	CU_ASSERT_EQUAL_FATAL(pal_process(&content, &context, &arena, &result, NULL), PAL_OK);
}

static void at(double latitude, double longitude, int64_t accuracy_m)
{
	process_at(&(struct pal_location){.latitude = latitude,
					  .longitude = longitude,
					  .accuracy_m = accuracy_m}, NULL);
}

static void done(void)
{
	context = (struct pal_process_context){.channel = PAL_CHANNEL_WEB};
	pal_arena_release(&arena);
}

static bool says(const char *what)
{
	bool is_there = strstr(plain(result.extracted), what) != NULL;

	if (!is_there)
		printf("# %s: not %s\n", plain(result.extracted), what);
	return is_there;
}

TEST(f52_a_place_is_described_in_full)
{
	struct pal_location place = {.latitude = 48.1371541234,
				     .longitude = 11.576124,
				     .accuracy_m = 8,
				     .address = {" Marienplatz  1<br>M&uuml;nchen ", 31},
				     .place_name = {"Rathaus", 7}};
	struct pal_buf out = {0};

	process_at(&place, NULL);
	pal_process_write_analysis(&out, &result);
	CHECK_STR(plain(pal_buf_str(&out)),
		  "{\"entities\":{\"location\":{\"latitude\":48.137154,\"longitude\":11.576124,"
		  "\"accuracy\":8,\"address\":\"Marienplatz 1\\nM&uuml;nchen\"}},"
		  "\"detected_language\":null,\"language_confidence\":null,"
		  "\"content_categories\":[\"location\",\"business_location\",\"precise_location\","
		  "\"web_location\"],\"quality_score\":0.975,\"safety_flags\":[],"
		  "\"intent\":{\"name\":\"default\",\"confidence\":0.3},\"keywords\":[],"
		  "\"sentiment\":{\"score\":0,\"label\":\"neutral\",\"confidence\":0.1},"
		  "\"content_tags\":[],\"content_topics\":[\"northern_hemisphere\","
		  "\"eastern_hemisphere\",\"temperate\"],\"extracted_data\":{\"location\":{"
		  "\"precision\":\"high\",\"accuracy_level\":\"high\",\"score\":0.665,\"issues\":[]}},"
		  "\"normalized_content\":{\"location\":{\"latitude\":48.137154,"
		  "\"longitude\":11.576124,\"accuracy_meters\":8,"
		  "\"address\":\"Marienplatz 1\\nM&uuml;nchen\",\"place_name\":\"Rathaus\"}},"
		  "\"validation_score\":1}");
	pal_buf_deinit(&out);
	done();
}

TEST(b71_whole_numbers_and_zero_are_places)
{
	at(0, 0, -1);
	CU_ASSERT_TRUE(result.success);
	CU_ASSERT(says("\"issues\":[\"null_island\"]"));
	CHECK_STR(joined(result.warnings), "the location is at 0, 0: was it measured?");
	at(0, 10, -1);
	CU_ASSERT(says("\"issues\":[]"));
	at(51.5, 0, -1);	/* Greenwich */
	CU_ASSERT(result.success && says("\"issues\":[]"));
	CHECK_STR(joined(result.topics), "northern_hemisphere|eastern_hemisphere|temperate");
	at(48, 11, -1);
	CU_ASSERT(result.success && result.warnings.count == 0);
	at(0.001, -0.001, -1);
	CU_ASSERT(says("null_island"));
	at(0.0011, 0, -1);
	CU_ASSERT(says("\"issues\":[]"));
	done();
}

TEST(f52_precision_is_that_of_the_vaguer_coordinate)
{
	static const struct {
		double latitude, longitude;
		const char *precision;
	} rows[] = {
		{1.12345, 2.12345, "\"high\""},	  {1.123456, 2.1234, "\"medium\""},
		{1.123, 2.123456, "\"low\""},	  {1.12, 2.123456, "\"very_low\""},
		{1, 2, "\"very_low\""},		  {-1.10000, 2.123456, "\"very_low\""},
		{-33.856784, 151.215297, "\"high\""},
	};
	char want[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at(rows[i].latitude, rows[i].longitude, 5);
		snprintf(want, sizeof(want), "\"precision\":%s", rows[i].precision);
		CU_ASSERT(says(want));
	}
	done();
}

TEST(f52_accuracy_has_levels_and_the_channel_its_factor)
{
	static const struct {
		int64_t metres;
		const char *want, *category;
	} rows[] = {
		{-1, "\"accuracy_level\":\"medium\",\"score\":0.56", "approximate_location"},
		{0, "\"accuracy_level\":\"high\",\"score\":0.665", "precise_location"},
		{10, "\"accuracy_level\":\"high\",\"score\":0.665", "precise_location"},
		{11, "\"accuracy_level\":\"medium\",\"score\":0.595", "accurate_location"},
		{100, "\"accuracy_level\":\"medium\",\"score\":0.595", "accurate_location"},
		{101, "\"accuracy_level\":\"low\",\"score\":0.525", "approximate_location"},
		{1000, "\"accuracy_level\":\"low\",\"score\":0.525", "approximate_location"},
		{1001, "\"accuracy_level\":\"very_low\",\"score\":0.455", "approximate_location"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at(1.12345, 2.12345, rows[i].metres);
		CU_ASSERT(says(rows[i].want));
		CU_ASSERT_PTR_NOT_NULL(strstr(joined(result.categories), rows[i].category));
	}
	context.channel = PAL_CHANNEL_WHATSAPP;
	at(1.12345, 2.12345, 10);
	CU_ASSERT(says("\"score\":0.855"));
	CU_ASSERT_PTR_NOT_NULL(strstr(joined(result.categories), "whatsapp_location"));
	done();
}

TEST(f52_quality_is_the_mean_of_four)
{
	at(1.123456, 2.123456, 5);
	CU_ASSERT_DOUBLE_EQUAL(result.quality_score, (1 + 1.0 + 0.7 + 1.0) / 4, 1e-9);
	at(1, 2, 501);
	CU_ASSERT_DOUBLE_EQUAL(result.quality_score, (1 + 0.2 + 0.7 + 0.3) / 4, 1e-9);
	at(1.1234, 2.1234, -1);
	CU_ASSERT_DOUBLE_EQUAL(result.quality_score, (1 + 0.5 + 0.5 + 0.7) / 4, 1e-9);
	done();
}

TEST(f52_topics_are_hemispheres_and_climate)
{
	at(-80, -1, -1);
	CHECK_STR(joined(result.topics), "southern_hemisphere|western_hemisphere|polar");
	at(23.5, 1, -1);
	CHECK_STR(joined(result.topics), "northern_hemisphere|eastern_hemisphere|tropical");
	at(66.5, 1, -1);
	CHECK_STR(joined(result.topics), "northern_hemisphere|eastern_hemisphere|temperate");
	done();
}

TEST(a_text_beside_a_location_runs_its_rules)
{
	struct pal_location place = {.latitude = 1, .longitude = 2, .accuracy_m = -1};

	process_at(&place, "Ich bin hier. Wo ist meine Bestellung?");
	CHECK_STR(plain(result.intent.name), "order_inquiry");
	CHECK_STR(plain(result.detected_language), "de");
	CU_ASSERT(strstr(plain(result.normalized_content), ",\"text\":\"Ich bin hier.") != NULL);
	done();
}

TEST(f52_what_is_not_on_earth_is_no_success)
{
	static const double bad[][2] = {{90.1, 0}, {-90.1, 0}, {0, 180.1}, {0, -181}, {NAN, 0},
					{0, NAN},  {INFINITY, 0}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		at(bad[i][0], bad[i][1], -1);
		CU_ASSERT_FALSE(result.success);
		CHECK_STR(joined(result.errors), "the location is out of range");
	}
	at(-90, 180, -1);
	CU_ASSERT_TRUE(result.success);
	done();
}

SUITE(location, CASE(f52_a_place_is_described_in_full), CASE(b71_whole_numbers_and_zero_are_places),
      CASE(f52_precision_is_that_of_the_vaguer_coordinate),
      CASE(f52_accuracy_has_levels_and_the_channel_its_factor),
      CASE(f52_quality_is_the_mean_of_four), CASE(f52_topics_are_hemispheres_and_climate),
      CASE(a_text_beside_a_location_runs_its_rules),
      CASE(f52_what_is_not_on_earth_is_no_success))
