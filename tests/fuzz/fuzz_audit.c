/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of the audit trail: the first line is the query of a list, read as its endpoint
 * does, the rest the data of a record that is in the trail. Lists, reports and exports of it are
 * JSON, whatever the record says; whether it mentions somebody is answered.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/endpoint.h"
#include "service/audit/audit.h"
#include "service/audit/mention.h"
#include "store/store.h"

#define NOW_MS 1790000000000ll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pal_tenant_key tenant = {1};
static struct pal_json json;
static unsigned answers;

static void require(bool what)
{
	if (!what)
		abort();
}

static struct pal_audit_filter read_filter(struct pal_str query, struct pal_arena *arena, bool *ret)
{
	static const char *const categories[] = {"auth", "config", "data", "admin", "api"};
	static const char *const results[] = {"success", "failure", "error"};
	const struct pal_http_request request = {.query = query, .arena = arena};
	struct pal_params params;
	struct pal_audit_filter f = {0};

	pal_params_read(&params, &request);
	f.event_type = pal_param_text(&params, "event_type", 255);
	f.category = pal_param_choice(&params, "category", categories, 5, PAL_AUDIT_ANY);
	f.result = pal_param_choice(&params, "result", results, 3, PAL_AUDIT_ANY);
	f.user_id = pal_param_text(&params, "user_id", 255);
	f.action = pal_param_text(&params, "action", 255);
	f.text = pal_param_text(&params, "query", 500);
	f.from_ms = pal_param_instant(&params, "start", 0);
	f.to_ms = pal_param_instant(&params, "end", INT64_MAX);
	(void)pal_param_number(&params, "limit", 1, PAL_AUDIT_LIMIT_MAX, PAL_AUDIT_LIMIT_DEFAULT);
	*ret = params.errors.count == 0;
	return f;
}

static void done(struct pal_audit_call *call)
{
	(void)call;
	answers++;
}

static void check_json(struct pal_str text)
{
	struct pal_json_fault fault;

	require(pal_json_scan(&json, text, &fault));
}

static void ask(struct pal_store_front *front, const struct pal_audit_filter *filter,
		enum pal_audit_call_kind kind, bool as_csv)
{
	struct pal_audit_call call = {.kind = kind,
				      .caller = {.tenant = tenant, .user_id = PAL_STR("ann")},
				      .filter = *filter,
				      .limit = 10,
				      .as_csv = as_csv,
				      .now_ms = NOW_MS,
				      .done = done};

	answers = 0;
	pal_audit_begin(front, &call);
	require(answers == 1 && call.code == PAL_OK);
	if (kind == PAL_AUDIT_EXPORT) {
		pal_audit_step(&call);
		require(call.code == PAL_OK && call.last);
	}
	if (!as_csv)
		check_json(pal_buf_str(&call.data));
	pal_audit_deinit(&call);
}

static void fill(struct pal_store *store, struct pal_str data)
{
	const struct pal_audit_event events[] = {
		{.at_ms = NOW_MS, .event_type = PAL_STR("api.request"), .user_id = PAL_STR("ann"),
		 .resource_type = PAL_STR("api"), .action = PAL_STR("do"), .data = data},
		{.at_ms = NOW_MS, .event_type = PAL_STR("x"), .data = PAL_STR("{}")}};

	require(pal_store_add_audit(store, tenant, events, 2, NULL) == PAL_OK);
}

static void mention(struct pal_str data, struct pal_str whom)
{
	const struct pal_audit_event event = {.data = data};
	struct pal_arena arena = {0};
	bool is_there = false;

	require(pal_audit_mentions(&event, whom, &json, &arena, &is_there, NULL) == PAL_OK);
	pal_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	const struct pal_store_front_options options = {.queue_max = 0};
	const char *line = size ? memchr(data, '\n', size) : NULL;
	size_t n = line ? (size_t)(line - (const char *)data) : size;
	struct pal_str query = {(const char *)data, n};
	struct pal_str rest = {(const char *)data + (line ? n + 1 : n), line ? size - n - 1 : 0};
	struct pal_store *store = NULL;
	struct pal_store_front *front = NULL;
	struct pal_arena arena = {0};
	bool is_good;

	require(pal_store_open(&config, &store, NULL) == PAL_OK);
	require(pal_store_front_create(store, &options, &front, NULL) == PAL_OK);
	fill(store, rest);
	mention(rest, query.n ? query : PAL_STR("a"));
	struct pal_audit_filter filter = read_filter(query, &arena, &is_good);
	if (is_good) {
		ask(front, &filter, PAL_AUDIT_LIST, false);
		ask(front, &filter, PAL_AUDIT_REPORT, false);
		ask(front, &filter, PAL_AUDIT_EXPORT, false);
		ask(front, &filter, PAL_AUDIT_EXPORT, true);
	}
	pal_arena_release(&arena);
	pal_store_front_stop(front);
	pal_store_front_destroy(front);
	pal_store_destroy(store);
	return 0;
}
