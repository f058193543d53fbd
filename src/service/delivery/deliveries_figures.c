/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of the deliveries of a time. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "service/delivery/deliveries.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define MEASURED_MAX 50000u	/* records looked at */

/* In the call's arena from the first step to the last. */
struct pal_deliveries_figures {
	int64_t total, attempts, doubles, took_ms, arrived;
	int64_t by_status[PAL_DELIVERY_STATUS_COUNT], by_channel[PAL_CHANNEL_COUNT];
};

/* When a status was reached, of {"sent":"2026-..."}; 0 when it was not. */
static int64_t reached_ms(struct pal_str timestamps, const char *status)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	int64_t ms = 0;

	if (!timestamps.n || !pal_json_scan(json, timestamps, &fault))
		return 0;
	uint32_t at = pal_json_member(json, 0, pal_str(status));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING ||
	    !pal_time_parse((struct pal_str){json->text + json->node[at].at, json->node[at].len},
			    &ms))
		return 0;
	return ms;
}

static bool measure(void *arg, const struct pal_record *r)
{
	struct pal_deliveries_call *call = arg;
	struct pal_deliveries_figures *f = call->figures;
	struct pal_delivery_state state = pal_delivery_read(r->body);
	enum pal_channel_type channel;

	if (r->created_ms > call->to_ms)
		return false;
	pal_deliveries_note(&call->walk, r);
	if (!pal_deliveries_pass(&call->filter, &state))
		return true;
	f->total++;
	f->attempts += state.attempts;
	f->doubles += state.may_be_double;
	f->by_status[state.status]++;
	if (pal_channel_parse(state.channel, &channel))
		f->by_channel[channel]++;
	int64_t sent_ms = reached_ms(state.timestamps, "sent");
	if (sent_ms >= r->created_ms) {
		f->arrived++;
		f->took_ms += sent_ms - r->created_ms;
	}
	return true;
}

static void put_figures(struct pal_deliveries_call *call)
{
	struct pal_buf *out = &call->data;
	const struct pal_deliveries_figures *f = call->figures;
	int64_t good = f->by_status[PAL_DELIVERY_SENT] + f->by_status[PAL_DELIVERY_DELIVERED] +
		       f->by_status[PAL_DELIVERY_READ];
	int64_t ended = good + f->by_status[PAL_DELIVERY_FAILED];

	pal_buf_add_char(out, '{');
	pal_view_time(out, "from", call->from_ms);
	pal_view_time(out, "to", call->to_ms);
	pal_view_number(out, "total", f->total);
	pal_view_key(out, "by_status");
	pal_buf_add_char(out, '{');
	for (int i = 0; i < PAL_DELIVERY_STATUS_COUNT; i++)
		pal_view_number(out, pal_delivery_status_name((enum pal_delivery_status)i),
				f->by_status[i]);
	pal_view_close(out, '}');
	pal_buf_add_lit(out, ",\"by_channel\":{");
	for (int i = 0; i < PAL_CHANNEL_COUNT; i++)
		if (f->by_channel[i] || i == PAL_CHANNEL_WEBHOOK)
			pal_view_number(out, pal_channel_name((enum pal_channel_type)i),
					f->by_channel[i]);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
	pal_view_number(out, "attempts", f->attempts);
	pal_view_number(out, "possible_duplicates", f->doubles);
	pal_view_key(out, "success_rate");
	if (ended)
		pal_json_put_double(out, (double)good / (double)ended);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_lit(out, ",\"average_delivery_ms\":");
	if (f->arrived)
		pal_buf_add_i64(out, f->took_ms / f->arrived);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
	pal_view_flag(out, "truncated", call->walk.seen == MEASURED_MAX);
	pal_view_close(out, '}');
}

static bool begin(struct pal_deliveries_call *call)
{
	if (call->figures)
		return true;
	call->figures = pal_arena_get(&call->arena, sizeof(*call->figures));
	if (!call->figures)
		return false;
	memset(call->figures, 0, sizeof(*call->figures));
	call->walk.last_ms = call->from_ms - 1;	/* behind all of then */
	call->walk.last_id_size = 2;
	memcpy(call->walk.last_id, "\x7f\x7f", 2);
	return true;
}

enum pal_code pal_deliveries_metrics(struct pal_deliveries_call *call, struct pal_store *store,
				     unsigned reader)
{
	if (!begin(call))
		return pal_fail_memory(&call->err, "delivery");
	enum pal_code code = pal_deliveries_step(call, store, reader, MEASURED_MAX, measure);
	if (code == PAL_OK && !call->walk.goes_on)
		put_figures(call);
	return code;
}
