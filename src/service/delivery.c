/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery.h"

#include <stdio.h>
#include <stdlib.h>

#include "service/answer.h"
#include "store/store.h"

bool pal_delivery_may_become(enum pal_delivery_status from, enum pal_delivery_status to)
{
	if (to == PAL_DELIVERY_FAILED)
		return from <= PAL_DELIVERY_SENT;
	return from != PAL_DELIVERY_FAILED && to > from;
}

struct pal_str pal_delivery_id(int64_t conversation_key, int64_t sequence,
			       char out[PAL_DELIVERY_ID_SIZE])
{
	int n = snprintf(out, PAL_DELIVERY_ID_SIZE, "%lld/%lld", (long long)conversation_key,
			 (long long)sequence);

	return (struct pal_str){out, (size_t)n};
}

struct pal_str pal_delivery_owner(int64_t conversation_key, char out[PAL_DELIVERY_ID_SIZE])
{
	int n = snprintf(out, PAL_DELIVERY_ID_SIZE, "%lld", (long long)conversation_key);

	return (struct pal_str){out, (size_t)n};
}

/* --- The body --------------------------------------------------------------------------------- */

static struct pal_str raw_object(const struct pal_json *json, const char *name)
{
	uint32_t at = pal_json_member(json, 0, pal_str(name));

	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_OBJECT)
		return (struct pal_str){NULL, 0};
	return pal_json_raw(json, at);
}

struct pal_delivery_state pal_delivery_read(struct pal_str body)
{
	struct pal_json *json = pal_thread_json();
	struct pal_delivery_state state = {.status = PAL_DELIVERY_SENT, .attempts = 1};
	struct pal_json_fault fault;

	if (!body.n || !pal_json_scan(json, body, &fault))
		return state;
	uint32_t at = pal_json_member(json, 0, PAL_STR("status"));
	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_STRING)
		pal_delivery_status_parse(
			(struct pal_str){json->text + json->node[at].at, json->node[at].len},
			&state.status);
	at = pal_json_member(json, 0, PAL_STR("attempts"));
	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER)
		pal_json_integer(json, at, &state.attempts);
	state.timestamps = raw_object(json, "timestamps");
	state.metadata = raw_object(json, "metadata");
	return state;
}

void pal_delivery_write(struct pal_buf *out, const struct pal_delivery_state *state)
{
	pal_buf_addf(out, "{\"status\":\"%s\",\"attempts\":%lld",
		     pal_delivery_status_name(state->status), (long long)state->attempts);
	if (state->timestamps.n) {
		pal_buf_add_lit(out, ",\"timestamps\":");
		pal_buf_add_str(out, state->timestamps);
	}
	if (state->metadata.n) {
		pal_buf_add_lit(out, ",\"metadata\":");
		pal_buf_add_str(out, state->metadata);
	}
	pal_buf_add_char(out, '}');
}

/* --- Loading ---------------------------------------------------------------------------------- */

enum pal_code pal_delivery_load(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, int64_t conversation_key,
				const struct pal_exchange *exchange, struct pal_arena *arena,
				struct pal_delivery_state *ret, struct pal_record *ret_record,
				struct pal_error *err)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record record = {.version = 0};
	enum pal_code code = pal_store_load_record(
		store, reader, tenant, PAL_DELIVERY_KIND,
		pal_delivery_id(conversation_key, exchange->out.sequence, id), arena, &record, err);

	if (code != PAL_OK && code != PAL_E_NOT_FOUND)
		return code;
	*ret = code == PAL_OK
		       ? pal_delivery_read(record.body)
		       : (struct pal_delivery_state){.status = exchange->delivery.status,
						     .attempts = 1};
	*ret_record = record;
	return PAL_OK;
}

/* A walk over all deliveries of a conversation. */
struct walk {
	struct pal_deliveries *into;
	size_t seen;
};

static void note(struct pal_deliveries *into, int64_t sequence, struct pal_str body)
{
	if (sequence >= into->from && sequence < into->from + (int64_t)into->count)
		into->moved[sequence - into->from] =
			(uint8_t)(pal_delivery_read(body).status + 1);
}

static bool visit(void *arg, const struct pal_record *record)
{
	struct walk *walk = arg;
	const char *slash = memchr(record->id.p, '/', record->id.n);
	int64_t sequence = 0;

	walk->seen++;
	for (const char *p = slash ? slash + 1 : NULL; p && p < record->id.p + record->id.n; p++)
		sequence = sequence * 10 + (*p - '0');
	note(walk->into, sequence, record->body);
	return true;
}

/* There are more than a walk should see: look each message up. */
static enum pal_code look_up(struct pal_store *store, unsigned reader,
			     struct pal_tenant_key tenant, int64_t conversation_key,
			     struct pal_deliveries *into, struct pal_error *err)
{
	struct pal_arena arena = pal_arena_of(0);
	char id[PAL_DELIVERY_ID_SIZE];
	enum pal_code code = PAL_OK;

	for (size_t i = 0; i < into->count && code == PAL_OK; i++) {
		int64_t sequence = into->from + (int64_t)i;
		struct pal_record record;
		code = pal_store_load_record(store, reader, tenant, PAL_DELIVERY_KIND,
					     pal_delivery_id(conversation_key, sequence, id),
					     &arena, &record, err);
		if (code == PAL_OK)
			note(into, sequence, record.body);
		else if (code == PAL_E_NOT_FOUND)
			code = PAL_OK;
		pal_arena_reset(&arena);
	}
	pal_arena_release(&arena);
	return code;
}

enum pal_code pal_deliveries_load(struct pal_store *store, unsigned reader,
				  struct pal_tenant_key tenant, int64_t conversation_key,
				  int64_t from, int64_t to, struct pal_deliveries *ret,
				  struct pal_error *err)
{
	char owner[PAL_DELIVERY_ID_SIZE];
	struct walk walk = {ret, 0};

	*ret = (struct pal_deliveries){.from = from};
	if (to >= from)
		ret->count = to - from < PAL_DELIVERY_SPAN_MAX ? (size_t)(to - from + 1)
							       : PAL_DELIVERY_SPAN_MAX;
	enum pal_code code = pal_store_walk_records(
		store, reader, tenant, PAL_DELIVERY_KIND,
		pal_delivery_owner(conversation_key, owner), 0, (struct pal_str){NULL, 0},
		PAL_DELIVERY_SPAN_MAX, visit, &walk, err);
	if (code == PAL_OK && walk.seen == 0)
		ret->count = 0;
	if (code == PAL_OK && walk.seen == PAL_DELIVERY_SPAN_MAX)
		code = look_up(store, reader, tenant, conversation_key, ret, err);
	return code;
}

enum pal_delivery_status pal_deliveries_status(const struct pal_deliveries *deliveries,
					       const struct pal_exchange *exchange)
{
	int64_t at = exchange->out.sequence - deliveries->from;

	if (at < 0 || at >= (int64_t)deliveries->count || deliveries->moved[at] == 0)
		return exchange->delivery.status;
	return (enum pal_delivery_status)(deliveries->moved[at] - 1);
}
