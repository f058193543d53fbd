/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/endpoint.h"
#include "api/quota.h"
#include "http/envelope.h"

/* One POST /chat/message while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	struct pal_inbound inbound;
};

static void answer(struct pal_call *base)
{
	struct pal_inbound *inbound = &((struct call *)base)->inbound;
	struct pal_buf body = inbound->answer;

	if (inbound->code != PAL_OK) {
		pal_buf_deinit(&body);
		pal_http_fail(base->exchange, &inbound->err, NULL, 0);
		return;
	}
	if (inbound->is_duplicate)
		pal_quota_give_back(base->exchange, 1);
	pal_http_respond_take(base->exchange, 200, "application/json", &body);
}

static void done(struct pal_inbound *inbound)
{
	struct call *call = (struct call *)((char *)inbound - offsetof(struct call, inbound));

	pal_call_return(&call->base);
}

/* The Idempotency-Key header is another spelling of message_id. */
static enum pal_code take_idempotency_key(const struct pal_http_request *request,
					  struct pal_send_request *r, struct pal_error *err)
{
	struct pal_str key;
	enum pal_code code = pal_api_idempotency_key(request, &key, err);

	if (code != PAL_OK || !key.p)
		return code;
	if (r->message_id.p && !pal_str_equal(r->message_id, key))
		return pal_fail(err, PAL_E_VALIDATION, "Idempotency-Key",
				"Idempotency-Key and message_id must not differ");
	r->message_id = key;
	return PAL_OK;
}

void pal_api_chat_message(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	PAL_UNFILLED struct pal_body body;
	struct pal_error err;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
	if (!call)
		return;
	struct pal_inbound *inbound = &call->inbound;
	inbound->received_ms = pal_clock_wall_ms(api->clock);
	const struct pal_request_rules rules = pal_api_rules(api, pal_api_caller(exchange));
	if (pal_send_request_read(&body.fields, inbound->received_ms, &rules, &inbound->request,
				  &err) != PAL_OK) {
		pal_api_fail_fields(exchange, &body.errors, &err);
		return;
	}
	if (take_idempotency_key(request, &inbound->request, &err) != PAL_OK) {
		pal_http_fail_parameter(exchange, &err);
		return;
	}
	inbound->caller = pal_api_caller(exchange);
	inbound->request_id = request->id;
	inbound->ip_address = pal_api_client_address(api, request);
	inbound->start_ns = request->start_ns;
	inbound->done = done;
	pal_message_submit(api->messages, inbound);
}
