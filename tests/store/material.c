/* SPDX-License-Identifier: Apache-2.0 */
#include "store/material.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

static void *get(struct pal_arena *arena, size_t size)
{
	void *p = pal_arena_get(arena, size);

	if (!p)
		abort();
	return p;
}

struct pal_str text_of(struct pal_arena *arena, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text))
		abort();
	char *p = get(arena, (size_t)n + 1);
	memcpy(p, text, (size_t)n + 1);
	return (struct pal_str){p, (size_t)n};
}

struct pal_str repeat(struct pal_arena *arena, const char *unit, size_t times)
{
	size_t n = strlen(unit);
	char *p = get(arena, n * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(p + i * n, unit, n);
	p[n * times] = '\0';
	return (struct pal_str){p, n * times};
}

static void fill_message(struct pal_arena *arena, struct pal_message *message, struct pal_str id,
			 int64_t sequence)
{
	int n = (int)id.n;

	message->message_id = id;
	message->sequence = sequence;
	message->timestamp_ms = 1700000000000 + sequence;
	message->content.type = PAL_CONTENT_TEXT;
	message->content.text = text_of(arena, "text of %.*s", n, id.p);
	message->content.language = PAL_STR("en");
	message->content.raw =
		text_of(arena, "{\"type\":\"text\",\"text\":\"text of %.*s\"}", n, id.p);
	message->analysis = text_of(arena, "{\"analysis\":\"%.*s\"}", n, id.p);
}

void fill_exchange(struct pal_arena *arena, struct pal_exchange *exchange, struct pal_str id,
		   int64_t sequence, bool gated)
{
	int n = (int)id.n;

	*exchange = (struct pal_exchange){.received_ms = 1700000001000 + sequence};
	fill_message(arena, &exchange->in, id, sequence);
	exchange->in.direction = PAL_INBOUND;
	exchange->in.user_id = text_of(arena, "user of %.*s", n, id.p);
	exchange->in.processing = text_of(arena, "{\"processing\":\"%.*s\"}", n, id.p);
	for (size_t i = 0; i < sizeof(exchange->digest); i++)
		exchange->digest[i] = (uint8_t)((size_t)sequence * 31 + i * 17);
	exchange->state = text_of(arena, "{\"state after\":\"%.*s\"}", n, id.p);
	exchange->audit = (struct pal_audit){
		.event_type = PAL_STR("message.processed"),
		.user_id = text_of(arena, "auditor of %.*s", n, id.p),
		.resource_id = text_of(arena, "resource of %.*s", n, id.p),
		.request_id = text_of(arena, "request of %.*s", n, id.p),
		.ip_address = PAL_STR("2001:db8::1"),
	};
	if (gated)
		return;
	fill_message(arena, &exchange->out, text_of(arena, "%.*s-reply", n, id.p), sequence + 1);
	exchange->out.direction = PAL_OUTBOUND;
	exchange->out.user_id = PAL_STR("bot");
	exchange->delivery = (struct pal_delivery){
		.status = PAL_DELIVERY_DELIVERED,
		.recipient = text_of(arena, "recipient of %.*s", n, id.p),
	};
}

void fill_conversation(struct pal_arena *arena, struct pal_conversation *conversation,
		       const char *id)
{
	*conversation = (struct pal_conversation){
		.id = text_of(arena, "%s", id),
		.user_id = text_of(arena, "user of %s", id),
		.session_id = text_of(arena, "session of %s", id),
		.previous_id = text_of(arena, "before %s", id),
		.channel = PAL_CHANNEL_SLACK,
		.status = PAL_CONVERSATION_PAUSED,
		.started_ms = 1600000000001,
		.ended_ms = 1600000000003,
		.details = text_of(arena, "{\"details\":\"%s\"}", id),
		.last_activity_ms = 1600000000002,
		.state = text_of(arena, "{\"state\":\"%s\"}", id),
	};
}

struct pal_unit *make_unit(struct pal_arena *arena, const struct unit_spec *spec)
{
	struct pal_unit *unit = get(arena, sizeof(*unit));
	struct pal_exchange *exchanges = get(arena, (spec->count + 1) * sizeof(exchanges[0]));
	int64_t sequence = spec->first ? spec->first : 1;

	*unit = (struct pal_unit){
		.tenant = {spec->tenant ? spec->tenant : 1},
		.conversation = get(arena, sizeof(*unit->conversation)),
		.exchanges = exchanges,
		.count = spec->count,
		.verdict = PAL_UNIT_FAILED,
	};
	fill_conversation(arena, unit->conversation, spec->conversation);
	unit->conversation->key = spec->key;
	for (size_t i = 0; i < spec->count; i++) {
		fill_exchange(arena, &exchanges[i], text_of(arena, "%s-%zu", spec->prefix, i),
			      sequence, spec->gated);
		sequence += spec->gated ? 1 : 2;
	}
	return unit;
}

struct pal_exchange *exchange_of(struct pal_unit *unit, size_t i)
{
	return (struct pal_exchange *)&unit->exchanges[i];
}

static bool is_same_message(const struct pal_message *a, const struct pal_message *b)
{
	return pal_str_equal(a->message_id, b->message_id) &&
	       pal_str_equal(a->user_id, b->user_id) && a->sequence == b->sequence &&
	       a->direction == b->direction && a->timestamp_ms == b->timestamp_ms &&
	       a->content.type == b->content.type &&
	       pal_str_equal(a->content.text, b->content.text) &&
	       pal_str_equal(a->content.language, b->content.language) &&
	       pal_str_equal(a->content.raw, b->content.raw) &&
	       pal_str_equal(a->analysis, b->analysis);
}

static bool is_same_audit(const struct pal_audit *a, const struct pal_audit *b)
{
	return pal_str_equal(a->event_type, b->event_type) &&
	       pal_str_equal(a->user_id, b->user_id) &&
	       pal_str_equal(a->resource_id, b->resource_id) &&
	       pal_str_equal(a->request_id, b->request_id) &&
	       pal_str_equal(a->ip_address, b->ip_address);
}

bool is_same_exchange(const struct pal_exchange *a, const struct pal_exchange *b)
{
	if (!is_same_message(&a->in, &b->in) ||
	    !pal_str_equal(a->in.processing, b->in.processing) ||
	    a->received_ms != b->received_ms ||
	    memcmp(a->digest, b->digest, sizeof(a->digest)) != 0 ||
	    !pal_str_equal(a->state, b->state) || !is_same_audit(&a->audit, &b->audit) ||
	    a->out.sequence != b->out.sequence)
		return false;
	return a->out.sequence == 0 ||
	       (is_same_message(&a->out, &b->out) && a->delivery.status == b->delivery.status &&
		pal_str_equal(a->delivery.recipient, b->delivery.recipient));
}

bool is_same_conversation(const struct pal_conversation *a, const struct pal_conversation *b)
{
	return pal_str_equal(a->id, b->id) && pal_str_equal(a->user_id, b->user_id) &&
	       pal_str_equal(a->session_id, b->session_id) &&
	       pal_str_equal(a->previous_id, b->previous_id) && a->channel == b->channel &&
	       a->status == b->status && a->started_ms == b->started_ms &&
	       a->ended_ms == b->ended_ms && a->deleted == b->deleted &&
	       pal_str_equal(a->details, b->details);
}

bool unit_walk_visit(void *arg, const struct pal_exchange *exchange)
{
	struct unit_walk *walk = arg;

	if (walk->seen >= walk->unit->count ||
	    !is_same_exchange(exchange, &walk->unit->exchanges[walk->seen]))
		walk->different++;
	walk->seen++;
	return walk->seen != walk->stop_after;
}

enum pal_unit_verdict commit_one(struct pal_store *store, struct pal_unit *unit)
{
	pal_store_commit(store, &unit, 1);
	return unit->verdict;
}
