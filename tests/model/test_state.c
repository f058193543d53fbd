/* SPDX-License-Identifier: Apache-2.0 */
#include "model/state.h"

#include "suite.h"

static struct pal_json scratch;

/* A state that moves on, and its text. */
struct line {
	struct pal_state state;
	struct pal_buf text;
};

static void step(struct line *line, const struct pal_state_change *change)
{
	struct pal_buf next = {0};
	struct pal_state state;

	pal_state_next(&scratch, &line->state, pal_buf_str(&line->text), change, &next, &state);
	pal_buf_deinit(&line->text);
	line->text = next;
	line->state = state;
}

static void check_view(const struct line *line, const char *expected)
{
	struct pal_str view = pal_state_view(&line->state, pal_buf_str(&line->text));

	CU_ASSERT_EQUAL(view.n, strlen(expected));
	CU_ASSERT(pal_str_equal(view, pal_str(expected)));
}

static bool is_same(const struct pal_state *a, const struct pal_state *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* What was written is known while it is written: reading it must say the same. */
static void check_reads_back(const struct line *line)
{
	struct pal_state again = pal_state_read(&scratch, pal_buf_str(&line->text));

	CU_ASSERT(is_same(&again, &line->state));
}

TEST(the_empty_state_has_a_view)
{
	struct line line = {0};

	check_view(&line, "{\"current_intent\":null,\"entities\":{},\"slots\":{},"
			  "\"conversation_stage\":null,\"next_expected_inputs\":[]}");
	CU_ASSERT_PTR_NULL(pal_state_intent(&line.state, (struct pal_str){NULL, 0}).p);
}

TEST(a_first_exchange_makes_a_state_that_reads_back)
{
	struct line line = {0};

	step(&line, &(struct pal_state_change){.intent = PAL_STR("greeting"),
					       .entities = PAL_STR("{\"a\":[1]}"),
					       .expected = PAL_STR("[\"x\"]"),
					       .has_reply = true,
					       .response_time_ms = 3});
	check_view(&line, "{\"current_intent\":\"greeting\",\"entities\":{\"a\":[1]},\"slots\":{},"
			  "\"conversation_stage\":null,\"next_expected_inputs\":[\"x\"]}");
	CU_ASSERT(pal_str_equal(pal_state_intent(&line.state, pal_buf_str(&line.text)),
				PAL_STR("greeting")));
	check_reads_back(&line);
	pal_buf_deinit(&line.text);
}

TEST(entities_are_merged_key_by_key)
{
	struct line line = {0};

	step(&line, &(struct pal_state_change){.entities = PAL_STR("{\"a\":[1],\"b\":[2]}")});
	step(&line, &(struct pal_state_change){.entities = PAL_STR("{\"b\":[3],\"c\":[4]}")});
	check_view(&line, "{\"current_intent\":null,\"entities\":{\"b\":[3],\"c\":[4],\"a\":[1]},"
			  "\"slots\":{},\"conversation_stage\":null,\"next_expected_inputs\":[]}");
	check_reads_back(&line);
	step(&line, &(struct pal_state_change){.entities = PAL_STR("{}")});
	step(&line, &(struct pal_state_change){.intent = {NULL, 0}});
	check_view(&line, "{\"current_intent\":null,\"entities\":{\"b\":[3],\"c\":[4],\"a\":[1]},"
			  "\"slots\":{},\"conversation_stage\":null,\"next_expected_inputs\":[]}");
	check_reads_back(&line);
	pal_buf_deinit(&line.text);
}

/* The value "b" stands before the key "b": twice the key would make the text unreadable for ever. */
TEST(a_value_that_looks_like_a_key_does_not_double_it)
{
	struct line line = {0};

	step(&line, &(struct pal_state_change){.entities = PAL_STR("{\"b\":[1]}")});
	step(&line, &(struct pal_state_change){.entities = PAL_STR("{\"a\":[\"b\"],\"b\":[2]}")});
	check_view(&line, "{\"current_intent\":null,\"entities\":{\"a\":[\"b\"],\"b\":[2]},"
			  "\"slots\":{},\"conversation_stage\":null,\"next_expected_inputs\":[]}");
	step(&line, &(struct pal_state_change){.entities = PAL_STR("{\"a\":[\"\\\"b\",\"b\"]}")});
	check_view(&line,
		   "{\"current_intent\":null,\"entities\":{\"a\":[\"\\\"b\",\"b\"],\"b\":[2]},"
		   "\"slots\":{},\"conversation_stage\":null,\"next_expected_inputs\":[]}");
	check_reads_back(&line);
	pal_buf_deinit(&line.text);
}

TEST(an_intent_stays_until_another_one_comes_and_switches_are_counted)
{
	struct line line = {0};

	step(&line, &(struct pal_state_change){.intent = PAL_STR("support")});
	CU_ASSERT_EQUAL(line.state.counts.intent_switches, 0);
	step(&line, &(struct pal_state_change){.intent = {NULL, 0}});
	step(&line, &(struct pal_state_change){.intent = PAL_STR("support")});
	CU_ASSERT_EQUAL(line.state.counts.intent_switches, 0);
	step(&line, &(struct pal_state_change){.intent = PAL_STR("goodbye")});
	CU_ASSERT_EQUAL(line.state.counts.intent_switches, 1);
	CU_ASSERT(pal_str_equal(pal_state_intent(&line.state, pal_buf_str(&line.text)),
				PAL_STR("goodbye")));
	pal_buf_deinit(&line.text);
}

TEST(messages_are_counted_with_and_without_a_reply)
{
	struct line line = {0};

	step(&line, &(struct pal_state_change){.has_reply = true, .response_time_ms = 5});
	step(&line, &(struct pal_state_change){.has_reply = true, .response_time_ms = 2});
	step(&line, &(struct pal_state_change){.has_reply = false, .response_time_ms = 99});
	struct pal_state_counts c = pal_state_read(&scratch, pal_buf_str(&line.text)).counts;
	CU_ASSERT_EQUAL(c.messages, 5);
	CU_ASSERT_EQUAL(c.user_messages, 3);
	CU_ASSERT_EQUAL(c.bot_messages, 2);
	CU_ASSERT_EQUAL(c.response_time_total_ms, 7);
	CU_ASSERT_EQUAL(c.response_time_max_ms, 5);
	pal_buf_deinit(&line.text);
}

TEST(a_text_that_is_not_ours_is_the_empty_state)
{
	static const char *const texts[] = {"", "x", "[]", "1", "{}", "{\"view\":", "{\"counts\":[1]}",
					    "{\"counts\":7}"};
	const struct pal_state empty = {.view = {0, 0}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct pal_state state = pal_state_read(&scratch, pal_str(texts[i]));
		CU_ASSERT(is_same(&state, &empty));
	}
	struct pal_state absent = pal_state_read(&scratch, (struct pal_str){NULL, 0});
	CU_ASSERT(is_same(&absent, &empty));
}

TEST(slots_and_stage_of_others_are_carried_on)
{
	struct line line = {0};
	const char *text = "{\"view\":{\"current_intent\":\"i\",\"entities\":{},\"slots\":{\"s\":[1]},"
			   "\"conversation_stage\":\"open\",\"next_expected_inputs\":[]},"
			   "\"counts\":[1,2,3,4,5,6,7]}";

	pal_buf_add_str(&line.text, pal_str(text));
	line.state = pal_state_read(&scratch, pal_str(text));
	step(&line, &(struct pal_state_change){.intent = {NULL, 0}});
	check_view(&line, "{\"current_intent\":\"i\",\"entities\":{},\"slots\":{\"s\":[1]},"
			  "\"conversation_stage\":\"open\",\"next_expected_inputs\":[]}");
	CU_ASSERT_EQUAL(line.state.counts.escalations, 5);
	CU_ASSERT_EQUAL(line.state.counts.messages, 2);
	check_reads_back(&line);
	pal_buf_deinit(&line.text);
}

static void check_language(const struct line *line, const char *want)
{
	struct pal_str got = pal_state_language(pal_buf_str(&line->text));

	CU_ASSERT(pal_str_equal(got, pal_str(want)));
	CU_ASSERT_EQUAL(!got.p, !want);
}

TEST(f16_the_language_stays_until_another_is_spoken)
{
	struct line line = {0};
	struct pal_state_change plain = {.intent = PAL_STR("default")}, german = plain,
				french = plain, english = plain;

	german.language = PAL_STR("de");
	french.language = PAL_STR("fr");
	english.language = PAL_STR("en");
	check_language(&line, NULL);
	step(&line, &plain);
	check_language(&line, NULL);
	step(&line, &german);
	check_language(&line, "de");
	check_reads_back(&line);
	step(&line, &plain);
	check_language(&line, "de");
	step(&line, &french);
	check_language(&line, "fr");
	step(&line, &english);
	check_language(&line, NULL);
	step(&line, &plain);
	check_language(&line, NULL);
	pal_buf_deinit(&line.text);
	CU_ASSERT_PTR_NULL(pal_state_language(PAL_STR("{}")).p);
}

SUITE(state, CASE(f16_the_language_stays_until_another_is_spoken),
      CASE(the_empty_state_has_a_view), CASE(a_first_exchange_makes_a_state_that_reads_back),
      CASE(entities_are_merged_key_by_key), CASE(a_value_that_looks_like_a_key_does_not_double_it),
      CASE(an_intent_stays_until_another_one_comes_and_switches_are_counted),
      CASE(messages_are_counted_with_and_without_a_reply),
      CASE(a_text_that_is_not_ours_is_the_empty_state), CASE(slots_and_stage_of_others_are_carried_on))
