/* SPDX-License-Identifier: Apache-2.0 */
/* What reading conversations takes and gives (domain.md sections 1.3 and 2.4). */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_conversation_reads[] = {
	{"ConversationOutcome", PAL_JSON_TEXT({
		"allOf": [
			{"$ref": "#/components/schemas/ConversationSummary"},
			{
				"type": "object",
				"required": ["elapsed_seconds", "outcome", "escalated"],
				"properties": {
					"session_id": {"type": ["string", "null"]},
					"previous_conversation_id": {"type": ["string", "null"]},
					"elapsed_seconds": {"type": "integer", "description": "Until it ended, or its last activity."},
					"outcome": {"type": "string", "enum": ["resolved", "unresolved", "escalated", "pending"]},
					"resolution_type": {"type": ["string", "null"]},
					"escalated": {"type": "boolean"},
					"intent_switches": {"type": "integer", "minimum": 0},
					"average_response_time_ms": {"type": ["integer", "null"]},
					"longest_response_time_ms": {"type": "integer"}
				}
			}
		]
	})},
	{"ConversationExportRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"format": {"type": ["string", "null"], "enum": ["json", "csv", "txt", null], "default": "json"},
			"include_messages": {"type": ["boolean", "null"], "default": true},
			"include_metadata": {"type": ["boolean", "null"], "default": true},
			"include_analytics": {"type": ["boolean", "null"], "default": false},
			"date_range": {
				"type": ["object", "null"],
				"properties": {
					"start": {"type": ["string", "integer", "null"]},
					"end": {"type": ["string", "integer", "null"]}
				}
			}
		}
	})},
	{"ConversationExport", PAL_JSON_TEXT({
		"type": "object",
		"required": ["export_metadata", "conversation"],
		"properties": {
			"export_metadata": {
				"type": "object",
				"required": ["exported_at", "format", "exported_by"],
				"properties": {
					"exported_at": {"$ref": "#/components/schemas/Instant"},
					"format": {"type": "string"},
					"exported_by": {"type": ["string", "null"]}
				}
			},
			"conversation": {"type": "object"},
			"messages": {"type": "array", "items": {"$ref": "#/components/schemas/MessageView"}}
		}
	})},
	{NULL, NULL},
};
