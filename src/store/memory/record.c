/* SPDX-License-Identifier: Apache-2.0 */
#include "store/memory/record.h"

#include <stdlib.h>

#include "store/memory/record_parts.h"

#define BUCKETS_MIN 64u
#define ORDERED_MIN 64u

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

/* --- by name ---------------------------------------------------------------------------------- */

struct pal_memory_name pal_memory_record_name(struct pal_tenant_key tenant, struct pal_str kind,
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

struct pal_memory_record *pal_memory_record_find_locked(const struct pal_memory_records *records,
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

/* Make room for `more` records. */
static bool reserve_locked(struct pal_memory_records *records, size_t more)
{
	size_t buckets = records->bucket_count ? 2 * records->bucket_count : BUCKETS_MIN;
	size_t room = records->room ? 2 * records->room : ORDERED_MIN;

	while (room < records->count + more)
		room *= 2;
	if (records->count + more > records->room) {
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

size_t pal_memory_record_seek_locked(const struct pal_memory_records *records,
				     struct pal_tenant_key tenant, const struct pal_record *record,
				     bool is_past)
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
	size_t at = pal_memory_record_seek_locked(records, r->name.tenant, &r->record, false);

	unlink_locked(records, r);
	records->count--;
	memmove(&records->ordered[at], &records->ordered[at + 1],
		(records->count - at) * sizeof(records->ordered[0]));
	drop(records, r);
}

/* There is room. */
static void put_in_locked(struct pal_memory_records *records, struct pal_memory_record *r)
{
	size_t at = pal_memory_record_seek_locked(records, r->name.tenant, &r->record, false);

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
	struct pal_memory_name name = pal_memory_record_name(write->tenant, write->record.kind,
							     write->record.id);
	struct pal_memory_record *found =
		pal_memory_record_find_locked(records, &name, write->record.kind);
	enum pal_record_verdict verdict = judge(write, found);

	if (write->only_judge)
		write->record.version = found ? found->record.version : 0;
	if (verdict != PAL_RECORD_STORED || write->only_judge)
		return verdict;
	if (write->remove) {
		if (found)
			take_out_locked(records, found);
		return PAL_RECORD_STORED;
	}
	struct pal_memory_record *made =
		reserve_locked(records, 1) ? copy(records, write, name.hash) : NULL;
	if (!made)
		return PAL_RECORD_FAILED;
	made->record.version = found ? found->record.version + 1 : 1;
	if (found)
		take_out_locked(records, found);
	put_in_locked(records, made);
	write->record.version = made->record.version;
	return PAL_RECORD_STORED;
}

/* --- the records of a unit -------------------------------------------------------------------- */

static struct pal_memory_record *find_locked(const struct pal_memory_records *records,
					     const struct pal_record_write *write)
{
	struct pal_memory_name name = pal_memory_record_name(write->tenant, write->record.kind,
							     write->record.id);

	return pal_memory_record_find_locked(records, &name, write->record.kind);
}

static enum pal_unit_verdict judge_all_locked(struct pal_memory_records *records,
					      const struct pal_unit *unit)
{
	enum pal_unit_verdict verdict = PAL_UNIT_STORED;

	for (size_t i = 0; i < unit->record_count; i++) {
		struct pal_record_write *write = unit->records[i];
		write->verdict = judge(write, find_locked(records, write));
		if (write->verdict == PAL_RECORD_CONFLICT)
			verdict = PAL_UNIT_STALE;
	}
	return verdict;
}

static bool copy_all(struct pal_memory_records *records, const struct pal_unit *unit,
		     struct pal_memory_batch *batch)
{
	for (; batch->count < unit->record_count; batch->count++) {
		const struct pal_record_write *write = unit->records[batch->count];
		struct pal_memory_name name = pal_memory_record_name(
			write->tenant, write->record.kind, write->record.id);
		batch->made[batch->count] = copy(records, write, name.hash);
		if (!batch->made[batch->count])
			return false;
	}
	return true;
}

static void drop_all(struct pal_memory_records *records, struct pal_memory_batch *batch)
{
	while (batch->count > 0)
		drop(records, batch->made[--batch->count]);
}

enum pal_unit_verdict pal_memory_batch_prepare(struct pal_memory_records *records,
					       const struct pal_unit *unit,
					       struct pal_memory_batch *batch)
{
	enum pal_unit_verdict verdict = PAL_UNIT_FAILED;

	batch->count = 0;
	bool copied = copy_all(records, unit, batch);
	pthread_mutex_lock(&records->lock);
	if (copied && reserve_locked(records, unit->record_count))
		verdict = judge_all_locked(records, unit);
	if (verdict == PAL_UNIT_STORED)
		return verdict;
	pthread_mutex_unlock(&records->lock);
	drop_all(records, batch);
	return verdict;
}

void pal_memory_batch_put(struct pal_memory_records *records, const struct pal_unit *unit,
			  struct pal_memory_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		struct pal_memory_record *found = find_locked(records, unit->records[i]);
		batch->made[i]->record.version = found ? found->record.version + 1 : 1;
		unit->records[i]->record.version = batch->made[i]->record.version;
		if (found)
			take_out_locked(records, found);
		put_in_locked(records, batch->made[i]);
	}
	pthread_mutex_unlock(&records->lock);
}

void pal_memory_batch_drop(struct pal_memory_records *records, struct pal_memory_batch *batch)
{
	pthread_mutex_unlock(&records->lock);
	drop_all(records, batch);
}

/* --- the slot --------------------------------------------------------------------------------- */

/* The event is made first, and has room: once the record is written, nothing may fail. */
static void write_one(struct pal_memory *memory, struct pal_record_write *write)
{
	struct pal_memory_records *records = &memory->records;
	struct pal_memory_event *event = NULL;

	write->verdict = PAL_RECORD_FAILED;
	if (write->audit) {
		event = pal_memory_event_create(&memory->audit, write->audit);
		if (!event || !pal_memory_audit_reserve(&memory->audit, write->tenant)) {
			pal_memory_event_destroy(&memory->audit, event);
			return;
		}
	}
	pthread_mutex_lock(&records->lock);
	write->verdict = write_locked(records, write);
	pthread_mutex_unlock(&records->lock);
	if (!event)
		return;
	bool is_stored = write->verdict == PAL_RECORD_STORED;
	pal_memory_audit_put_reserved(&memory->audit, write->tenant, is_stored ? event : NULL);
	if (!is_stored)
		pal_memory_event_destroy(&memory->audit, event);
}

void pal_memory_write_record(struct pal_memory *memory, struct pal_record_write *write)
{
	write_one(memory, write);
	if (write->verdict == PAL_RECORD_FAILED)
		(void)pal_memory_fail_full(&write->err);
}
