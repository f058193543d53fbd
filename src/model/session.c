/* SPDX-License-Identifier: Apache-2.0 */
#include "model/session.h"

#include "base/clock.h"

static void put_object(struct pal_buf *out, const char *key, struct pal_str json)
{
	pal_buf_add_lit(out, ",\"");
	pal_buf_add_str(out, pal_str(key));
	pal_buf_add_lit(out, "\":");
	pal_buf_add_str(out, json.n ? json : PAL_STR("{}"));
}

static void put_text(struct pal_buf *out, const char *key, struct pal_str value)
{
	pal_buf_add_lit(out, ",\"");
	pal_buf_add_str(out, pal_str(key));
	pal_buf_add_lit(out, "\":");
	if (value.n)
		pal_json_put_string(out, value);
	else
		pal_buf_add_lit(out, "null");
}

static void put_time(struct pal_buf *out, const char *key, int64_t wall_ms)
{
	char text[PAL_TIME_TEXT_SIZE];

	put_text(out, key, pal_str(pal_time_format(wall_ms, text)));
}

static void put_objects(struct pal_buf *out, const struct pal_session *session)
{
	put_object(out, "context", session->context);
	put_object(out, "preferences", session->preferences);
	put_object(out, "features", session->features);
	put_object(out, "metadata", session->metadata);
	put_object(out, "client_info", session->client_info);
}

void pal_session_write(const struct pal_session *session, struct pal_buf *out)
{
	pal_buf_add_lit(out, "{\"channel\":\"");	/* the bare name (domain.md B38) */
	pal_buf_add_str(out, pal_str(pal_channel_name(session->channel)));
	pal_buf_add_lit(out, "\",\"lifetime_ms\":");
	pal_buf_add_i64(out, session->lifetime_ms);
	put_text(out, "conversation_id", session->conversation_id);
	put_text(out, "digest", session->digest);
	put_objects(out, session);
	pal_buf_add_char(out, '}');
}

/* A member that is a string, or the absent view. */
static struct pal_str text_member(const struct pal_json *json, const char *key,
				  struct pal_arena *arena)
{
	uint32_t at = pal_json_member(json, 0, pal_str(key));

	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return (struct pal_str){NULL, 0};
	return pal_json_string(json, at, arena);
}

static struct pal_str object_member(const struct pal_json *json, const char *key)
{
	uint32_t at = pal_json_member(json, 0, pal_str(key));

	if (at == PAL_JSON_NONE || json->node[at].count == 0)
		return (struct pal_str){NULL, 0};
	return pal_json_raw(json, at);
}

bool pal_session_read(const struct pal_record *record, struct pal_json *scratch,
		      struct pal_arena *arena, struct pal_session *ret)
{
	struct pal_json_fault fault;

	if (!pal_json_scan(scratch, record->body, &fault))
		return false;
	uint32_t lifetime = pal_json_member(scratch, 0, PAL_STR("lifetime_ms"));
	*ret = (struct pal_session){
		.id = record->id,
		.user_id = record->owner,
		.conversation_id = text_member(scratch, "conversation_id", arena),
		.created_ms = record->created_ms,
		.last_activity_ms = record->updated_ms,
		.expires_ms = record->expires_ms,
		.context = object_member(scratch, "context"),
		.preferences = object_member(scratch, "preferences"),
		.features = object_member(scratch, "features"),
		.metadata = object_member(scratch, "metadata"),
		.client_info = object_member(scratch, "client_info"),
		.digest = text_member(scratch, "digest", arena),
	};
	return pal_channel_parse(text_member(scratch, "channel", arena), &ret->channel) &&
	       lifetime != PAL_JSON_NONE &&
	       pal_json_type(scratch, lifetime) == PAL_JSON_NUMBER &&
	       pal_json_integer(scratch, lifetime, &ret->lifetime_ms);
}

void pal_session_put_view(struct pal_buf *out, const struct pal_session *session,
			  struct pal_str tenant_id, int64_t now_ms)
{
	pal_buf_add_lit(out, "{\"session_id\":");
	pal_json_put_string(out, session->id);
	put_text(out, "user_id", session->user_id);
	put_text(out, "tenant_id", tenant_id);
	put_text(out, "channel", pal_str(pal_channel_name(session->channel)));
	put_text(out, "conversation_id", session->conversation_id);
	put_objects(out, session);
	put_time(out, "created_at", session->created_ms);
	put_time(out, "last_activity", session->last_activity_ms);
	put_time(out, "updated_at", session->last_activity_ms);
	put_time(out, "expires_at", session->expires_ms);
	pal_buf_add_lit(out, ",\"is_active\":");
	pal_buf_add_str(out, pal_session_is_over(session, now_ms) ? PAL_STR("false")
								   : PAL_STR("true"));
	pal_buf_add_char(out, '}');
}
