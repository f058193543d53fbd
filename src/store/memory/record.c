/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/record.h"

#include <stdlib.h>

#include "store/memory/state.h"

#define BUCKETS_MIN 64u
#define ORDERED_MIN 64u

struct pal_memory_record {
	struct pal_memory_record *next;	/* in its bucket */
	struct pal_memory_name name;	/* the views are into `bytes`, as the record's */
	struct pal_record record;
	size_t size;			/* of all of it */
	char bytes[];
};

void pal_memory_records_init(struct pal_memory_records *records, struct pal_budget *budget)
{
	*records = (struct pal_memory_records){.budget = budget};
	pthread_mutex_init(&records->lock, NULL);
}

static void drop(struct pal_memory_records *records, struct pal_memory_record *r)
{
	pal_budget_give(records->budget, r->size);
	free(r);
}

void pal_memory_records_deinit(struct pal_memory_records *records)
{
	for (size_t i = 0; i < records->count; i++)
		drop(records, records->ordered[i]);
	free(records->ordered);
	free(records->buckets);
	pthread_mutex_destroy(&records->lock);
}

static struct pal_memory_records *records_of(struct pal_store *self)
{
	return &((struct pal_memory *)self)->records;
}

/* --- by name ---------------------------------------------------------------------------------- */

static struct pal_memory_name name_of(struct pal_tenant_key tenant, struct pal_str kind,
				      struct pal_str id)
{
	struct pal_memory_name name = pal_memory_name(tenant, id);

	name.hash ^= pal_hash(kind.p, kind.n) * 31;
	return name;
}

static struct pal_memory_record **bucket_of(const struct pal_memory_records *records, uint64_t hash)
{
	return &records->buckets[(hash >> 20) & (records->bucket_count - 1)];
}

static struct pal_memory_record *find_locked(const struct pal_memory_records *records,
					     const struct pal_memory_name *name,
					     struct pal_str kind)
{
	struct pal_memory_record *r = records->bucket_count ? *bucket_of(records, name->hash)
							    : NULL;

	while (r && !(r->name.hash == name->hash && r->name.tenant.n == name->tenant.n &&
		      pal_str_equal(r->record.id, name->id) &&
		      pal_str_equal(r->record.kind, kind)))
		r = r->next;
	return r;
}

static void unlink_locked(struct pal_memory_records *records, const struct pal_memory_record *r)
{
	struct pal_memory_record **at = bucket_of(records, r->name.hash);

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
}

static void link_locked(struct pal_memory_records *records, struct pal_memory_record *r)
{
	struct pal_memory_record **bucket = bucket_of(records, r->name.hash);

	r->next = *bucket;
	*bucket = r;
}

static bool reserve_locked(struct pal_memory_records *records)
{
	size_t buckets = records->bucket_count ? 2 * records->bucket_count : BUCKETS_MIN;
	size_t room = records->room ? 2 * records->room : ORDERED_MIN;

	if (records->count == records->room) {
		void *ordered = realloc(records->ordered, room * sizeof(records->ordered[0]));
		if (!ordered)
			return false;
		records->ordered = ordered;
		records->room = room;
	}
	if (records->count < records->bucket_count)
		return true;
	struct pal_memory_record **fresh = calloc(buckets, sizeof(fresh[0]));
	if (!fresh)
		return false;
	free(records->buckets);
	records->buckets = fresh;
	records->bucket_count = buckets;
	for (size_t i = 0; i < records->count; i++)
		link_locked(records, records->ordered[i]);
	return true;
}

/* --- in order --------------------------------------------------------------------------------- */

static int compare_texts(struct pal_str a, struct pal_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int sign = n ? memcmp(a.p, b.p, n) : 0;

	return sign ? sign : (a.n > b.n) - (a.n < b.n);
}

static int compare(struct pal_tenant_key tenant, const struct pal_record *record,
		   const struct pal_memory_record *r)
{
	if (tenant.n != r->name.tenant.n)
		return tenant.n < r->name.tenant.n ? -1 : 1;
	int sign = compare_texts(record->kind, r->record.kind);
	if (sign)
		return sign;
	if (record->created_ms != r->record.created_ms)
		return record->created_ms < r->record.created_ms ? -1 : 1;
	return compare_texts(record->id, r->record.id);
}

/* Where `record` is or, when `is_past`, the first place behind it. */
static size_t seek_locked(const struct pal_memory_records *records, struct pal_tenant_key tenant,
			  const struct pal_record *record, bool is_past)
{
	size_t low = 0, high = records->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int sign = compare(tenant, record, records->ordered[middle]);
		if (sign > 0 || (is_past && sign == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void take_out_locked(struct pal_memory_records *records, struct pal_memory_record *r)
{
	size_t at = seek_locked(records, r->name.tenant, &r->record, false);

	unlink_locked(records, r);
	records->count--;
	memmove(&records->ordered[at], &records->ordered[at + 1],
		(records->count - at) * sizeof(records->ordered[0]));
	drop(records, r);
}

/* There is room. */
static void put_in_locked(struct pal_memory_records *records, struct pal_memory_record *r)
{
	size_t at = seek_locked(records, r->name.tenant, &r->record, false);

	memmove(&records->ordered[at + 1], &records->ordered[at],
		(records->count - at) * sizeof(records->ordered[0]));
	records->ordered[at] = r;
	records->count++;
	link_locked(records, r);
}

/* --- writing ---------------------------------------------------------------------------------- */

static struct pal_str move_text(char **at, struct pal_str s)
{
	struct pal_str copy = {s.p ? *at : NULL, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

static struct pal_memory_record *copy(struct pal_memory_records *records,
				      const struct pal_record_write *write, uint64_t hash)
{
	const struct pal_record *from = &write->record;
	size_t size = sizeof(struct pal_memory_record) + from->kind.n + from->id.n + from->owner.n +
		      from->body.n;

	if (!pal_budget_take(records->budget, size))
		return NULL;
	struct pal_memory_record *r = malloc(size);
	if (!r) {
		pal_budget_give(records->budget, size);
		return NULL;
	}
	char *at = r->bytes;
	r->size = size;
	r->record = *from;
	r->record.kind = move_text(&at, from->kind);
	r->record.id = move_text(&at, from->id);
	r->record.owner = move_text(&at, from->owner);
	r->record.body = move_text(&at, from->body);
	r->name = (struct pal_memory_name){write->tenant, r->record.id, hash};
	return r;
}

static enum pal_record_verdict judge(const struct pal_record_write *write,
				     const struct pal_memory_record *found)
{
	if (write->expected == PAL_RECORD_ANY)
		return PAL_RECORD_STORED;
	return write->expected == (found ? found->record.version : 0) ? PAL_RECORD_STORED
								      : PAL_RECORD_CONFLICT;
}

static enum pal_record_verdict write_locked(struct pal_memory_records *records,
					    struct pal_record_write *write)
{
	struct pal_memory_name name = name_of(write->tenant, write->record.kind, write->record.id);
	struct pal_memory_record *found = find_locked(records, &name, write->record.kind);
	enum pal_record_verdict verdict = judge(write, found);

	if (verdict != PAL_RECORD_STORED)
		return verdict;
	if (write->remove) {
		if (found)
			take_out_locked(records, found);
		return PAL_RECORD_STORED;
	}
	struct pal_memory_record *made =
		reserve_locked(records) ? copy(records, write, name.hash) : NULL;
	if (!made)
		return PAL_RECORD_FAILED;
	made->record.version = found ? found->record.version + 1 : 1;
	if (found)
		take_out_locked(records, found);
	put_in_locked(records, made);
	write->record.version = made->record.version;
	return PAL_RECORD_STORED;
}

/* The event is made first: once the record is written, nothing may fail. */
static void write_one(struct pal_memory *memory, struct pal_record_write *write)
{
	struct pal_memory_records *records = &memory->records;
	struct pal_memory_event *event = NULL;

	write->verdict = PAL_RECORD_FAILED;
	if (write->audit) {
		event = pal_memory_event_create(&memory->audit, write->tenant, write->audit);
		if (!event)
			return;
	}
	pthread_mutex_lock(&records->lock);
	write->verdict = write_locked(records, write);
	pthread_mutex_unlock(&records->lock);
	if (write->verdict == PAL_RECORD_STORED && event)
		pal_memory_audit_put(&memory->audit, event);
	else
		pal_memory_event_destroy(&memory->audit, event);
}

void pal_memory_write_records(struct pal_store *self, struct pal_record_write **writes,
			      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		write_one((struct pal_memory *)self, writes[i]);
		if (writes[i]->verdict == PAL_RECORD_FAILED)
			(void)pal_memory_fail_full(&writes[i]->err);
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool keep(struct pal_arena *arena, struct pal_record *record)
{
	struct pal_str *texts[] = {&record->kind, &record->id, &record->owner, &record->body};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i]->p)
			continue;
		*texts[i] = pal_arena_copy(arena, *texts[i]);
		if (!texts[i]->p)
			return false;
	}
	return true;
}

enum pal_code pal_memory_load_record(struct pal_store *self, unsigned reader,
				     struct pal_tenant_key tenant, struct pal_str kind,
				     struct pal_str id, struct pal_arena *arena,
				     struct pal_record *ret, struct pal_error *err)
{
	struct pal_memory_records *records = records_of(self);
	struct pal_memory_name name = name_of(tenant, kind, id);
	struct pal_record record;
	bool is_kept = false;

	(void)reader;
	pthread_mutex_lock(&records->lock);
	const struct pal_memory_record *found = find_locked(records, &name, kind);
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
	for (size_t i = seek_locked(records, tenant, &after, true);
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
	const struct pal_record *x = &((const struct harvested *)a)->record;
	const struct pal_record *y = &((const struct harvested *)b)->record;

	return (x->expires_ms > y->expires_ms) - (x->expires_ms < y->expires_ms);
}

enum pal_code pal_memory_walk_expired(struct pal_store *self, unsigned reader, struct pal_str kind,
				      int64_t now_ms, size_t limit, pal_expired_visit_fn *visit,
				      void *arg, struct pal_error *err)
{
	struct pal_memory_records *records = records_of(self);
	struct harvest harvest = {.arena = pal_arena_of(0)};
	bool has_room = true;

	(void)reader;
	pthread_mutex_lock(&records->lock);
	for (size_t i = 0; i < records->count && has_room; i++) {
		const struct pal_memory_record *r = records->ordered[i];
		if (r->record.expires_ms > 0 && r->record.expires_ms <= now_ms &&
		    pal_str_equal(r->record.kind, kind))
			has_room = add(&harvest, r);
	}
	pthread_mutex_unlock(&records->lock);
	if (has_room && harvest.count > 1)
		qsort(harvest.items, harvest.count, sizeof(harvest.items[0]), compare_expiry);
	for (size_t i = 0; has_room && i < harvest.count && i < limit; i++) {
		if (!visit(arg, harvest.items[i].tenant, &harvest.items[i].record))
			break;
	}
	harvest_deinit(&harvest);
	return has_room ? PAL_OK : pal_fail_memory(err, "store");
}
