/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema is a service for editors, looser than the loader where JSON Schema cannot say the rule
 * (ranges of sizes and durations) and never stricter.
 */
#include "conf/schema.h"

#include <inttypes.h>
#include <stdbool.h>

#include "conf/describe.h"
#include "conf/options.h"
#include "conf/yaml_text.h"

struct writer {
	struct pal_buf *out;
	unsigned depth;
	bool is_after_member;	/* the next member needs a comma */
};

static void put_line(struct writer *w)
{
	if (w->is_after_member)
		pal_buf_add_char(w->out, ',');
	pal_buf_add_char(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		pal_buf_add_char(w->out, '\t');
	w->is_after_member = true;
}

static void open_object(struct writer *w, const char *name)
{
	put_line(w);
	pal_buf_addf(w->out, "\"%s\": {", name);
	w->depth++;
	w->is_after_member = false;
}

static void close_object(struct writer *w)
{
	w->depth--;
	w->is_after_member = false;
	put_line(w);
	pal_buf_add_char(w->out, '}');
}

static void put_member(struct writer *w, const char *name, const char *value)
{
	put_line(w);
	pal_buf_addf(w->out, "\"%s\": ", name);
	pal_conf_put_quoted(w->out, pal_str(value));
}

static void put_literal(struct writer *w, const char *name, const char *json)
{
	put_line(w);
	pal_buf_addf(w->out, "\"%s\": %s", name, json);
}

static void put_enum(struct writer *w, const struct pal_option_desc *desc)
{
	struct pal_str choice;

	pal_buf_add_lit(w->out, "\"enum\": [");
	for (int64_t i = 0; (choice = pal_option_choice(desc, i)).p; i++) {
		if (i)
			pal_buf_add_lit(w->out, ", ");
		pal_conf_put_quoted(w->out, choice);
	}
	pal_buf_add_char(w->out, ']');
}

static void put_items(struct writer *w, const struct pal_option_desc *desc)
{
	if (!desc->choices) {
		put_literal(w, "items",
			    desc->format == PAL_FORMAT_TOKEN_KEY
				    ? "{\"type\": [\"string\", \"object\"]}"
				    : "{\"type\": \"string\"}");
		return;
	}
	put_line(w);
	pal_buf_add_lit(w->out, "\"items\": {");
	put_enum(w, desc);
	pal_buf_add_char(w->out, '}');
}

static void put_range(struct writer *w, const struct pal_option_desc *desc)
{
	put_line(w);
	pal_buf_addf(w->out, "\"minimum\": %" PRId64, desc->min);
	put_line(w);
	pal_buf_addf(w->out, "\"maximum\": %" PRId64, desc->max);
}

static void put_type(struct writer *w, const struct pal_option_desc *desc)
{
	switch (desc->type) {
	case PAL_OPTION_BOOL:
		put_literal(w, "type", "[\"boolean\", \"string\"]");
		break;
	case PAL_OPTION_INT:
		put_member(w, "type", "integer");
		put_range(w, desc);
		break;
	case PAL_OPTION_SIZE:
		put_literal(w, "type", "[\"integer\", \"string\"]");
		put_member(w, "pattern", "^[0-9]+([KMGkmg][Ii]?)?[Bb]?$");
		break;
	case PAL_OPTION_DURATION:
		put_literal(w, "type", "[\"integer\", \"string\"]");
		put_member(w, "pattern", "^(0|[0-9]+([Mm]?[Ss]|[MmHhDd]))$");
		break;
	case PAL_OPTION_ENUM:
		put_line(w);
		put_enum(w, desc);
		break;
	case PAL_OPTION_STRING:
	case PAL_OPTION_PATH:
		put_literal(w, "type", "[\"string\", \"number\", \"boolean\"]");
		break;
	case PAL_OPTION_LIST:
		put_literal(w, "type", "[\"array\", \"string\"]");
		put_items(w, desc);
		put_line(w);
		pal_buf_addf(w->out, "\"maxItems\": %" PRId64, desc->max);
		break;
	}
}

static void put_description(struct writer *w, enum pal_option option)
{
	struct pal_buf text = {0};

	pal_buf_addf(&text, "%s (", pal_option_get(option)->help);
	pal_option_put_kind(option, &text);
	pal_buf_add_lit(&text, ")");
	put_line(w);
	pal_buf_add_lit(w->out, "\"description\": ");
	pal_conf_put_quoted(w->out, pal_buf_str(&text));
	w->out->failed = w->out->failed || text.failed;
	pal_buf_deinit(&text);
}

static void schema_section(void *user, const char *name, unsigned depth)
{
	struct writer *w = user;

	(void)depth;
	open_object(w, name);
	put_literal(w, "type", "[\"object\", \"null\"]");
	put_literal(w, "additionalProperties", "false");
	open_object(w, "properties");
}

static void schema_end(void *user, unsigned depth)
{
	struct writer *w = user;

	(void)depth;
	close_object(w);
	close_object(w);
}

static void schema_option(void *user, enum pal_option option, const char *name, unsigned depth)
{
	struct writer *w = user;
	const struct pal_option_desc *desc = pal_option_get(option);

	(void)depth;
	open_object(w, name);
	put_description(w, option);
	put_type(w, desc);
	close_object(w);
	if (!desc->secret)
		return;
	put_line(w);
	pal_buf_addf(w->out, "\"%s_file\": {\"description\": \"File that holds %s alone.\", "
			     "\"type\": \"string\"}", name, desc->key);
}

void pal_conf_schema(struct pal_buf *out)
{
	static const struct pal_option_visitor visitor = {
		.enter = schema_section, .visit = schema_option, .leave = schema_end};
	struct writer w = {.out = out, .depth = 1};

	pal_buf_add_char(out, '{');
	put_member(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put_member(&w, "title", "palaver.yaml");
	put_literal(&w, "$ref", "\"#/$defs/options\"");
	open_object(&w, "$defs");
	open_object(&w, "options");
	put_literal(&w, "type", "[\"object\", \"null\"]");
	put_literal(&w, "additionalProperties", "false");
	open_object(&w, "properties");
	put_literal(&w, "include",
		    "{\"description\": \"More files, such as conf.d/*.yaml.\", "
		    "\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}}");
	put_literal(&w, "override",
		    "{\"description\": \"Options that may be set in another file too.\", "
		    "\"$ref\": \"#/$defs/options\"}");
	pal_option_walk(&visitor, &w);
	for (unsigned i = 0; i < 4; i++)
		close_object(&w);
	pal_buf_add_char(out, '\n');
}
