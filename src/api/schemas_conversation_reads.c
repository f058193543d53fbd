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
			"conversation": {"type": "object", "description": "As Conversation, as far as it was asked for."},
			"messages": {"type": "array", "items": {"$ref": "#/components/schemas/ExportedMessage"}}
		}
	})},
	{"ExportedMessage", PAL_JSON_TEXT({
		"allOf": [
			{"$ref": "#/components/schemas/MessageView"},
			{
				"type": "object",
				"required": ["user_id"],
				"properties": {
					"user_id": {"type": ["string", "null"], "description": "Who wrote it; bot for replies."},
					"ai_analysis": {"type": ["object", "null"]},
					"generation_metadata": {"type": ["object", "null"]},
					"processing": {"type": ["object", "null"]}
				}
			}
		]
	})},
	{"ConversationPage", PAL_JSON_TEXT({
		"type": "object",
		"required": ["conversations", "total", "has_next", "has_previous", "next_cursor"],
		"properties": {
			"conversations": {"type": "array", "items": {"$ref": "#/components/schemas/ConversationSummary"}},
			"total": {"type": "integer", "minimum": 0, "description": "On all pages."},
			"page": {"type": "integer", "minimum": 1},
			"page_size": {"type": "integer", "minimum": 1, "maximum": 100},
			"offset": {"type": "integer", "minimum": 0},
			"limit": {"type": "integer", "minimum": 1, "maximum": 100},
			"has_next": {"type": "boolean"},
			"has_previous": {"type": "boolean"},
			"next_cursor": {"type": ["string", "null"]}
		}
	})},
	{"ConversationListRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"page": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000000, "default": 1},
			"page_size": {"type": ["integer", "null"], "minimum": 1, "maximum": 100, "default": 20},
			"cursor": {"type": ["string", "null"]},
			"sort_by": {"type": ["string", "null"], "enum": ["last_activity_at", "created_at", "updated_at", "status", "priority", null]},
			"sort_order": {"type": ["string", "null"], "enum": ["desc", "asc", null]},
			"status": {"anyOf": [{"$ref": "#/components/schemas/ConversationStatus"}, {"type": "null"}]},
			"channel": {"anyOf": [{"$ref": "#/components/schemas/ChannelType"}, {"type": "null"}]},
			"priority": {"type": ["string", "null"], "enum": ["low", "normal", "high", "urgent", "critical", null]},
			"user_id": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"assigned_agent": {"type": ["string", "null"], "minLength": 1, "maxLength": 255},
			"department": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"category": {"type": ["string", "null"], "minLength": 1, "maxLength": 100},
			"tags": {"type": ["array", "null"], "maxItems": 5, "items": {"type": "string", "minLength": 1, "maxLength": 50}},
			"search_query": {"type": ["string", "null"], "minLength": 1, "maxLength": 200},
			"created_after": {"type": ["string", "integer", "null"]},
			"created_before": {"type": ["string", "integer", "null"]},
			"updated_after": {"type": ["string", "integer", "null"]},
			"updated_before": {"type": ["string", "integer", "null"]},
			"include_deleted": {"type": ["boolean", "null"], "default": false}
		}
	})},
	{"ConversationAnalyticsRequest", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"metric_types": {
				"type": ["array", "null"],
				"maxItems": 5,
				"items": {"type": "string", "enum": ["conversations", "messages", "completion_rate", "response_time", "satisfaction"]}
			},
			"time_range": {
				"type": ["object", "null"],
				"required": ["start", "end"],
				"properties": {"start": {"type": ["string", "integer"]}, "end": {"type": ["string", "integer"]}},
				"description": "Conversations begun from start on and before end, at most 365 days; the last 30 days when absent."
			},
			"granularity": {"type": ["string", "null"], "enum": ["hour", "day", "week", "month", null], "default": "day"},
			"group_by": {
				"type": ["array", "null"],
				"maxItems": 3,
				"uniqueItems": true,
				"items": {"type": "string", "enum": ["channel", "status", "priority", "category", "department", "assigned_agent"]}
			}
		}
	})},
	{"ConversationFigures", PAL_JSON_TEXT({
		"type": "object",
		"properties": {
			"conversations": {"type": "integer", "minimum": 0},
			"by_status": {"type": "object", "additionalProperties": {"type": "integer"}},
			"messages": {"type": "integer", "minimum": 0},
			"completion_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
			"response_time": {
				"type": "object",
				"properties": {
					"average_ms": {"type": ["number", "null"]},
					"max_ms": {"type": "integer"},
					"replies": {"type": "integer"},
					"conversations_timed": {"type": "integer", "description": "How many these figures are of."}
				}
			},
			"satisfaction": {
				"type": "object",
				"properties": {"average": {"type": ["number", "null"]}, "ratings": {"type": "integer"}}
			}
		}
	})},
	{"ConversationAnalytics", PAL_JSON_TEXT({
		"type": "object",
		"required": ["time_range", "granularity", "scope", "totals", "series"],
		"properties": {
			"time_range": {
				"type": "object",
				"properties": {"start": {"$ref": "#/components/schemas/Instant"}, "end": {"$ref": "#/components/schemas/Instant"}}
			},
			"granularity": {"type": "string", "enum": ["hour", "day", "week", "month"]},
			"scope": {"type": "string", "enum": ["tenant", "own"]},
			"totals": {"$ref": "#/components/schemas/ConversationFigures"},
			"series": {
				"type": "array",
				"items": {"allOf": [
					{"$ref": "#/components/schemas/ConversationFigures"},
					{"type": "object", "required": ["period"], "properties": {"period": {"type": "string", "description": "When it began; or other."}}}
				]}
			},
			"groups": {
				"type": "array",
				"items": {"allOf": [
					{"$ref": "#/components/schemas/ConversationFigures"},
					{"type": "object", "required": ["group"], "properties": {"group": {"type": ["object", "string"], "description": "What its members have in common; or other."}}}
				]}
			}
		}
	})},
	{NULL, NULL},
};
