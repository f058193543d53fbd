/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/row.h"

#include <assert.h>
#include <string.h>

#include "store/sqlite/connection.h"
#include "store/sqlite/seal.h"

/* The columns of an exchange in the order of query.c; parameters count from 1, columns from 0. */
enum {
	E_ID, E_TENANT, E_CONVERSATION, E_SEQUENCE, E_REPLY_SEQUENCE, E_PREVIOUS, E_RECEIVED_MS,
	E_DIGEST,
	E_MESSAGE_ID, E_USER_ID, E_TIMESTAMP_MS, E_TYPE, E_TEXT, E_LANGUAGE, E_CONTENT, E_ANALYSIS,
	E_PROCESSING, E_REPLY_ID, E_REPLY_USER_ID, E_REPLY_TIMESTAMP_MS, E_REPLY_TYPE, E_REPLY_TEXT,
	E_REPLY_LANGUAGE, E_REPLY_CONTENT, E_REPLY_ANALYSIS, E_STATE, E_DELIVERY_STATUS,
	E_RECIPIENT, E_AUDIT_EVENT, E_AUDIT_USER_ID, E_AUDIT_RESOURCE_ID, E_AUDIT_REQUEST_ID,
	E_AUDIT_IP_ADDRESS, E_SEAL, E_LINK,
};

enum {
	C_ID, C_TENANT, C_PUBLIC_ID, C_USER_ID, C_SESSION_ID, C_PREVIOUS_ID, C_CHANNEL, C_STATUS,
	C_STARTED_MS, C_LAST_ACTIVITY_MS, C_LAST_SEQUENCE, C_STATE, C_ENDED_MS, C_DELETED, C_DETAILS,
	C_ERASURE, C_SEAL,
};

static_assert(C_SEAL + 1 == PAL_SQLITE_CONVERSATION_WIDTH, "the seal is the last column");

#define TEXT_LEN_BITS 24	/* beyond any content */

static void bind_int(sqlite3_stmt *stmt, int column, int64_t v)
{
	sqlite3_bind_int64(stmt, column + 1, v);
}

static void bind_str(sqlite3_stmt *stmt, int column, struct pal_str s)
{
	pal_sqlite_bind_str(stmt, column + 1, s);
}

/*
 * The text nearly always stands unescaped in the content beside it: then its place is stored, not a
 * second copy.
 */
static void bind_text_of(sqlite3_stmt *stmt, int column, const struct pal_content *content)
{
	struct pal_str text = content->text, raw = content->raw;
	const char *at = text.n && raw.p ? memmem(raw.p, raw.n, text.p, text.n) : NULL;

	if (at && text.n < 1u << TEXT_LEN_BITS)
		bind_int(stmt, column, (int64_t)(at - raw.p) << TEXT_LEN_BITS | (int64_t)text.n);
	else
		bind_str(stmt, column, text);
}

static struct pal_str read_text_of(sqlite3_stmt *stmt, int column, struct pal_str raw)
{
	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER)
		return pal_sqlite_column_str(stmt, column);
	uint64_t place = (uint64_t)sqlite3_column_int64(stmt, column);
	size_t at = (size_t)(place >> TEXT_LEN_BITS);
	size_t n = (size_t)(place & ((1u << TEXT_LEN_BITS) - 1));
	if (at > raw.n || n > raw.n - at)
		return (struct pal_str){NULL, 0};
	return (struct pal_str){raw.p + at, n};
}

/* An id that repeats another of the row is stored as this number in its place. */
#define SAME 1

static void bind_unless_same(sqlite3_stmt *stmt, int column, struct pal_str s, struct pal_str other)
{
	if (s.n && pal_str_equal(s, other))
		bind_int(stmt, column, SAME);
	else
		bind_str(stmt, column, s);
}

static struct pal_str read_unless_same(sqlite3_stmt *stmt, int column, struct pal_str other)
{
	if (sqlite3_column_type(stmt, column) == SQLITE_INTEGER)
		return other;
	return pal_sqlite_column_str(stmt, column);
}

static void bind_reply(sqlite3_stmt *stmt, const struct pal_exchange *exchange)
{
	const struct pal_message *out = &exchange->out;

	bind_str(stmt, E_REPLY_ID, out->message_id);
	bind_str(stmt, E_REPLY_USER_ID, out->user_id);
	bind_int(stmt, E_REPLY_TIMESTAMP_MS, out->timestamp_ms);
	bind_int(stmt, E_REPLY_TYPE, out->content.type);
	bind_text_of(stmt, E_REPLY_TEXT, &out->content);
	bind_str(stmt, E_REPLY_LANGUAGE, out->content.language);
	bind_str(stmt, E_REPLY_CONTENT, out->content.raw);
	bind_str(stmt, E_REPLY_ANALYSIS, out->analysis);
	bind_int(stmt, E_DELIVERY_STATUS, exchange->delivery.status);
	bind_unless_same(stmt, E_RECIPIENT, exchange->delivery.recipient, exchange->in.user_id);
}

static void bind_no_reply(sqlite3_stmt *stmt)
{
	static const int columns[] = {
		E_REPLY_ID, E_REPLY_USER_ID, E_REPLY_TIMESTAMP_MS, E_REPLY_TYPE, E_REPLY_TEXT,
		E_REPLY_LANGUAGE, E_REPLY_CONTENT, E_REPLY_ANALYSIS, E_DELIVERY_STATUS, E_RECIPIENT,
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		sqlite3_bind_null(stmt, columns[i] + 1);
}

static void bind_inbound(sqlite3_stmt *stmt, const struct pal_message *in)
{
	bind_int(stmt, E_SEQUENCE, in->sequence);
	bind_str(stmt, E_MESSAGE_ID, in->message_id);
	bind_str(stmt, E_USER_ID, in->user_id);
	bind_int(stmt, E_TIMESTAMP_MS, in->timestamp_ms);
	bind_int(stmt, E_TYPE, in->content.type);
	bind_text_of(stmt, E_TEXT, &in->content);
	bind_str(stmt, E_LANGUAGE, in->content.language);
	bind_str(stmt, E_CONTENT, in->content.raw);
	bind_str(stmt, E_ANALYSIS, in->analysis);
	bind_str(stmt, E_PROCESSING, in->processing);
}

static void bind_audit(sqlite3_stmt *stmt, const struct pal_audit *audit,
		       const struct pal_message *in)
{
	bind_str(stmt, E_AUDIT_EVENT, audit->event_type);
	bind_unless_same(stmt, E_AUDIT_USER_ID, audit->user_id, in->user_id);
	bind_unless_same(stmt, E_AUDIT_RESOURCE_ID, audit->resource_id, in->message_id);
	bind_str(stmt, E_AUDIT_REQUEST_ID, audit->request_id);
	bind_str(stmt, E_AUDIT_IP_ADDRESS, audit->ip_address);
}

static struct pal_str veil_bytes(const struct pal_audit_veil *veil)
{
	return veil->is_erased ? (struct pal_str){(const char *)veil->digest, sizeof(veil->digest)}
			       : (struct pal_str){(const char *)veil->salt, sizeof(veil->salt)};
}

void pal_sqlite_bind_link(sqlite3_stmt *stmt, int at, const struct pal_sqlite_link *link)
{
	struct pal_str veil = veil_bytes(&link->veil);

	sqlite3_bind_int64(stmt, at, link->seq);
	sqlite3_bind_int64(stmt, at + 1, link->previous);
	if (link->seq == 0) {
		sqlite3_bind_null(stmt, at + 2);
		sqlite3_bind_null(stmt, at + 3);
		return;
	}
	sqlite3_bind_blob(stmt, at + 2, veil.p, (int)veil.n, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, at + 3, link->hash, sizeof(link->hash), SQLITE_STATIC);
}

/* A row that was tampered with may have any size of both: what is missing is zero. */
void pal_sqlite_read_link(sqlite3_stmt *stmt, int at, struct pal_sqlite_link *ret)
{
	struct pal_str veil = pal_sqlite_column_str(stmt, at + 2);
	struct pal_str hash = pal_sqlite_column_str(stmt, at + 3);

	memset(ret, 0, sizeof(*ret));
	ret->seq = sqlite3_column_int64(stmt, at);
	ret->previous = sqlite3_column_int64(stmt, at + 1);
	ret->veil.is_erased = veil.n == sizeof(ret->veil.digest);
	if (veil.n == sizeof(ret->veil.digest) || veil.n == sizeof(ret->veil.salt))
		memcpy(ret->veil.digest, veil.p, veil.n);
	if (hash.n == sizeof(ret->hash))
		memcpy(ret->hash, hash.p, hash.n);
}

void pal_sqlite_bind_exchange(sqlite3_stmt *stmt, const struct pal_sqlite_place *place,
			      const struct pal_exchange *exchange)
{
	bind_int(stmt, E_ID, place->exchange);
	bind_int(stmt, E_TENANT, place->tenant.n);
	bind_int(stmt, E_CONVERSATION, place->conversation);
	bind_int(stmt, E_PREVIOUS, place->previous);
	bind_int(stmt, E_REPLY_SEQUENCE, exchange->out.sequence);
	bind_int(stmt, E_RECEIVED_MS, exchange->received_ms);
	sqlite3_bind_blob(stmt, E_DIGEST + 1, exchange->digest, PAL_DIGEST_SIZE, SQLITE_STATIC);
	bind_inbound(stmt, &exchange->in);
	if (exchange->out.sequence)
		bind_reply(stmt, exchange);
	else
		bind_no_reply(stmt);
	bind_str(stmt, E_STATE, exchange->state);
	bind_audit(stmt, &exchange->audit, &exchange->in);
	bind_int(stmt, E_SEAL, pal_sqlite_seal_exchange(place, exchange));
	pal_sqlite_bind_link(stmt, E_LINK + 1, &place->link);
}

static void read_inbound(sqlite3_stmt *stmt, struct pal_message *ret)
{
	ret->direction = PAL_INBOUND;
	ret->sequence = sqlite3_column_int64(stmt, E_SEQUENCE);
	ret->message_id = pal_sqlite_column_str(stmt, E_MESSAGE_ID);
	ret->user_id = pal_sqlite_column_str(stmt, E_USER_ID);
	ret->timestamp_ms = sqlite3_column_int64(stmt, E_TIMESTAMP_MS);
	ret->content.type = (enum pal_content_type)sqlite3_column_int(stmt, E_TYPE);
	ret->content.raw = pal_sqlite_column_str(stmt, E_CONTENT);
	ret->content.text = read_text_of(stmt, E_TEXT, ret->content.raw);
	ret->content.language = pal_sqlite_column_str(stmt, E_LANGUAGE);
	ret->analysis = pal_sqlite_column_str(stmt, E_ANALYSIS);
	ret->processing = pal_sqlite_column_str(stmt, E_PROCESSING);
}

static void read_reply(sqlite3_stmt *stmt, struct pal_exchange *ret)
{
	struct pal_message *out = &ret->out;

	out->sequence = sqlite3_column_int64(stmt, E_REPLY_SEQUENCE);
	out->message_id = pal_sqlite_column_str(stmt, E_REPLY_ID);
	out->user_id = pal_sqlite_column_str(stmt, E_REPLY_USER_ID);
	out->timestamp_ms = sqlite3_column_int64(stmt, E_REPLY_TIMESTAMP_MS);
	out->content.type = (enum pal_content_type)sqlite3_column_int(stmt, E_REPLY_TYPE);
	out->content.raw = pal_sqlite_column_str(stmt, E_REPLY_CONTENT);
	out->content.text = read_text_of(stmt, E_REPLY_TEXT, out->content.raw);
	out->content.language = pal_sqlite_column_str(stmt, E_REPLY_LANGUAGE);
	out->analysis = pal_sqlite_column_str(stmt, E_REPLY_ANALYSIS);
	ret->delivery.status =
		(enum pal_delivery_status)sqlite3_column_int(stmt, E_DELIVERY_STATUS);
	ret->delivery.recipient = read_unless_same(stmt, E_RECIPIENT, ret->in.user_id);
}

static void read_digest(sqlite3_stmt *stmt, uint8_t digest[PAL_DIGEST_SIZE])
{
	struct pal_str s = pal_sqlite_column_str(stmt, E_DIGEST);

	memcpy(digest, s.p, s.n < PAL_DIGEST_SIZE ? s.n : PAL_DIGEST_SIZE);
}

static void read_audit(sqlite3_stmt *stmt, const struct pal_message *in, struct pal_audit *ret)
{
	ret->event_type = pal_sqlite_column_str(stmt, E_AUDIT_EVENT);
	ret->user_id = read_unless_same(stmt, E_AUDIT_USER_ID, in->user_id);
	ret->resource_id = read_unless_same(stmt, E_AUDIT_RESOURCE_ID, in->message_id);
	ret->request_id = pal_sqlite_column_str(stmt, E_AUDIT_REQUEST_ID);
	ret->ip_address = pal_sqlite_column_str(stmt, E_AUDIT_IP_ADDRESS);
}

static void read_place(sqlite3_stmt *stmt, struct pal_sqlite_place *ret)
{
	ret->exchange = sqlite3_column_int64(stmt, E_ID);
	ret->previous = sqlite3_column_int64(stmt, E_PREVIOUS);
	ret->conversation = sqlite3_column_int64(stmt, E_CONVERSATION);
	ret->tenant.n = sqlite3_column_int64(stmt, E_TENANT);
	pal_sqlite_read_link(stmt, E_LINK, &ret->link);
}

bool pal_sqlite_read_exchange(sqlite3_stmt *stmt, struct pal_sqlite_place *ret_place,
			      struct pal_exchange *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->out.direction = PAL_OUTBOUND;
	read_place(stmt, ret_place);
	read_inbound(stmt, &ret->in);
	if (sqlite3_column_int64(stmt, E_REPLY_SEQUENCE))
		read_reply(stmt, ret);
	ret->received_ms = sqlite3_column_int64(stmt, E_RECEIVED_MS);
	read_digest(stmt, ret->digest);
	ret->state = pal_sqlite_column_str(stmt, E_STATE);
	read_audit(stmt, &ret->in, &ret->audit);
	return sqlite3_column_int64(stmt, E_SEAL) == pal_sqlite_seal_exchange(ret_place, ret);
}

void pal_sqlite_bind_conversation(sqlite3_stmt *stmt, int64_t id, struct pal_tenant_key tenant,
				  const struct pal_conversation *conversation, bool is_outdated)
{
	struct pal_conversation stored = *conversation;

	if (is_outdated)
		stored.state = (struct pal_str){NULL, 0};
	bind_int(stmt, C_ID, id);
	bind_int(stmt, C_TENANT, tenant.n);
	bind_str(stmt, C_PUBLIC_ID, conversation->id);
	bind_str(stmt, C_USER_ID, conversation->user_id);
	bind_str(stmt, C_SESSION_ID, conversation->session_id);
	bind_str(stmt, C_PREVIOUS_ID, conversation->previous_id);
	bind_int(stmt, C_CHANNEL, conversation->channel);
	bind_int(stmt, C_STATUS, conversation->status);
	bind_int(stmt, C_STARTED_MS, conversation->started_ms);
	bind_int(stmt, C_LAST_ACTIVITY_MS, conversation->last_activity_ms);
	bind_int(stmt, C_LAST_SEQUENCE, conversation->last_sequence);
	bind_str(stmt, C_STATE, stored.state);
	bind_int(stmt, C_ENDED_MS, conversation->ended_ms);
	bind_int(stmt, C_DELETED, conversation->deleted);
	bind_str(stmt, C_DETAILS, conversation->details);
	bind_int(stmt, C_ERASURE, 0);
	bind_int(stmt, C_SEAL, pal_sqlite_seal_conversation(id, tenant, 0, &stored));
}

bool pal_sqlite_read_conversation(sqlite3_stmt *stmt, struct pal_conversation *ret,
				  int64_t *ret_erasure)
{
	struct pal_tenant_key tenant = {sqlite3_column_int64(stmt, C_TENANT)};

	ret->key = sqlite3_column_int64(stmt, C_ID);
	ret->id = pal_sqlite_column_str(stmt, C_PUBLIC_ID);
	ret->user_id = pal_sqlite_column_str(stmt, C_USER_ID);
	ret->session_id = pal_sqlite_column_str(stmt, C_SESSION_ID);
	ret->previous_id = pal_sqlite_column_str(stmt, C_PREVIOUS_ID);
	ret->channel = (enum pal_channel_type)sqlite3_column_int(stmt, C_CHANNEL);
	ret->status = (enum pal_conversation_status)sqlite3_column_int(stmt, C_STATUS);
	ret->started_ms = sqlite3_column_int64(stmt, C_STARTED_MS);
	ret->last_activity_ms = sqlite3_column_int64(stmt, C_LAST_ACTIVITY_MS);
	ret->last_sequence = sqlite3_column_int64(stmt, C_LAST_SEQUENCE);
	ret->state = pal_sqlite_column_str(stmt, C_STATE);
	ret->ended_ms = sqlite3_column_int64(stmt, C_ENDED_MS);
	ret->deleted = sqlite3_column_int64(stmt, C_DELETED) != 0;
	ret->details = pal_sqlite_column_str(stmt, C_DETAILS);
	*ret_erasure = sqlite3_column_int64(stmt, C_ERASURE);
	return sqlite3_column_int64(stmt, C_SEAL) ==
	       pal_sqlite_seal_conversation(ret->key, tenant, *ret_erasure, ret);
}

bool pal_sqlite_keep(struct pal_arena *arena, struct pal_str *const *strs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strs[i]->p)
			continue;
		*strs[i] = pal_arena_copy(arena, *strs[i]);
		if (!strs[i]->p)
			return false;
	}
	return true;
}

static bool keep_message(struct pal_arena *arena, struct pal_message *m)
{
	struct pal_str *strs[] = {&m->message_id, &m->user_id, &m->content.text,
				  &m->content.language, &m->content.raw, &m->analysis,
				  &m->processing};

	return pal_sqlite_keep(arena, strs, sizeof(strs) / sizeof(strs[0]));
}

bool pal_sqlite_keep_exchange(struct pal_arena *arena, struct pal_exchange *exchange)
{
	struct pal_audit *a = &exchange->audit;
	struct pal_str *strs[] = {&exchange->state, &exchange->delivery.recipient, &a->event_type,
				  &a->user_id, &a->resource_id, &a->request_id, &a->ip_address};

	return keep_message(arena, &exchange->in) && keep_message(arena, &exchange->out) &&
	       pal_sqlite_keep(arena, strs, sizeof(strs) / sizeof(strs[0]));
}

bool pal_sqlite_keep_conversation(struct pal_arena *arena, struct pal_conversation *c)
{
	struct pal_str *strs[] = {&c->id, &c->user_id, &c->session_id, &c->previous_id, &c->state,
				  &c->details};

	return pal_sqlite_keep(arena, strs, sizeof(strs) / sizeof(strs[0]));
}
