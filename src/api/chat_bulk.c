/* SPDX-License-Identifier: Apache-2.0 */
/*
 * POST /chat/bulk: up to 100 messages, each as if it had come alone. They are submitted in the
 * order of the list, so those of one conversation keep it; whatever is wrong with one is its own
 * result.
 */
#include <stdatomic.h>

#include "api/api.h"
#include "api/endpoint.h"
#include "api/limit.h"
#include "api/quota.h"
#include "base/id.h"
#include "http/envelope.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define BULK_MAX 100u

struct bulk;

/* One message of the list. `errors` is NULL unless its fields were wrong. */
struct item {
	struct pal_inbound inbound;	/* first */
	struct bulk *bulk;
	struct pal_str text;		/* as it stands in the body */
	struct pal_field_errors *errors;
};

struct bulk {
	struct pal_call base;		/* first */
	struct pal_api *api;
	struct pal_str batch_id;
	char own_id[PAL_UUID_TEXT_SIZE];
	int64_t start_ns;
	size_t count;
	atomic_size_t left;		/* to be answered, and one for the endpoint itself */
	struct item *items;
};

/* --- The answer ------------------------------------------------------------------------------- */

static void put_fields(struct pal_buf *out, const struct pal_field_errors *errors)
{
	pal_view_key(out, "fields");
	pal_buf_add_char(out, '[');
	for (size_t i = 0; errors && i < errors->count; i++) {
		pal_buf_add_char(out, '{');
		pal_view_text(out, "field", pal_str(errors->item[i].field));
		pal_view_text(out, "message", pal_str(errors->item[i].message));
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
	pal_view_close(out, ']');
	pal_buf_add_char(out, ',');
}

static void put_error(struct pal_buf *out, const struct item *item)
{
	const struct pal_inbound *inbound = &item->inbound;

	pal_view_key(out, "error");
	pal_buf_add_char(out, '{');
	pal_view_text(out, "code", pal_str(pal_code_api(inbound->code)));
	pal_view_text(out, "message",
		      inbound->code == PAL_E_SERVICE && !inbound->err.retry_after_ms
			      ? PAL_STR("the service failed")
			      : pal_str(inbound->err.message));
	put_fields(out, item->errors);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

static void put_result(struct pal_buf *out, const struct item *item)
{
	const struct pal_inbound *inbound = &item->inbound;
	bool good = inbound->code == PAL_OK;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "message_id", inbound->request.message_id);
	pal_view_text(out, "status", good ? PAL_STR("success") : PAL_STR("failed"));
	if (good)
		pal_view_raw(out, "response", pal_buf_str(&inbound->answer));
	else
		put_error(out, item);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

static void answer(struct pal_call *base)
{
	struct bulk *bulk = (struct bulk *)base;
	struct pal_buf data = {0};
	size_t good = 0, fresh = 0;

	for (size_t i = 0; i < bulk->count; i++) {
		const struct pal_inbound *inbound = &bulk->items[i].inbound;
		good += inbound->code == PAL_OK;
		fresh += inbound->code == PAL_OK && !inbound->is_duplicate;
	}
	pal_quota_give_back(base->exchange, (int64_t)(bulk->count - fresh));
	pal_buf_add_char(&data, '{');
	pal_view_text(&data, "batch_id", bulk->batch_id);
	pal_view_number(&data, "total_messages", (int64_t)bulk->count);
	pal_view_number(&data, "successful_messages", (int64_t)good);
	pal_view_number(&data, "failed_messages", (int64_t)(bulk->count - good));
	pal_view_key(&data, "results");
	pal_buf_add_char(&data, '[');
	for (size_t i = 0; i < bulk->count; i++)
		put_result(&data, &bulk->items[i]);
	pal_view_close(&data, ']');
	pal_buf_add_char(&data, ',');
	pal_view_number(&data, "processing_time_ms",
			(pal_clock_mono_ns(bulk->api->clock) - bulk->start_ns) / 1000000);
	pal_view_close(&data, '}');
	for (size_t i = 0; i < bulk->count; i++)
		pal_buf_deinit(&bulk->items[i].inbound.answer);
	pal_http_success(base->exchange, 200, &data);
	pal_buf_deinit(&data);
}

static void count_down(struct bulk *bulk)
{
	if (atomic_fetch_sub(&bulk->left, 1) == 1)
		pal_call_return(&bulk->base);
}

static void done(struct pal_inbound *inbound)
{
	count_down(((struct item *)inbound)->bulk);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static void take_item(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct bulk *bulk = arg;

	bulk->items[bulk->count++].text = pal_json_raw(fields->json, at->node);
}

static void read_batch(struct pal_body *body, struct bulk *bulk)
{
	static const struct pal_text_rule id = {.min = 1, .max = PAL_ID_POINTS_MAX};
	struct pal_fields *fields = &body->fields;
	uint32_t list = pal_fields_value(fields, &body->root, "messages", true);

	bulk->batch_id = pal_fields_text(fields, &body->root, "batch_id", &id);
	pal_fields_array(fields, &body->root, "messages", BULK_MAX, take_item, bulk);
	if (list != PAL_JSON_NONE && pal_json_type(fields->json, list) == PAL_JSON_ARRAY &&
	    bulk->count == 0)
		pal_fields_wrong(fields, &body->root, "messages", "must not be empty");
}

/* Keep what was wrong with the fields of an item. */
static void keep_errors(struct item *item, const struct pal_field_errors *errors,
			struct pal_arena *arena)
{
	item->errors = errors->count ? pal_arena_get(arena, sizeof(*errors)) : NULL;
	if (item->errors)
		*item->errors = *errors;
}

/* Read one item as the body of a message; overwrites the thread's JSON scratch. */
static enum pal_code read_item(struct item *item, const struct pal_http_request *request)
{
	const struct pal_request_rules rules = 
		pal_api_rules(item->bulk->api, item->inbound.caller);
	struct pal_inbound *inbound = &item->inbound;
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {
		.json = pal_thread_json(), .arena = request->arena, .errors = &errors};
	struct pal_json_fault fault;

	if (!pal_json_scan(pal_thread_json(), item->text, &fault))
		return pal_fail(&inbound->err, PAL_E_VALIDATION, "messages", "%s", fault.why);
	enum pal_code code = pal_send_request_read(&fields, inbound->received_ms, &rules,
						   &inbound->request, &inbound->err);
	keep_errors(item, &errors, request->arena);
	return code;
}

static void submit(struct item *item, const struct pal_http_request *request, int64_t now_ms,
		   struct pal_str ip_address)
{
	struct pal_inbound *inbound = &item->inbound;
	struct pal_api *api = item->bulk->api;

	inbound->caller = pal_api_caller(item->bulk->base.exchange);
	inbound->request_id = request->id;
	inbound->ip_address = ip_address;
	inbound->received_ms = now_ms;
	inbound->start_ns = request->start_ns;
	inbound->done = done;
	inbound->code = read_item(item, request);
	if (inbound->code == PAL_OK)
		pal_message_submit(api->messages, inbound);
	else
		count_down(item->bulk);
}

void pal_api_chat_bulk(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, false))
		return;
	struct bulk *bulk = pal_call_create(
		exchange, sizeof(*bulk) + BULK_MAX * sizeof(struct item), answer);
	if (!bulk)
		return;
	bulk->items = (struct item *)(bulk + 1);
	bulk->api = api;
	bulk->start_ns = request->start_ns;
	read_batch(&body, bulk);
	if (!pal_body_is_good(&body, exchange) ||
	    !pal_limit_bulk(exchange, api, (uint32_t)bulk->count) ||
	    !pal_quota_take(exchange, api, (int64_t)bulk->count))
		return;
	int64_t now_ms = pal_clock_wall_ms(api->clock);
	if (!bulk->batch_id.p) {
		struct pal_uuid id = pal_uuid_v7(now_ms);
		bulk->batch_id = pal_str(pal_uuid_format(&id, bulk->own_id));
	}
	struct pal_str ip_address = pal_api_client_address(api, request);
	size_t count = bulk->count;
	atomic_init(&bulk->left, count + 1);
	for (size_t i = 0; i < count; i++) {
		bulk->items[i].bulk = bulk;
		submit(&bulk->items[i], request, now_ms, ip_address);
	}
	count_down(bulk);
}
