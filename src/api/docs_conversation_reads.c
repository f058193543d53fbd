/* SPDX-License-Identifier: Apache-2.0 */
/* What a conversation is read by beside its messages: its summary, and as a file. */
#include "api/docs.h"

#define INSTANT                                                                                    \
	PAL_JSON_TEXT({"type": ["string", "integer"], "description": "ISO 8601, or Unix time."})

static const struct pal_api_param export_query[] = {
	{.name = "format",
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["json", "csv", "txt"], "default": "json"}),
	 .about = "JSON, one row a message, or a transcript."},
	{.name = "include_messages",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": true}),
	 .about = "Whether the messages come along."},
	{.name = "include_metadata",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": true}),
	 .about = "Whether tags, notes and the like come along; in CSV, the whole content."},
	{.name = "include_analytics",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": false}),
	 .about = "Whether what was found out about each message comes along."},
	{.name = "start", .schema = INSTANT, .about = "Only messages of this time or later."},
	{.name = "end", .schema = INSTANT, .about = "Only messages of this time or earlier."},
	{.name = NULL},
};

#define EXPORT_ABOUT                                                                               \
	"Sent piece by piece as the client takes it, under the name conversation_ID.EXT. Cells of "  \
	"CSV that a spreadsheet would take for a formula begin with an apostrophe. That data is "    \
	"taken out is written to the audit trail first. An answer that breaks off before its end "  \
	"is not whole."

const struct pal_api_doc pal_doc_get_conversation_summary = {
	.tag = "Conversations",
	.about = "How it went: times, counts, outcome, satisfaction.",
	.path = pal_doc_conversation_id,
	.response = "ConversationOutcome",
	.failures = "404",
};

const struct pal_api_doc pal_doc_export_conversation = {
	.tag = "Conversations",
	.about = EXPORT_ABOUT,
	.path = pal_doc_conversation_id,
	.query = export_query,
	.response = "ConversationExport",
	.shape = PAL_API_BARE,
	.media = "application/json text/csv text/plain",
	.is_file = true,
	.failures = "404",
};

const struct pal_api_doc pal_doc_export_conversation_by_body = {
	.tag = "Conversations",
	.about = EXPORT_ABOUT,
	.path = pal_doc_conversation_id,
	.request = "ConversationExportRequest",
	.request_is_optional = true,
	.response = "ConversationExport",
	.shape = PAL_API_BARE,
	.media = "application/json text/csv text/plain",
	.is_file = true,
	.failures = "404",
};
