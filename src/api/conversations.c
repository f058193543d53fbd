/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "http/envelope.h"
#include "http/query.h"
#include "loop/loop.h"
#include "service/conversations.h"

#define PAGE_MAX 1000000000ll

/* One GET while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_reading reading;	/* first */
	struct pal_http_exchange *exchange;
	struct pal_loop_job job;
};

static void answer(struct call *call)
{
	struct pal_buf data = call->reading.data;

	if (call->reading.code == PAL_OK)
		pal_http_success(call->exchange, 200, &data);
	else
		pal_http_fail(call->exchange, &call->reading.err, NULL, 0);
	pal_buf_deinit(&data);
}

static void answer_on_loop(struct pal_loop_job *job)
{
	answer((struct call *)((char *)job - offsetof(struct call, job)));
}

static void done(struct pal_reading *reading)
{
	struct call *call = (struct call *)reading;

	call->job.run = answer_on_loop;
	pal_loop_run_on(pal_http_exchange_loop(call->exchange), &call->job);
}

/* A whole number within min..max, `fallback` when absent. */
static enum pal_code read_number(const struct pal_http_query *query, const char *key, int64_t min,
				 int64_t max, int64_t fallback, int64_t *ret, struct pal_error *err)
{
	struct pal_str text;
	int64_t n = 0;
	enum pal_code code = pal_http_query_get_once(query, key, &text, err);

	if (code != PAL_OK)
		return code;
	for (size_t i = 0; i < text.n && n <= max; i++)
		n = text.p[i] >= '0' && text.p[i] <= '9' ? n * 10 + (text.p[i] - '0') : max + 1;
	if (text.p && (text.n == 0 || n < min || n > max))
		return pal_fail(err, PAL_E_VALIDATION, key,
				"%s must be a whole number within %lld..%lld", key, (long long)min,
				(long long)max);
	*ret = text.p ? n : fallback;
	return PAL_OK;
}

static enum pal_code read_flag(const struct pal_http_query *query, const char *key, bool fallback,
			       bool *ret, struct pal_error *err)
{
	struct pal_str text;
	enum pal_code code = pal_http_query_get_once(query, key, &text, err);

	if (code != PAL_OK)
		return code;
	*ret = text.p ? pal_str_equal(text, PAL_STR("true")) : fallback;
	if (text.p && !*ret && !pal_str_equal(text, PAL_STR("false")))
		return pal_fail(err, PAL_E_VALIDATION, key, "%s must be true or false", key);
	return PAL_OK;
}

static void read(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		 struct pal_api *api, const struct pal_reading *what)
{
	struct call *call = pal_arena_get(request->arena, sizeof(*call));
	struct pal_error err;

	if (!call) {
		pal_fail_memory(&err, "api");
		pal_http_fail(exchange, &err, NULL, 0);
		return;
	}
	*call = (struct call){.reading = *what, .exchange = exchange};
	call->reading.caller = *pal_api_caller(exchange);
	call->reading.id = pal_http_request_param(request, "id");
	call->reading.done = done;
	pal_conversations_read(api->front, &call->reading);
}

void pal_api_conversation_get(struct pal_http_exchange *exchange,
			      const struct pal_http_request *request, void *app)
{
	struct pal_reading what = {.kind = PAL_READ_CONVERSATION};
	struct pal_http_query query;
	struct pal_error err;
	bool with_messages = true;

	if (pal_http_query_parse(request->query, request->arena, &query, &err) != PAL_OK ||
	    read_number(&query, "message_limit", 1, PAL_PAGE_SIZE_MAX, PAL_PAGE_SIZE_DEFAULT,
			&what.page_size, &err) != PAL_OK ||
	    read_flag(&query, "include_messages", true, &with_messages, &err) != PAL_OK) {
		pal_http_fail_parameter(exchange, &err);
		return;
	}
	if (!with_messages)
		what.page_size = 0;
	read(exchange, request, app, &what);
}

void pal_api_conversation_history(struct pal_http_exchange *exchange,
				  const struct pal_http_request *request, void *app)
{
	struct pal_reading what = {.kind = PAL_READ_HISTORY};
	struct pal_http_query query;
	struct pal_error err;

	if (pal_http_query_parse(request->query, request->arena, &query, &err) != PAL_OK ||
	    read_number(&query, "page", 1, PAGE_MAX, 1, &what.page, &err) != PAL_OK ||
	    read_number(&query, "page_size", 1, PAL_PAGE_SIZE_MAX, PAL_PAGE_SIZE_DEFAULT,
			&what.page_size, &err) != PAL_OK) {
		pal_http_fail_parameter(exchange, &err);
		return;
	}
	read(exchange, request, app, &what);
}
