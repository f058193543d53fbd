/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation and its store: conflicts, failures, coming and going. */
#include "service/conversation/conversation.h"

#include <stdio.h>

#include "rig.h"
#include "suite.h"

static struct rig rig;

static const char *begin_home(const struct rig_spec *spec)
{
	rig_open(&rig, spec);
	return letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
}

/* Send texts "b", "c"... and let each become a unit of its own as far as that goes. */
static void send_singly(const char *home, struct letter **letters, size_t n)
{
	static const char *const texts[] = {"b", "c", "d", "e", "f", "g"};

	for (size_t i = 0; i < n; i++) {
		letters[i] = rig_send(&rig, &(struct words){.text = texts[i], .conversation = home});
		rig_work(&rig);
	}
}

TEST(what_is_behind_a_stale_unit_runs_again_in_the_old_order)
{
	struct letter *l[4];
	const char *home = begin_home(&(struct rig_spec){.batch_max = 1});

	script_add(&rig.script, CUE_STALE);
	send_singly(home, l, 4);
	rig_settle(&rig);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n5 c > 6\n7 d > 8\n9 e > 10\n");
	for (size_t i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(l[i]->inbound.code, PAL_OK);
		CU_ASSERT_EQUAL(l[i]->rank, i + 2);
	}
	rig_close(&rig);
}

TEST(a_failed_unit_fails_alone_and_what_is_behind_it_moves_up)
{
	struct letter *l[3];
	const char *home = begin_home(&(struct rig_spec){.batch_max = 1});

	script_add(&rig.script, CUE_FAIL);
	send_singly(home, l, 3);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(l[0]->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(l[1]->inbound.code, PAL_OK);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 c > 4\n5 d > 6\n");
	rig_close(&rig);
}

TEST(a_lost_verdict_is_no_failure_of_what_follows)
{
	struct letter *l[2];
	const char *home = begin_home(&(struct rig_spec){.batch_max = 1});

	script_add(&rig.script, CUE_LOSE);	/* stored, but the service is told it failed */
	send_singly(home, l, 2);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(l[0]->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(l[1]->inbound.code, PAL_OK);
	rig_ask(&rig, &(struct words){.text = "d", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n5 c > 6\n7 d > 8\n");
	rig_close(&rig);
}

TEST(a_unit_that_is_stale_for_ever_is_given_up)
{
	struct letter *l[2];
	const char *home = begin_home(&(struct rig_spec){.batch_max = 1});

	for (unsigned i = 0; i < 30; i++)
		script_add(&rig.script, CUE_STALE);
	send_singly(home, l, 2);
	rig_settle(&rig);
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(l[i]->inbound.code, PAL_E_SERVICE);
		CU_ASSERT(l[i]->inbound.err.retry_after_ms > 0);
	}
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n");
	rig.script.cues = rig.script.played = 0;
	rig_ask(&rig, &(struct words){.text = "z", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 z > 4\n");
	rig_close(&rig);
}

TEST(a_new_conversation_survives_a_conflict)
{
	rig_open(&rig, &(struct rig_spec){0});
	script_add(&rig.script, CUE_STALE);
	struct letter *l = rig_ask(&rig, &(struct words){.text = "a"});
	CHECK_STR(letter_at(l, "/processing_metadata/conversation_created"), "true");
	CHECK_STR(rig_transcript(&rig, letter_home(l)), "1 a > 2\n");
	rig_close(&rig);
}

TEST(another_node_may_write_in_between)
{
	struct pal_conversation record;
	const char *home = begin_home(&(struct rig_spec){0});

	CU_ASSERT(rig_load(&rig, home, &record));
	struct pal_exchange theirs = {
		.in = {.message_id = PAL_STR("theirs"),
		       .user_id = PAL_STR("u"),
		       .sequence = 3,
		       .content = {.text = PAL_STR("x"), .raw = PAL_STR("{}")}},
		.received_ms = RIG_START_MS,
		.state = PAL_STR("{}"),
	};
	struct pal_unit unit = {.tenant = {1}, .conversation = &record, .exchanges = &theirs,
				.count = 1};
	struct pal_unit *units = &unit;
	rig.script.memory->ops->commit(rig.script.memory, &units, 1, NULL, 0);
	CU_ASSERT_EQUAL(unit.verdict, PAL_UNIT_STORED);
	rig_ask(&rig, &(struct words){.text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 x\n4 b > 5\n");
	rig_close(&rig);
}

TEST(a_load_that_fails_fails_what_waits_and_the_next_message_works)
{
	struct letter *l[2];
	const char *home = begin_home(&(struct rig_spec){0});

	rig_passivate(&rig);
	rig.script.failing_loads = 1;
	for (size_t i = 0; i < 2; i++)
		l[i] = rig_send(&rig, &(struct words){.conversation = home});
	rig_settle(&rig);
	for (size_t i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(l[i]->inbound.code, PAL_E_SERVICE);
		CU_ASSERT_EQUAL(l[i]->inbound.err.retry_after_ms, 500);
	}
	rig_ask(&rig, &(struct words){.text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n");
	rig_close(&rig);
}

TEST(a_full_read_lane_fails_what_waits)
{
	static struct letter *l[3];
	const char *homes[3];

	rig_open(&rig, &(struct rig_spec){.queue_max = 1});
	for (size_t i = 0; i < 3; i++)
		homes[i] = letter_home(rig_ask(&rig, &(struct words){0}));
	rig_passivate(&rig);
	for (size_t i = 0; i < 3; i++)
		l[i] = rig_send(&rig, &(struct words){.conversation = homes[i]});
	rig_work(&rig);
	unsigned refused = 0;
	for (size_t i = 0; i < 3; i++)
		refused += l[i]->done && l[i]->inbound.code == PAL_E_SERVICE &&
			   l[i]->inbound.err.retry_after_ms > 0;
	CU_ASSERT_EQUAL(refused, 2);
	rig_settle(&rig);
	rig_close(&rig);
}

/* This once spun for ever: a turn that may take no more must not be called again for what is left. */
TEST(a_cold_conversation_takes_more_than_a_batch)
{
	struct letter *l[20];
	const char *home = begin_home(&(struct rig_spec){.batch_max = 4});

	rig_passivate(&rig);
	for (size_t i = 0; i < 20; i++)
		l[i] = rig_send(&rig, &(struct words){.conversation = home});
	rig_work(&rig);		/* returns: the load is on its way and nobody spins */
	size_t units = rig.script.units;
	rig_settle(&rig);
	for (size_t i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(l[i]->inbound.code, PAL_OK);
		CU_ASSERT_EQUAL(l[i]->rank, i + 2);
	}
	CU_ASSERT_EQUAL(rig.script.units, units + 5);
	rig_close(&rig);
}

TEST(a_conversation_let_go_is_written_behind_and_numbers_on)
{
	const char *home = begin_home(&(struct rig_spec){0});

	rig_ask(&rig, &(struct words){.text = "help", .conversation = home});
	CU_ASSERT_EQUAL(pal_message_live(rig.service).live, 1);
	rig_passivate(&rig);
	CU_ASSERT_EQUAL(pal_message_live(rig.service).live, 0);
	CU_ASSERT_EQUAL(rig.script.behind, 1);
	CU_ASSERT_EQUAL(rig.script.last_behind.last_sequence, 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.script.last_behind_state, "\"support\""));
	size_t loads = rig.script.loads;
	struct letter *l = rig_ask(&rig, &(struct words){.text = "c", .conversation = home});
	CU_ASSERT_EQUAL(rig.script.loads, loads + 1);
	CHECK_STR(letter_home(l), home);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 help > 4\n5 c > 6\n");
	rig_close(&rig);
}

TEST(a_conversation_that_learnt_nothing_is_not_written_behind)
{
	const char *home = begin_home(&(struct rig_spec){0});

	rig_passivate(&rig);
	CU_ASSERT_EQUAL(rig.script.behind, 1);
	script_add(&rig.script, CUE_FAIL);
	struct letter *l = rig_send(&rig, &(struct words){.conversation = home});
	rig_passivate(&rig);
	CU_ASSERT_EQUAL(l->inbound.code, PAL_E_SERVICE);
	CU_ASSERT_EQUAL(pal_message_live(rig.service).live, 0);
	CU_ASSERT_EQUAL(rig.script.behind, 1);
	rig_close(&rig);
}

/* What was computed for a unit that was not stored must not reach the record. */
TEST(what_was_not_stored_is_not_written_behind)
{
	struct pal_conversation record;
	const char *home = begin_home(&(struct rig_spec){0});

	script_add(&rig.script, CUE_FAIL);
	rig_send(&rig, &(struct words){.text = "where is my order", .conversation = home});
	rig_passivate(&rig);
	CU_ASSERT(rig_load(&rig, home, &record));
	CU_ASSERT_EQUAL(record.last_sequence, 2);
	CU_ASSERT_PTR_NULL(memmem(record.state.p, record.state.n, "order", 5));
	rig_close(&rig);
}

TEST(a_crowd_makes_room_for_itself)
{
	const char *homes[8];

	rig_open(&rig, &(struct rig_spec){
			       .live = {.idle_ms = 60000, .count_max = 4, .bytes_max = 1 << 20}});
	for (size_t i = 0; i < 8; i++)
		homes[i] = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));
	for (size_t i = 0; i < 8; i++)
		rig_ask(&rig, &(struct words){.text = "b", .conversation = homes[i]});
	for (size_t i = 0; i < 8; i++)
		CHECK_STR(rig_transcript(&rig, homes[i]), "1 a > 2\n3 b > 4\n");
	CU_ASSERT(pal_message_live(rig.service).live <= 4);
	rig_close(&rig);
}

TEST(a_drain_leaves_nothing_however_busy)
{
	const char *home = begin_home(&(struct rig_spec){.batch_max = 2});

	for (unsigned i = 0; i < 9; i++)
		rig_send(&rig, &(struct words){.conversation = home});
	rig_work(&rig);
	CU_ASSERT(pal_message_drain(rig.service) > 0);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(rig_stored(&rig), 10);
	rig_close(&rig);	/* checks that nothing is left */
}

SUITE(conversation, CASE(what_is_behind_a_stale_unit_runs_again_in_the_old_order),
      CASE(a_failed_unit_fails_alone_and_what_is_behind_it_moves_up),
      CASE(a_lost_verdict_is_no_failure_of_what_follows),
      CASE(a_unit_that_is_stale_for_ever_is_given_up), CASE(a_new_conversation_survives_a_conflict),
      CASE(another_node_may_write_in_between),
      CASE(a_load_that_fails_fails_what_waits_and_the_next_message_works),
      CASE(a_full_read_lane_fails_what_waits), CASE(a_cold_conversation_takes_more_than_a_batch),
      CASE(a_conversation_let_go_is_written_behind_and_numbers_on),
      CASE(a_conversation_that_learnt_nothing_is_not_written_behind),
      CASE(what_was_not_stored_is_not_written_behind), CASE(a_crowd_makes_room_for_itself),
      CASE(a_drain_leaves_nothing_however_busy))
