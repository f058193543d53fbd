/* SPDX-License-Identifier: Apache-2.0 */
#include "api/openapi_parts.h"

#include <stdio.h>

#include "api/schemas.h"
#include "base/json.h"
#include "http/status.h"

#define EXAMPLE_META                                                                               \
	"\"meta\":{\"request_id\":\"7b0c8f0e-1d3c-4a52-9a57-3f6d3f5c9a11\",\"timestamp\":"         \
	"\"2026-11-26T09:30:00.000Z\",\"api_version\":\"v2\",\"processing_time_ms\":1}"

/* What fails with which status, and the code that an example shows. */
static const struct failure {
	int status;
	const char *code, *about, *headers;
} failures[] = {
	{400, "VALIDATION_ERROR", "The path, the query, a header, or the JSON itself is wrong.", NULL},
	{401, "AUTHENTICATION_FAILED", "No credential, or none that holds.", "WWW-Authenticate"},
	{403, "ACCESS_DENIED", "The credential does not allow this, or is another tenant's.", NULL},
	{404, "RESOURCE_NOT_FOUND", "There is no such thing, or it is somebody else's.", NULL},
	{405, "METHOD_NOT_ALLOWED", "The resource does not know this method.", "Allow"},
	{409, "RESOURCE_CONFLICT", "It contradicts what is there; nothing was changed.", NULL},
	{412, "PRECONDITION_FAILED", "If-Match names another version than there is; nothing was changed.",
	 NULL},
	{413, "PAYLOAD_TOO_LARGE", "The body is too large.", NULL},
	{415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json.", NULL},
	{422, "VALIDATION_ERROR", "Fields of the body are wrong; all of them are named.", NULL},
	{429, "RATE_LIMIT_EXCEEDED", "Too many requests, or the tenant's quota is used up.",
	 "Retry-After X-Quota-Name X-Quota-Limit X-Quota-Used X-Quota-Remaining"},
	{500, "SERVICE_ERROR", "The service failed; its log says why.", NULL},
	{502, "DELIVERY_FAILED", "The channel did not take the message.", NULL},
	{503, "SERVICE_UNAVAILABLE", "Busy or stopping; try again.", "Retry-After"},
	{504, "REQUEST_TIMEOUT", "It took too long.", NULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char security_schemes[] = PAL_JSON_TEXT({
	"bearer": {
		"type": "http",
		"scheme": "bearer",
		"bearerFormat": "JWT",
		"description": "A token with sub, tenant_id and exp, signed with the service's secret."
	},
	"apiKey": {
		"type": "apiKey",
		"in": "header",
		"name": "X-API-Key",
		"description": "A key of the tenant; Authorization: ApiKey KEY does as well. One credential a request."
	}
});

static const char parameters[] = PAL_JSON_TEXT({
	"TenantId": {
		"name": "X-Tenant-ID",
		"in": "header",
		"required": false,
		"description": "Must be the credential's own tenant. Whether it may be left out is a matter of configuration.",
		"schema": {"type": "string", "minLength": 1, "maxLength": 255}
	},
	"RequestId": {
		"name": "X-Request-ID",
		"in": "header",
		"required": false,
		"description": "Comes back with the answer and stands in the log when it is 1 to 128 letters, digits or ._~:/+=-; else one is made up.",
		"schema": {"type": "string"}
	}
});

static const char headers[] = PAL_JSON_TEXT({
	"X-Request-ID": {"description": "Names this request in the log.", "schema": {"type": "string"}},
	"X-Processing-Time": {"description": "Milliseconds from its first byte to the answer.", "schema": {"type": "integer"}},
	"X-Correlation-ID": {"description": "As it was sent, when it was fit.", "schema": {"type": "string"}},
	"X-Trace-ID": {"description": "As it was sent, when it was fit.", "schema": {"type": "string"}},
	"X-RateLimit-Limit": {"description": "Requests allowed in the window that is nearest its end.", "schema": {"type": "integer"}},
	"X-RateLimit-Remaining": {"description": "Requests left in it.", "schema": {"type": "integer"}},
	"X-RateLimit-Reset": {"description": "When there is room again, in seconds since 1970.", "schema": {"type": "integer"}},
	"X-RateLimit-Type": {"description": "The tier.", "schema": {"type": "string"}},
	"RateLimit-Policy": {"description": "All windows: draft-ietf-httpapi-ratelimit-headers-11.", "schema": {"type": "string"}},
	"RateLimit": {"description": "The window that is nearest its end, of the same draft.", "schema": {"type": "string"}},
	"X-Tenant-ID": {"description": "The credential's tenant.", "schema": {"type": "string"}},
	"X-Data-Residency": {"description": "Where its data is kept.", "schema": {"type": "string"}},
	"X-Quota-Name": {"description": "The quota that is used up.", "schema": {"type": "string"}},
	"X-Quota-Limit": {"description": "How much it allows.", "schema": {"type": "integer"}},
	"X-Quota-Used": {"description": "How much of it is used.", "schema": {"type": "integer"}},
	"X-Quota-Remaining": {"description": "How much of it is left.", "schema": {"type": "integer"}},
	"ETag": {"description": "Names this very content.", "schema": {"type": "string"}},
	"Content-Disposition": {"description": "The name to keep it under.", "schema": {"type": "string"}},
	"Link": {"description": "rel=\"next\": the next page (RFC 8288); absent on the last one.", "schema": {"type": "string"}},
	"Retry-After": {"description": "Seconds to wait before the same request may succeed; absent where waiting does not help.", "schema": {"type": "integer"}},
	"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}},
	"Allow": {"description": "The methods the resource knows.", "schema": {"type": "string"}}
});

void pal_openapi_ref(struct pal_buf *out, const char *kind, const char *name)
{
	pal_buf_addf(out, "{\"$ref\":\"#/components/%s/%s\"}", kind, name);
}

static void put_header(struct pal_buf *out, const char *name)
{
	pal_buf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", name);
	pal_openapi_ref(out, "headers", name);
}

void pal_openapi_headers(struct pal_buf *out, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} rows[] = {
		{0, "X-Request-ID"},
		{0, "X-Processing-Time"},
		{0, "X-Correlation-ID"},
		{0, "X-Trace-ID"},
		{PAL_OPENAPI_RATE, "X-RateLimit-Limit"},
		{PAL_OPENAPI_RATE, "X-RateLimit-Remaining"},
		{PAL_OPENAPI_RATE, "X-RateLimit-Reset"},
		{PAL_OPENAPI_RATE, "X-RateLimit-Type"},
		{PAL_OPENAPI_RATE, "RateLimit-Policy"},
		{PAL_OPENAPI_RATE, "RateLimit"},
		{PAL_OPENAPI_TENANT, "X-Tenant-ID"},
		{PAL_OPENAPI_TENANT, "X-Data-Residency"},
		{PAL_OPENAPI_LINK, "Link"},
		{PAL_OPENAPI_ETAG, "ETag"},
		{PAL_OPENAPI_FILE, "Content-Disposition"},
	};

	pal_buf_add_lit(out, "\"headers\":{");
	for (size_t i = 0; i < COUNT(rows) && !out->failed; i++)
		if ((rows[i].flag & flags) == rows[i].flag)
			put_header(out, rows[i].name);
	pal_buf_add_char(out, '}');
}

/* "Not Found" as the name NotFound. */
static void put_failure_name(struct pal_buf *out, int status)
{
	struct pal_str phrase = pal_http_status_phrase(status);

	for (size_t i = 0; i < phrase.n; i++)
		if (phrase.p[i] != ' ' && phrase.p[i] != '-')
			pal_buf_add_char(out, phrase.p[i]);
}

void pal_openapi_failure(struct pal_buf *out, int status)
{
	pal_buf_addf(out, "\"%d\":{\"$ref\":\"#/components/responses/", status);
	put_failure_name(out, status);
	pal_buf_add_lit(out, "\"}");
}

/* More headers, separated by blanks, before the closing bracket. */
static void put_more_headers(struct pal_buf *out, const char *names)
{
	char name[32];

	if (!names || out->failed)
		return;
	out->len--;
	for (; *names && !out->failed; names += strspn(names, " ")) {
		size_t n = strcspn(names, " ");
		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		put_header(out, name);
		names += n;
	}
	pal_buf_add_char(out, '}');
}

static void put_failure(struct pal_buf *out, const struct failure *failure)
{
	pal_buf_add_char(out, '"');
	put_failure_name(out, failure->status);
	pal_buf_add_lit(out, "\":{\"description\":");
	pal_json_put_string(out, pal_str(failure->about));
	pal_buf_add_char(out, ',');
	pal_openapi_headers(out, PAL_OPENAPI_RATE | PAL_OPENAPI_TENANT);
	put_more_headers(out, failure->headers);
	pal_buf_add_lit(out, ",\"content\":{\"application/json\":{\"schema\":");
	pal_openapi_ref(out, "schemas", "ErrorEnvelope");
	pal_buf_addf(out, ",\"example\":{\"status\":\"error\",\"error\":{\"code\":\"%s\",\"message\":",
		     failure->code);
	pal_json_put_string(out, pal_str(failure->about));
	pal_buf_add_lit(out, ",\"trace_id\":\"7b0c8f0e-1d3c-4a52-9a57-3f6d3f5c9a11\",\"timestamp\":"
			     "\"2026-11-26T09:30:00.000Z\"}," EXAMPLE_META
			     "}},\"application/problem+json\":{\"schema\":");
	pal_openapi_ref(out, "schemas", "Problem");
	pal_buf_add_lit(out, "}}}");
}

void pal_openapi_components(struct pal_buf *out)
{
	struct pal_api_schema_at at = {0};
	const struct pal_api_schema *schema;

	pal_buf_add_lit(out, "\"components\":{\"securitySchemes\":");
	pal_buf_add_str(out, pal_str(security_schemes));
	pal_buf_add_lit(out, ",\"parameters\":");
	pal_buf_add_str(out, pal_str(parameters));
	pal_buf_add_lit(out, ",\"headers\":");
	pal_buf_add_str(out, pal_str(headers));
	pal_buf_add_lit(out, ",\"responses\":{");
	for (size_t i = 0; i < COUNT(failures); i++) {
		pal_buf_add(out, ",", i ? 1 : 0);
		put_failure(out, &failures[i]);
	}
	pal_buf_add_lit(out, "},\"schemas\":{");
	for (bool first = true; pal_api_schema_next(&at, &schema); first = false) {
		pal_buf_addf(out, "%s\"%s\":", first ? "" : ",", schema->name);
		pal_buf_add_str(out, pal_str(schema->text));
	}
	pal_buf_add_lit(out, "}}");
}
