/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include <uthash.h>

struct pal_sqlite_chain {
	UT_hash_handle hh;
	int64_t tenant;
	struct pal_sqlite_chain_head kept, staged;
	struct pal_sqlite_chain *next_moved, *next_behind;
	bool is_moved;	/* staged is not kept yet; it is in that list */
	bool is_due;	/* and must be written with it */
	bool is_behind;	/* it is in that list */
};

/* --- rows ------------------------------------------------------------------------------------- */

static bool read_hash(sqlite3_stmt *stmt, int column, uint8_t ret[PAL_AUDIT_HASH_SIZE])
{
	struct pal_str hash = pal_sqlite_column_str(stmt, column);

	if (hash.n != PAL_AUDIT_HASH_SIZE)
		return false;
	memcpy(ret, hash.p, PAL_AUDIT_HASH_SIZE);
	return true;
}

/* The row of the tenant, or all zero: SQLITE_OK or the failure. */
static int read_row(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
		    struct pal_sqlite_chain_head *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_AUDIT_HEAD);

	memset(ret, 0, sizeof(*ret));
	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		ret->head.seq = sqlite3_column_int64(stmt, 0);
		ret->place = sqlite3_column_int64(stmt, 1);
		ret->head.cut = sqlite3_column_int64(stmt, 3);
		if (!read_hash(stmt, 2, ret->head.hash) || !read_hash(stmt, 4, ret->head.cut_hash))
			rc = SQLITE_CORRUPT;
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Move *io to the record that the current row of `stmt` tells from column `first` on. */
static bool take_end(sqlite3_stmt *stmt, int first, struct pal_sqlite_chain_head *io)
{
	io->head.seq = sqlite3_column_int64(stmt, first);
	io->place = sqlite3_column_int64(stmt, first + 1);
	return read_hash(stmt, first + 2, io->head.hash);
}

int pal_sqlite_read_chain_head(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			       struct pal_sqlite_chain_head *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_AUDIT_END);
	int rc = read_row(conn, tenant, ret);

	if (rc != SQLITE_OK || !stmt)
		return rc != SQLITE_OK ? rc : sqlite3_extended_errcode(conn->db);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	sqlite3_bind_int64(stmt, 2, ret->head.seq);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && !take_end(stmt, 0, ret))
		rc = SQLITE_CORRUPT;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_head(struct pal_sqlite_conn *conn, const struct pal_sqlite_chain *chain)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_PUT_AUDIT_HEAD);
	const struct pal_sqlite_chain_head *head = &chain->staged;

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, chain->tenant);
		sqlite3_bind_int64(stmt, 2, head->head.seq);
		sqlite3_bind_int64(stmt, 3, head->place);
		sqlite3_bind_blob(stmt, 4, head->head.hash, PAL_AUDIT_HASH_SIZE, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 5, head->head.cut);
		sqlite3_bind_blob(stmt, 6, head->head.cut_hash, PAL_AUDIT_HASH_SIZE, SQLITE_STATIC);
	}
	return pal_sqlite_run(conn, stmt);
}

/* --- in memory -------------------------------------------------------------------------------- */

static int add_chain(struct pal_sqlite *self, struct pal_tenant_key tenant,
		     struct pal_sqlite_chain **ret)
{
	struct pal_sqlite_chain *chain = calloc(1, sizeof(*chain));

	if (!chain)
		return SQLITE_NOMEM;
	chain->tenant = tenant.n;
	int rc = read_row(&self->writer, tenant, &chain->kept);
	chain->staged = chain->kept;
	if (rc == SQLITE_OK) {
		HASH_ADD(hh, self->chains.all, tenant, sizeof(chain->tenant), chain);
		if (!chain->hh.tbl)	/* uthash ran out of memory and left it out */
			rc = SQLITE_NOMEM;
	}
	if (rc != SQLITE_OK)
		free(chain);
	else
		*ret = chain;
	return rc;
}

/* The chain of the tenant: SQLITE_OK or the failure. */
static int find_chain(struct pal_sqlite *self, struct pal_tenant_key tenant,
		      struct pal_sqlite_chain **ret)
{
	struct pal_sqlite_chain *found = self->chains.last;
	int rc = SQLITE_OK;

	if (!found || found->tenant != tenant.n)
		HASH_FIND(hh, self->chains.all, &tenant.n, sizeof(tenant.n), found);
	if (!found)
		rc = add_chain(self, tenant, &found);
	if (rc == SQLITE_OK)
		*ret = self->chains.last = found;
	return rc;
}

int pal_sqlite_chain_next(struct pal_sqlite *self, struct pal_tenant_key tenant,
			  const struct pal_audit_event *event, struct pal_sqlite_link *ret)
{
	struct pal_sqlite_chain *chain;
	int rc = find_chain(self, tenant, &chain);

	if (rc != SQLITE_OK)
		return rc;
	ret->seq = chain->staged.head.seq + 1;
	ret->previous = chain->staged.place;
	ret->veil = pal_audit_veil_draw();
	pal_audit_hash(tenant, ret->seq, chain->staged.head.hash, event, &ret->veil, ret->hash);
	return SQLITE_OK;
}

static int add_milestone(struct pal_sqlite *self, struct pal_tenant_key tenant, int64_t seq,
			 int64_t place)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_ADD_AUDIT_MILESTONE);

	if (stmt) {
		sqlite3_bind_int64(stmt, 1, tenant.n);
		sqlite3_bind_int64(stmt, 2, seq);
		sqlite3_bind_int64(stmt, 3, place);
	}
	return pal_sqlite_run(&self->writer, stmt);
}

static struct pal_sqlite_chain_head *stage(struct pal_sqlite *self, struct pal_sqlite_chain *chain,
					   bool is_due)
{
	chain->is_due |= is_due;
	if (!chain->is_moved) {
		chain->is_moved = true;
		chain->next_moved = self->chains.moved;
		self->chains.moved = chain;
	}
	return &chain->staged;
}

struct pal_sqlite_chain_head *pal_sqlite_chain_edit(struct pal_sqlite *self,
						    struct pal_tenant_key tenant, int *ret_rc)
{
	struct pal_sqlite_chain *chain;

	*ret_rc = find_chain(self, tenant, &chain);
	return *ret_rc == SQLITE_OK ? stage(self, chain, true) : NULL;
}

int pal_sqlite_chain_put(struct pal_sqlite *self, struct pal_tenant_key tenant,
			 const struct pal_sqlite_link *link, int64_t place)
{
	struct pal_sqlite_chain *chain;
	int rc = find_chain(self, tenant, &chain);

	if (rc != SQLITE_OK)
		return rc;
	struct pal_sqlite_chain_head *head = stage(self, chain, place < 0);
	head->head.seq = link->seq;
	head->place = place;
	memcpy(head->head.hash, link->hash, sizeof(head->head.hash));
	return link->seq % PAL_SQLITE_STRIDE == 0 ? add_milestone(self, tenant, link->seq, place)
						  : SQLITE_OK;
}

/* --- rows that are behind --------------------------------------------------------------------- */

static void fall_behind(struct pal_sqlite *self, struct pal_sqlite_chain *chain)
{
	if (chain->is_behind)
		return;
	chain->is_behind = true;
	chain->next_behind = self->chains.behind;
	self->chains.behind = chain;
}

static int read_mark(struct pal_sqlite *self)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_AUDIT_MARK);

	if (!stmt)
		return sqlite3_extended_errcode(self->writer.db);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		self->chains.mark = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

static int move_mark(struct pal_sqlite *self)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_MOVE_AUDIT_MARK);

	if (stmt)
		sqlite3_bind_int64(stmt, 1, self->totals.last_exchange);
	return pal_sqlite_run(&self->writer, stmt);
}

/* Take the end of a chain from the current row of PAL_SQLITE_AUDIT_ENDS. */
static int recover_end(struct pal_sqlite *self, sqlite3_stmt *stmt)
{
	struct pal_tenant_key tenant = {sqlite3_column_int64(stmt, 0)};
	struct pal_sqlite_chain *chain;
	int rc = find_chain(self, tenant, &chain);

	if (rc != SQLITE_OK || sqlite3_column_int64(stmt, 1) <= chain->kept.head.seq)
		return rc;
	if (!take_end(stmt, 1, &chain->kept))
		return SQLITE_CORRUPT;
	chain->staged = chain->kept;
	fall_behind(self, chain);
	return SQLITE_OK;
}

int pal_sqlite_chain_recover(struct pal_sqlite *self)
{
	sqlite3_stmt *stmt = pal_sqlite_get(&self->writer, PAL_SQLITE_AUDIT_ENDS);
	int rc = stmt ? read_mark(self) : sqlite3_extended_errcode(self->writer.db);

	if (rc != SQLITE_OK)
		return rc;
	sqlite3_bind_int64(stmt, 1, self->chains.mark);
	while (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = recover_end(self, stmt);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

bool pal_sqlite_chain_is_behind(const struct pal_sqlite *self)
{
	return self->chains.behind != NULL;
}

void pal_sqlite_chain_flush(struct pal_sqlite *self)
{
	self->chains.is_flushing = true;
}

/* --- with the transaction --------------------------------------------------------------------- */

int pal_sqlite_chain_write(struct pal_sqlite *self)
{
	struct pal_sqlite_chains *chains = &self->chains;
	int rc = SQLITE_OK;

	if (self->totals.last_exchange - chains->mark >= PAL_SQLITE_HEADS_BEHIND_MAX)
		chains->is_flushing = true;
	for (struct pal_sqlite_chain *c = chains->moved; c && rc == SQLITE_OK; c = c->next_moved) {
		if (c->is_due || chains->is_flushing)
			rc = write_head(&self->writer, c);
	}
	if (!chains->is_flushing)
		return rc;
	for (struct pal_sqlite_chain *c = chains->behind; c && rc == SQLITE_OK; c = c->next_behind) {
		if (!c->is_moved)
			rc = write_head(&self->writer, c);
	}
	return rc == SQLITE_OK ? move_mark(self) : rc;
}

/* The transaction is over. */
static void settle(struct pal_sqlite *self, struct pal_sqlite_chain *chain)
{
	self->chains.moved = chain->next_moved;
	chain->is_moved = chain->is_due = false;
}

void pal_sqlite_chain_keep(struct pal_sqlite *self)
{
	struct pal_sqlite_chains *chains = &self->chains;

	if (chains->is_flushing) {
		for (struct pal_sqlite_chain *c = chains->behind; c; c = c->next_behind)
			c->is_behind = false;
		chains->behind = NULL;
		chains->mark = self->totals.last_exchange;
	}
	for (struct pal_sqlite_chain *c; (c = chains->moved); settle(self, c)) {
		c->kept = c->staged;
		if (!c->is_due && !chains->is_flushing)
			fall_behind(self, c);
	}
	chains->is_flushing = false;
}

void pal_sqlite_chain_undo(struct pal_sqlite *self)
{
	for (struct pal_sqlite_chain *c; (c = self->chains.moved); settle(self, c))
		c->staged = c->kept;
	self->chains.is_flushing = false;
}

void pal_sqlite_chain_deinit(struct pal_sqlite *self)
{
	struct pal_sqlite_chain *chain, *next;

	HASH_ITER(hh, self->chains.all, chain, next) {
		HASH_DEL(self->chains.all, chain);
		free(chain);
	}
}
