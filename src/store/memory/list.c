/* SPDX-License-Identifier: Apache-2.0 */
/* list.c - what goes through all conversations of a tenant, one lock of a shard at a time. */
#include "store/memory/state.h"
#include "store/words.h"

/* --- all conversations ------------------------------------------------------------------------ */

struct listing {
	struct pal_memory *memory;
	struct pal_tenant_key tenant;
	struct pal_str user_id;
};

/* Copy the shard's next conversation that is asked for, from the `at`th on; 0 when there is none. */
static size_t copy_next(const struct listing *l, struct pal_memory_shard *shard, size_t at,
			struct pal_arena *arena, struct pal_conversation *ret, bool *ret_copied)
{
	size_t found = 0;

	pthread_mutex_lock(&shard->lock);
	for (; at < shard->count && !found; at++) {
		const struct pal_memory_conversation *c = shard->by_key[at];
		if (c->tenant.n != l->tenant.n || c->erasure == PAL_MEMORY_ERASED ||
		    (l->user_id.p && !pal_str_equal(c->user_id, l->user_id)))
			continue;
		*ret_copied = pal_memory_copy_locked(c, arena, ret);
		found = at + 1;
	}
	pthread_mutex_unlock(&shard->lock);
	return found;
}

enum pal_code pal_memory_walk_conversations(struct pal_store *self, unsigned reader,
					    struct pal_tenant_key tenant, struct pal_str user_id,
					    pal_conversation_visit_fn *visit, void *arg,
					    struct pal_error *err)
{
	const struct listing listing = {(struct pal_memory *)self, tenant, user_id};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation c;
	bool goes_on = true, copied = true;

	(void)reader;
	for (size_t i = 0; i < PAL_MEMORY_SHARDS && goes_on; i++) {
		struct pal_memory_shard *shard = &listing.memory->shards[i];
		size_t at = 0;
		while (goes_on && (at = copy_next(&listing, shard, at, &arena, &c, &copied)) > 0) {
			c.state = (struct pal_str){NULL, 0};
			goes_on = copied && visit(arg, &c);
			pal_arena_reset(&arena);
		}
	}
	pal_arena_release(&arena);
	return copied ? PAL_OK : pal_fail_memory(err, "store");
}

/* --- searching -------------------------------------------------------------------------------- */

enum pal_code pal_memory_index_text(struct pal_store *self, bool *ret_more, struct pal_error *err)
{
	(void)self;
	(void)err;
	*ret_more = false;	/* there is no index: a search reads everything */
	return PAL_OK;
}

static bool has_words_locked(const struct pal_memory_conversation *conversation,
			     const struct pal_query_words *words)
{
	for (uint32_t i = conversation->count; i-- > 0;) {
		const struct pal_row *row = conversation->rows[i];
		if (pal_words_match(words, pal_row_inbound_text(row)) ||
		    pal_words_match(words, pal_row_outbound_text(row)))
			return true;
	}
	return false;
}

/* The shard's next conversation that has the words, from the `at`th on; 0 when there is none. */
static size_t find_next(const struct listing *l, struct pal_memory_shard *shard, size_t at,
			const struct pal_query_words *words, int64_t *ret_key)
{
	size_t found = 0;

	pthread_mutex_lock(&shard->lock);
	for (; at < shard->count && !found; at++) {
		const struct pal_memory_conversation *c = shard->by_key[at];
		if (c->tenant.n != l->tenant.n || !has_words_locked(c, words))
			continue;
		*ret_key = c->key;
		found = at + 1;
	}
	pthread_mutex_unlock(&shard->lock);
	return found;
}

enum pal_code pal_memory_search_text(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str query,
				     size_t limit, pal_conversation_key_visit_fn *visit, void *arg,
				     struct pal_error *err)
{
	const struct listing listing = {.memory = (struct pal_memory *)self, .tenant = tenant};
	struct pal_query_words words;
	int64_t key = 0;

	(void)reader;
	(void)err;
	if (!pal_words_split(query, &words))
		return PAL_OK;
	for (size_t i = 0; i < PAL_MEMORY_SHARDS && limit > 0; i++) {
		struct pal_memory_shard *shard = &listing.memory->shards[i];
		size_t at = 0;
		while (limit > 0 && (at = find_next(&listing, shard, at, &words, &key)) > 0)
			limit = visit(arg, key) ? limit - 1 : 0;
	}
	return PAL_OK;
}
