/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/render.h"

#include <locale.h>
#include <stdio.h>

#include "suite.h"

static struct pal_json json;
static struct pal_arena arena;
static struct pal_rendering rendering;

/* A part as one text: its shape, its text, and what goes with it. */
static size_t show(const struct pal_rendered *part, char *out, size_t size)
{
	static const char *const shapes[] = {"text", "media", "place", "cards"};

	return (size_t)snprintf(out, size, "[%s%s%.*s%s%s]", shapes[part->shape],
				part->text.p ? ": " : "", (int)part->text.n,
				part->text.p ? part->text.p : "", part->has_replies ? " +replies" : "",
				part->has_buttons ? " +buttons" : "");
}

static const char *render_for(const struct pal_channel_capabilities *able, const char *content)
{
	static char out[8192];
	struct pal_shown shown;
	struct pal_error err;
	size_t n = 0;

	pal_arena_release(&arena);
	CU_ASSERT_EQUAL_FATAL(pal_shown_read(pal_str(content), &json, &arena, &shown, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_channel_render(able, &shown, &arena, &rendering, &err), PAL_OK);
	CU_ASSERT_FATAL(rendering.count >= 1);
	for (size_t i = 0; i < rendering.count; i++)
		n += show(&rendering.parts[i], out + n, sizeof(out) - n);
	return out;
}

static const char *render(unsigned can, const char *content)
{
	return render_for(&(struct pal_channel_capabilities){.can = can}, content);
}

#define MEDIA(type) "{\"type\":\"" type "\",\"text\":\"See\",\"media\":{\"url\":\"https://m/1\"," \
		    "\"type\":\"x/y\",\"size_bytes\":1,\"alt_text\":\"Alt\",\"filename\":\"f.x\"}}"
#define PLACE "{\"type\":\"location\",\"text\":\"Here\",\"location\":{\"latitude\":52.5," \
	      "\"longitude\":-13.0000004,\"place_name\":\"Shop\",\"address\":\"Road 1\"}}"
#define REPLIES "\"quick_replies\":[{\"title\":\"Red\",\"payload\":\"R\"}," \
		"{\"title\":\"Blue\",\"payload\":\"B\"}]"
#define BUTTONS "\"buttons\":[{\"type\":\"postback\",\"title\":\"Buy\",\"payload\":\"BUY\"}," \
		"{\"type\":\"url\",\"title\":\"Site\",\"url\":\"https://s\"}," \
		"{\"type\":\"phone\",\"title\":\"Call\",\"payload\":\"+491\"}]"
#define CARDS "{\"type\":\"carousel\",\"text\":\"Pick\",\"carousel\":[{\"title\":\"A\"," \
	      "\"subtitle\":\"first\",\"image_url\":\"https://i/a\"},{\"title\":\"B\"," BUTTONS "}]}"

/* Every cell: type of content x whether the channel can show it. */
static const struct {
	const char *content;
	unsigned can;
	const char *with, *without;
} cells[] = {
	{"{\"type\":\"text\",\"text\":\"Hi\"}", PAL_CAN_EVERYTHING, "[text: Hi]", "[text: Hi]"},
	{MEDIA("image"), PAL_CAN_IMAGE | PAL_CAN_CAPTION, "[media: See]",
	 "[text: See\nhttps://m/1]"},
	{MEDIA("file"), PAL_CAN_FILE | PAL_CAN_CAPTION, "[media: See]", "[text: See\nhttps://m/1]"},
	{MEDIA("audio"), PAL_CAN_AUDIO | PAL_CAN_CAPTION, "[media: See]",
	 "[text: See\nhttps://m/1]"},
	{MEDIA("video"), PAL_CAN_VIDEO | PAL_CAN_CAPTION, "[media: See]",
	 "[text: See\nhttps://m/1]"},
	{MEDIA("image"), PAL_CAN_IMAGE, "[media][text: See]", "[text: See\nhttps://m/1]"},
	{MEDIA("file"), PAL_CAN_FILE, "[media][text: See]", "[text: See\nhttps://m/1]"},
	{MEDIA("audio"), PAL_CAN_AUDIO, "[media][text: See]", "[text: See\nhttps://m/1]"},
	{MEDIA("video"), PAL_CAN_VIDEO, "[media][text: See]", "[text: See\nhttps://m/1]"},
	{PLACE, PAL_CAN_LOCATION, "[place][text: Here]",
	 "[text: Here\nShop\nRoad 1\nhttps://maps.google.com/?q=52.500000,-13.000000]"},
	{"{\"type\":\"quick_reply\",\"text\":\"Which?\"," REPLIES "}", PAL_CAN_QUICK_REPLIES,
	 "[text: Which? +replies]", "[text: Which?\n1. Red\n2. Blue]"},
	{CARDS, PAL_CAN_CAROUSEL, "[cards][text: Pick]",
	 "[text: Pick\n\n1. A\nfirst\nhttps://i/a\n\nB\n2. Buy\nSite: https://s\nCall: +491]"},
	{"{\"type\":\"text\",\"text\":\"Which?\"," REPLIES "}", PAL_CAN_QUICK_REPLIES,
	 "[text: Which? +replies]", "[text: Which?\n1. Red\n2. Blue]"},
	{"{\"type\":\"text\",\"text\":\"Do\"," BUTTONS "}", PAL_CAN_BUTTONS, "[text: Do +buttons]",
	 "[text: Do\n1. Buy\nSite: https://s\nCall: +491]"},
};

TEST(every_cell_of_the_table_is_rendered_by_rule)
{
	bool seen[PAL_CONTENT_TYPE_COUNT] = {false};

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		struct pal_shown shown;
		CHECK_STR(render(cells[i].can, cells[i].content), cells[i].with);
		CHECK_STR(render(PAL_CAN_EVERYTHING & ~cells[i].can, cells[i].content),
			  cells[i].without);
		CU_ASSERT_EQUAL(pal_shown_read(pal_str(cells[i].content), &json, &arena, &shown, NULL),
				PAL_OK);
		seen[shown.type] = true;
	}
	for (size_t i = 0; i < PAL_CONTENT_TYPE_COUNT; i++)
		CU_ASSERT_TRUE(seen[i]);
	pal_arena_release(&arena);
}

TEST(a_channel_of_text_alone_shows_all_in_one_text)
{
	CHECK_STR(render(0, "{\"type\":\"image\",\"media\":{\"url\":\"https://m/1\",\"alt_text\":"
			    "\"A cat\"}," REPLIES "," BUTTONS "}"),
		  "[text: A cat\nhttps://m/1\n1. Red\n2. Blue\n3. Buy\nSite: https://s\nCall: +491]");
	CU_ASSERT_EQUAL(rendering.choice_count, 3);
	CU_ASSERT_TRUE(pal_str_equal(rendering.choices[2].payload, PAL_STR("BUY")));
	CHECK_STR(render(0, "{\"type\":\"file\",\"media\":{\"url\":\"https://m/1\",\"filename\":"
			    "\"bill.pdf\"}}"),
		  "[text: bill.pdf\nhttps://m/1]");
	CHECK_STR(render(0, "{\"type\":\"image\",\"media\":{\"url\":\"https://m/1\"}}"),
		  "[text: https://m/1]");
	pal_arena_release(&arena);
}

TEST(choices_go_with_the_last_part)
{
	struct pal_channel_capabilities able = {.can = PAL_CAN_QUICK_REPLIES | PAL_CAN_IMAGE,
						.text_units_max = 8};

	CHECK_STR(render_for(&able, "{\"type\":\"text\",\"text\":\"One two three\"," REPLIES "}"),
		  "[text: One two][text: three +replies]");
	CHECK_STR(render_for(&able, "{\"type\":\"image\",\"media\":{\"url\":\"u\"}," REPLIES "}"),
		  "[media +replies]");
	able.can = 0;
	CHECK_STR(render_for(&able, "{\"type\":\"text\",\"text\":\"Which?\"," REPLIES "}"),
		  "[text: Which?][text: 1. Red][text: 2. Blue]");
	pal_arena_release(&arena);
}

TEST(what_exceeds_the_limits_of_a_channel_is_degraded)
{
	struct pal_channel_capabilities able = {.can = PAL_CAN_EVERYTHING,
						.caption_units_max = 2,
						.quick_replies_max = 1,
						.buttons_max = 2,
						.items_max = 1};

	CHECK_STR(render_for(&able, MEDIA("image")), "[media][text: See]");
	CHECK_STR(render_for(&able, "{\"type\":\"text\",\"text\":\"Q\"," REPLIES "}"),
		  "[text: Q\n1. Red\n2. Blue]");
	CHECK_STR(render_for(&able, "{\"type\":\"text\",\"text\":\"Q\"," BUTTONS "}"),
		  "[text: Q\n1. Buy\nSite: https://s\nCall: +491]");
	CHECK_STR(render_for(&able, "{\"type\":\"carousel\",\"carousel\":[{\"title\":\"A\"},"
				    "{\"title\":\"B\"}]}"),
		  "[text: 1. A\n\n2. B]");
	pal_arena_release(&arena);
}

TEST(what_was_chosen_needs_no_list)
{
	CHECK_STR(render(0, "{\"type\":\"quick_reply\",\"quick_replies\":[{\"title\":\"Red\","
			    "\"payload\":\"R\"}]}"),
		  "[text: Red]");
	CU_ASSERT_EQUAL(rendering.choice_count, 0);
	pal_arena_release(&arena);
}

static void expect_link(const char *latitude, const char *longitude, const char *expected)
{
	char content[256], text[256];

	snprintf(content, sizeof(content),
		 "{\"type\":\"location\",\"location\":{\"latitude\":%s,\"longitude\":%s}}", latitude,
		 longitude);
	snprintf(text, sizeof(text), "[text: https://maps.google.com/?q=%s]", expected);
	CHECK_STR(render(0, content), text);
}

TEST(degrees_have_six_decimals_and_a_point)
{
	setlocale(LC_ALL, "de_DE.UTF-8");	/* a comma there, where it is installed */
	expect_link("0", "0", "0.000000,0.000000");
	expect_link("-0.0000001", "-0.0000006", "0.000000,-0.000001");
	expect_link("90", "-180", "90.000000,-180.000000");
	expect_link("48.8583701", "2.2944813", "48.858370,2.294481");
	expect_link("1.9999999", "-1.9999999", "2.000000,-2.000000");
	setlocale(LC_ALL, "C");
	pal_arena_release(&arena);
}

TEST(a_number_or_a_title_leads_back_to_the_payload)
{
	render(0, "{\"type\":\"text\",\"text\":\"Which?\"," REPLIES "}");
	static const struct {
		const char *text, *payload;
	} cases[] = {{"1", "R"}, {" 2 ", "B"}, {"2.", "B"},   {"2)", "B"}, {"blue", "B"},
		     {"RED", "R"}, {"02", "B"}, {"0", NULL},  {"3", NULL}, {"", NULL},
		     {"2x", NULL}, {"-1", NULL}, {"99999999999", NULL}, {"green", NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pal_choice *choice = pal_channel_choice(
			rendering.choices, rendering.choice_count, pal_str(cases[i].text));
		CU_ASSERT_EQUAL(choice != NULL, cases[i].payload != NULL);
		if (choice && cases[i].payload)
			CU_ASSERT_TRUE(pal_str_equal(choice->payload, pal_str(cases[i].payload)));
	}
	pal_arena_release(&arena);
}

TEST(what_is_no_content_is_refused)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"type\":\"dance\"}", "{\"type\":7}"};
	struct pal_shown shown;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(pal_shown_read(pal_str(bad[i]), &json, &arena, &shown, NULL),
				PAL_E_VALIDATION);
	pal_arena_release(&arena);
}

TEST(want_of_memory_is_told)
{
	struct pal_arena none = pal_arena_of(1);
	struct pal_shown shown;

	CU_ASSERT_EQUAL(pal_shown_read(PAL_STR(CARDS), &json, &arena, &shown, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_channel_render(&(struct pal_channel_capabilities){0}, &shown, &none,
					   &rendering, NULL),
			PAL_E_SERVICE);
	pal_arena_release(&none);
	pal_arena_release(&arena);
}

SUITE(render, CASE(every_cell_of_the_table_is_rendered_by_rule),
      CASE(a_channel_of_text_alone_shows_all_in_one_text), CASE(choices_go_with_the_last_part),
      CASE(what_exceeds_the_limits_of_a_channel_is_degraded), CASE(what_was_chosen_needs_no_list),
      CASE(degrees_have_six_decimals_and_a_point),
      CASE(a_number_or_a_title_leads_back_to_the_payload), CASE(what_is_no_content_is_refused),
      CASE(want_of_memory_is_told))
