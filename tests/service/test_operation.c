/* SPDX-License-Identifier: Apache-2.0 */
/* What each operation does to a conversation, and what it refuses. */
#include "service/conversation/operation.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/details.h"
#include "order.h"
#include "service/conversation/conversation.h"
#include "suite.h"

#define TEXT(literal) {literal, sizeof(literal) - 1}
#define PERSON(name, may)                                                                          \
	{.tenant = {1}, .tenant_id = TEXT("acme"), .user_id = TEXT(name), .permissions = TEXT(may)}

#define CREATE_C "{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}"

static struct rig rig;
static const struct pal_caller alice = PERSON("alice", "conversations:write");
static const struct pal_caller bob = PERSON("bob", "conversations:write");
static const struct pal_caller agent = PERSON("agent", "conversations:*");
static const struct pal_caller stranger = {
	.tenant = {2},
	.tenant_id = TEXT("other"),
	.key_id = TEXT("key-2"),
	.permissions = TEXT("*"),
};

/* A conversation of alice in which something was said. */
static const char *begin(void)
{
	rig_open(&rig, &(struct rig_spec){0});
	return letter_home(rig_ask(&rig, &(struct words){.user = "alice", .text = "a"}));
}

static void end(void)
{
	orders_end();
	rig_close(&rig);
}

static void check_refused(struct order *order, enum pal_code code)
{
	CU_ASSERT_EQUAL(order->op.command.code, code);
}

static enum pal_conversation_status stored_status(const char *id)
{
	struct pal_conversation c = {.status = PAL_CONVERSATION_STATUS_COUNT};

	CU_ASSERT(rig_load(&rig, id, &c));
	return c.status;
}

/* --- Create ----------------------------------------------------------------------------------- */

TEST(a_conversation_is_created_with_what_the_request_says)
{
	rig_open(&rig, &(struct rig_spec){0});
	static const char body[] =
		"{\"conversation_id\":\"c1\",\"user_id\":\"alice\",\"channel\":\"web\","
		"\"tags\":[\"x\"],\"user_context\":{\"k\":1},\"priority\":\"high\"}";
	struct order *o = order_ask(&rig, PAL_VERB_CREATE, NULL, body);

	CHECK_STR(order_at(o, "/conversation_id"), "c1");
	CHECK_STR(order_at(o, "/status"), "active");
	CHECK_STR(order_at(o, "/tags/0"), "x");
	CHECK_STR(order_at(o, "/context/k"), "1");
	CHECK_STR(order_at(o, "/priority"), "high");
	rig_ask(&rig, &(struct words){.user = "alice", .text = "hi", .conversation = "c1"});
	CHECK_STR(rig_transcript(&rig, "c1"), "1 hi > 2\n");
	CHECK_STR(rig_trail(&rig), "conversation.created ");
	end();
}

TEST(without_an_id_one_is_made)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct order *o =
		order_ask(&rig, PAL_VERB_CREATE, NULL, "{\"user_id\":\"u\",\"channel\":\"web\"}");

	CU_ASSERT_EQUAL(strlen(order_at(o, "/conversation_id")), 36);
	CU_ASSERT_EQUAL(stored_status(order_at(o, "/conversation_id")), PAL_CONVERSATION_ACTIVE);
	end();
}

TEST(an_id_that_is_taken_is_a_conflict_live_or_not)
{
	const char *home = begin();
	char body[128];

	snprintf(body, sizeof(body),
		 "{\"conversation_id\":\"%s\",\"user_id\":\"alice\",\"channel\":\"web\"}", home);
	check_refused(order_ask(&rig, PAL_VERB_CREATE, NULL, body), PAL_E_CONFLICT);
	rig_passivate(&rig);
	check_refused(order_ask(&rig, PAL_VERB_CREATE, NULL, body), PAL_E_CONFLICT);
	order_ask(&rig, PAL_VERB_DELETE, home, NULL);
	check_refused(order_ask(&rig, PAL_VERB_CREATE, NULL, body), PAL_E_CONFLICT);
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n");
	end();
}

TEST(b68_the_same_id_may_be_had_by_another_tenant)
{
	const char *const body =
		"{\"conversation_id\":\"c1\",\"user_id\":\"u\",\"channel\":\"web\"}";

	rig_open(&rig, &(struct rig_spec){0});
	CHECK_STR(order_at(order_ask(&rig, PAL_VERB_CREATE, NULL, body), "/status"), "active");
	CHECK_STR(order_at(order_ask_as(&rig, &stranger, PAL_VERB_CREATE, NULL, body), "/status"),
		  "active");
	end();
}

TEST(nobody_begins_a_conversation_for_somebody_else)
{
	rig_open(&rig, &(struct rig_spec){0});
	check_refused(order_ask_as(&rig, &bob, PAL_VERB_CREATE, NULL,
				   "{\"user_id\":\"alice\",\"channel\":\"web\"}"),
		      PAL_E_UNAUTHORIZED);
	CU_ASSERT_EQUAL(order_ask_as(&rig, &agent, PAL_VERB_CREATE, NULL,
				     "{\"user_id\":\"alice\",\"channel\":\"web\"}")
				->op.command.code,
			PAL_OK);
	end();
}

TEST(of_many_who_create_the_same_one_wins)
{
	struct order *o[16];
	unsigned won = 0;

	rig_open(&rig, &(struct rig_spec){0});
	for (size_t i = 0; i < 16; i++)
		o[i] = order_send(&rig, PAL_VERB_CREATE, NULL, CREATE_C);
	rig_settle(&rig);
	for (size_t i = 0; i < 16; i++) {
		won += o[i]->op.command.code == PAL_OK;
		CU_ASSERT(o[i]->op.command.code == PAL_OK ||
			  o[i]->op.command.code == PAL_E_CONFLICT);
	}
	CU_ASSERT_EQUAL(won, 1);
	end();
}

TEST(messages_behind_a_creation_go_into_it_and_those_before_do_not)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *before = rig_send(&rig, &(struct words){.conversation = "c", .text = "x"});
	order_send(&rig, PAL_VERB_CREATE, NULL,
		   "{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}");
	struct letter *after = rig_send(&rig, &(struct words){.conversation = "c", .text = "y"});
	rig_settle(&rig);
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(before), "c");
	CHECK_STR(letter_home(after), "c");
	CHECK_STR(rig_transcript(&rig, "c"), "1 y > 2\n");
	end();
}

TEST(a_creation_that_fails_leaves_nothing_and_what_waited_goes_elsewhere)
{
	rig_open(&rig, &(struct rig_spec){0});
	script_add(&rig.script, CUE_FAIL);
	struct order *o = order_send(&rig, PAL_VERB_CREATE, NULL,
				     "{\"conversation_id\":\"c\",\"user_id\":\"u\","
				     "\"channel\":\"web\"}");
	struct letter *after = rig_send(&rig, &(struct words){.conversation = "c", .text = "y"});
	rig_settle(&rig);
	check_refused(o, PAL_E_SERVICE);
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(after), "c");
	CHECK_STR(rig_transcript(&rig, "c"), "absent");
	end();
}

TEST(a_creation_that_was_stored_unheard_is_found_at_the_next_try)
{
	const char *const body =
		"{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}";

	rig_open(&rig, &(struct rig_spec){0});
	script_add(&rig.script, CUE_LOSE);
	check_refused(order_ask(&rig, PAL_VERB_CREATE, NULL, body), PAL_E_SERVICE);
	check_refused(order_ask(&rig, PAL_VERB_CREATE, NULL, body), PAL_E_CONFLICT);
	end();
}

/* --- Update ----------------------------------------------------------------------------------- */

TEST(an_update_changes_what_it_names_and_nothing_else)
{
	const char *home = begin();

	order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"billing\",\"tags\":[\"a\",\"b\"]}");
	struct order *o =
		order_ask(&rig, PAL_VERB_UPDATE, home,
			  "{\"notes\":\"n\",\"assigned_agent\":\"agent\",\"user_id\":\"x\"}");
	CHECK_STR(order_at(o, "/category"), "billing");
	CHECK_STR(order_at(o, "/tags/1"), "b");
	CHECK_STR(order_at(o, "/notes"), "n");
	CHECK_STR(order_at(o, "/assigned_agent"), "agent");
	CHECK_STR(order_at(o, "/user_id"), "alice");
	CHECK_STR(order_at(o, "/status"), "active");
	rig_passivate(&rig);
	o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":null}");
	CHECK_STR(order_at(o, "/category"), "null");
	CHECK_STR(order_at(o, "/notes"), "n");
	end();
}

/* Update at one of `versions`; with nothing changed when it is refused. */
static enum pal_code update_at(const char *home, const char *versions, const char *body)
{
	struct order *o = order_write(&rig, PAL_VERB_UPDATE, home, body);

	o->op.versions = pal_str(versions);
	pal_operate(rig.service, &o->op);
	rig_settle(&rig);
	return o->op.command.code;
}

TEST(a_change_held_to_a_version_is_refused_at_another)
{
	const char *home = begin();
	struct order *first = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"a\"}");
	char both[100];

	CU_ASSERT_EQUAL(strlen(first->op.version), PAL_CONVERSATION_VERSION_SIZE - 1);
	CU_ASSERT_EQUAL(update_at(home, first->op.version, "{\"category\":\"b\"}"), PAL_OK);
	CU_ASSERT_EQUAL(update_at(home, first->op.version, "{\"category\":\"c\"}"),
			PAL_E_PRECONDITION);
	CU_ASSERT_EQUAL(update_at(home, "", "{\"category\":\"c\"}"), PAL_E_PRECONDITION);
	struct order *second = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"notes\":\"n\"}");
	CHECK_STR(order_at(second, "/category"), "b");
	snprintf(both, sizeof(both), "%s %s", first->op.version, second->op.version);
	CU_ASSERT_EQUAL(update_at(home, both, "{\"category\":\"d\"}"), PAL_OK);
	CU_ASSERT_EQUAL(update_at(home, "*", "{\"category\":\"e\"}"), PAL_OK);
	end();
}

TEST(a_message_is_another_version_and_being_let_go_is_none)
{
	const char *home = begin();
	struct order *o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"a\"}");

	rig_passivate(&rig);
	CU_ASSERT_EQUAL(update_at(home, o->op.version, "{\"category\":\"b\"}"), PAL_OK);
	o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"c\"}");
	rig_ask(&rig, &(struct words){.user = "alice", .text = "b", .conversation = home});
	CU_ASSERT_EQUAL(update_at(home, o->op.version, "{\"category\":\"d\"}"),
			PAL_E_PRECONDITION);
	end();
}

TEST(of_many_held_to_one_version_one_wins)
{
	const char *home = begin();
	struct order *o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"a\"}"), *all[16];
	size_t won = 0;

	for (size_t i = 0; i < 16; i++) {
		all[i] = order_write(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"b\"}");
		all[i]->op.versions = pal_str(o->op.version);
		pal_operate(rig.service, &all[i]->op);
	}
	rig_settle(&rig);
	for (size_t i = 0; i < 16; i++)
		if (all[i]->op.command.code == PAL_OK)
			won++;
		else
			check_refused(all[i], PAL_E_PRECONDITION);
	CU_ASSERT_EQUAL(won, 1);
	end();
}

TEST(an_update_follows_the_table_of_statuses)
{
	const char *home = begin();

	order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"paused\"}");
	check_refused(order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"escalated\"}"),
		      PAL_E_CONFLICT);
	CU_ASSERT_EQUAL(stored_status(home), PAL_CONVERSATION_PAUSED);
	struct order *o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"completed\"}");
	CU_ASSERT_STRING_NOT_EQUAL(order_at(o, "/completed_at"), "null");
	CHECK_STR(order_at(o, "/duration_seconds"), "0");
	check_refused(order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"active\"}"),
		      PAL_E_CONFLICT);
	order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"archived\"}");
	check_refused(order_ask(&rig, PAL_VERB_REOPEN, home, NULL), PAL_E_CONFLICT);
	end();
}

TEST(b67_the_status_it_has_is_no_conflict)
{
	const char *home = begin();

	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"active\"}")
				->op.command.code,
			PAL_OK);
	end();
}

/* b65: whole-document writes lose what others wrote meanwhile. */
TEST(b65_concurrent_context_updates_lose_nothing)
{
	struct pal_json *json = calloc(1, sizeof(*json));
	const char *home = begin();
	struct pal_conversation c;
	char body[64];

	for (int i = 0; i < 100; i++) {
		snprintf(body, sizeof(body), "{\"context\":{\"k%d\":%d}}", i, i);
		order_send(&rig, PAL_VERB_UPDATE_CONTEXT, home, body);
		rig_send(&rig, &(struct words){.user = "alice", .conversation = home});
	}
	rig_settle(&rig);
	CU_ASSERT(rig_load(&rig, home, &c));
	struct pal_details d = pal_details_read(json, c.details);
	for (int i = 0; i < 100; i++) {
		snprintf(body, sizeof(body), "k%d", i);
		CU_ASSERT_EQUAL(pal_details_number(&d, PAL_DETAIL_CONTEXT, json, body), i);
	}
	CU_ASSERT_EQUAL(c.last_sequence, 202);
	free(json);
	end();
}

TEST(context_is_merged_key_by_key_and_null_removes)
{
	const char *home = begin();

	order_ask(&rig, PAL_VERB_UPDATE_CONTEXT, home, "{\"context\":{\"a\":1,\"b\":{\"x\":1}}}");
	struct order *o = order_ask(&rig, PAL_VERB_UPDATE_CONTEXT, home,
				    "{\"context\":{\"a\":null,\"b\":{\"y\":2}}}");
	CHECK_STR(order_at(o, "/context"), "{ \"b\": { \"y\": 2 } }");
	CHECK_STR(rig_trail(&rig), "conversation.context_updated conversation.context_updated ");
	end();
}

/* An object of one key whose array holds `n` small numbers. */
static char *crowd(const char *before, char key, unsigned n)
{
	static char body[16384];
	size_t at = (size_t)snprintf(body, sizeof(body), "%s{\"%c\":[0", before, key);

	for (unsigned i = 1; i < n; i++)
		at += (size_t)snprintf(body + at, sizeof(body) - at, ",0");
	snprintf(body + at, sizeof(body) - at, "]}}");
	return body;
}

TEST(a_context_that_grows_too_large_is_refused_and_stays)
{
	const char *home = begin();

	for (char key = 'a'; key <= 'b'; key++)
		CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_UPDATE_CONTEXT, home,
					  crowd("{\"context\":", key, 1900))
					->op.command.code,
				PAL_OK);
	struct order *o = order_ask(&rig, PAL_VERB_UPDATE_CONTEXT, home,
				    crowd("{\"context\":", 'c', 1900));
	check_refused(o, PAL_E_VALIDATION);
	CHECK_STR(o->op.command.err.subject, "context");
	/* each fits alone, but together they could not be read again */
	o = order_ask(&rig, PAL_VERB_UPDATE, home, crowd("{\"metadata\":", 'm', 3000));
	check_refused(o, PAL_E_VALIDATION);
	o = order_ask(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"still here\"}");
	CHECK_STR(order_at(o, "/context/b/0"), "0");
	end();
}

/* --- Close ------------------------------------------------------------------------------------ */

TEST(closing_tells_how_it_ended)
{
	const char *home = begin();

	pal_clock_fake_advance_ms(&rig.clock, 90500);
	struct order *o = order_ask_as(&rig, &agent, PAL_VERB_CLOSE, home,
				       "{\"reason\":\"solved\",\"resolution_type\":\"resolved\","
				       "\"satisfaction_rating\":5,\"agent_notes\":\"nice\"}");
	CHECK_STR(order_at(o, "/status"), "completed");
	CHECK_STR(order_at(o, "/duration_seconds"), "90");
	CHECK_STR(order_at(o, "/closing/reason"), "solved");
	CHECK_STR(order_at(o, "/closing/satisfaction_rating"), "5");
	CHECK_STR(order_at(o, "/closing/closed_by"), "agent");
	CHECK_STR(order_at(o, "/closing_notes"), "nice");
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_CONFLICT);
	CHECK_STR(rig_trail(&rig), "conversation.closed ");
	end();
}

TEST(what_agents_write_is_not_shown_to_the_user)
{
	const char *home = begin();

	order_ask_as(&rig, &agent, PAL_VERB_UPDATE, home, "{\"notes\":\"secret\"}");
	struct order *o = order_ask_as(&rig, &alice, PAL_VERB_CLOSE, home, NULL);
	CHECK_STR(order_at(o, "/closing/reason"), "completed");
	CHECK_STR(order_at(o, "/closing/resolution_type"), "resolved");
	CU_ASSERT_PTR_NULL(memmem(o->op.command.data.data, o->op.command.data.len, "secret", 6));
	end();
}

TEST(b7_a_message_after_the_close_begins_a_linked_conversation)
{
	const char *home = begin();
	struct pal_conversation c;

	order_ask(&rig, PAL_VERB_CLOSE, home, NULL);
	struct letter *l = rig_ask(&rig, &(struct words){.user = "alice", .conversation = home});
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
	CU_ASSERT(rig_load(&rig, letter_home(l), &c));
	CU_ASSERT(pal_str_equal(c.previous_id, pal_str(home)));
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n");
	end();
}

TEST(of_64_closes_at_once_one_wins)
{
	struct order *o[64];
	unsigned won = 0, lost = 0;
	const char *home = begin();

	for (size_t i = 0; i < 64; i++)
		o[i] = order_send(&rig, PAL_VERB_CLOSE, home, NULL);
	rig_settle(&rig);
	for (size_t i = 0; i < 64; i++) {
		won += o[i]->op.command.code == PAL_OK;
		lost += o[i]->op.command.code == PAL_E_CONFLICT;
	}
	CU_ASSERT_EQUAL(won, 1);
	CU_ASSERT_EQUAL(lost, 63);
	CHECK_STR(rig_trail(&rig), "conversation.closed ");
	end();
}

TEST(messages_taken_before_a_close_are_answered_in_it_and_later_ones_elsewhere)
{
	struct letter *before[5], *after[5];
	const char *home = begin();
	const struct words b = {.user = "alice", .text = "b", .conversation = home};
	const struct words c = {.user = "alice", .text = "c", .conversation = home};

	for (size_t i = 0; i < 5; i++)
		before[i] = rig_send(&rig, &b);
	struct order *o = order_send(&rig, PAL_VERB_CLOSE, home, NULL);
	for (size_t i = 0; i < 5; i++)
		after[i] = rig_send(&rig, &c);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(o->op.command.code, PAL_OK);
	for (size_t i = 0; i < 5; i++) {
		CHECK_STR(letter_home(before[i]), home);
		CU_ASSERT_STRING_NOT_EQUAL(letter_home(after[i]), home);
		CU_ASSERT(before[i]->rank < o->rank && o->rank < after[i]->rank);
	}
	CHECK_STR(rig_transcript(&rig, home),
		  "1 a > 2\n3 b > 4\n5 b > 6\n7 b > 8\n9 b > 10\n11 b > 12\n");
	end();
}

TEST(a_close_is_remembered_when_the_conversation_was_let_go)
{
	const char *home = begin();

	order_ask(&rig, PAL_VERB_CLOSE, home, NULL);
	rig_passivate(&rig);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_CONFLICT);
	struct letter *l = rig_ask(&rig, &(struct words){.user = "alice", .conversation = home});
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
	end();
}

TEST(a_close_that_the_store_refuses_is_none)
{
	const char *home = begin();

	script_add(&rig.script, CUE_FAIL);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_SERVICE);
	CU_ASSERT_EQUAL(stored_status(home), PAL_CONVERSATION_ACTIVE);
	rig_ask(&rig, &(struct words){.user = "alice", .text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n");
	end();
}

TEST(a_close_whose_answer_was_lost_is_found_out)
{
	const char *home = begin();

	script_add(&rig.script, CUE_LOSE);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_SERVICE);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_CONFLICT);
	struct letter *l = rig_ask(&rig, &(struct words){.user = "alice", .conversation = home});
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
	end();
}

TEST(a_stale_unit_is_tried_again_and_given_up_in_the_end)
{
	const char *home = begin();

	script_add(&rig.script, CUE_STALE);
	CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_ESCALATE, home, NULL)->op.command.code, PAL_OK);
	for (unsigned i = 0; i < 20; i++)
		script_add(&rig.script, CUE_STALE);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_SERVICE);
	CU_ASSERT_EQUAL(stored_status(home), PAL_CONVERSATION_ESCALATED);
	end();
}

/* --- Escalate, transfer, reopen --------------------------------------------------------------- */

TEST(b7_after_an_escalation_the_bot_is_quiet_until_it_is_lifted)
{
	const char *home = begin();

	struct order *o = order_ask(&rig, PAL_VERB_ESCALATE, home, "{\"reason\":\"angry\"}");
	CHECK_STR(order_at(o, "/status"), "escalated");
	CHECK_STR(order_at(o, "/escalation/reason"), "angry");
	CHECK_STR(order_at(o, "/escalation/count"), "1");
	CHECK_STR(order_at(o, "/escalation/escalated_by"), "key-1");
	rig_ask(&rig, &(struct words){.user = "alice", .text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b\n");
	check_refused(order_ask(&rig, PAL_VERB_ESCALATE, home, NULL), PAL_E_CONFLICT);
	order_ask(&rig, PAL_VERB_UPDATE, home, "{\"status\":\"active\"}");
	rig_ask(&rig, &(struct words){.user = "alice", .text = "c", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b\n4 c > 5\n");
	o = order_ask(&rig, PAL_VERB_ESCALATE, home, NULL);
	CHECK_STR(order_at(o, "/escalation/count"), "2");
	end();
}

TEST(a_transfer_escalates_and_says_to_whom)
{
	const char *home = begin();

	struct order *o = order_ask(&rig, PAL_VERB_TRANSFER, home,
				    "{\"target_agent\":\"ann\",\"target_department\":\"billing\","
				    "\"transfer_reason\":\"invoice\",\"transfer_notes\":\"hm\","
				    "\"priority_change\":\"urgent\"}");
	CHECK_STR(order_at(o, "/status"), "escalated");
	CHECK_STR(order_at(o, "/assigned_agent"), "ann");
	CHECK_STR(order_at(o, "/department"), "billing");
	CHECK_STR(order_at(o, "/priority"), "urgent");
	CHECK_STR(order_at(o, "/transfer/reason"), "invoice");
	CHECK_STR(order_at(o, "/escalation/count"), "1");
	o = order_ask(&rig, PAL_VERB_TRANSFER, home,
		      "{\"target_queue\":\"night\",\"transfer_reason\":\"shift\"}");
	CHECK_STR(order_at(o, "/queue"), "night");
	CHECK_STR(order_at(o, "/assigned_agent"), "ann");
	CHECK_STR(order_at(o, "/transfer_notes"), "null");
	CHECK_STR(order_at(o, "/escalation/count"), "1");
	order_ask(&rig, PAL_VERB_CLOSE, home, NULL);
	check_refused(order_ask(&rig, PAL_VERB_TRANSFER, home,
				"{\"target_queue\":\"q\",\"transfer_reason\":\"r\"}"),
		      PAL_E_CONFLICT);
	end();
}

TEST(reopening_is_audited_and_the_bot_speaks_again)
{
	const char *home = begin();

	check_refused(order_ask(&rig, PAL_VERB_REOPEN, home, NULL), PAL_E_CONFLICT);
	order_ask(&rig, PAL_VERB_CLOSE, home, NULL);
	struct order *o = order_ask(&rig, PAL_VERB_REOPEN, home, "{\"reason\":\"not solved\"}");
	CHECK_STR(order_at(o, "/status"), "active");
	CHECK_STR(order_at(o, "/completed_at"), "null");
	CHECK_STR(order_at(o, "/closing"), "null");
	CHECK_STR(order_at(o, "/reopening/reason"), "not solved");
	rig_ask(&rig, &(struct words){.user = "alice", .text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n");
	CHECK_STR(rig_trail(&rig), "conversation.closed conversation.reopened ");
	end();
}

/* --- Delete, restore -------------------------------------------------------------------------- */

TEST(what_is_deleted_is_as_if_absent_until_it_is_restored)
{
	const char *home = begin();

	CHECK_STR(order_at(order_ask(&rig, PAL_VERB_DELETE, home, NULL), "/deleted"), "true");
	check_refused(order_ask(&rig, PAL_VERB_DELETE, home, NULL), PAL_E_NOT_FOUND);
	check_refused(order_ask(&rig, PAL_VERB_CLOSE, home, NULL), PAL_E_NOT_FOUND);
	struct letter *l = rig_ask(&rig, &(struct words){.user = "alice", .conversation = home});
	CU_ASSERT_STRING_NOT_EQUAL(letter_home(l), home);
	rig_passivate(&rig);
	struct order *o = order_ask(&rig, PAL_VERB_RESTORE, home, NULL);
	CHECK_STR(order_at(o, "/deleted"), "false");
	CHECK_STR(order_at(o, "/status"), "active");
	check_refused(order_ask(&rig, PAL_VERB_RESTORE, home, NULL), PAL_E_CONFLICT);
	rig_ask(&rig, &(struct words){.user = "alice", .text = "b", .conversation = home});
	CHECK_STR(rig_transcript(&rig, home), "1 a > 2\n3 b > 4\n");
	end();
}

TEST(a_message_to_what_is_deleted_is_refused_when_ids_are_strict)
{
	rig_open(&rig, &(struct rig_spec){.strict = true});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.text = "a"}));

	order_ask(&rig, PAL_VERB_DELETE, home, NULL);
	struct letter *l = rig_send(&rig, &(struct words){.conversation = home});
	rig_settle(&rig);
	CU_ASSERT_EQUAL(l->inbound.code, PAL_E_NOT_FOUND);
	end();
}

/* --- Who may ---------------------------------------------------------------------------------- */

TEST(b48_foreign_and_absent_look_alike_to_every_verb)
{
	static const struct {
		enum pal_verb verb;
		const char *body;
	} tries[] = {
		{PAL_VERB_UPDATE, "{\"category\":\"x\"}"},
		{PAL_VERB_UPDATE_CONTEXT, "{\"context\":{\"a\":1}}"},
		{PAL_VERB_CLOSE, NULL},
		{PAL_VERB_ESCALATE, NULL},
		{PAL_VERB_TRANSFER, "{\"target_queue\":\"q\",\"transfer_reason\":\"r\"}"},
		{PAL_VERB_REOPEN, NULL},
		{PAL_VERB_DELETE, NULL},
		{PAL_VERB_RESTORE, NULL},
		{PAL_VERB_ERASE, NULL},
	};
	const struct pal_caller *const callers[] = {&bob, &stranger};
	const char *home = begin();

	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		for (size_t k = 0; k < 2; k++) {
			struct order *foreign = order_ask_as(&rig, callers[k], tries[i].verb, home,
							     tries[i].body);
			struct order *absent = order_ask_as(&rig, callers[k], tries[i].verb,
							    "nowhere", tries[i].body);
			check_refused(foreign, PAL_E_NOT_FOUND);
			check_refused(absent, PAL_E_NOT_FOUND);
			CHECK_STR(foreign->op.command.err.message, absent->op.command.err.message);
		}
	}
	CU_ASSERT_EQUAL(stored_status(home), PAL_CONVERSATION_ACTIVE);
	CHECK_STR(rig_trail(&rig), "");
	end();
}

TEST(its_user_and_staff_may)
{
	const char *home = begin();

	CU_ASSERT_EQUAL(order_ask_as(&rig, &alice, PAL_VERB_ESCALATE, home, NULL)->op.command.code,
			PAL_OK);
	CU_ASSERT_EQUAL(order_ask_as(&rig, &agent, PAL_VERB_CLOSE, home, NULL)->op.command.code,
			PAL_OK);
	end();
}

/* --- Idle ------------------------------------------------------------------------------------- */

TEST(only_what_is_idle_and_active_is_abandoned)
{
	const char *home = begin();

	check_refused(order_ask(&rig, PAL_VERB_ABANDON, home, NULL), PAL_E_CONFLICT);
	pal_clock_fake_advance_ms(&rig.clock, 3600000);
	struct order *o = order_ask(&rig, PAL_VERB_ABANDON, home, NULL);
	CHECK_STR(order_at(o, "/status"), "abandoned");
	CHECK_STR(order_at(o, "/closing/resolution_type"), "timeout");
	check_refused(order_ask(&rig, PAL_VERB_ABANDON, home, NULL), PAL_E_CONFLICT);
	order_ask(&rig, PAL_VERB_REOPEN, home, NULL);
	order_ask(&rig, PAL_VERB_ESCALATE, home, NULL);
	pal_clock_fake_advance_ms(&rig.clock, 3600000);
	check_refused(order_ask(&rig, PAL_VERB_ABANDON, home, NULL), PAL_E_CONFLICT);
	end();
}

/* --- Bounds ----------------------------------------------------------------------------------- */

TEST(a_full_mailbox_refuses_a_command)
{
	unsigned full = 0;

	rig_open(&rig, &(struct rig_spec){.mailbox = 4});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.user = "alice"}));
	for (size_t i = 0; i < 9; i++)
		full += order_send(&rig, PAL_VERB_UPDATE, home, "{\"category\":\"x\"}")
				->op.command.code == PAL_E_RATE_LIMIT;
	CU_ASSERT_EQUAL(full, 5);
	rig_settle(&rig);
	end();
}

TEST(a_command_under_way_is_answered_when_the_daemon_stops)
{
	const char *home = begin();

	order_send(&rig, PAL_VERB_CLOSE, home, NULL);
	order_send(&rig, PAL_VERB_REOPEN, home, NULL);
	rig_work(&rig);
	order_send(&rig, PAL_VERB_CLOSE, home, NULL);
	rig_abandon(&rig);
	orders_end();	/* checks that each was answered once */
}

TEST(a_store_that_answers_within_the_call_serves_commands_too)
{
	rig_open(&rig, &(struct rig_spec){.prompt = true});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.user = "alice"}));

	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_CLOSE, home, NULL)->op.command.code,
				PAL_OK);
		CU_ASSERT_EQUAL(order_ask(&rig, PAL_VERB_REOPEN, home, NULL)->op.command.code,
				PAL_OK);
	}
	order_ask(&rig, PAL_VERB_CREATE, NULL,
		  "{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}");
	CU_ASSERT_EQUAL(stored_status("c"), PAL_CONVERSATION_ACTIVE);
	end();
}

SUITE(operation, CASE(a_conversation_is_created_with_what_the_request_says),
      CASE(without_an_id_one_is_made), CASE(an_id_that_is_taken_is_a_conflict_live_or_not),
      CASE(b68_the_same_id_may_be_had_by_another_tenant),
      CASE(nobody_begins_a_conversation_for_somebody_else),
      CASE(of_many_who_create_the_same_one_wins),
      CASE(messages_behind_a_creation_go_into_it_and_those_before_do_not),
      CASE(a_creation_that_fails_leaves_nothing_and_what_waited_goes_elsewhere),
      CASE(a_creation_that_was_stored_unheard_is_found_at_the_next_try),
      CASE(an_update_changes_what_it_names_and_nothing_else),
      CASE(a_change_held_to_a_version_is_refused_at_another),
      CASE(a_message_is_another_version_and_being_let_go_is_none),
      CASE(of_many_held_to_one_version_one_wins),
      CASE(an_update_follows_the_table_of_statuses), CASE(b67_the_status_it_has_is_no_conflict),
      CASE(b65_concurrent_context_updates_lose_nothing),
      CASE(context_is_merged_key_by_key_and_null_removes),
      CASE(a_context_that_grows_too_large_is_refused_and_stays), CASE(closing_tells_how_it_ended),
      CASE(what_agents_write_is_not_shown_to_the_user),
      CASE(b7_a_message_after_the_close_begins_a_linked_conversation),
      CASE(of_64_closes_at_once_one_wins),
      CASE(messages_taken_before_a_close_are_answered_in_it_and_later_ones_elsewhere),
      CASE(a_close_is_remembered_when_the_conversation_was_let_go),
      CASE(a_close_that_the_store_refuses_is_none),
      CASE(a_close_whose_answer_was_lost_is_found_out),
      CASE(a_stale_unit_is_tried_again_and_given_up_in_the_end),
      CASE(b7_after_an_escalation_the_bot_is_quiet_until_it_is_lifted),
      CASE(a_transfer_escalates_and_says_to_whom),
      CASE(reopening_is_audited_and_the_bot_speaks_again),
      CASE(what_is_deleted_is_as_if_absent_until_it_is_restored),
      CASE(a_message_to_what_is_deleted_is_refused_when_ids_are_strict),
      CASE(b48_foreign_and_absent_look_alike_to_every_verb), CASE(its_user_and_staff_may),
      CASE(only_what_is_idle_and_active_is_abandoned), CASE(a_full_mailbox_refuses_a_command),
      CASE(a_command_under_way_is_answered_when_the_daemon_stops),
      CASE(a_store_that_answers_within_the_call_serves_commands_too))
