/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of conversations, and figures of them. */
#include "api/docs.h"

#define INSTANT                                                                                    \
	PAL_JSON_TEXT({"type": ["string", "integer"], "description": "ISO 8601, or Unix time."})

#define COMMON_FILTERS                                                                             \
	{.name = "status",                                                                         \
	 .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/ConversationStatus"}),             \
	 .about = "Only those of this status."},                                                   \
	{.name = "channel",                                                                        \
	 .schema = PAL_JSON_TEXT({"$ref": "#/components/schemas/ChannelType"}),                    \
	 .about = "Only those on this channel."},                                                  \
	{.name = "user_id", .about = "Only those of this user."},                                  \
	{.name = "include_deleted",                                                                \
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": false}),                           \
	 .about = "Deleted ones too; for staff only."}

#define CURSOR                                                                                     \
	{.name = "cursor",                                                                         \
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 1552}),           \
	 .about = "Where a page ended: next_cursor, or out of the Link header."}

static const struct pal_api_param own_query[] = {
	COMMON_FILTERS,
	{.name = "limit",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
	 .about = "Conversations a page."},
	{.name = "offset",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 0, "maximum": 10000, "default": 0}),
	 .about = "How many to pass over."},
	CURSOR,
	{.name = NULL},
};

static const struct pal_api_param list_query[] = {
	COMMON_FILTERS,
	{.name = "priority",
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["low", "normal", "high", "urgent", "critical"]}),
	 .about = "Only those of this priority."},
	{.name = "assigned_agent", .about = "Only those that this agent looks after."},
	{.name = "department",
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 100}),
	 .about = "Only those of this department."},
	{.name = "category",
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 100}),
	 .about = "Only those of this category."},
	{.name = "tags",
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 255}),
	 .about = "Only those with all of these tags, at most 5, with commas between."},
	{.name = "search_query",
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 200}),
	 .about = "Only those in which a message, or tags, notes, category and department, hold all of these words; of the last its beginning."},
	{.name = "created_after", .schema = INSTANT, .about = "Only those begun later."},
	{.name = "created_before", .schema = INSTANT, .about = "Only those begun earlier."},
	{.name = "updated_after", .schema = INSTANT, .about = "Only those changed later."},
	{.name = "updated_before", .schema = INSTANT, .about = "Only those changed earlier."},
	{.name = "sort_by",
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["last_activity_at", "created_at", "updated_at", "status", "priority"], "default": "last_activity_at"}),
	 .about = "The order."},
	{.name = "sort_order",
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["desc", "asc"], "default": "desc"}),
	 .about = "Newest, highest first, or the other way about."},
	{.name = "page",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 1000000000, "default": 1}),
	 .about = "Which page, from 1; within the first 10000 conversations."},
	{.name = "page_size",
	 .schema = PAL_JSON_TEXT({"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
	 .about = "Conversations a page."},
	CURSOR,
	{.name = NULL},
};

const struct pal_api_doc pal_doc_list_own_conversations = {
	.tag = "Conversations",
	.about = "Those with the newest activity first. A person sees its own; an API key speaks for "
		 "all users of its tenant, of whom user_id names one.",
	.query = own_query,
	.response = "ConversationPage",
};

const struct pal_api_doc pal_doc_list_conversations = {
	.tag = "Conversations",
	.about = "For staff and backends. All filters must hold.",
	.query = list_query,
	.response = "ConversationPage",
};

const struct pal_api_doc pal_doc_search_conversations = {
	.is_paged = true,
	.tag = "Conversations",
	.about = "As GET /conversations.",
	.request = "ConversationListRequest",
	.request_is_optional = true,
	.response = "ConversationPage",
};

const struct pal_api_doc pal_doc_analyse_conversations = {
	.tag = "Conversations",
	.about = "Of the conversations that began in the time range, by period and by group; UTC, a "
		 "week begins on Monday. Response times are those of the newest 10000 of them. Who "
		 "is no staff gets figures of its own conversations.",
	.request = "ConversationAnalyticsRequest",
	.request_is_optional = true,
	.response = "ConversationAnalytics",
};
