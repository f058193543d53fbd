/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/behind.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "store/front.h"
#include "store/store.h"

#define BATCH_RECORDS 128u

/* One write; it lies in its own arena. */
struct batch {
	struct pal_query query;
	struct pal_arena arena;
	struct pal_tenant_key tenant;
	size_t count;
	struct pal_conversation record[BATCH_RECORDS];
};

struct pal_behind {
	struct pal_store_front *front;	/* fixed at create */
	pthread_mutex_t lock;		/* guards the rest; taken under a directory's shard */
	struct batch *batch;		/* being filled; NULL when none is */
};

struct pal_behind *pal_behind_create(struct pal_store_front *front)
{
	struct pal_behind *behind = calloc(1, sizeof(*behind));

	if (!behind || pthread_mutex_init(&behind->lock, NULL) != 0) {
		free(behind);
		return NULL;
	}
	behind->front = front;
	return behind;
}

static void batch_destroy(struct batch *batch)
{
	if (!batch)
		return;
	struct pal_arena arena = batch->arena;
	pal_arena_release(&arena);
}

void pal_behind_destroy(struct pal_behind *behind)
{
	if (!behind)
		return;
	batch_destroy(behind->batch);
	pthread_mutex_destroy(&behind->lock);
	free(behind);
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	static struct pal_log_limit limit = {.burst = 1, .interval_ms = 10000};
	struct batch *b = (struct batch *)((char *)query - offsetof(struct batch, query));
	struct pal_error err;
	uint32_t dropped = 0;

	(void)reader;
	if (pal_store_write_behind(store, b->tenant, b->record, b->count, &err) != PAL_OK &&
	    pal_log_limit_pass(&limit, &dropped))
		pal_log_warning("conversation",
				"records could not be written behind: %s (and %u more times)",
				err.message, dropped);
}

static void done(struct pal_query *query)
{
	batch_destroy((struct batch *)((char *)query - offsetof(struct batch, query)));
}

static bool flush_locked(struct pal_behind *behind)
{
	if (!behind->batch)
		return true;
	if (pal_store_front_write(behind->front, &behind->batch->query) == PAL_PUT_FULL)
		return false;
	behind->batch = NULL;
	return true;
}

bool pal_behind_flush(struct pal_behind *behind)
{
	pthread_mutex_lock(&behind->lock);
	bool flushed = flush_locked(behind);
	pthread_mutex_unlock(&behind->lock);
	return flushed;
}

static struct batch *batch_create(struct pal_tenant_key tenant)
{
	struct pal_arena arena = pal_arena_of(0);
	struct batch *batch = pal_arena_get(&arena, sizeof(*batch));

	if (!batch)
		return NULL;
	batch->query = (struct pal_query){.run = run, .done = done};
	batch->tenant = tenant;
	batch->count = 0;
	batch->arena = arena;
	return batch;
}

static bool copy_text(struct pal_arena *arena, struct pal_str *text)
{
	if (!text->p)
		return true;
	*text = pal_arena_copy(arena, *text);
	return text->p != NULL;
}

static bool add_locked(struct pal_behind *behind, struct pal_tenant_key tenant,
		       const struct pal_conversation *record)
{
	struct batch *b = behind->batch;

	if (b && (b->count == BATCH_RECORDS || b->tenant.n != tenant.n)) {
		if (!flush_locked(behind))
			return false;
		b = NULL;
	}
	if (!b)
		b = behind->batch = batch_create(tenant);
	if (!b)
		return false;
	struct pal_conversation *copy = &b->record[b->count];
	*copy = *record;
	copy->details = (struct pal_str){NULL, 0};	/* nobody writes them behind */
	if (!copy_text(&b->arena, &copy->id) || !copy_text(&b->arena, &copy->user_id) ||
	    !copy_text(&b->arena, &copy->session_id) || !copy_text(&b->arena, &copy->previous_id) ||
	    !copy_text(&b->arena, &copy->state))
		return false;
	b->count++;
	return true;
}

bool pal_behind_add(struct pal_behind *behind, struct pal_tenant_key tenant,
		    const struct pal_conversation *record)
{
	pthread_mutex_lock(&behind->lock);
	bool added = add_locked(behind, tenant, record);
	pthread_mutex_unlock(&behind->lock);
	return added;
}
