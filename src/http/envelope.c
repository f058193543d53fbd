/* SPDX-License-Identifier: Apache-2.0 */
#include "http/envelope.h"

#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "http/chars.h"
#include "http/home.h"
#include "http/status.h"

#define ENVELOPE_KEEP_BYTES 65536u	/* scratch larger than this is given back */
#define JSON_TYPE "application/json"
#define PROBLEM_TYPE "application/problem+json"

/* --- Parts ------------------------------------------------------------------------------------ */

static struct pal_buf *scratch_of(struct pal_http_exchange *exchange)
{
	struct pal_buf *scratch = &exchange->home->envelope;

	pal_buf_clear(scratch);
	return scratch;
}

static void respond_scratch(struct pal_http_exchange *exchange, int status, const char *type)
{
	struct pal_buf *scratch = &exchange->home->envelope;

	if (scratch->failed) {
		exchange->closes = true;
		pal_http_respond(exchange, 503, NULL, (struct pal_str){NULL, 0});
	} else {
		pal_http_respond(exchange, status, type, pal_buf_str(scratch));
	}
	if (scratch->cap > ENVELOPE_KEEP_BYTES)
		pal_buf_deinit(scratch);
}

static void add_timestamp(struct pal_buf *out, const struct pal_http_exchange *exchange)
{
	char text[PAL_TIME_TEXT_SIZE];
	int64_t wall_ms = pal_clock_wall_ms(pal_http_home_options(exchange->home)->clock);

	pal_buf_add_lit(out, "\"timestamp\":\"");
	pal_buf_add(out, pal_time_format(wall_ms, text), PAL_TIME_TEXT_SIZE - 1);
	pal_buf_add_char(out, '"');
}

static void add_meta(struct pal_buf *out, struct pal_http_exchange *exchange)
{
	int64_t elapsed_ns = pal_http_home_tick(exchange->home) - exchange->request.start_ns;

	pal_buf_add_lit(out, ",\"meta\":{\"request_id\":\"");
	pal_buf_add_str(out, exchange->request.id);	/* its characters need no escaping */
	pal_buf_add_lit(out, "\",");
	add_timestamp(out, exchange);
	pal_buf_add_lit(out, ",\"api_version\":\"v2\",\"processing_time_ms\":");
	pal_buf_add_u64(out, (uint64_t)(elapsed_ns / 1000000));
	pal_buf_add_lit(out, "}}");
}

/* The trace of the W3C header `00-TRACE-PARENT-FLAGS` when there is one, else the request's id. */
static struct pal_str trace_of(const struct pal_http_request *request)
{
	struct pal_str parent = pal_http_request_header(request, PAL_HTTP_H_TRACEPARENT);

	if (parent.n < 55 || parent.p[2] != '-' || parent.p[35] != '-')
		return request->id;
	for (size_t i = 3; i < 35; i++)
		if (pal_http_hex(parent.p[i]) < 0)
			return request->id;
	return (struct pal_str){parent.p + 3, 32};
}

static void add_fields(struct pal_buf *out, const struct pal_http_failure *failure)
{
	pal_buf_add_char(out, '[');
	for (size_t i = 0; i < failure->field_count; i++) {
		pal_buf_add_str(out, i ? PAL_STR(",{\"field\":") : PAL_STR("{\"field\":"));
		pal_json_put_string(out, failure->fields[i].field);
		pal_buf_add_lit(out, ",\"message\":");
		pal_json_put_string(out, failure->fields[i].message);
		pal_buf_add_char(out, '}');
	}
	pal_buf_add_char(out, ']');
}

/* --- Success ---------------------------------------------------------------------------------- */

void pal_http_success(struct pal_http_exchange *exchange, int status, const struct pal_buf *data)
{
	struct pal_buf *out = scratch_of(exchange);

	if (data->failed) {
		pal_http_fail_with(exchange, 503, "SERVICE_UNAVAILABLE",
				   "The answer does not fit into memory.");
		return;
	}
	pal_buf_add_lit(out, "{\"status\":\"success\",\"data\":");
	pal_buf_add_str(out, data->len ? pal_buf_str(data) : PAL_STR("null"));
	add_meta(out, exchange);
	respond_scratch(exchange, status, JSON_TYPE);
}

/* --- Failure ---------------------------------------------------------------------------------- */

/* The weight ";q=0", "; q=0.0" and so on: not at all (RFC 9110 section 12.4.2). */
static bool is_refused(struct pal_str parameters)
{
	for (size_t i = 0; i + 3 <= parameters.n; i++) {
		if (!pal_http_equal_nocase((struct pal_str){parameters.p + i, 2}, PAL_STR("q=")))
			continue;
		for (i += 2; i < parameters.n && (parameters.p[i] == '0' || parameters.p[i] == '.'); )
			i++;
		return i == parameters.n || parameters.p[i] == ' ' || parameters.p[i] == ';';
	}
	return false;
}

static bool wants_problem(const struct pal_http_request *request)
{
	struct pal_str accept = pal_http_request_header(request, PAL_HTTP_H_ACCEPT), item;

	while (pal_http_list_next(&accept, &item)) {
		const char *semicolon = memchr(item.p, ';', item.n);
		struct pal_str type = {item.p, semicolon ? (size_t)(semicolon - item.p) : item.n};
		const struct pal_str parameters = {item.p + type.n, item.n - type.n};
		while (type.n && type.p[type.n - 1] == ' ')
			type.n--;
		if (pal_http_equal_nocase(type, PAL_STR(PROBLEM_TYPE)))
			return !is_refused(parameters);
	}
	return false;
}

static void write_problem(struct pal_buf *out, struct pal_http_exchange *exchange,
			  const struct pal_http_failure *failure)
{
	const char *base = pal_http_home_options(exchange->home)->problem_base;

	pal_buf_add_lit(out, "{\"type\":\"");
	pal_buf_add_str(out, base ? pal_str(base) : PAL_STR("about:blank"));
	if (base)
		pal_buf_add_str(out, pal_str(failure->code));
	pal_buf_add_lit(out, "\",\"title\":");
	pal_json_put_string(out, pal_http_status_phrase(failure->status));
	pal_buf_add_lit(out, ",\"status\":");
	pal_buf_add_u64(out, (uint64_t)failure->status);
	pal_buf_add_lit(out, ",\"detail\":");
	pal_json_put_string(out, failure->message);
	pal_buf_add_lit(out, ",\"code\":");
	pal_json_put_string(out, pal_str(failure->code));
	if (failure->details.p) {
		pal_buf_add_lit(out, ",\"details\":");
		pal_buf_add_str(out, failure->details);
	} else if (failure->field_count) {
		pal_buf_add_lit(out, ",\"errors\":");
		add_fields(out, failure);
	}
	pal_buf_add_lit(out, ",\"request_id\":\"");
	pal_buf_add_str(out, exchange->request.id);
	pal_buf_add_lit(out, "\",\"trace_id\":\"");
	pal_buf_add_str(out, trace_of(&exchange->request));
	pal_buf_add_lit(out, "\",");
	add_timestamp(out, exchange);
	pal_buf_add_char(out, '}');
}

static void write_error(struct pal_buf *out, struct pal_http_exchange *exchange,
			const struct pal_http_failure *failure)
{
	pal_buf_add_lit(out, "{\"status\":\"error\",\"error\":{\"code\":");
	pal_json_put_string(out, pal_str(failure->code));
	pal_buf_add_lit(out, ",\"message\":");
	pal_json_put_string(out, failure->message);
	if (failure->details.p) {
		pal_buf_add_lit(out, ",\"details\":");
		pal_buf_add_str(out, failure->details);
	} else if (failure->field_count) {
		pal_buf_add_lit(out, ",\"details\":{\"fields\":");
		add_fields(out, failure);
		pal_buf_add_char(out, '}');
	}
	pal_buf_add_lit(out, ",\"trace_id\":\"");
	pal_buf_add_str(out, trace_of(&exchange->request));
	pal_buf_add_lit(out, "\",");
	add_timestamp(out, exchange);
	pal_buf_add_char(out, '}');
	add_meta(out, exchange);
}

static void add_failure_headers(struct pal_http_exchange *exchange,
				const struct pal_http_failure *failure)
{
	if (failure->status == 401 && !exchange->challenged)
		pal_http_header(exchange, PAL_STR("WWW-Authenticate"), PAL_STR("Bearer"));
	if (failure->retry_after_ms) {
		char bytes[24];
		struct pal_buf digits = {.data = bytes, .cap = sizeof(bytes), .max = sizeof(bytes)};
		pal_buf_add_u64(&digits, ((uint64_t)failure->retry_after_ms + 999) / 1000);
		pal_http_header(exchange, PAL_STR("Retry-After"), pal_buf_str(&digits));
	}
}

void pal_http_fail_as(struct pal_http_exchange *exchange, const struct pal_http_failure *failure)
{
	struct pal_buf *out = scratch_of(exchange);
	bool problem = wants_problem(&exchange->request);

	add_failure_headers(exchange, failure);
	if (problem)
		write_problem(out, exchange, failure);
	else
		write_error(out, exchange, failure);
	respond_scratch(exchange, failure->status, problem ? PROBLEM_TYPE : JSON_TYPE);
}

void pal_http_fail_with(struct pal_http_exchange *exchange, int status, const char *code,
			const char *message)
{
	pal_http_fail_as(exchange, &(struct pal_http_failure){.status = status,
							      .code = code,
							      .message = pal_str(message)});
}

static uint32_t retry_after_ms(const struct pal_error *err)
{
	if (err->retry_after_ms)
		return err->retry_after_ms;
	if (err->code == PAL_E_EXTERNAL)
		return 60000;
	return err->code == PAL_E_RATE_LIMIT ? 1000 : 0;
}

/* What went wrong inside is for the operator, not for the client (domain.md section 1.7). */
static void hide_cause(struct pal_http_exchange *exchange, const struct pal_error *err,
		       struct pal_http_failure *failure)
{
	static struct pal_log_limit limit = {.burst = 10, .interval_ms = 1000};
	uint32_t dropped;

	failure->message = PAL_STR("The service could not handle the request.");
	if (pal_log_limit_pass(&limit, &dropped))
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("http"), "a request failed inside",
			PAL_F_STR("request_id", exchange->request.id),
			PAL_F_TEXT("code", pal_code_name(err->code)),
			PAL_F_TEXT("subject", err->subject), PAL_F_TEXT("cause", err->message),
			PAL_F_I64("errno", err->sys_errno), PAL_F_I64("dropped", dropped));
}

void pal_http_fail(struct pal_http_exchange *exchange, const struct pal_error *err,
		   const struct pal_http_field_error *fields, size_t field_count)
{
	const struct pal_http_field_error single = {pal_str(err->subject), pal_str(err->message)};
	struct pal_http_failure failure = {
		.status = pal_code_status(err->code),
		.code = pal_code_api(err->code),
		.message = pal_str(err->message),
		.retry_after_ms = retry_after_ms(err),
		.fields = fields,
		.field_count = field_count,
	};

	if (err->code == PAL_E_VALIDATION && field_count == 0 && err->subject[0]) {
		failure.fields = &single;
		failure.field_count = 1;
	}
	if (err->code == PAL_E_SERVICE && err->retry_after_ms) {
		failure.status = 503;
		failure.code = "SERVICE_UNAVAILABLE";
	} else if (failure.status == 500) {
		hide_cause(exchange, err, &failure);
	}
	pal_http_fail_as(exchange, &failure);
}

void pal_http_fail_parameter(struct pal_http_exchange *exchange, const struct pal_error *err)
{
	struct pal_http_field_error field = {pal_str(err->subject), pal_str(err->message)};

	pal_http_fail_as(exchange, &(struct pal_http_failure){.status = 400,
							      .code = "VALIDATION_ERROR",
							      .message = pal_str(err->message),
							      .fields = &field,
							      .field_count = 1});
}

void pal_http_fail_json(struct pal_http_exchange *exchange, size_t offset, const char *why)
{
	struct pal_buf details = pal_buf_of(256);
	struct pal_str message = PAL_STR("The body is not valid JSON.");

	pal_buf_add_lit(&details, "{\"offset\":");
	pal_buf_add_u64(&details, offset);
	pal_buf_add_lit(&details, ",\"reason\":");
	pal_json_put_string(&details, pal_str(why));
	pal_buf_add_char(&details, '}');
	pal_http_fail_as(exchange, &(struct pal_http_failure){
					   .status = 400,
					   .code = "VALIDATION_ERROR",
					   .message = message,
					   .details = details.failed ? (struct pal_str){NULL, 0}
								     : pal_buf_str(&details),
				   });
	pal_buf_deinit(&details);
}
