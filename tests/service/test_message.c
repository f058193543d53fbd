/* SPDX-License-Identifier: Apache-2.0 */
/* A message on its way through its conversation: numbers, batches, refusals, gates. */
#include "service/conversation/message.h"

#include <stdio.h>

#include "rig.h"
#include "suite.h"

static struct rig rig;

static void check_code(const struct letter *letter, enum pal_code code)
{
	CU_ASSERT_EQUAL(letter->done, 1);
	CU_ASSERT_EQUAL(letter->inbound.code, code);
}

TEST(a_first_message_begins_a_conversation_and_is_answered)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_ask(&rig, &(struct words){.id = "m1"});
	CHECK_STR(letter_at(l, "/message_id"), "m1");
	CHECK_STR(letter_at(l, "/processing_metadata/conversation_created"), "true");
	CHECK_STR(letter_at(l, "/processing_metadata/duplicate"), "false");
	CHECK_STR(letter_at(l, "/processing_metadata/delivery_status"), "sent");
	CHECK_STR(letter_at(l, "/response/type"), "text");
	CHECK_STR(rig_transcript(&rig, letter_home(l)), "1 hello > 2\n");
	CU_ASSERT_EQUAL(rig.stored, 1);
	rig_close(&rig);
}

TEST(a_message_without_an_id_gets_one)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *a = rig_ask(&rig, &(struct words){0});
	struct letter *b = rig_ask(&rig, &(struct words){0});
	CU_ASSERT_EQUAL(strlen(letter_at(a, "/message_id")), 36);
	CU_ASSERT_STRING_NOT_EQUAL(letter_at(a, "/message_id"), letter_at(b, "/message_id"));
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(a), letter_home(b));
	rig_close(&rig);
}

TEST(nothing_is_answered_before_it_is_stored)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_send(&rig, &(struct words){0});
	rig_work(&rig);
	CU_ASSERT_EQUAL(l->done, 0);
	rig_store(&rig);
	CU_ASSERT_EQUAL(l->done, 0);
	rig_work(&rig);
	CU_ASSERT_EQUAL(l->done, 1);
	rig_close(&rig);
}

TEST(questions_and_answers_are_numbered_in_turn)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	rig_ask(&rig, &(struct words){.text = "b", .conversation = home});
	struct letter *l = rig_ask(&rig, &(struct words){.text = "c", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n5 c > 6\n");
	CHECK_STR(letter_at(l, "/processing_metadata/conversation_created"), "false");
	CHECK_STR(letter_home(l), home);
	rig_close(&rig);
}

TEST(what_waits_together_is_one_unit)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	size_t units = rig.script.units;
	struct letter *l[3];
	for (unsigned i = 0; i < 3; i++)
		l[i] = rig_send(&rig, &(struct words){.text = "b", .conversation = home});
	rig_settle(&rig);
	CU_ASSERT_EQUAL(rig.script.units, units + 1);
	CU_ASSERT(l[0]->rank < l[1]->rank && l[1]->rank < l[2]->rank);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n5 b > 6\n7 b > 8\n");
	rig_close(&rig);
}

TEST(two_units_may_be_under_way_and_the_rest_waits)
{
	rig_open(&rig, &(struct rig_spec){.batch_max = 2});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	size_t units = rig.script.units;
	for (unsigned i = 0; i < 7; i++) {
		rig_send(&rig, &(struct words){.text = "b", .conversation = home});
		rig_work(&rig);		/* so that each could go alone */
	}
	rig_store(&rig);
	CU_ASSERT_EQUAL(rig.script.units, units + 2);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(rig.script.units, units + 2 + 3);
	CU_ASSERT_EQUAL(rig_stored(&rig), 8);
	rig_close(&rig);
}

TEST(a_store_that_does_not_block_answers_within_the_turn)
{
	rig_open(&rig, &(struct rig_spec){.prompt = true});
	struct letter *l = rig_send(&rig, &(struct words){.text = "a"});
	rig_work(&rig);
	check_code(l, PAL_OK);
	for (unsigned i = 0; i < 100; i++)
		rig_send(&rig, &(struct words){.conversation = letter_home(l)});
	rig_work(&rig);
	CU_ASSERT_EQUAL(rig_stored(&rig), 101);
	rig_close(&rig);
}

TEST(a_full_mailbox_is_a_rate_limit_with_a_time_to_come_again)
{
	rig_open(&rig, &(struct rig_spec){.mailbox = 2});
	const char *home = letter_home(rig_ask(&rig, &(struct words){0}));
	struct letter *l[3];
	for (unsigned i = 0; i < 3; i++)
		l[i] = rig_send(&rig, &(struct words){.conversation = home});
	check_code(l[2], PAL_E_RATE_LIMIT);
	CU_ASSERT(l[2]->inbound.err.retry_after_ms > 0);
	rig_settle(&rig);
	check_code(l[0], PAL_OK);
	check_code(l[1], PAL_OK);
	rig_close(&rig);
}

TEST(more_conversations_than_fit_are_refused_with_a_time_to_come_again)
{
	rig_open(&rig, &(struct rig_spec){.live = {.idle_ms = 60000, .count_max = 2,
						   .bytes_max = 1 << 20}});
	struct letter *l[3];
	for (unsigned i = 0; i < 3; i++)
		l[i] = rig_send(&rig, &(struct words){0});
	check_code(l[2], PAL_E_SERVICE);
	CU_ASSERT(l[2]->inbound.err.retry_after_ms > 0);
	rig_settle(&rig);
	check_code(l[0], PAL_OK);
	check_code(l[1], PAL_OK);
	rig_ask(&rig, &(struct words){0});	/* an idle one makes room */
	rig_close(&rig);
}

TEST(a_full_store_is_told_and_the_next_message_works)
{
	rig_open(&rig, &(struct rig_spec){.queue_max = 1});
	struct letter *a = rig_send(&rig, &(struct words){0});
	struct letter *b = rig_send(&rig, &(struct words){0});
	rig_work(&rig);
	check_code(b, PAL_E_SERVICE);
	CU_ASSERT(b->inbound.err.retry_after_ms > 0);
	CU_ASSERT_EQUAL(a->done, 0);
	rig_settle(&rig);
	check_code(a, PAL_OK);
	rig_ask(&rig, &(struct words){0});
	CU_ASSERT_EQUAL(rig_stored(&rig), 2);
	rig_close(&rig);
}

TEST(a_failing_store_stores_nothing_and_the_next_message_works)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	script_add(&rig.script, CUE_FAIL);
	struct letter *l = rig_send(&rig, &(struct words){.text = "b", .conversation = home});
	rig_settle(&rig);
	check_code(l, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(l->inbound.err.retry_after_ms, 500);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n");
	rig_ask(&rig, &(struct words){.text = "c", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 c > 4\n");
	rig_close(&rig);
}

TEST(a_conversation_that_was_not_stored_does_not_exist)
{
	rig_open(&rig, &(struct rig_spec){0});
	script_add(&rig.script, CUE_FAIL);
	struct letter *l = rig_send(&rig, &(struct words){.id = "m"});
	rig_settle(&rig);
	check_code(l, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(rig_stored(&rig), 0);
	rig_ask(&rig, &(struct words){.id = "m"});
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

static struct pal_caller person(const char *user, const char *permissions)
{
	return (struct pal_caller){.tenant = {1},
				   .tenant_id = PAL_STR("acme"),
				   .user_id = pal_str(user),
				   .permissions = pal_str(permissions)};
}

TEST(a_person_speaks_for_itself_only_and_staff_for_others)
{
	struct pal_caller ann = person("ann", "conversations:write");
	struct pal_caller staff = person("sam", "conversations:write conversations:staff");

	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.user = "ann", .caller = &ann}));
	struct letter *l = rig_send(&rig, &(struct words){.user = "bob", .caller = &ann});
	check_code(l, PAL_E_UNAUTHORIZED);
	CHECK_STR(l->inbound.err.subject, "user_id");
	rig_ask(&rig, &(struct words){.user = "ann", .caller = &staff, .conversation = home});
	struct letter *joined = rig_ask(
		&rig, &(struct words){.user = "sam", .caller = &staff, .conversation = home});
	CHECK_STR(letter_home(joined), home);
	rig_close(&rig);
}

TEST(an_unknown_id_begins_a_new_conversation)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_ask(&rig, &(struct words){.conversation = "nobody's"});
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), "nobody's");
	CHECK_STR(letter_at(l, "/processing_metadata/conversation_created"), "true");
	CHECK_STR(rig_transcript(&rig, "nobody's"), "absent");
	rig_close(&rig);
}

TEST(a_foreign_users_id_looks_like_an_unknown_one)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.user = "ann"}));
	for (unsigned cold = 0; cold < 2; cold++) {
		struct letter *l = rig_ask(
			&rig, &(struct words){.user = "bob", .conversation = home});
		CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
		CHECK_STR(letter_at(l, "/processing_metadata/conversation_created"), "true");
		rig_passivate(&rig);
	}
	CHECK_STR(rig_transcript(&rig, home), "1 hello > 2\n");
	rig_close(&rig);
}

TEST(a_strict_service_refuses_unknown_and_foreign_ids_alike)
{
	rig_open(&rig, &(struct rig_spec){.strict = true});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.user = "ann"}));
	struct letter *foreign = rig_send(&rig, &(struct words){.user = "bob", .conversation = home});
	struct letter *unknown = rig_send(&rig, &(struct words){.conversation = "nobody's"});
	rig_settle(&rig);
	check_code(foreign, PAL_E_NOT_FOUND);
	check_code(unknown, PAL_E_NOT_FOUND);
	CHECK_STR(foreign->inbound.err.message, unknown->inbound.err.message);
	CHECK_STR(foreign->inbound.err.subject, unknown->inbound.err.subject);
	CU_ASSERT_EQUAL(rig_stored(&rig), 1);
	rig_close(&rig);
}

TEST(another_tenants_id_is_unknown)
{
	rig_open(&rig, &(struct rig_spec){.strict = true});
	struct pal_caller other = rig.backend;
	other.tenant = (struct pal_tenant_key){2};
	const char *home = letter_home(rig_ask(&rig, &(struct words){0}));
	struct letter *l = rig_send(&rig, &(struct words){.caller = &other, .conversation = home});
	rig_settle(&rig);
	check_code(l, PAL_E_NOT_FOUND);
	rig_close(&rig);
}

TEST(a_closed_conversation_is_followed_by_a_new_one)
{
	static const enum pal_conversation_status closed[] = {
		PAL_CONVERSATION_COMPLETED, PAL_CONVERSATION_ABANDONED, PAL_CONVERSATION_ARCHIVED};

	rig_open(&rig, &(struct rig_spec){0});
	for (size_t i = 0; i < 3; i++) {
		struct pal_conversation record;
		const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
		rig_passivate(&rig);
		rig_set_status(&rig, home, closed[i]);
		struct letter *l =
			rig_ask(&rig, &(struct words){.text = "b", .conversation = home});
		CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
		CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n");
		CHECK_STR(rig_transcript(&rig, letter_home(l)), "1 b > 2\n");
		CU_ASSERT(rig_load(&rig, letter_home(l), &record));
		CU_ASSERT(pal_str_equal(record.previous_id, pal_str(home)));
	}
	rig_close(&rig);
}

static void check_gated(struct letter *l)
{
	CHECK_STR(letter_at(l, "/response"), "null");
	CHECK_STR(letter_at(l, "/response_id"), "null");
	CHECK_STR(letter_at(l, "/processing_metadata/delivery_status"), "null");
}

TEST(an_escalated_conversation_is_stored_and_not_answered_by_the_bot)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	rig_passivate(&rig);
	rig_set_status(&rig, home, PAL_CONVERSATION_ESCALATED);
	check_gated(rig_ask(&rig, &(struct words){.text = "b", .conversation = home}));
	check_gated(rig_ask(&rig, &(struct words){.text = "c", .conversation = home}));
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b\n4 c\n");
	rig_close(&rig);
}

TEST(hints_keep_the_bot_quiet)
{
	static const char *const hints[] = {
		",\"processing_hints\":{\"bypass_automation\":true}",
		",\"processing_hints\":{\"require_human_review\":true}",
	};

	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	for (size_t i = 0; i < 2; i++)
		check_gated(rig_ask(&rig, &(struct words){
						  .text = "b", .conversation = home, .more = hints[i]}));
	rig_ask(&rig, &(struct words){.text = "c", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b\n4 b\n5 c > 6\n");
	rig_close(&rig);
}

TEST(limits_change_from_the_next_turn_on)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){0}));
	pal_message_set_limits(rig.service, &(struct pal_message_limits){
						    .batch_max = 1, .strict_conversation_id = true});
	size_t units = rig.script.units;
	for (unsigned i = 0; i < 3; i++)
		rig_send(&rig, &(struct words){.conversation = home});
	struct letter *l = rig_send(&rig, &(struct words){.conversation = "nobody's"});
	rig_settle(&rig);
	CU_ASSERT_EQUAL(rig.script.units, units + 3);
	check_code(l, PAL_E_NOT_FOUND);
	rig_close(&rig);
}

TEST(a_service_that_drains_refuses_what_is_new_and_finishes_the_rest)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *a = rig_send(&rig, &(struct words){0});
	rig_work(&rig);
	CU_ASSERT(pal_message_drain(rig.service) > 0);
	struct letter *b = rig_send(&rig, &(struct words){0});
	check_code(b, PAL_E_SERVICE);
	rig_settle(&rig);
	check_code(a, PAL_OK);
	rig_close(&rig);
}

TEST(what_a_stopping_daemon_leaves_behind_is_answered_all_the_same)
{
	rig_open(&rig, &(struct rig_spec){.batch_max = 1});
	struct letter *first = rig_ask(&rig, &(struct words){.id = "a"});
	const char *home = letter_home(first);
	struct letter *stored = rig_send(&rig, &(struct words){.conversation = home});
	rig_work(&rig);
	struct letter *repeat = rig_send(&rig, &(struct words){.conversation = home, .id = "a"});
	rig_work(&rig);
	struct letter *waiting = rig_send(&rig, &(struct words){.conversation = home});
	rig_work(&rig);
	rig_store(&rig);	/* both units are judged, nobody took the verdicts */
	rig_abandon(&rig);	/* checks that each letter is done once */
	(void)stored, (void)repeat, (void)waiting;
}

SUITE(message, CASE(a_first_message_begins_a_conversation_and_is_answered),
      CASE(a_message_without_an_id_gets_one), CASE(nothing_is_answered_before_it_is_stored),
      CASE(questions_and_answers_are_numbered_in_turn), CASE(what_waits_together_is_one_unit),
      CASE(two_units_may_be_under_way_and_the_rest_waits),
      CASE(a_store_that_does_not_block_answers_within_the_turn),
      CASE(a_full_mailbox_is_a_rate_limit_with_a_time_to_come_again),
      CASE(more_conversations_than_fit_are_refused_with_a_time_to_come_again),
      CASE(a_full_store_is_told_and_the_next_message_works),
      CASE(a_failing_store_stores_nothing_and_the_next_message_works),
      CASE(a_conversation_that_was_not_stored_does_not_exist),
      CASE(a_person_speaks_for_itself_only_and_staff_for_others),
      CASE(an_unknown_id_begins_a_new_conversation),
      CASE(a_foreign_users_id_looks_like_an_unknown_one),
      CASE(a_strict_service_refuses_unknown_and_foreign_ids_alike),
      CASE(another_tenants_id_is_unknown), CASE(a_closed_conversation_is_followed_by_a_new_one),
      CASE(an_escalated_conversation_is_stored_and_not_answered_by_the_bot),
      CASE(hints_keep_the_bot_quiet), CASE(limits_change_from_the_next_turn_on),
      CASE(a_service_that_drains_refuses_what_is_new_and_finishes_the_rest),
      CASE(what_a_stopping_daemon_leaves_behind_is_answered_all_the_same))
