/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail. */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_audit[] = {
	{"AuditRecord", PAL_JSON_TEXT({
		"type": "object",
		"required": ["log_id", "seq", "created_at", "event_type", "event_category", "event_subcategory", "user_id", "resource_type", "resource_id", "action", "description", "result", "ip_address", "request_id", "erased", "prev_hash", "hash"],
		"properties": {
			"log_id": {"type": "string"},
			"seq": {"type": "integer", "minimum": 1, "description": "1, 2, 3 in the tenant, without a gap."},
			"created_at": {"$ref": "#/components/schemas/Instant"},
			"event_type": {"type": ["string", "null"]},
			"event_category": {"type": "string", "enum": ["auth", "config", "data", "admin", "api"]},
			"event_subcategory": {"type": ["string", "null"]},
			"user_id": {"type": ["string", "null"], "description": "Who acted: a user, or an API key."},
			"resource_type": {"type": ["string", "null"]},
			"resource_id": {"type": ["string", "null"]},
			"action": {"type": ["string", "null"]},
			"description": {"type": "string"},
			"result": {"type": "string", "enum": ["success", "failure", "error"]},
			"ip_address": {"type": ["string", "null"]},
			"request_id": {"type": ["string", "null"]},
			"details": {"description": "Old and new values, metadata and the like; secrets are redacted."},
			"erased": {"type": "boolean", "description": "Whom it speaks of was erased; the hash holds all the same."},
			"prev_hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
			"hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
		}
	})},
	{"AuditList", PAL_JSON_TEXT({
		"type": "object",
		"required": ["logs", "total", "total_is_exact", "limit", "offset", "has_more", "next_cursor"],
		"properties": {
			"logs": {"type": "array", "items": {"$ref": "#/components/schemas/AuditRecord"}},
			"total": {"type": "integer", "minimum": 0},
			"total_is_exact": {"type": "boolean"},
			"limit": {"type": "integer", "minimum": 1, "maximum": 1000},
			"offset": {"type": "integer", "minimum": 0},
			"has_more": {"type": "boolean"},
			"next_cursor": {"type": ["string", "null"]}
		}
	})},
	{"AuditExport", PAL_JSON_TEXT({
		"type": "object",
		"required": ["logs"],
		"properties": {
			"logs": {"type": "array", "items": {"$ref": "#/components/schemas/AuditRecord"}}
		}
	})},
	{"AuditReportRequest", PAL_JSON_TEXT({
		"type": "object",
		"required": ["report_type"],
		"properties": {
			"report_type": {"type": "string", "enum": ["gdpr_data_access", "api_usage", "user_activity"]},
			"user_id": {"type": "string", "minLength": 1, "maxLength": 255, "description": "Only what this user did, or what was done to it."},
			"time_range": {
				"type": "object",
				"properties": {
					"start": {"type": ["string", "integer"]},
					"end": {"type": ["string", "integer"]}
				}
			}
		}
	})},
	{"AuditTable", PAL_JSON_TEXT({
		"type": "object",
		"required": ["rows", "others"],
		"properties": {
			"rows": {
				"type": "array",
				"items": {
					"type": "object",
					"required": ["key", "count", "not_success", "first_at", "last_at"],
					"properties": {
						"key": {"type": ["string", "null"]},
						"count": {"type": "integer", "minimum": 1},
						"not_success": {"type": "integer", "minimum": 0},
						"first_at": {"$ref": "#/components/schemas/Instant"},
						"last_at": {"$ref": "#/components/schemas/Instant"}
					}
				}
			},
			"others": {"type": "integer", "minimum": 0, "description": "Events beyond the first 200 keys."}
		}
	})},
	{"AuditReport", PAL_JSON_TEXT({
		"type": "object",
		"required": ["report_type", "generated_at", "time_range", "user_id", "total_events", "is_complete"],
		"properties": {
			"report_type": {"type": "string", "enum": ["gdpr_data_access", "api_usage", "user_activity"]},
			"generated_at": {"$ref": "#/components/schemas/Instant"},
			"time_range": {
				"type": "object",
				"properties": {
					"start": {"$ref": "#/components/schemas/Instant"},
					"end": {"$ref": "#/components/schemas/Instant"}
				}
			},
			"user_id": {"type": ["string", "null"]},
			"total_events": {"type": "integer", "minimum": 0},
			"is_complete": {"type": "boolean"},
			"by_event_type": {"$ref": "#/components/schemas/AuditTable"},
			"by_user": {"$ref": "#/components/schemas/AuditTable"},
			"by_action": {"$ref": "#/components/schemas/AuditTable"},
			"by_result": {"$ref": "#/components/schemas/AuditTable"},
			"by_day": {"$ref": "#/components/schemas/AuditTable"},
			"recent": {"type": "array", "items": {"$ref": "#/components/schemas/AuditRecord"}}
		}
	})},
	{NULL, NULL},
};
