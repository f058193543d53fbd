/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/parts.h"

#include <stdio.h>

#include "channel/channel.h"
#include "channel/webhook/webhook.h"
#include "suite.h"

static struct pal_json json;
static struct pal_arena arena;

/* All parts in a row. */
static const char *cut_for(const struct pal_channel_ops *ops, const char *content, size_t units_max)
{
	static char out[8192];
	struct pal_channel_parts parts;
	struct pal_error err;
	size_t n = 0;

	pal_arena_release(&arena);
	CU_ASSERT_EQUAL_FATAL(pal_channel_cut(ops, pal_str(content), units_max, &json, &arena,
					      &parts, &err), PAL_OK);
	CU_ASSERT_FATAL(parts.count >= 1);
	for (size_t i = 0; i < parts.count; i++)
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s", (int)parts.contents[i].n,
				      parts.contents[i].p);
	return out;
}

static const char *cut(const char *content, size_t units_max)
{
	return cut_for(&pal_channel_webhook, content, units_max);
}

#define T(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define SMILE "\xF0\x9F\x98\x80"				/* 2 units */
#define FAMILY "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7"	/* woman, joiner, girl: 5 units */
#define FLAG "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"			/* D, E: 4 units */
#define ACCENT "e\xCC\x81"					/* e, combining acute: 2 units */
#define SHALOM "\xD7\xA9\xD7\xB8\xD7\x81\xD7\x9C\xD7\x95\xD6\xB9\xD7\x9D"	/* pointed: 7 units */
#define MARHABA "\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7"	/* 5 units */
#define KANJI "\xE6\xBC\xA2\xE5\xAD\x97"			/* 2 units, 6 bytes */
#define STOP "\xE3\x80\x82"					/* ideographic: 1 unit */
#define RLM "\xE2\x80\x8F"					/* right-to-left mark: 1 unit */

/* Text, limit, and the parts that it must always become. */
static const struct {
	const char *content;
	size_t units_max;
	const char *parts;
} golden[] = {
	/* where the limit stands */
	{T("Hello you"), 0, T("Hello you")},
	{T("Hello you"), 10, T("Hello you")},
	{T("Hello you"), 9, T("Hello you")},
	{T("Hello you"), 8, T("Hello") T("you")},
	{T("Hello you"), 3, T("Hel") T("lo") T("you")},
	{T("Hello"), 1, T("H") T("e") T("l") T("l") T("o")},
	{T("a b"), 1, T("a") T("b")},
	/* best at a paragraph's end, then a line's, a sentence's, a word's */
	{T("One. Two.\\n\\nThree"), 12, T("One. Two.") T("Three")},
	{T("One. Two\\nthree four"), 12, T("One. Two") T("three four")},
	{T("One. Two three"), 12, T("One.") T("Two three")},
	{T("one two three"), 12, T("one two") T("three")},
	{T("abcdefghij"), 4, T("abcd") T("efgh") T("ij")},
	/* what is one character to a reader stays one */
	{T(SMILE SMILE SMILE), 4, T(SMILE SMILE) T(SMILE)},
	{T(SMILE SMILE), 3, T(SMILE) T(SMILE)},
	{T(SMILE "x"), 1, T(SMILE) T("x")},
	{T("ab" FAMILY), 6, T("ab") T(FAMILY)},
	{T(FAMILY FAMILY), 9, T(FAMILY) T(FAMILY)},
	{T(FLAG FLAG), 7, T(FLAG) T(FLAG)},
	{T("caf" ACCENT), 4, T("caf") T(ACCENT)},
	{T(ACCENT ACCENT ACCENT), 4, T(ACCENT ACCENT) T(ACCENT)},
	{T("\\ud83d\\ude00x"), 2, T(SMILE) T("x")},
	/* right to left, and without any blank */
	{T(SHALOM " " SHALOM), 8, T(SHALOM) T(SHALOM)},
	{T(MARHABA " " MARHABA "? " MARHABA), 13, T(MARHABA " " MARHABA "?") T(MARHABA)},
	{T(RLM MARHABA MARHABA), 6, T(RLM MARHABA) T(MARHABA)},
	{T(KANJI STOP KANJI KANJI), 5, T(KANJI STOP) T(KANJI KANJI)},
	{T(KANJI KANJI), 3, T(KANJI "\xE6\xBC\xA2") T("\xE5\xAD\x97")},
	/* what has to be escaped is escaped again in each part */
	{T("say \\\"hi\\\" now"), 8, T("say \\\"hi\\\"") T("now")},
};

TEST(long_texts_become_these_parts)
{
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++)
		CHECK_STR(cut(golden[i].content, golden[i].units_max), golden[i].parts);
	pal_arena_release(&arena);
}

#define MEDIA "\"media\":{\"url\":\"https://m/1\",\"type\":\"image/png\",\"size_bytes\":1}"
#define PLACE "\"location\":{\"latitude\":1,\"longitude\":2}"
#define CARDS "\"carousel\":[{\"title\":\"A\"}]"
#define REPLIES "\"quick_replies\":[{\"title\":\"Red\",\"payload\":\"R\"}]"
#define MORE "\"language\":\"de\",\"metadata\":{\"a\":1}"

TEST(what_is_no_text_goes_first_and_choices_go_last)
{
	CHECK_STR(cut("{\"type\":\"image\",\"text\":\"One two\"," MEDIA "," REPLIES "," MORE "}", 4),
		  "{\"type\":\"image\"," MEDIA ",\"language\":\"de\"}"
		  "{\"type\":\"text\",\"text\":\"One\",\"language\":\"de\"}"
		  "{\"type\":\"text\",\"text\":\"two\"," REPLIES "," MORE "}");
	CHECK_STR(cut("{\"type\":\"location\",\"text\":\"One two\"," PLACE "}", 4),
		  "{\"type\":\"location\"," PLACE "}" T("One") T("two"));
	CHECK_STR(cut("{\"type\":\"carousel\",\"text\":\"One two\"," CARDS "}", 4),
		  "{\"type\":\"carousel\"," CARDS "}" T("One") T("two"));
	CHECK_STR(cut("{\"type\":\"quick_reply\",\"text\":\"One two\"," REPLIES "}", 4),
		  T("One") "{\"type\":\"quick_reply\",\"text\":\"two\"," REPLIES "}");
	pal_arena_release(&arena);
}

/* A name is the same however it is written. */
TEST(no_member_stands_twice_in_a_part)
{
	CHECK_STR(cut("{\"type\":\"text\",\"te\\u0078t\":\"One two\",\"\\u006detadata\":{}}", 4),
		  T("One") "{\"type\":\"text\",\"text\":\"two\",\"\\u006detadata\":{}}");
	pal_arena_release(&arena);
}

/* What fits is what was stored, byte for byte. */
TEST(what_fits_stays_as_it_is)
{
	static const char *const contents[] = {
		T("\\u0041  b"),
		"{\"type\":\"image\",\"text\":\"See\"," MEDIA "," REPLIES "," MORE "}",
		"{\"type\":\"location\",\"text\":\"See\"," PLACE "," MORE "}",
		"{\"type\":\"carousel\",\"text\":\"See\"," CARDS "}",
		"{\"type\":\"quick_reply\"," REPLIES "}",
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		CHECK_STR(cut(contents[i], 0), contents[i]);
		CHECK_STR(cut(contents[i], 5), contents[i]);
		CHECK_STR(cut(contents[i], 100000), contents[i]);
	}
	pal_arena_release(&arena);
}

TEST(of_two_limits_the_smaller_holds)
{
	struct pal_channel_ops ops = pal_channel_webhook;

	ops.capabilities.text_units_max = 4;
	CHECK_STR(cut_for(&ops, T("abcdef"), 0), T("abcd") T("ef"));
	CHECK_STR(cut_for(&ops, T("abcdef"), 5), T("abcd") T("ef"));
	CHECK_STR(cut_for(&ops, T("abcdef"), 3), T("abc") T("def"));
	pal_arena_release(&arena);
}

TEST(a_channel_of_text_alone_gets_text_alone)
{
	struct pal_channel_ops ops = pal_channel_webhook;

	ops.capabilities.can = 0;
	CHECK_STR(cut_for(&ops, "{\"type\":\"image\",\"text\":\"See\"," MEDIA "," REPLIES "," MORE "}", 0),
		  "{\"type\":\"text\",\"text\":\"See\\nhttps://m/1\\n1. Red\"," MORE "}");
	CHECK_STR(cut_for(&ops, "{\"type\":\"image\",\"text\":\"See\"," MEDIA "}", 11),
		  T("See") T("https://m/1"));
	pal_arena_release(&arena);
}

TEST(a_media_with_its_text_beside_it_takes_two_requests)
{
	struct pal_channel_ops ops = pal_channel_webhook;

	ops.capabilities.can = PAL_CAN_IMAGE;	/* no caption */
	CHECK_STR(cut_for(&ops, "{\"type\":\"image\",\"text\":\"See\"," MEDIA "}", 0),
		  "{\"type\":\"image\"," MEDIA "}" T("See"));
	pal_arena_release(&arena);
}

TEST(a_key_is_the_messages_and_leads_back_to_it)
{
#define ID "0190a5b2-7c3d-7e4f-8a1b-2c3d4e5f6071"
	static const struct {
		const char *key, *message;
	} keys[] = {{ID, ID}, {ID "_1", ID}, {ID "_4096", ID}, {ID "_", ID "_"}, {ID "_x", ID "_x"},
		    {ID "_1x", ID "_1x"}, {ID "-1", ID "-1"}, {"order_1", "order_1"}, {"", ""}};

	CHECK_STR(pal_channel_part_key(PAL_STR(ID), 0, &arena).p, ID);
	CHECK_STR(pal_channel_part_key(PAL_STR(ID), 12, &arena).p, ID "_12");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		CU_ASSERT_TRUE(pal_str_equal(pal_channel_key_message(pal_str(keys[i].key)),
					     pal_str(keys[i].message)));
	pal_arena_release(&arena);
}

TEST(what_is_no_content_or_has_no_memory_is_told)
{
	struct pal_arena none = pal_arena_of(1);
	struct pal_channel_parts parts;

	CU_ASSERT_EQUAL(pal_channel_cut(&pal_channel_webhook, PAL_STR("[1,2]"), 1, &json, &arena,
					&parts, NULL), PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(pal_channel_cut(&pal_channel_webhook, PAL_STR(T("hello")), 1, &json, &none,
					&parts, NULL), PAL_E_SERVICE);
	CU_ASSERT_EQUAL(pal_channel_cut(&pal_channel_webhook, PAL_STR(T("hello")), 0, &json, &none,
					&parts, NULL), PAL_E_SERVICE);
	CU_ASSERT_PTR_NULL(pal_channel_part_key(PAL_STR("id"), 1, &none).p);
	pal_arena_release(&none);
	pal_arena_release(&arena);
}

SUITE(parts, CASE(long_texts_become_these_parts),
      CASE(what_is_no_text_goes_first_and_choices_go_last), CASE(no_member_stands_twice_in_a_part),
      CASE(what_fits_stays_as_it_is),
      CASE(of_two_limits_the_smaller_holds), CASE(a_channel_of_text_alone_gets_text_alone),
      CASE(a_media_with_its_text_beside_it_takes_two_requests),
      CASE(a_key_is_the_messages_and_leads_back_to_it),
      CASE(what_is_no_content_or_has_no_memory_is_told))
