/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/conversations.h"

#include <stdio.h>

#include "base/crypto.h"
#include "base/json.h"
#include "model/details.h"
#include "model/state.h"
#include "service/delivery/delivery.h"
#include "service/history/reading.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

struct span {
	struct pal_buf *out;
	int64_t from, to;	/* sequence numbers to show, both included */
	struct pal_deliveries deliveries;
};

static bool put_exchange(void *arg, const struct pal_exchange *x)
{
	const struct span *span = arg;
	const struct pal_str none = {NULL, 0};

	if (x->in.sequence >= span->from && x->in.sequence <= span->to)
		pal_view_message(span->out, &x->in, none);
	if (x->out.sequence >= span->from && x->out.sequence <= span->to)
		pal_view_message(span->out, &x->out,
				 pal_str(pal_delivery_status_name(
					 pal_deliveries_status(&span->deliveries, x))));
	return x->in.sequence <= span->to && !span->out->failed;
}

static enum pal_code put_messages(struct pal_reading *r, struct pal_store *store, unsigned reader,
				  const struct pal_conversation *c, int64_t from, int64_t to)
{
	struct span span = {.out = &r->data, .from = from < 1 ? 1 : from, .to = to};
	enum pal_code code = PAL_OK;

	pal_buf_add_lit(&r->data, "\"messages\":[");
	if (span.to >= span.from)
		code = pal_deliveries_load(store, reader, r->caller.tenant, c->id, span.from,
					   span.to, &span.deliveries, &r->err);
	if (span.to >= span.from && code == PAL_OK)
		code = pal_store_walk_exchanges(store, reader, r->caller.tenant, c->key, span.from,
						(size_t)(span.to - span.from + 1), put_exchange,
						&span, &r->err);
	pal_view_close(&r->data, ']');
	pal_buf_add_char(&r->data, ',');
	return code;
}

static enum pal_code write_history(struct pal_reading *r, struct pal_store *store, unsigned reader,
				   const struct pal_conversation *c)
{
	int64_t page = r->after > 0 ? r->after / r->page_size + 1 : r->page;
	int64_t before = page - 1 > c->last_sequence / r->page_size ? c->last_sequence
								    : (page - 1) * r->page_size;

	if (r->after > 0)
		before = r->after < c->last_sequence ? r->after : c->last_sequence;
	int64_t to = before + r->page_size;
	r->next = to < c->last_sequence ? to : 0;
	pal_buf_add_char(&r->data, '{');
	pal_view_text(&r->data, "conversation_id", c->id);
	pal_buf_add_lit(&r->data, "\"summary\":");
	pal_view_summary(&r->data, c);
	pal_buf_add_char(&r->data, ',');
	enum pal_code code = put_messages(r, store, reader, c, before + 1,
					  to > c->last_sequence ? c->last_sequence : to);
	pal_view_number(&r->data, "page", page);
	pal_view_number(&r->data, "page_size", r->page_size);
	pal_view_number(&r->data, "total_messages", c->last_sequence);
	pal_view_flag(&r->data, "has_next", r->next > 0);
	pal_view_flag(&r->data, "has_previous", page > 1 || before > 0);
	pal_view_close(&r->data, '}');
	return code;
}

static void write_tag(struct pal_reading *r, const struct pal_conversation *c)
{
	char version[PAL_CONVERSATION_VERSION_SIZE];
	uint8_t digest[PAL_SHA256_SIZE];

	pal_conversation_version(c, version);
	pal_sha256(pal_buf_str(&r->data), digest);
	snprintf(r->tag, sizeof(r->tag), "%s.%02x%02x%02x%02x%02x%02x%02x%02x", version, digest[0],
		 digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]);
}

static enum pal_code write_conversation(struct pal_reading *r, struct pal_store *store,
					unsigned reader, const struct pal_conversation *c)
{
	struct pal_state state = pal_state_read(pal_thread_json(), c->state);
	const struct pal_details details = pal_details_read(pal_thread_json(), c->details);
	enum pal_code code = PAL_OK;

	pal_buf_add_char(&r->data, '{');
	pal_view_text(&r->data, "conversation_id", c->id);
	pal_view_text(&r->data, "session_id", c->session_id);
	pal_view_text(&r->data, "previous_conversation_id", c->previous_id);
	pal_buf_add_lit(&r->data, "\"summary\":");
	pal_view_summary(&r->data, c);
	pal_buf_add_char(&r->data, ',');
	pal_details_write_view(&r->data, &details, pal_caller_is_staff(&r->caller));
	pal_view_raw(&r->data, "conversation_state", pal_state_view(&state, c->state));
	if (r->page_size)
		code = put_messages(r, store, reader, c, c->last_sequence - r->page_size + 1,
				    c->last_sequence);
	pal_view_close(&r->data, '}');
	write_tag(r, c);
	return code;
}

/* How it turned out: what who closed it said, else what its status tells. */
static const char *outcome_of(const struct pal_conversation *c, struct pal_str resolution)
{
	if (pal_str_equal(resolution, PAL_STR("\"resolved\"")))
		return "resolved";
	if (pal_str_equal(resolution, PAL_STR("\"escalated\"")) ||
	    (!resolution.n && c->status == PAL_CONVERSATION_ESCALATED))
		return "escalated";
	if (resolution.n || c->status == PAL_CONVERSATION_ABANDONED)
		return "unresolved";
	return pal_conversation_status_is_end(c->status) ? "resolved" : "pending";
}

static void put_response_times(struct pal_buf *out, const struct pal_state_counts *counts)
{
	if (counts->bot_messages)
		pal_view_number(out, "average_response_time_ms",
				counts->response_time_total_ms / counts->bot_messages);
	else
		pal_view_raw(out, "average_response_time_ms", (struct pal_str){NULL, 0});
	pal_view_number(out, "longest_response_time_ms", counts->response_time_max_ms);
}

/* domain.md section 2.4, summary. */
static enum pal_code write_outcome(struct pal_reading *r, const struct pal_conversation *c)
{
	struct pal_json *json = pal_thread_json();
	const struct pal_state state = pal_state_read(json, c->state);
	const struct pal_details details = pal_details_read(json, c->details);
	struct pal_str resolution =
		pal_details_member(&details, PAL_DETAIL_CLOSING, json, "resolution_type");
	int64_t until_ms = c->ended_ms ? c->ended_ms : c->last_activity_ms;

	pal_view_summary(&r->data, c);
	if (r->data.failed)
		return PAL_OK;		/* seen by who asked for the writing */
	r->data.data[r->data.len - 1] = ',';	/* more members follow */
	pal_view_text(&r->data, "session_id", c->session_id);
	pal_view_text(&r->data, "previous_conversation_id", c->previous_id);
	pal_view_number(&r->data, "elapsed_seconds", (until_ms - c->started_ms) / 1000);
	pal_view_text(&r->data, "outcome", pal_str(outcome_of(c, resolution)));
	pal_view_raw(&r->data, "resolution_type", resolution);
	pal_view_flag(&r->data, "escalated",
		      c->status == PAL_CONVERSATION_ESCALATED ||
			      details.value[PAL_DETAIL_ESCALATION].n > 0);
	pal_view_number(&r->data, "intent_switches", state.counts.intent_switches);
	put_response_times(&r->data, &state.counts);
	pal_view_close(&r->data, '}');
	return PAL_OK;
}

enum pal_code pal_conversations_load(struct pal_store *store, unsigned reader,
				     const struct pal_caller *caller, struct pal_str id,
				     struct pal_arena *arena, struct pal_conversation *ret,
				     struct pal_error *err)
{
	struct pal_conversation c;
	enum pal_code code =
		pal_store_load_conversation(store, reader, caller->tenant, id, arena, &c, err);

	if (code == PAL_E_NOT_FOUND ||
	    (code == PAL_OK && (c.deleted || !pal_caller_reaches(caller, c.user_id))))
		return pal_fail(err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	if (code == PAL_OK)
		*ret = c;
	return code;
}

static enum pal_code read_conversation(struct pal_reading *r, struct pal_store *store,
				       unsigned reader, struct pal_arena *arena)
{
	struct pal_conversation c;
	enum pal_code code = pal_conversations_load(store, reader, &r->caller, r->id, arena, &c,
						    &r->err);

	if (code != PAL_OK)
		return code;
	if (r->kind == PAL_READ_SUMMARY)
		return write_outcome(r, &c);
	return r->kind == PAL_READ_HISTORY ? write_history(r, store, reader, &c)
					   : write_conversation(r, store, reader, &c);
}

static struct pal_reading *reading_of(struct pal_query *query)
{
	return (struct pal_reading *)((char *)query - offsetof(struct pal_reading, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_reading *r = reading_of(query);
	struct pal_arena arena = pal_arena_of(0);

	r->code = r->kind == PAL_READ_WHERE ? pal_read_where(r, store, reader, &arena)
					    : read_conversation(r, store, reader, &arena);
	if (r->code == PAL_OK && r->data.failed)
		r->code = pal_fail_memory(&r->err, "conversation");
	pal_arena_release(&arena);
}

static void done(struct pal_query *query)
{
	struct pal_reading *r = reading_of(query);

	r->done(r);
}

void pal_conversations_read(struct pal_store_front *front, struct pal_reading *reading)
{
	reading->query = (struct pal_query){.run = run, .done = done};
	if (pal_store_front_query(front, &reading->query) != PAL_PUT_FULL)
		return;
	reading->code = pal_fail_retry(&reading->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				       "the store has more to read than it can take");
	reading->done(reading);
}
