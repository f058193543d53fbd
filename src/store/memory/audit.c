/* SPDX-License-Identifier: Apache-2.0 */
/* audit.c - how the audit trail grows; trail.c reads it. */
#include "store/memory/audit.h"

#include <stdlib.h>

#include "store/memory/chain.h"

static const size_t text_offsets[] = {
	offsetof(struct pal_audit_event, event_type),
	offsetof(struct pal_audit_event, user_id),
	offsetof(struct pal_audit_event, resource_type),
	offsetof(struct pal_audit_event, resource_id),
	offsetof(struct pal_audit_event, action),
	offsetof(struct pal_audit_event, result),
	offsetof(struct pal_audit_event, request_id),
	offsetof(struct pal_audit_event, ip_address),
	offsetof(struct pal_audit_event, data),
};
#define TEXTS (sizeof(text_offsets) / sizeof(text_offsets[0]))

void pal_memory_audit_init(struct pal_memory_audit *audit, struct pal_budget *budget)
{
	*audit = (struct pal_memory_audit){.budget = budget};
	for (size_t i = 0; i < PAL_MEMORY_CHAIN_SHARDS; i++)
		pthread_mutex_init(&audit->shards[i].lock, NULL);
}

static void destroy_chain(struct pal_memory_audit *audit, struct pal_memory_chain *chain)
{
	for (int64_t seq = chain->head.cut + 1; seq <= chain->head.seq; seq++)
		pal_memory_event_destroy(audit, pal_memory_ref_locked(chain, seq).event);
	pal_budget_give(audit->budget, chain->room * sizeof(chain->refs[0]));
	free(chain->refs);
	free(chain);
}

void pal_memory_audit_deinit(struct pal_memory_audit *audit)
{
	struct pal_memory_chain *chain, *next;

	for (size_t i = 0; i < PAL_MEMORY_CHAIN_SHARDS; i++) {
		HASH_ITER(hh, audit->shards[i].chains, chain, next) {
			HASH_DEL(audit->shards[i].chains, chain);
			destroy_chain(audit, chain);
		}
		pthread_mutex_destroy(&audit->shards[i].lock);
	}
}

/* --- chains ----------------------------------------------------------------------------------- */

struct pal_memory_chains *pal_memory_chains_of(struct pal_memory_audit *audit,
					       struct pal_tenant_key tenant)
{
	return &audit->shards[(uint64_t)tenant.n % PAL_MEMORY_CHAIN_SHARDS];
}

struct pal_memory_chain *pal_memory_chain_locked(struct pal_memory_chains *shard,
						 struct pal_tenant_key tenant)
{
	struct pal_memory_chain *chain;

	HASH_FIND(hh, shard->chains, &tenant.n, sizeof(tenant.n), chain);
	return chain;
}

struct pal_memory_ref pal_memory_ref_locked(const struct pal_memory_chain *chain, int64_t seq)
{
	return chain->refs[seq - chain->base - 1];
}

struct pal_memory_link *pal_memory_ref_link(struct pal_memory_ref ref)
{
	return ref.row ? &ref.row->link : &ref.event->link;
}

/* The tenant's chain, made when there is none; NULL when out of memory. */
static struct pal_memory_chain *need_locked(struct pal_memory_chains *shard,
					    struct pal_tenant_key tenant)
{
	struct pal_memory_chain *chain = pal_memory_chain_locked(shard, tenant);

	if (chain || !(chain = calloc(1, sizeof(*chain))))
		return chain;
	chain->tenant = tenant.n;
	HASH_ADD(hh, shard->chains, tenant, sizeof(chain->tenant), chain);
	if (chain->hh.tbl)
		return chain;
	free(chain);	/* uthash ran out of memory and left it out */
	return NULL;
}

/* Room for `more` records beside what is promised. Places of what was pruned are used again. */
static bool reserve_locked(struct pal_memory_audit *audit, struct pal_memory_chain *chain,
			   size_t more)
{
	size_t used = (size_t)(chain->head.seq - chain->head.cut);
	size_t need = used + chain->promised + more;
	size_t room = chain->room ? chain->room : 16;

	if ((size_t)(chain->head.seq - chain->base) + chain->promised + more <= chain->room)
		return true;
	while (room < need)
		room *= 2;
	size_t bytes = room * sizeof(chain->refs[0]), old = chain->room * sizeof(chain->refs[0]);
	if (!pal_budget_take(audit->budget, bytes))
		return false;
	struct pal_memory_ref *refs = malloc(bytes);
	if (!refs) {
		pal_budget_give(audit->budget, bytes);
		return false;
	}
	if (used)
		memcpy(refs, chain->refs + (chain->head.cut - chain->base), used * sizeof(refs[0]));
	free(chain->refs);
	pal_budget_give(audit->budget, old);
	chain->refs = refs;
	chain->room = room;
	chain->base = chain->head.cut;
	return true;
}

static void put_locked(struct pal_memory_chain *chain, struct pal_memory_ref ref)
{
	struct pal_memory_link *link = pal_memory_ref_link(ref);

	chain->refs[chain->head.seq - chain->base] = ref;
	link->seq = ++chain->head.seq;
	memcpy(chain->head.hash, link->hash, sizeof(link->hash));
}

/* --- links ------------------------------------------------------------------------------------ */

/* Until the record has its hash, the digest of its names stands there: the lock is held for less. */
static void init_link(struct pal_memory_link *link, const struct pal_audit_event *event)
{
	struct pal_audit_veil names;

	*link = (struct pal_memory_link){.seq = 0};
	link->veil = pal_audit_veil_draw();
	names = pal_audit_veil_erase(&link->veil, event);
	memcpy(link->hash, names.digest, sizeof(link->hash));
}

void pal_memory_link_init(struct pal_memory_link *link, const struct pal_exchange *exchange)
{
	const struct pal_audit_event event = pal_audit_event_of(exchange);

	init_link(link, &event);
}

static void hash_link_locked(const struct pal_memory_chain *chain, struct pal_memory_link *link,
			     const struct pal_audit_event *event)
{
	struct pal_audit_veil names = {.is_erased = true};

	memcpy(names.digest, link->hash, sizeof(names.digest));
	pal_audit_hash((struct pal_tenant_key){chain->tenant}, chain->head.seq + 1,
		       chain->head.hash, event, &names, link->hash);
}

static void put_event_locked(struct pal_memory_chain *chain, struct pal_memory_event *event)
{
	hash_link_locked(chain, &event->link, &event->event);
	put_locked(chain, (struct pal_memory_ref){.event = event});
}

void pal_memory_audit_veil(struct pal_memory_audit *audit, struct pal_row *row)
{
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, row->conversation->tenant);
	struct pal_exchange exchange;

	pal_row_view(row, &exchange);
	const struct pal_audit_event event = pal_audit_event_of(&exchange);
	pthread_mutex_lock(&shard->lock);
	if (row->link.seq && !row->link.veil.is_erased)
		row->link.veil = pal_audit_veil_erase(&row->link.veil, &event);
	pthread_mutex_unlock(&shard->lock);
}

/* --- events ----------------------------------------------------------------------------------- */

static struct pal_str *text_at(struct pal_audit_event *event, size_t i)
{
	return (void *)((char *)event + text_offsets[i]);
}

struct pal_memory_event *pal_memory_event_create(struct pal_memory_audit *audit,
						 const struct pal_audit_event *event)
{
	struct pal_audit_event copy = *event;
	size_t size = sizeof(struct pal_memory_event);

	for (size_t i = 0; i < TEXTS; i++)
		size += text_at(&copy, i)->n;
	if (!pal_budget_take(audit->budget, size))
		return NULL;
	struct pal_memory_event *made = malloc(size);
	if (!made) {
		pal_budget_give(audit->budget, size);
		return NULL;
	}
	char *at = made->bytes;
	for (size_t i = 0; i < TEXTS; i++) {
		struct pal_str *s = text_at(&copy, i);
		if (s->n)
			memcpy(at, s->p, s->n);
		s->p = s->p ? at : NULL;
		at += s->n;
	}
	made->event = copy;
	made->size = size;
	init_link(&made->link, &made->event);
	return made;
}

void pal_memory_event_destroy(struct pal_memory_audit *audit, struct pal_memory_event *event)
{
	if (!event)
		return;
	pal_budget_give(audit->budget, event->size);
	free(event);
}

bool pal_memory_audit_append(struct pal_memory_audit *audit, struct pal_tenant_key tenant,
			     const struct pal_exchange *exchanges, struct pal_row **rows,
			     size_t count, struct pal_memory_event *event)
{
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, tenant);

	pthread_mutex_lock(&shard->lock);
	struct pal_memory_chain *chain = need_locked(shard, tenant);
	bool fits = chain && reserve_locked(audit, chain, count + (event != NULL));
	for (size_t i = 0; i < count && fits; i++) {
		const struct pal_audit_event said = pal_audit_event_of(&exchanges[i]);
		hash_link_locked(chain, &rows[i]->link, &said);
		put_locked(chain, (struct pal_memory_ref){.row = rows[i]});
	}
	if (fits && event)
		put_event_locked(chain, event);
	pthread_mutex_unlock(&shard->lock);
	return fits;
}

bool pal_memory_audit_reserve(struct pal_memory_audit *audit, struct pal_tenant_key tenant)
{
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, tenant);

	pthread_mutex_lock(&shard->lock);
	struct pal_memory_chain *chain = need_locked(shard, tenant);
	bool fits = chain && reserve_locked(audit, chain, 1);
	if (fits)
		chain->promised++;
	pthread_mutex_unlock(&shard->lock);
	return fits;
}

void pal_memory_audit_put_reserved(struct pal_memory_audit *audit, struct pal_tenant_key tenant,
				   struct pal_memory_event *event)
{
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, tenant);

	pthread_mutex_lock(&shard->lock);
	struct pal_memory_chain *chain = pal_memory_chain_locked(shard, tenant);
	chain->promised--;
	if (event)
		put_event_locked(chain, event);
	pthread_mutex_unlock(&shard->lock);
}

/* All or none: they are made, and have room, before the first is put. */
enum pal_code pal_memory_add_audit(struct pal_store *self, struct pal_tenant_key tenant,
				   const struct pal_audit_event *events, size_t count,
				   struct pal_error *err)
{
	struct pal_memory_audit *audit = &((struct pal_memory *)self)->audit;
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, tenant);
	struct pal_memory_event **made = calloc(count, sizeof(made[0]));
	size_t n = 0;

	while (made && n < count && (made[n] = pal_memory_event_create(audit, &events[n])))
		n++;
	pthread_mutex_lock(&shard->lock);
	struct pal_memory_chain *chain = made && n == count ? need_locked(shard, tenant) : NULL;
	bool fits = chain && reserve_locked(audit, chain, count);
	for (size_t i = 0; i < count && fits; i++)
		put_event_locked(chain, made[i]);
	pthread_mutex_unlock(&shard->lock);
	for (size_t i = 0; i < n && !fits; i++)
		pal_memory_event_destroy(audit, made[i]);
	free(made);
	return fits ? PAL_OK : pal_memory_fail_full(err);
}

static void erase_event(struct pal_memory_event *event)
{
	struct pal_audit_event *e = &event->event;
	struct pal_str *names[] = {&e->user_id, &e->resource_id, &e->request_id, &e->ip_address,
				   &e->data};

	if (event->link.veil.is_erased)
		return;
	event->link.veil = pal_audit_veil_erase(&event->link.veil, e);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i]->n)
			explicit_bzero((char *)(uintptr_t)names[i]->p, names[i]->n);
		*names[i] = (struct pal_str){NULL, 0};
	}
}

enum pal_code pal_memory_erase_audit(struct pal_store *self, struct pal_tenant_key tenant,
				     const int64_t *seqs, size_t count, struct pal_error *err)
{
	struct pal_memory_audit *audit = &((struct pal_memory *)self)->audit;
	struct pal_memory_chains *shard = pal_memory_chains_of(audit, tenant);

	(void)err;
	pthread_mutex_lock(&shard->lock);
	const struct pal_memory_chain *chain = pal_memory_chain_locked(shard, tenant);
	for (size_t i = 0; i < count && chain; i++) {
		bool is_there = seqs[i] > chain->head.cut && seqs[i] <= chain->head.seq;
		struct pal_memory_ref ref = {.event = NULL};
		if (is_there)
			ref = pal_memory_ref_locked(chain, seqs[i]);
		if (ref.event)
			erase_event(ref.event);
	}
	pthread_mutex_unlock(&shard->lock);
	return PAL_OK;
}
