/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/turn.h"

#include <stdatomic.h>

#include "base/id.h"
#include "process/process.h"
#include "respond/respond.h"
#include "service/access/live.h"
#include "service/access/tenant_settings.h"
#include "service/conversation/conversation.h"
#include "service/conversation/session_gate.h"
#include "service/conversation/turn_text.h"
#include "service/delivery/outbox.h"
#include "service/view/answer.h"

#define RETRY_AFTER_MS 1000u
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

static int64_t ms_between(int64_t from_ns, int64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns) / 1000000 : 0;
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

/* The outbound half of `x`: what `reply` says, told of in `facts`. */
static enum pal_code write_reply(struct pal_turn *turn, const struct pal_respond_result *reply,
				 int64_t now_ms, int64_t took_ns, struct pal_exchange *x,
				 struct pal_answer_facts *facts, struct pal_error *err)
{
	x->out = (struct pal_message){
		.message_id = fresh_id(turn, now_ms),
		.user_id = PAL_STR("bot"),
		.sequence = x->in.sequence + 1,
		.direction = PAL_OUTBOUND,
		.timestamp_ms = now_ms,
		.content = reply->content,
		.analysis = pal_turn_write_generation(turn, reply, took_ns),
	};
	x->out.content.raw = pal_turn_write_content(turn, &reply->content);
	facts->model_name = reply->model_name;
	facts->model_provider = reply->model_provider;
	facts->confidence = reply->confidence;
	facts->fallback_used = reply->fallback_reason.p != NULL;
	return x->out.message_id.p && x->out.analysis.p && x->out.content.raw.p
		       ? PAL_OK
		       : pal_fail_memory(err, "turn");
}

/* Have the responder reply to the inbound half of `x`. */
static enum pal_code respond(struct pal_turn *turn, struct pal_message_service *service,
			     const struct pal_inbound *inbound,
			     const struct pal_process_context *context,
			     const struct pal_process_result *result, struct pal_exchange *x,
			     struct pal_answer_facts *facts, struct pal_error *err)
{
	const struct pal_clock *clock = service->options.clock;
	struct pal_respond_input input = {.message_id = inbound->request.message_id,
					  .content = &inbound->request.content,
					  .analysis = result,
					  .context = context};
	struct pal_respond_result reply = {.kind = PAL_RESPOND_REPLY};
	int64_t begin_ns = pal_clock_mono_ns(clock);
	enum pal_code code =
		pal_respond(service->options.responder, &input, &turn->arena, &reply, err);

	if (code == PAL_OK && reply.kind != PAL_RESPOND_REPLY)
		code = pal_fail(err, PAL_E_SERVICE, "responder",
				"no courier serves this responder");
	if (code == PAL_OK)
		code = write_reply(turn, &reply, pal_clock_wall_ms(clock),
				   pal_clock_mono_ns(clock) - begin_ns, x, facts, err);
	if (code == PAL_OK && pal_outbox_takes(turn->record.channel))
		return push(turn, inbound, x, err);
	/* Web replies wait in the history for the user to fetch: stored is sent. */
	if (code == PAL_OK)
		x->delivery = (struct pal_delivery){.status = PAL_DELIVERY_SENT,
						    .recipient = inbound->request.user_id};
	return code;
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

/*
 * Write what is told of the message beside its content, and the state that it leaves. False when out
 * of memory.
 */
static bool describe(struct pal_turn *turn, const struct pal_inbound *inbound,
		     const struct pal_process_result *result, const char *held, int64_t begin_ns,
		     int64_t end_ns, struct pal_state *ret_standing)
{
	struct pal_exchange *x = &turn->exchanges[turn->count];
	struct pal_answer_facts *facts = &turn->facts[turn->count];
	const struct pal_send_request *r = &inbound->request;

	x->in.analysis = pal_turn_write_analysis(turn, result);
	facts->warnings = pal_turn_write_warnings(
		turn, result, r->hints.require_human_review || result->blocking_flags);
	x->in.processing = pal_turn_write_processing(turn, r, held, facts->warnings,
						     ms_between(inbound->start_ns, begin_ns),
						     ms_between(begin_ns, end_ns));
	x->state = pal_turn_write_state(turn, result, !held, ms_between(inbound->start_ns, end_ns),
					ret_standing);
	return x->in.analysis.p && x->in.processing.p && x->state.p && facts->warnings.p;
}

/* Nothing can fail any more: the exchange that was written is the turn's. */
static void move_on(struct pal_turn *turn, struct pal_inbound *inbound, bool has_reply,
		    const struct pal_state *standing)
{
	const struct pal_exchange *x = &turn->exchanges[turn->count];

	turn->record.last_sequence = has_reply ? x->out.sequence : x->in.sequence;
	turn->record.state = x->state;
	turn->record.last_activity_ms = inbound->received_ms;
	turn->standing = *standing;
	turn->facts[turn->count].view = pal_state_view(standing, x->state);
	turn->inbound[turn->count++] = inbound;
	if (has_reply && turn->records)
		turn->record_count++;
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
	if (!held)
		code = respond(turn, service, inbound, &context, &result, x, facts, err);
	if (code != PAL_OK)
		return code;
	if (!describe(turn, inbound, &result, held, begin_ns, pal_clock_mono_ns(clock), &standing))
		return pal_fail_memory(err, "turn");
	move_on(turn, inbound, !held, &standing);
	return PAL_OK;
}
