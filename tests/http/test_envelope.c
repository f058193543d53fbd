/* SPDX-License-Identifier: Apache-2.0 */
#include "http/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/harness.h"
#include "suite.h"

/* What the next request is answered with; the server's loop reads it, the test has waited by
 * then. */
static struct {
	struct pal_error err;
	struct pal_http_failure failure;
	const struct pal_http_field_error *fields;
	size_t field_count;
	enum { FAIL, FAIL_AS, FAIL_JSON, SUCCEED, SUCCEED_FAILED } what;
} next;

static void on_request(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	struct pal_buf data = pal_buf_of(4);

	(void)request;
	(void)app;
	switch (next.what) {
	case FAIL:
		pal_http_fail(exchange, &next.err, next.fields, next.field_count);
		break;
	case FAIL_AS:
		pal_http_fail_as(exchange, &next.failure);
		break;
	case FAIL_JSON:
		pal_http_fail_json(exchange, 17, "duplicate key");
		break;
	case SUCCEED_FAILED:
		pal_buf_add_lit(&data, "too long");
		pal_http_success(exchange, 200, &data);
		break;
	case SUCCEED:
		pal_http_success(exchange, 201, &data);
		break;
	}
	pal_buf_deinit(&data);
}

static struct reply ask(const char *headers)
{
	struct harness h;
	struct reply reply;
	char request[512];
	harness_init(&h);
	h.options.handler = on_request;
	h.options.problem_base = "https://palaver.example/errors/";
	harness_start(&h);
	int fd = client_connect(h.port);

	snprintf(request, sizeof(request),
		 "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: r1\r\n%s\r\n", headers);
	client_send(fd, request);
	CU_ASSERT(client_read(fd, &reply, true));
	close(fd);
	harness_stop(&h);
	return reply;
}

static void set_error(enum pal_code code, uint32_t retry_after_ms, const char *subject,
		      const char *message)
{
	memset(&next, 0, sizeof(next));
	pal_fail_retry(&next.err, code, retry_after_ms, subject, "%s", message);
}

#define META                                                                                       \
	",\"meta\":{\"request_id\":\"r1\",\"timestamp\":\"2025-12-31T23:59:59.999Z\","             \
	"\"api_version\":\"v2\",\"processing_time_ms\":0}}"
#define TRACE "\"trace_id\":\"r1\",\"timestamp\":\"2025-12-31T23:59:59.999Z\"}"

static void check(const char *headers, int status, const char *body)
{
	struct reply reply = ask(headers);

	CU_ASSERT_EQUAL(reply.status, status);
	CHECK_STR(reply.body, body);
	if (strcmp(reply.body, body) != 0)
		printf("# %s\n", reply.body);
	reply_deinit(&reply);
}

TEST(success_wraps_the_data)
{
	struct harness h;
	struct reply reply;
	harness_init(&h);
	harness_start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "GET /success HTTP/1.1\r\nHost: a\r\nX-Request-ID: r1\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, true));
	CHECK_STR(reply.body, "{\"status\":\"success\",\"data\":{\"n\":1}" META);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Content-Type: application/json\r\n"));
	reply_deinit(&reply);
	close(fd);
	harness_stop(&h);
}

TEST(no_data_is_null_and_data_that_did_not_fit_is_a_failure)
{
	next.what = SUCCEED;
	check("", 201, "{\"status\":\"success\",\"data\":null" META);
	next.what = SUCCEED_FAILED;
	struct reply reply = ask("");
	CU_ASSERT_EQUAL(reply.status, 503);
	reply_deinit(&reply);
}

TEST(a_validation_failure_names_the_field)
{
	set_error(PAL_E_VALIDATION, 0, "content.text", "must not be \"empty\"");
	check("", 422, "{\"status\":\"error\",\"error\":{\"code\":\"VALIDATION_ERROR\","
		       "\"message\":\"must not be \\\"empty\\\"\",\"details\":{\"fields\":"
		       "[{\"field\":\"content.text\",\"message\":\"must not be \\\"empty\\\"\"}]}," TRACE
		       META);
}

TEST(several_fields_are_listed)
{
	static const struct pal_http_field_error fields[] = {
		{{"a", 1}, {"bad", 3}},
		{{"b.c", 3}, {"worse", 5}},
	};

	set_error(PAL_E_VALIDATION, 0, "a", "Two fields are wrong.");
	next.fields = fields;
	next.field_count = 2;
	check("", 422, "{\"status\":\"error\",\"error\":{\"code\":\"VALIDATION_ERROR\","
		       "\"message\":\"Two fields are wrong.\",\"details\":{\"fields\":"
		       "[{\"field\":\"a\",\"message\":\"bad\"},"
		       "{\"field\":\"b.c\",\"message\":\"worse\"}]}," TRACE META);
}

TEST(a_problem_document_may_be_refused_by_its_weight)
{
	static const char *const refused[] = {";q=0", "; q=0.000", ";Q=0.0 ;x=1"};
	static const char *const taken[] = {"", ";q=0.001", "; q=1", ";charset=utf-8", ";q=00.5"};
	char accept[128];

	set_error(PAL_E_VALIDATION, 0, "x", "wrong");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(accept, sizeof(accept), "Accept: application/problem+json%s, */*\r\n",
			 refused[i]);
		struct reply reply = ask(accept);
		CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Content-Type: application/json\r\n"));
		reply_deinit(&reply);
	}
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		snprintf(accept, sizeof(accept), "Accept: application/problem+json%s, */*\r\n",
			 taken[i]);
		struct reply reply = ask(accept);
		CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "application/problem+json\r\n"));
		reply_deinit(&reply);
	}
}

TEST(a_problem_document_is_given_to_who_asks_for_it)
{
	set_error(PAL_E_VALIDATION, 0, "x", "wrong");
	struct reply reply = ask("Accept: text/html, Application/Problem+JSON ;q=0.9\r\n");

	CU_ASSERT_EQUAL(reply.status, 422);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Content-Type: application/problem+json\r\n"));
	CHECK_STR(reply.body, "{\"type\":\"https://palaver.example/errors/VALIDATION_ERROR\","
			      "\"title\":\"Unprocessable Content\",\"status\":422,\"detail\":\"wrong\","
			      "\"code\":\"VALIDATION_ERROR\",\"errors\":[{\"field\":\"x\","
			      "\"message\":\"wrong\"}],\"request_id\":\"r1\"," TRACE);
	reply_deinit(&reply);
	reply = ask("Accept: application/problem, application/json\r\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Content-Type: application/json\r\n"));
	reply_deinit(&reply);
}

static bool fails_with(enum pal_code code, uint32_t retry_ms, int status, const char *api,
		       const char *retry)
{
	char quoted[80], line[80];

	set_error(code, retry_ms, "s", "m");
	struct reply reply = ask("");
	snprintf(quoted, sizeof(quoted), "\"code\":\"%s\"", api);
	snprintf(line, sizeof(line), "\r\nRetry-After: %s\r\n", retry ? retry : "");
	bool right = reply.status == status && strstr(reply.body, quoted) &&
		     (retry ? strstr(reply.head, line) != NULL
			    : strstr(reply.head, "Retry-After") == NULL);
	reply_deinit(&reply);
	return right;
}

TEST(every_code_has_its_status_and_retry_time)
{
	CU_ASSERT(fails_with(PAL_E_UNAUTHORIZED, 0, 403, "ACCESS_DENIED", NULL));
	CU_ASSERT(fails_with(PAL_E_NOT_FOUND, 0, 404, "RESOURCE_NOT_FOUND", NULL));
	CU_ASSERT(fails_with(PAL_E_CONFLICT, 0, 409, "RESOURCE_CONFLICT", NULL));
	CU_ASSERT(fails_with(PAL_E_RATE_LIMIT, 1, 429, "RATE_LIMIT_EXCEEDED", "1"));
	CU_ASSERT(fails_with(PAL_E_RATE_LIMIT, 1001, 429, "RATE_LIMIT_EXCEEDED", "2"));
	CU_ASSERT(fails_with(PAL_E_RATE_LIMIT, 0, 429, "RATE_LIMIT_EXCEEDED", "1"));
	CU_ASSERT(fails_with(PAL_E_EXTERNAL, 0, 503, "EXTERNAL_SERVICE_ERROR", "60"));
	CU_ASSERT(fails_with(PAL_E_EXTERNAL, 5000, 503, "EXTERNAL_SERVICE_ERROR", "5"));
	CU_ASSERT(fails_with(PAL_E_DELIVERY, 0, 502, "DELIVERY_FAILED", NULL));
	CU_ASSERT(fails_with(PAL_E_SERVICE, 1000, 503, "SERVICE_UNAVAILABLE", "1"));
	CU_ASSERT(fails_with(PAL_E_SERVICE, UINT32_MAX, 503, "SERVICE_UNAVAILABLE", "4294968"));
}

TEST(what_failed_inside_is_not_told)
{
	set_error(PAL_E_SERVICE, 0, "store", "secret path /var/lib");
	struct reply reply = ask("");

	CU_ASSERT_EQUAL(reply.status, 500);
	CU_ASSERT_PTR_NULL(strstr(reply.body, "secret"));
	CU_ASSERT_PTR_NULL(strstr(reply.body, "store"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"SERVICE_ERROR\""));
	reply_deinit(&reply);
}

TEST(a_missing_credential_is_challenged)
{
	memset(&next, 0, sizeof(next));
	next.what = FAIL_AS;
	next.failure.status = 401;
	next.failure.code = "TOKEN_EXPIRED";
	next.failure.message = PAL_STR("The token has expired.");
	struct reply reply = ask("");

	CU_ASSERT_EQUAL(reply.status, 401);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nWWW-Authenticate: Bearer\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"TOKEN_EXPIRED\""));
	reply_deinit(&reply);
}

TEST(details_of_the_callers_own_are_passed_on)
{
	memset(&next, 0, sizeof(next));
	next.what = FAIL_AS;
	next.failure.status = 429;
	next.failure.code = "QUOTA_EXCEEDED";
	next.failure.message = PAL_STR("Enough.");
	next.failure.details = PAL_STR("{\"limit\":5}");
	check("", 429, "{\"status\":\"error\",\"error\":{\"code\":\"QUOTA_EXCEEDED\","
		       "\"message\":\"Enough.\",\"details\":{\"limit\":5}," TRACE META);
}

TEST(malformed_json_is_named_by_its_offset)
{
	next.what = FAIL_JSON;
	check("", 400, "{\"status\":\"error\",\"error\":{\"code\":\"VALIDATION_ERROR\","
		       "\"message\":\"The body is not valid JSON.\",\"details\":{\"offset\":17,"
		       "\"reason\":\"duplicate key\"}," TRACE META);
}

TEST(the_trace_of_the_caller_is_named)
{
	set_error(PAL_E_NOT_FOUND, 0, "x", "No such thing.");
	struct reply reply =
		ask("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n");

	CU_ASSERT_PTR_NOT_NULL(
		strstr(reply.body, "\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\""));
	reply_deinit(&reply);
	reply = ask("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e473\"-00f067aa0ba902b7-01\r\n");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"trace_id\":\"r1\""));
	reply_deinit(&reply);
}

SUITE(envelope, CASE(success_wraps_the_data),
      CASE(no_data_is_null_and_data_that_did_not_fit_is_a_failure),
      CASE(a_validation_failure_names_the_field), CASE(several_fields_are_listed),
      CASE(a_problem_document_is_given_to_who_asks_for_it),
      CASE(a_problem_document_may_be_refused_by_its_weight),
      CASE(every_code_has_its_status_and_retry_time), CASE(what_failed_inside_is_not_told),
      CASE(a_missing_credential_is_challenged), CASE(details_of_the_callers_own_are_passed_on),
      CASE(malformed_json_is_named_by_its_offset), CASE(the_trace_of_the_caller_is_named))
