/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail: lists, reports, and as a file, piece by piece as the client takes it. */
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "api/endpoint.h"
#include "api/page.h"
#include "http/envelope.h"
#include "http/flow.h"
#include "service/audit/audit.h"
#include "service/view/view.h"

#define DAY_MS 86400000ll
#define NAME_POINTS_MAX 255u
#define SEARCH_POINTS_MAX 500u
#define BACKWARDS "must not be before the start"

static const char *const categories[] = {
#define X(id, name) name,
	PAL_AUDIT_CATEGORIES(X)
#undef X
};

static const char *const results[] = {
#define X(id, name) name,
	PAL_AUDIT_RESULTS(X)
#undef X
};

static const char *const reports[] = {
#define X(id, name) name,
	PAL_AUDIT_REPORTS(X)
#undef X
};

static const char *const formats[] = {"json", "csv"};

/* One question; lives in the exchange's arena, and so goes with the answer's end. */
struct call {
	struct pal_call base;	/* first */
	struct pal_api *api;
	struct pal_page page;
	struct pal_http_flow flow;
	struct pal_audit_call audit;
	bool has_begun;
};

static void done(struct pal_audit_call *audit)
{
	struct call *call = (struct call *)((char *)audit - offsetof(struct call, audit));

	pal_call_return(&call->base);
}

static struct call *create(struct pal_http_exchange *exchange,
			   const struct pal_http_request *request, struct pal_api *api,
			   enum pal_audit_call_kind kind, void (*answer)(struct pal_call *call))
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return NULL;
	call->api = api;
	call->audit = (struct pal_audit_call){
		.kind = kind,
		.caller = *pal_api_caller(exchange),
		.filter = {.category = PAL_AUDIT_ANY, .result = PAL_AUDIT_ANY},
		.now_ms = pal_clock_wall_ms(api->clock),
		.request_id = request->id,
		.ip_address = pal_api_client_address(api, request),
		.done = done,
	};
	return call;
}

static void read_filter(struct pal_params *params, struct call *call)
{
	struct pal_audit_filter *f = &call->audit.filter;
	int64_t now_ms = call->audit.now_ms;

	f->event_type = pal_param_text(params, "event_type", NAME_POINTS_MAX);
	f->category = pal_param_choice(params, "category", categories, PAL_AUDIT_CATEGORY_COUNT,
				       PAL_AUDIT_ANY);
	f->result = pal_param_choice(params, "result", results, PAL_AUDIT_RESULT_COUNT,
				     PAL_AUDIT_ANY);
	f->user_id = pal_param_text(params, "user_id", NAME_POINTS_MAX);
	f->resource_type = pal_param_text(params, "resource_type", NAME_POINTS_MAX);
	f->resource_id = pal_param_text(params, "resource_id", NAME_POINTS_MAX);
	f->action = pal_param_text(params, "action", NAME_POINTS_MAX);
	f->from_ms = pal_param_instant(params, "start", now_ms - PAL_AUDIT_DAYS_DEFAULT * DAY_MS);
	f->to_ms = pal_param_instant(params, "end", INT64_MAX);
	if (f->from_ms > f->to_ms)
		pal_param_wrong(params, "end", BACKWARDS);
}

/* --- Lists ------------------------------------------------------------------------------------ */

static void answer_list(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_audit_call *a = &call->audit;
	struct pal_buf data = a->data, cursor = {0};
	char next[24];

	a->data = pal_buf_of(0);
	if (a->code == PAL_OK && a->next) {
		snprintf(next, sizeof(next), "%lld", (long long)a->next);
		pal_page_put_cursor(&cursor, call->api, &call->page, pal_str(next));
		pal_page_link_next(base->exchange, "cursor", pal_buf_str(&cursor));
	}
	if (a->code == PAL_OK) {
		data.len--;	/* the bracket */
		pal_buf_add_char(&data, ',');
		pal_view_text(&data, "next_cursor", pal_buf_str(&cursor));
		pal_view_close(&data, '}');
	}
	pal_buf_deinit(&cursor);
	enum pal_code code = a->code;
	struct pal_error err = a->err;
	pal_audit_deinit(a);
	pal_api_answer(base->exchange, 200, code, &err, &data);
}

static void list(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		 struct pal_api *api, bool needs_text)
{
	struct call *call = create(exchange, request, api, PAL_AUDIT_LIST, answer_list);
	struct pal_params params;

	if (!call)
		return;
	pal_params_read(&params, request);
	read_filter(&params, call);
	call->audit.filter.text = pal_param_text(&params, "query", SEARCH_POINTS_MAX);
	pal_page_read(&params, api, &call->audit.caller, PAL_PAGE_OFFSETS, PAL_AUDIT_LIMIT_DEFAULT,
		      PAL_AUDIT_LIMIT_MAX, &call->page);
	if (call->page.offset > PAL_AUDIT_SCAN_MAX)
		pal_param_wrong(&params, "offset", "must be at most %u: follow next_cursor instead",
				PAL_AUDIT_SCAN_MAX);
	if (needs_text && !call->audit.filter.text.p && params.errors.count == 0)
		pal_param_wrong(&params, "query", "is required");
	if (!pal_params_are_good(&params, exchange))
		return;
	call->audit.limit = call->page.limit;
	call->audit.offset = call->page.offset;
	if (call->page.after.p)
		call->audit.before = strtoll(pal_arena_copy(request->arena, call->page.after).p,
					     NULL, 10);
	pal_audit_begin(api->front, &call->audit);
}

void pal_api_audit_logs(struct pal_http_exchange *exchange, const struct pal_http_request *request,
			void *app)
{
	list(exchange, request, app, false);
}

void pal_api_audit_search(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	list(exchange, request, app, true);
}

/* --- Reports ---------------------------------------------------------------------------------- */

static void answer_report(struct pal_call *base)
{
	struct pal_audit_call *a = &((struct call *)base)->audit;
	struct pal_buf data = a->data;
	enum pal_code code = a->code;
	struct pal_error err = a->err;

	a->data = pal_buf_of(0);
	pal_audit_deinit(a);
	pal_api_answer(base->exchange, 201, code, &err, &data);
}

void pal_api_audit_report(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	const struct pal_text_rule name = {.min = 1, .max = NAME_POINTS_MAX};
	struct pal_api *api = app;
	struct pal_fields_at range;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct call *call = create(exchange, request, api, PAL_AUDIT_REPORT, answer_report);
	if (!call)
		return;
	struct pal_audit_filter *f = &call->audit.filter;
	if (pal_fields_value(&body.fields, &body.root, "report_type", true) != PAL_JSON_NONE)
		call->audit.report = (enum pal_audit_report)pal_body_choice(
			&body, "report_type", reports, PAL_AUDIT_REPORT_COUNT, 0);
	f->subject = pal_fields_text(&body.fields, &body.root, "user_id", &name);
	pal_fields_object(&body.fields, &body.root, "time_range", false, &range);
	f->from_ms = pal_fields_time(&body.fields, &range, "start",
				     call->audit.now_ms - PAL_AUDIT_DAYS_DEFAULT * DAY_MS);
	f->to_ms = pal_fields_time(&body.fields, &range, "end", call->audit.now_ms);
	if (f->from_ms > f->to_ms)
		pal_fields_wrong(&body.fields, &range, "end", BACKWARDS);
	if (pal_body_is_good(&body, exchange))
		pal_audit_begin(api->front, &call->audit);
}

/* --- As a file -------------------------------------------------------------------------------- */

/* End the flow with what is made; the call is gone afterwards. */
static void end_export(struct call *call)
{
	struct pal_buf rest = call->audit.data;

	call->audit.data = pal_buf_of(0);
	pal_audit_deinit(&call->audit);
	pal_http_flow_end(&call->flow, &rest);
}

static void more(struct pal_http_flow *flow)
{
	struct call *call = (struct call *)((char *)flow - offsetof(struct call, flow));

	if (pal_http_exchange_is_live(call->base.exchange))
		pal_audit_step(&call->audit);
	else
		end_export(call);
}

static void begin_export(struct call *call)
{
	struct pal_http_exchange *exchange = call->base.exchange;
	bool csv = call->audit.as_csv;

	pal_http_header(exchange, PAL_STR("Content-Disposition"),
			csv ? PAL_STR("attachment; filename=\"audit.csv\"")
			    : PAL_STR("attachment; filename=\"audit.json\""));
	pal_http_header(exchange, PAL_STR("X-Content-Type-Options"), PAL_STR("nosniff"));
	pal_http_header(exchange, PAL_STR("Cache-Control"), PAL_STR("no-store"));
	call->has_begun = true;
	call->flow.more = more;
	pal_http_flow_begin(exchange, 200, csv ? "text/csv; charset=utf-8" : "application/json",
			    &call->flow);
	if (pal_http_exchange_request(exchange)->method == PAL_HTTP_HEAD)
		end_export(call);
	else
		pal_audit_step(&call->audit);
}

/* Begun, or a piece has been made. */
static void answer_export(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_audit_call *a = &call->audit;

	if (!call->has_begun && a->code != PAL_OK) {
		struct pal_error err = a->err;
		pal_audit_deinit(a);
		pal_http_fail(base->exchange, &err, NULL, 0);
	} else if (!call->has_begun) {
		begin_export(call);
	} else if (a->code != PAL_OK) {
		pal_audit_deinit(a);
		pal_http_flow_abort(&call->flow);
	} else if (a->last) {
		end_export(call);
	} else {
		pal_http_flow_put(&call->flow, &a->data);
	}
}

void pal_api_audit_export(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct call *call = create(exchange, request, api, PAL_AUDIT_EXPORT, answer_export);
	struct pal_params params;

	if (!call)
		return;
	pal_params_read(&params, request);
	read_filter(&params, call);
	call->audit.as_csv = pal_param_choice(&params, "format", formats, 2, 0) == 1;
	if (pal_params_are_good(&params, exchange))
		pal_audit_begin(api->front, &call->audit);
}
