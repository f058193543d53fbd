/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/limit.h"
#include "base/log.h"
#include "http/envelope.h"
#include "service/access/refusal.h"
#include "service/webhook/webhooks.h"

/* --- Taking one ------------------------------------------------------------------------------- */

/* One webhook while the service has it; lives in the exchange's arena. */
struct taking {
	struct pal_call base;	/* first */
	struct pal_api *api;
	struct pal_webhook_call webhook;
	struct pal_channel_hook hook;
};

/* Counted, and told to who has the tenant; which part was wrong is nobody else's business. */
static void refuse(struct taking *taking)
{
	static struct pal_log_limit limit = {.burst = 10, .interval_ms = 1000};
	struct pal_http_exchange *exchange = taking->base.exchange;
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	const struct pal_webhook_call *w = &taking->webhook;
	uint32_t dropped = 0;

	if (!pal_limit_webhook(exchange, request, taking->api))
		return;
	if (pal_log_limit_pass(&limit, &dropped)) {
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("webhook"), "signature refused",
			PAL_F_STR("request_id", w->request_id),
			PAL_F_STR("tenant_id", w->tenant_id),
			PAL_F_I64("verdict", (int64_t)w->signature),
			PAL_F_STR("client", w->ip_address), PAL_F_I64("not_logged", dropped));
		if (w->tenant.n)
			pal_refusal_audit_webhook(
				taking->api->front, pal_clock_wall_ms(taking->api->clock),
				&(struct pal_refused_webhook){.tenant = w->tenant,
							      .channel = w->type,
							      .verdict = w->signature,
							      .request_id = w->request_id,
							      .ip_address = w->ip_address});
	}
	pal_http_header(exchange, PAL_STR("WWW-Authenticate"), PAL_STR("Webhook-Signature"));
	pal_http_fail_with(exchange, 401, "AUTHENTICATION_FAILED",
			   "the webhook is not signed by who may send it");
}

static void answer_taking(struct pal_call *base)
{
	struct taking *taking = (struct taking *)base;
	struct pal_webhook_call *w = &taking->webhook;
	struct pal_buf data = w->data;
	struct pal_error err;

	w->data = pal_buf_of(0);	/* it lies in the arena that answering gives up */
	switch (w->verdict) {
	case PAL_WEBHOOK_TAKEN:
	case PAL_WEBHOOK_FAULTY:
		pal_http_success(base->exchange, 200, &data);
		break;
	case PAL_WEBHOOK_REFUSED:
		refuse(taking);
		break;
	case PAL_WEBHOOK_OFF:
		pal_http_fail_with(base->exchange, 403, "ACCESS_DENIED",
				   "the channel or its tenant is not active");
		break;
	case PAL_WEBHOOK_LIMITED:
		pal_fail_retry(&err, PAL_E_RATE_LIMIT, w->retry_ms, "webhook",
			       "more webhooks than may come in a minute");
		pal_http_fail(base->exchange, &err, NULL, 0);
		break;
	case PAL_WEBHOOK_BUSY:
		pal_fail_retry(&err, PAL_E_SERVICE, 1000, "webhook", "it could not be kept");
		pal_http_fail(base->exchange, &err, NULL, 0);
		break;
	}
	pal_buf_deinit(&data);
}

static void taken(struct pal_webhook_call *webhook)
{
	pal_call_return(&((struct taking *)((char *)webhook - offsetof(struct taking, webhook)))
				 ->base);
}

static void fill_hook(struct pal_channel_hook *hook, const struct pal_http_request *request,
		      int64_t now_ms)
{
	const struct pal_http_parser *parser = request->parser;

	for (size_t i = 0; i < parser->field_count && i < PAL_HOOK_HEADERS_MAX; i++)
		hook->headers[hook->header_count++] = (struct pal_outgoing_header){
			pal_http_span_str(request->data, parser->field[i].name),
			pal_http_span_str(request->data, parser->field[i].value)};
	hook->body = request->body;
	hook->now_ms = now_ms;
}

void pal_api_webhook_generic(struct pal_http_exchange *exchange,
			     const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct pal_params params;

	pal_params_read(&params, request);
	struct pal_str integration =
		pal_param_text(&params, "integration_id", PAL_CHANNEL_INTEGRATION_MAX);
	if (!integration.p && params.errors.count == 0)
		pal_param_wrong(&params, "integration_id", "is required");
	if (!pal_params_are_good(&params, exchange))
		return;
	struct taking *taking = pal_call_create(exchange, sizeof(*taking), answer_taking);
	if (!taking)
		return;
	taking->api = api;
	fill_hook(&taking->hook, request, pal_clock_wall_ms(api->clock));
	taking->webhook = (struct pal_webhook_call){
		.hook = &taking->hook,
		.type = PAL_CHANNEL_WEBHOOK,
		.tenant_id = pal_http_request_param(request, "tenant_id"),
		.integration_id = integration,
		.request_id = request->id,
		.ip_address = pal_api_client_address(api, request),
		.done = taken};
	pal_webhooks_receive(api->webhooks, &taking->webhook);
}

/* --- What the tenant is told ------------------------------------------------------------------ */

struct asking {
	struct pal_call base;	/* first */
	struct pal_webhook_report report;
};

static void answer_asking(struct pal_call *base)
{
	struct pal_webhook_report *report = &((struct asking *)base)->report;

	pal_api_answer(base->exchange, 200, report->code, &report->err, &report->data);
}

static void asked(struct pal_webhook_report *report)
{
	pal_call_return(&((struct asking *)((char *)report - offsetof(struct asking, report)))
				 ->base);
}

/* The path names the caller's own tenant; any other is as if absent. */
static bool is_own_tenant(struct pal_http_exchange *exchange, const struct pal_http_request *request)
{
	struct pal_error err;

	if (pal_str_equal(pal_http_request_param(request, "tenant_id"),
			  pal_api_caller(exchange)->tenant_id))
		return true;
	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	pal_http_fail(exchange, &err, NULL, 0);
	return false;
}

static void ask(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		struct pal_api *api, enum pal_webhook_question question)
{
	if (!is_own_tenant(exchange, request))
		return;
	struct asking *asking = pal_call_create(exchange, sizeof(*asking), answer_asking);
	if (!asking)
		return;
	asking->report.question = question;
	asking->report.caller = pal_api_caller(exchange);
	asking->report.type = PAL_CHANNEL_WEBHOOK;
	asking->report.request_id = request->id;
	asking->report.ip_address = pal_api_client_address(api, request);
	asking->report.done = asked;
	pal_webhooks_report(api->webhooks, &asking->report);
}

void pal_api_webhook_status(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	ask(exchange, request, app, PAL_WEBHOOK_STATUS);
}

void pal_api_webhook_test(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			  void *app)
{
	static const char *const platforms[] = {"generic", "webhook"};	/* names of the same */
	struct pal_params params;

	pal_params_read(&params, request);
	pal_param_choice(&params, "platform", platforms, 2, 0);
	if (pal_params_are_good(&params, exchange))
		ask(exchange, request, app, PAL_WEBHOOK_TEST);
}
