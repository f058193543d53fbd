/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail. */
#include "api/docs.h"

#define INSTANT                                                                                    \
	PAL_JSON_TEXT({"type": ["string", "integer"], "description": "ISO 8601, or Unix time."})

#define FILTERS                                                                                    \
	{.name = "event_type",                                                                     \
	 .about = "Only events of this kind, or of all kinds that begin with it and a dot."},      \
	{.name = "category",                                                                       \
	 .schema = PAL_JSON_TEXT(                                                                  \
		 {"type": "string", "enum": ["auth", "config", "data", "admin", "api"]}),          \
	 .about = "Only events of this category."},                                                \
	{.name = "result",                                                                         \
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["success", "failure", "error"]}),     \
	 .about = "Only events that ended so."},                                                   \
	{.name = "user_id", .about = "Only what this user or API key did."},                       \
	{.name = "resource_type", .about = "Only what was done to resources of this kind."},       \
	{.name = "resource_id", .about = "Only what was done to this resource."},                  \
	{.name = "action", .about = "Only this action."},                                          \
	{.name = "start", .schema = INSTANT,                                                       \
	 .about = "Only events of this time or later; by default the last 30 days."},              \
	{.name = "end", .schema = INSTANT, .about = "Only events of this time or earlier."}

#define PAGING                                                                                     \
	{.name = "limit",                                                                          \
	 .schema = PAL_JSON_TEXT(                                                                  \
		 {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),              \
	 .about = "Records a page."},                                                              \
	{.name = "offset",                                                                         \
	 .schema = PAL_JSON_TEXT(                                                                  \
		 {"type": "integer", "minimum": 0, "maximum": 200000, "default": 0}),              \
	 .about = "How many to pass over. Not together with a cursor."},                           \
	{.name = "cursor", .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1}),            \
	 .about = "next_cursor of the page before."}

#define TEXT_SCHEMA PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 500})

static const struct pal_api_param list_query[] = {
	FILTERS,
	{.name = "query", .schema = TEXT_SCHEMA,
	 .about = "Only events with this text in their description or action, in any case."},
	PAGING,
	{.name = NULL},
};

static const struct pal_api_param search_query[] = {
	{.name = "query", .schema = TEXT_SCHEMA, .is_required = true,
	 .about = "Only events with this text in their description or action, in any case."},
	FILTERS,
	PAGING,
	{.name = NULL},
};

static const struct pal_api_param export_query[] = {
	{.name = "format",
	 .schema = PAL_JSON_TEXT({"type": "string", "enum": ["json", "csv"], "default": "json"}),
	 .about = "JSON, or one row a record."},
	FILTERS,
	{.name = NULL},
};

#define CHAIN_ABOUT                                                                                \
	"Every record has the hash of the one before it: palaverctl audit verify proves that none " \
	"was changed or taken away. "

const struct pal_api_doc pal_doc_list_audit = {
	.tag = "Audit",
	.about = CHAIN_ABOUT "At most 200000 records are looked at for a page: total counts those "
			     "that match among them, and total_is_exact says whether these were all. "
			     "The cursor leads on.",
	.query = list_query,
	.response = "AuditList",
	.is_paged = true,
};

const struct pal_api_doc pal_doc_search_audit = {
	.tag = "Audit",
	.about = "As the list, with a text to look for.",
	.query = search_query,
	.response = "AuditList",
	.is_paged = true,
};

const struct pal_api_doc pal_doc_report_audit = {
	.tag = "Audit",
	.about = "Of the newest 200000 records, those of the time range; is_complete says whether "
		 "these were all. That the report was made is written to the trail first.",
	.request = "AuditReportRequest",
	.response = "AuditReport",
	.status = 201,
};

const struct pal_api_doc pal_doc_export_audit = {
	.tag = "Audit",
	.about = "Sent piece by piece as the client takes it, newest first. Cells of CSV that a "
		 "spreadsheet would take for a formula begin with an apostrophe. That the trail is "
		 "taken out is written to it first. An answer that breaks off before its end is not "
		 "whole.",
	.query = export_query,
	.response = "AuditExport",
	.shape = PAL_API_BARE,
	.media = "application/json text/csv",
	.is_file = true,
};
