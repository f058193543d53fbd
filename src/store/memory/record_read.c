/* SPDX-License-Identifier: Apache-2.0 */
/* record_read.c - records are copied under the lock, for no one is called under it. */
#include <stdlib.h>

#include "store/memory/record_parts.h"

static struct pal_memory_records *records_of(struct pal_store *self)
{
	return &((struct pal_memory *)self)->records;
}

static bool keep(struct pal_arena *arena, struct pal_record *record)
{
	struct pal_str *texts[] = {&record->kind, &record->id, &record->owner, &record->body};

	return pal_arena_copy_texts(arena, texts, sizeof(texts) / sizeof(texts[0]));
}

enum pal_code pal_memory_load_record(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err)
{
	struct pal_memory_records *records = records_of(self);
	struct pal_memory_name name = pal_memory_record_name(tenant, kind, id);
	struct pal_record record;
	bool is_kept = false;

	(void)reader;
	pthread_mutex_lock(&records->lock);
	const struct pal_memory_record *found = pal_memory_record_find_locked(records, &name, kind);
	if (found) {
		record = found->record;
		is_kept = keep(arena, &record);
	}
	pthread_mutex_unlock(&records->lock);
	if (!found)
		return pal_fail(err, PAL_E_NOT_FOUND, "record", "there is no such record");
	if (!is_kept)
		return pal_fail_memory(err, "store");
	*ret = record;
	return PAL_OK;
}

/* What a walk shall visit, copied under the lock, for no one is called under it. */
struct harvest {
	struct pal_arena arena;
	struct harvested {
		struct pal_tenant_key tenant;
		struct pal_record record;
	} *items;
	size_t count, room;
};

static bool add(struct harvest *harvest, const struct pal_memory_record *r)
{
	if (harvest->count == harvest->room) {
		size_t room = harvest->room ? 2 * harvest->room : 16;
		void *items = realloc(harvest->items, room * sizeof(harvest->items[0]));
		if (!items)
			return false;
		harvest->items = items;
		harvest->room = room;
	}
	struct harvested *item = &harvest->items[harvest->count++];
	*item = (struct harvested){r->name.tenant, r->record};
	return keep(&harvest->arena, &item->record);
}

static void harvest_deinit(struct harvest *harvest)
{
	pal_arena_release(&harvest->arena);
	free(harvest->items);
}

enum pal_code pal_memory_walk_records(struct pal_store *self, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str owner, int64_t after_ms,
				      struct pal_str after_id, size_t limit,
				      pal_record_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_memory_records *records = records_of(self);
	const struct pal_record after = {.kind = kind, .id = after_id, .created_ms = after_ms};
	struct harvest harvest = {.arena = pal_arena_of(0)};
	bool has_room = true;

	(void)reader;
	pthread_mutex_lock(&records->lock);
	for (size_t i = pal_memory_record_seek_locked(records, tenant, &after, true);
	     i < records->count && harvest.count < limit && has_room; i++) {
		const struct pal_memory_record *r = records->ordered[i];
		if (r->name.tenant.n != tenant.n || !pal_str_equal(r->record.kind, kind))
			break;
		if (!owner.p || pal_str_equal(r->record.owner, owner))
			has_room = add(&harvest, r);
	}
	pthread_mutex_unlock(&records->lock);
	for (size_t i = 0; has_room && i < harvest.count; i++) {
		if (!visit(arg, &harvest.items[i].record))
			break;
	}
	harvest_deinit(&harvest);
	return has_room ? PAL_OK : pal_fail_memory(err, "store");
}

static int compare_expiry(const void *a, const void *b)
{
	int64_t x = (*(const struct pal_memory_record *const *)a)->record.expires_ms;
	int64_t y = (*(const struct pal_memory_record *const *)b)->record.expires_ms;

	return (x > y) - (x < y);
}

/* Those of `kind` that expire within, the first before others; NULL without memory. */
static const struct pal_memory_record **expired_locked(struct pal_memory_records *records,
						       struct pal_str kind, int64_t after_ms,
						       int64_t now_ms, size_t *ret_count)
{
	const struct pal_memory_record **found = malloc((records->count + 1) * sizeof(found[0]));

	*ret_count = 0;
	for (size_t i = 0; found && i < records->count; i++) {
		const struct pal_memory_record *r = records->ordered[i];
		if (r->record.expires_ms > after_ms && r->record.expires_ms <= now_ms &&
		    pal_str_equal(r->record.kind, kind))
			found[(*ret_count)++] = r;
	}
	if (*ret_count > 1)
		qsort(found, *ret_count, sizeof(found[0]), compare_expiry);
	return found;
}

enum pal_code pal_memory_walk_expired(struct pal_store *self, unsigned reader, struct pal_str kind,
				      int64_t after_ms, int64_t now_ms, size_t limit,
				      pal_expired_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct pal_memory_records *records = records_of(self);
	struct harvest harvest = {.arena = pal_arena_of(0)};
	size_t count;

	(void)reader;
	pthread_mutex_lock(&records->lock);
	const struct pal_memory_record **found =
		expired_locked(records, kind, after_ms, now_ms, &count);
	bool has_room = found != NULL;
	for (size_t i = 0; has_room && i < count && i < limit; i++)
		has_room = add(&harvest, found[i]);
	pthread_mutex_unlock(&records->lock);
	free(found);
	for (size_t i = 0; has_room && i < harvest.count; i++) {
		if (!visit(arg, harvest.items[i].tenant, &harvest.items[i].record))
			break;
	}
	harvest_deinit(&harvest);
	return has_room ? PAL_OK : pal_fail_memory(err, "store");
}
