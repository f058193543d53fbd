/* SPDX-License-Identifier: Apache-2.0 */
#include "service/view/answer.h"

#include "suite.h"

#define VIEW                                                                                       \
	"{\"current_intent\":\"greeting\",\"entities\":{},\"slots\":{},\"conversation_stage\":null,"   \
	"\"next_expected_inputs\":[]}"

static struct pal_exchange whole(void)
{
	return (struct pal_exchange){
		.in = {.message_id = PAL_STR("m\"1"), .sequence = 3, .timestamp_ms = 1795412457000},
		.out = {.message_id = PAL_STR("r1"),
			.sequence = 4,
			.timestamp_ms = 1795412457123,
			.content = {.raw = PAL_STR("{\"type\":\"text\",\"text\":\"Hi\"}")},
			.analysis = PAL_STR("{\"model_provider\":\"palaver\",\"model_name\":\"rules\","
					    "\"confidence\":0.7,\"fallback_used\":true}")},
		.received_ms = 1795412457000,
		.state = PAL_STR("{\"view\":" VIEW ",\"counts\":[2,1,1,0,0,0,0]}"),
		.delivery = {.status = PAL_DELIVERY_SENT},
	};
}

static void check_answer(const struct pal_exchange *x, const struct pal_answer_facts *facts,
			 const char *expected)
{
	struct pal_buf out = {0};

	pal_answer_write(&out, x, facts);
	CU_ASSERT(!out.failed);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, expected);
	pal_buf_deinit(&out);
}

TEST(an_answer_is_a_message_response)
{
	struct pal_exchange x = whole();

	check_answer(&x,
		     &(struct pal_answer_facts){.conversation_id = PAL_STR("c1"),
						.channel = PAL_CHANNEL_WEB,
						.processing_time_ms = 12,
						.conversation_created = true,
						.view = PAL_STR(VIEW),
						.model_name = PAL_STR("rules"),
						.model_provider = PAL_STR("palaver"),
						.confidence = 0.9},
		     "{\"message_id\":\"m\\\"1\",\"conversation_id\":\"c1\","
		     "\"response\":{\"type\":\"text\",\"text\":\"Hi\"},\"conversation_state\":" VIEW
		     ",\"processing_metadata\":{\"processing_time_ms\":12,\"delivery_status\":\"sent\","
		     "\"channel_response\":{\"success\":true,\"channel_type\":\"web\","
		     "\"message_id\":\"r1\",\"delivery_status\":\"sent\","
		     "\"timestamp\":\"2026-11-23T05:40:57.123Z\"},\"model_used\":\"rules\","
		     "\"model_provider\":\"palaver\",\"fallback_applied\":false,"
		     "\"confidence_score\":0.9,\"conversation_created\":true,\"duplicate\":false,"
		     "\"warnings\":[]},\"timestamp\":\"2026-11-23T05:40:57.123Z\","
		     "\"response_id\":\"r1\"}");
}

TEST(a_gated_message_is_answered_without_a_response)
{
	struct pal_exchange x = whole();

	x.out = (struct pal_message){.sequence = 0};
	check_answer(&x,
		     &(struct pal_answer_facts){.conversation_id = PAL_STR("c1"),
						.duplicate = true,
						.view = PAL_STR(VIEW)},
		     "{\"message_id\":\"m\\\"1\",\"conversation_id\":\"c1\",\"response\":null,"
		     "\"conversation_state\":" VIEW ",\"processing_metadata\":{"
		     "\"processing_time_ms\":0,\"delivery_status\":null,\"fallback_applied\":false,"
		     "\"conversation_created\":false,\"duplicate\":true,\"warnings\":[]},"
		     "\"timestamp\":\"2026-11-23T05:40:57.000Z\",\"response_id\":null}");
}

TEST(a_clients_clock_a_day_off_is_warned_about)
{
	static const int64_t off[] = {0, 86400000, -86400000, 86400001, -86400001};

	for (size_t i = 0; i < 5; i++) {
		struct pal_exchange x = whole();
		struct pal_buf out = {0};
		x.in.timestamp_ms += off[i];
		pal_answer_write(&out, &x, &(struct pal_answer_facts){.view = PAL_STR(VIEW)});
		pal_buf_add_char(&out, '\0');
		CU_ASSERT_EQUAL(strstr(out.data, "\"warnings\":[\"timestamp is ") != NULL, i > 2);
		pal_buf_deinit(&out);
	}
}

TEST(a_failed_delivery_is_told_and_is_no_failure)
{
	struct pal_exchange x = whole();
	struct pal_buf out = {0};

	x.delivery.status = PAL_DELIVERY_FAILED;
	pal_answer_write(&out, &x, &(struct pal_answer_facts){.view = PAL_STR(VIEW)});
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\"delivery_status\":\"failed\",\"channel_response\":"
						"{\"success\":false,"));
	pal_buf_deinit(&out);
}

TEST(what_a_stored_exchange_says_is_recalled)
{
	struct pal_exchange x = whole();
	struct pal_answer_facts facts = {.duplicate = true};
	struct pal_arena arena = pal_arena_of(0);

	pal_answer_recall(&x, pal_thread_json(), &arena, &facts);
	CU_ASSERT(pal_str_equal(facts.view, PAL_STR(VIEW)));
	CU_ASSERT(pal_str_equal(facts.model_name, PAL_STR("rules")));
	CU_ASSERT(pal_str_equal(facts.model_provider, PAL_STR("palaver")));
	CU_ASSERT(facts.fallback_used);
	CU_ASSERT_DOUBLE_EQUAL(facts.confidence, 0.7, 0);
	CU_ASSERT(facts.duplicate);
	pal_arena_release(&arena);
}

TEST(an_exchange_that_says_nothing_is_recalled_as_empty)
{
	static const char *const texts[] = {"", "x", "[]", "{}", "{\"model_name\":1,\"confidence\":\"\"}"};
	struct pal_arena arena = pal_arena_of(0);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct pal_exchange x = whole();
		struct pal_answer_facts facts = {.duplicate = true};
		struct pal_buf out = {0};
		struct pal_json_fault fault;
		x.state = x.out.analysis = pal_str(texts[i]);
		pal_answer_recall(&x, pal_thread_json(), &arena, &facts);
		pal_answer_write(&out, &x, &facts);
		CU_ASSERT(pal_json_scan(pal_thread_json(), pal_buf_str(&out), &fault));
		pal_buf_deinit(&out);
	}
	pal_arena_release(&arena);
}

TEST(an_answer_that_does_not_fit_says_so)
{
	struct pal_exchange x = whole();
	struct pal_buf out = pal_buf_of(100);

	pal_answer_write(&out, &x, &(struct pal_answer_facts){.view = PAL_STR(VIEW)});
	CU_ASSERT(out.failed);
	pal_buf_deinit(&out);
}

SUITE(answer, CASE(an_answer_is_a_message_response),
      CASE(a_gated_message_is_answered_without_a_response),
      CASE(a_clients_clock_a_day_off_is_warned_about),
      CASE(a_failed_delivery_is_told_and_is_no_failure), CASE(what_a_stored_exchange_says_is_recalled),
      CASE(an_exchange_that_says_nothing_is_recalled_as_empty),
      CASE(an_answer_that_does_not_fit_says_so))
