/* SPDX-License-Identifier: Apache-2.0 */
#include "service/view/conversation.h"

#include <stdio.h>

#include "base/crypto.h"
#include "service/view/view.h"

static void put_duration(struct pal_buf *out, const struct pal_conversation *c)
{
	int64_t took_ms = c->ended_ms > c->started_ms ? c->ended_ms - c->started_ms : 0;

	if (c->ended_ms)
		pal_view_number(out, "duration_seconds", took_ms / 1000);
	else
		pal_view_raw(out, "duration_seconds", PAL_STR("null"));
}

void pal_conversation_view_write(struct pal_buf *out, const struct pal_conversation *c,
				 const struct pal_details *details, bool to_staff)
{
	pal_buf_add_char(out, '{');
	pal_view_text(out, "conversation_id", c->id);
	pal_view_text(out, "user_id", c->user_id);
	pal_view_text(out, "session_id", c->session_id);
	pal_view_text(out, "previous_conversation_id", c->previous_id);
	pal_view_text(out, "channel", pal_str(pal_channel_name(c->channel)));
	pal_view_text(out, "status", pal_str(pal_conversation_status_name(c->status)));
	pal_view_time(out, "started_at", c->started_ms);
	pal_view_time(out, "last_activity_at", c->last_activity_ms);
	pal_view_time_if_any(out, "completed_at", c->ended_ms);
	put_duration(out, c);
	pal_view_number(out, "message_count", c->last_sequence);
	pal_details_write_view(out, details, to_staff);
	pal_view_flag(out, "deleted", c->deleted);
	pal_view_close(out, '}');
}

void pal_conversation_version(const struct pal_conversation *c,
			      char ret[PAL_CONVERSATION_VERSION_SIZE])
{
	const int64_t facts[] = {c->last_sequence, c->status, c->ended_ms, c->deleted};
	uint8_t digest[PAL_SHA256_SIZE];

	/* what else the state and the last activity say comes with a message, so with its number */
	pal_sha256_pair((struct pal_str){(const char *)facts, sizeof(facts)}, c->details, digest);
	for (size_t i = 0; i < (PAL_CONVERSATION_VERSION_SIZE - 1) / 2; i++)
		snprintf(ret + 2 * i, 3, "%02x", digest[i]);
}
