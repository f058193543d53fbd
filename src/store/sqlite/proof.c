/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proof.c - the audit chain is proven from its beginning, up to a milestone a step. As a rule the
 * links lead to all its records. When they do not, the tables are searched for the step's records,
 * so that the first one that is missing, altered or moved can be named.
 */
#include "store/sqlite/proof.h"

#include <assert.h>
#include <string.h>

#define TWICE INT64_MIN	/* in place of a place */

struct step {
	struct pal_sqlite_conn *conn;
	struct pal_tenant_key tenant;
	struct pal_sqlite_chain_head head;
	struct pal_audit_proof *io;
	int64_t places[PAL_SQLITE_STRIDE];	/* of the records behind io->seq; 0: missing */
	size_t count;
	bool is_linked;
};

static void breaks_at(struct step *s, int64_t seq, const char *what)
{
	s->io->broken = seq;
	s->io->what = what;
	s->io->is_done = true;
}

/* Search the tables: SQLITE_OK or the failure. */
static int search_places(struct step *s)
{
	sqlite3_stmt *stmt = pal_sqlite_get(s->conn, PAL_SQLITE_AUDIT_PLACES);
	int64_t first = s->io->seq + 1;
	int rc;

	if (!stmt)
		return sqlite3_extended_errcode(s->conn->db);
	memset(s->places, 0, sizeof(s->places));
	sqlite3_bind_int64(stmt, 1, s->tenant.n);
	sqlite3_bind_int64(stmt, 2, first);
	sqlite3_bind_int64(stmt, 3, first + (int64_t)s->count - 1);
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t *place = &s->places[sqlite3_column_int64(stmt, 0) - first];
		*place = *place ? TWICE : sqlite3_column_int64(stmt, 1);
	}
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Judge one record against the one before it; io is what was proven before. */
static const char *judge(const struct step *s, const struct pal_sqlite_audit_row *row, size_t i)
{
	uint8_t hash[PAL_AUDIT_HASH_SIZE];

	if (row->tenant.n != s->tenant.n || row->link.seq != s->io->seq + 1)
		return "another record stands in its place";
	pal_audit_hash(s->tenant, row->link.seq, s->io->hash, &row->event, &row->link.veil, hash);
	if (memcmp(hash, row->link.hash, sizeof(hash)) != 0)
		return "it does not say what its hash says";
	if (s->is_linked)
		return NULL;
	if (!row->is_whole)
		return "its row was altered";
	if (i > 0 && row->link.previous != s->places[i - 1])
		return "the record before it was moved";
	return NULL;
}

/* Prove the `i`th record of the step: SQLITE_OK or the failure. */
static int prove_record(struct step *s, size_t i)
{
	int64_t seq = s->io->seq + 1;
	struct pal_sqlite_audit_row row = {.stmt = NULL};

	if (s->places[i] == 0 || s->places[i] == TWICE) {
		breaks_at(s, seq, s->places[i] ? "it is there twice" : "it is missing");
		return SQLITE_OK;
	}
	int rc = pal_sqlite_trail_read(s->conn, s->places[i], &row);
	if (rc != SQLITE_ROW)
		return rc == SQLITE_DONE ? SQLITE_CORRUPT : rc;
	const char *what = judge(s, &row, i);
	if (what) {
		breaks_at(s, seq, what);
	} else {
		s->io->seq = seq;
		memcpy(s->io->hash, row.link.hash, sizeof(s->io->hash));
	}
	sqlite3_reset(row.stmt);
	return SQLITE_OK;
}

static int prove_step(struct step *s)
{
	struct pal_audit_proof *io = s->io;
	int rc = pal_sqlite_trail_places(s->conn, s->tenant, &s->head, io->seq, s->places, &s->count);

	s->is_linked = rc == SQLITE_OK;
	if (rc == SQLITE_DONE)
		rc = search_places(s);
	for (size_t i = 0; i < s->count && rc == SQLITE_OK && !io->is_done; i++)
		rc = prove_record(s, i);
	if (rc == SQLITE_OK && !io->is_done && !s->is_linked)
		breaks_at(s, io->seq, "it does not stand where the chain says");
	return rc;
}

/* With nothing left to prove the end must be the one that is written down. */
static void prove_end(struct step *s)
{
	if (s->io->seq == s->head.head.seq) {
		s->io->is_done = true;
		if (memcmp(s->io->hash, s->head.head.hash, sizeof(s->io->hash)) != 0)
			breaks_at(s, s->io->seq, "its hash is not the one that ends the chain");
	} else if (s->io->seq > s->head.head.seq) {
		breaks_at(s, s->head.head.seq, "the chain has become shorter");
	}
}

int pal_sqlite_prove_step(struct pal_sqlite_conn *conn, struct pal_tenant_key tenant,
			  struct pal_audit_proof *io)
{
	struct step s = {.conn = conn, .tenant = tenant, .io = io};
	int rc = pal_sqlite_trail_begin(conn);

	if (rc == SQLITE_OK)
		rc = pal_sqlite_read_chain_head(conn, tenant, &s.head);
	if (rc == SQLITE_OK) {
		io->cut = s.head.head.cut;
		if (io->seq <= io->cut) {
			io->seq = io->cut;
			memcpy(io->hash, s.head.head.cut_hash, sizeof(io->hash));
		}
		if (io->seq < s.head.head.seq)
			rc = prove_step(&s);
		if (rc == SQLITE_OK && !io->is_done)
			prove_end(&s);
	}
	pal_sqlite_trail_end(conn);
	return rc;
}

enum pal_code pal_sqlite_verify_audit(struct pal_store *store, unsigned reader,
				      struct pal_tenant_key tenant, struct pal_audit_proof *io,
				      struct pal_error *err)
{
	struct pal_sqlite *self = pal_sqlite_of(store);

	assert(reader < self->reader_count);
	struct pal_sqlite_conn *conn = &self->readers[reader];
	int rc = pal_sqlite_prove_step(conn, tenant, io);
	return rc == SQLITE_OK ? PAL_OK : pal_sqlite_fail(conn->db, rc, err);
}
