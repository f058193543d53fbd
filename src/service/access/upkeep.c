/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/upkeep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/access/parts.h"
#include "service/access/usage.h"
#include "store/store.h"

#define REVOKED_EACH_MS INT64_C(60000)
#define REVOKED_STEP 256u	/* records removed in one sweep */

/* One record on its way, with its texts. */
struct writing {
	struct pal_record_commit commit;	/* first */
	struct pal_usage *usage;	/* whose count it is; NULL: it is none */
	char id[256], body[64];
};

static void written(struct pal_record_commit *commit)
{
	struct writing *w = (struct writing *)commit;

	if (w->usage && commit->write.verdict != PAL_RECORD_STORED)
		atomic_store(&w->usage->written, -1);	/* due again */
	free(w);
}

/* False: the lane is full, or memory is out. */
static bool put(struct pal_access *access, struct pal_store_front *front,
		struct pal_tenant_key tenant, const char *kind, struct pal_str id,
		const char *member, int64_t number, struct pal_usage *usage)
{
	struct writing *w = calloc(1, sizeof(*w));
	int64_t now_ms = pal_clock_wall_ms(access->clock);

	if (!w || id.n >= sizeof(w->id)) {
		free(w);
		return false;
	}
	memcpy(w->id, id.p, id.n);
	snprintf(w->body, sizeof(w->body), "{\"%s\":%lld}", member, (long long)number);
	w->usage = usage;
	w->commit.done = written;
	w->commit.write = (struct pal_record_write){.tenant = tenant,
						    .record = {.kind = pal_str(kind),
							       .id = {w->id, id.n},
							       .body = pal_str(w->body),
							       .created_ms = now_ms,
							       .updated_ms = now_ms},
						    .expected = PAL_RECORD_ANY};
	if (pal_store_front_record(front, &w->commit) != PAL_PUT_FULL)
		return true;
	free(w);
	return false;
}

static void write_usage(struct pal_access *access, struct pal_store_front *front)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock), messages = 0;
	struct pal_live_tenant *t = pal_keyring_next(access->ring, (struct pal_tenant_key){0});
	char id[PAL_USAGE_ID_SIZE];

	pal_usage_id(now_ms, id);
	for (; t; t = pal_keyring_next(access->ring, t->key))
		if (pal_usage_is_due(t, now_ms, &messages) &&
		    !put(access, front, t->key, PAL_USAGE_KIND, pal_str(id), "messages", messages,
			 &t->usage))
			atomic_store(&t->usage.written, -1);	/* due again */
}

static void write_uses(struct pal_access *access, struct pal_store_front *front)
{
	struct pal_live_key *key = atomic_exchange(&access->noted, NULL);

	while (key) {
		struct pal_live_key *next = key->noted;
		atomic_store(&key->is_noted, false);	/* from here it may be put in again */
		(void)!put(access, front, key->record.tenant, PAL_KEY_USE_KIND, key->record.key_id,
			   "at_ms", atomic_load(&key->last_used_ms), NULL);
		key = next;
	}
}

/* --- Revocations that have ended --------------------------------------------------------------- */

/* Looked for on a read lane, then removed on the write lane. */
struct ended {
	struct pal_query query;		/* first */
	struct pal_store_front *front;
	int64_t now_ms;
	struct pal_arena arena;
	struct pal_record_write writes[REVOKED_STEP];
	struct pal_record_write *list[REVOKED_STEP];
	size_t count;
};

static bool visit(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct ended *e = arg;
	struct pal_record_write *w = &e->writes[e->count];

	*w = (struct pal_record_write){.tenant = tenant,
				       .record = {.kind = PAL_STR(PAL_REVOKED_KIND),
						  .id = pal_arena_copy(&e->arena, record->id)},
				       .expected = PAL_RECORD_ANY,
				       .remove = true};
	if (!w->record.id.p)
		return false;
	e->list[e->count++] = w;
	return e->count < REVOKED_STEP;
}

static void find_ended(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct ended *e = (struct ended *)query;

	(void)!pal_store_walk_expired(store, reader, PAL_STR(PAL_REVOKED_KIND), 0, e->now_ms,
				      REVOKED_STEP, visit, e, NULL);
}

static void remove_ended(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct ended *e = (struct ended *)query;

	(void)reader;
	pal_store_write_records(store, e->list, e->count);
}

static void removed(struct pal_query *query)
{
	struct ended *e = (struct ended *)query;

	pal_arena_release(&e->arena);
	free(e);
}

static void found(struct pal_query *query)
{
	struct ended *e = (struct ended *)query;

	e->query = (struct pal_query){.run = remove_ended, .done = removed};
	if (e->count == 0 || pal_store_front_write(e->front, &e->query) == PAL_PUT_FULL)
		removed(query);
}

static void drop_ended(struct pal_access *access, struct pal_store_front *front)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock);
	struct ended *e = calloc(1, sizeof(*e));

	pal_revoked_sweep(access->revoked, now_ms);
	if (!e)
		return;
	e->query = (struct pal_query){.run = find_ended, .done = found};
	e->front = front;
	e->now_ms = now_ms;
	e->arena = pal_arena_of(0);
	if (pal_store_front_query(front, &e->query) == PAL_PUT_FULL)
		free(e);
}

void pal_access_sweep(struct pal_access *access, struct pal_store_front *front)
{
	int64_t now_ms = pal_clock_wall_ms(access->clock);

	write_usage(access, front);
	write_uses(access, front);
	if (now_ms - access->swept_ms < REVOKED_EACH_MS)
		return;
	access->swept_ms = now_ms;
	drop_ended(access, front);
}
