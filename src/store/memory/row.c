/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/row.h"

#include <stddef.h>
#include <string.h>

/* The order of the texts in a row; those that need an outbound message come last. */
#define INBOUND_ID 0
#define STATE 1
#define INBOUND_TEXT 3
#define AUDIT_FIRST 8
#define AUDIT_LAST 12
#define OUTBOUND_ID 13
#define OUTBOUND_TEXT 15
static const size_t text_offsets[PAL_ROW_TEXTS] = {
	[INBOUND_ID] = offsetof(struct pal_exchange, in.message_id),
	[STATE] = offsetof(struct pal_exchange, state),
	[2] = offsetof(struct pal_exchange, in.user_id),
	[INBOUND_TEXT] = offsetof(struct pal_exchange, in.content.text),
	[4] = offsetof(struct pal_exchange, in.content.language),
	[5] = offsetof(struct pal_exchange, in.content.raw),
	[6] = offsetof(struct pal_exchange, in.analysis),
	[7] = offsetof(struct pal_exchange, in.processing),
	[AUDIT_FIRST] = offsetof(struct pal_exchange, audit.event_type),
	[9] = offsetof(struct pal_exchange, audit.user_id),
	[10] = offsetof(struct pal_exchange, audit.resource_id),
	[11] = offsetof(struct pal_exchange, audit.request_id),
	[AUDIT_LAST] = offsetof(struct pal_exchange, audit.ip_address),
	[OUTBOUND_ID] = offsetof(struct pal_exchange, out.message_id),
	[14] = offsetof(struct pal_exchange, out.user_id),
	[OUTBOUND_TEXT] = offsetof(struct pal_exchange, out.content.text),
	[16] = offsetof(struct pal_exchange, out.content.language),
	[17] = offsetof(struct pal_exchange, out.content.raw),
	[18] = offsetof(struct pal_exchange, out.analysis),
	[19] = offsetof(struct pal_exchange, delivery.recipient),
};

static const struct pal_str *text_of(const struct pal_exchange *exchange, size_t i)
{
	return (const void *)((const char *)exchange + text_offsets[i]);
}

struct pal_row *pal_row_make(struct pal_slab *slab, const struct pal_exchange *exchange)
{
	size_t texts = exchange->out.sequence ? PAL_ROW_TEXTS : OUTBOUND_ID;
	size_t size = sizeof(struct pal_row);

	for (size_t i = 0; i < texts; i++)
		size += text_of(exchange, i)->n;
	struct pal_row *row = pal_slab_get(slab, size);
	if (!row)
		return NULL;
	*row = (struct pal_row){
		.sequence = exchange->in.sequence,
		.received_ms = exchange->received_ms,
		.in_ms = exchange->in.timestamp_ms,
		.in_type = (uint8_t)exchange->in.content.type,
		.has_out = exchange->out.sequence != 0,
	};
	if (row->has_out) {
		row->out_ms = exchange->out.timestamp_ms;
		row->out_type = (uint8_t)exchange->out.content.type;
		row->delivery_status = (uint8_t)exchange->delivery.status;
	}
	memcpy(row->digest, exchange->digest, sizeof(row->digest));
	char *at = row->bytes;
	for (size_t i = 0; i < texts; i++) {
		const struct pal_str *s = text_of(exchange, i);
		row->lengths[i] = (uint32_t)s->n;
		if (s->n)
			memcpy(at, s->p, s->n);
		at += s->n;
	}
	return row;
}

void pal_row_view(const struct pal_row *row, struct pal_exchange *ret)
{
	const char *at = row->bytes;

	*ret = (struct pal_exchange){
		.in = {.sequence = row->sequence,
		       .direction = PAL_INBOUND,
		       .timestamp_ms = row->in_ms,
		       .content.type = row->in_type},
		.received_ms = row->received_ms,
	};
	memcpy(ret->digest, row->digest, sizeof(ret->digest));
	if (row->has_out) {
		ret->out.sequence = row->sequence + 1;
		ret->out.direction = PAL_OUTBOUND;
		ret->out.timestamp_ms = row->out_ms;
		ret->out.content.type = row->out_type;
		ret->delivery.status = row->delivery_status;
	}
	for (size_t i = 0; i < PAL_ROW_TEXTS; i++) {
		struct pal_str *s = (void *)((char *)ret + text_offsets[i]);
		if (row->lengths[i])
			*s = (struct pal_str){at, row->lengths[i]};
		at += row->lengths[i];
	}
	if (row->is_pruned)
		ret->audit = (struct pal_audit){.event_type = {NULL, 0}};
}

static size_t texts_bytes(const struct pal_row *row)
{
	size_t n = 0;

	for (size_t i = 0; i < PAL_ROW_TEXTS; i++)
		n += row->lengths[i];
	return n;
}

bool pal_row_copy(const struct pal_row *row, struct pal_arena *arena, struct pal_exchange *ret)
{
	size_t size = sizeof(*row) + texts_bytes(row);
	struct pal_row *copy = pal_arena_get(arena, size);

	if (!copy)
		return false;
	memcpy(copy, row, size);
	pal_row_view(copy, ret);
	return true;
}

static struct pal_str text_at(const struct pal_row *row, size_t text)
{
	const char *at = row->bytes;

	for (size_t i = 0; i < text; i++)
		at += row->lengths[i];
	return (struct pal_str){at, row->lengths[text]};
}

/*
 * What stays moves up behind the inbound id, which is read under its own lock: the kind of the event
 * that was audited, and the outbound id.
 */
void pal_row_erase(struct pal_row *row)
{
	struct pal_str event = text_at(row, AUDIT_FIRST), outbound = text_at(row, OUTBOUND_ID);
	size_t total = texts_bytes(row), kept = row->lengths[INBOUND_ID];

	memmove(row->bytes + kept, event.p, event.n);
	kept += event.n;
	memmove(row->bytes + kept, outbound.p, outbound.n);
	kept += outbound.n;
	explicit_bzero(row->bytes + kept, total - kept);
	for (size_t i = 0; i < PAL_ROW_TEXTS; i++) {
		if (i != INBOUND_ID && i != AUDIT_FIRST && i != OUTBOUND_ID)
			row->lengths[i] = 0;
	}
	explicit_bzero(row->digest, sizeof(row->digest));
	row->is_erased = true;
}

void pal_row_prune(struct pal_row *row)
{
	for (size_t i = AUDIT_FIRST; i <= AUDIT_LAST; i++) {
		struct pal_str text = text_at(row, i);
		explicit_bzero((char *)text.p, text.n);
	}
	row->is_pruned = true;
}

struct pal_str pal_row_inbound_id(const struct pal_row *row)
{
	return text_at(row, INBOUND_ID);
}

struct pal_str pal_row_outbound_id(const struct pal_row *row)
{
	return text_at(row, OUTBOUND_ID);
}

struct pal_str pal_row_inbound_text(const struct pal_row *row)
{
	return text_at(row, INBOUND_TEXT);
}

struct pal_str pal_row_outbound_text(const struct pal_row *row)
{
	return text_at(row, OUTBOUND_TEXT);
}

struct pal_str pal_row_state(const struct pal_row *row)
{
	return text_at(row, STATE);
}
