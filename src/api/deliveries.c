/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries: one, a list, those that failed tried again, and figures. */
#include "api/api.h"
#include "api/page.h"
#include "http/envelope.h"
#include "service/delivery/deliveries.h"
#include "service/view/view.h"

#define DAY_MS (24 * 3600 * 1000ll)
#define ID_POINTS_MAX 255u

static const char *const statuses[] = {
#define X(id, name) name,
	PAL_DELIVERY_STATUSES(X)
#undef X
};

static const char *const channels[] = {
#define X(id, name) name,
	PAL_CHANNELS(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One request while the service has it. */
struct call {
	struct pal_call base;	/* first */
	const struct pal_api *api;
	struct pal_page page;
	struct pal_str ids[PAL_DELIVERIES_RETRY_MAX];
	struct pal_deliveries_call deliveries;
};

static void answer(struct pal_call *base)
{
	struct pal_deliveries_call *d = &((struct call *)base)->deliveries;

	pal_api_answer(base->exchange, 200, d->code, &d->err, &d->data);
}

static void answer_list(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_deliveries_call *d = &call->deliveries;
	struct pal_buf data = {0}, cursor = {0};

	if (d->code == PAL_E_VALIDATION) {
		pal_http_fail_parameter(base->exchange, &d->err);
		return;
	}
	if (d->code == PAL_OK) {
		if (d->next[0])
			pal_page_put_cursor(&cursor, call->api, &call->page, pal_str(d->next));
		pal_buf_add_lit(&data, "{\"deliveries\":");
		pal_buf_add_str(&data, pal_buf_str(&d->data));
		pal_buf_add_char(&data, ',');
		pal_view_number(&data, "limit", call->page.limit);
		pal_view_flag(&data, "has_next", d->next[0] != '\0');
		pal_view_text(&data, "next_cursor", pal_buf_str(&cursor));
		pal_view_close(&data, '}');
		if (d->next[0])
			pal_page_link_next(base->exchange, "cursor", pal_buf_str(&cursor));
	}
	pal_buf_deinit(&d->data);
	pal_buf_deinit(&cursor);
	pal_api_answer(base->exchange, 200, d->code, &d->err, &data);
}

static void done(struct pal_deliveries_call *d)
{
	pal_call_return(&((struct call *)((char *)d - offsetof(struct call, deliveries)))->base);
}

static struct call *make(struct pal_http_exchange *exchange,
			 const struct pal_http_request *request, struct pal_api *api,
			 enum pal_deliveries_verb verb, void (*answer_by)(struct pal_call *))
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer_by);

	if (!call)
		return NULL;
	call->api = api;
	call->deliveries.verb = verb;
	call->deliveries.caller = pal_api_caller(exchange);
	call->deliveries.request_id = request->id;
	call->deliveries.ip_address = pal_api_client_address(api, request);
	call->deliveries.now_ms = pal_clock_wall_ms(api->clock);
	call->deliveries.filter = (struct pal_deliveries_filter){.status = -1, .channel = -1};
	call->deliveries.done = done;
	return call;
}

static void run(struct call *call)
{
	pal_deliveries_do(call->api->front, call->api->dispatch, &call->deliveries);
}

void pal_api_delivery_get(struct pal_http_exchange *exchange,
			  const struct pal_http_request *request, void *app)
{
	struct call *call = make(exchange, request, app, PAL_DELIVERIES_GET, answer);

	if (!call)
		return;
	call->deliveries.id = pal_http_request_param(request, "id");
	run(call);
}

static void read_filter(struct pal_params *params, struct pal_deliveries_filter *f)
{
	f->status = pal_param_choice(params, "status", statuses, COUNT(statuses), -1);
	f->channel = pal_param_choice(params, "channel", channels, COUNT(channels), -1);
	f->conversation_id = pal_param_text(params, "conversation_id", ID_POINTS_MAX);
}

void pal_api_delivery_list(struct pal_http_exchange *exchange,
			   const struct pal_http_request *request, void *app)
{
	struct call *call = make(exchange, request, app, PAL_DELIVERIES_LIST, answer_list);
	struct pal_params params;

	if (!call)
		return;
	pal_params_read(&params, request);
	read_filter(&params, &call->deliveries.filter);
	pal_page_read(&params, call->api, call->deliveries.caller, PAL_PAGE_OFFSETS,
		      PAL_PAGE_LIMIT_DEFAULT, PAL_PAGE_LIMIT_MAX, &call->page);
	if (call->page.offset)
		pal_param_wrong(&params, "offset", "is not taken here; follow the cursor");
	if (!pal_params_are_good(&params, exchange))
		return;
	call->deliveries.after = call->page.after;
	call->deliveries.limit = (size_t)call->page.limit;
	run(call);
}

void pal_api_delivery_metrics(struct pal_http_exchange *exchange,
			      const struct pal_http_request *request, void *app)
{
	struct call *call = make(exchange, request, app, PAL_DELIVERIES_METRICS, answer);
	struct pal_params params;

	if (!call)
		return;
	struct pal_deliveries_call *d = &call->deliveries;
	pal_params_read(&params, request);
	d->filter.channel = pal_param_choice(&params, "channel", channels, COUNT(channels), -1);
	d->to_ms = pal_param_instant(&params, "to", d->now_ms);
	d->from_ms = pal_param_instant(&params, "from", d->to_ms - 7 * DAY_MS);
	if (d->from_ms > d->to_ms)
		pal_param_wrong(&params, "from", "must not be after to");
	if (pal_params_are_good(&params, exchange))
		run(call);
}

static void take_id(struct pal_fields *fields, const struct pal_fields_at *element, void *arg)
{
	struct call *call = arg;
	struct pal_str id = {NULL, 0};
	size_t points = 0;

	if (pal_json_type(fields->json, element->node) == PAL_JSON_STRING)
		id = pal_json_string(fields->json, element->node, fields->arena);
	if (!id.n || !pal_utf8_count(id, &points) || points > ID_POINTS_MAX)
		pal_fields_wrong(fields, element, NULL, "must be an id of 1 to %u characters",
				 ID_POINTS_MAX);
	else
		call->ids[call->deliveries.id_count++] = id;
}

/* Some by their ids; or, which has to be said, all that failed. */
static void read_retry(struct pal_body *body, struct call *call)
{
	static const struct pal_text_rule text = {.min = 1, .max = ID_POINTS_MAX};
	struct pal_deliveries_call *d = &call->deliveries;
	bool has_ids = pal_fields_value(&body->fields, &body->root, "message_ids", false) !=
		       PAL_JSON_NONE;

	d->dry_run = pal_fields_bool(&body->fields, &body->root, "dry_run", false);
	d->filter.status = pal_body_choice(body, "status", statuses, COUNT(statuses), -1);
	d->filter.channel = pal_body_choice(body, "channel", channels, COUNT(channels), -1);
	d->filter.conversation_id =
		pal_fields_text(&body->fields, &body->root, "conversation_id", &text);
	d->ids = call->ids;
	if (has_ids) {
		pal_fields_array(&body->fields, &body->root, "message_ids",
				 PAL_DELIVERIES_RETRY_MAX, take_id, call);
		if (d->id_count == 0)
			pal_fields_wrong(&body->fields, &body->root, "message_ids",
					 "must have 1 to %u ids", PAL_DELIVERIES_RETRY_MAX);
	} else if (d->filter.status != PAL_DELIVERY_FAILED) {
		pal_fields_wrong(&body->fields, &body->root, "status",
				 "must be failed when there are no message_ids");
	}
}

void pal_api_delivery_retry(struct pal_http_exchange *exchange,
			    const struct pal_http_request *request, void *app)
{
	struct call *call = make(exchange, request, app, PAL_DELIVERIES_RETRY, answer);
	struct pal_body body;

	if (!call || !pal_body_read(&body, exchange, request, false))
		return;
	read_retry(&body, call);
	if (pal_body_is_good(&body, exchange))
		run(call);
}
