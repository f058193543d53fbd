/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/hex.h"
#include "service/view/answer.h"
#include "store/store.h"

#define PLAIN_MAX 500u	/* bytes of a conversation's id that stands in that of a record */

bool pal_delivery_may_become(enum pal_delivery_status from, enum pal_delivery_status to)
{
	if (to == PAL_DELIVERY_FAILED)
		return from <= PAL_DELIVERY_SENT;
	return from != PAL_DELIVERY_FAILED && to > from;
}

void pal_delivery_reopen(struct pal_delivery_state *state)
{
	state->status = PAL_DELIVERY_PENDING;
	state->quarters = state->unknowns = state->intent_ms = 0;
	if (!state->parts_done && !state->may_be_double)
		state->parts = state->part_units = 0;
}

struct pal_str pal_delivery_id(struct pal_str conversation_id, int64_t sequence,
			       char out[PAL_DELIVERY_ID_SIZE])
{
	size_t n = conversation_id.n;

	if (n <= PLAIN_MAX) {
		memcpy(out, conversation_id.p, n);
	} else {	/* a long one is told by its digest */
		uint8_t digest[PAL_SHA256_SIZE];
		struct pal_buf hex = {.data = out, .cap = PLAIN_MAX, .max = PLAIN_MAX};
		pal_sha256(conversation_id, digest);
		pal_hex_encode(&hex, digest, sizeof(digest));
		n = hex.len;
	}
	n += (size_t)snprintf(out + n, PAL_DELIVERY_ID_SIZE - n, "/%012lld", (long long)sequence);
	return (struct pal_str){out, n};
}

int64_t pal_delivery_sequence(struct pal_str record_id)
{
	int64_t sequence = 0;
	size_t i = record_id.n;

	while (i > 0 && record_id.p[i - 1] != '/')
		i--;
	for (; i < record_id.n && sequence < INT64_MAX / 16; i++) {
		if (record_id.p[i] < '0' || record_id.p[i] > '9')
			return 0;
		sequence = sequence * 10 + (record_id.p[i] - '0');
	}
	return sequence;
}

/* --- The body --------------------------------------------------------------------------------- */

static struct pal_str raw_value(const struct pal_json *json, const char *name,
				enum pal_json_type type)
{
	uint32_t at = pal_json_member(json, 0, pal_str(name));

	if (at == PAL_JSON_NONE || pal_json_type(json, at) != type)
		return (struct pal_str){NULL, 0};
	return pal_json_raw(json, at);
}

/* The characters of a string that needs no escaping, or that is written as it was found. */
static struct pal_str bare_string(const struct pal_json *json, const char *name)
{
	struct pal_str raw = raw_value(json, name, PAL_JSON_STRING);

	return raw.p ? (struct pal_str){raw.p + 1, raw.n - 2} : raw;
}

static int64_t number(const struct pal_json *json, const char *name, int64_t fallback)
{
	uint32_t at = pal_json_member(json, 0, pal_str(name));

	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER)
		(void)pal_json_integer(json, at, &fallback);
	return fallback;
}

static enum pal_delivery_status status_in(const struct pal_json *json, const char *name,
					   enum pal_delivery_status fallback)
{
	struct pal_str text = bare_string(json, name);

	if (text.p)
		(void)pal_delivery_status_parse(text, &fallback);
	return fallback;
}

static void read_pushed(const struct pal_json *json, struct pal_delivery_state *state)
{
	state->message_id = bare_string(json, "message_id");
	if (!state->message_id.p)
		return;
	state->channel = bare_string(json, "channel");
	state->recipient = raw_value(json, "recipient", PAL_JSON_STRING);
	state->log = raw_value(json, "log", PAL_JSON_ARRAY);
	state->platform_id = raw_value(json, "platform_id", PAL_JSON_STRING);
	state->error_code = bare_string(json, "error_code");
	state->error_field = bare_string(json, "error_field");
	state->error_message = raw_value(json, "error_message", PAL_JSON_STRING);
	state->intent_ms = number(json, "intent_ms", 0);
	state->next_intent_ms = number(json, "next_intent_ms", 0);
	state->quarters = number(json, "quarters", 0);
	state->unknowns = number(json, "unknowns", 0);
	state->may_be_double = raw_value(json, "possible_duplicate", PAL_JSON_TRUE).p != NULL;
	state->parts = number(json, "parts", 0);
	state->parts_done = number(json, "parts_done", 0);
	state->part_units = number(json, "part_units", 0);
	state->heard = status_in(json, "heard", PAL_DELIVERY_PENDING);
}

struct pal_delivery_state pal_delivery_read(struct pal_str body)
{
	struct pal_json *json = pal_thread_json();
	struct pal_delivery_state state = {.status = PAL_DELIVERY_SENT, .attempts = 1};
	struct pal_json_fault fault;

	if (!body.n || !pal_json_scan(json, body, &fault))
		return state;
	state.status = status_in(json, "status", state.status);
	state.attempts = number(json, "attempts", 1);
	state.timestamps = raw_value(json, "timestamps", PAL_JSON_OBJECT);
	state.metadata = raw_value(json, "metadata", PAL_JSON_OBJECT);
	read_pushed(json, &state);
	return state;
}

/* printf would be a tenth of what a delivery costs its thread. */
static void write_name(struct pal_buf *out, const char *name)
{
	pal_buf_add_lit(out, ",\"");
	pal_buf_add_str(out, pal_str(name));
	pal_buf_add_lit(out, "\":");
}

static void write_raw(struct pal_buf *out, const char *name, struct pal_str json)
{
	if (!json.n)
		return;
	write_name(out, name);
	pal_buf_add_str(out, json);
}

static void write_number(struct pal_buf *out, const char *name, int64_t value)
{
	write_name(out, name);
	pal_buf_add_i64(out, value);
}

static void write_bare(struct pal_buf *out, const char *name, struct pal_str text)
{
	if (!text.n)
		return;
	write_name(out, name);
	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, text);
	pal_buf_add_char(out, '"');
}

static void write_pushed(struct pal_buf *out, const struct pal_delivery_state *state)
{
	pal_buf_add_lit(out, ",\"message_id\":\"");
	pal_buf_add_str(out, state->message_id);
	pal_buf_add_lit(out, "\",\"channel\":\"");
	pal_buf_add_str(out, state->channel);
	pal_buf_add_char(out, '"');
	write_raw(out, "recipient", state->recipient);
	write_raw(out, "log", state->log);
	write_raw(out, "platform_id", state->platform_id);
	write_bare(out, "error_code", state->error_code);
	write_bare(out, "error_field", state->error_field);
	write_raw(out, "error_message", state->error_message);
	if (state->intent_ms)
		write_number(out, "intent_ms", state->intent_ms);
	if (state->next_intent_ms)
		write_number(out, "next_intent_ms", state->next_intent_ms);
	if (state->quarters || state->unknowns)
		pal_buf_addf(out, ",\"quarters\":%lld,\"unknowns\":%lld",
			     (long long)state->quarters, (long long)state->unknowns);
	if (state->may_be_double)
		pal_buf_add_lit(out, ",\"possible_duplicate\":true");
	if (state->parts)
		pal_buf_addf(out, ",\"parts\":%lld,\"parts_done\":%lld,\"part_units\":%lld",
			     (long long)state->parts, (long long)state->parts_done,
			     (long long)state->part_units);
	if (state->heard)
		pal_buf_addf(out, ",\"heard\":\"%s\"", pal_delivery_status_name(state->heard));
}

void pal_delivery_write(struct pal_buf *out, const struct pal_delivery_state *state)
{
	pal_buf_add_lit(out, "{\"status\":\"");
	pal_buf_add_str(out, pal_str(pal_delivery_status_name(state->status)));
	pal_buf_add_char(out, '"');
	write_number(out, "attempts", state->attempts);
	write_raw(out, "timestamps", state->timestamps);
	write_raw(out, "metadata", state->metadata);
	if (state->message_id.p)
		write_pushed(out, state);
	pal_buf_add_char(out, '}');
}

/* --- Loading ---------------------------------------------------------------------------------- */

enum pal_code pal_delivery_load(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, struct pal_str conversation_id,
				const struct pal_exchange *exchange, struct pal_arena *arena,
				struct pal_delivery_state *ret, struct pal_record *ret_record,
				struct pal_error *err)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record record = {.version = 0};
	enum pal_code code = pal_store_load_record(
		store, reader, tenant, PAL_DELIVERY_KIND,
		pal_delivery_id(conversation_id, exchange->out.sequence, id), arena, &record, err);

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

	walk->seen++;
	note(walk->into, pal_delivery_sequence(record->id), record->body);
	return true;
}

/* There are more than a walk should see: look each message up. */
static enum pal_code look_up(struct pal_store *store, unsigned reader,
			     struct pal_tenant_key tenant, struct pal_str conversation_id,
			     struct pal_deliveries *into, struct pal_error *err)
{
	struct pal_arena arena = pal_arena_of(0);
	char id[PAL_DELIVERY_ID_SIZE];
	enum pal_code code = PAL_OK;

	for (size_t i = 0; i < into->count && code == PAL_OK; i++) {
		int64_t sequence = into->from + (int64_t)i;
		struct pal_record record;
		code = pal_store_load_record(store, reader, tenant, PAL_DELIVERY_KIND,
					     pal_delivery_id(conversation_id, sequence, id),
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
				  struct pal_tenant_key tenant, struct pal_str conversation_id,
				  int64_t from, int64_t to, struct pal_deliveries *ret,
				  struct pal_error *err)
{
	struct walk walk = {ret, 0};

	*ret = (struct pal_deliveries){.from = from};
	if (to >= from)
		ret->count = to - from < PAL_DELIVERY_SPAN_MAX ? (size_t)(to - from + 1)
							       : PAL_DELIVERY_SPAN_MAX;
	enum pal_code code = pal_store_walk_records(
		store, reader, tenant, PAL_DELIVERY_KIND,
		conversation_id, 0, (struct pal_str){NULL, 0},
		PAL_DELIVERY_SPAN_MAX, visit, &walk, err);
	if (code == PAL_OK && walk.seen == 0)
		ret->count = 0;
	if (code == PAL_OK && walk.seen == PAL_DELIVERY_SPAN_MAX)
		code = look_up(store, reader, tenant, conversation_id, ret, err);
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
