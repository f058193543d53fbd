/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON texts of a turn: each is written into a draft of the thread first, then copied into the
 * turn's arena at its size.
 */
#include "service/conversation/turn_text.h"

#include "base/json.h"
#include "base/scratch.h"
#include "process/analysis.h"
#include "process/process.h"
#include "service/view/answer.h"

#define PIPELINE_VERSION "1.0"		/* domain.md section 1.4, processing */
#define LANGUAGE_SURE 0.5		/* domain.md section 4.2 */

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

static struct pal_str keep_draft(struct pal_turn *turn, const struct pal_buf *draft)
{
	return pal_arena_copy_buf(&turn->arena, draft);
}

struct pal_str pal_turn_write_warnings(struct pal_turn *turn,
				       const struct pal_process_result *result, bool needs_review)
{
	struct pal_buf *draft = thread_draft();

	if (result->warnings.count == 0 && !needs_review)
		return PAL_STR("");
	for (size_t i = 0; i < result->warnings.count; i++) {
		pal_buf_add(draft, ",", i ? 1 : 0);
		pal_json_put_string(draft, result->warnings.item[i]);
	}
	if (needs_review) {
		pal_buf_add(draft, ",", result->warnings.count ? 1 : 0);
		pal_buf_add_lit(draft, "\"held for a person to review\"");
	}
	return keep_draft(turn, draft);
}

/* What the client said about how to treat the message, and what came of it. */
static void put_treatment(struct pal_buf *draft, const struct pal_send_request *r, const char *held,
			  struct pal_str warnings)
{
	if (r->hints.raw.p) {
		pal_buf_add_lit(draft, ",\"hints\":");
		pal_buf_add_str(draft, r->hints.raw);
	}
	if (r->channel_metadata.p) {
		pal_buf_add_lit(draft, ",\"channel_metadata\":");
		pal_buf_add_str(draft, r->channel_metadata);
	}
	if (held)
		pal_buf_addf(draft, ",\"held_for\":\"%s\"", held);
	if (warnings.n) {
		pal_buf_add_lit(draft, ",\"warnings\":[");
		pal_buf_add_str(draft, warnings);
		pal_buf_add_char(draft, ']');
	}
}

struct pal_str pal_turn_write_processing(struct pal_turn *turn, const struct pal_send_request *r,
					 const char *held, struct pal_str warnings,
					 int64_t queue_ms, int64_t took_ms)
{
	struct pal_buf *draft = thread_draft();

	pal_buf_add_lit(draft, "{\"pipeline_version\":\"" PIPELINE_VERSION
			       "\",\"processor_version\":\"" PAL_PROCESSOR_VERSION
			       "\",\"queue_time_ms\":");
	pal_buf_add_i64(draft, queue_ms);
	pal_buf_add_lit(draft, ",\"processing_time_ms\":");
	pal_buf_add_i64(draft, took_ms);
	put_treatment(draft, r, held, warnings);
	pal_buf_add_char(draft, '}');
	return keep_draft(turn, draft);
}

struct pal_str pal_turn_write_generation(struct pal_turn *turn,
					 const struct pal_respond_result *reply, int64_t took_ns)
{
	struct pal_buf *draft = thread_draft();

	pal_buf_add_lit(draft, "{\"model_provider\":");
	pal_json_put_string(draft, reply->model_provider);
	pal_buf_add_lit(draft, ",\"model_name\":");
	pal_json_put_string(draft, reply->model_name);
	pal_buf_add_lit(draft, ",\"generation_time_ms\":");
	pal_buf_add_i64(draft, took_ns / 1000000);
	pal_buf_add_lit(draft, ",\"template_used\":");
	if (reply->template_used.p)
		pal_json_put_string(draft, reply->template_used);
	else
		pal_buf_add_lit(draft, "null");
	pal_buf_add_lit(draft, ",\"fallback_used\":");
	pal_buf_add_str(draft, reply->fallback_reason.p ? PAL_STR("true") : PAL_STR("false"));
	pal_buf_add_lit(draft, ",\"confidence\":");
	pal_json_put_double(draft, reply->confidence);
	pal_buf_add_char(draft, '}');
	return keep_draft(turn, draft);
}

struct pal_str pal_turn_write_content(struct pal_turn *turn, const struct pal_content *content)
{
	struct pal_buf *draft = thread_draft();

	if (content->raw.p)
		return content->raw;
	pal_buf_add_lit(draft, "{\"type\":\"");
	pal_buf_add_str(draft, pal_str(pal_content_type_name(content->type)));
	pal_buf_add_lit(draft, "\",\"text\":");
	pal_json_put_string(draft, content->text);
	pal_buf_add_lit(draft, ",\"language\":");
	pal_json_put_string(draft, content->language.p ? content->language : PAL_STR("en"));
	pal_buf_add_char(draft, '}');
	return keep_draft(turn, draft);
}

struct pal_str pal_turn_write_analysis(struct pal_turn *turn,
				       const struct pal_process_result *result)
{
	struct pal_buf *draft = thread_draft();

	pal_process_write_analysis(draft, result);
	return keep_draft(turn, draft);
}

static struct pal_str write_entities(struct pal_turn *turn, const struct pal_process_result *result)
{
	struct pal_buf *draft = thread_draft();

	pal_process_write_entities(draft, result);
	return keep_draft(turn, draft);
}

/* What the reply of an intent asks the user for (domain.md section 2.3). */
static struct pal_str expected_after(struct pal_str intent)
{
	if (pal_str_equal(intent, PAL_STR("order_inquiry")))
		return PAL_STR("[\"order_number\"]");
	if (pal_str_equal(intent, PAL_STR("support")))
		return PAL_STR("[\"problem_description\"]");
	return PAL_STR("[]");
}

struct pal_str pal_turn_write_state(struct pal_turn *turn, const struct pal_process_result *result,
				    bool has_reply, int64_t response_time_ms, struct pal_state *ret)
{
	struct pal_state_change change = {
		/* a picture without a word changes nothing about what is wanted */
		.intent = result->statistics.words ? result->intent.name
						   : (struct pal_str){NULL, 0},
		.entities = write_entities(turn, result),
		.language = result->language_confidence >= LANGUAGE_SURE ? result->detected_language
									 : (struct pal_str){NULL, 0},
		.expected = has_reply ? expected_after(result->intent.name) : PAL_STR("[]"),
		.has_reply = has_reply,
		.response_time_ms = response_time_ms,
	};
	struct pal_buf *draft = thread_draft();

	if (!change.entities.p)
		return (struct pal_str){NULL, 0};
	pal_state_next(pal_thread_json(), &turn->standing, turn->record.state, &change, draft, ret);
	return keep_draft(turn, draft);
}
