/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param session_id[] = {
	{.name = "id", .about = "Id of the session."},
	{.name = NULL},
};

static const struct pal_api_param user_id[] = {
	{.name = "user_id", .about = "Id of the user."},
	{.name = NULL},
};

static const struct pal_api_param idempotency_key[] = {
	{.name = "Idempotency-Key",
	 .about = "The same request again under the same key gives the same session; another one "
		  "is a conflict. In quotes."},
	{.name = NULL},
};

#define PAGING                                                                                     \
	{.name = "limit",                                                                          \
	 .schema = PAL_JSON_TEXT(                                                                  \
		 {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}),                \
	 .about = "Sessions a page."},                                                             \
	{.name = "offset",                                                                         \
	 .schema = PAL_JSON_TEXT(                                                                  \
		 {"type": "integer", "minimum": 0, "maximum": 100000, "default": 0}),              \
	 .about = "How many to pass over. Not together with a cursor."},                           \
	{.name = "cursor", .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1}),            \
	 .about = "next_cursor of the page before."}

static const struct pal_api_param list_query[] = {
	{.name = "channel",
	 .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/ChannelType"}),
	 .about = "Only sessions on this channel."},
	{.name = "active_only",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": true}),
	 .about = "Whether those that are over but not yet removed are left out."},
	PAGING,
	{.name = NULL},
};

static const struct pal_api_param user_query[] = {
	PAGING,
	{.name = NULL},
};

#define WHOSE "A session is its user's and the staff's; for others it is not there. "

const struct pal_api_doc pal_doc_create_session = {
	.tag = "Sessions",
	.about = "It lives for session.default_hours, or as long as session_config says, unless it "
		 "is extended or a message names it, which gives it that long again; never longer "
		 "than session.max_hours in all. The first message that names it binds it to its "
		 "conversation; once that is answered, messages that name it and no conversation go "
		 "on there. People begin sessions for themselves only.",
	.headers = idempotency_key,
	.request = "SessionCreateRequest",
	.response = "SessionView",
	.status = 201,
	.failures = "404 409",
	.request_example = PAL_JSON_TEXT({
		"user_id": "user-1",
		"channel": "web",
		"initial_context": {"cart": ["ORD123456"]}
	}),
};

const struct pal_api_doc pal_doc_list_sessions = {
	.tag = "Sessions",
	.about = "Oldest first. For staff and backends.",
	.query = list_query,
	.response = "SessionList",
};

const struct pal_api_doc pal_doc_get_session = {
	.tag = "Sessions",
	.about = WHOSE "One that is over is removed when it is asked for.",
	.path = session_id,
	.response = "SessionView",
	.failures = "404",
};

const struct pal_api_doc pal_doc_update_session = {
	.tag = "Sessions",
	.about = WHOSE "The members given are put over those that are kept; null removes one. "
		       "Concurrent changes of different members all take effect.",
	.path = session_id,
	.request = "SessionUpdateRequest",
	.response = "SessionView",
	.failures = "404",
};

const struct pal_api_doc pal_doc_delete_session = {
	.tag = "Sessions",
	.about = WHOSE,
	.path = session_id,
	.response = "SessionDeleted",
	.failures = "404",
};

const struct pal_api_doc pal_doc_get_session_context = {
	.tag = "Sessions",
	.about = WHOSE,
	.path = session_id,
	.response = "SessionContext",
	.failures = "404",
};

const struct pal_api_doc pal_doc_update_session_context = {
	.tag = "Sessions",
	.about = WHOSE "The members given are put over those that are kept; null removes one.",
	.path = session_id,
	.request = "SessionContextRequest",
	.response = "SessionContext",
	.failures = "404",
};

const struct pal_api_doc pal_doc_extend_session = {
	.tag = "Sessions",
	.about = WHOSE "It then expires so long after now, but no sooner than it would have, and "
		       "no later than session.max_hours after it began.",
	.path = session_id,
	.request = "SessionExtendRequest",
	.request_is_optional = true,
	.response = "SessionView",
	.failures = "404",
};

const struct pal_api_doc pal_doc_transfer_session = {
	.tag = "Sessions",
	.about = WHOSE,
	.path = session_id,
	.request = "SessionTransferRequest",
	.response = "SessionView",
	.failures = "404",
};

const struct pal_api_doc pal_doc_list_user_sessions = {
	.tag = "Sessions",
	.about = "Oldest first. For the user, staff and backends; for others there is no such user.",
	.path = user_id,
	.query = user_query,
	.response = "SessionList",
	.failures = "404",
};

const struct pal_api_doc pal_doc_cleanup_sessions = {
	.tag = "Sessions",
	.about = "What session.cleanup_interval does in the background, now. Answers how many of "
		 "the tenant's sessions were really removed.",
	.response = "SessionCleanup",
};
