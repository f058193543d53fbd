/* SPDX-License-Identifier: Apache-2.0 */
#include "respond/rules/rules.h"

#include <assert.h>

#include "base/buf.h"
#include "base/json.h"

/* The tenant's own wording before ours. */
static bool find_in(const struct pal_rules_responder *rules, struct pal_str tenant,
		    struct pal_str id, struct pal_str language, struct pal_template *ret)
{
	const struct pal_template_source *overrides = rules->overrides;

	*ret = (struct pal_template){.id = id, .language = language};
	if (overrides && overrides->find(overrides, tenant, id, language, ret))
		return true;
	return pal_template_shipped(id, language, ret);
}

/* What is asked for in words goes before how it was sent. */
static struct pal_str template_for(const struct pal_respond_input *input)
{
	struct pal_str intent = input->analysis->intent.name;

	if (input->content->type == PAL_CONTENT_TEXT || !pal_str_equal(intent, PAL_STR("default")))
		return intent;
	switch (input->content->type) {
	case PAL_CONTENT_IMAGE:
	case PAL_CONTENT_FILE:
	case PAL_CONTENT_AUDIO:
	case PAL_CONTENT_VIDEO:
		return PAL_STR("media");
	case PAL_CONTENT_LOCATION:
		return PAL_STR("location");
	default:
		return intent;
	}
}

/* The user's language before English, its own template before the default one. */
static bool find_template(const struct pal_rules_responder *rules,
			  const struct pal_respond_input *input, struct pal_template *ret)
{
	const struct pal_str ids[] = {template_for(input), PAL_STR("default")};
	const struct pal_str languages[] = {input->analysis->language, PAL_STR("en")};

	for (size_t i = 0; i < 2; i++)
		for (size_t l = 0; l < 2; l++)
			if (find_in(rules, input->context->tenant_id, ids[i], languages[l], ret))
				return true;
	return false;
}

/* Shipped templates bring their JSON along; a tenant's wording is written out here. */
static struct pal_str write_raw(const struct pal_template *template, struct pal_arena *arena)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_lit(&buf, "{\"type\":\"text\",\"text\":");
	pal_json_put_string(&buf, template->text);
	pal_buf_add_lit(&buf, ",\"language\":");
	pal_json_put_string(&buf, template->language);
	pal_buf_add_char(&buf, '}');
	return pal_arena_take_buf(arena, &buf);
}

static enum pal_code respond(const struct pal_responder *self,
			     const struct pal_respond_input *input, struct pal_arena *arena,
			     struct pal_respond_result *ret, struct pal_error *err)
{
	const struct pal_rules_responder *rules = (const struct pal_rules_responder *)self;
	struct pal_template template;
	bool is_found = find_template(rules, input, &template);

	assert(is_found);	/* an English default is shipped */
	(void)is_found;
	if (!template.raw.p)
		template.raw = write_raw(&template, arena);
	if (!template.raw.p)
		return pal_fail_memory(err, "responder.rules");
	*ret = (struct pal_respond_result){
		.kind = PAL_RESPOND_REPLY,
		.content = {.type = PAL_CONTENT_TEXT,
			    .text = template.text,
			    .language = template.language,
			    .raw = template.raw},
		.model_provider = PAL_STR("internal"),
		.model_name = PAL_STR("rule_based"),
		.template_used = template.id,
		.confidence = input->analysis->intent.confidence,
	};
	return PAL_OK;
}

static const struct pal_responder_ops ops = {.name = "rules", .respond = respond};

struct pal_rules_responder pal_rules_responder_of(const struct pal_template_source *overrides)
{
	return (struct pal_rules_responder){{&ops}, overrides};
}
