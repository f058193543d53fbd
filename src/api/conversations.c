/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/page.h"
#include "service/conversations.h"

/* One GET while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	struct pal_reading reading;
};

static void answer(struct pal_call *base)
{
	struct pal_reading *reading = &((struct call *)base)->reading;

	pal_api_answer(base->exchange, 200, reading->code, &reading->err, &reading->data);
}

static void done(struct pal_reading *reading)
{
	struct call *call = (struct call *)((char *)reading - offsetof(struct call, reading));

	pal_call_return(&call->base);
}

static void read(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		 struct pal_api *api, const struct pal_reading *what)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return;
	call->reading = *what;
	call->reading.caller = *pal_api_caller(exchange);
	call->reading.id = pal_http_request_param(request, "id");
	call->reading.done = done;
	pal_conversations_read(api->front, &call->reading);
}

void pal_api_conversation_get(struct pal_http_exchange *exchange,
			      const struct pal_http_request *request, void *app)
{
	struct pal_reading what = {.kind = PAL_READ_CONVERSATION};
	struct pal_params params;

	pal_params_read(&params, request);
	what.page_size = pal_param_number(&params, "message_limit", 1, PAL_PAGE_SIZE_MAX,
					  PAL_PAGE_SIZE_DEFAULT);
	if (!pal_param_flag(&params, "include_messages", true))
		what.page_size = 0;
	if (pal_params_are_good(&params, exchange))
		read(exchange, request, app, &what);
}

void pal_api_conversation_history(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	struct pal_reading what = {.kind = PAL_READ_HISTORY};
	struct pal_params params;

	pal_params_read(&params, request);
	what.page = pal_param_number(&params, "page", 1, PAL_PAGE_NUMBER_MAX, 1);
	what.page_size = pal_param_number(&params, "page_size", 1, PAL_PAGE_SIZE_MAX,
					  PAL_PAGE_SIZE_DEFAULT);
	if (pal_params_are_good(&params, exchange))
		read(exchange, request, app, &what);
}
