/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - a session: what a client keeps here about a user while the user is there, until it
 * expires (domain.md sections 1.3, 1.5 and 2.6). Stored as a record of kind PAL_SESSION_KIND.
 */
#ifndef PALAVER_MODEL_SESSION_H
#define PALAVER_MODEL_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "model/message.h"
#include "model/record.h"

#define PAL_SESSION_KIND PAL_STR("session")

#define PAL_SESSION_HOUR_MS (60ll * 60 * 1000)

/* Of each object that a client keeps in a session, as written (domain.md section 0). */
#define PAL_SESSION_JSON_BYTES_MAX 10240u
#define PAL_SESSION_JSON_DEPTH_MAX 16u
#define PAL_SESSION_LIST_MAX 50u	/* elements that append_to_history keeps of a list */

/* All views borrowed. */
struct pal_session {
	struct pal_str id;
	struct pal_str user_id;
	struct pal_str conversation_id;	/* absent until it is bound to one */
	enum pal_channel_type channel;
	int64_t created_ms, last_activity_ms, expires_ms;
	int64_t lifetime_ms;		/* what activity and extend_ttl give it from then on */
	/* JSON objects; absent is {} */
	struct pal_str context, preferences, features, metadata;
	struct pal_str client_info;	/* user_agent, device_type, ...: as told at creation */
	struct pal_str digest;		/* of the request that made it under a key; may be absent */
};

/* Whether it is over. Runs on: any. */
static inline bool pal_session_is_over(const struct pal_session *session, int64_t now_ms)
{
	return session->expires_ms <= now_ms;
}

/* Append what a record's body holds of `session`. Runs on: any. */
void pal_session_write(const struct pal_session *session, struct pal_buf *out);

/*
 * Read `record` back. Views point into the record or into `arena`; `scratch` is overwritten. False
 * when its body is none of pal_session_write's. Runs on: any.
 */
bool pal_session_read(const struct pal_record *record, struct pal_json *scratch,
		      struct pal_arena *arena, struct pal_session *ret) PAL_MUST_CHECK;

/* Append the SessionView (domain.md section 1.3) of a session of tenant `tenant_id`. */
void pal_session_put_view(struct pal_buf *out, const struct pal_session *session,
			  struct pal_str tenant_id, int64_t now_ms);

#endif
