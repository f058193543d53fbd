/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on one conversation: each endpoint reads its body and names its verb. */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/etag.h"
#include "api/quota.h"
#include "http/envelope.h"
#include "service/conversation/creation.h"
#include "service/conversation/erasure.h"
#include "service/conversation/operation.h"
#include "service/view/answer.h"

/* One operation while the service has it. */
struct call {
	struct pal_call base;	/* first */
	struct pal_operation op;
};

static void answer(struct pal_call *base)
{
	struct pal_operation *op = &((struct call *)base)->op;
	struct pal_command *command = &op->command;

	if (command->code == PAL_OK && op->version[0])
		pal_etag_put(base->exchange, pal_str(op->version));
	pal_api_answer(base->exchange, 200, command->code, &command->err, &command->data);
}

static void done(struct pal_operation *op)
{
	pal_call_return(&((struct call *)((char *)op - offsetof(struct call, op)))->base);
}

static void fill(struct pal_operation *op, struct pal_http_exchange *exchange, struct pal_api *api)
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);

	op->command.caller = pal_api_caller(exchange);
	op->command.conversation_id = pal_http_request_param(request, "id");
	op->command.request_id = request->id;
	op->command.ip_address = pal_api_client_address(api, request);
	op->now_ms = pal_clock_wall_ms(api->clock);
}

/* Take If-Match over. False: the exchange is answered. */
static bool read_versions(struct pal_operation *op, struct pal_http_exchange *exchange)
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	struct pal_error err;
	enum pal_code code = pal_etag_versions(request, &op->versions, &err);

	if (code == PAL_E_VALIDATION)
		pal_http_fail_parameter(exchange, &err);
	else if (code != PAL_OK)
		pal_http_fail(exchange, &err, NULL, 0);
	return code == PAL_OK;
}

/* Read a part of the body into the operation. */
typedef void read_fn(struct pal_body *body, struct pal_operation *op);

static void operate_and(struct pal_http_exchange *exchange, struct pal_api *api, enum pal_verb verb,
			read_fn *read, bool body_may_be_empty, void (*then)(struct pal_call *))
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, body_may_be_empty))
		return;
	struct call *call = pal_call_create(exchange, sizeof(*call), then);
	if (!call)
		return;
	call->op.verb = verb;
	call->op.done = done;
	fill(&call->op, exchange, api);
	if (read)
		read(&body, &call->op);
	if (pal_body_is_good(&body, exchange) && read_versions(&call->op, exchange))
		pal_operate(api->messages, &call->op);
}

static void operate(struct pal_http_exchange *exchange, struct pal_api *api, enum pal_verb verb,
		    read_fn *read, bool body_may_be_empty)
{
	operate_and(exchange, api, verb, read, body_may_be_empty, answer);
}

/* --- Create ----------------------------------------------------------------------------------- */

struct create_call {
	struct pal_call base;	/* first */
	struct pal_creation creation;
};

static void answer_create(struct pal_call *base)
{
	const struct pal_creation *creation = &((struct create_call *)base)->creation;
	struct pal_command *command = &((struct create_call *)base)->creation.op.command;

	if (creation->has_message && creation->inbound.code != PAL_OK)
		pal_quota_give_back(base->exchange, 1);
	pal_api_answer(base->exchange, 201, command->code, &command->err, &command->data);
}

static void is_created(struct pal_creation *creation)
{
	pal_call_return(&((struct create_call *)((char *)creation -
						 offsetof(struct create_call, creation)))
				 ->base);
}

/* The first message, as a client would have sent it. False: out of memory. */
static bool write_message(const struct pal_create_request *r, struct pal_arena *arena,
			  struct pal_str *ret)
{
	struct pal_buf out = {0};

	pal_buf_add_lit(&out, "{\"user_id\":");
	pal_json_put_string(&out, r->user_id);
	if (r->session_id.p) {
		pal_buf_add_lit(&out, ",\"session_id\":");
		pal_json_put_string(&out, r->session_id);
	}
	pal_buf_addf(&out, ",\"channel\":\"%s\",\"content\":{\"type\":\"text\",\"text\":",
		     pal_channel_name(r->channel));
	pal_json_put_string(&out, r->initial_message);
	pal_buf_add_lit(&out, "}}");
	*ret = pal_arena_take_buf(arena, &out);
	return ret->p != NULL;
}

/*
 * Read the message by the rules of every message. It overwrites the thread's JSON scratch: the rest
 * of the body has been read. False: the exchange is answered.
 */
static bool read_message(struct pal_creation *creation, struct pal_http_exchange *exchange,
			 struct pal_api *api)
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	const struct pal_request_rules rules = pal_api_rules(api, pal_api_caller(exchange));
	struct pal_inbound *inbound = &creation->inbound;
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {
		.json = pal_thread_json(), .arena = request->arena, .errors = &errors};
	struct pal_json_fault fault;
	struct pal_error err;
	struct pal_str text;

	inbound->caller = creation->op.command.caller;
	inbound->request_id = request->id;
	inbound->ip_address = creation->op.command.ip_address;
	inbound->received_ms = creation->op.now_ms;
	inbound->start_ns = request->start_ns;
	creation->has_message = true;
	if (!write_message(&creation->op.of.create, request->arena, &text))
		pal_fail_memory(&err, "api");
	else if (!pal_json_scan(pal_thread_json(), text, &fault))
		pal_fail(&err, PAL_E_VALIDATION, "initial_message", "initial_message %s",
			 fault.why);
	else if (pal_send_request_read(&fields, inbound->received_ms, &rules, &inbound->request,
				       &err) == PAL_OK)
		return true;
	pal_http_fail(exchange, &err, NULL, 0);
	return false;
}

void pal_api_conversation_create(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct create_call *call = pal_call_create(exchange, sizeof(*call), answer_create);
	if (!call)
		return;
	struct pal_creation *creation = &call->creation;
	fill(&creation->op, exchange, api);
	pal_create_request_read(&body.fields, &body.root, &creation->op.of.create);
	creation->done = is_created;
	if (!pal_body_is_good(&body, exchange))
		return;
	if (creation->op.of.create.initial_message.p &&
	    (!read_message(creation, exchange, api) || !pal_quota_take(exchange, api, 1)))
		return;
	pal_conversation_create(api->messages, creation);
}

/* --- Delete ----------------------------------------------------------------------------------- */

struct erase_call {
	struct pal_call base;	/* first */
	struct pal_erasure erasure;
};

static void answer_erase(struct pal_call *base)
{
	struct pal_command *command = &((struct erase_call *)base)->erasure.op.command;

	pal_api_answer(base->exchange, 200, command->code, &command->err, &command->data);
}

static void is_erased(struct pal_erasure *erasure)
{
	pal_call_return(&((struct erase_call *)((char *)erasure -
						offsetof(struct erase_call, erasure)))
				 ->base);
}

/* Of what is deleted only that is shown, as of what is erased. */
static void answer_delete(struct pal_call *base)
{
	struct pal_command *command = &((struct call *)base)->op.command;

	if (command->code == PAL_OK) {
		((struct call *)base)->op.version[0] = '\0';	/* nobody sees it any more */
		pal_buf_clear(&command->data);
		pal_buf_add_lit(&command->data, "{\"conversation_id\":");
		pal_json_put_string(&command->data, command->conversation_id);
		pal_buf_add_lit(&command->data, ",\"deleted\":true,\"permanent\":false}");
	}
	answer(base);
}

static void erase(struct pal_http_exchange *exchange, struct pal_api *api)
{
	struct erase_call *call = pal_call_create(exchange, sizeof(*call), answer_erase);

	if (!call)
		return;
	fill(&call->erasure.op, exchange, api);
	call->erasure.done = is_erased;
	if (read_versions(&call->erasure.op, exchange))
		pal_erase_conversation(api->messages, &call->erasure);
}

void pal_api_conversation_delete(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	struct pal_params params;

	pal_params_read(&params, request);
	bool permanent = pal_param_flag(&params, "permanent", false);
	if (!pal_params_are_good(&params, exchange))
		return;
	if (permanent)
		erase(exchange, app);
	else
		operate_and(exchange, app, PAL_VERB_DELETE, NULL, true, answer_delete);
}

/* --- The others ------------------------------------------------------------------------------- */

static void read_update(struct pal_body *body, struct pal_operation *op)
{
	pal_update_request_read(&body->fields, &body->root, &op->of.update);
}

static void read_context(struct pal_body *body, struct pal_operation *op)
{
	pal_context_request_read(&body->fields, &body->root, &op->of.context);
}

static void read_close(struct pal_body *body, struct pal_operation *op)
{
	pal_close_request_read(&body->fields, &body->root, false, op->now_ms, &op->of.close);
}

static void read_short_close(struct pal_body *body, struct pal_operation *op)
{
	pal_close_request_read(&body->fields, &body->root, true, op->now_ms, &op->of.close);
}

static void read_reason(struct pal_body *body, struct pal_operation *op)
{
	pal_reason_request_read(&body->fields, &body->root, &op->of.reason);
}

static void read_transfer(struct pal_body *body, struct pal_operation *op)
{
	pal_transfer_request_read(&body->fields, &body->root, &op->of.transfer);
}

void pal_api_conversation_update(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_UPDATE, read_update, false);
}

void pal_api_conversation_context(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_UPDATE_CONTEXT, read_context, false);
}

void pal_api_conversation_close(struct pal_http_exchange *exchange,
				const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_CLOSE, read_close, false);
}

void pal_api_chat_close(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_CLOSE, read_short_close, true);
}

void pal_api_conversation_escalate(struct pal_http_exchange *exchange,
				   const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_ESCALATE, read_reason, true);
}

void pal_api_conversation_transfer(struct pal_http_exchange *exchange,
				   const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_TRANSFER, read_transfer, false);
}

void pal_api_conversation_reopen(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_REOPEN, read_reason, true);
}

void pal_api_conversation_restore(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	(void)request;
	operate(exchange, app, PAL_VERB_RESTORE, NULL, true);
}
