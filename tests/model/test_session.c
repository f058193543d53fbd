/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session.h"

#include "suite.h"

static struct pal_json json;
static struct pal_arena arena;
static struct pal_buf body;

#define TEXT(literal) {literal, sizeof(literal) - 1}	/* PAL_STR is no constant */

static const struct pal_session full = {
	.id = TEXT("s1"),
	.user_id = TEXT("ann"),
	.conversation_id = TEXT("c \"1\""),
	.channel = PAL_CHANNEL_WHATSAPP,
	.created_ms = 1790000000000,
	.last_activity_ms = 1790000001000,
	.expires_ms = 1790000002000,
	.lifetime_ms = 7200000,
	.context = TEXT("{\"a\":1}"),
	.preferences = TEXT("{\"b\":2}"),
	.features = TEXT("{\"c\":true}"),
	.metadata = TEXT("{\"d\":null}"),
	.client_info = TEXT("{\"country\":\"DE\"}"),
	.digest = TEXT("00ff"),
};

static struct pal_record record_of(const struct pal_session *session)
{
	pal_buf_clear(&body);
	pal_session_write(session, &body);
	return (struct pal_record){.kind = PAL_SESSION_KIND,
				   .id = session->id,
				   .owner = session->user_id,
				   .body = pal_buf_str(&body),
				   .version = 1,
				   .created_ms = session->created_ms,
				   .updated_ms = session->last_activity_ms,
				   .expires_ms = session->expires_ms};
}

static void end(void)
{
	pal_arena_release(&arena);
	pal_buf_deinit(&body);
}

static const char *view(const struct pal_session *session, int64_t now_ms)
{
	pal_buf_clear(&body);
	pal_session_put_view(&body, session, PAL_STR("acme"), now_ms);
	pal_buf_add_char(&body, '\0');
	return body.data;
}

TEST(what_is_written_is_read_back)
{
	struct pal_session back;
	struct pal_record record = record_of(&full);

	CU_ASSERT_FATAL(pal_session_read(&record, &json, &arena, &back));
	CU_ASSERT(pal_str_equal(back.id, full.id) && pal_str_equal(back.user_id, full.user_id));
	CU_ASSERT(pal_str_equal(back.conversation_id, full.conversation_id));
	CU_ASSERT_EQUAL(back.channel, full.channel);
	CU_ASSERT_EQUAL(back.created_ms, full.created_ms);
	CU_ASSERT_EQUAL(back.last_activity_ms, full.last_activity_ms);
	CU_ASSERT_EQUAL(back.expires_ms, full.expires_ms);
	CU_ASSERT_EQUAL(back.lifetime_ms, full.lifetime_ms);
	CU_ASSERT(pal_str_equal(back.context, full.context));
	CU_ASSERT(pal_str_equal(back.preferences, full.preferences));
	CU_ASSERT(pal_str_equal(back.features, full.features));
	CU_ASSERT(pal_str_equal(back.metadata, full.metadata));
	CU_ASSERT(pal_str_equal(back.client_info, full.client_info));
	CU_ASSERT(pal_str_equal(back.digest, full.digest));
	end();
}

TEST(what_is_absent_stays_absent)
{
	const struct pal_session least = {
		.id = PAL_STR("s"), .user_id = PAL_STR("u"), .expires_ms = 1};
	struct pal_session back;
	struct pal_record record = record_of(&least);

	CU_ASSERT_FATAL(pal_session_read(&record, &json, &arena, &back));
	CU_ASSERT(!back.conversation_id.n && !back.context.n && !back.digest.n);
	CU_ASSERT_EQUAL(back.channel, PAL_CHANNEL_WEB);
	end();
}

/* The name and nothing around it, for every channel there is. */
TEST(b38_a_channel_is_stored_by_its_bare_name)
{
	struct pal_session session = full, back;

	for (int channel = 0; channel < PAL_CHANNEL_COUNT; channel++) {
		session.channel = (enum pal_channel_type)channel;
		struct pal_record record = record_of(&session);
		struct pal_json_fault fault;
		CU_ASSERT_FATAL(pal_json_scan(&json, record.body, &fault));
		uint32_t at = pal_json_member(&json, 0, PAL_STR("channel"));
		CU_ASSERT(pal_str_equal(pal_json_string(&json, at, &arena),
					pal_str(pal_channel_name(session.channel))));
		CU_ASSERT_FATAL(pal_session_read(&record, &json, &arena, &back));
		CU_ASSERT_EQUAL(back.channel, session.channel);
	}
	end();
}

TEST(a_damaged_body_is_refused)
{
	static const char *const bodies[] = {
		"", "{", "[]", "{}", "{\"channel\":\"web\"}",
		"{\"channel\":\"pigeon\",\"lifetime_ms\":1}",
		"{\"channel\":1,\"lifetime_ms\":1}", "{\"channel\":\"web\",\"lifetime_ms\":\"1\"}"};
	struct pal_session back;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct pal_record record = {.body = pal_str(bodies[i])};
		CU_ASSERT_FALSE(pal_session_read(&record, &json, &arena, &back));
	}
	end();
}

TEST(a_view_shows_all_of_it)
{
	CHECK_STR(view(&full, 1790000001000),
		  "{\"session_id\":\"s1\",\"user_id\":\"ann\",\"tenant_id\":\"acme\","
		  "\"channel\":\"whatsapp\",\"conversation_id\":\"c \\\"1\\\"\","
		  "\"context\":{\"a\":1},\"preferences\":{\"b\":2},\"features\":{\"c\":true},"
		  "\"metadata\":{\"d\":null},\"client_info\":{\"country\":\"DE\"},"
		  "\"created_at\":\"2026-09-21T14:13:20.000Z\","
		  "\"last_activity\":\"2026-09-21T14:13:21.000Z\","
		  "\"updated_at\":\"2026-09-21T14:13:21.000Z\","
		  "\"expires_at\":\"2026-09-21T14:13:22.000Z\",\"is_active\":true}");
	end();
}

TEST(a_session_is_over_when_its_time_has_come)
{
	CU_ASSERT_FALSE(pal_session_is_over(&full, full.expires_ms - 1));
	CU_ASSERT_TRUE(pal_session_is_over(&full, full.expires_ms));
	CU_ASSERT_PTR_NOT_NULL(strstr(view(&full, full.expires_ms), "\"is_active\":false"));
	end();
}

SUITE(session,
      CASE(what_is_written_is_read_back),
      CASE(what_is_absent_stays_absent),
      CASE(b38_a_channel_is_stored_by_its_bare_name),
      CASE(a_damaged_body_is_refused),
      CASE(a_view_shows_all_of_it),
      CASE(a_session_is_over_when_its_time_has_come))
