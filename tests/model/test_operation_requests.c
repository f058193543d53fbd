/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of the operations on conversations and on stored messages. */
#include "model/conversation_request.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/message_request.h"
#include "request.h"
#include "suite.h"

static struct reading r;
static const struct pal_fields_at root = {.node = 0, .index = -1};

static void begin(const char *text)
{
	reading_end(&r);
	reading_begin(&r, pal_str(text));
}

/* A string of `points` two-byte characters. */
static const char *long_text(size_t points)
{
	static char text[16384];

	for (size_t i = 0; i < points; i++)
		memcpy(text + 2 * i, "\xc3\xa4", 2);
	text[2 * points] = '\0';
	return text;
}

static void beginf(const char *fmt, const char *value)
{
	static char text[20000];

	snprintf(text, sizeof(text), fmt, value);
	begin(text);
}

TEST(a_request_to_create_is_read_whole)
{
	struct pal_create_request q;

	begin("{\"conversation_id\":\"c\",\"user_id\":\" u \",\"channel\":\"web\",\"tags\":[\"a\"],"
	      "\"priority\":\"urgent\",\"user_context\":{\"k\":1},\"flow_id\":\"f\","
	      "\"initial_message\":\"hi\",\"session_id\":\"s\",\"category\":\"x\"}");
	pal_create_request_read(&r.fields, &root, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(pal_str_equal(q.user_id, PAL_STR("u")));
	CU_ASSERT(pal_str_equal(q.conversation_id, PAL_STR("c")));
	CU_ASSERT(pal_str_equal(q.edit.value[PAL_DETAIL_TAGS], PAL_STR("[\"a\"]")));
	CU_ASSERT(pal_str_equal(q.edit.value[PAL_DETAIL_PRIORITY], PAL_STR("\"urgent\"")));
	CU_ASSERT(pal_str_equal(q.edit.value[PAL_DETAIL_CONTEXT], PAL_STR("{\"k\":1}")));
	CU_ASSERT_FALSE(q.edit.given[PAL_DETAIL_METADATA]);
}

TEST(every_wrong_member_of_a_request_to_create_is_named)
{
	struct pal_create_request q;

	begin("{\"conversation_id\":\"\",\"channel\":\"pigeon\",\"tags\":[1,\"\",\"ok\"],"
	      "\"priority\":\"soon\",\"user_context\":[],\"flow_id\":7,\"initial_message\":\"  \","
	      "\"metadata\":{\"$a\":1}}");
	pal_create_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "conversation_id", NULL));
	CU_ASSERT(is_wrong(&r, "user_id", "is required"));
	CU_ASSERT(is_wrong(&r, "channel", NULL));
	CU_ASSERT(is_wrong(&r, "tags[0]", NULL));
	CU_ASSERT(is_wrong(&r, "tags[1]", NULL));
	CU_ASSERT_FALSE(is_wrong(&r, "tags[2]", NULL));
	CU_ASSERT(is_wrong(&r, "priority", NULL));
	CU_ASSERT(is_wrong(&r, "user_context", NULL));
	CU_ASSERT(is_wrong(&r, "flow_id", NULL));
	CU_ASSERT(is_wrong(&r, "initial_message", "must not be blank"));
	CU_ASSERT(is_wrong(&r, "metadata", NULL));
}

TEST(b65_null_in_an_update_takes_a_member_away)
{
	struct pal_update_request q;

	begin("{\"category\":null,\"tags\":null,\"notes\":\"n\",\"status\":\"paused\"}");
	pal_update_request_read(&r.fields, &root, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(q.edit.given[PAL_DETAIL_CATEGORY] && !q.edit.value[PAL_DETAIL_CATEGORY].p);
	CU_ASSERT(q.edit.given[PAL_DETAIL_TAGS] && !q.edit.value[PAL_DETAIL_TAGS].p);
	CU_ASSERT(q.edit.given[PAL_DETAIL_NOTES]);
	CU_ASSERT_FALSE(q.edit.given[PAL_DETAIL_DEPARTMENT]);
	CU_ASSERT(q.has_status && q.status == PAL_CONVERSATION_PAUSED);
}

TEST(an_update_keeps_to_its_limits)
{
	struct pal_update_request q;

	begin("{\"status\":\"closed\",\"tags\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\","
	      "\"9\",\"10\",\"11\"],\"assigned_agent\":\"\"}");
	pal_update_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "status", NULL));	/* b51: it is called completed */
	CU_ASSERT(is_wrong(&r, "tags", NULL));
	CU_ASSERT(is_wrong(&r, "assigned_agent", NULL));
	beginf("{\"notes\":\"%s\"}", long_text(2000));
	pal_update_request_read(&r.fields, &root, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	beginf("{\"notes\":\"%s\"}", long_text(2001));
	pal_update_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "notes", NULL));
}

TEST(a_context_comes_under_either_name_and_must_come)
{
	struct pal_str context;

	begin("{\"context_updates\":{\"a\":1}}");
	pal_context_request_read(&r.fields, &root, &context);
	CU_ASSERT(pal_str_equal(context, PAL_STR("{\"a\":1}")));
	begin("{\"context\":{\"b\":null}}");
	pal_context_request_read(&r.fields, &root, &context);
	CU_ASSERT(pal_str_equal(context, PAL_STR("{\"b\":null}")));
	begin("{}");
	pal_context_request_read(&r.fields, &root, &context);
	CU_ASSERT(is_wrong(&r, "context_updates", "is required"));
	begin("{\"context\":{\"a.b\":1}}");
	pal_context_request_read(&r.fields, &root, &context);
	CU_ASSERT(is_wrong(&r, "context", NULL));
	CU_ASSERT_EQUAL(r.errors.count, 1);
}

TEST(closing_takes_reason_resolution_rating_and_a_follow_up)
{
	struct pal_close_request q;

	begin("{\"reason\":\"done \\\"well\\\"\",\"resolution_type\":\"timeout\","
	      "\"satisfaction_rating\":5,\"agent_notes\":\"n\",\"follow_up_required\":true,"
	      "\"follow_up_date\":\"2030-01-01T00:00:00Z\"}");
	pal_close_request_read(&r.fields, &root, false, NOW_MS, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(pal_str_equal(q.reason, PAL_STR("\"done \\\"well\\\"\"")));
	CU_ASSERT_EQUAL(q.resolution, PAL_RESOLUTION_TIMEOUT);
	CU_ASSERT_EQUAL(q.rating, 5);
	CU_ASSERT(q.follow_up_required && q.follow_up_ms == 1893456000000ll);
}

TEST(closing_refuses_what_does_not_fit_together)
{
	struct pal_close_request q;

	begin("{\"resolution_type\":\"won\",\"satisfaction_rating\":6,"
	      "\"follow_up_required\":true}");
	pal_close_request_read(&r.fields, &root, true, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "reason", "is required"));
	CU_ASSERT(is_wrong(&r, "resolution_type", NULL));
	CU_ASSERT(is_wrong(&r, "satisfaction_rating", NULL));
	CU_ASSERT(is_wrong(&r, "follow_up_date", NULL));
	begin("{\"reason\":\"r\",\"resolution_type\":\"resolved\","
	      "\"follow_up_date\":\"2030-01-01T00:00:00Z\"}");
	pal_close_request_read(&r.fields, &root, false, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "follow_up_date", NULL));
	begin("{\"reason\":\"r\",\"resolution_type\":\"resolved\",\"follow_up_required\":true,"
	      "\"follow_up_date\":\"2020-01-01T00:00:00Z\"}");
	pal_close_request_read(&r.fields, &root, false, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "follow_up_date", NULL));
	beginf("{\"reason\":\"%s\",\"resolution_type\":\"resolved\"}", long_text(501));
	pal_close_request_read(&r.fields, &root, false, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "reason", NULL));
}

TEST(closing_without_a_body_is_resolved_because_completed_where_that_may_be)
{
	struct pal_close_request q;

	begin("{}");
	pal_close_request_read(&r.fields, &root, true, NOW_MS, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(pal_str_equal(q.reason, PAL_STR("\"completed\"")));
	CU_ASSERT_EQUAL(q.resolution, PAL_RESOLUTION_RESOLVED);
	begin("{}");
	pal_close_request_read(&r.fields, &root, false, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "reason", "is required"));
	CU_ASSERT(is_wrong(&r, "resolution_type", "is required"));
}

TEST(a_transfer_needs_a_target_and_a_reason)
{
	struct pal_transfer_request q;

	begin("{}");
	pal_transfer_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "target_agent", NULL));
	CU_ASSERT(is_wrong(&r, "transfer_reason", "is required"));
	begin("{\"target_queue\":\"q\",\"transfer_reason\":\"r\","
	      "\"priority_change\":\"critical\"}");
	pal_transfer_request_read(&r.fields, &root, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT(pal_str_equal(q.priority, PAL_STR("\"critical\"")));
	CU_ASSERT_PTR_NULL(q.target_agent.p);
	begin("{\"target_agent\":1,\"transfer_reason\":\" \",\"priority_change\":\"most\"}");
	pal_transfer_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "target_agent", NULL));
	CU_ASSERT(is_wrong(&r, "transfer_reason", NULL));
	CU_ASSERT(is_wrong(&r, "priority_change", NULL));
}

TEST(a_status_update_names_a_status_that_a_client_may_tell)
{
	struct pal_status_request q;

	begin("{\"status\":\"read\",\"metadata\":{\"by\":\"app\"},\"timestamp\":1790000000}");
	pal_status_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT_EQUAL(q.status, PAL_DELIVERY_READ);
	CU_ASSERT_EQUAL(q.timestamp_ms, 1790000000000ll);
	begin("{\"status\":\"pending\",\"metadata\":1,\"timestamp\":\"yesterday\"}");
	pal_status_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "status", NULL));
	CU_ASSERT(is_wrong(&r, "metadata", NULL));
	CU_ASSERT(is_wrong(&r, "timestamp", NULL));
	begin("{}");
	pal_status_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "status", "is required"));
}

TEST(feedback_has_a_type_a_rating_and_a_comment)
{
	struct pal_feedback_request q;

	begin("{\"feedback_type\":\"not_helpful\",\"rating\":1,\"comment\":\"no\"}");
	pal_feedback_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT_EQUAL(q.type, PAL_FEEDBACK_NOT_HELPFUL);
	CU_ASSERT_FALSE(pal_feedback_type_is_good(q.type));
	CU_ASSERT_EQUAL(q.timestamp_ms, NOW_MS);
	begin("{\"rating\":0}");
	pal_feedback_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "feedback_type", "is required"));
	CU_ASSERT(is_wrong(&r, "rating", NULL));
	beginf("{\"feedback_type\":\"meh\",\"comment\":\"%s\"}", long_text(1001));
	pal_feedback_request_read(&r.fields, &root, NOW_MS, &q);
	CU_ASSERT(is_wrong(&r, "feedback_type", NULL));
	CU_ASSERT(is_wrong(&r, "comment", NULL));
}

TEST(typing_lasts_at_most_thirty_seconds)
{
	struct pal_typing_request q;

	begin("{\"conversation_id\":\"c\",\"user_id\":\"u\",\"channel\":\"web\"}");
	pal_typing_request_read(&r.fields, &root, &q);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT_EQUAL(q.duration_ms, PAL_TYPING_MS_DEFAULT);
	begin("{\"typing_duration_ms\":30001}");
	pal_typing_request_read(&r.fields, &root, &q);
	CU_ASSERT(is_wrong(&r, "typing_duration_ms", NULL));
	CU_ASSERT(is_wrong(&r, "conversation_id", "is required"));
	CU_ASSERT(is_wrong(&r, "user_id", "is required"));
	CU_ASSERT(is_wrong(&r, "channel", "is required"));
	reading_end(&r);
}

SUITE(operation_requests, CASE(a_request_to_create_is_read_whole),
      CASE(every_wrong_member_of_a_request_to_create_is_named),
      CASE(b65_null_in_an_update_takes_a_member_away), CASE(an_update_keeps_to_its_limits),
      CASE(a_context_comes_under_either_name_and_must_come),
      CASE(closing_takes_reason_resolution_rating_and_a_follow_up),
      CASE(closing_refuses_what_does_not_fit_together),
      CASE(closing_without_a_body_is_resolved_because_completed_where_that_may_be),
      CASE(a_transfer_needs_a_target_and_a_reason),
      CASE(a_status_update_names_a_status_that_a_client_may_tell),
      CASE(feedback_has_a_type_a_rating_and_a_comment),
      CASE(typing_lasts_at_most_thirty_seconds))
