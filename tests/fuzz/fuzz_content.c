/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole SendMessageRequest. What is refused names a field; what is taken reads back from its own
 * spelling as the same, is processed without harm, and its analysis passes the gate.
 */
#include <stdint.h>
#include <stdlib.h>

#include "model/send_request.h"
#include "process/analysis.h"
#include "process/process.h"

#define NOW_MS 1790000000000ll

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pal_json json;

struct reading {
	struct pal_arena arena;
	struct pal_field_errors errors;
	struct pal_send_request request;
	enum pal_code code;
};

static void require(bool what)
{
	if (!what)
		abort();
}

/* False when it is no JSON. */
static bool read_text(struct pal_str text, struct reading *r)
{
	const struct pal_request_rules rules = pal_request_rules_default();
	struct pal_json_fault fault;
	struct pal_error err;

	memset(r, 0, sizeof(*r));
	if (!pal_json_scan(&json, text, &fault))
		return false;
	struct pal_fields fields = {.json = &json, .arena = &r->arena, .errors = &r->errors};
	r->code = pal_send_request_read(&fields, NOW_MS, &rules, &r->request, &err);
	require(r->code == PAL_OK || (r->code == PAL_E_VALIDATION && err.subject[0]));
	return true;
}

static void require_reads_back(const struct pal_content *content)
{
	static struct reading again;
	struct pal_buf body = pal_buf_of(0);

	pal_buf_add_lit(&body, "{\"user_id\":\"u\",\"channel\":\"web\",\"content\":");
	pal_buf_add_str(&body, content->raw);
	pal_buf_add_char(&body, '}');
	require(!body.failed && read_text(pal_buf_str(&body), &again) && again.code == PAL_OK);
	require(pal_str_equal(again.request.content.raw, content->raw));
	pal_arena_release(&again.arena);
	pal_buf_deinit(&body);
}

static void require_processed(const struct pal_content *content)
{
	const struct pal_process_context context = {.language_mode = PAL_LANGUAGE_BUILTIN};
	struct pal_arena arena = pal_arena_of(0);
	struct pal_process_result result;
	struct pal_json_fault fault;
	struct pal_buf out = pal_buf_of(0);

	require(pal_process(content, &context, &arena, &result, NULL) == PAL_OK);
	require(result.success || result.errors.count > 0);
	if (result.success) {
		pal_process_write_analysis(&out, &result);
		require(!out.failed && pal_json_scan(&json, pal_buf_str(&out), &fault));
	}
	pal_buf_deinit(&out);
	pal_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reading r;

	if (!read_text((struct pal_str){(const char *)data, size}, &r))
		return 0;
	if (r.code == PAL_OK) {
		require_processed(&r.request.content);
		require_reads_back(&r.request.content);
	}
	pal_arena_release(&r.arena);
	return 0;
}
