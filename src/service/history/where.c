/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the exchange that a message belongs to (src/ctl/README.md, message.where). */
#include "base/json.h"
#include "process/process.h"
#include "service/delivery/delivery.h"
#include "service/history/reading.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

/* A member of the JSON object `doc` as it stands, or null. */
static struct pal_str raw_member(struct pal_str doc, const char *name)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (!doc.n || !pal_json_scan(json, doc, &fault))
		return PAL_STR("null");
	uint32_t at = pal_json_member(json, 0, pal_str(name));
	return at == PAL_JSON_NONE ? PAL_STR("null") : pal_json_raw(json, at);
}

static void put_processing(struct pal_buf *out, const struct pal_exchange *x)
{
	pal_buf_add_lit(out, "\"processing\":{");
	pal_view_text(out, "stage", x->out.sequence ? PAL_STR("responded") : PAL_STR("processed"));
	pal_buf_addf(out, "\"processors\":[\"%s\"],",
		     pal_processor_get(x->in.content.type)->name);
	pal_view_raw(out, "language", raw_member(x->in.analysis, "detected_language"));
	pal_view_raw(out, "duration_ms", raw_member(x->in.processing, "processing_time_ms"));
	pal_view_raw(out, "queue_ms", raw_member(x->in.processing, "queue_time_ms"));
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

static void put_delivery(struct pal_buf *out, const struct pal_found_exchange *found,
			 enum pal_delivery_status status)
{
	const struct pal_exchange *x = &found->exchange;

	pal_buf_add_lit(out, "\"delivery\":");
	if (!x->out.sequence) {
		pal_buf_add_lit(out, "null");
		return;
	}
	pal_buf_add_char(out, '{');
	pal_view_text(out, "status", pal_str(pal_delivery_status_name(status)));
	pal_view_text(out, "channel", pal_str(pal_channel_name(found->conversation.channel)));
	pal_view_text(out, "recipient", x->delivery.recipient);
	pal_view_close(out, '}');
}

/* src/ctl/README.md, message.where */
static void write_where(struct pal_reading *r, const struct pal_found_exchange *found,
			enum pal_delivery_status status)
{
	const struct pal_exchange *x = &found->exchange;
	bool has_reply = x->out.sequence != 0;
	bool is_reply = has_reply && pal_str_equal(r->id, x->out.message_id);
	const struct pal_message *m = is_reply ? &x->out : &x->in;

	pal_buf_add_char(&r->data, '{');
	pal_view_text(&r->data, "message_id", m->message_id);
	pal_view_text(&r->data, "tenant", r->caller.tenant_id);
	pal_view_text(&r->data, "conversation_id", found->conversation.id);
	pal_view_number(&r->data, "sequence_number", m->sequence);
	pal_view_text(&r->data, "direction", is_reply ? PAL_STR("outbound") : PAL_STR("inbound"));
	pal_view_time(&r->data, "received_at", x->received_ms);
	pal_view_text(&r->data, "request_id", x->audit.request_id);
	put_processing(&r->data, x);
	pal_view_raw(&r->data, "intent", raw_member(x->in.analysis, "intent"));
	pal_view_raw(&r->data, "committed", PAL_STR("true"));
	pal_view_text(&r->data, "response_id",
		 has_reply ? x->out.message_id : (struct pal_str){NULL, 0});
	pal_view_number(&r->data, "response_sequence_number", x->out.sequence);
	put_delivery(&r->data, found, status);
	pal_buf_add_char(&r->data, '}');
}

enum pal_code pal_read_where(struct pal_reading *r, struct pal_store *store, unsigned reader,
			     struct pal_arena *arena)
{
	struct pal_found_exchange found;
	struct pal_delivery_state delivery;
	struct pal_record record;
	enum pal_code code = pal_store_find_exchange(store, reader, r->caller.tenant, r->id, false,
						     arena, &found, &r->err);

	if (code == PAL_E_NOT_FOUND)
		code = pal_store_find_exchange(store, reader, r->caller.tenant, r->id, true, arena,
					       &found, &r->err);
	if (code == PAL_E_NOT_FOUND ||
	    (code == PAL_OK && !pal_caller_reaches(&r->caller, found.conversation.user_id)))
		return pal_fail(&r->err, PAL_E_NOT_FOUND, "message", "there is no such message");
	if (code == PAL_OK)
		code = pal_delivery_load(store, reader, r->caller.tenant, found.conversation.id,
					 &found.exchange, arena, &delivery, &record, &r->err);
	if (code == PAL_OK)
		write_where(r, &found, delivery.status);
	return code;
}
