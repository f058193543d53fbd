/* SPDX-License-Identifier: Apache-2.0 */
#include "service/view/view.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/details.h"
#include "model/state.h"
#include "service/view/answer.h"

void pal_view_key(struct pal_buf *out, const char *key)
{
	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, pal_str(key));
	pal_buf_add_lit(out, "\":");
}

void pal_view_text(struct pal_buf *out, const char *key, struct pal_str value)
{
	pal_view_key(out, key);
	if (value.n)
		pal_json_put_string(out, value);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
}

void pal_view_number(struct pal_buf *out, const char *key, int64_t n)
{
	pal_view_key(out, key);
	pal_buf_add_i64(out, n);
	pal_buf_add_char(out, ',');
}

void pal_view_flag(struct pal_buf *out, const char *key, bool truth)
{
	pal_view_raw(out, key, truth ? PAL_STR("true") : PAL_STR("false"));
}

void pal_view_time(struct pal_buf *out, const char *key, int64_t wall_ms)
{
	char text[PAL_TIME_TEXT_SIZE];

	pal_view_text(out, key, pal_str(pal_time_format(wall_ms, text)));
}

void pal_view_time_if_any(struct pal_buf *out, const char *key, int64_t wall_ms)
{
	if (wall_ms)
		pal_view_time(out, key, wall_ms);
	else
		pal_view_raw(out, key, (struct pal_str){NULL, 0});
}

void pal_view_raw(struct pal_buf *out, const char *key, struct pal_str json)
{
	pal_view_key(out, key);
	pal_buf_add_str(out, json.n ? json : PAL_STR("null"));
	pal_buf_add_char(out, ',');
}

void pal_view_close(struct pal_buf *out, char bracket)
{
	if (!out->failed && out->len && out->data[out->len - 1] == ',')
		out->len--;
	pal_buf_add_char(out, bracket);
}

static void put_ending(struct pal_buf *out, const struct pal_conversation *c)
{
	pal_view_time_if_any(out, "completed_at", c->ended_ms);
	if (c->ended_ms)
		pal_view_number(out, "duration_seconds",
				c->ended_ms > c->started_ms ? (c->ended_ms - c->started_ms) / 1000
							    : 0);
	else
		pal_view_raw(out, "duration_seconds", (struct pal_str){NULL, 0});
}

/* domain.md section 1.3, ConversationSummary. */
void pal_view_summary(struct pal_buf *out, const struct pal_conversation *c)
{
	struct pal_json *json = pal_thread_json();
	const struct pal_state state = pal_state_read(json, c->state);
	const struct pal_details details = pal_details_read(json, c->details);
	struct pal_str tags = details.value[PAL_DETAIL_TAGS];

	pal_buf_add_char(out, '{');
	pal_view_text(out, "conversation_id", c->id);
	pal_view_text(out, "user_id", c->user_id);
	pal_view_text(out, "channel", pal_str(pal_channel_name(c->channel)));
	pal_view_text(out, "status", pal_str(pal_conversation_status_name(c->status)));
	pal_view_time(out, "started_at", c->started_ms);
	pal_view_time(out, "last_activity_at", c->last_activity_ms);
	pal_view_number(out, "message_count", state.counts.messages);
	pal_view_number(out, "user_messages", state.counts.user_messages);
	pal_view_number(out, "bot_messages", state.counts.bot_messages);
	pal_view_text(out, "primary_intent", pal_state_intent(&state, c->state));
	put_ending(out, c);
	pal_view_raw(out, "user_satisfaction",
		     pal_details_member(&details, PAL_DETAIL_CLOSING, json, "satisfaction_rating"));
	pal_view_text(out, "priority", pal_str(pal_priority_name(pal_details_priority(&details))));
	pal_view_raw(out, "tags", tags.n ? tags : PAL_STR("[]"));
	pal_view_flag(out, "deleted", c->deleted);
	pal_view_close(out, '}');
}

/* domain.md section 1.3, MessageView. */
void pal_view_message(struct pal_buf *out, const struct pal_message *m, struct pal_str delivery)
{
	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", m->message_id);
	pal_view_text(out, "direction",
		      m->direction == PAL_INBOUND ? PAL_STR("inbound") : PAL_STR("outbound"));
	pal_view_time(out, "timestamp", m->timestamp_ms);
	pal_view_raw(out, "content", m->content.raw);
	pal_view_number(out, "sequence_number", m->sequence);
	pal_view_text(out, "message_type", pal_str(pal_content_type_name(m->content.type)));
	pal_view_text(out, "delivery_status", delivery);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}
