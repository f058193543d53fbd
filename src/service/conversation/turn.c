/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/turn.h"

#include <stdatomic.h>

#include "base/id.h"
#include "base/scratch.h"
#include "model/state.h"
#include "process/analysis.h"
#include "process/process.h"
#include "respond/respond.h"
#include "service/access/live.h"
#include "service/access/tenant_settings.h"
#include "service/conversation/conversation.h"
#include "service/conversation/session_gate.h"
#include "service/delivery/outbox.h"
#include "service/view/answer.h"

#define PIPELINE_VERSION "1.0"		/* domain.md section 1.4, processing */
#define RETRY_AFTER_MS 1000u
#define LANGUAGE_SURE 0.5		/* domain.md section 4.2 */
#define TURN_BYTES_MAX (64u << 20)

struct pal_turn *pal_turn_create(size_t capacity)
{
	struct pal_arena arena = pal_arena_of(TURN_BYTES_MAX);
	struct pal_turn *turn = pal_arena_get(&arena, sizeof(*turn));

	if (!turn)
		return NULL;
	*turn = (struct pal_turn){.note = {.kind = PAL_NOTE_COMMITTED}, .capacity = capacity};
	turn->inbound = pal_arena_get(&arena, capacity * sizeof(struct pal_inbound *));
	turn->exchanges = pal_arena_get(&arena, capacity * sizeof(turn->exchanges[0]));
	turn->facts = pal_arena_get(&arena, capacity * sizeof(turn->facts[0]));
	if (!turn->inbound || !turn->exchanges || !turn->facts) {
		pal_arena_release(&arena);
		return NULL;
	}
	turn->arena = arena;
	return turn;
}

void pal_turn_destroy(struct pal_turn *turn)
{
	if (!turn)
		return;
	struct pal_arena arena = turn->arena;	/* the turn lies in it */
	pal_arena_release(&arena);
}

/*
 * The JSON texts of a turn are written here first, then copied into the turn's arena at their size.
 */
static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

static struct pal_str keep_draft(struct pal_turn *turn, const struct pal_buf *draft)
{
	if (draft->failed)
		return (struct pal_str){NULL, 0};
	return pal_arena_copy(&turn->arena, pal_buf_str(draft));
}

static struct pal_str fresh_id(struct pal_turn *turn, int64_t now_ms)
{
	struct pal_uuid id = pal_uuid_v7(now_ms);
	char text[PAL_UUID_TEXT_SIZE];

	return pal_arena_copy(&turn->arena, pal_str(pal_uuid_format(&id, text)));
}

/* domain.md section 2.2, step 10: why the bot must keep quiet; NULL when it need not. */
static const char *reason_to_hold(const struct pal_conversation *record,
				  const struct pal_inbound *inbound,
				  const struct pal_process_result *result)
{
	if (record->status == PAL_CONVERSATION_ESCALATED)
		return "escalated";
	if (inbound->request.hints.require_human_review)
		return "human_review";
	if (result->blocking_flags)
		return "moderation";
	return inbound->request.hints.bypass_automation ? "bypass_automation" : NULL;
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

static int64_t ms_between(int64_t from_ns, int64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns) / 1000000 : 0;
}

/* As items of a JSON array. What a person has to look at is worth one to the client too. */
static struct pal_str write_warnings(struct pal_turn *turn, const struct pal_process_result *result,
				     bool needs_review)
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

static struct pal_str write_processing(struct pal_turn *turn, const struct pal_inbound *inbound,
				       const char *held, struct pal_str warnings, int64_t begin_ns,
				       int64_t end_ns)
{
	struct pal_buf *draft = thread_draft();

	pal_buf_add_lit(draft, "{\"pipeline_version\":\"" PIPELINE_VERSION
			       "\",\"processor_version\":\"" PAL_PROCESSOR_VERSION
			       "\",\"queue_time_ms\":");
	pal_buf_add_i64(draft, ms_between(inbound->start_ns, begin_ns));
	pal_buf_add_lit(draft, ",\"processing_time_ms\":");
	pal_buf_add_i64(draft, ms_between(begin_ns, end_ns));
	put_treatment(draft, &inbound->request, held, warnings);
	pal_buf_add_char(draft, '}');
	return keep_draft(turn, draft);
}

static struct pal_str write_generation(struct pal_turn *turn,
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

static struct pal_str write_content(struct pal_turn *turn, const struct pal_content *content)
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

static struct pal_str write_analysis(struct pal_turn *turn, const struct pal_process_result *result)
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

static struct pal_str write_state(struct pal_turn *turn, const struct pal_process_result *result,
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

/* What a tenant's settings change; callers of our own have none. */
static void set_by_tenant(struct pal_process_context *context, const struct pal_live_tenant *live,
			  struct pal_arena *arena)
{
	uint64_t block = live ? atomic_load_explicit(&live->block, memory_order_relaxed)
			      : PAL_LIVE_BLOCK_UNSET;
	char prefix[PAL_ORDER_PREFIX_MAX + 1] = "";

	if (block != PAL_LIVE_BLOCK_UNSET)
		context->blocking_flags = (uint32_t)block;
	if (!live)
		return;
	uint64_t bytes = atomic_load_explicit(&live->order_prefix, memory_order_relaxed);
	context->order_digits = atomic_load_explicit(&live->order_digits, memory_order_relaxed);
	if (!bytes)
		return;
	memcpy(prefix, &bytes, sizeof(bytes));
	context->order_prefix = pal_arena_copy(arena, pal_str(prefix));
}

static enum pal_code process(struct pal_turn *turn, struct pal_message_service *service,
			     const struct pal_inbound *inbound, struct pal_process_context *context,
			     struct pal_process_result *ret, struct pal_error *err)
{
	const struct pal_send_request *r = &inbound->request;

	*context = (struct pal_process_context){
		.tenant_id = inbound->caller->tenant_id,
		.user_id = r->user_id,
		.conversation_id = turn->record.id,
		.session_id = r->session_id,
		.session_context = inbound->bond ? inbound->bond->change.session.context
						 : (struct pal_str){NULL, 0},
		.request_id = inbound->request_id,
		.channel = r->channel,
		.conversation_state = turn->record.state,
		.language = pal_state_language(turn->record.state),
		.language_mode = (enum pal_language_mode)atomic_load_explicit(
			&service->language_mode, memory_order_relaxed),
		.blocking_flags = atomic_load_explicit(&service->blocking_flags,
						       memory_order_relaxed),
		.accept_executables = atomic_load_explicit(&service->accept_executables,
							   memory_order_relaxed),
	};
	set_by_tenant(context, inbound->caller->live, &turn->arena);
	*ret = (struct pal_process_result){.success = false};
	enum pal_code code = pal_process(&r->content, context, &turn->arena, ret, err);
	if (code == PAL_OK && !ret->success)
		code = pal_fail(err, PAL_E_PROCESSING, "content", "%.*s",
				ret->errors.count ? (int)ret->errors.item[0].n : 0,
				ret->errors.count ? ret->errors.item[0].p : "");
	return code;
}

/* The reply has to leave: its delivery is a record of the turn's unit. */
static enum pal_code push(struct pal_turn *turn, const struct pal_inbound *inbound,
			  struct pal_exchange *x, struct pal_error *err)
{
	if (!turn->records)
		turn->records = pal_arena_get(&turn->arena,
					      turn->capacity * sizeof(turn->records[0]));
	if (!turn->records)
		return pal_fail_memory(err, "turn");
	return pal_outbox_add(inbound->caller->tenant, &turn->record, &inbound->request, x,
			      &turn->arena, &turn->records[turn->record_count], err);
}

/* Write the outbound half of `x`. */
static enum pal_code respond(struct pal_turn *turn, struct pal_message_service *service,
			     const struct pal_inbound *inbound,
			     const struct pal_process_context *context,
			     const struct pal_process_result *result, struct pal_exchange *x,
			     struct pal_answer_facts *facts, struct pal_error *err)
{
	const struct pal_responder *responder = service->options.responder;
	const struct pal_clock *clock = service->options.clock;
	struct pal_respond_input input = {.message_id = inbound->request.message_id,
					  .content = &inbound->request.content,
					  .analysis = result,
					  .context = context};
	struct pal_respond_result reply = {.kind = PAL_RESPOND_REPLY};
	int64_t begin_ns = pal_clock_mono_ns(clock);
	enum pal_code code = pal_respond(responder, &input, &turn->arena, &reply, err);

	if (code != PAL_OK)
		return code;
	if (reply.kind != PAL_RESPOND_REPLY)
		return pal_fail(err, PAL_E_SERVICE, "responder",
				"no courier serves this responder");
	int64_t now_ms = pal_clock_wall_ms(clock);
	x->out = (struct pal_message){
		.message_id = fresh_id(turn, now_ms),
		.user_id = PAL_STR("bot"),
		.sequence = x->in.sequence + 1,
		.direction = PAL_OUTBOUND,
		.timestamp_ms = now_ms,
		.content = reply.content,
		.analysis = write_generation(turn, &reply, pal_clock_mono_ns(clock) - begin_ns),
	};
	x->out.content.raw = write_content(turn, &reply.content);
	facts->model_name = reply.model_name;
	facts->model_provider = reply.model_provider;
	facts->confidence = reply.confidence;
	facts->fallback_used = reply.fallback_reason.p != NULL;
	if (!x->out.message_id.p || !x->out.analysis.p || !x->out.content.raw.p)
		return pal_fail_memory(err, "turn");
	if (pal_outbox_takes(turn->record.channel))
		return push(turn, inbound, x, err);
	/* Web replies wait in the history for the user to fetch: stored is sent. */
	x->delivery = (struct pal_delivery){.status = PAL_DELIVERY_SENT,
					    .recipient = inbound->request.user_id};
	return PAL_OK;
}

static void fill_inbound(struct pal_exchange *x, const struct pal_inbound *inbound,
			 int64_t sequence)
{
	const struct pal_send_request *r = &inbound->request;

	*x = (struct pal_exchange){
		.in = {.message_id = r->message_id,
		       .user_id = r->user_id,
		       .sequence = sequence,
		       .direction = PAL_INBOUND,
		       .timestamp_ms = r->timestamp_ms,
		       .content = r->content},
		.received_ms = inbound->received_ms,
		.audit = {.event_type = PAL_STR("message.processed"),
			  .user_id = inbound->caller->user_id.p ? inbound->caller->user_id
								: inbound->caller->key_id,
			  .resource_id = r->message_id,
			  .request_id = inbound->request_id,
			  .ip_address = inbound->ip_address},
	};
	memcpy(x->digest, r->digest, sizeof(x->digest));
}

/* The client would rather hear of it than wait longer (domain.md B29). */
static enum pal_code check_patience(const struct pal_inbound *inbound, int64_t now_ns,
				    struct pal_error *err)
{
	uint32_t patience_ms = inbound->request.hints.processing_timeout_ms;

	if (!patience_ms || ms_between(inbound->start_ns, now_ns) <= patience_ms)
		return PAL_OK;
	return pal_fail_retry(err, PAL_E_SERVICE, RETRY_AFTER_MS, "processing_timeout_ms",
			      "the message waited longer than its processing_timeout_ms");
}

enum pal_code pal_turn_add(struct pal_turn *turn, struct pal_message_service *service,
			   struct pal_inbound *inbound, struct pal_error *err)
{
	const struct pal_clock *clock = service->options.clock;
	struct pal_exchange *x = &turn->exchanges[turn->count];
	struct pal_answer_facts *facts = &turn->facts[turn->count];
	struct pal_state standing;
	struct pal_process_context context;
	struct pal_process_result result;
	int64_t begin_ns = pal_clock_mono_ns(clock);
	enum pal_code code = check_patience(inbound, begin_ns, err);

	if (code == PAL_OK)
		code = process(turn, service, inbound, &context, &result, err);
	if (code != PAL_OK)
		return code;
	fill_inbound(x, inbound, turn->record.last_sequence + 1);
	*facts = (struct pal_answer_facts){.channel = turn->record.channel};
	const char *held = reason_to_hold(&turn->record, inbound, &result);
	bool has_reply = !held;
	if (has_reply)
		code = respond(turn, service, inbound, &context, &result, x, facts, err);
	if (code != PAL_OK)
		return code;
	int64_t end_ns = pal_clock_mono_ns(clock);
	x->in.analysis = write_analysis(turn, &result);
	facts->warnings = write_warnings(
		turn, &result, inbound->request.hints.require_human_review || result.blocking_flags);
	x->in.processing =
		write_processing(turn, inbound, held, facts->warnings, begin_ns, end_ns);
	x->state = write_state(turn, &result, has_reply, ms_between(inbound->start_ns, end_ns),
			       &standing);
	if (!x->in.analysis.p || !x->in.processing.p || !x->state.p || !facts->warnings.p)
		return pal_fail_memory(err, "turn");
	turn->record.last_sequence = has_reply ? x->out.sequence : x->in.sequence;
	turn->record.state = x->state;
	turn->standing = standing;
	facts->view = pal_state_view(&standing, x->state);
	turn->record.last_activity_ms = inbound->received_ms;
	turn->inbound[turn->count++] = inbound;
	if (has_reply && turn->records)
		turn->record_count++;
	return PAL_OK;
}
