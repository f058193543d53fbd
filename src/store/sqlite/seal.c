/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/seal.h"

#include <endian.h>
#include <string.h>

/* A multiply-and-fold hash of whole words: a quarter of a microsecond for a record. */
static void mix(uint64_t *h, uint64_t word)
{
	*h = (*h ^ word) * 0x9FB21C651E98DF25u;
	*h ^= *h >> 32;
}

static void mix_str(uint64_t *h, struct pal_str s)
{
	uint64_t word;

	mix(h, s.n);
	for (; s.n >= sizeof(word); s.p += sizeof(word), s.n -= sizeof(word)) {
		memcpy(&word, s.p, sizeof(word));
		mix(h, le64toh(word));
	}
	if (s.n == 0)
		return;
	word = 0;
	memcpy(&word, s.p, s.n);
	mix(h, le64toh(word));
}

static void mix_message(uint64_t *h, const struct pal_message *m)
{
	mix_str(h, m->message_id);
	mix_str(h, m->user_id);
	mix(h, (uint64_t)m->sequence);
	mix(h, (uint64_t)m->timestamp_ms);
	mix(h, (uint64_t)m->content.type);
	mix_str(h, m->content.text);
	mix_str(h, m->content.language);
	mix_str(h, m->content.raw);
	mix_str(h, m->analysis);
	mix_str(h, m->processing);
}

static void mix_reply(uint64_t *h, const struct pal_exchange *exchange)
{
	struct pal_message out = exchange->out;

	out.processing = (struct pal_str){NULL, 0};	/* inbound only */
	mix_message(h, &out);
	mix(h, (uint64_t)exchange->delivery.status);
	mix_str(h, exchange->delivery.recipient);
}

/* A row without a link is sealed as before there were any. */
static void mix_link(uint64_t *h, const struct pal_sqlite_link *link)
{
	size_t n = link->veil.is_erased ? sizeof(link->veil.digest) : sizeof(link->veil.salt);

	if (link->seq == 0)
		return;
	mix(h, (uint64_t)link->seq);
	mix(h, (uint64_t)link->previous);
	mix_str(h, (struct pal_str){(const char *)link->veil.digest, n});
	mix_str(h, (struct pal_str){(const char *)link->hash, sizeof(link->hash)});
}

int64_t pal_sqlite_seal_exchange(const struct pal_sqlite_place *place,
				 const struct pal_exchange *exchange)
{
	uint64_t h = (uint64_t)place->exchange;

	mix(&h, (uint64_t)place->previous);
	mix(&h, (uint64_t)place->conversation);
	mix(&h, (uint64_t)place->tenant.n);
	mix(&h, (uint64_t)exchange->received_ms);
	mix_str(&h, (struct pal_str){(const char *)exchange->digest, PAL_DIGEST_SIZE});
	mix_message(&h, &exchange->in);
	if (exchange->out.sequence)
		mix_reply(&h, exchange);
	mix_str(&h, exchange->state);
	mix_str(&h, exchange->audit.event_type);
	mix_str(&h, exchange->audit.user_id);
	mix_str(&h, exchange->audit.resource_id);
	mix_str(&h, exchange->audit.request_id);
	mix_str(&h, exchange->audit.ip_address);
	mix_link(&h, &place->link);
	return (int64_t)h;
}

int64_t pal_sqlite_seal_conversation(int64_t key, struct pal_tenant_key tenant, int64_t erasure,
				     const struct pal_conversation *c)
{
	uint64_t h = (uint64_t)key;

	mix(&h, (uint64_t)tenant.n);
	mix_str(&h, c->id);
	mix_str(&h, c->user_id);
	mix_str(&h, c->session_id);
	mix_str(&h, c->previous_id);
	mix(&h, (uint64_t)c->channel);
	mix(&h, (uint64_t)c->status);
	mix(&h, (uint64_t)c->started_ms);
	mix(&h, (uint64_t)c->last_activity_ms);
	mix(&h, (uint64_t)c->last_sequence);
	mix_str(&h, c->state);
	/* Rows of version 1 have none of these, and were sealed without. */
	if (c->ended_ms || c->deleted || c->details.n) {
		mix(&h, (uint64_t)c->ended_ms);
		mix(&h, c->deleted);
		mix_str(&h, c->details);
	}
	if (erasure)
		mix(&h, (uint64_t)erasure);
	return (int64_t)h;
}

int64_t pal_sqlite_seal_head(const struct pal_sqlite_head *head)
{
	uint64_t h = (uint64_t)head->conversation;

	mix(&h, (uint64_t)head->exchange);
	mix(&h, (uint64_t)head->sequence);
	mix(&h, (uint64_t)head->tenant);
	if (head->received_ms)	/* version 1 had none */
		mix(&h, (uint64_t)head->received_ms);
	return (int64_t)h;
}

int64_t pal_sqlite_seal_record(struct pal_tenant_key tenant, const struct pal_record *r)
{
	uint64_t h = (uint64_t)tenant.n;

	mix_str(&h, r->kind);
	mix_str(&h, r->id);
	mix_str(&h, r->owner);
	mix_str(&h, r->body);
	mix(&h, (uint64_t)r->version);
	mix(&h, (uint64_t)r->created_ms);
	mix(&h, (uint64_t)r->updated_ms);
	mix(&h, (uint64_t)r->expires_ms);
	return (int64_t)h;
}

int64_t pal_sqlite_seal_audit_event(struct pal_tenant_key tenant, const struct pal_audit_event *e,
				    const struct pal_sqlite_link *link)
{
	uint64_t h = (uint64_t)tenant.n;

	mix(&h, (uint64_t)e->at_ms);
	mix_str(&h, e->event_type);
	mix_str(&h, e->user_id);
	mix_str(&h, e->resource_type);
	mix_str(&h, e->resource_id);
	mix_str(&h, e->action);
	mix_str(&h, e->result);
	mix_str(&h, e->request_id);
	mix_str(&h, e->ip_address);
	mix_str(&h, e->data);
	mix_link(&h, link);
	return (int64_t)h;
}
