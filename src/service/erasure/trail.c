/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the audit trail lose whom they speak of, and the last one says that this was done. */
#include <stdio.h>

#include "base/crypto.h"
#include "service/audit/mention.h"
#include "service/erasure/steps.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define RECORDS_PER_STEP 2048u
#define TOMBSTONE_BYTES 16u

struct search {
	struct pal_user_erasure *user;
	struct pal_arena arena;		/* of the record at hand */
	size_t seen;
	enum pal_code code;
	struct pal_error *err;
};

/* The record of an exchange goes with its conversation. */
static bool look_at(void *arg, const struct pal_audit_entry *entry)
{
	struct search *s = arg;
	struct pal_user_erasure *u = s->user;
	bool is_theirs = false;

	s->seen++;
	pal_arena_reset(&s->arena);
	if (!entry->is_erased)
		s->code = pal_audit_mentions(&entry->event, u->user_id, pal_thread_json(),
					     &s->arena, &is_theirs, s->err);
	if (s->code != PAL_OK)
		return false;
	u->trail_at = entry->seq;
	if (is_theirs)
		u->trail[u->trail_count++] = entry->seq;
	return u->trail_count < PAL_USER_ERASURE_TRAIL;
}

void pal_user_erasure_find_trail(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_error err;
	struct search s = {.user = u, .arena = pal_arena_of(0), .err = &err};

	u->trail_count = 0;
	enum pal_code code = pal_store_walk_audit(store, reader, u->caller->tenant, u->trail_at,
						  RECORDS_PER_STEP, look_at, &s, &err);
	pal_arena_release(&s.arena);
	if (code != PAL_OK || s.code != PAL_OK)
		pal_user_erasure_fail(u, &err);
	else if (u->trail_count)
		u->phase = PAL_ERASE_WRITE_TRAIL;
	else if (s.seen < RECORDS_PER_STEP)
		u->phase = PAL_ERASE_TOMBSTONE;
}

void pal_user_erasure_write_trail(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_error err;

	(void)reader;
	u->phase = PAL_ERASE_FIND_TRAIL;
	if (pal_store_erase_audit(store, u->caller->tenant, u->trail, u->trail_count, &err) != PAL_OK)
		pal_user_erasure_fail(u, &err);
	else
		u->audit_records += (int64_t)u->trail_count;
}

/* --- The tombstone ---------------------------------------------------------------------------- */

void pal_user_erasure_put_counts(struct pal_buf *out, const struct pal_user_erasure *u)
{
	pal_view_number(out, "conversations", u->conversations);
	pal_view_number(out, "messages", u->messages);
	pal_view_number(out, "sessions", u->records[0]);
	pal_view_number(out, "feedback", u->records[1]);
	pal_view_number(out, "webhooks", u->webhooks);
	pal_view_number(out, "audit_records", u->audit_records);
}

/* The same user is always called the same, so that "was this one erased?" has an answer. */
static enum pal_code name_tombstone(struct pal_user_erasure *u, struct pal_store *store,
				    struct pal_error *err)
{
	uint8_t secret[32], digest[PAL_SHA256_SIZE];
	char tenant[24];
	enum pal_code code =
		pal_store_installation_secret(store, PAL_STR("erasure"), secret, err);

	if (code != PAL_OK)
		return code;
	int n = snprintf(tenant, sizeof(tenant), "%lld/", (long long)u->caller->tenant.n);
	const struct pal_str parts[] = {{tenant, (size_t)n}, u->user_id};
	pal_hmac_sha256_parts((struct pal_str){(const char *)secret, sizeof(secret)}, parts, 2,
			      digest);
	n = snprintf(u->tombstone, sizeof(u->tombstone), "user-");
	for (size_t i = 0; i < TOMBSTONE_BYTES; i++)
		n += snprintf(u->tombstone + n, sizeof(u->tombstone) - (size_t)n, "%02x", digest[i]);
	explicit_bzero(secret, sizeof(secret));
	return PAL_OK;
}

/* Who erases themselves stays unnamed as well. */
static struct pal_str actor_of(const struct pal_user_erasure *u)
{
	struct pal_str name = pal_caller_name(u->caller);

	return pal_str_equal(name, u->user_id) ? pal_str(u->tombstone) : name;
}

static enum pal_code put_tombstone(struct pal_user_erasure *u, struct pal_store *store,
				   struct pal_str data, struct pal_error *err)
{
	const struct pal_audit_event event = {
		.at_ms = u->now_ms,
		.event_type = PAL_STR("user.erased"),
		.user_id = actor_of(u),
		.resource_type = PAL_STR("user"),
		.resource_id = pal_str(u->tombstone),
		.action = PAL_STR("erase"),
		.result = PAL_STR("success"),
		.request_id = u->request_id,
		.ip_address = u->ip_address,
		.data = data,
	};

	return pal_store_add_audit(store, u->caller->tenant, &event, 1, err);
}

void pal_user_erasure_put_tombstone(struct pal_query *query, struct pal_store *store,
				    unsigned reader)
{
	struct pal_user_erasure *u = pal_user_erasure_of(query);
	struct pal_buf data = pal_buf_of(0);
	struct pal_error err;
	enum pal_code code = name_tombstone(u, store, &err);

	(void)reader;
	pal_buf_add_lit(&data, "{\"metadata\":{");
	pal_user_erasure_put_counts(&data, u);
	pal_view_close(&data, '}');
	pal_buf_add_char(&data, '}');
	if (code == PAL_OK && data.failed)
		code = pal_fail_memory(&err, "user");
	if (code == PAL_OK)
		code = put_tombstone(u, store, pal_buf_str(&data), &err);
	pal_buf_deinit(&data);
	u->phase = PAL_ERASE_ENDED;
	if (code != PAL_OK)
		pal_user_erasure_fail(u, &err);
}
