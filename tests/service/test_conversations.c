/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/conversations.h"

#include <stdio.h>

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include "rig.h"
#include "suite.h"

static struct rig rig;
static struct pal_reading reading;
static struct json_object *tree;
static unsigned done_count;

static void on_done(struct pal_reading *r)
{
	(void)r;
	done_count++;
}

static void forget(void)
{
	json_object_put(tree);
	tree = NULL;
	pal_buf_deinit(&reading.data);
}

static enum pal_code read_as(const struct pal_caller *caller, enum pal_reading_kind kind,
			     const char *id, int64_t page, int64_t page_size)
{
	forget();
	done_count = 0;
	reading = (struct pal_reading){.kind = kind,
				       .caller = *caller,
				       .id = pal_str(id),
				       .page = page,
				       .page_size = page_size,
				       .done = on_done};
	pal_conversations_read(rig.front, &reading);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, 1);
	if (reading.code != PAL_OK)
		return reading.code;
	pal_buf_add_char(&reading.data, '\0');
	tree = json_tokener_parse(reading.data.data);
	CU_ASSERT_PTR_NOT_NULL(tree);
	return PAL_OK;
}

static enum pal_code history(const char *id, int64_t page, int64_t page_size)
{
	return read_as(&rig.backend, PAL_READ_HISTORY, id, page, page_size);
}

static const char *at(const char *pointer)
{
	struct json_object *found = NULL;

	if (!tree || json_pointer_get(tree, pointer, &found) != 0)
		return "absent";
	return found ? json_object_get_string(found) : "null";
}

/* The numbers of the messages shown: "1 2 3". */
static const char *numbers(void)
{
	static char text[512];
	struct json_object *messages = NULL, *number = NULL;
	size_t len = 0;

	text[0] = '\0';
	if (json_pointer_get(tree, "/messages", &messages) != 0)
		return "absent";
	for (size_t i = 0; i < json_object_array_length(messages); i++) {
		json_object_object_get_ex(json_object_array_get_idx(messages, i), "sequence_number",
					  &number);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d", i ? " " : "",
					json_object_get_int(number));
	}
	return text;
}

/* Three exchanges, the second gated: five messages. */
static const char *begin(void)
{
	rig_open(&rig, &(struct rig_spec){0});
	const char *home = letter_home(rig_ask(&rig, &(struct words){.id = "m1", .user = "ann"}));
	rig_ask(&rig, &(struct words){.id = "m2", .user = "ann", .conversation = home, .text = "help",
				      .more = ",\"processing_hints\":{\"bypass_automation\":true}"});
	rig_ask(&rig, &(struct words){.id = "m3", .user = "ann", .conversation = home, .text = "bye"});
	return home;
}

static void end(void)
{
	forget();
	rig_close(&rig);
}

TEST(a_history_shows_every_message_in_order)
{
	const char *home = begin();

	CU_ASSERT_EQUAL(history(home, 1, 20), PAL_OK);
	CHECK_STR(numbers(), "1 2 3 4 5");
	CHECK_STR(at("/conversation_id"), home);
	CHECK_STR(at("/total_messages"), "5");
	CHECK_STR(at("/page"), "1");
	CHECK_STR(at("/page_size"), "20");
	CHECK_STR(at("/has_next"), "false");
	CHECK_STR(at("/has_previous"), "false");
	CHECK_STR(at("/messages/0/message_id"), "m1");
	CHECK_STR(at("/messages/0/direction"), "inbound");
	CHECK_STR(at("/messages/0/delivery_status"), "null");
	CHECK_STR(at("/messages/0/content/text"), "hello");
	CHECK_STR(at("/messages/0/message_type"), "text");
	CHECK_STR(at("/messages/0/timestamp"), "2026-09-21T14:13:20.000Z");
	CHECK_STR(at("/messages/1/direction"), "outbound");
	CHECK_STR(at("/messages/1/delivery_status"), "sent");
	CHECK_STR(at("/messages/2/message_id"), "m2");
	CHECK_STR(at("/messages/3/message_id"), "m3");
	end();
}

TEST(a_summary_counts_what_was_said)
{
	const char *home = begin();

	CU_ASSERT_EQUAL(history(home, 1, 1), PAL_OK);
	CHECK_STR(at("/summary/conversation_id"), home);
	CHECK_STR(at("/summary/user_id"), "ann");
	CHECK_STR(at("/summary/channel"), "web");
	CHECK_STR(at("/summary/status"), "active");
	CHECK_STR(at("/summary/started_at"), "2026-09-21T14:13:20.000Z");
	CHECK_STR(at("/summary/last_activity_at"), "2026-09-21T14:13:20.000Z");
	CHECK_STR(at("/summary/message_count"), "5");
	CHECK_STR(at("/summary/user_messages"), "3");
	CHECK_STR(at("/summary/bot_messages"), "2");
	CHECK_STR(at("/summary/primary_intent"), "goodbye");
	end();
}

TEST(pages_have_edges)
{
	static const struct {
		int64_t page, size;
		const char *numbers, *next, *previous;
	} rows[] = {
		{1, 1, "1", "true", "false"},	  {2, 1, "2", "true", "true"},
		{5, 1, "5", "false", "true"},	  {6, 1, "", "false", "true"},
		{1, 2, "1 2", "true", "false"},	  {2, 2, "3 4", "true", "true"},
		{3, 2, "5", "false", "true"},	  {4, 2, "", "false", "true"},
		{1, 4, "1 2 3 4", "true", "false"}, {2, 4, "5", "false", "true"},
		{1, 5, "1 2 3 4 5", "false", "false"}, {2, 5, "", "false", "true"},
		{1, 100, "1 2 3 4 5", "false", "false"}, {1000000000, 100, "", "false", "true"},
	};
	const char *home = begin();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CU_ASSERT_EQUAL(history(home, rows[i].page, rows[i].size), PAL_OK);
		CHECK_STR(numbers(), rows[i].numbers);
		CHECK_STR(at("/has_next"), rows[i].next);
		CHECK_STR(at("/has_previous"), rows[i].previous);
		CHECK_STR(at("/total_messages"), "5");
	}
	end();
}

TEST(a_conversation_shows_its_state_and_its_newest_messages)
{
	const char *home = begin();

	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_CONVERSATION, home, 0, 2), PAL_OK);
	CHECK_STR(numbers(), "4 5");
	CHECK_STR(at("/conversation_state/current_intent"), "goodbye");
	CHECK_STR(at("/session_id"), "null");
	CHECK_STR(at("/summary/message_count"), "5");
	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_CONVERSATION, home, 0, 100), PAL_OK);
	CHECK_STR(numbers(), "1 2 3 4 5");
	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_CONVERSATION, home, 0, 0), PAL_OK);
	CHECK_STR(at("/messages"), "absent");
	end();
}

TEST(a_life_of_a_message_is_told_by_either_id)
{
	const char *home = begin();
	char reply[64];

	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_WHERE, "m1", 0, 0), PAL_OK);
	CHECK_STR(at("/message_id"), "m1");
	CHECK_STR(at("/conversation_id"), home);
	CHECK_STR(at("/direction"), "inbound");
	CHECK_STR(at("/sequence_number"), "1");
	CHECK_STR(at("/response_sequence_number"), "2");
	CHECK_STR(at("/request_id"), "request-1");
	CHECK_STR(at("/processing/stage"), "responded");
	CHECK_STR(at("/intent/name"), "greeting");
	CHECK_STR(at("/delivery/recipient"), "ann");
	snprintf(reply, sizeof(reply), "%s", at("/response_id"));
	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_WHERE, reply, 0, 0), PAL_OK);
	CHECK_STR(at("/direction"), "outbound");
	CHECK_STR(at("/message_id"), reply);
	CHECK_STR(at("/sequence_number"), "2");
	CU_ASSERT_EQUAL(read_as(&rig.backend, PAL_READ_WHERE, "m2", 0, 0), PAL_OK);
	CHECK_STR(at("/processing/stage"), "processed");
	CHECK_STR(at("/delivery"), "null");
	end();
}

TEST(people_see_their_own_and_staff_sees_all)
{
	static const enum pal_reading_kind kinds[] = {PAL_READ_CONVERSATION, PAL_READ_HISTORY,
						      PAL_READ_WHERE};
	const char *home = begin();
	struct pal_caller ann = {.tenant = {1}, .tenant_id = PAL_STR("acme"), .user_id = PAL_STR("ann"),
				 .permissions = PAL_STR("conversations:read")};
	struct pal_caller bob = ann, staff = ann, far = rig.backend;

	bob.user_id = PAL_STR("bob");
	staff.user_id = PAL_STR("sam");
	staff.permissions = PAL_STR("conversations:staff");
	far.tenant = (struct pal_tenant_key){2};
	for (size_t i = 0; i < 3; i++) {
		const char *id = kinds[i] == PAL_READ_WHERE ? "m1" : home;
		char absent[256];
		CU_ASSERT_EQUAL(read_as(&ann, kinds[i], id, 1, 5), PAL_OK);
		CU_ASSERT_EQUAL(read_as(&staff, kinds[i], id, 1, 5), PAL_OK);
		CU_ASSERT_EQUAL(read_as(&rig.backend, kinds[i], "nobody's", 1, 5), PAL_E_NOT_FOUND);
		snprintf(absent, sizeof(absent), "%s", reading.err.message);
		CU_ASSERT_EQUAL(read_as(&bob, kinds[i], id, 1, 5), PAL_E_NOT_FOUND);
		CHECK_STR(reading.err.message, absent);
		CU_ASSERT_EQUAL(read_as(&far, kinds[i], id, 1, 5), PAL_E_NOT_FOUND);
		CHECK_STR(reading.err.message, absent);
	}
	end();
}

TEST(a_store_that_cannot_read_is_told)
{
	const char *home = begin();

	rig.script.failing_loads = 1;
	CU_ASSERT_EQUAL(history(home, 1, 5), PAL_E_SERVICE);
	CU_ASSERT_EQUAL(reading.err.retry_after_ms, 500);
	pal_store_front_stop(rig.front);
	CU_ASSERT_EQUAL(history(home, 1, 5), PAL_E_SERVICE);
	CU_ASSERT(reading.err.retry_after_ms > 0);
	forget();
	rig_abandon(&rig);
}

SUITE(conversations, CASE(a_history_shows_every_message_in_order),
      CASE(a_summary_counts_what_was_said), CASE(pages_have_edges),
      CASE(a_conversation_shows_its_state_and_its_newest_messages),
      CASE(a_life_of_a_message_is_told_by_either_id), CASE(people_see_their_own_and_staff_sees_all),
      CASE(a_store_that_cannot_read_is_told))
