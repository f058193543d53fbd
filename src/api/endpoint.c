/* SPDX-License-Identifier: Apache-2.0 */
#include "api/endpoint.h"

#include <stdarg.h>
#include <stdio.h>

#include "api/api.h"
#include "api/client.h"
#include "base/clock.h"
#include "http/envelope.h"
#include "model/message.h"
#include "model/names.h"
#include "service/view/answer.h"

#define EPOCH_MS_FROM 10000000000ll	/* larger numbers are milliseconds */
#define YEAR_9999_MS 253402300799999ll	/* what ISO 8601 with four digits can say */

/* --- Calls ------------------------------------------------------------------------------------ */

static void fail_memory(struct pal_http_exchange *exchange)
{
	struct pal_error err;

	pal_fail_retry(&err, PAL_E_SERVICE, 1000, "api", "out of memory");
	pal_http_fail(exchange, &err, NULL, 0);
}

void *pal_call_create(struct pal_http_exchange *exchange, size_t size,
		      void (*answer)(struct pal_call *call))
{
	struct pal_call *call =
		pal_arena_get(pal_http_exchange_request(exchange)->arena, size);

	if (!call) {
		fail_memory(exchange);
		return NULL;
	}
	memset(call, 0, size);
	call->exchange = exchange;
	call->answer = answer;
	return call;
}

static void answer_on_loop(struct pal_loop_job *job)
{
	struct pal_call *call = (struct pal_call *)((char *)job - offsetof(struct pal_call, job));

	call->answer(call);
}

void pal_call_return(struct pal_call *call)
{
	call->job.run = answer_on_loop;
	pal_loop_run_on(pal_http_exchange_loop(call->exchange), &call->job);
}

void pal_api_answer(struct pal_http_exchange *exchange, int status, enum pal_code code,
		    const struct pal_error *err, struct pal_buf *data)
{
	struct pal_buf taken = *data;

	*data = pal_buf_of(0);	/* it may lie in the arena that answering gives up */
	if (code == PAL_OK)
		pal_http_success(exchange, status, &taken);
	else
		pal_http_fail(exchange, err, NULL, 0);
	pal_buf_deinit(&taken);
}

struct pal_str pal_api_client_address(const struct pal_api *api,
				      const struct pal_http_request *request)
{
	char *text = pal_arena_get(request->arena, PAL_HTTP_PEER_TEXT_SIZE);

	if (!text)
		return (struct pal_str){NULL, 0};
	const struct pal_http_peer client = pal_client_of(api->proxies, request);
	return pal_str(pal_http_peer_format(&client, text));
}

enum pal_code pal_api_idempotency_key(const struct pal_http_request *request, struct pal_str *ret,
				      struct pal_error *err)
{
	struct pal_str key = pal_http_request_header(request, PAL_HTTP_H_IDEMPOTENCY_KEY);
	size_t points = 0;

	if (key.n >= 2 && key.p[0] == '"' && key.p[key.n - 1] == '"')
		key = (struct pal_str){key.p + 1, key.n - 2};
	if (key.p && (!pal_utf8_count(key, &points) || points == 0 || points > PAL_ID_POINTS_MAX))
		return pal_fail(err, PAL_E_VALIDATION, "Idempotency-Key",
				"Idempotency-Key must have 1 to %u characters", PAL_ID_POINTS_MAX);
	*ret = key;
	return PAL_OK;
}

static size_t copy_errors(const struct pal_field_errors *errors,
			  struct pal_http_field_error out[PAL_FIELD_ERRORS_MAX])
{
	for (size_t i = 0; i < errors->count; i++)
		out[i] = (struct pal_http_field_error){pal_str(errors->item[i].field),
						       pal_str(errors->item[i].message)};
	return errors->count;
}

void pal_api_fail_fields(struct pal_http_exchange *exchange, const struct pal_field_errors *errors,
			 const struct pal_error *err)
{
	struct pal_http_field_error fields[PAL_FIELD_ERRORS_MAX];

	pal_http_fail(exchange, err, fields, copy_errors(errors, fields));
}

/* --- Parameters ------------------------------------------------------------------------------- */

void pal_params_read(struct pal_params *params, const struct pal_http_request *request)
{
	struct pal_error err;

	params->request = request;
	params->query.count = 0;
	params->errors.count = 0;
	if (pal_http_query_parse(request->query, request->arena, &params->query, &err) != PAL_OK)
		pal_param_wrong(params, err.subject, "%s", err.message);
}

void pal_param_wrong(struct pal_params *params, const char *name, const char *fmt, ...)
{
	struct pal_field_errors *errors = &params->errors;
	va_list args;

	if (errors->count == PAL_FIELD_ERRORS_MAX)
		return;
	struct pal_field_error *e = &errors->item[errors->count++];
	snprintf(e->field, sizeof(e->field), "%s", name);
	va_start(args, fmt);
	vsnprintf(e->message, sizeof(e->message), fmt, args);
	va_end(args);
}

/* The value of `name`; p is NULL when absent or given twice, which is noted. */
static struct pal_str value_of(struct pal_params *params, const char *name)
{
	struct pal_str text = {NULL, 0};
	struct pal_error err;

	if (pal_http_query_get_once(&params->query, name, &text, &err) != PAL_OK)
		pal_param_wrong(params, name, "%s", err.message);
	return text;
}

/* Digits only; false when it is something else or above max. */
static bool whole_number(struct pal_str text, int64_t max, int64_t *ret)
{
	int64_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int digit = text.p[i] - '0';
		if (digit < 0 || digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*ret = n;
	return text.n > 0;
}

int64_t pal_param_number(struct pal_params *params, const char *name, int64_t min, int64_t max,
			 int64_t fallback)
{
	struct pal_str text = value_of(params, name);
	int64_t n;

	if (!text.p)
		return fallback;
	if (whole_number(text, max, &n) && n >= min)
		return n;
	pal_param_wrong(params, name, "must be a whole number within %lld..%lld", (long long)min,
			(long long)max);
	return fallback;
}

bool pal_param_flag(struct pal_params *params, const char *name, bool fallback)
{
	static const char *const names[] = {"false", "true"};

	return pal_param_choice(params, name, names, 2, fallback) == 1;
}

/* "a, b, c" */
static void list_names(const char *const *names, size_t count, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "", names[i]);
}

int pal_param_choice(struct pal_params *params, const char *name, const char *const *names,
		     size_t count, int fallback)
{
	struct pal_str text = value_of(params, name);
	size_t i = text.p ? pal_name_index(names, count, text) : 0;
	char list[sizeof(params->errors.item[0].message)];

	if (!text.p)
		return fallback;
	if (i < count)
		return (int)i;
	list_names(names, count, list, sizeof(list));
	pal_param_wrong(params, name, "must be one of %s", list);
	return fallback;
}

int64_t pal_param_instant(struct pal_params *params, const char *name, int64_t fallback)
{
	struct pal_str text = value_of(params, name);
	int64_t ms;

	if (!text.p)
		return fallback;
	if (whole_number(text, YEAR_9999_MS, &ms))
		return ms > EPOCH_MS_FROM ? ms : ms * 1000;
	if (pal_time_parse(text, &ms) && ms >= 0 && ms <= YEAR_9999_MS)
		return ms;
	pal_param_wrong(params, name, "must be an ISO 8601 instant (with + as %%2B) or a Unix time");
	return fallback;
}

struct pal_str pal_param_text(struct pal_params *params, const char *name, size_t max)
{
	struct pal_str text = value_of(params, name);
	size_t points;

	if (!text.p || (pal_utf8_count(text, &points) && points >= 1 && points <= max))
		return text;
	pal_param_wrong(params, name, "must have 1 to %zu characters", max);
	return (struct pal_str){NULL, 0};
}

bool pal_params_are_good(const struct pal_params *params, struct pal_http_exchange *exchange)
{
	struct pal_http_field_error fields[PAL_FIELD_ERRORS_MAX];
	struct pal_error err;

	if (pal_field_errors_result(&params->errors, &err) == PAL_OK)
		return true;
	pal_http_fail_as(exchange, &(struct pal_http_failure){
					   .status = 400,
					   .code = "VALIDATION_ERROR",
					   .message = pal_str(err.message),
					   .fields = fields,
					   .field_count = copy_errors(&params->errors, fields)});
	return false;
}

/* --- The body --------------------------------------------------------------------------------- */

bool pal_body_read(struct pal_body *body, struct pal_http_exchange *exchange,
		   const struct pal_http_request *request, bool may_be_empty)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	struct pal_error err;

	body->errors.count = 0;
	body->fields = (struct pal_fields){
		.json = json, .arena = request->arena, .errors = &body->errors};
	body->root = (struct pal_fields_at){.node = PAL_JSON_NONE, .index = -1};
	if (may_be_empty && request->body.n == 0)
		return true;
	if (!pal_json_scan(json, request->body, &fault)) {
		pal_http_fail_json(exchange, fault.at, fault.why);
		return false;
	}
	if (pal_json_type(json, 0) != PAL_JSON_OBJECT) {
		pal_fail(&err, PAL_E_VALIDATION, "body", "the body must be a JSON object");
		pal_http_fail(exchange, &err, NULL, 0);
		return false;
	}
	body->root.node = 0;
	return true;
}

int pal_body_choice(struct pal_body *body, const char *name, const char *const *names,
		    size_t count, int fallback)
{
	static const struct pal_text_rule rule = {.max = PAL_ERROR_SUBJECT_MAX};
	struct pal_str text = pal_fields_text(&body->fields, &body->root, name, &rule);
	size_t i = text.p ? pal_name_index(names, count, text) : 0;
	char list[sizeof(body->errors.item[0].message)];

	if (!text.p)
		return fallback;
	if (i < count)
		return (int)i;
	list_names(names, count, list, sizeof(list));
	pal_fields_wrong(&body->fields, &body->root, name, "must be one of %s", list);
	return fallback;
}

int pal_element_choice(struct pal_fields *fields, const struct pal_fields_at *at,
		       const char *const *names, size_t count)
{
	bool is_text = pal_json_type(fields->json, at->node) == PAL_JSON_STRING;
	struct pal_str text = {NULL, 0};
	char list[sizeof(fields->errors->item[0].message)];

	if (is_text)
		text = pal_json_string(fields->json, at->node, fields->arena);
	fields->failed_memory |= is_text && !text.p;
	size_t i = text.p ? pal_name_index(names, count, text) : count;
	if (i < count)
		return (int)i;
	list_names(names, count, list, sizeof(list));
	pal_fields_wrong(fields, at, NULL, "must be one of %s", list);
	return -1;
}

bool pal_body_is_good(const struct pal_body *body, struct pal_http_exchange *exchange)
{
	struct pal_error err;

	if (body->fields.failed_memory) {
		fail_memory(exchange);
		return false;
	}
	if (pal_field_errors_result(&body->errors, &err) == PAL_OK)
		return true;
	pal_api_fail_fields(exchange, &body->errors, &err);
	return false;
}
