/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/erasure.h"

#include "service/conversation/behind.h"
#include "service/conversation/conversation.h"
#include "service/conversation/stored_message.h"
#include "service/delivery/delivery.h"
#include "service/delivery/delivery_ref.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

#define EXCHANGES_PER_SLICE 128u
#define RETRY_AFTER_MS 1000u

/* What the next step does. */
enum phase {
	FIND,		/* records of deliveries and their names, then of feedback, on a read lane */
	REMOVE,		/* those found, on the write lane */
	ERASE,		/* a slice of the messages, on the write lane */
	ENDED,
};

static struct pal_erasure *erasure_of(struct pal_query *query)
{
	return (struct pal_erasure *)((char *)query - offsetof(struct pal_erasure, query));
}

static void fail(struct pal_erasure *e, const struct pal_error *err)
{
	e->op.command.err = *err;
	e->op.command.code = err->code;
	e->phase = ENDED;
}

/* --- Steps ------------------------------------------------------------------------------------ */

static bool take_record(struct pal_erasure *e, struct pal_str kind,
			const struct pal_record *record)
{
	struct pal_str id = pal_arena_copy(&e->arena, record->id);

	e->lacks_memory |= !id.p;
	if (!id.p)
		return false;
	e->removal[e->removals++] = (struct pal_record_write){
		.tenant = e->op.command.caller->tenant,
		.record = {.kind = kind, .id = id},
		.expected = PAL_RECORD_ANY,
		.remove = true,
	};
	return e->removals < PAL_ERASURE_RECORDS;
}

static bool take_delivery(void *arg, const struct pal_record *record)
{
	return take_record(arg, PAL_DELIVERY_KIND, record);
}

static bool take_ref(void *arg, const struct pal_record *record)
{
	return take_record(arg, PAL_DELIVERY_REF_KIND, record);
}

static bool is_about(struct pal_erasure *e, struct pal_str body)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (!body.n || !pal_json_scan(json, body, &fault))
		return false;
	uint32_t at = pal_json_member(json, 0, PAL_STR("conversation_id"));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return false;
	struct pal_str id = pal_json_string(json, at, &e->arena);
	e->lacks_memory |= !id.p;
	return pal_str_equal(id, e->op.command.conversation_id);
}

static bool take_feedback(void *arg, const struct pal_record *record)
{
	struct pal_erasure *e = arg;

	e->looked_at++;
	e->feedback_ms = record->created_ms;
	e->feedback_id_len =
		record->id.n < PAL_FEEDBACK_ID_SIZE ? record->id.n : PAL_FEEDBACK_ID_SIZE;
	memcpy(e->feedback_id, record->id.p, e->feedback_id_len);
	return !is_about(e, record->body) || take_record(e, PAL_FEEDBACK_KIND, record);
}

static enum pal_code find_deliveries(struct pal_erasure *e, struct pal_store *store,
				     unsigned reader, struct pal_error *err)
{
	const struct pal_str start = {NULL, 0};

	enum pal_code code = pal_store_walk_records(
		store, reader, e->op.command.caller->tenant, PAL_DELIVERY_KIND,
		e->op.command.conversation_id, 0, start, PAL_ERASURE_RECORDS, take_delivery, e, err);
	if (code == PAL_OK && e->removals == 0)
		code = pal_store_walk_records(store, reader, e->op.command.caller->tenant,
					      PAL_DELIVERY_REF_KIND,
					      e->op.command.conversation_id, 0, start,
					      PAL_ERASURE_RECORDS, take_ref, e, err);
	return code;
}

/* Look through what the conversation's user thought of messages, a page at a time. */
static enum pal_code find_feedback(struct pal_erasure *e, struct pal_store *store, unsigned reader,
				   struct pal_error *err)
{
	struct pal_tenant_key tenant = e->op.command.caller->tenant;
	struct pal_conversation c;
	enum pal_code code = pal_store_load_conversation(
		store, reader, tenant, e->op.command.conversation_id, &e->arena, &c, err);

	e->looked_at = 0;
	if (code == PAL_OK && c.user_id.n)
		code = pal_store_walk_records(
			store, reader, tenant, PAL_FEEDBACK_KIND, c.user_id, e->feedback_ms,
			(struct pal_str){e->feedback_id, e->feedback_id_len}, PAL_ERASURE_RECORDS,
			take_feedback, e, err);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static enum pal_code look(struct pal_erasure *e, struct pal_store *store, unsigned reader,
			  struct pal_error *err)
{
	bool more = false;

	e->removal = pal_arena_get(&e->arena, PAL_ERASURE_RECORDS * sizeof(e->removal[0]));
	if (!e->removal)
		return pal_fail_memory(err, "conversation");
	enum pal_code code = find_deliveries(e, store, reader, err);
	if (code == PAL_OK && e->removals == 0) {
		code = find_feedback(e, store, reader, err);
		more = e->looked_at == PAL_ERASURE_RECORDS;
	}
	e->phase = e->removals ? REMOVE : more ? FIND : ERASE;
	return code == PAL_OK && e->lacks_memory ? pal_fail_memory(err, "conversation") : code;
}

static void find(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_erasure *e = erasure_of(query);
	struct pal_error err;

	pal_arena_release(&e->arena);
	e->removals = 0;
	e->lacks_memory = false;
	if (look(e, store, reader, &err) != PAL_OK)
		fail(e, &err);
}

static void remove_records(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_erasure *e = erasure_of(query);
	struct pal_record_write *list[PAL_ERASURE_RECORDS];

	(void)reader;
	for (size_t i = 0; i < e->removals; i++)
		list[i] = &e->removal[i];
	pal_store_write_records(store, list, e->removals);
	e->phase = FIND;
	for (size_t i = 0; i < e->removals; i++)
		if (list[i]->verdict == PAL_RECORD_FAILED)
			fail(e, &list[i]->err);
}

/* One that is not there any more was erased by another who went on with it. */
static void erase(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_erasure *e = erasure_of(query);
	bool more = false;
	struct pal_error err;
	enum pal_code code =
		pal_store_erase_conversation(store, e->op.command.caller->tenant, e->op.key,
					     EXCHANGES_PER_SLICE, &more, &err);

	(void)reader;
	if (code == PAL_OK || code == PAL_E_NOT_FOUND)
		e->phase = more ? ERASE : ENDED;
	else
		fail(e, &err);
}

/* --- One after the other ---------------------------------------------------------------------- */

static void answer(struct pal_erasure *e)
{
	struct pal_buf *out = &e->op.command.data;

	pal_buf_clear(out);
	pal_buf_add_char(out, '{');
	pal_view_text(out, "conversation_id", e->op.command.conversation_id);
	pal_view_flag(out, "deleted", true);
	pal_view_flag(out, "permanent", true);
	pal_view_close(out, '}');
}

static void finish(struct pal_erasure *e)
{
	pal_arena_release(&e->arena);
	if (e->op.command.code == PAL_OK)
		answer(e);
	if (e->op.command.code != PAL_OK || e->op.command.data.failed)
		pal_buf_deinit(&e->op.command.data);
	e->done(e);
}

static void drive(struct pal_erasure *e);

static void stepped(struct pal_query *query)
{
	struct pal_erasure *e = erasure_of(query);

	if (pal_baton_pass(&e->baton))
		drive(e);
}

static enum pal_put put_step(struct pal_erasure *e)
{
	struct pal_store_front *front = e->service->options.front;

	e->query = (struct pal_query){.done = stepped};
	if (e->phase == FIND) {
		e->query.run = find;
		return pal_store_front_query(front, &e->query);
	}
	e->query.run = e->phase == REMOVE ? remove_records : erase;
	return pal_store_front_write(front, &e->query);
}

/* A store that does not block has done the step when it is put: go on here then. */
static void drive(struct pal_erasure *e)
{
	struct pal_error err;

	while (e->phase != ENDED) {
		pal_baton_lay(&e->baton);
		if (put_step(e) == PAL_PUT_FULL) {
			pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				       "the store has more to do than it can take");
			fail(e, &err);
		} else if (!pal_baton_pass(&e->baton)) {
			return;
		}
	}
	finish(e);
}

static void begin(struct pal_erasure *e)
{
	struct pal_error err;

	e->arena = pal_arena_of(0);
	e->phase = FIND;
	e->feedback_ms = 0;
	e->feedback_id_len = 0;
	e->op.command.code = PAL_OK;
	/* a record that waits to be written behind must not come after the erasing */
	if (!pal_behind_flush(e->service->behind)) {
		pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
			       "the store has more to write than it can take");
		fail(e, &err);
	}
	drive(e);
}

static void is_marked(struct pal_operation *op)
{
	struct pal_erasure *e = (struct pal_erasure *)op;

	if (op->command.code == PAL_OK)
		begin(e);
	else
		e->done(e);
}

void pal_erase_conversation(struct pal_message_service *service, struct pal_erasure *erasure)
{
	erasure->service = service;
	erasure->op.verb = PAL_VERB_ERASE;
	erasure->op.done = is_marked;
	pal_operate(service, &erasure->op);
}

void pal_erase_marked(struct pal_message_service *service, struct pal_erasure *erasure,
		      int64_t key)
{
	erasure->service = service;
	erasure->op.key = key;
	begin(erasure);
}
