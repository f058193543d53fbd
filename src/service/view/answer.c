/* SPDX-License-Identifier: Apache-2.0 */
#include "service/view/answer.h"

#include "base/clock.h"
#include "model/send_request.h"
#include "model/state.h"

#define ANSWER_BYTES_TYPICAL 1536u	/* one allocation for most answers */

static void put_time(struct pal_buf *out, int64_t wall_ms)
{
	char text[PAL_TIME_TEXT_SIZE];

	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, pal_str(pal_time_format(wall_ms, text)));
	pal_buf_add_char(out, '"');
}

static void put_bool(struct pal_buf *out, bool b)
{
	pal_buf_add_str(out, b ? PAL_STR("true") : PAL_STR("false"));
}

/*
 * The reply's delivery as ChannelResponse without what the provider said (domain.md section 1.6).
 */
static void put_channel_response(struct pal_buf *out, const struct pal_exchange *x,
				 const struct pal_answer_facts *facts)
{
	pal_buf_add_lit(out, ",\"channel_response\":{\"success\":");
	put_bool(out, x->delivery.status != PAL_DELIVERY_FAILED);
	pal_buf_add_lit(out, ",\"channel_type\":\"");
	pal_buf_add_str(out, pal_str(pal_channel_name(facts->channel)));
	pal_buf_add_lit(out, "\",\"message_id\":");
	pal_json_put_string(out, x->out.message_id);
	pal_buf_add_lit(out, ",\"delivery_status\":\"");
	pal_buf_add_str(out, pal_str(pal_delivery_status_name(x->delivery.status)));
	pal_buf_add_lit(out, "\",\"timestamp\":");
	put_time(out, x->out.timestamp_ms);
	pal_buf_add_char(out, '}');
}

static struct pal_str recall_text(struct pal_json *scratch, const char *name,
				  struct pal_arena *arena)
{
	uint32_t at = pal_json_member(scratch, 0, pal_str(name));

	if (at == PAL_JSON_NONE || pal_json_type(scratch, at) != PAL_JSON_STRING)
		return PAL_STR("");
	return pal_json_string(scratch, at, arena);
}

/* The array as it stands in the text, without its brackets. */
static struct pal_str recall_warnings(struct pal_str processing, struct pal_json *scratch)
{
	struct pal_json_fault fault;

	if (!processing.n || !pal_json_scan(scratch, processing, &fault))
		return PAL_STR("");
	uint32_t at = pal_json_member(scratch, 0, PAL_STR("warnings"));
	if (at == PAL_JSON_NONE || pal_json_type(scratch, at) != PAL_JSON_ARRAY)
		return PAL_STR("");
	struct pal_str raw = pal_json_raw(scratch, at);
	return (struct pal_str){raw.p + 1, raw.n - 2};
}

void pal_answer_recall(const struct pal_exchange *exchange, struct pal_json *scratch,
		       struct pal_arena *arena, struct pal_answer_facts *facts)
{
	struct pal_state state = pal_state_read(scratch, exchange->state);
	struct pal_json_fault fault;

	facts->view = pal_state_view(&state, exchange->state);
	facts->warnings = recall_warnings(exchange->in.processing, scratch);
	if (!exchange->out.sequence || !pal_json_scan(scratch, exchange->out.analysis, &fault))
		return;
	facts->model_name = recall_text(scratch, "model_name", arena);
	facts->model_provider = recall_text(scratch, "model_provider", arena);
	uint32_t at = pal_json_member(scratch, 0, PAL_STR("fallback_used"));
	facts->fallback_used = at != PAL_JSON_NONE && pal_json_type(scratch, at) == PAL_JSON_TRUE;
	at = pal_json_member(scratch, 0, PAL_STR("confidence"));
	if (at != PAL_JSON_NONE && pal_json_type(scratch, at) == PAL_JSON_NUMBER)
		pal_json_double(scratch, at, &facts->confidence);
}

static void put_generation(struct pal_buf *out, const struct pal_answer_facts *facts)
{
	pal_buf_add_lit(out, ",\"model_used\":");
	pal_json_put_string(out, facts->model_name);
	pal_buf_add_lit(out, ",\"model_provider\":");
	pal_json_put_string(out, facts->model_provider);
	pal_buf_add_lit(out, ",\"fallback_applied\":");
	put_bool(out, facts->fallback_used);
	pal_buf_add_lit(out, ",\"confidence_score\":");
	pal_json_put_double(out, facts->confidence);
}

static void put_metadata(struct pal_buf *out, const struct pal_exchange *x,
			 const struct pal_answer_facts *facts)
{
	pal_buf_add_lit(out, "{\"processing_time_ms\":");
	pal_buf_add_i64(out, facts->processing_time_ms);
	if (x->out.sequence) {
		pal_buf_add_lit(out, ",\"delivery_status\":\"");
		pal_buf_add_str(out, pal_str(pal_delivery_status_name(x->delivery.status)));
		pal_buf_add_char(out, '"');
		put_channel_response(out, x, facts);
		put_generation(out, facts);
	} else {
		pal_buf_add_lit(out, ",\"delivery_status\":null,\"fallback_applied\":false");
	}
	pal_buf_add_lit(out, ",\"conversation_created\":");
	put_bool(out, facts->conversation_created);
	pal_buf_add_lit(out, ",\"duplicate\":");
	put_bool(out, facts->duplicate);
	pal_buf_add_lit(out, ",\"warnings\":[");
	pal_buf_add_str(out, facts->warnings);
	/* domain.md section 4.5: kept all the same, for nothing is ordered by it */
	if (pal_timestamp_is_skewed(x->in.timestamp_ms, x->received_ms)) {
		pal_buf_add(out, ",", facts->warnings.n ? 1 : 0);
		pal_buf_add_lit(out, "\"timestamp is more than 24 hours from the server's clock\"");
	}
	pal_buf_add_lit(out, "]}");
}

void pal_answer_write(struct pal_buf *out, const struct pal_exchange *exchange,
		      const struct pal_answer_facts *facts)
{
	const struct pal_exchange *x = exchange;

	if (!pal_buf_reserve(out, ANSWER_BYTES_TYPICAL))
		return;
	pal_buf_add_lit(out, "{\"message_id\":");
	pal_json_put_string(out, x->in.message_id);
	pal_buf_add_lit(out, ",\"conversation_id\":");
	pal_json_put_string(out, facts->conversation_id);
	pal_buf_add_lit(out, ",\"response\":");
	pal_buf_add_str(out, x->out.sequence ? x->out.content.raw : PAL_STR("null"));
	pal_buf_add_lit(out, ",\"conversation_state\":");
	pal_buf_add_str(out, facts->view);
	pal_buf_add_lit(out, ",\"processing_metadata\":");
	put_metadata(out, x, facts);
	pal_buf_add_lit(out, ",\"timestamp\":");
	put_time(out, x->out.sequence ? x->out.timestamp_ms : x->received_ms);
	pal_buf_add_lit(out, ",\"response_id\":");
	if (x->out.sequence)
		pal_json_put_string(out, x->out.message_id);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, '}');
}
