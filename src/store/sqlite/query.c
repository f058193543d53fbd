/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/query.h"

#include <assert.h>
#include <stddef.h>

/* The order of row.c: its readers and binders count on it. */
#define EXCHANGE_COLUMNS                                                                           \
	"id, tenant, conversation, sequence, reply_sequence, previous, received_ms, digest, "       \
	"message_id, user_id, timestamp_ms, type, text, language, content, analysis, processing, " \
	"reply_id, reply_user_id, reply_timestamp_ms, reply_type, reply_text, reply_language, "    \
	"reply_content, reply_analysis, state, delivery_status, recipient, "                       \
	"audit_event, audit_user_id, audit_resource_id, audit_request_id, audit_ip_address, seal, " \
	"audit_seq, audit_previous, audit_veil, audit_hash"
#define EXCHANGE_PARAMETERS                                                                        \
	"?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,"  \
	"?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38"
#define CONVERSATION_COLUMNS                                                                       \
	"id, tenant, public_id, user_id, session_id, previous_id, channel, status, started_ms, "   \
	"last_activity_ms, last_sequence, state, ended_ms, deleted, details, "    \
	"erasure, seal"
/* The same, and what its head says. */
#define CONVERSATIONS_WITH_HEADS                                                                   \
	"SELECT c.id, c.tenant, c.public_id, c.user_id, c.session_id, c.previous_id, c.channel, "  \
	"c.status, c.started_ms, c.last_activity_ms, c.last_sequence, c.state, c.ended_ms, "       \
	"c.deleted, c.details, c.erasure, c.seal, "                                                \
	"h.exchange, h.sequence, h.tenant, h.received_ms, h.seal "                                 \
	"FROM conversation c LEFT JOIN head h ON h.conversation = c.id "
/* The order of audit.c. */
#define AUDIT_COLUMNS                                                                              \
	"tenant, at_ms, event_type, user_id, resource_type, resource_id, action, result, "         \
	"request_id, ip_address, data, seal, seq, previous, veil, hash"
/* The order of record.c. */
#define RECORD_COLUMNS                                                                             \
	"tenant, kind, record_id, owner, body, version, created_ms, updated_ms, expires_ms, seal"

static const char *const texts[PAL_SQLITE_QUERY_COUNT] = {
	[PAL_SQLITE_BEGIN] = "BEGIN IMMEDIATE",
	[PAL_SQLITE_BEGIN_READING] = "BEGIN",
	[PAL_SQLITE_COMMIT] = "COMMIT",
	[PAL_SQLITE_ROLLBACK] = "ROLLBACK",
	[PAL_SQLITE_ADD_EXCHANGE] =
		"INSERT INTO exchange(" EXCHANGE_COLUMNS ") VALUES(" EXCHANGE_PARAMETERS ")",
	[PAL_SQLITE_ADD_CONVERSATION] =
		"INSERT INTO conversation(" CONVERSATION_COLUMNS ") "
		"VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17) "
		"ON CONFLICT DO NOTHING",
	[PAL_SQLITE_ADD_MILESTONE] =
		"INSERT INTO milestone(conversation, sequence, exchange) VALUES(?1,?2,?3)",
	[PAL_SQLITE_UPDATE_CONVERSATION] =
		"UPDATE conversation SET last_activity_ms = ?2, last_sequence = ?3, state = ?4, "
		"seal = ?5 WHERE id = ?1",
	[PAL_SQLITE_CHANGE_CONVERSATION] =
		"UPDATE conversation SET status = ?2, ended_ms = ?3, deleted = ?4, details = ?5, "
		"seal = ?6 WHERE id = ?1",
	[PAL_SQLITE_CONVERSATION_TENANT] = "SELECT tenant FROM conversation "
					   "WHERE id = ?1 AND erasure = 0",
	[PAL_SQLITE_CONVERSATION_BY_ID] =
		"SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE tenant = ?1 AND public_id = ?2",
	[PAL_SQLITE_CONVERSATIONS] =
		CONVERSATIONS_WITH_HEADS "WHERE c.tenant = ?1 AND c.erasure >= 0",
	[PAL_SQLITE_CONVERSATIONS_OF_USER] =
		CONVERSATIONS_WITH_HEADS
		"WHERE c.id IN (SELECT conversation FROM user_conversation "
		"WHERE tenant = ?1 AND user_id = ?2 UNION ALL SELECT id FROM conversation "
		"WHERE id > (SELECT conversation FROM behind) AND +tenant = ?1 AND user_id = ?2)",
	[PAL_SQLITE_CONVERSATION_BY_KEY] =
		"SELECT " CONVERSATION_COLUMNS " FROM conversation WHERE tenant = ?1 AND id = ?2",
	[PAL_SQLITE_EXCHANGE] = "SELECT " EXCHANGE_COLUMNS " FROM exchange WHERE id = ?1",
	[PAL_SQLITE_LINK] = "SELECT previous, max(sequence, reply_sequence) FROM exchange "
			    "WHERE id = ?1 AND conversation = ?2",
	[PAL_SQLITE_RECEIVED] = "SELECT received_ms FROM exchange WHERE id = ?1",
	[PAL_SQLITE_MESSAGE_OF] = "SELECT tenant, message_id FROM exchange WHERE id = ?1",
	[PAL_SQLITE_REPLY_OF] = "SELECT tenant, reply_id FROM exchange WHERE id = ?1",
	[PAL_SQLITE_NEXT_MESSAGE_KEY] = "SELECT exchange FROM message_key "
					"WHERE key = ?1 AND exchange > ?2 ORDER BY exchange LIMIT 1",
	[PAL_SQLITE_NEXT_REPLY_KEY] = "SELECT exchange FROM reply_key "
				      "WHERE key = ?1 AND exchange > ?2 ORDER BY exchange LIMIT 1",
	[PAL_SQLITE_HEAD] = "SELECT exchange, sequence, tenant, received_ms, seal FROM head "
			    "WHERE conversation = ?1",
	[PAL_SQLITE_NEXT_MILESTONE] =
		"SELECT exchange FROM milestone WHERE conversation = ?1 AND sequence >= ?2 "
		"ORDER BY sequence LIMIT 1",
	[PAL_SQLITE_ADD_MESSAGE_KEY] =
		"INSERT OR IGNORE INTO message_key(key, exchange) VALUES(?1,?2)",
	[PAL_SQLITE_ADD_REPLY_KEY] = "INSERT OR IGNORE INTO reply_key(key, exchange) VALUES(?1,?2)",
	/* One without a tenant is the last word: its conversation is being erased, or was. */
	[PAL_SQLITE_PUT_HEAD] =
		"INSERT INTO head(conversation, exchange, sequence, tenant, received_ms, seal) "
		"VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(conversation) DO UPDATE SET "
		"exchange = excluded.exchange, sequence = excluded.sequence, "
		"tenant = excluded.tenant, received_ms = excluded.received_ms, "
		"seal = excluded.seal WHERE tenant <> 0",
	[PAL_SQLITE_MAKE_MARK] =
		"INSERT INTO mark(one, exchange, conversation, conversations, exchanges, messages, "
		"hash_key) VALUES(1,0,0,0,0,0,?1) ON CONFLICT DO NOTHING",
	[PAL_SQLITE_MARK] = "SELECT exchange, conversation, conversations, exchanges, messages, "
			    "hash_key FROM mark",
	[PAL_SQLITE_MOVE_MARK] = "UPDATE mark SET exchange = ?1, conversation = ?2, "
				 "conversations = ?3, exchanges = ?4, messages = ?5",
	[PAL_SQLITE_EXCHANGES_SINCE] =
		"SELECT id, tenant, conversation, max(sequence, reply_sequence), message_id, reply_id, "
		"reply_sequence, received_ms, user_id IS NULL FROM exchange "
		"WHERE id > ?1 ORDER BY id",
	[PAL_SQLITE_CONVERSATIONS_SINCE] =
		"SELECT count(*), ifnull(max(id), ?1) FROM conversation WHERE id > ?1",
	[PAL_SQLITE_PUT_TENANT] =
		"INSERT INTO tenant(tenant_id, name, status, created_ms, trial_ends_ms, settings, "
		"profile) VALUES(?1,?2,?3,?4,?5,?6,?7) ON CONFLICT(tenant_id) DO UPDATE SET name = excluded.name, "
		"status = excluded.status, created_ms = excluded.created_ms, "
		"trial_ends_ms = excluded.trial_ends_ms, settings = excluded.settings, "
		"profile = excluded.profile RETURNING id",
	[PAL_SQLITE_TENANTS] = "SELECT id, tenant_id, name, status, created_ms, trial_ends_ms, "
			       "settings, profile FROM tenant ORDER BY id",
	[PAL_SQLITE_PUT_API_KEY] =
		"INSERT INTO api_key(key_id, tenant, name, prefix, hash, permissions, status, "
		"created_ms, expires_ms, rules) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) "
		"ON CONFLICT(key_id) DO UPDATE SET rules = excluded.rules, name = excluded.name, "
		"prefix = excluded.prefix, hash = excluded.hash, permissions = excluded.permissions, "
		"status = excluded.status, created_ms = excluded.created_ms, "
		"expires_ms = excluded.expires_ms WHERE tenant = excluded.tenant",
	[PAL_SQLITE_API_KEYS] = "SELECT key_id, tenant, name, prefix, hash, permissions, status, "
				"created_ms, expires_ms, rules FROM api_key ORDER BY rowid",
	[PAL_SQLITE_ADD_SECRET] =
		"INSERT INTO secret(name, value) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
	[PAL_SQLITE_SECRET] = "SELECT value FROM secret WHERE name = ?1",
	[PAL_SQLITE_BEHIND] = "SELECT exchange, conversation, purge FROM behind",
	[PAL_SQLITE_MOVE_BEHIND] = "UPDATE behind SET exchange = ?1, conversation = ?2, purge = ?3",
	[PAL_SQLITE_EXCHANGES_AFTER] =
		"SELECT " EXCHANGE_COLUMNS " FROM exchange WHERE id > ?1 ORDER BY id LIMIT ?2",
	[PAL_SQLITE_ADD_WORDS] =
		"INSERT INTO words(rowid, tenant, question, reply) VALUES(?1,?2,?3,?4)",
	[PAL_SQLITE_REMOVE_WORDS] = "INSERT INTO words(words, rowid, tenant, question, reply) "
				    "VALUES('delete',?1,?2,?3,?4)",
	[PAL_SQLITE_MERGE_WORDS] = "INSERT INTO words(words, rank) VALUES('merge', ?1)",
	[PAL_SQLITE_ADD_USER_CONVERSATIONS] =
		"INSERT OR IGNORE INTO user_conversation SELECT tenant, user_id, id "
		"FROM conversation WHERE id > ?1 AND id <= ?2 AND user_id IS NOT NULL "
		"ORDER BY tenant, user_id",
	[PAL_SQLITE_REMOVE_USER_CONVERSATION] =
		"DELETE FROM user_conversation "
		"WHERE tenant = ?1 AND user_id = ?2 AND conversation = ?3",
	[PAL_SQLITE_REPLACE_EXCHANGE] = "INSERT OR REPLACE INTO exchange(" EXCHANGE_COLUMNS ") "
					"VALUES(" EXCHANGE_PARAMETERS ")",
	[PAL_SQLITE_ERASE_CONVERSATION] =
		"UPDATE conversation SET user_id = ?2, session_id = ?3, previous_id = ?4, "
		"details = ?5, deleted = ?6, state = NULL, erasure = ?7, seal = ?8 WHERE id = ?1",
	[PAL_SQLITE_SEARCH] = "SELECT e.conversation FROM words CROSS JOIN exchange e "
			      "ON e.id = words.rowid WHERE words MATCH ?1 AND e.tenant = ?2 "
			      "ORDER BY words.rowid DESC",
	[PAL_SQLITE_ADD_AUDIT] = "INSERT INTO audit(" AUDIT_COLUMNS ") "
				 "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
	[PAL_SQLITE_AUDIT] = "SELECT " AUDIT_COLUMNS ", id FROM audit WHERE id = ?1",
	[PAL_SQLITE_REMOVE_AUDIT] = "DELETE FROM audit WHERE id = ?1",
	[PAL_SQLITE_ERASE_AUDIT] =
		"UPDATE audit SET user_id = NULL, resource_id = NULL, request_id = NULL, "
		"ip_address = NULL, data = NULL, seal = ?2, seq = ?3, previous = ?4, veil = ?5, "
		"hash = ?6 WHERE id = ?1",
	[PAL_SQLITE_AUDIT_LINK] = "SELECT tenant, seq, previous, hash FROM audit WHERE id = ?1",
	[PAL_SQLITE_EXCHANGE_AUDIT_LINK] =
		"SELECT tenant, audit_seq, audit_previous, audit_hash FROM exchange WHERE id = ?1",
	[PAL_SQLITE_AUDIT_HEAD] =
		"SELECT seq, place, hash, cut, cut_hash FROM audit_head WHERE tenant = ?1",
	[PAL_SQLITE_PUT_AUDIT_HEAD] =
		"INSERT OR REPLACE INTO audit_head(tenant, seq, place, hash, cut, cut_hash) "
		"VALUES(?1,?2,?3,?4,?5,?6)",
	[PAL_SQLITE_AUDIT_MILESTONE] =
		"SELECT place FROM audit_milestone WHERE tenant = ?1 AND seq = ?2",
	[PAL_SQLITE_ADD_AUDIT_MILESTONE] =
		"INSERT OR REPLACE INTO audit_milestone(tenant, seq, place) VALUES(?1,?2,?3)",
	[PAL_SQLITE_REMOVE_AUDIT_MILESTONES] =
		"DELETE FROM audit_milestone WHERE tenant = ?1 AND seq <= ?2",
	[PAL_SQLITE_AUDIT_PLACES] =
		"SELECT audit_seq, id FROM exchange WHERE tenant = ?1 AND audit_seq BETWEEN ?2 AND ?3 "
		"UNION ALL SELECT seq, -id FROM audit WHERE tenant = ?1 AND seq BETWEEN ?2 AND ?3",
	[PAL_SQLITE_AUDIT_STRAY] =
		"SELECT r.seq FROM (SELECT audit_seq AS seq FROM exchange WHERE tenant = ?1 "
		"AND audit_seq <> 0 UNION ALL SELECT seq FROM audit WHERE tenant = ?1 AND seq <> 0) r "
		"GROUP BY r.seq HAVING count(*) > 1 OR r.seq > ?2 OR r.seq <= ?3 "
		"ORDER BY r.seq LIMIT 1",
	[PAL_SQLITE_AUDIT_END] =
		"SELECT audit_seq, id, audit_hash FROM exchange WHERE id > (SELECT head FROM behind) "
		"AND tenant = ?1 AND audit_seq > ?2 ORDER BY id DESC LIMIT 1",
	/* Of a group the other columns are those of the row with the maximum: SQLite promises it. */
	[PAL_SQLITE_AUDIT_ENDS] = "SELECT tenant, max(audit_seq), id, audit_hash FROM exchange "
				  "WHERE id > ?1 AND audit_seq > 0 GROUP BY tenant",
	[PAL_SQLITE_AUDIT_MARK] = "SELECT head FROM behind",
	[PAL_SQLITE_MOVE_AUDIT_MARK] = "UPDATE behind SET head = ?1",
	[PAL_SQLITE_ALL_AUDIT] = "SELECT " AUDIT_COLUMNS ", id FROM audit ORDER BY id",
	[PAL_SQLITE_RECORD] = "SELECT " RECORD_COLUMNS " FROM record "
			      "WHERE tenant = ?1 AND kind = ?2 AND record_id = ?3",
	[PAL_SQLITE_RECORD_VERSION] =
		"SELECT version, id, owner IS ?4 AND created_ms = ?5, expires_ms = ?6 FROM record "
		"WHERE tenant = ?1 AND kind = ?2 AND record_id = ?3",
	[PAL_SQLITE_PUT_RECORD] =
		"INSERT INTO record(" RECORD_COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10) "
		"ON CONFLICT(tenant, kind, record_id) DO UPDATE SET owner = excluded.owner, "
		"body = excluded.body, version = excluded.version, "
		"created_ms = excluded.created_ms, updated_ms = excluded.updated_ms, "
		"expires_ms = excluded.expires_ms, seal = excluded.seal",
	/* SQLite touches the indexes over the columns named here, whether their values change or not. */
	[PAL_SQLITE_RENEW_RECORD] =
		"UPDATE record SET body = ?2, version = ?3, updated_ms = ?4, seal = ?5 WHERE id = ?1",
	[PAL_SQLITE_RENEW_RECORD_AND_EXPIRY] =
		"UPDATE record SET body = ?2, version = ?3, updated_ms = ?4, seal = ?5, "
		"expires_ms = ?6 WHERE id = ?1",
	[PAL_SQLITE_REMOVE_RECORD] =
		"DELETE FROM record WHERE tenant = ?1 AND kind = ?2 AND record_id = ?3",
	[PAL_SQLITE_RECORDS] =
		"SELECT " RECORD_COLUMNS " FROM record WHERE tenant = ?1 AND kind = ?2 "
		"AND (created_ms, record_id) > (?3, ?4) ORDER BY created_ms, record_id LIMIT ?5",
	[PAL_SQLITE_RECORDS_OF_OWNER] =
		"SELECT " RECORD_COLUMNS " FROM record WHERE tenant = ?1 AND kind = ?2 AND owner = ?6 "
		"AND (created_ms, record_id) > (?3, ?4) ORDER BY created_ms, record_id LIMIT ?5",
	/* The first of the two bounds is where the index is entered; the other one lets it be used. */
	[PAL_SQLITE_EXPIRED_RECORDS] =
		"SELECT " RECORD_COLUMNS " FROM record WHERE kind = ?1 AND expires_ms > ?4 "
		"AND expires_ms > 0 AND expires_ms <= ?2 ORDER BY expires_ms LIMIT ?3",
	[PAL_SQLITE_ALL_RECORDS] = "SELECT " RECORD_COLUMNS " FROM record ORDER BY id",
	[PAL_SQLITE_QUICK_CHECK] = "PRAGMA quick_check(1)",
	[PAL_SQLITE_ALL_EXCHANGES] = "SELECT " EXCHANGE_COLUMNS " FROM exchange ORDER BY id",
	[PAL_SQLITE_ALL_CONVERSATIONS] =
		"SELECT " CONVERSATION_COLUMNS " FROM conversation ORDER BY id",
	[PAL_SQLITE_ALL_HEADS] = "SELECT conversation, exchange, sequence, tenant, received_ms, "
				   "seal FROM head",
	[PAL_SQLITE_PING] = "SELECT id FROM tenant LIMIT 1",
};

const char *pal_sqlite_query_text(enum pal_sqlite_query query)
{
	assert(query < PAL_SQLITE_QUERY_COUNT && texts[query]);
	return texts[query];
}
