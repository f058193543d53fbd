/* SPDX-License-Identifier: Apache-2.0 */
#include "service/view/export_write.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/details.h"
#include "model/state.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define NAME_MAX_BYTES 64u

static const char *const names[] = {
#define X(id, name, media) name,
	PAL_EXPORT_FORMATS(X)
#undef X
};

static const char *const media_types[] = {
#define X(id, name, media) media,
	PAL_EXPORT_FORMATS(X)
#undef X
};

const char *pal_export_format_name(enum pal_export_format format)
{
	return names[format];
}

const char *pal_export_media_type(enum pal_export_format format)
{
	return media_types[format];
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '_' || c == '.';
}

void pal_export_put_name(struct pal_buf *out, struct pal_str id, enum pal_export_format format)
{
	pal_buf_add_lit(out, "conversation_");
	for (size_t i = 0; i < id.n && i < NAME_MAX_BYTES; i++)
		pal_buf_add_char(out, is_plain(id.p[i]) ? id.p[i] : '_');
	pal_buf_add_char(out, '.');
	pal_buf_add_str(out, pal_str(names[format]));
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_json_conversation(struct pal_buf *out, const struct pal_export_look *look,
				  const struct pal_conversation *c)
{
	struct pal_state state;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "conversation_id", c->id);
	pal_view_text(out, "session_id", c->session_id);
	pal_view_text(out, "previous_conversation_id", c->previous_id);
	pal_view_key(out, "summary");
	pal_view_summary(out, c);
	pal_buf_add_char(out, ',');
	if (look->with_metadata) {
		struct pal_details details = pal_details_read(pal_thread_json(), c->details);
		pal_details_write_view(out, &details, look->for_staff);
	}
	if (look->with_analytics) {
		state = pal_state_read(pal_thread_json(), c->state);
		pal_view_raw(out, "conversation_state", pal_state_view(&state, c->state));
	}
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

static void put_json_head(struct pal_buf *out, const struct pal_export_look *look,
			  const struct pal_conversation *c)
{
	pal_buf_add_lit(out, "{\"export_metadata\":{");
	pal_view_time(out, "exported_at", look->exported_ms);
	pal_view_text(out, "format", PAL_STR("json"));
	pal_view_text(out, "exported_by", look->exported_by);
	pal_view_close(out, '}');
	pal_buf_add_lit(out, ",\"conversation\":");
	put_json_conversation(out, look, c);
	if (look->with_messages)
		pal_buf_add_lit(out, "\"messages\":[");
	else
		pal_view_close(out, '}');
}

static void put_json_message(struct pal_buf *out, const struct pal_export_look *look,
			     const struct pal_message *m, struct pal_str delivery, bool first)
{
	bool inbound = m->direction == PAL_INBOUND;

	pal_buf_add_str(out, first ? PAL_STR("\n") : PAL_STR(",\n"));
	pal_view_message(out, m, delivery);
	if (out->failed)
		return;
	out->len -= 2;		/* the bracket and the comma: more members follow */
	pal_buf_add_char(out, ',');
	pal_view_text(out, "user_id", m->user_id);
	if (look->with_analytics) {
		pal_view_raw(out, inbound ? "ai_analysis" : "generation_metadata", m->analysis);
		if (inbound)
			pal_view_raw(out, "processing", m->processing);
	}
	pal_view_close(out, '}');
}

/* --- CSV -------------------------------------------------------------------------------------- */

void pal_csv_put_cell(struct pal_buf *out, struct pal_str text)
{
	bool formula = text.n && strchr("=+-@\t\r", text.p[0]) && text.p[0] != '\0';
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++)
		quoted |= text.p[i] == '"' || text.p[i] == ',' || text.p[i] == '\r' ||
			  text.p[i] == '\n';
	if (quoted)
		pal_buf_add_char(out, '"');
	if (formula)
		pal_buf_add_char(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			pal_buf_add_char(out, '"');
		pal_buf_add_char(out, text.p[i]);
	}
	if (quoted)
		pal_buf_add_char(out, '"');
}

static void put_csv_head(struct pal_buf *out, const struct pal_export_look *look)
{
	pal_buf_add_lit(out, "sequence_number,message_id,timestamp,direction,user_id,message_type,"
			     "text,delivery_status");
	if (look->with_metadata)
		pal_buf_add_lit(out, ",content");
	if (look->with_analytics)
		pal_buf_add_lit(out, ",analysis,processing");
	pal_buf_add_lit(out, "\r\n");
}

static void put_csv_message(struct pal_buf *out, const struct pal_export_look *look,
			    const struct pal_message *m, struct pal_str delivery)
{
	char time[PAL_TIME_TEXT_SIZE];
	const struct pal_str cells[] = {
		m->message_id,
		pal_str(pal_time_format(m->timestamp_ms, time)),
		m->direction == PAL_INBOUND ? PAL_STR("inbound") : PAL_STR("outbound"),
		m->user_id,
		pal_str(pal_content_type_name(m->content.type)),
		m->content.text,
		delivery,
	};

	pal_buf_add_i64(out, m->sequence);
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		pal_buf_add_char(out, ',');
		pal_csv_put_cell(out, cells[i]);
	}
	if (look->with_metadata) {
		pal_buf_add_char(out, ',');
		pal_csv_put_cell(out, m->content.raw);
	}
	if (look->with_analytics) {
		pal_buf_add_char(out, ',');
		pal_csv_put_cell(out, m->analysis);
		pal_buf_add_char(out, ',');
		pal_csv_put_cell(out, m->processing);
	}
	pal_buf_add_lit(out, "\r\n");
}

/* --- Transcript ------------------------------------------------------------------------------- */

static void put_line(struct pal_buf *out, const char *what, struct pal_str value)
{
	pal_buf_add_str(out, pal_str(what));
	pal_buf_add_lit(out, ": ");
	pal_buf_add_str(out, value.n ? value : PAL_STR("-"));
	pal_buf_add_char(out, '\n');
}

static void put_txt_head(struct pal_buf *out, const struct pal_export_look *look,
			 const struct pal_conversation *c)
{
	char time[PAL_TIME_TEXT_SIZE];

	put_line(out, "Conversation", c->id);
	put_line(out, "User", c->user_id);
	put_line(out, "Channel", pal_str(pal_channel_name(c->channel)));
	put_line(out, "Status", pal_str(pal_conversation_status_name(c->status)));
	put_line(out, "Started", pal_str(pal_time_format(c->started_ms, time)));
	put_line(out, "Last activity", pal_str(pal_time_format(c->last_activity_ms, time)));
	if (look->with_metadata) {
		struct pal_details d = pal_details_read(pal_thread_json(), c->details);
		put_line(out, "Tags", d.value[PAL_DETAIL_TAGS]);
		put_line(out, "Priority", pal_str(pal_priority_name(pal_details_priority(&d))));
		put_line(out, "Category", d.value[PAL_DETAIL_CATEGORY]);
		put_line(out, "Department", d.value[PAL_DETAIL_DEPARTMENT]);
	}
	put_line(out, "Exported", pal_str(pal_time_format(look->exported_ms, time)));
	put_line(out, "Exported by", look->exported_by);
}

static void put_txt_message(struct pal_buf *out, const struct pal_export_look *look,
			    const struct pal_message *m)
{
	char time[PAL_TIME_TEXT_SIZE];

	pal_buf_add_lit(out, "\n[");
	pal_buf_add_str(out, pal_str(pal_time_format(m->timestamp_ms, time)));
	pal_buf_add_lit(out, "] ");
	pal_buf_add_str(out, m->user_id);
	pal_buf_add_lit(out, ": ");
	if (m->content.type != PAL_CONTENT_TEXT) {
		pal_buf_add_char(out, '<');
		pal_buf_add_str(out, pal_str(pal_content_type_name(m->content.type)));
		pal_buf_add_lit(out, "> ");
	}
	pal_buf_add_str(out, m->content.text);
	pal_buf_add_char(out, '\n');
	if (look->with_analytics && m->direction == PAL_INBOUND && m->analysis.n) {
		pal_buf_add_lit(out, "    ");
		pal_buf_add_str(out, m->analysis);
		pal_buf_add_char(out, '\n');
	}
}

/* --- The whole -------------------------------------------------------------------------------- */

void pal_export_put_head(struct pal_buf *out, const struct pal_export_look *look,
			 const struct pal_conversation *conversation)
{
	if (look->format == PAL_EXPORT_JSON)
		put_json_head(out, look, conversation);
	else if (look->format == PAL_EXPORT_CSV)
		put_csv_head(out, look);
	else
		put_txt_head(out, look, conversation);
}

void pal_export_put_message(struct pal_buf *out, const struct pal_export_look *look,
			    const struct pal_message *message, struct pal_str delivery, bool first)
{
	if (look->format == PAL_EXPORT_JSON)
		put_json_message(out, look, message, delivery, first);
	else if (look->format == PAL_EXPORT_CSV)
		put_csv_message(out, look, message, delivery);
	else
		put_txt_message(out, look, message);
}

void pal_export_put_tail(struct pal_buf *out, const struct pal_export_look *look)
{
	if (look->format == PAL_EXPORT_JSON)
		pal_buf_add_str(out, look->with_messages ? PAL_STR("]}\n") : PAL_STR("\n"));
}
