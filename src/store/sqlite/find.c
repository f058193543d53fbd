/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/find.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/id.h"
#include "store/sqlite/seal.h"

#define HASHED_BYTES_MAX 1024u	/* PAL_ID_POINTS_MAX code points of four bytes, and some */

static uint64_t hash_id(const uint8_t *hash_key, struct pal_tenant_key tenant, struct pal_str id)
{
	PAL_UNFILLED uint8_t text[sizeof(tenant.n) + HASHED_BYTES_MAX];
	size_t n = id.n < HASHED_BYTES_MAX ? id.n : HASHED_BYTES_MAX;

	uint64_t number = htole64((uint64_t)tenant.n);	/* the file may move to another machine */

	memcpy(text, &number, sizeof(number));
	if (n)
		memcpy(text + sizeof(tenant.n), id.p, n);
	return pal_siphash13(hash_key, text, sizeof(tenant.n) + n);
}

/* RFC 9562 section 5.7: a UUID of version 7 starts with 48 bits of milliseconds. */
static bool is_time_ordered(struct pal_str id, uint64_t *ret_ms)
{
	struct pal_uuid uuid;

	if (!pal_uuid_parse(id, &uuid) || uuid.b[6] >> 4 != 7)
		return false;
	*ret_ms = 0;
	for (size_t i = 0; i < 6; i++)
		*ret_ms = *ret_ms << 8 | uuid.b[i];
	return true;
}

int64_t pal_sqlite_key_of(const uint8_t *hash_key, enum pal_sqlite_list list,
			  struct pal_tenant_key tenant, struct pal_str id)
{
	uint64_t hash = hash_id(hash_key, tenant, id), ms;

	if (list == PAL_SQLITE_REPLIES && is_time_ordered(id, &ms))
		return (int64_t)((ms & 0xFFFFFFFFFFu) << 23 | (hash & 0x7FFFFFu));
	return (int64_t)hash;
}

/* Whether row `exchange` is the one: SQLITE_ROW, SQLITE_DONE, or the failure. */
static int compare(const struct pal_sqlite_view *view, enum pal_sqlite_list list, int64_t exchange,
		   struct pal_tenant_key tenant, struct pal_str id)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, list == PAL_SQLITE_MESSAGES
								? PAL_SQLITE_MESSAGE_OF
								: PAL_SQLITE_REPLY_OF);
	bool is_same = false;

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(stmt, 1, exchange);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		is_same = sqlite3_column_int64(stmt, 0) == tenant.n &&
			  pal_str_equal(pal_sqlite_column_str(stmt, 1), id);
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW && !is_same ? SQLITE_DONE : rc;
}

static int next_on_disk(const struct pal_sqlite_view *view, enum pal_sqlite_list list, int64_t key,
			int64_t after, int64_t *ret)
{
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, list == PAL_SQLITE_MESSAGES
								? PAL_SQLITE_NEXT_MESSAGE_KEY
								: PAL_SQLITE_NEXT_REPLY_KEY);

	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(stmt, 1, key);
	sqlite3_bind_int64(stmt, 2, after);
	int rc = sqlite3_step(stmt);
	*ret = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

enum place { STAGED, TAIL, DISK, PLACE_COUNT };

static int next_in(enum place place, const struct pal_sqlite_view *view, enum pal_sqlite_list list,
		   int64_t key, int64_t after, int64_t *ret)
{
	switch (place) {
	case STAGED:
		*ret = view->sees_staged
			       ? pal_sqlite_tail_next_staged(view->tail, list, key, after) : 0;
		return SQLITE_OK;
	case TAIL:
		*ret = pal_sqlite_tail_next(view->tail, list, key, after);
		return SQLITE_OK;
	default:
		return next_on_disk(view, list, key, after, ret);
	}
}

int pal_sqlite_find_keyed(const struct pal_sqlite_view *view, enum pal_sqlite_list list,
			  int64_t key, struct pal_tenant_key tenant, struct pal_str id,
			  int64_t *ret)
{
	assert(list == PAL_SQLITE_MESSAGES || list == PAL_SQLITE_REPLIES);
	for (enum place place = STAGED; place < PLACE_COUNT; place++) {
		int64_t exchange = 0;
		for (;;) {
			int rc = next_in(place, view, list, key, exchange, &exchange);
			if (rc != SQLITE_OK)
				return rc;
			if (exchange == 0)
				break;
			rc = compare(view, list, exchange, tenant, id);
			if (rc == SQLITE_ROW)
				*ret = exchange;
			if (rc != SQLITE_DONE)
				return rc;
		}
	}
	return SQLITE_DONE;
}

int pal_sqlite_find_message(const struct pal_sqlite_view *view, enum pal_sqlite_list list,
			    struct pal_tenant_key tenant, struct pal_str id, int64_t *ret)
{
	int64_t key = pal_sqlite_key_of(view->hash_key, list, tenant, id);

	return pal_sqlite_find_keyed(view, list, key, tenant, id, ret);
}

int pal_sqlite_find_head(const struct pal_sqlite_view *view, int64_t conversation,
			 struct pal_sqlite_head *ret)
{
	if (view->sees_staged && pal_sqlite_tail_head_staged(view->tail, conversation, ret))
		return SQLITE_ROW;
	if (pal_sqlite_tail_head(view->tail, conversation, ret))
		return SQLITE_ROW;
	sqlite3_stmt *stmt = pal_sqlite_get(view->conn, PAL_SQLITE_HEAD);
	if (!stmt)
		return sqlite3_extended_errcode(view->conn->db);
	sqlite3_bind_int64(stmt, 1, conversation);
	int rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*ret = (struct pal_sqlite_head){conversation, sqlite3_column_int64(stmt, 0),
						sqlite3_column_int64(stmt, 1),
						sqlite3_column_int64(stmt, 2),
						sqlite3_column_int64(stmt, 3)};
		if (sqlite3_column_int64(stmt, 4) != pal_sqlite_seal_head(ret))
			rc = SQLITE_CORRUPT;
	}
	sqlite3_reset(stmt);
	return rc;
}
