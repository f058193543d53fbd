/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doc.h - what the API's contract says of one route beyond its row in routes.c. The rows, these and
 * the schemas (schemas.h) are all that /openapi.json is made of. All texts are static.
 */
#ifndef PALAVER_API_DOC_H
#define PALAVER_API_DOC_H

#include <stdbool.h>

/*
 * JSON as text, written without escaping: PAL_JSON_TEXT({"type": "string"}). Blanks between tokens
 * become one. At most 4095 characters, the longest string that C11 promises.
 */
#define PAL_JSON_TEXT(...) #__VA_ARGS__

/* A parameter of the path, of the query, or a header. Lists end with a nameless one. */
struct pal_api_param {
	const char *name;
	const char *schema;	/* PAL_JSON_TEXT(JSON schema); NULL: a string of 1 to 255 characters */
	const char *about;	/* one sentence */
	bool is_required;	/* in a path it always is */
};

/* How `response` stands in the body of a success. */
enum pal_api_shape {
	PAL_API_ENVELOPE,	/* {"status":"success","data":RESPONSE,"meta":{...}} */
	PAL_API_BARE,		/* RESPONSE itself */
};

/* One route. Zeroed fields mean: none, or the usual. */
struct pal_api_doc {
	const char *tag;	/* the group it is shown in: one of pal_api_tags */
	const char *about;	/* what the summary leaves out; whole sentences */
	const struct pal_api_param *path;	/* one for each parameter of the route's path */
	const struct pal_api_param *query;
	const struct pal_api_param *headers;	/* beyond those every route takes */
	const char *request;	/* schema of the body; NULL: it takes none */
	bool request_is_optional;	/* no body is fine too */
	const char *response;	/* schema of the data; NULL: any (of a text: a string) */
	enum pal_api_shape shape;
	int status;		/* of success; 0: 200 */
	const char *media;	/* of success, separated by blanks; NULL: application/json */
	bool is_paged;		/* it sends Link; true of all that take a cursor in their query */
	bool is_cached;		/* it sends ETag and answers 304 */
	bool is_versioned;	/* it sends ETag, but does not answer 304 */
	bool is_file;		/* it sends Content-Disposition with a name */
	/*
	 * Statuses of failure, "404 409", beyond those that the row tells: 401, 403, 429 and 503
	 * with PAL_ROUTE_AUTH, and 413, 415, 422 with a body. 400 and 500 may always come.
	 */
	const char *failures;
	const char *when_sick;	/* schema of the body of 503 where that is no error */
	const char *request_example, *response_example;	/* PAL_JSON_TEXT(...); of the data */
};

/* A group of operations, in the order in which they are shown. */
struct pal_api_tag {
	const char *name, *about;
};

#endif
