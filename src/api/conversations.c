/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/endpoint.h"
#include "api/etag.h"
#include "api/page.h"
#include "service/history/conversations.h"

/* One GET while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	const struct pal_api *api;
	struct pal_page page;	/* of a history */
	struct pal_reading reading;
};

/* The way to the next page of a history; its cursor says which message came last. */
static void link_next(struct call *call)
{
	char bytes[24];
	struct pal_buf place = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};
	struct pal_buf cursor = {0};

	pal_buf_add_i64(&place, call->reading.next);
	pal_page_put_cursor(&cursor, call->api, &call->page, pal_buf_str(&place));
	if (!cursor.failed)
		pal_page_link_next(call->base.exchange, "cursor", pal_buf_str(&cursor));
	pal_buf_deinit(&cursor);
}

static void answer(struct pal_call *base)
{
	struct pal_reading *reading = &((struct call *)base)->reading;
	const struct pal_str tag = pal_str(reading->tag);

	if (reading->code == PAL_OK && tag.n) {
		pal_etag_put(base->exchange, tag);
		if (pal_etag_is_known(pal_http_exchange_request(base->exchange), tag)) {
			pal_buf_deinit(&reading->data);
			pal_http_respond(base->exchange, 304, NULL, (struct pal_str){NULL, 0});
			return;
		}
	}
	if (reading->code == PAL_OK && reading->next)
		link_next((struct call *)base);
	pal_api_answer(base->exchange, 200, reading->code, &reading->err, &reading->data);
}

static void done(struct pal_reading *reading)
{
	struct call *call = (struct call *)((char *)reading - offsetof(struct call, reading));

	pal_call_return(&call->base);
}

static void read(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		 struct pal_api *api, const struct pal_reading *what, const struct pal_page *page)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return;
	call->api = api;
	if (page)
		call->page = *page;
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
		read(exchange, request, app, &what, NULL);
}

void pal_api_conversation_summary(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	const struct pal_reading what = {.kind = PAL_READ_SUMMARY};

	read(exchange, request, app, &what, NULL);
}

void pal_api_conversation_history(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	struct pal_reading what = {.kind = PAL_READ_HISTORY};
	struct pal_params params;
	struct pal_page page;

	pal_params_read(&params, request);
	pal_page_read(&params, app, pal_api_caller(exchange), PAL_PAGE_NUMBERS,
		      PAL_PAGE_SIZE_DEFAULT, PAL_PAGE_SIZE_MAX, &page);
	for (size_t i = 0; i < page.after.n; i++)	/* ours: digits */
		what.after = what.after * 10 + (page.after.p[i] - '0');
	what.page = page.number;
	what.page_size = page.limit;
	if (pal_params_are_good(&params, exchange))
		read(exchange, request, app, &what, &page);
}
