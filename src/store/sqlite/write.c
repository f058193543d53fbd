/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c - group commit: all units that wait become one transaction. Each is judged before any of
 * it is written, so that one which conflicts leaves nothing to undo. What the transaction adds to
 * the indexes is staged in the tail and published when the commit is through.
 */
#include <stdbool.h>

#include "store/sqlite/chain.h"
#include "store/sqlite/change.h"
#include "store/sqlite/find.h"
#include "store/sqlite/row.h"
#include "store/sqlite/text.h"
#include "store/sqlite/transaction.h"

#define MERGE_FACTOR 2u		/* a run is on the disk when the next is half full */
#define SLICES 32u		/* in as many at most, if commits are small */
#define IDLE_CHECKPOINT_PART 2	/* of checkpoint_pages: worth doing while nothing waits */

static int64_t last_sequence_of(const struct pal_exchange *exchange)
{
	return exchange->out.sequence ? exchange->out.sequence : exchange->in.sequence;
}

static struct pal_sqlite_view view_of(struct pal_sqlite *self)
{
	return (struct pal_sqlite_view){&self->writer, &self->tail, self->hash_key, true};
}

enum pal_code pal_sqlite_prepare_writer(struct pal_sqlite *self, struct pal_error *err)
{
	struct pal_sqlite_view view = view_of(self);
	int rc = pal_sqlite_merge_rebuild(&view, self->hash_key);

	if (rc == SQLITE_OK)
		rc = pal_sqlite_chain_recover(self);
	pal_sqlite_die_if_unsynced(self, rc);
	self->totals = self->tail.totals;
	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(self->writer.db, rc, err);
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool repeats_in_unit(const struct pal_unit *unit, const int64_t *keys, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (keys[i] == keys[at] && pal_str_equal(unit->exchanges[i].in.message_id,
							 unit->exchanges[at].in.message_id))
			return true;
	}
	return false;
}

/* Look for the first exchange whose message is known. SQLITE_OK or the failure. */
static int judge_messages(struct pal_sqlite *self, struct pal_unit *unit, int64_t *keys)
{
	const struct pal_sqlite_view view = view_of(self);
	int64_t found;

	for (size_t i = 0; i < unit->count; i++) {
		struct pal_str id = unit->exchanges[i].in.message_id;
		keys[i] = pal_sqlite_key_of(self->hash_key, PAL_SQLITE_MESSAGES, unit->tenant, id);
		int rc = pal_sqlite_find_keyed(&view, PAL_SQLITE_MESSAGES, keys[i], unit->tenant,
					       id, &found);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return rc;
		if (rc == SQLITE_ROW || repeats_in_unit(unit, keys, i)) {
			unit->verdict = PAL_UNIT_DUPLICATE;
			unit->at = i;
			return SQLITE_OK;
		}
	}
	return SQLITE_OK;
}

/*
 * Whether the tenant has a conversation without any exchange: SQLITE_ROW, SQLITE_DONE, or failure.
 */
static int find_empty(struct pal_sqlite *self, const struct pal_unit *unit,
		      struct pal_sqlite_head *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_CONVERSATION_TENANT);

	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	sqlite3_bind_int64(stmt, 1, unit->conversation->key);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = (struct pal_sqlite_head){.conversation = unit->conversation->key,
						.tenant = sqlite3_column_int64(stmt, 0)};
	sqlite3_reset(stmt);
	return rc;
}

/* Find where the conversation stands; unknown and foreign ones make the unit stale. */
static int judge_conversation(struct pal_sqlite *self, struct pal_unit *unit,
			      struct pal_sqlite_head *ret)
{
	const struct pal_sqlite_view view = view_of(self);

	*ret = (struct pal_sqlite_head){.tenant = unit->tenant.n};
	if (unit->conversation->key == 0)
		return SQLITE_OK;
	int rc = pal_sqlite_find_head(&view, unit->conversation->key, ret);
	if (rc == SQLITE_DONE)
		rc = find_empty(self, unit, ret);
	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && ret->tenant != unit->tenant.n))
		unit->verdict = PAL_UNIT_STALE;
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Judge the unit's records; one that conflicts makes it stale. */
static int judge_records(struct pal_sqlite *self, struct pal_unit *unit)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; i < unit->record_count && rc == SQLITE_OK; i++) {
		rc = pal_sqlite_judge_record(self, unit->records[i]);
		if (rc == SQLITE_OK && unit->records[i]->verdict == PAL_RECORD_CONFLICT)
			unit->verdict = PAL_UNIT_STALE;
	}
	return rc;
}

static bool continues(const struct pal_unit *unit, int64_t last)
{
	for (size_t i = 0; i < unit->count; i++) {
		const struct pal_exchange *e = &unit->exchanges[i];
		if (e->in.sequence != last + 1)
			return false;
		if (e->out.sequence && e->out.sequence != last + 2)
			return false;
		last = last_sequence_of(e);
	}
	return true;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Insert the conversation as the next row; one whose id is taken makes the unit stale. */
static int add_conversation(struct pal_sqlite *self, struct pal_unit *unit)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_CONVERSATION);
	struct pal_conversation *c = unit->conversation;
	bool is_outdated = unit->count > 0 &&
			   last_sequence_of(&unit->exchanges[unit->count - 1]) > c->last_sequence;

	if (stmt)
		pal_sqlite_bind_conversation(stmt, self->totals.last_conversation + 1, unit->tenant,
					     c, is_outdated);
	int rc = pal_sqlite_run(&self->writer, stmt);
	if (rc == SQLITE_OK && sqlite3_changes(self->writer.db) == 0) {
		unit->verdict = PAL_UNIT_STALE;
	} else if (rc == SQLITE_OK) {
		c->key = ++self->totals.last_conversation;
		self->totals.conversations++;
	}
	return rc;
}

static int add_milestone(struct pal_sqlite *self, const struct pal_sqlite_head *head)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_MILESTONE);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, head->conversation);
		sqlite3_bind_int64(stmt, 2, head->sequence);
		sqlite3_bind_int64(stmt, 3, head->exchange);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

static bool stage(struct pal_sqlite *self, const struct pal_exchange *exchange, int64_t key,
		  const struct pal_sqlite_head *head)
{
	struct pal_str reply = exchange->out.sequence ? exchange->out.message_id
						      : (struct pal_str){NULL, 0};

	if (!pal_sqlite_tail_stage(&self->tail, PAL_SQLITE_MESSAGES, key, head->exchange))
		return false;
	if (!reply.p)
		return true;
	key = pal_sqlite_key_of(self->hash_key, PAL_SQLITE_REPLIES,
				(struct pal_tenant_key){head->tenant}, reply);
	return pal_sqlite_tail_stage(&self->tail, PAL_SQLITE_REPLIES, key, head->exchange);
}

/* Append one exchange and move `head` to it. */
static int add_exchange(struct pal_sqlite *self, const struct pal_exchange *exchange, int64_t key,
			struct pal_sqlite_head *head)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_EXCHANGE);
	const struct pal_audit_event event = pal_audit_event_of(exchange);
	struct pal_sqlite_place place = {
		.exchange = self->totals.last_exchange + 1,
		.previous = head->exchange,
		.conversation = head->conversation,
		.tenant = {head->tenant},
	};
	int64_t stride = head->sequence / PAL_SQLITE_STRIDE;

	int rc = pal_sqlite_chain_next(self, place.tenant, &event, &place.link);
	if (rc != SQLITE_OK)
		return rc;
	if (stmt)
		pal_sqlite_bind_exchange(stmt, &place, exchange);
	rc = pal_sqlite_run(&self->writer, stmt);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_chain_put(self, place.tenant, &place.link, place.exchange);
	if (rc != SQLITE_OK)
		return rc;
	self->totals.last_exchange++;
	self->totals.exchanges++;
	self->totals.messages += exchange->out.sequence ? 2 : 1;
	head->exchange = place.exchange;
	head->sequence = last_sequence_of(exchange);
	head->received_ms = exchange->received_ms;
	if (head->sequence / PAL_SQLITE_STRIDE != stride)
		rc = add_milestone(self, head);
	return rc == SQLITE_OK && !stage(self, exchange, key, head) ? SQLITE_NOMEM : rc;
}

static int add_unit(struct pal_sqlite *self, struct pal_unit *unit, const int64_t *keys,
		    struct pal_sqlite_head *head)
{
	int rc = SQLITE_OK;

	if (unit->conversation->key == 0)
		rc = add_conversation(self, unit);
	if (rc != SQLITE_OK || unit->verdict != PAL_UNIT_STORED)
		return rc;
	head->conversation = unit->conversation->key;
	for (size_t i = 0; i < unit->count && rc == SQLITE_OK; i++)
		rc = add_exchange(self, &unit->exchanges[i], keys[i], head);
	if (rc == SQLITE_OK && unit->count && !pal_sqlite_tail_stage_head(&self->tail, head))
		rc = SQLITE_NOMEM;
	if (rc == SQLITE_OK && unit->change)
		rc = pal_sqlite_change(self, unit->tenant, unit->conversation->key, unit->change);
	for (size_t i = 0; i < unit->record_count && rc == SQLITE_OK; i++)
		rc = pal_sqlite_do_record(self, unit->records[i]);
	return rc;
}

static int judge_and_add(struct pal_sqlite *self, struct pal_unit *unit)
{
	int64_t keys[PAL_UNIT_EXCHANGES_MAX];
	struct pal_sqlite_head head;

	unit->verdict = PAL_UNIT_STORED;
	int rc = judge_messages(self, unit, keys);
	if (rc == SQLITE_OK && unit->verdict == PAL_UNIT_STORED)
		rc = judge_conversation(self, unit, &head);
	if (rc == SQLITE_OK && unit->verdict == PAL_UNIT_STORED)
		rc = judge_records(self, unit);
	if (rc != SQLITE_OK || unit->verdict != PAL_UNIT_STORED)
		return rc;
	if (!continues(unit, head.sequence)) {
		unit->verdict = PAL_UNIT_STALE;
		return SQLITE_OK;
	}
	return add_unit(self, unit, keys, &head);
}

/*
 * How many keys of the frozen run to merge now, so that it is on the disk before the next is full.
 * A slice dirties a page or two of each index however short it is, so commits wait for a long one.
 */
static size_t keys_due(const struct pal_sqlite *self)
{
	const struct pal_sqlite_tail *tail = &self->tail;
	size_t done = self->merge.done[PAL_SQLITE_MESSAGES];	/* the longest list */
	size_t due = MERGE_FACTOR *
		     (size_t)(self->totals.exchanges - tail->frozen_totals.exchanges);

	if (tail->recent[PAL_SQLITE_MESSAGES].count >= self->run_exchanges)
		return SIZE_MAX;
	return due - done < self->run_exchanges / SLICES ? 0 : due - done;
}

static int merge_slice(struct pal_sqlite *self)
{
	const struct pal_sqlite_view view = view_of(self);

	return self->tail.is_frozen ? pal_sqlite_merge_slice(&self->merge, &view, keys_due(self))
				    : SQLITE_OK;
}

/* Units and records that are committed together. */
struct group {
	struct pal_unit **units;
	struct pal_record_write **writes;
	size_t unit_count, write_count;
};

static int write_group(struct pal_sqlite *self, const struct group *group)
{
	int rc = pal_sqlite_begin(self);

	for (size_t i = 0; i < group->unit_count && rc == SQLITE_OK; i++)
		rc = judge_and_add(self, group->units[i]);
	for (size_t i = 0; i < group->write_count && rc == SQLITE_OK; i++)
		rc = pal_sqlite_write_record(self, group->writes[i]);
	if (rc == SQLITE_OK)
		rc = merge_slice(self);
	if (rc == SQLITE_OK && !pal_sqlite_tail_reserve(&self->tail))
		rc = SQLITE_NOMEM;
	return rc == SQLITE_OK ? pal_sqlite_end(self) : rc;
}

static void fail_unit(const struct pal_sqlite *self, struct pal_unit *unit,
		      const struct pal_error *err)
{
	/* Keys above the last one were given out by the transaction that was undone. */
	if (unit->verdict == PAL_UNIT_STORED &&
	    unit->conversation->key > self->totals.last_conversation)
		unit->conversation->key = 0;
	unit->verdict = PAL_UNIT_FAILED;
	unit->err = *err;
}

static void fail_group(struct pal_sqlite *self, const struct group *group, int rc)
{
	struct pal_error err;

	(void)pal_sqlite_fail(self->writer.db, rc, &err);
	pal_sqlite_roll_back(self);
	for (size_t i = 0; i < group->unit_count; i++)
		fail_unit(self, group->units[i], &err);
	for (size_t i = 0; i < group->write_count; i++) {
		group->writes[i]->verdict = PAL_RECORD_FAILED;
		group->writes[i]->err = err;
	}
}

/*
 * Whether texts are written over or taken out: what they leave free is overwritten then, so that
 * whoever is erased later, when nobody knows of it any more, is not found there.
 */
static bool replaces_any(const struct group *group)
{
	bool replaces = false;

	for (size_t i = 0; i < group->write_count && !replaces; i++) {
		const struct pal_record_write *write = group->writes[i];
		replaces = !write->only_judge && (write->remove || write->expected != 0);
	}
	for (size_t i = 0; i < group->unit_count && !replaces; i++)
		replaces = group->units[i]->change != NULL;
	return replaces;
}

void pal_sqlite_commit(struct pal_store *store, struct pal_unit **units, size_t unit_count,
		       struct pal_record_write **writes, size_t write_count)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	const struct group group = {units, writes, unit_count, write_count};

	for (size_t i = 0; i < unit_count; i++)
		units[i]->verdict = PAL_UNIT_FAILED;
	pal_sqlite_overwrite(self, replaces_any(&group));
	int rc = write_group(self, &group);
	if (rc != SQLITE_OK) {
		fail_group(self, &group, rc);
		return;
	}
	pal_sqlite_tail_publish(&self->tail, &self->totals);
	pal_sqlite_merge_keep(&self->merge, &self->tail, self->run_exchanges);
	pal_sqlite_checkpoint_if_long(self, 1);
}

bool pal_sqlite_idle(struct pal_store *store)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	pal_sqlite_checkpoint_if_long(self, IDLE_CHECKPOINT_PART);
	bool is_behind = pal_sqlite_catch_up_users(self);
	return pal_sqlite_purge_words(self) || is_behind;
}
