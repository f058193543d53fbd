/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/export.h"

#include "base/json.h"
#include "service/history/conversations.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u
#define EXCHANGES_PER_STEP (PAL_DELIVERY_SPAN_MAX / 2)	/* of two messages each, at most */

static struct pal_export *export_of(struct pal_query *query)
{
	return (struct pal_export *)((char *)query - offsetof(struct pal_export, query));
}

static void done(struct pal_query *query)
{
	struct pal_export *x = export_of(query);

	x->done(x);
}

static void fail_full(struct pal_export *x)
{
	x->code = pal_fail_retry(&x->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				 "the store has more to do than it can take");
	x->done(x);
}

/* --- Begin: find it, then write down that it is taken out ------------------------------------- */

static enum pal_code audit(struct pal_export *x, struct pal_store *store)
{
	struct pal_buf data = {0};

	pal_buf_addf(&data, "{\"metadata\":{\"format\":\"%s\",\"messages\":%s}}",
		     pal_export_format_name(x->look.format),
		     x->look.with_messages ? "true" : "false");
	const struct pal_audit_event event = {
		.at_ms = x->look.exported_ms,
		.event_type = PAL_STR("data.exported"),
		.user_id = x->look.exported_by,
		.resource_type = PAL_STR("conversation"),
		.resource_id = x->conversation.id,
		.action = PAL_STR("export"),
		.result = PAL_STR("success"),
		.request_id = x->request_id,
		.ip_address = x->ip_address,
		.data = pal_buf_str(&data),
	};
	enum pal_code code = data.failed ? pal_fail_memory(&x->err, "export")
					 : pal_store_add_audit(store, x->caller.tenant, &event, 1,
							       &x->err);
	pal_buf_deinit(&data);
	return code;
}

static void run_audit(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_export *x = export_of(query);

	(void)reader;
	x->code = audit(x, store);
}

static void run_begin(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_export *x = export_of(query);

	x->code = pal_conversations_load(store, reader, &x->caller, x->id, x->arena,
					 &x->conversation, &x->err);
}

static void begun(struct pal_query *query)
{
	struct pal_export *x = export_of(query);

	if (x->code != PAL_OK) {
		x->done(x);
		return;
	}
	x->query = (struct pal_query){.run = run_audit, .done = done};
	if (pal_store_front_write(x->front, &x->query) == PAL_PUT_FULL)
		fail_full(x);
}

void pal_export_begin(struct pal_store_front *front, struct pal_export *x)
{
	x->front = front;
	x->look.for_staff = pal_caller_is_staff(&x->caller);
	x->look.exported_by = x->caller.key_id.p ? x->caller.key_id : x->caller.user_id;
	x->piece = pal_buf_of(0);
	x->next = 1;
	x->last = x->has_begun = x->has_messages = false;
	x->query = (struct pal_query){.run = run_begin, .done = begun};
	if (pal_store_front_query(front, &x->query) == PAL_PUT_FULL)
		fail_full(x);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void put_message(struct pal_export *x, const struct pal_message *m, struct pal_str delivery)
{
	bool wanted = m->sequence >= 1 && m->sequence <= x->conversation.last_sequence &&
		      (!x->from_ms || m->timestamp_ms >= x->from_ms) &&
		      (!x->to_ms || m->timestamp_ms <= x->to_ms);

	if (!wanted)
		return;
	pal_export_put_message(&x->piece, &x->look, m, delivery, !x->has_messages);
	x->has_messages = true;
}

static bool put_exchange(void *arg, const struct pal_exchange *e)
{
	struct pal_export *x = arg;
	const struct pal_str none = {NULL, 0};

	put_message(x, &e->in, none);
	put_message(x, &e->out, pal_str(pal_delivery_status_name(
					pal_deliveries_status(&x->deliveries, e))));
	x->next = (e->out.sequence ? e->out.sequence : e->in.sequence) + 1;
	return x->piece.len < PAL_EXPORT_PIECE_BYTES && !x->piece.failed;
}

static enum pal_code make_piece(struct pal_export *x, struct pal_store *store, unsigned reader)
{
	int64_t before = x->next;
	enum pal_code code = PAL_OK;

	if (!x->has_begun)
		pal_export_put_head(&x->piece, &x->look, &x->conversation);
	x->has_begun = true;
	x->last = !x->look.with_messages || x->next > x->conversation.last_sequence;
	if (!x->last)
		code = pal_deliveries_load(store, reader, x->caller.tenant, x->conversation.id,
					   x->next, x->next + PAL_DELIVERY_SPAN_MAX - 1,
					   &x->deliveries, &x->err);
	if (!x->last && code == PAL_OK) {
		code = pal_store_walk_exchanges(store, reader, x->caller.tenant,
						x->conversation.key, x->next, EXCHANGES_PER_STEP,
						put_exchange, x, &x->err);
		/* one that was erased meanwhile has no more */
		x->last = x->next == before || x->next > x->conversation.last_sequence;
	}
	if (x->last)
		pal_export_put_tail(&x->piece, &x->look);
	if (code == PAL_OK && x->piece.failed)
		code = pal_fail_memory(&x->err, "export");
	return code;
}

static void run_step(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_export *x = export_of(query);

	x->code = make_piece(x, store, reader);
}

void pal_export_step(struct pal_export *x)
{
	x->query = (struct pal_query){.run = run_step, .done = done};
	if (pal_store_front_query(x->front, &x->query) == PAL_PUT_FULL)
		fail_full(x);
}

void pal_export_deinit(struct pal_export *x)
{
	pal_buf_deinit(&x->piece);
}
