/* SPDX-License-Identifier: Apache-2.0 */
/* One effect for each (tenant, message id), however often and wherever it is sent. */
#include "service/conversation/replay.h"

#include <stdio.h>

#include "rig.h"
#include "suite.h"

static struct rig rig;

static void check_repeat(struct letter *repeat, struct letter *first)
{
	static const char *const same[] = {
		"/message_id", "/conversation_id", "/response_id", "/response", "/timestamp",
		"/conversation_state", "/processing_metadata/delivery_status",
		"/processing_metadata/channel_response", "/processing_metadata/model_used",
		"/processing_metadata/model_provider", "/processing_metadata/confidence_score",
		"/processing_metadata/fallback_applied", "/processing_metadata/conversation_created"};

	CU_ASSERT_EQUAL(repeat->inbound.code, PAL_OK);
	CHECK_STR(letter_at(repeat, "/processing_metadata/duplicate"), "true");
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		CHECK_STR(letter_at(repeat, same[i]), letter_at(first, same[i]));
}

TEST(a_repeat_gets_the_first_answer_and_changes_nothing)
{
	struct words words = {.id = "m1", .text = "where is order ORD123456"};

	rig_open(&rig, &(struct rig_spec){0});
	struct letter *first = rig_ask(&rig, &words);
	pal_clock_fake_advance_ms(&rig.clock, 5000);
	check_repeat(rig_ask(&rig, &words), first);
	rig_passivate(&rig);
	check_repeat(rig_ask(&rig, &words), first);
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	CU_ASSERT_EQUAL(rig.stored, 1);
	rig_close(&rig);
}

TEST(a_repeat_in_its_conversation_gets_the_first_answer)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){0}));
	struct words words = {.id = "m1", .conversation = home};
	struct letter *first = rig_ask(&rig, &words);
	rig_ask(&rig, &(struct words){.conversation = home, .text = "help"});
	check_repeat(rig_ask(&rig, &words), first);
	CU_ASSERT_EQUAL(rig_stored(&rig), 3);
	rig_ask(&rig, &(struct words){.conversation = home, .text = "z"});
	CHECK_STR(rig_transcript(&rig, home),
		  "1 hello > 2\n3 hello > 4\n5 help > 6\n7 z > 8\n");
	rig_close(&rig);
}

TEST(the_same_id_with_another_body_is_a_conflict)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *first = rig_ask(&rig, &(struct words){.id = "m1", .text = "a"});
	const struct words others[] = {
		{.id = "m1", .text = "b"},
		{.id = "m1", .text = "a", .user = "v"},
		{.id = "m1", .text = "a", .conversation = letter_home(first)},
		{.id = "m1", .text = "a", .more = ",\"processing_hints\":{\"bypass_automation\":true}"},
	};
	for (size_t i = 0; i < 4; i++) {
		struct letter *l = rig_send(&rig, &others[i]);
		rig_settle(&rig);
		CU_ASSERT_EQUAL(l->inbound.code, PAL_E_CONFLICT);
		CHECK_STR(l->inbound.err.subject, "message_id");
	}
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(the_same_id_of_another_tenant_is_another_message)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct pal_caller other = rig.backend;
	other.tenant = (struct pal_tenant_key){2};
	rig_ask(&rig, &(struct words){.id = "m1"});
	struct letter *l = rig_ask(&rig, &(struct words){.id = "m1", .caller = &other});
	CHECK_STR(letter_at(l, "/processing_metadata/duplicate"), "false");
	CU_ASSERT_EQUAL(rig_stored(&rig), 2);
	rig_close(&rig);
}

TEST(repeats_within_one_batch_have_one_effect_and_no_victims)
{
	struct letter *l[40];
	char ids[40][8];

	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	for (size_t i = 0; i < 40; i++) {
		snprintf(ids[i], sizeof(ids[i]), "m%zu", i % 20);
		l[i] = rig_send(&rig, &(struct words){.id = ids[i], .conversation = home});
	}
	rig_settle(&rig);
	for (size_t i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(l[i]->inbound.code, PAL_OK);
		CHECK_STR(letter_at(l[i], "/processing_metadata/duplicate"), "false");
		check_repeat(l[i + 20], l[i]);
	}
	CU_ASSERT_EQUAL(rig_stored(&rig), 21);
	rig_close(&rig);
}

TEST(repeats_in_two_conversations_at_once_have_one_effect)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *a = rig_send(&rig, &(struct words){.id = "m1"});
	struct letter *b = rig_send(&rig, &(struct words){.id = "m1"});
	rig_settle(&rig);
	check_repeat(b, a);
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(a_repeat_behind_units_under_way_waits_for_them)
{
	rig_open(&rig, &(struct rig_spec){.batch_max = 1});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	struct words words = {.id = "m1", .conversation = home};
	struct letter *first = rig_send(&rig, &words);
	rig_work(&rig);
	struct letter *repeat = rig_send(&rig, &words);
	rig_work(&rig);
	struct letter *behind = rig_send(&rig, &(struct words){.text = "z", .conversation = home});
	rig_work(&rig);
	rig_settle(&rig);
	check_repeat(repeat, first);
	CU_ASSERT_EQUAL(behind->inbound.code, PAL_OK);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 hello > 4\n5 z > 6\n");
	rig_close(&rig);
}

TEST(a_repeat_of_a_sending_that_failed_comes_in_its_place)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	struct words words = {.id = "m1", .conversation = home};
	script_add(&rig.script, CUE_FAIL);
	struct letter *first = rig_send(&rig, &words);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(first->inbound.code, PAL_E_SERVICE);
	struct letter *again = rig_ask(&rig, &words);
	CHECK_STR(letter_at(again, "/processing_metadata/duplicate"), "false");
	CU_ASSERT_EQUAL(rig_stored(&rig), 2);
	rig_close(&rig);
}

TEST(a_repeat_of_a_sending_whose_verdict_was_lost_gets_its_answer)
{
	struct words words = {.id = "m1"};

	rig_open(&rig, &(struct rig_spec){0});
	script_add(&rig.script, CUE_LOSE);
	struct letter *first = rig_send(&rig, &words);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(first->inbound.code, PAL_E_SERVICE);
	struct letter *again = rig_ask(&rig, &words);
	CHECK_STR(letter_at(again, "/processing_metadata/duplicate"), "true");
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(first_and_repeat_that_fail_together_both_say_so)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	struct words words = {.id = "m1", .conversation = home};
	struct letter *first = rig_send(&rig, &words);
	struct letter *repeat = rig_send(&rig, &words);
	script_add(&rig.script, CUE_STORE);	/* tells of the repeat */
	script_add(&rig.script, CUE_FAIL);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(first->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(repeat->inbound.code, PAL_E_SERVICE);
	CU_ASSERT(repeat->inbound.err.retry_after_ms > 0);
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(a_repeat_that_cannot_be_looked_up_is_told_to_come_again)
{
	struct words words = {.id = "m1"};

	rig_open(&rig, &(struct rig_spec){0});
	rig_ask(&rig, &words);
	rig.script.failing_loads = 1;
	struct letter *repeat = rig_send(&rig, &words);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(repeat->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(repeat->inbound.err.retry_after_ms, 500);
	rig_ask(&rig, &words);
	rig_close(&rig);
}

TEST(a_gated_message_repeats_as_gated)
{
	struct words words = {.id = "m1",
			      .more = ",\"processing_hints\":{\"require_human_review\":true}"};

	rig_open(&rig, &(struct rig_spec){0});
	struct letter *first = rig_ask(&rig, &words);
	struct letter *repeat = rig_ask(&rig, &words);
	check_repeat(repeat, first);
	CHECK_STR(letter_at(repeat, "/response"), "null");
	rig_close(&rig);
}

SUITE(replay, CASE(a_repeat_gets_the_first_answer_and_changes_nothing),
      CASE(a_repeat_in_its_conversation_gets_the_first_answer),
      CASE(the_same_id_with_another_body_is_a_conflict),
      CASE(the_same_id_of_another_tenant_is_another_message),
      CASE(repeats_within_one_batch_have_one_effect_and_no_victims),
      CASE(repeats_in_two_conversations_at_once_have_one_effect),
      CASE(a_repeat_behind_units_under_way_waits_for_them),
      CASE(a_repeat_of_a_sending_that_failed_comes_in_its_place),
      CASE(a_repeat_of_a_sending_whose_verdict_was_lost_gets_its_answer),
      CASE(first_and_repeat_that_fail_together_both_say_so),
      CASE(a_repeat_that_cannot_be_looked_up_is_told_to_come_again),
      CASE(a_gated_message_repeats_as_gated))
