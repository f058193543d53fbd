/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schemas.h - the shapes of the API's bodies as JSON schemas (draft 2020-12), which become
 * #/components/schemas of /openapi.json. Those of a resource stand in schemas_<resource>.c.
 */
#ifndef PALAVER_API_SCHEMAS_H
#define PALAVER_API_SCHEMAS_H

#include <stdbool.h>
#include <stddef.h>

#include "api/doc.h"

/* Refer to another schema from within PAL_JSON_TEXT: {"$ref": "#/components/schemas/NAME"}. */
struct pal_api_schema {
	const char *name;	/* "SendMessageRequest": letters and digits, unique */
	const char *text;	/* PAL_JSON_TEXT(...): one object */
};

/* Lists that end with a nameless one; pal_api_schema_next goes through all of them. */
extern const struct pal_api_schema pal_schemas_common[];	/* schemas.c */
extern const struct pal_api_schema pal_schemas_access[], pal_schemas_channels[], pal_schemas_deliveries[],
	pal_schemas_chat[], pal_schemas_conversations[],
	pal_schemas_conversation_reads[],
	pal_schemas_operations[], pal_schemas_audit[],
	pal_schemas_service[], pal_schemas_sessions[];

/*
 * Go through all schemas: start with *at = {0}; false at the end. Runs on: any.
 */
struct pal_api_schema_at {
	size_t list, row;
};
bool pal_api_schema_next(struct pal_api_schema_at *at, const struct pal_api_schema **ret_schema);

/* Whether there is a schema of this name. Runs on: any. */
bool pal_api_schema_exists(const char *name);

#endif
