/* SPDX-License-Identifier: Apache-2.0 */
/*
 * erase.c - a conversation is emptied from its newest exchange to its oldest, some at a time; its
 * row remembers which comes next, so that a step may follow a crash. The first step gives its head
 * no tenant: from then on it takes no unit and shows no exchange. Rows stay, for ids and numbers
 * stay taken and the links lead through them.
 */
#include "store/sqlite/find.h"
#include "store/sqlite/row.h"
#include "store/sqlite/seal.h"
#include "store/sqlite/text.h"
#include "store/sqlite/transaction.h"

struct erasure {
	struct pal_sqlite *self;
	struct pal_tenant_key tenant;
	int64_t key;
	int64_t next;		/* the exchange to empty next; 0: not begun; PAL_SQLITE_ERASED */
	struct pal_arena arena;	/* of the record's texts */
	struct pal_conversation record;
	struct pal_sqlite_behind behind;
};

/* Read the conversation: SQLITE_ROW, SQLITE_DONE when the tenant has none such, or the failure. */
static int read_record(struct erasure *e)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&e->self->writer, PAL_SQLITE_CONVERSATION_BY_KEY);

	if (!stmt)
		return sqlite3_extended_errcode(e->self->writer.db);
	sqlite3_bind_int64(stmt, 1, e->tenant.n);
	sqlite3_bind_int64(stmt, 2, e->key);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !pal_sqlite_read_conversation(stmt, &e->record, &e->next))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && e->next == PAL_SQLITE_ERASED)
		rc = SQLITE_DONE;
	if (rc == SQLITE_ROW && !pal_sqlite_keep_conversation(&e->arena, &e->record))
		rc = SQLITE_NOMEM;
	sqlite3_reset(stmt);
	return rc;
}

/* Take the head away from the tenant and begin at it; without one there is nothing to empty. */
static int begin_at_head(struct erasure *e)
{
	struct pal_sqlite *self = e->self;
	const struct pal_sqlite_view view = {&self->writer, &self->tail, self->hash_key, true};
	struct pal_sqlite_head head;
	int rc = pal_sqlite_find_head(&view, e->key, &head);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_OK : rc;
	head.tenant = PAL_SQLITE_NO_TENANT;
	e->next = head.exchange;
	rc = pal_sqlite_put_head(&self->writer, &head);
	return rc == SQLITE_OK && !pal_sqlite_tail_stage_head(&self->tail, &head) ? SQLITE_NOMEM
										   : rc;
}

/* What is left of an exchange: its ids, its numbers, when and of what kind. */
static struct pal_exchange emptied(const struct pal_exchange *full)
{
	struct pal_exchange left = {
		.in = {.message_id = full->in.message_id, .sequence = full->in.sequence,
		       .direction = PAL_INBOUND, .timestamp_ms = full->in.timestamp_ms,
		       .content.type = full->in.content.type},
		.received_ms = full->received_ms,
		.audit.event_type = full->audit.event_type,
	};

	if (!full->out.sequence)
		return left;
	left.out = (struct pal_message){
		.message_id = full->out.message_id, .sequence = full->out.sequence,
		.direction = PAL_OUTBOUND, .timestamp_ms = full->out.timestamp_ms,
		.content.type = full->out.content.type};
	left.delivery.status = full->delivery.status;
	return left;
}

/*
 * Write what is left of the exchange in its place, and take its words out of the index. Of the audit
 * record a digest is left, so that its hash still holds.
 */
static int empty(struct pal_sqlite *self, struct pal_sqlite_place *place,
		 const struct pal_exchange *full)
{
	const struct pal_audit_event event = pal_audit_event_of(full);
	bool is_indexed = place->exchange <= self->behind.exchange &&
			  (full->in.content.text.n || full->out.content.text.n);
	int rc = is_indexed ? pal_sqlite_write_words(self, PAL_SQLITE_REMOVE_WORDS, place, full)
			    : SQLITE_OK;

	if (rc != SQLITE_OK)
		return rc;
	const struct pal_exchange left = emptied(full);
	if (place->link.seq)
		place->link.veil = pal_audit_veil_erase(&place->link.veil, &event);
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_REPLACE_EXCHANGE);
	if (stmt)
		pal_sqlite_bind_exchange(stmt, place, &left);
	return pal_sqlite_run(&self->writer, stmt);
}

/* Empty the next exchange and move on to the one before it: SQLITE_OK or the failure. */
static int empty_next(struct erasure *e)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&e->self->writer, PAL_SQLITE_EXCHANGE);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_sqlite_place place;
	struct pal_exchange full;

	if (!stmt)
		return sqlite3_extended_errcode(e->self->writer.db);
	sqlite3_bind_int64(stmt, 1, e->next);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE ||
	    (rc == SQLITE_ROW && (!pal_sqlite_read_exchange(stmt, &place, &full) ||
				  place.conversation != e->key || place.previous >= e->next)))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && !pal_sqlite_keep_exchange(&arena, &full))
		rc = SQLITE_NOMEM;
	sqlite3_reset(stmt);
	if (rc == SQLITE_ROW) {
		e->next = place.previous;
		rc = pal_sqlite_is_emptied(&full) ? SQLITE_OK : empty(e->self, &place, &full);
	}
	pal_arena_release(&arena);
	return rc;
}

static int forget_user(struct erasure *e)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&e->self->writer, PAL_SQLITE_REMOVE_USER_CONVERSATION);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, e->tenant.n);
		pal_sqlite_bind_str(stmt, 2, e->record.user_id);
		sqlite3_bind_int64(stmt, 3, e->key);
	}
	return pal_sqlite_run(&e->self->writer, stmt);
}

/* Write how far it is; with nothing left to empty the record itself is emptied. */
static int write_record(struct erasure *e)
{
	struct pal_conversation *r = &e->record;
	int rc = SQLITE_OK;

	r->state = (struct pal_str){NULL, 0};
	if (e->next == 0) {
		e->behind.purge = PAL_SQLITE_TO_PURGE;
		rc = pal_sqlite_move_behind(e->self, &e->behind);
		if (rc == SQLITE_OK)
			rc = forget_user(e);
		r->user_id = r->session_id = r->previous_id = r->details = r->state;
		r->deleted = true;
		e->next = PAL_SQLITE_ERASED;
	}
	sqlite3_stmt *stmt = pal_sqlite_get(&e->self->writer, PAL_SQLITE_ERASE_CONVERSATION);
	if (stmt) {
		sqlite3_bind_int64(stmt, 1, e->key);
		pal_sqlite_bind_str(stmt, 2, r->user_id);
		pal_sqlite_bind_str(stmt, 3, r->session_id);
		pal_sqlite_bind_str(stmt, 4, r->previous_id);
		pal_sqlite_bind_str(stmt, 5, r->details);
		sqlite3_bind_int64(stmt, 6, r->deleted);
		sqlite3_bind_int64(stmt, 7, e->next);
		sqlite3_bind_int64(stmt, 8, pal_sqlite_seal_conversation(e->key, e->tenant, e->next,
									 r));
	}
	return rc == SQLITE_OK ? pal_sqlite_run(&e->self->writer, stmt) : rc;
}

/* SQLITE_OK; SQLITE_DONE when the tenant has no such conversation; or the failure. */
static int take_step(struct erasure *e, size_t limit)
{
	int rc = read_record(e);

	if (rc != SQLITE_ROW)
		return rc;
	rc = e->next ? SQLITE_OK : begin_at_head(e);
	while (rc == SQLITE_OK && e->next && limit-- > 0)
		rc = empty_next(e);
	if (rc == SQLITE_OK)
		rc = write_record(e);
	if (rc == SQLITE_OK && !pal_sqlite_tail_reserve(&e->self->tail))
		rc = SQLITE_NOMEM;
	return rc;
}

enum pal_code pal_sqlite_erase_conversation(struct pal_store *store, struct pal_tenant_key tenant,
					    int64_t key, size_t limit, bool *ret_more,
					    struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct erasure e = {.self = self, .tenant = tenant, .key = key, .arena = pal_arena_of(0),
			    .behind = self->behind};
	enum pal_code code;

	pal_sqlite_overwrite(self, true);
	int rc = pal_sqlite_begin(self);
	if (rc == SQLITE_OK)
		rc = take_step(&e, limit);
	if (rc == SQLITE_DONE) {
		pal_sqlite_roll_back(self);
		code = pal_fail(err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	} else {
		code = pal_sqlite_finish(self, rc, err);
	}
	if (code == PAL_OK) {
		pal_sqlite_tail_publish(&self->tail, &self->totals);
		self->behind = e.behind;
		*ret_more = e.next != PAL_SQLITE_ERASED;
	}
	pal_sqlite_overwrite(self, false);
	pal_arena_release(&e.arena);
	return code;
}
