/* SPDX-License-Identifier: Apache-2.0 */
#include "api/schemas.h"

#include <string.h>

const struct pal_api_schema pal_schemas_common[] = {
	{"Meta", PAL_JSON_TEXT({
		"type": "object",
		"description": "About the answer itself.",
		"required": ["request_id", "timestamp", "api_version", "processing_time_ms"],
		"properties": {
			"request_id": {"type": "string", "description": "As in X-Request-ID."},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"api_version": {"const": "v2"},
			"message": {"type": "string"},
			"processing_time_ms": {"type": "integer", "minimum": 0}
		},
		"additionalProperties": false
	})},
	{"Instant", PAL_JSON_TEXT({
		"type": "string",
		"format": "date-time",
		"description": "ISO 8601 in UTC with milliseconds.",
		"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$",
		"examples": ["2026-11-26T09:30:00.000Z"]
	})},
	{"InstantInput", PAL_JSON_TEXT({
		"description": "ISO 8601 with any offset, or seconds or milliseconds since 1970.",
		"type": ["string", "number", "null"],
		"examples": ["2026-11-26T10:30:00+01:00", 1795689000, 1795689000000]
	})},
	{"Identifier", PAL_JSON_TEXT({
		"type": "string",
		"minLength": 1,
		"maxLength": 255,
		"description": "Opaque; those made here are lower-case UUIDs of version 4."
	})},
	{"FieldError", PAL_JSON_TEXT({
		"type": "object",
		"required": ["field", "message"],
		"properties": {
			"field": {"type": "string", "examples": ["content.text"]},
			"message": {"type": "string", "examples": ["must not be blank"]}
		},
		"additionalProperties": false
	})},
	{"ErrorCode", PAL_JSON_TEXT({
		"type": "string",
		"description": "What went wrong, for programs. Try again after RATE_LIMIT_EXCEEDED, QUOTA_EXCEEDED, SERVICE_UNAVAILABLE, EXTERNAL_SERVICE_ERROR and REQUEST_TIMEOUT only.",
		"enum": ["VALIDATION_ERROR", "AUTHENTICATION_FAILED", "INVALID_TOKEN",
			 "TOKEN_EXPIRED", "MISSING_TENANT_ID", "TENANT_ERROR", "ACCESS_DENIED",
			 "RESOURCE_NOT_FOUND", "RESOURCE_CONFLICT", "PRECONDITION_FAILED", "METHOD_NOT_ALLOWED",
			 "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE",
			 "RATE_LIMIT_EXCEEDED", "QUOTA_EXCEEDED", "PROCESSING_ERROR",
			 "DELIVERY_FAILED", "SERVICE_ERROR", "INTERNAL_ERROR",
			 "SERVICE_UNAVAILABLE", "EXTERNAL_SERVICE_ERROR", "REQUEST_TIMEOUT",
			 "URI_TOO_LONG", "HEADERS_TOO_LARGE", "EXPECTATION_FAILED",
			 "NOT_IMPLEMENTED", "VERSION_NOT_SUPPORTED"]
	})},
	{"Error", PAL_JSON_TEXT({
		"type": "object",
		"required": ["code", "message", "trace_id", "timestamp"],
		"properties": {
			"code": {"$ref": "#/components/schemas/ErrorCode"},
			"message": {"type": "string", "description": "One sentence for people."},
			"details": {
				"type": "object",
				"properties": {
					"fields": {
						"type": "array",
						"items": {"$ref": "#/components/schemas/FieldError"}
					},
					"offset": {"type": "integer", "description": "The byte at which the body stops being JSON."},
					"reason": {"type": "string"}
				}
			},
			"trace_id": {"type": "string"},
			"timestamp": {"$ref": "#/components/schemas/Instant"}
		},
		"additionalProperties": false
	})},
	{"ErrorEnvelope", PAL_JSON_TEXT({
		"type": "object",
		"required": ["status", "error", "meta"],
		"properties": {
			"status": {"const": "error"},
			"error": {"$ref": "#/components/schemas/Error"},
			"meta": {"$ref": "#/components/schemas/Meta"}
		},
		"additionalProperties": false
	})},
	{"Problem", PAL_JSON_TEXT({
		"type": "object",
		"description": "The same error as RFC 9457 has it, when Accept names application/problem+json.",
		"required": ["type", "title", "status", "detail", "code", "request_id", "trace_id", "timestamp"],
		"properties": {
			"type": {"type": "string", "format": "uri-reference"},
			"title": {"type": "string"},
			"status": {"type": "integer", "minimum": 400, "maximum": 599},
			"detail": {"type": "string"},
			"code": {"$ref": "#/components/schemas/ErrorCode"},
			"errors": {
				"type": "array",
				"items": {"$ref": "#/components/schemas/FieldError"}
			},
			"details": {"type": "object"},
			"request_id": {"type": "string"},
			"trace_id": {"type": "string"},
			"timestamp": {"$ref": "#/components/schemas/Instant"}
		},
		"additionalProperties": false
	})},
	{NULL, NULL},
};

static const struct pal_api_schema *const lists[] = {
	pal_schemas_common,
	pal_schemas_access,
	pal_schemas_chat,
	pal_schemas_conversations,
	pal_schemas_conversation_reads,
	pal_schemas_sessions,
	pal_schemas_channels,
	pal_schemas_deliveries,
	pal_schemas_operations,
	pal_schemas_audit,
	pal_schemas_service,
};

bool pal_api_schema_next(struct pal_api_schema_at *at, const struct pal_api_schema **ret_schema)
{
	for (; at->list < sizeof(lists) / sizeof(lists[0]); at->list++, at->row = 0) {
		const struct pal_api_schema *schema = &lists[at->list][at->row];
		if (!schema->name)
			continue;
		at->row++;
		*ret_schema = schema;
		return true;
	}
	return false;
}

bool pal_api_schema_exists(const char *name)
{
	struct pal_api_schema_at at = {0};
	const struct pal_api_schema *schema;

	while (pal_api_schema_next(&at, &schema))
		if (strcmp(schema->name, name) == 0)
			return true;
	return false;
}
