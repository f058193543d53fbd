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
	struct pal_sqlite_chain *next_moved;
	bool is_moved;	/* staged is not kept yet; it is in the list */
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

int pal_sqlite_read_chain_head(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
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
	int rc = pal_sqlite_read_chain_head(&self->writer, tenant, &chain->kept);
	chain->staged = chain->kept;
	if (rc == SQLITE_OK) {
		HASH_ADD(hh, self->chains, tenant, sizeof(chain->tenant), chain);
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
	struct pal_sqlite_chain *found = self->chain;
	int rc = SQLITE_OK;

	if (!found || found->tenant != tenant.n)
		HASH_FIND(hh, self->chains, &tenant.n, sizeof(tenant.n), found);
	if (!found)
		rc = add_chain(self, tenant, &found);
	if (rc == SQLITE_OK)
		*ret = self->chain = found;
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

struct pal_sqlite_chain_head *pal_sqlite_chain_edit(struct pal_sqlite *self,
						    struct pal_tenant_key tenant, int *ret_rc)
{
	struct pal_sqlite_chain *chain;

	*ret_rc = find_chain(self, tenant, &chain);
	if (*ret_rc != SQLITE_OK)
		return NULL;
	if (!chain->is_moved) {
		chain->is_moved = true;
		chain->next_moved = self->moved_chains;
		self->moved_chains = chain;
	}
	return &chain->staged;
}

int pal_sqlite_chain_put(struct pal_sqlite *self, struct pal_tenant_key tenant,
			 const struct pal_sqlite_link *link, int64_t place)
{
	int rc;
	struct pal_sqlite_chain_head *head = pal_sqlite_chain_edit(self, tenant, &rc);

	if (!head)
		return rc;
	head->head.seq = link->seq;
	head->place = place;
	memcpy(head->head.hash, link->hash, sizeof(head->head.hash));
	return link->seq % PAL_SQLITE_STRIDE == 0 ? add_milestone(self, tenant, link->seq, place)
						  : SQLITE_OK;
}

int pal_sqlite_chain_write(struct pal_sqlite *self)
{
	int rc = SQLITE_OK;

	for (struct pal_sqlite_chain *c = self->moved_chains; c && rc == SQLITE_OK; c = c->next_moved)
		rc = write_head(&self->writer, c);
	return rc;
}

void pal_sqlite_chain_keep(struct pal_sqlite *self)
{
	for (struct pal_sqlite_chain *c = self->moved_chains; c; c = c->next_moved) {
		c->kept = c->staged;
		c->is_moved = false;
	}
	self->moved_chains = NULL;
}

void pal_sqlite_chain_undo(struct pal_sqlite *self)
{
	for (struct pal_sqlite_chain *c = self->moved_chains; c; c = c->next_moved) {
		c->staged = c->kept;
		c->is_moved = false;
	}
	self->moved_chains = NULL;
}

void pal_sqlite_chain_deinit(struct pal_sqlite *self)
{
	struct pal_sqlite_chain *chain, *next;

	HASH_ITER(hh, self->chains, chain, next) {
		HASH_DEL(self->chains, chain);
		free(chain);
	}
}
