/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>
#include <json-c/json_pointer.h>

#include "service/view/answer.h"
#include "suite.h"

#define HOUR_MS 3600000

static struct order *orders;

static void require(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "order: %s\n", what);
	abort();
}

static void on_done(struct pal_operation *op)
{
	struct order *order = (struct order *)op;

	order->done++;
	order->rank = order->rig->outcomes + 1;
	order->rig->outcomes++;
}

static void read_body(struct order *order, struct pal_fields *fields)
{
	const struct pal_fields_at root = {.node = 0, .index = -1};
	struct pal_operation *op = &order->op;

	switch (op->verb) {
	case PAL_VERB_CREATE:
		pal_create_request_read(fields, &root, &op->of.create);
		break;
	case PAL_VERB_UPDATE:
		pal_update_request_read(fields, &root, &op->of.update);
		break;
	case PAL_VERB_UPDATE_CONTEXT:
		pal_context_request_read(fields, &root, &op->of.context);
		break;
	case PAL_VERB_CLOSE:
		pal_close_request_read(fields, &root, true, op->now_ms, &op->of.close);
		break;
	case PAL_VERB_ESCALATE:
	case PAL_VERB_REOPEN:
		pal_reason_request_read(fields, &root, &op->of.reason);
		break;
	case PAL_VERB_TRANSFER:
		pal_transfer_request_read(fields, &root, &op->of.transfer);
		break;
	case PAL_VERB_ABANDON:
		op->of.idle_ms = HOUR_MS;
		break;
	default:
		break;
	}
}

struct order *order_write(struct rig *rig, enum pal_verb verb, const char *id, const char *body)
{
	struct pal_arena arena = pal_arena_of(0);
	struct order *order = pal_arena_get(&arena, sizeof(*order));
	struct pal_field_errors errors = {.count = 0};
	struct pal_json_fault fault = {0};

	require(order, "no memory");
	memset(order, 0, sizeof(*order));
	order->rig = rig;
	order->op.verb = verb;
	order->op.now_ms = pal_clock_wall_ms(&rig->clock.clock);
	order->op.done = on_done;
	order->op.command.caller = &rig->backend;
	order->op.command.conversation_id = pal_arena_copy(&arena, pal_str(id ? id : "none"));
	order->op.command.request_id = PAL_STR("request-2");
	order->op.command.ip_address = PAL_STR("192.0.2.2");
	struct pal_str text = pal_arena_copy(&arena, pal_str(body ? body : "{}"));
	struct pal_fields fields = {
		.json = pal_thread_json(), .arena = &arena, .errors = &errors};
	require(pal_json_scan(pal_thread_json(), text, &fault), "not JSON");
	read_body(order, &fields);
	require(errors.count == 0, errors.item[0].field);
	order->arena = arena;
	order->next = orders;
	orders = order;
	return order;
}

struct order *order_send_as(struct rig *rig, const struct pal_caller *caller, enum pal_verb verb,
			    const char *id, const char *body)
{
	struct order *order = order_write(rig, verb, id, body);

	order->op.command.caller = caller;
	pal_operate(rig->service, &order->op);
	return order;
}

struct order *order_send(struct rig *rig, enum pal_verb verb, const char *id, const char *body)
{
	return order_send_as(rig, &rig->backend, verb, id, body);
}

struct order *order_ask_as(struct rig *rig, const struct pal_caller *caller, enum pal_verb verb,
			   const char *id, const char *body)
{
	struct order *order = order_send_as(rig, caller, verb, id, body);

	rig_settle(rig);
	CU_ASSERT_EQUAL(order->done, 1);
	return order;
}

struct order *order_ask(struct rig *rig, enum pal_verb verb, const char *id, const char *body)
{
	return order_ask_as(rig, &rig->backend, verb, id, body);
}

const char *order_at(struct order *order, const char *pointer)
{
	const struct pal_buf *data = &order->op.command.data;
	struct json_object *found = NULL;

	if (order->done == 0 || order->op.command.code != PAL_OK)
		return "";
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *root = json_tokener_parse_ex(tokener, data->data, (int)data->len);
	struct pal_str text = PAL_STR("");
	if (root && json_pointer_get(root, pointer, &found) == 0)
		text = pal_str(found ? json_object_get_string(found) : "null");
	text = pal_arena_copy(&order->arena, text);
	CU_ASSERT_PTR_NOT_NULL(root);
	json_object_put(root);
	json_tokener_free(tokener);
	return text.p;
}

void orders_end(void)
{
	for (struct order *o = orders, *next; o; o = next) {
		struct pal_arena arena = o->arena;
		next = o->next;
		CU_ASSERT_EQUAL(o->done, 1);
		pal_buf_deinit(&o->op.command.data);
		pal_arena_release(&arena);
	}
	orders = NULL;
}

/* Exchanges are looked at elsewhere. */
static bool put_event(void *arg, const struct pal_audit_entry *entry)
{
	struct pal_buf *out = arg;

	if (pal_str_equal(entry->event.event_type, PAL_STR("message.processed")))
		return true;
	pal_buf_add_str(out, entry->event.event_type);
	pal_buf_add_char(out, ' ');
	return true;
}

const char *rig_trail(struct rig *rig)
{
	static char text[8192];
	struct pal_buf out = {0};
	struct pal_error err;

	require(rig->script.memory->ops->walk_audit(rig->script.memory, 0,
						    (struct pal_tenant_key){1}, 0, 10000, put_event,
						    &out, &err) == PAL_OK,
		"no walk");
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.len ? out.data : "");
	pal_buf_deinit(&out);
	return text;
}
