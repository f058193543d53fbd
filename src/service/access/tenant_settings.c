/* SPDX-License-Identifier: Apache-2.0 */
#include "service/access/tenant_settings.h"

#include <stdlib.h>

#include "model/fields.h"
#include "palaver/processor.h"

#define FLAGS_MAX 32u
#define ORDER_DIGITS_MIN 3
#define ORDER_DIGITS_MAX 16

static uint32_t flag_of(struct pal_str name)
{
#define X(id, bit, text)                                                                           \
	if (pal_str_equal(name, PAL_STR(text)))                                                    \
		return id;
	PAL_SAFETY_FLAGS(X)
#undef X
	return 0;
}

static void read_flag(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	uint32_t *set = arg, flag = 0;

	if (pal_json_type(fields->json, at->node) == PAL_JSON_STRING)
		flag = flag_of(pal_json_string(fields->json, at->node, fields->arena));
	if (!flag)
		pal_fields_wrong(fields, at, NULL, "is not a safety flag");
	*set |= flag;
}

static void read_moderation(struct pal_fields *fields, const struct pal_fields_at *settings,
			    struct pal_tenant_settings *ret)
{
	struct pal_fields_at at;

	pal_fields_object(fields, settings, "moderation", false, &at);
	if (at.node == PAL_JSON_NONE)
		return;
	ret->has_block = pal_fields_value(fields, &at, "block", false) != PAL_JSON_NONE;
	pal_fields_array(fields, &at, "block", FLAGS_MAX, read_flag, &ret->block);
}

static void read_order(struct pal_fields *fields, const struct pal_fields_at *settings,
		       struct pal_tenant_settings *ret)
{
	static const struct pal_text_rule rule = {.min = 1, .max = PAL_ORDER_PREFIX_MAX};
	struct pal_fields_at at;

	pal_fields_object(fields, settings, "order_number", false, &at);
	if (at.node == PAL_JSON_NONE)
		return;
	struct pal_str prefix = pal_fields_text(fields, &at, "prefix", &rule);
	bool is_plain = true;
	for (size_t i = 0; i < prefix.n; i++)
		is_plain &= (prefix.p[i] >= 'A' && prefix.p[i] <= 'Z') ||
			    (prefix.p[i] >= 'a' && prefix.p[i] <= 'z');
	if (prefix.p && is_plain)
		memcpy(ret->order_prefix, prefix.p, prefix.n);
	else if (prefix.p)
		pal_fields_wrong(fields, &at, "prefix", "must be letters A-Z");
	ret->order_digits = (uint32_t)pal_fields_integer(fields, &at, "digits", ORDER_DIGITS_MIN,
							 ORDER_DIGITS_MAX, 0);
}

enum pal_code pal_tenant_settings_read(struct pal_str text, struct pal_tenant_settings *ret,
				       struct pal_error *err)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_field_errors errors = {.count = 0};
	const struct pal_fields_at above = {.node = PAL_JSON_NONE, .index = -1};
	struct pal_fields_at root = {.parent = &above, .name = "settings", .index = -1};
	struct pal_json_fault fault;
	enum pal_code code = PAL_OK;

	*ret = (struct pal_tenant_settings){.has_block = false};
	if (text.n == 0 || pal_str_equal(text, PAL_STR("{}")))
		return PAL_OK;
	struct pal_json *json = malloc(sizeof(*json));	/* callers are in the middle of theirs */
	struct pal_fields fields = {.json = json, .arena = &arena, .errors = &errors};
	if (!json)
		return pal_fail_memory(err, "settings");
	if (!pal_json_scan(json, text, &fault) || pal_json_type(json, 0) != PAL_JSON_OBJECT) {
		code = pal_fail(err, PAL_E_VALIDATION, "settings", "settings must be an object");
	} else {
		root.node = 0;
		read_moderation(&fields, &root, ret);
		read_order(&fields, &root, ret);
		code = fields.failed_memory ? pal_fail_memory(err, "settings")
					    : pal_field_errors_result(&errors, err);
	}
	if (code != PAL_OK)
		*ret = (struct pal_tenant_settings){.has_block = false};
	pal_arena_release(&arena);
	free(json);
	return code;
}
