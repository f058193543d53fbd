/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include "api/client.h"
#include "base/json.h"
#include "http/envelope.h"
#include "loop/loop.h"
#include "service/answer.h"

/* One POST /chat/message while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_inbound inbound;	/* first */
	struct pal_http_exchange *exchange;
	struct pal_loop_job job;
	struct pal_http_field_error fields[PAL_FIELD_ERRORS_MAX];
};

static void answer(struct call *call)
{
	struct pal_inbound *inbound = &call->inbound;
	struct pal_buf body = inbound->answer;

	if (inbound->code != PAL_OK) {
		pal_buf_deinit(&body);
		pal_http_fail(call->exchange, &inbound->err, NULL, 0);
		return;
	}
	pal_http_respond_take(call->exchange, 200, "application/json", &body);
}

static void answer_on_loop(struct pal_loop_job *job)
{
	answer((struct call *)((char *)job - offsetof(struct call, job)));
}

static void done(struct pal_inbound *inbound)
{
	struct call *call = (struct call *)inbound;

	call->job.run = answer_on_loop;
	pal_loop_run_on(pal_http_exchange_loop(call->exchange), &call->job);
}

static void fail_fields(struct call *call, const struct pal_field_errors *errors,
			const struct pal_error *err)
{
	for (size_t i = 0; i < errors->count; i++)
		call->fields[i] = (struct pal_http_field_error){pal_str(errors->item[i].field),
								pal_str(errors->item[i].message)};
	pal_http_fail(call->exchange, err, call->fields, errors->count);
}

/*
 * The Idempotency-Key header is another spelling of message_id (draft-ietf-httpapi-idempotency-key-
 * header): a structured string, in quotes.
 */
static enum pal_code take_idempotency_key(const struct pal_http_request *request,
					  struct pal_send_request *r, struct pal_error *err)
{
	struct pal_str key = pal_http_request_header(request, PAL_HTTP_H_IDEMPOTENCY_KEY);
	size_t points = 0;

	if (!key.p)
		return PAL_OK;
	if (key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"')
		key = (struct pal_str){key.p + 1, key.n - 2};
	if (!pal_utf8_count(key, &points) || points == 0 || points > PAL_ID_POINTS_MAX)
		return pal_fail(err, PAL_E_VALIDATION, "Idempotency-Key",
				"Idempotency-Key must have 1 to %u characters", PAL_ID_POINTS_MAX);
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
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	struct pal_field_errors errors;
	struct pal_fields fields = {.json = json, .arena = request->arena, .errors = &errors};
	struct pal_error err;
	struct call *call = pal_arena_get(request->arena, sizeof(*call));
	char *ip_address = pal_arena_get(request->arena, PAL_HTTP_PEER_TEXT_SIZE);

	if (!call || !ip_address) {
		pal_fail_memory(&err, "api");
		pal_http_fail(exchange, &err, NULL, 0);
		return;
	}
	if (!pal_json_scan(json, request->body, &fault)) {
		pal_http_fail_json(exchange, fault.at, fault.why);
		return;
	}
	errors.count = 0;
	memset(&call->inbound, 0, sizeof(call->inbound));
	call->exchange = exchange;
	struct pal_inbound *inbound = &call->inbound;
	inbound->received_ms = pal_clock_wall_ms(api->clock);
	if (pal_send_request_read(&fields, inbound->received_ms, &inbound->request, &err) !=
	    PAL_OK) {
		fail_fields(call, &errors, &err);
		return;
	}
	if (take_idempotency_key(request, &inbound->request, &err) != PAL_OK) {
		pal_http_fail_parameter(exchange, &err);
		return;
	}
	inbound->caller = pal_api_caller(exchange);
	inbound->request_id = request->id;
	const struct pal_http_peer client = pal_client_of(api->proxies, request);
	inbound->ip_address = pal_str(pal_http_peer_format(&client, ip_address));
	inbound->start_ns = request->start_ns;
	inbound->done = done;
	pal_message_submit(api->messages, inbound);
}
