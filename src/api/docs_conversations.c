/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param get_query[] = {
	{.name = "include_messages",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": true}),
	 .about = "Whether the newest messages come along."},
	{.name = "message_limit",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
	 .about = "How many of the newest messages."},
	{.name = NULL},
};

static const struct pal_api_param get_headers[] = {
	{.name = "If-None-Match",
	 .schema = PAL_JSON_TEXT({"type": "string"}),
	 .about = "Tags of what is known already; 304 when nothing changed."},
	{.name = NULL},
};

static const struct pal_api_param history_query[] = {
	{.name = "page",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 1000000000, "default": 1}),
	 .about = "Which page, from 1."},
	{.name = "page_size",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
	 .about = "Messages a page."},
	{.name = "cursor",
	 .about = "Where a page ended, out of its Link header, in the place of `page`."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_get_conversation = {
	.tag = "Conversations",
	.about = "Staff and backends see every conversation of their tenant, people only their own. The ETag "
		 "changes with all that is shown; up to its full stop it is the version that If-Match holds a "
		 "change to.",
	.path = pal_doc_conversation_id,
	.query = get_query,
	.headers = get_headers,
	.response = "Conversation",
	.is_cached = true,
	.failures = "404",
};

const struct pal_api_doc pal_doc_get_conversation_history = {
	.tag = "Conversations",
	.about = "Oldest first.",
	.path = pal_doc_conversation_id,
	.query = history_query,
	.response = "ConversationHistory",
	.failures = "404",
};
