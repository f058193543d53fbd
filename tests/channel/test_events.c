/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/events.h"

#include <stdio.h>

#include "suite.h"

#define ALL (PAL_TAKES_MESSAGES | PAL_TAKES_RECEIPTS | PAL_TAKES_SENDING)

static struct pal_json json;
static struct pal_arena arena;
static struct pal_channel_event event;
static struct pal_error err;

static enum pal_code read_event(const char *body)
{
	struct pal_channel_events events = {0};

	pal_arena_release(&arena);
	enum pal_code code = pal_envelope_read(pal_str(body), ALL, &json, &arena, &events, &err);
	if (code == PAL_OK) {
		CU_ASSERT_EQUAL_FATAL(events.count, 1);
		event = events.events[0];
	}
	return code;
}

static bool is(struct pal_str got, const char *expected)
{
	return pal_str_equal(got, pal_str(expected));
}

TEST(a_message_comes_with_all_that_was_told)
{
	CU_ASSERT_EQUAL_FATAL(
		read_event("{\"type\":\"message.created\",\"timestamp\":\"2026-01-15T10:00:00.000Z\","
			   "\"data\":{\"id\":\"m\\u00e9\",\"user_id\":\"u1\",\"conversation_id\":\"c1\","
			   "\"content\":{\"type\":\"text\", \"text\":\"hi\"},\"metadata\":{\"a\":1},"
			   "\"new_field\":[]},\"more\":null}"),
		PAL_OK);
	CU_ASSERT_EQUAL(event.kind, PAL_EVENT_MESSAGE_RECEIVED);
	CU_ASSERT_EQUAL(event.at_ms, 1768471200000);
	CU_ASSERT_TRUE(is(event.message_id, "m\xC3\xA9") && is(event.user_id, "u1") &&
		       is(event.conversation_id, "c1"));
	CU_ASSERT_TRUE(is(event.content, "{\"type\":\"text\", \"text\":\"hi\"}"));
	CU_ASSERT_TRUE(is(event.metadata, "{\"a\":1}"));
	CU_ASSERT_EQUAL_FATAL(read_event("{\"type\":\"message.created\",\"data\":{\"id\":\"m\","
					 "\"user_id\":\"u\",\"conversation_id\":null,"
					 "\"content\":{}}}"),
			      PAL_OK);
	CU_ASSERT_EQUAL(event.kind, PAL_EVENT_MESSAGE_RECEIVED);
	CU_ASSERT_PTR_NULL(event.conversation_id.p);
	pal_arena_release(&arena);
}

TEST(receipts_and_statuses_are_told_apart)
{
	static const struct {
		const char *word;
		enum pal_delivery_status status;
	} words[] = {{"sent", PAL_DELIVERY_SENT}, {"delivered", PAL_DELIVERY_DELIVERED},
		     {"read", PAL_DELIVERY_READ}, {"failed", PAL_DELIVERY_FAILED}};

	for (size_t i = 0; i < 4; i++) {
		char body[160];
		snprintf(body, sizeof(body),
			 "{\"type\":\"message.status\",\"data\":{\"message_id\":\"m\",\"status\":"
			 "\"%s\",\"reason\":\"why\"}}", words[i].word);
		CU_ASSERT_EQUAL_FATAL(read_event(body), PAL_OK);
		CU_ASSERT_EQUAL(event.kind, PAL_EVENT_DELIVERY_STATUS);
		CU_ASSERT_EQUAL(event.status, words[i].status);
		CU_ASSERT_TRUE(is(event.message_id, "m") && is(event.reason, "why"));
	}
	CU_ASSERT_EQUAL_FATAL(
		read_event("{\"type\":\"message.read\",\"data\":{\"message_id\":\"m\"}}"), PAL_OK);
	CU_ASSERT_EQUAL(event.kind, PAL_EVENT_READ_RECEIPT);
	CU_ASSERT_EQUAL(event.status, PAL_DELIVERY_READ);
	pal_arena_release(&arena);
}

TEST(what_is_of_no_concern_is_ignored_and_never_refused)
{
	static const char *const bodies[] = {
		"{\"type\":\"ping\"}",
		"{\"type\":\"ping\",\"timestamp\":7,\"data\":[]}",
		"{\"type\":\"conversation.updated\",\"data\":{\"id\":1}}",
		"{\"type\":\"message.created\",\"data\":{\"direction\":\"outbound\"}}",
		"{\"type\":\"message.createdx\",\"data\":{}}",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(read_event(bodies[i]), PAL_OK);
		CU_ASSERT_EQUAL(event.kind, PAL_EVENT_IGNORED);
		CU_ASSERT_PTR_NOT_NULL(event.fault);
	}
	pal_arena_release(&arena);
}

#define CREATED(rest) "{\"type\":\"message.created\",\"data\":{" rest "}}"
#define STATUS(rest) "{\"type\":\"message.status\",\"data\":{" rest "}}"

TEST(a_wrong_event_names_its_field)
{
	static const struct {
		const char *body, *field;
	} cases[] = {
		{"{\"type\":\"message.created\"}", "data.id"},
		{"{\"type\":\"message.created\",\"data\":7}", "data.id"},
		{CREATED("\"id\":7"), "data.id"},
		{CREATED("\"id\":\"\""), "data.id"},
		{CREATED("\"id\":\"m\""), "data.user_id"},
		{CREATED("\"id\":\"m\",\"user_id\":{}"), "data.user_id"},
		{CREATED("\"id\":\"m\",\"user_id\":\"u\""), "data.content"},
		{CREATED("\"id\":\"m\",\"user_id\":\"u\",\"content\":\"hi\""), "data.content"},
		{CREATED("\"id\":\"m\",\"user_id\":\"u\",\"content\":{},\"conversation_id\":\"\""),
		 "data.conversation_id"},
		{CREATED("\"id\":\"m\",\"user_id\":\"u\",\"content\":{},\"metadata\":[]"),
		 "data.metadata"},
		{STATUS("\"status\":\"read\""), "data.message_id"},
		{STATUS("\"message_id\":\"m\""), "data.status"},
		{STATUS("\"message_id\":\"m\",\"status\":\"pending\""), "data.status"},
		{STATUS("\"message_id\":\"m\",\"status\":1"), "data.status"},
		{"{\"type\":\"message.read\",\"data\":{}}", "data.message_id"},
		{"{\"type\":\"message.read\",\"timestamp\":\"yesterday\",\"data\":{\"message_id\":"
		 "\"m\"}}", "timestamp"},
		{"{\"type\":\"message.read\",\"timestamp\":1768471200,\"data\":{\"message_id\":"
		 "\"m\"}}", "timestamp"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CU_ASSERT_EQUAL_FATAL(read_event(cases[i].body), PAL_OK);
		CU_ASSERT_EQUAL(event.kind, PAL_EVENT_FAULTY);
		CHECK_STR(event.field ? event.field : "", cases[i].field);
		CU_ASSERT_PTR_NOT_NULL(event.fault);
	}
	pal_arena_release(&arena);
}

TEST(what_is_no_envelope_is_refused)
{
	static const struct {
		const char *body, *subject;
	} cases[] = {
		{"", "body"}, {"hello", "body"}, {"{\"type\":", "body"}, {"[]", "body"},
		{"{\"type\":\"ping\",\"type\":\"ping\"}", "body"}, {"{}", "type"},
		{"{\"type\":7}", "type"}, {"{\"type\":\"\"}", "type"},
		{"{\"type\":\"a b\"}", "type"}, {"{\"type\":\".a\"}", "type"},
		{"{\"type\":\"a.\"}", "type"}, {"{\"type\":\"a..b\"}", "type"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CU_ASSERT_EQUAL(read_event(cases[i].body), PAL_E_VALIDATION);
		CHECK_STR(err.subject, cases[i].subject);
	}
	pal_arena_release(&arena);
}

SUITE(events, CASE(a_message_comes_with_all_that_was_told),
      CASE(receipts_and_statuses_are_told_apart),
      CASE(what_is_of_no_concern_is_ignored_and_never_refused), CASE(a_wrong_event_names_its_field),
      CASE(what_is_no_envelope_is_refused))
