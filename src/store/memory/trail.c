/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trail.c - the audit trail is read record by record: found in its chain, and copied under the lock
 * of what it is part of. Between two records others may come, be erased or be pruned.
 */
#include <stdlib.h>

#include "store/memory/chain.h"

#define PROOF_STEP 128

enum find {
	FOUND,
	PRUNED,		/* meanwhile */
	NO_MEMORY,
};

struct trail {
	struct pal_memory *memory;
	struct pal_tenant_key tenant;
	struct pal_arena arena;		/* of the record at hand */
	/* the record at hand */
	struct pal_audit_entry entry;
	struct pal_audit_veil veil;
};

static struct pal_memory_chains *shard_of(struct trail *t)
{
	return pal_memory_chains_of(&t->memory->audit, t->tenant);
}

static struct pal_audit_head head_of(struct trail *t)
{
	struct pal_audit_head head = {.seq = 0};
	struct pal_memory_chains *shard = shard_of(t);

	pthread_mutex_lock(&shard->lock);
	const struct pal_memory_chain *chain = pal_memory_chain_locked(shard, t->tenant);
	if (chain)
		head = chain->head;
	pthread_mutex_unlock(&shard->lock);
	return head;
}

static bool keep_event(struct pal_arena *arena, struct pal_audit_event *e)
{
	struct pal_str *texts[] = {&e->event_type, &e->user_id,	   &e->resource_type,
				   &e->resource_id, &e->action,	   &e->result,
				   &e->request_id,  &e->ip_address, &e->data};

	return pal_arena_copy_texts(arena, texts, sizeof(texts) / sizeof(texts[0]));
}

/* Copy all of the record but what a row says; the lock is held. */
static enum find copy_locked(struct trail *t, int64_t seq, struct pal_row **ret_row)
{
	const struct pal_memory_chain *chain = pal_memory_chain_locked(shard_of(t), t->tenant);

	if (!chain || seq <= chain->head.cut || seq > chain->head.seq)
		return PRUNED;
	struct pal_memory_ref ref = pal_memory_ref_locked(chain, seq);
	const struct pal_memory_link *link = pal_memory_ref_link(ref);
	t->entry = (struct pal_audit_entry){.seq = link->seq, .is_erased = link->veil.is_erased};
	t->veil = link->veil;
	memcpy(t->entry.hash, link->hash, sizeof(link->hash));
	const uint8_t *before =
		seq - 1 == chain->head.cut
			? chain->head.cut_hash
			: pal_memory_ref_link(pal_memory_ref_locked(chain, seq - 1))->hash;
	memcpy(t->entry.prev_hash, before, sizeof(t->entry.prev_hash));
	*ret_row = ref.row;
	if (ref.row)
		return FOUND;
	t->entry.event = ref.event->event;
	return keep_event(&t->arena, &t->entry.event) ? FOUND : NO_MEMORY;
}

static enum find find(struct trail *t, int64_t seq, struct pal_row **ret_row)
{
	struct pal_memory_chains *shard = shard_of(t);

	pthread_mutex_lock(&shard->lock);
	enum find found = copy_locked(t, seq, ret_row);
	pthread_mutex_unlock(&shard->lock);
	return found;
}

/* A row is found, then its conversation locked, which comes first, and the row found again. */
static enum find read_record(struct trail *t, int64_t seq)
{
	struct pal_row *row = NULL, *again = NULL;

	pal_arena_reset(&t->arena);
	enum find found = find(t, seq, &row);
	if (found != FOUND || !row)
		return found;
	struct pal_memory_shard *shard =
		pal_memory_shard_of_key(t->memory, row->conversation->key);
	struct pal_exchange exchange;
	pthread_mutex_lock(&shard->lock);
	found = find(t, seq, &again);
	if (found == FOUND && !pal_row_copy(row, &t->arena, &exchange))
		found = NO_MEMORY;
	pthread_mutex_unlock(&shard->lock);
	if (found == FOUND)
		t->entry.event = pal_audit_event_of(&exchange);
	return found;
}

enum pal_code pal_memory_audit_head(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_audit_head *ret,
				    struct pal_error *err)
{
	struct trail t = {.memory = (struct pal_memory *)self, .tenant = tenant};

	(void)reader;
	(void)err;
	*ret = head_of(&t);
	return PAL_OK;
}

/* From `seq` on in steps of `step`, until there are no more. */
static enum pal_code walk(struct trail *t, int64_t seq, int step, size_t limit,
			  pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_audit_head head = head_of(t);
	enum find found = FOUND;

	if (seq <= head.cut && step > 0)
		seq = head.cut + 1;
	for (; seq > head.cut && seq <= head.seq && limit > 0; seq += step) {
		found = read_record(t, seq);
		if (found == NO_MEMORY)
			break;
		if (found == PRUNED)
			continue;
		if (!visit(arg, &t->entry))
			break;
		limit--;
	}
	pal_arena_release(&t->arena);
	return found == NO_MEMORY ? pal_fail_memory(err, "store") : PAL_OK;
}

enum pal_code pal_memory_walk_audit(struct pal_store *self, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct trail t = {.memory = (struct pal_memory *)self, .tenant = tenant};

	(void)reader;
	return walk(&t, after + 1, 1, limit, visit, arg, err);
}

enum pal_code pal_memory_walk_audit_back(struct pal_store *self, unsigned reader,
					 struct pal_tenant_key tenant, int64_t before, size_t limit,
					 pal_audit_visit_fn *visit, void *arg,
					 struct pal_error *err)
{
	struct trail t = {.memory = (struct pal_memory *)self, .tenant = tenant};
	int64_t last = head_of(&t).seq;

	(void)reader;
	return walk(&t, before && before <= last ? before - 1 : last, -1, limit, visit, arg, err);
}

/* --- the proof -------------------------------------------------------------------------------- */

static void prove_record(struct trail *t, struct pal_audit_proof *io)
{
	uint8_t hash[PAL_AUDIT_HASH_SIZE];

	pal_audit_hash(t->tenant, io->seq + 1, io->hash, &t->entry.event, &t->veil, hash);
	if (memcmp(hash, t->entry.hash, sizeof(hash)) != 0) {
		io->broken = io->seq + 1;
		io->what = "it does not say what its hash says";
		io->is_done = true;
		return;
	}
	io->seq++;
	memcpy(io->hash, hash, sizeof(hash));
}

enum pal_code pal_memory_verify_audit(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_audit_proof *io,
				      struct pal_error *err)
{
	struct trail t = {.memory = (struct pal_memory *)self, .tenant = tenant};
	struct pal_audit_head head = head_of(&t);
	enum find found = FOUND;

	(void)reader;
	io->cut = head.cut;
	if (io->seq <= head.cut) {
		io->seq = head.cut;
		memcpy(io->hash, head.cut_hash, sizeof(io->hash));
	}
	for (int i = 0; i < PROOF_STEP && io->seq < head.seq && found == FOUND && !io->is_done; i++) {
		found = read_record(&t, io->seq + 1);
		if (found == FOUND)
			prove_record(&t, io);
	}
	pal_arena_release(&t.arena);
	if (found == NO_MEMORY)
		return pal_fail_memory(err, "store");
	if (io->seq >= head.seq)
		io->is_done = true;
	return PAL_OK;
}

/* --- pruning ---------------------------------------------------------------------------------- */

/* Take out record `seq`; the locks of the trail and, for a row, of its conversation are held. */
static void prune_locked(struct trail *t, struct pal_memory_chain *chain, int64_t seq)
{
	struct pal_memory_ref ref = pal_memory_ref_locked(chain, seq);
	struct pal_memory_link *link = pal_memory_ref_link(ref);

	chain->head.cut = seq;
	memcpy(chain->head.cut_hash, link->hash, sizeof(link->hash));
	if (ref.event) {
		pal_memory_event_destroy(&t->memory->audit, ref.event);
		return;
	}
	*link = (struct pal_memory_link){.seq = 0};
	pal_row_prune(ref.row);
}

/* The writer alone prunes, so what was found is there still. */
static void prune_record(struct trail *t, struct pal_row *row, int64_t seq)
{
	struct pal_memory_shard *conversations =
		row ? pal_memory_shard_of_key(t->memory, row->conversation->key) : NULL;
	struct pal_memory_chains *shard = shard_of(t);

	if (conversations)
		pthread_mutex_lock(&conversations->lock);
	pthread_mutex_lock(&shard->lock);
	struct pal_memory_chain *chain = pal_memory_chain_locked(shard, t->tenant);
	if (chain->head.cut == seq - 1)
		prune_locked(t, chain, seq);
	pthread_mutex_unlock(&shard->lock);
	if (conversations)
		pthread_mutex_unlock(&conversations->lock);
}

enum pal_code pal_memory_prune_audit(struct pal_store *self, struct pal_tenant_key tenant,
				     int64_t before_ms, size_t limit, bool *ret_more,
				     struct pal_error *err)
{
	struct trail t = {.memory = (struct pal_memory *)self, .tenant = tenant};
	struct pal_audit_head head = head_of(&t);
	enum find found = FOUND;
	bool more = true;

	while (limit-- > 0 && (more = head.cut + 1 < head.seq)) {
		struct pal_row *row = NULL;
		int64_t seq = ++head.cut;
		found = read_record(&t, seq);
		if (found == FOUND)
			found = find(&t, seq, &row);
		if (found == NO_MEMORY)
			break;
		more = found == FOUND && t.entry.event.at_ms < before_ms;
		if (!more)
			break;
		prune_record(&t, row, seq);
	}
	pal_arena_release(&t.arena);
	if (found == NO_MEMORY)
		return pal_fail_memory(err, "store");
	*ret_more = more;
	return PAL_OK;
}
