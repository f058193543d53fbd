/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/quota.h"
#include "http/envelope.h"
#include "service/channel/channels.h"

/* One request while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	struct pal_channel_call channel;
};

static void answer(struct pal_call *base)
{
	struct pal_channel_call *c = &((struct call *)base)->channel;

	if (c->code == PAL_E_QUOTA)
		pal_quota_tell(base->exchange, c->caller->live, PAL_QUOTA_INTEGRATIONS,
			       c->integrations);
	pal_api_answer(base->exchange, 200, c->code, &c->err, &c->data);
}

static void done(struct pal_channel_call *channel)
{
	pal_call_return(&((struct call *)((char *)channel - offsetof(struct call, channel)))->base);
}

/* A call of `op`, still to be run; NULL: the exchange is answered. */
static struct call *begin(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, struct pal_api *api,
			  enum pal_channel_op op)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return NULL;
	call->channel.op = op;
	call->channel.caller = pal_api_caller(exchange);
	call->channel.request_id = request->id;
	call->channel.ip_address = pal_api_client_address(api, request);
	call->channel.type = pal_http_request_param(request, "type");
	call->channel.done = done;
	return call;
}

static void run_plain(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		      struct pal_api *api, enum pal_channel_op op)
{
	struct call *call = begin(exchange, request, api, op);

	if (call)
		pal_channels_run(api->channels, &call->channel);
}

void pal_api_channel_list(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_LIST);
}

void pal_api_channel_get(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_GET);
}

void pal_api_channel_delete(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_DELETE);
}

void pal_api_channel_health(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_HEALTH);
}

void pal_api_channel_enable(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_ENABLE);
}

void pal_api_channel_disable(struct pal_http_exchange *exchange,
			     const struct pal_http_request *request, void *app)
{
	run_plain(exchange, request, app, PAL_CHANNEL_DISABLE);
}

void pal_api_channel_put(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			 void *app)
{
	struct pal_api *api = app;
	enum pal_channel_type type;
	struct pal_body body;
	struct pal_error err;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = begin(exchange, request, api, PAL_CHANNEL_PUT);
	if (!call)
		return;
	if (pal_channels_find(PAL_CHANNEL_PUT, call->channel.type, &type, &err) != PAL_OK) {
		pal_http_fail(exchange, &err, NULL, 0);
		return;
	}
	struct pal_channel_config *config = pal_channels_read(
		api->channels, call->channel.caller->tenant, type, &body.fields, &body.root);
	body.fields.failed_memory |= !config;
	if (!pal_body_is_good(&body, exchange)) {
		pal_channel_config_unref(config);
		return;
	}
	call->channel.config = config;
	pal_channels_run(api->channels, &call->channel);
}

void pal_api_channel_test(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	static const struct pal_text_rule rule = {.min = 1, .max = PAL_ID_POINTS_MAX};
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	struct call *call = begin(exchange, request, api, PAL_CHANNEL_TEST);
	if (!call)
		return;
	call->channel.recipient = pal_fields_text(&body.fields, &body.root, "recipient", &rule);
	if (pal_body_is_good(&body, exchange))
		pal_channels_run(api->channels, &call->channel);
}
