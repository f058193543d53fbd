/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A conversation as a file. The pieces come from a read lane and go to the client as it takes them:
 * the next is made when the last has left.
 */
#include "api/api.h"
#include "api/endpoint.h"
#include "http/envelope.h"
#include "http/flow.h"
#include "service/history/export.h"

static const char *const formats[] = {
#define X(id, name, media) name,
	PAL_EXPORT_FORMATS(X)
#undef X
};

/* One export; lives in the exchange's arena, and so goes with the answer's end. */
struct call {
	struct pal_call base;	/* first */
	struct pal_http_flow flow;
	struct pal_export export;
	bool has_begun;
};

/* --- On the way ------------------------------------------------------------------------------- */

/* End the flow with `piece`; the call is gone afterwards. */
static void end(struct call *call, struct pal_buf *piece)
{
	struct pal_buf rest = *piece;

	*piece = pal_buf_of(0);
	pal_export_deinit(&call->export);
	pal_http_flow_end(&call->flow, &rest);
}

static void more(struct pal_http_flow *flow)
{
	struct call *call = (struct call *)((char *)flow - offsetof(struct call, flow));

	if (pal_http_exchange_is_live(call->base.exchange))
		pal_export_step(&call->export);
	else
		end(call, &call->export.piece);
}

static void begin_flow(struct call *call)
{
	struct pal_http_exchange *exchange = call->base.exchange;
	struct pal_export *x = &call->export;
	struct pal_buf value = {0};

	pal_buf_add_lit(&value, "attachment; filename=\"");
	pal_export_put_name(&value, x->id, x->look.format);
	pal_buf_add_char(&value, '"');
	pal_http_header(exchange, PAL_STR("Content-Disposition"), pal_buf_str(&value));
	pal_http_header(exchange, PAL_STR("X-Content-Type-Options"), PAL_STR("nosniff"));
	pal_http_header(exchange, PAL_STR("Cache-Control"), PAL_STR("no-store"));
	pal_buf_deinit(&value);
	call->has_begun = true;
	call->flow.more = more;
	pal_http_flow_begin(exchange, 200, pal_export_media_type(x->look.format), &call->flow);
}

/* Begun, or a piece has been made. */
static void answer(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_export *x = &call->export;

	if (!call->has_begun && x->code != PAL_OK) {
		pal_export_deinit(x);
		pal_http_fail(base->exchange, &x->err, NULL, 0);
	} else if (!call->has_begun) {
		begin_flow(call);
		if (pal_http_exchange_request(base->exchange)->method == PAL_HTTP_HEAD)
			end(call, &x->piece);
		else
			pal_export_step(x);
	} else if (x->code != PAL_OK) {
		pal_export_deinit(x);
		pal_http_flow_abort(&call->flow);
	} else if (x->last) {
		end(call, &x->piece);
	} else {
		pal_http_flow_put(&call->flow, &x->piece);
	}
}

static void done(struct pal_export *export)
{
	struct call *call = (struct call *)((char *)export - offsetof(struct call, export));

	pal_call_return(&call->base);
}

/* --- The question ----------------------------------------------------------------------------- */

static void begin(struct call *call, const struct pal_http_request *request, struct pal_api *api)
{
	struct pal_export *x = &call->export;

	x->caller = *pal_api_caller(call->base.exchange);
	x->id = pal_http_request_param(request, "id");
	x->look.exported_ms = pal_clock_wall_ms(api->clock);
	x->request_id = request->id;
	x->ip_address = pal_api_client_address(api, request);
	x->arena = request->arena;
	x->done = done;
	pal_export_begin(api->front, x);
}

#define BACKWARDS "must not be before the start"

void pal_api_conversation_export_get(struct pal_http_exchange *exchange,
				     const struct pal_http_request *request, void *app)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
	struct pal_params params;

	if (!call)
		return;
	struct pal_export *x = &call->export;
	pal_params_read(&params, request);
	x->look.format = (enum pal_export_format)pal_param_choice(
		&params, "format", formats, PAL_EXPORT_FORMAT_COUNT, PAL_EXPORT_JSON);
	x->look.with_messages = pal_param_flag(&params, "include_messages", true);
	x->look.with_metadata = pal_param_flag(&params, "include_metadata", true);
	x->look.with_analytics = pal_param_flag(&params, "include_analytics", false);
	x->from_ms = pal_param_instant(&params, "start", 0);
	x->to_ms = pal_param_instant(&params, "end", 0);
	if (x->to_ms && x->from_ms > x->to_ms)
		pal_param_wrong(&params, "end", BACKWARDS);
	if (pal_params_are_good(&params, exchange))
		begin(call, request, app);
}

static void read_range(struct pal_body *body, struct pal_export *x)
{
	struct pal_fields_at range;

	pal_fields_object(&body->fields, &body->root, "date_range", false, &range);
	x->from_ms = pal_fields_time(&body->fields, &range, "start", 0);
	x->to_ms = pal_fields_time(&body->fields, &range, "end", 0);
	if (x->to_ms && x->from_ms > x->to_ms)
		pal_fields_wrong(&body->fields, &range, "end", BACKWARDS);
}

void pal_api_conversation_export_post(struct pal_http_exchange *exchange,
				      const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
	if (!call)
		return;
	struct pal_export *x = &call->export;
	struct pal_fields *fields = &body.fields;
	x->look.format = (enum pal_export_format)pal_body_choice(
		&body, "format", formats, PAL_EXPORT_FORMAT_COUNT, PAL_EXPORT_JSON);
	x->look.with_messages = pal_fields_bool(fields, &body.root, "include_messages", true);
	x->look.with_metadata = pal_fields_bool(fields, &body.root, "include_metadata", true);
	x->look.with_analytics = pal_fields_bool(fields, &body.root, "include_analytics", false);
	read_range(&body, x);
	if (pal_body_is_good(&body, exchange))
		begin(call, request, app);
}
