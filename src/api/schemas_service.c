/* SPDX-License-Identifier: Apache-2.0 */
/* What the service says about itself. */
#include "api/schemas.h"

const struct pal_api_schema pal_schemas_service[] = {
	{"Liveness", PAL_JSON_TEXT({
		"type": "object",
		"required": ["status", "version", "timestamp", "uptime_seconds"],
		"properties": {
			"status": {"const": "healthy"},
			"version": {"type": "string"},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"uptime_seconds": {"type": "integer"}
		}
	})},
	{"Health", PAL_JSON_TEXT({
		"type": "object",
		"required": ["status", "version", "timestamp", "uptime_seconds", "databases"],
		"properties": {
			"status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy", "stopped"]},
			"version": {"type": "string"},
			"timestamp": {"$ref": "#/components/schemas/Instant"},
			"uptime_seconds": {"type": "integer"},
			"databases": {
				"type": "object",
				"additionalProperties": {
					"type": "object",
					"required": ["status"],
					"properties": {
						"status": {"type": "string", "enum": ["healthy", "degraded", "unhealthy", "unknown"]},
						"detail": {"type": "string"}
					}
				}
			}
		}
	})},
	{"Info", PAL_JSON_TEXT({
		"type": "object",
		"required": ["name", "version", "api_version", "environment"],
		"properties": {
			"name": {"const": "palaver"},
			"version": {"type": "string"},
			"api_version": {"const": "v2"},
			"environment": {"type": "string"}
		}
	})},
	{"OpenApi", PAL_JSON_TEXT({
		"type": "object",
		"required": ["openapi", "info", "paths", "components"],
		"properties": {"openapi": {"const": "3.1.0"}}
	})},
	{NULL, NULL},
};
