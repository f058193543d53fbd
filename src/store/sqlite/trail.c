/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/trail.h"

#include <assert.h>
#include <string.h>

#include "store/sqlite/row.h"

/* --- single records --------------------------------------------------------------------------- */

int pal_sqlite_trail_read(struct pal_sqlite_conn *conn, int64_t place,
			  struct pal_sqlite_audit_row *ret)
{
	sqlite3_stmt *stmt =
		pal_sqlite_get(conn, place > 0 ? PAL_SQLITE_EXCHANGE : PAL_SQLITE_AUDIT);

	ret->stmt = stmt;
	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	sqlite3_bind_int64(stmt, 1, place > 0 ? place : -place);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW && place > 0) {
		struct pal_sqlite_place at;
		struct pal_exchange exchange;
		ret->is_whole = pal_sqlite_read_exchange(stmt, &at, &exchange);
		ret->tenant = at.tenant;
		ret->link = at.link;
		ret->event = pal_audit_event_of(&exchange);
	} else if (rc == SQLITE_ROW) {
		pal_sqlite_read_audit(stmt, ret);
	} else {
		sqlite3_reset(stmt);
	}
	return rc;
}

int pal_sqlite_trail_peek(struct pal_sqlite_conn *conn, int64_t place,
			  struct pal_tenant_key *ret_tenant, struct pal_sqlite_link *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, place > 0 ? PAL_SQLITE_EXCHANGE_AUDIT_LINK
							    : PAL_SQLITE_AUDIT_LINK);

	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	sqlite3_bind_int64(stmt, 1, place > 0 ? place : -place);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		struct pal_str hash = pal_sqlite_column_str(stmt, 3);
		ret_tenant->n = sqlite3_column_int64(stmt, 0);
		*ret = (struct pal_sqlite_link){.seq = sqlite3_column_int64(stmt, 1),
						.previous = sqlite3_column_int64(stmt, 2)};
		if (hash.n == sizeof(ret->hash))
			memcpy(ret->hash, hash.p, hash.n);
	}
	sqlite3_reset(stmt);
	return rc;
}

/* --- places ----------------------------------------------------------------------------------- */

/* The place of a milestone: SQLITE_ROW, SQLITE_DONE or the failure. */
static int find_milestone(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant, int64_t seq,
			  int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(conn, PAL_SQLITE_AUDIT_MILESTONE);

	if (!stmt)
		return sqlite3_extended_errcode(conn->db);
	sqlite3_bind_int64(stmt, 1, tenant.n);
	sqlite3_bind_int64(stmt, 2, seq);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc;
}

int pal_sqlite_trail_places(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			    const struct pal_sqlite_chain_head *head, int64_t after,
			    int64_t ret[PAL_SQLITE_STRIDE], size_t *ret_count)
{
	int64_t stop = pal_sqlite_trail_stop(head, after), place = head->place;
	struct pal_sqlite_link link;
	struct pal_tenant_key owner;
	int rc = stop < head->head.seq ? find_milestone(conn, tenant, stop, &place) : SQLITE_ROW;

	assert(after >= 0 && after < stop && stop - after <= PAL_SQLITE_STRIDE);
	*ret_count = (size_t)(stop - after);
	for (int64_t seq = stop; seq > after && rc == SQLITE_ROW; seq--) {
		rc = place ? pal_sqlite_trail_peek(conn, place, &owner, &link) : SQLITE_DONE;
		if (rc == SQLITE_ROW && (owner.n != tenant.n || link.seq != seq))
			rc = SQLITE_DONE;
		ret[seq - after - 1] = place;
		place = link.previous;
	}
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int pal_sqlite_trail_begin(struct pal_sqlite_conn *conn)
{
	return pal_sqlite_exec(conn, PAL_SQLITE_BEGIN_READING);
}

void pal_sqlite_trail_end(struct pal_sqlite_conn *conn)
{
	if (!sqlite3_get_autocommit(conn->db))
		(void)pal_sqlite_exec(conn, PAL_SQLITE_COMMIT);
}

/* --- walks ------------------------------------------------------------------------------------ */

struct walk {
	struct pal_sqlite_conn *conn;
	struct pal_tenant_key tenant;
	struct pal_sqlite_chain_head head;
	size_t limit;
	pal_audit_visit_fn *visit;
	void *arg;
};

/* The hash of record `seq`, which stands at `place`: SQLITE_OK or the failure. */
static int hash_of(struct walk *w, int64_t seq, int64_t place, uint8_t ret[PAL_AUDIT_HASH_SIZE])
{
	struct pal_tenant_key owner;
	struct pal_sqlite_link link = {.seq = 0};
	int rc = SQLITE_ROW;

	if (seq == w->head.head.cut)
		memcpy(link.hash, w->head.head.cut_hash, sizeof(link.hash));
	else
		rc = pal_sqlite_trail_peek(w->conn, place, &owner, &link);
	if (rc == SQLITE_ROW && seq != w->head.head.cut && link.seq != seq)
		rc = SQLITE_DONE;
	memcpy(ret, link.hash, sizeof(link.hash));
	return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
}

/* Visit record `seq` at `place`: SQLITE_ROW to go on, SQLITE_DONE to stop, or the failure. */
static int visit_record(struct walk *w, int64_t seq, int64_t place, int64_t *ret_previous)
{
	struct pal_audit_entry entry = {.seq = seq};
	struct pal_sqlite_audit_row row = {.stmt = NULL};
	int rc = place ? pal_sqlite_trail_read(w->conn, place, &row) : SQLITE_CORRUPT;

	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
	if (!row.is_whole || row.tenant.n != w->tenant.n || row.link.seq != seq)
		rc = SQLITE_CORRUPT;
	if (rc == SQLITE_ROW) {
		int hashed = hash_of(w, seq - 1, row.link.previous, entry.prev_hash);
		rc = hashed == SQLITE_OK ? SQLITE_ROW : hashed;
	}
	if (rc == SQLITE_ROW) {
		memcpy(entry.hash, row.link.hash, sizeof(entry.hash));
		entry.is_erased = row.link.veil.is_erased;
		entry.event = row.event;
		*ret_previous = row.link.previous;
		if (!w->visit(w->arg, &entry) || --w->limit == 0)
			rc = SQLITE_DONE;
	}
	sqlite3_reset(row.stmt);
	return rc;
}

static int walk_up(struct walk *w, int64_t after)
{
	int64_t places[PAL_SQLITE_STRIDE], previous;
	int rc = SQLITE_ROW;

	if (after < w->head.head.cut)
		after = w->head.head.cut;
	while (after < w->head.head.seq && rc == SQLITE_ROW) {
		size_t count = 0;
		int found = pal_sqlite_trail_places(w->conn, w->tenant, &w->head, after, places,
						    &count);
		if (found != SQLITE_OK)
			return found == SQLITE_DONE ? SQLITE_CORRUPT : found;
		for (size_t i = 0; i < count && rc == SQLITE_ROW; i++)
			rc = visit_record(w, ++after, places[i], &previous);
	}
	return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static int walk_down(struct walk *w, int64_t before)
{
	int64_t places[PAL_SQLITE_STRIDE], place = w->head.place, seq = w->head.head.seq;
	int rc = SQLITE_ROW;

	if (before && before <= seq) {
		size_t count = 0;
		seq = before - 1;
		if (seq <= w->head.head.cut)
			return SQLITE_DONE;
		int found = pal_sqlite_trail_places(w->conn, w->tenant, &w->head, seq - 1, places,
						    &count);
		if (found != SQLITE_OK)
			return found == SQLITE_DONE ? SQLITE_CORRUPT : found;
		place = places[0];
	}
	for (; seq > w->head.head.cut && rc == SQLITE_ROW; seq--)
		rc = visit_record(w, seq, place, &place);
	return rc == SQLITE_ROW ? SQLITE_DONE : rc;
}

static enum pal_code walk(struct pal_store *store, unsigned reader, struct walk *w, int64_t from,
			  int (*go)(struct walk *, int64_t), struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	w->conn = &self->readers[reader];
	int rc = pal_sqlite_trail_begin(w->conn);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_read_chain_head(w->conn, w->tenant, &w->head);
	if (rc == SQLITE_OK)
		rc = go(w, from);
	enum pal_code code = rc == SQLITE_DONE ? PAL_OK : pal_sqlite_fail(w->conn->db, rc, err);
	pal_sqlite_trail_end(w->conn);
	return code;
}

enum pal_code pal_sqlite_walk_audit(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, int64_t after, size_t limit,
				    pal_audit_visit_fn *visit, void *arg, struct pal_error *err)
{
	struct walk w = {.tenant = tenant, .limit = limit, .visit = visit, .arg = arg};

	return walk(store, reader, &w, after, walk_up, err);
}

enum pal_code pal_sqlite_walk_audit_back(struct pal_store *store, unsigned reader,
					 struct pal_tenant_key tenant, int64_t before, size_t limit,
					 pal_audit_visit_fn *visit, void *arg,
					 struct pal_error *err)
{
	struct walk w = {.tenant = tenant, .limit = limit, .visit = visit, .arg = arg};

	return walk(store, reader, &w, before, walk_down, err);
}

enum pal_code pal_sqlite_audit_head(struct pal_store *store, unsigned reader,
				    struct pal_tenant_key tenant, struct pal_audit_head *ret,
				    struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);
	struct pal_sqlite_chain_head head;

	assert(reader < self->reader_count);
	struct pal_sqlite_conn *conn = &self->readers[reader];
	int rc = pal_sqlite_trail_begin(conn);
	if (rc == SQLITE_OK)
		rc = pal_sqlite_read_chain_head(conn, tenant, &head);
	if (rc == SQLITE_OK)
		*ret = head.head;
	enum pal_code code = rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
	pal_sqlite_trail_end(conn);
	return code;
}
