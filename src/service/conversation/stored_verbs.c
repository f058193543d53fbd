/* SPDX-License-Identifier: Apache-2.0 */
/* What each verb does with a stored message. */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/scratch.h"
#include "model/details.h"
#include "service/conversation/stored_message.h"
#include "service/delivery/delivery.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

static const struct pal_str none = {NULL, 0};

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

static struct pal_str keep(struct pal_stored_context *x, const struct pal_buf *draft)
{
	return draft->failed ? none : pal_arena_copy(&x->call->arena, pal_buf_str(draft));
}

/* --- The delivery ----------------------------------------------------------------------------- */

static enum pal_code load_delivery(struct pal_stored_context *x, struct pal_delivery_state *ret,
				   struct pal_record *ret_record)
{
	return pal_delivery_load(x->store, x->reader, x->call->caller->tenant,
				 x->found.conversation.id, &x->found.exchange, &x->call->arena,
				 ret, ret_record, &x->call->err);
}

static void put_delivery(struct pal_buf *out, const struct pal_stored_context *x,
			 const struct pal_delivery_state *state)
{
	pal_view_text(out, "delivery_status", pal_str(pal_delivery_status_name(state->status)));
	pal_view_number(out, "delivery_attempts", state->attempts);
	pal_view_text(out, "channel", pal_str(pal_channel_name(x->found.conversation.channel)));
	pal_view_text(out, "recipient", x->found.exchange.delivery.recipient);
	pal_view_raw(out, "delivery_timestamps",
		     state->timestamps.n ? state->timestamps : PAL_STR("{}"));
	pal_view_raw(out, "delivery_metadata",
		     state->metadata.n ? state->metadata : PAL_STR("{}"));
}

/* Where a reply stands is known of replies alone. */
static enum pal_code require_reply(struct pal_stored_context *x)
{
	if (x->message->direction == PAL_OUTBOUND)
		return PAL_OK;
	return pal_fail(&x->call->err, PAL_E_CONFLICT, "message",
			"an inbound message is not delivered to anybody");
}

static enum pal_code merge(struct pal_stored_context *x, const char *field, struct pal_str fresh,
			   struct pal_str *into)
{
	switch (pal_details_merge(*into, fresh, pal_thread_json(), &x->call->arena, into)) {
	case PAL_MERGE_DONE:
		return PAL_OK;
	case PAL_MERGE_TOO_LARGE:
		return pal_fail(&x->call->err, PAL_E_VALIDATION, field,
				"%s would have more than %u bytes or %u keys", field,
				PAL_DETAIL_BYTES_MAX, PAL_JSON_KEYS_MAX);
	case PAL_MERGE_NO_MEMORY:
		break;
	}
	return pal_fail_memory(&x->call->err, "message");
}

/* Note when the state's status was reached. */
static enum pal_code stamp(struct pal_stored_context *x, struct pal_delivery_state *state,
			   int64_t wall_ms)
{
	char time[PAL_TIME_TEXT_SIZE];
	struct pal_buf *draft = thread_draft();

	pal_buf_addf(draft, "{\"%s\":\"%s\"}", pal_delivery_status_name(state->status),
		     pal_time_format(wall_ms, time));
	struct pal_str fresh = keep(x, draft);
	return fresh.p ? merge(x, "timestamp", fresh, &state->timestamps)
		       : pal_fail_memory(&x->call->err, "message");
}

/* Have `state` written over `old`, to be tried at `due_ms` if it still has to leave. */
static enum pal_code store_delivery(struct pal_stored_context *x,
				    const struct pal_delivery_state *state,
				    const struct pal_record *old, int64_t due_ms)
{
	struct pal_stored_call *call = x->call;
	struct pal_str home = x->found.conversation.id;
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_buf *draft = thread_draft();

	pal_delivery_write(draft, state);
	call->writes = true;
	call->write = (struct pal_record_write){
		.tenant = call->caller->tenant,
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_arena_copy(&call->arena,
						pal_delivery_id(home, x->message->sequence, id)),
			   .owner = home,
			   .body = keep(x, draft),
			   .created_ms = old->version ? old->created_ms : call->now_ms,
			   .updated_ms = call->now_ms,
			   .expires_ms = pal_delivery_is_open(state) ? due_ms : 0},
		.expected = old->version,
	};
	const struct pal_record *r = &call->write.record;
	return r->id.p && r->body.p ? PAL_OK
						  : pal_fail_memory(&call->err, "message");
}

static void answer_delivery(struct pal_stored_context *x, const struct pal_delivery_state *state)
{
	struct pal_buf *out = &x->call->data;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	put_delivery(out, x, state);
	pal_view_time(out, "updated_at", x->call->now_ms);
	pal_view_close(out, '}');
}

enum pal_code pal_stored_status(struct pal_stored_context *x)
{
	const struct pal_status_request *r = &x->call->of.status;
	struct pal_delivery_state state;
	struct pal_record record;
	enum pal_code code = require_reply(x);

	if (code == PAL_OK)
		code = load_delivery(x, &state, &record);
	if (code != PAL_OK)
		return code;
	if (r->status != state.status && !pal_delivery_may_become(state.status, r->status))
		return pal_fail(&x->call->err, PAL_E_CONFLICT, "status",
				"a message that is %s cannot become %s",
				pal_delivery_status_name(state.status),
				pal_delivery_status_name(r->status));
	bool moves = r->status != state.status;
	state.status = r->status;
	if (moves)
		code = stamp(x, &state, r->timestamp_ms);
	if (code == PAL_OK && r->metadata.n)
		code = merge(x, "metadata", r->metadata, &state.metadata);
	if (code == PAL_OK && (moves || r->metadata.n))
		code = store_delivery(x, &state, &record, record.expires_ms);
	if (code == PAL_OK)
		answer_delivery(x, &state);
	return code;
}

/* --- Receipts: whatever comes, in any order and any number of times, comes to the same ---------- */

/* That it arrived outweighs that it was given up: it did arrive. */
static int rank_of(enum pal_delivery_status status)
{
	static const int ranks[PAL_DELIVERY_STATUS_COUNT] = {
		[PAL_DELIVERY_RETRYING] = 1, [PAL_DELIVERY_SENT] = 2, [PAL_DELIVERY_FAILED] = 3,
		[PAL_DELIVERY_DELIVERED] = 4, [PAL_DELIVERY_READ] = 5};

	return ranks[status];
}

/* When `status` was reached, by {"read":"2026-..."}; 0 when it was not. */
static int64_t reached_ms(struct pal_str timestamps, enum pal_delivery_status status)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	int64_t ms = 0;

	if (!timestamps.n || !pal_json_scan(json, timestamps, &fault))
		return 0;
	uint32_t at = pal_json_member(json, 0, pal_str(pal_delivery_status_name(status)));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    !pal_time_parse((struct pal_str){json->text + json->node[at].at, json->node[at].len},
			    &ms))
		return 0;
	return ms;
}

/* Of several times the earliest is kept; they stand in the order of the statuses. */
static enum pal_code stamp_earliest(struct pal_stored_context *x, struct pal_delivery_state *state,
				    enum pal_delivery_status status, int64_t at_ms, bool *ret_moves)
{
	struct pal_buf *draft = thread_draft();
	char time[PAL_TIME_TEXT_SIZE];
	int64_t known_ms = reached_ms(state->timestamps, status);

	if (known_ms && known_ms <= at_ms)
		return PAL_OK;
	pal_buf_add_char(draft, '{');
	for (int s = 0; s < PAL_DELIVERY_STATUS_COUNT; s++) {
		int64_t ms = s == (int)status
				     ? at_ms
				     : reached_ms(state->timestamps, (enum pal_delivery_status)s);
		if (ms)
			pal_buf_addf(draft, "\"%s\":\"%s\",",
				     pal_delivery_status_name((enum pal_delivery_status)s),
				     pal_time_format(ms, time));
	}
	pal_view_close(draft, '}');
	state->timestamps = keep(x, draft);
	*ret_moves = true;
	return state->timestamps.p ? PAL_OK : pal_fail_memory(&x->call->err, "message");
}

/* Of several reasons the lesser text is kept, whichever came first. */
static enum pal_code note_reason(struct pal_stored_context *x, struct pal_delivery_state *state,
				 bool *ret_moves)
{
	const struct pal_status_request *r = &x->call->of.status;
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	struct pal_str old = none;

	if (!r->metadata.n)
		return PAL_OK;
	if (state->metadata.n && pal_json_scan(json, state->metadata, &fault)) {
		uint32_t at = pal_json_member(json, 0, PAL_STR("failure_reason"));
		old = at == PAL_JSON_NONE ? none : pal_json_raw(json, at);
	}
	struct pal_str fresh = {r->metadata.p + sizeof("{\"failure_reason\":") - 1,
				r->metadata.n - sizeof("{\"failure_reason\":}") + 1};
	size_t n = old.n < fresh.n ? old.n : fresh.n;
	int order = old.n ? memcmp(fresh.p, old.p, n) : -1;
	if (order > 0 || (order == 0 && fresh.n >= old.n))
		return PAL_OK;
	*ret_moves = true;
	return merge(x, "metadata", r->metadata, &state->metadata);
}

static enum pal_code join_receipt(struct pal_stored_context *x, struct pal_delivery_state *state,
				  bool *ret_moves)
{
	const struct pal_status_request *r = &x->call->of.status;
	enum pal_code code = stamp_earliest(x, state, r->status, r->timestamp_ms, ret_moves);

	if (code == PAL_OK && r->status == PAL_DELIVERY_READ)	/* what is read was delivered */
		code = stamp_earliest(x, state, PAL_DELIVERY_DELIVERED, r->timestamp_ms, ret_moves);
	if (code == PAL_OK && r->status == PAL_DELIVERY_FAILED)
		code = note_reason(x, state, ret_moves);
	if (rank_of(r->status) > rank_of(state->status)) {
		state->status = r->status;
		*ret_moves = true;
	}
	return code;
}

enum pal_code pal_stored_receipt(struct pal_stored_context *x)
{
	struct pal_delivery_state state;
	struct pal_record record;
	bool moves = false;
	enum pal_code code = require_reply(x);

	if (x->found.conversation.channel != x->call->channel)
		return pal_fail(&x->call->err, PAL_E_NOT_FOUND, "message",
				"there is no such message");
	if (code == PAL_OK)
		code = load_delivery(x, &state, &record);
	if (code == PAL_OK)
		code = join_receipt(x, &state, &moves);
	if (code == PAL_OK && moves)
		code = store_delivery(x, &state, &record, record.expires_ms);
	if (code == PAL_OK)
		answer_delivery(x, &state);
	return code;
}

/*
 * On web a reply that is stored is sent: the new attempt succeeds with the record of it. One that is
 * pushed has to leave again, with as many attempts as a new one.
 */
enum pal_code pal_stored_retry(struct pal_stored_context *x)
{
	struct pal_delivery_state state;
	struct pal_record record;

	if (x->message->direction == PAL_INBOUND && x->found.exchange.out.sequence)
		x->message = &x->found.exchange.out;	/* its reply is what is delivered */
	enum pal_code code = require_reply(x);
	if (code == PAL_OK)
		code = load_delivery(x, &state, &record);
	if (code != PAL_OK)
		return code;
	if (state.status != PAL_DELIVERY_FAILED)
		return pal_fail(&x->call->err, PAL_E_CONFLICT, "status",
				"the message is %s; only one that failed is delivered again",
				pal_delivery_status_name(state.status));
	if (state.message_id.p)
		pal_delivery_reopen(&state);
	else
		state = (struct pal_delivery_state){.status = PAL_DELIVERY_SENT,
						    .attempts = state.attempts + 1,
						    .timestamps = state.timestamps,
						    .metadata = state.metadata};
	code = stamp(x, &state, x->call->now_ms);
	if (code == PAL_OK)
		code = store_delivery(x, &state, &record, x->call->now_ms);
	if (code == PAL_OK)
		answer_delivery(x, &state);
	return code;
}

enum pal_code pal_stored_get(struct pal_stored_context *x)
{
	const struct pal_exchange *e = &x->found.exchange;
	bool outbound = x->message->direction == PAL_OUTBOUND;
	struct pal_buf *out = &x->call->data;
	struct pal_delivery_state state;
	struct pal_record record;
	enum pal_code code = outbound ? load_delivery(x, &state, &record) : PAL_OK;

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
		put_delivery(out, x, &state);
	else
		pal_view_text(out, "delivery_status", none);
	pal_view_close(out, '}');
	return PAL_OK;
}

/* --- Feedback --------------------------------------------------------------------------------- */

/* A user's feedback of a message: both ids are long, so a digest of them stands for them. */
static struct pal_str feedback_id(struct pal_stored_context *x, struct pal_str user_id)
{
	struct pal_buf *draft = thread_draft();
	uint8_t digest[PAL_SHA256_SIZE];

	pal_buf_addf(draft, "%zu:", user_id.n);
	pal_buf_add_str(draft, user_id);
	pal_buf_add_str(draft, x->message->message_id);
	if (draft->failed)
		return none;
	pal_sha256(pal_buf_str(draft), digest);
	pal_buf_clear(draft);
	pal_hex_encode(draft, digest, sizeof(digest));
	return keep(x, draft);
}

/* Who gives it: the caller; or whom a backend or staff names, else the conversation's user. */
static enum pal_code judge_author(struct pal_stored_context *x, struct pal_str *ret)
{
	const struct pal_caller *caller = x->call->caller;
	struct pal_str named = x->call->of.feedback.user_id;

	if (named.p && !pal_caller_is_staff(caller) && !pal_str_equal(named, caller->user_id))
		return pal_fail(&x->call->err, PAL_E_UNAUTHORIZED, "user_id",
				"user_id must be the caller's own");
	*ret = named.p		   ? named
	       : caller->user_id.p ? caller->user_id
				   : x->found.conversation.user_id;
	return PAL_OK;
}

static struct pal_str write_feedback(struct pal_stored_context *x, struct pal_str user_id)
{
	const struct pal_feedback_request *r = &x->call->of.feedback;
	struct pal_buf *out = thread_draft();

	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", x->message->message_id);
	pal_view_text(out, "conversation_id", x->found.conversation.id);
	pal_view_text(out, "user_id", user_id);
	pal_view_text(out, "feedback_type", pal_str(pal_feedback_type_name(r->type)));
	if (r->rating)
		pal_view_number(out, "rating", r->rating);
	else
		pal_view_raw(out, "rating", none);
	pal_view_raw(out, "comment", r->comment);
	pal_view_time(out, "timestamp", r->timestamp_ms);
	pal_view_close(out, '}');
	return keep(x, out);
}

static enum pal_code load_feedback(struct pal_stored_context *x, struct pal_str id,
				   struct pal_record *ret)
{
	enum pal_code code;

	*ret = (struct pal_record){.version = 0};
	if (!id.p)
		return pal_fail_memory(&x->call->err, "message");
	code = pal_store_load_record(x->store, x->reader, x->call->caller->tenant,
				     PAL_FEEDBACK_KIND, id, &x->call->arena, ret, &x->call->err);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

enum pal_code pal_stored_feedback(struct pal_stored_context *x)
{
	struct pal_stored_call *call = x->call;
	struct pal_record old;
	struct pal_str user_id;
	enum pal_code code = judge_author(x, &user_id);

	if (code != PAL_OK)
		return code;
	struct pal_str id = feedback_id(x, user_id);
	code = load_feedback(x, id, &old);
	if (code != PAL_OK)
		return code;
	call->writes = true;
	call->write = (struct pal_record_write){
		.tenant = call->caller->tenant,
		.record = {.kind = PAL_FEEDBACK_KIND,
			   .id = id,
			   .owner = user_id,
			   .body = write_feedback(x, user_id),
			   .created_ms = old.version ? old.created_ms : call->now_ms,
			   .updated_ms = call->now_ms},
		.expected = old.version,
	};
	struct pal_str body = call->write.record.body;
	if (!body.p)
		return pal_fail_memory(&call->err, "message");
	pal_buf_add(&call->data, body.p, body.n - 1);
	pal_buf_add_str(&call->data, old.version ? PAL_STR(",\"replaced\":true}")
						 : PAL_STR(",\"replaced\":false}"));
	return PAL_OK;
}

/* --- Analytics -------------------------------------------------------------------------------- */

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
	enum pal_code code = load_feedback(
		x, feedback_id(x, x->found.conversation.user_id), &feedback);

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
