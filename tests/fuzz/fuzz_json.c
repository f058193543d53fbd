/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate accepts, json-c must accept too; every accessor must stay inside the text; and the
 * text written again from the tape must be accepted with the same values.
 */
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static void require_json_c_agrees(struct pal_str text)
{
	struct json_tokener *tokener = json_tokener_new_ex(PAL_JSON_DEPTH_MAX + 2);

	require(tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *tree = json_tokener_parse_ex(tokener, text.p, (int)text.n);
	enum json_tokener_error error = json_tokener_get_error(tokener);
	/* At the very end a number or word may go on, so json-c asks for more. */
	require(error == json_tokener_success || error == json_tokener_continue);
	json_object_put(tree);
	json_tokener_free(tokener);
}

static void write_string(const struct pal_json *json, uint32_t at, struct pal_buf *out)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_str s = pal_json_string(json, at, &arena);
	size_t points;

	require(s.p && pal_utf8_count(s, &points));
	pal_json_put_string(out, s);
	pal_arena_release(&arena);
}

static void write_value(const struct pal_json *json, uint32_t at, struct pal_buf *out)
{
	const struct pal_json_node *node = &json->node[at];
	bool is_object = node->type == PAL_JSON_OBJECT;
	int64_t integer;
	double number;

	require(node->next > at && node->next <= json->count);
	if (node->type == PAL_JSON_STRING) {
		write_string(json, at, out);
		return;
	}
	if (node->type != PAL_JSON_ARRAY && !is_object) {
		(void)pal_json_integer(json, at, &integer);
		(void)pal_json_double(json, at, &number);
		pal_buf_add_str(out, pal_json_raw(json, at));
		return;
	}
	pal_buf_add_char(out, is_object ? '{' : '[');
	for (uint32_t child = at + 1, n = 0; child < node->next; n++) {
		if (n > 0)
			pal_buf_add_char(out, ',');
		if (is_object) {
			write_string(json, child++, out);
			pal_buf_add_char(out, ':');
		}
		write_value(json, child, out);
		child = json->node[child].next;
	}
	pal_buf_add_char(out, is_object ? '}' : ']');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pal_json json, again;
	struct pal_str text = {(const char *)data, size};
	struct pal_json_fault fault = {0};

	if (!pal_json_scan(&json, text, &fault)) {
		require(fault.why && fault.at <= size);
		return 0;
	}
	require_json_c_agrees(text);
	struct pal_buf out = pal_buf_of(0);
	write_value(&json, 0, &out);
	require(!out.failed && pal_json_scan(&again, pal_buf_str(&out), &fault));
	require(again.count == json.count);
	for (uint32_t i = 0; i < json.count; i++) {
		require(again.node[i].type == json.node[i].type);
		require(again.node[i].next == json.node[i].next);
	}
	pal_buf_deinit(&out);
	return 0;
}
