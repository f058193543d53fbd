/* SPDX-License-Identifier: Apache-2.0 */
/* prune.c - the oldest records leave the audit chain, which keeps the hash that the next builds on. */
#include <string.h>

#include "store/sqlite/row.h"
#include "store/sqlite/trail.h"
#include "store/sqlite/transaction.h"

struct pruning {
	struct pal_sqlite *self;
	struct pal_tenant_key tenant;
	struct pal_sqlite_chain_head *head;	/* staged */
	int64_t before_ms;
	size_t limit;
	bool is_more;
};

static int remove_event(struct pruning *p, int64_t place)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&p->self->writer, PAL_SQLITE_REMOVE_AUDIT);

	if (stmt)
		sqlite3_bind_int64(stmt, 1, -place);
	return pal_sqlite_run(&p->self->writer, stmt);
}

/* The exchange stays, but for what it said to the trail. */
static int strip_exchange(struct pruning *p, int64_t place)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&p->self->writer, PAL_SQLITE_EXCHANGE);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_sqlite_place at;
	struct pal_exchange exchange;

	if (!stmt)
		return sqlite3_extended_errcode(p->self->writer.db);
	sqlite3_bind_int64(stmt, 1, place);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_DONE || (rc == SQLITE_ROW && !pal_sqlite_read_exchange(stmt, &at, &exchange)))
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW && !pal_sqlite_keep_exchange(&arena, &exchange))
		rc = SQLITE_NOMEM;
	sqlite3_reset(stmt);
	if (rc == SQLITE_ROW) {
		exchange.audit = (struct pal_audit){.event_type = {NULL, 0}};
		at.link = (struct pal_sqlite_link){.seq = 0};
		stmt = pal_sqlite_get(&p->self->writer, PAL_SQLITE_REPLACE_EXCHANGE);
		if (stmt)
			pal_sqlite_bind_exchange(stmt, &at, &exchange);
		rc = pal_sqlite_run(&p->self->writer, stmt);
	}
	pal_arena_release(&arena);
	return rc;
}

/* Take out record `seq` at `place`: SQLITE_OK; SQLITE_DONE: it is too young; or the failure. */
static int prune_record(struct pruning *p, int64_t seq, int64_t place)
{
	struct pal_sqlite_audit_row row = {.stmt = NULL};
	uint8_t hash[PAL_AUDIT_HASH_SIZE];
	int rc = pal_sqlite_trail_read(&p->self->writer, place, &row);

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
	bool is_old = row.event.at_ms < p->before_ms;
	pal_audit_hash(p->tenant, seq, p->head->head.cut_hash, &row.event, &row.link.veil, hash);
	/* What is broken stays, to be looked at. */
	bool is_proven = memcmp(hash, row.link.hash, sizeof(hash)) == 0;
	sqlite3_reset(row.stmt);
	if (!is_proven)
		return SQLITE_CORRUPT;
	if (!is_old)
		return SQLITE_DONE;
	rc = place > 0 ? strip_exchange(p, place) : remove_event(p, place);
	p->head->head.cut = seq;
	memcpy(p->head->head.cut_hash, hash, sizeof(hash));
	return rc;
}

static int remove_milestones(struct pruning *p)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&p->self->writer, PAL_SQLITE_REMOVE_AUDIT_MILESTONES);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, p->tenant.n);
		sqlite3_bind_int64(stmt, 2, p->head->head.cut);
	}
	return pal_sqlite_run(&p->self->writer, stmt);
}

static int prune(struct pruning *p)
{
	int64_t places[PAL_SQLITE_STRIDE];
	size_t count = 0;
	int rc = SQLITE_OK;

	p->is_more = true;
	while (rc == SQLITE_OK && p->limit > 0 && p->is_more) {
		int64_t after = p->head->head.cut, last = p->head->head.seq;
		p->is_more = after + 1 < last;
		if (!p->is_more)
			break;
		rc = pal_sqlite_trail_places(&p->self->writer, p->tenant, p->head, after, places,
					     &count);
		if (rc == SQLITE_DONE)
			return SQLITE_CORRUPT;
		for (size_t i = 0; i < count && rc == SQLITE_OK && p->limit > 0 && ++after < last;
		     i++, p->limit--)
			rc = prune_record(p, after, places[i]);
		if (rc == SQLITE_DONE) {
			p->is_more = false;
			rc = SQLITE_OK;
		}
	}
	return rc == SQLITE_OK ? remove_milestones(p) : rc;
}

enum pal_code pal_sqlite_prune_audit(struct pal_store *store, struct pal_tenant_key tenant,
				     int64_t before_ms, size_t limit, bool *ret_more,
				     struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct pruning p = {
		.self = self, .tenant = tenant, .before_ms = before_ms, .limit = limit};

	pal_sqlite_overwrite(self, true);
	int rc = pal_sqlite_begin(self);
	if (rc == SQLITE_OK)
		p.head = pal_sqlite_chain_edit(self, tenant, &rc);
	if (rc == SQLITE_OK && p.head->head.seq)
		rc = prune(&p);
	enum pal_code code = pal_sqlite_finish(self, rc, err);
	pal_sqlite_overwrite(self, false);
	if (code == PAL_OK)
		*ret_more = p.is_more;
	return code;
}
