/* SPDX-License-Identifier: Apache-2.0 */
/* What a stored message shows: itself, and what was measured of it. */
#include "base/json.h"
#include "service/conversation/stored_parts.h"
#include "service/delivery/delivery.h"
#include "service/view/answer.h"
#include "service/view/view.h"


static const struct pal_str none = {NULL, 0};

enum pal_code pal_stored_get(struct pal_stored_context *x)
{
	const struct pal_exchange *e = &x->found.exchange;
	bool outbound = x->message->direction == PAL_OUTBOUND;
	struct pal_buf *out = &x->call->data;
	struct pal_delivery_state state;
	struct pal_record record;
	enum pal_code code = outbound ? pal_stored_load_delivery(x, &state, &record) : PAL_OK;

	if (code != PAL_OK)
		return code;
	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	pal_view_text(out, "user_id", x->message->user_id);
	pal_view_text(out, "direction", outbound ? PAL_STR("outbound") : PAL_STR("inbound"));
	pal_view_time(out, "timestamp", x->message->timestamp_ms);
	pal_view_raw(out, "content", x->message->content.raw);
	pal_view_number(out, "sequence_number", x->message->sequence);
	pal_view_text(out, "message_type",
		      pal_str(pal_content_type_name(x->message->content.type)));
	pal_view_text(out, "reply_to_message_id", outbound ? e->in.message_id : none);
	pal_view_text(out, "response_id",
		      !outbound && e->out.sequence ? e->out.message_id : none);
	if (outbound)
		pal_stored_put_delivery(out, x, &state);
	else
		pal_view_text(out, "delivery_status", none);
	pal_view_close(out, '}');
	return PAL_OK;
}

/* The number at name.member of a JSON text; null when there is none. */
static void put_measure(struct pal_buf *out, const char *key, struct pal_str text, const char *name,
			const char *member)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t at = PAL_JSON_NONE;

	if (text.n && pal_json_scan(json, text, &fault))
		at = pal_json_member(json, 0, pal_str(name));
	if (at != PAL_JSON_NONE && member)
		at = pal_json_member(json, at, pal_str(member));
	bool is_number = at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER;
	pal_view_raw(out, key, is_number ? pal_json_raw(json, at) : none);
}

/* 0..1 of what the user of the conversation said of it: the rating, else the kind of feedback. */
static void put_relevance(struct pal_buf *out, struct pal_str body)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	enum pal_feedback_type type;
	int64_t rating = 0;

	if (!body.n || !pal_json_scan(json, body, &fault)) {
		pal_view_raw(out, "response_relevance", none);
		return;
	}
	uint32_t at = pal_json_member(json, 0, PAL_STR("rating"));
	uint32_t word = pal_json_member(json, 0, PAL_STR("feedback_type"));
	bool is_good = word != PAL_JSON_NONE &&
		       pal_feedback_type_parse((struct pal_str){json->text + json->node[word].at,
								json->node[word].len},
					       &type) &&
		       pal_feedback_type_is_good(type);
	pal_view_key(out, "response_relevance");
	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER &&
	    pal_json_integer(json, at, &rating))
		pal_json_put_double(out, (double)(rating - 1) / 4);
	else
		pal_buf_add_char(out, is_good ? '1' : '0');
	pal_buf_add_char(out, ',');
}

enum pal_code pal_stored_analytics(struct pal_stored_context *x)
{
	const struct pal_exchange *e = &x->found.exchange;
	struct pal_buf *out = &x->call->data;
	struct pal_record feedback;
	enum pal_code code = pal_stored_load_feedback(
			   x, pal_stored_feedback_id(x, x->found.conversation.user_id), &feedback);

	if (code != PAL_OK)
		return code;
	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	pal_view_raw(out, "user_engagement_score", none);	/* nothing here measures it */
	put_relevance(out, feedback.version ? feedback.body : none);
	put_measure(out, "intent_confidence", e->in.analysis, "intent", "confidence");
	put_measure(out, "sentiment_score", e->in.analysis, "sentiment", "score");
	put_measure(out, "processing_time_ms", e->in.processing, "processing_time_ms", NULL);
	pal_view_raw(out, "cost_cents", none);			/* rules cost nothing */
	pal_view_close(out, '}');
	return PAL_OK;
}
