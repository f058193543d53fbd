/* SPDX-License-Identifier: Apache-2.0 */
#include "api/openapi.h"

#include <stdlib.h>

#include "api/docs.h"
#include "api/openapi_parts.h"
#include "base/json.h"
#include "base/version.h"

#define JSON_TYPE "application/json"
#define STRING_SCHEMA                                                                              \
	"{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,\"pattern\":"                         \
	"\"^[^\\\\x00-\\\\x1f\\\\x7f]+$\"}"

static const char about[] =
	"Messages in, replies out, and the conversations they make.\n\n"
	"Every answer is an envelope of status, data or error, and meta, but for those that say "
	"otherwise here. Errors come as application/problem+json (RFC 9457) when Accept names it. "
	"Body fields that no schema names are ignored. What is absent and what is another "
	"tenant's or another user's are answered alike. Every GET answers HEAD too, and every "
	"path OPTIONS, with Allow. palaver-api(7) says more.";

static void put_text(struct pal_buf *out, const char *text)
{
	pal_json_put_string(out, pal_str(text));
}

/* --- Parameters ------------------------------------------------------------------------------- */

static void put_param(struct pal_buf *out, const struct pal_api_param *param, const char *in)
{
	bool is_path = strcmp(in, "path") == 0;

	pal_buf_addf(out, "{\"name\":\"%s\",\"in\":\"%s\",\"required\":%s,\"description\":",
		     param->name, in, is_path || param->is_required ? "true" : "false");
	put_text(out, param->about);
	pal_buf_add_lit(out, ",\"schema\":");
	pal_buf_add_str(out, pal_str(param->schema ? param->schema : STRING_SCHEMA));
	pal_buf_add_lit(out, "},");
}

static void put_params(struct pal_buf *out, const struct pal_api_param *list, const char *in)
{
	for (; list && list->name; list++)
		put_param(out, list, in);
}

static void put_parameters(struct pal_buf *out, const struct pal_http_route *route)
{
	const struct pal_api_doc *doc = route->doc;

	pal_buf_add_lit(out, "\"parameters\":[");
	put_params(out, doc->path, "path");
	put_params(out, doc->query, "query");
	put_params(out, doc->headers, "header");
	if (route->flags & PAL_ROUTE_TENANT) {
		pal_openapi_ref(out, "parameters", "TenantId");
		pal_buf_add_char(out, ',');
	}
	pal_openapi_ref(out, "parameters", "RequestId");
	pal_buf_add_lit(out, "],");
}

static void put_request(struct pal_buf *out, const struct pal_api_doc *doc)
{
	if (!doc->request)
		return;
	pal_buf_addf(out, "\"requestBody\":{\"required\":%s,\"content\":{\"" JSON_TYPE
			  "\":{\"schema\":", doc->request_is_optional ? "false" : "true");
	pal_openapi_ref(out, "schemas", doc->request);
	if (doc->request_example) {
		pal_buf_add_lit(out, ",\"example\":");
		pal_buf_add_str(out, pal_str(doc->request_example));
	}
	pal_buf_add_lit(out, "}}},");
}

/* --- Answers ---------------------------------------------------------------------------------- */

/* The schema of the whole body. */
static void put_body_schema(struct pal_buf *out, const struct pal_api_doc *doc)
{
	if (doc->shape == PAL_API_ENVELOPE)
		pal_buf_add_lit(out, "{\"type\":\"object\",\"required\":[\"status\",\"data\","
				     "\"meta\"],\"properties\":{\"status\":{\"const\":"
				     "\"success\"},\"data\":");
	if (doc->response)
		pal_openapi_ref(out, "schemas", doc->response);
	else
		pal_buf_add_lit(out, "{}");
	if (doc->shape == PAL_API_ENVELOPE) {
		pal_buf_add_lit(out, ",\"meta\":");
		pal_openapi_ref(out, "schemas", "Meta");
		pal_buf_add_lit(out, "},\"additionalProperties\":false}");
	}
}

static void put_example(struct pal_buf *out, const struct pal_api_doc *doc)
{
	if (!doc->response_example)
		return;
	pal_buf_add_lit(out, ",\"example\":");
	if (doc->shape == PAL_API_ENVELOPE)
		pal_buf_add_lit(out, "{\"status\":\"success\",\"data\":");
	pal_buf_add_str(out, pal_str(doc->response_example));
	if (doc->shape == PAL_API_ENVELOPE)
		pal_buf_add_lit(out, ",\"meta\":{\"request_id\":\"r-1\",\"timestamp\":"
				     "\"2026-11-26T09:30:00.000Z\",\"api_version\":\"v2\","
				     "\"processing_time_ms\":1}}");
}

static void put_content(struct pal_buf *out, const struct pal_api_doc *doc)
{
	const char *media = doc->media ? doc->media : JSON_TYPE;

	pal_buf_add_lit(out, "\"content\":{");
	for (bool first = true; *media; first = false) {
		size_t n = strcspn(media, " ");
		pal_buf_addf(out, "%s\"%.*s\":{\"schema\":", first ? "" : ",", (int)n, media);
		if (strncmp(media, JSON_TYPE, n) == 0) {
			put_body_schema(out, doc);
			put_example(out, doc);
		} else {
			pal_buf_add_lit(out, "{\"type\":\"string\"}");
		}
		pal_buf_add_char(out, '}');
		media += n + strspn(media + n, " ");
	}
	pal_buf_add_char(out, '}');
}

/* What goes on from a cursor tells of the next page. */
static bool is_paged(const struct pal_api_doc *doc)
{
	for (const struct pal_api_param *p = doc->query; p && p->name; p++)
		if (strcmp(p->name, "cursor") == 0)
			return true;
	return doc->is_paged;
}

static unsigned header_flags(const struct pal_http_route *route)
{
	const struct pal_api_doc *doc = route->doc;

	return (route->flags & PAL_ROUTE_RATE_EXEMPT ? 0 : PAL_OPENAPI_RATE) |
	       (route->flags & PAL_ROUTE_TENANT ? PAL_OPENAPI_TENANT : 0) |
	       (is_paged(doc) ? PAL_OPENAPI_LINK : 0) |
	       (doc->is_cached || doc->is_versioned ? PAL_OPENAPI_ETAG : 0) |
	       (doc->is_file ? PAL_OPENAPI_FILE : 0);
}

static void put_success(struct pal_buf *out, const struct pal_http_route *route)
{
	const struct pal_api_doc *doc = route->doc;
	int status = doc->status ? doc->status : 200;

	pal_buf_addf(out, "\"%d\":{\"description\":\"%s\",", status,
		     status == 201 ? "Created." : "Done.");
	pal_openapi_headers(out, header_flags(route));
	pal_buf_add_char(out, ',');
	put_content(out, doc);
	pal_buf_add_char(out, '}');
	if (doc->is_cached) {
		pal_buf_add_lit(out, ",\"304\":{\"description\":\"If-None-Match names what the "
				     "answer would be.\",");
		pal_openapi_headers(out, header_flags(route));
		pal_buf_add_char(out, '}');
	}
}

/* 503 with a body of its own: what is asked for is that very state. */
static void put_sick(struct pal_buf *out, const struct pal_api_doc *doc)
{
	pal_buf_add_lit(out, ",\"503\":{\"description\":\"Not well, or stopping.\",");
	pal_openapi_headers(out, 0);
	pal_buf_add_lit(out, ",\"content\":{\"" JSON_TYPE "\":{\"schema\":{\"anyOf\":[");
	pal_openapi_ref(out, "schemas", doc->when_sick);
	pal_buf_add_char(out, ',');
	pal_openapi_ref(out, "schemas", "ErrorEnvelope");
	pal_buf_add_lit(out, "]}}}}");
}

bool pal_openapi_may_fail(const struct pal_http_route *route, int status)
{
	const struct pal_api_doc *doc = route->doc;

	for (const char *at = doc->failures; at && *at; at += strspn(at, " ")) {
		char *end;
		if (strtol(at, &end, 10) == status)
			return true;
		at = end;
	}
	switch (status) {
	case 400:
	case 500:
		return true;
	case 401:
	case 403:
	case 429:
	case 503:
		return route->flags & PAL_ROUTE_AUTH;
	case 413:
	case 415:
	case 422:
		return doc->request != NULL;
	default:
		return false;
	}
}

static void put_responses(struct pal_buf *out, const struct pal_http_route *route)
{
	const struct pal_api_doc *doc = route->doc;

	pal_buf_add_lit(out, "\"responses\":{");
	put_success(out, route);
	for (int status = 400; status < 600; status++) {
		if (status == 503 && doc->when_sick) {
			put_sick(out, doc);
		} else if (pal_openapi_may_fail(route, status)) {
			pal_buf_add_char(out, ',');
			pal_openapi_failure(out, status);
		}
	}
	pal_buf_add_char(out, '}');
}

/* --- Operations ------------------------------------------------------------------------------- */

static void put_method(struct pal_buf *out, enum pal_http_method method)
{
	struct pal_str name = pal_http_method_name(method);

	pal_buf_add_char(out, '"');
	for (size_t i = 0; i < name.n; i++)
		pal_buf_add_char(out, (char)(name.p[i] | 0x20));
	pal_buf_add_lit(out, "\":");
}

static void put_access(struct pal_buf *out, const struct pal_http_route *route)
{
	if (route->flags & PAL_ROUTE_AUTH)
		pal_buf_add_lit(out, "\"security\":[{\"apiKey\":[]},{\"bearer\":[]}],");
	else
		pal_buf_add_lit(out, "\"security\":[],");
	if (route->permission)
		pal_buf_addf(out, "\"x-permission\":\"%s\",", route->permission);
	if (route->flags & PAL_ROUTE_SENDS)
		pal_buf_add_lit(out, "\"x-permission-or\":\"messages:send\",");
}

static void put_operation(struct pal_buf *out, const struct pal_http_route *route)
{
	const struct pal_api_doc *doc = route->doc;

	put_method(out, route->method);
	pal_buf_addf(out, "{\"operationId\":\"%s\",\"summary\":", route->operation);
	put_text(out, route->summary);
	pal_buf_addf(out, ",\"tags\":[\"%s\"],", doc->tag);
	if (doc->about) {
		pal_buf_add_lit(out, "\"description\":");
		put_text(out, doc->about);
		pal_buf_add_char(out, ',');
	}
	put_access(out, route);
	put_parameters(out, route);
	put_request(out, doc);
	put_responses(out, route);
	pal_buf_add_char(out, '}');
}

/* Whether a row before `at` has the same path; its operations were written there. */
static bool is_written(const struct pal_http_route *routes, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (strcmp(routes[i].path, routes[at].path) == 0)
			return true;
	return false;
}

static void put_paths(struct pal_buf *out, const struct pal_http_route *routes, size_t count)
{
	pal_buf_add_lit(out, "\"paths\":{");
	for (size_t i = 0; i < count; i++) {
		if (is_written(routes, i))
			continue;
		pal_buf_addf(out, "%s\"%s\":{", i ? "," : "", routes[i].path);
		for (size_t j = i; j < count; j++) {
			if (strcmp(routes[i].path, routes[j].path) != 0)
				continue;
			pal_buf_add(out, ",", j > i ? 1 : 0);
			put_operation(out, &routes[j]);
		}
		pal_buf_add_char(out, '}');
	}
	pal_buf_add_lit(out, "},");
}

static void put_tags(struct pal_buf *out)
{
	size_t count;
	const struct pal_api_tag *tags = pal_api_tags(&count);

	pal_buf_add_lit(out, "\"tags\":[");
	for (size_t i = 0; i < count; i++) {
		pal_buf_addf(out, "%s{\"name\":\"%s\",\"description\":", i ? "," : "",
			     tags[i].name);
		put_text(out, tags[i].about);
		pal_buf_add_char(out, '}');
	}
	pal_buf_add_lit(out, "],");
}

void pal_openapi_write(struct pal_buf *out, const struct pal_http_route *routes, size_t count)
{
	pal_buf_addf(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"palaver\",\"version\":"
			  "\"%s\",\"license\":{\"name\":\"Apache-2.0\",\"identifier\":"
			  "\"Apache-2.0\"},\"description\":", pal_version());
	put_text(out, about);
	pal_buf_add_lit(out, "},\"servers\":[{\"url\":\"/\"}],");
	put_tags(out);
	put_paths(out, routes, count);
	pal_openapi_components(out);
	pal_buf_add_lit(out, "}\n");
}
