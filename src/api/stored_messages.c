/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that are stored: looked at, moved on, delivered again, judged; and who is typing. */
#include "api/api.h"
#include "api/endpoint.h"
#include "service/conversation/stored_message.h"

/* One request while the service has it. */
struct call {
	struct pal_call base;	/* first */
	struct pal_stored_call stored;
};

static void answer(struct pal_call *base)
{
	struct pal_stored_call *s = &((struct call *)base)->stored;

	pal_api_answer(base->exchange, 200, s->code, &s->err, &s->data);
}

static void done(struct pal_stored_call *stored)
{
	pal_call_return(&((struct call *)((char *)stored - offsetof(struct call, stored)))->base);
}

/* Read a part of the body into the call. */
typedef void read_fn(struct pal_body *body, struct pal_stored_call *stored);

/* `read` NULL: the request takes no body. */
static void act(struct pal_http_exchange *exchange, struct pal_api *api, enum pal_stored_verb verb,
		read_fn *read)
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, read == NULL))
		return;
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
	if (!call)
		return;
	call->stored.verb = verb;
	call->stored.caller = pal_api_caller(exchange);
	call->stored.id = pal_http_request_param(request, "id");
	call->stored.now_ms = pal_clock_wall_ms(api->clock);
	call->stored.dispatch = api->dispatch;
	call->stored.done = done;
	if (read)
		read(&body, &call->stored);
	if (pal_body_is_good(&body, exchange))
		pal_stored_message_do(api->front, &call->stored);
}

static void read_status(struct pal_body *body, struct pal_stored_call *stored)
{
	pal_status_request_read(&body->fields, &body->root, stored->now_ms, &stored->of.status);
}

static void read_feedback(struct pal_body *body, struct pal_stored_call *stored)
{
	pal_feedback_request_read(&body->fields, &body->root, stored->now_ms,
				  &stored->of.feedback);
}

static void read_typing(struct pal_body *body, struct pal_stored_call *stored)
{
	pal_typing_request_read(&body->fields, &body->root, &stored->of.typing);
}

void pal_api_message_get(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_GET, NULL);
}

void pal_api_message_retry(struct pal_http_exchange *exchange,
			   const struct pal_http_request *request, void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_RETRY, NULL);
}

void pal_api_message_status(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_STATUS, read_status);
}

void pal_api_message_feedback(struct pal_http_exchange *exchange,
			      const struct pal_http_request *request, void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_FEEDBACK, read_feedback);
}

void pal_api_message_analytics(struct pal_http_exchange *exchange,
			       const struct pal_http_request *request, void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_ANALYTICS, NULL);
}

void pal_api_chat_typing(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	(void)request;
	act(exchange, app, PAL_STORED_TYPING, read_typing);
}
