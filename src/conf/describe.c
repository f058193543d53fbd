/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/describe.h"

#include <inttypes.h>
#include <string.h>

#include "conf/value.h"

static const char *item_name(enum pal_option_format format)
{
	return format == PAL_FORMAT_ENDPOINT  ? "addresses"
	       : format == PAL_FORMAT_NETWORK ? "networks"
	       : format == PAL_FORMAT_TOKEN_KEY ? "keys"
	       : format == PAL_FORMAT_ORIGIN ? "origins"
					      : "texts";
}

static void put_choices(const struct pal_option_desc *desc, struct pal_buf *out)
{
	struct pal_str choice;

	for (int64_t i = 0; desc->choices && (choice = pal_option_choice(desc, i)).p; i++) {
		pal_buf_add_str(out, i ? PAL_STR(", ") : PAL_STR(", of "));
		pal_buf_add_str(out, choice);
	}
}

void pal_option_put_kind(enum pal_option option, struct pal_buf *out)
{
	const struct pal_option_desc *desc = pal_option_get(option);

	switch (desc->type) {
	case PAL_OPTION_LIST:
		pal_buf_addf(out, "list of %s, at most %" PRId64,
			     desc->choices ? "words" : item_name(desc->format), desc->max);
		put_choices(desc, out);
		break;
	case PAL_OPTION_STRING:
		pal_buf_addf(out, "text, %" PRId64 " to %" PRId64 " bytes", desc->min, desc->max);
		break;
	case PAL_OPTION_BOOL:
	case PAL_OPTION_PATH:
		pal_buf_add_str(out, pal_str(pal_option_type_name(desc)));
		break;
	case PAL_OPTION_ENUM:
		pal_value_write_range(option, out);
		break;
	case PAL_OPTION_INT:
	case PAL_OPTION_SIZE:
	case PAL_OPTION_DURATION:
		pal_buf_addf(out, "%s, ", pal_option_type_name(desc));
		pal_value_write_range(option, out);
		break;
	}
}

void pal_option_put_default(enum pal_option option, struct pal_buf *out)
{
	static const struct {
		const char *name, *text;
	} usual[] = {
		{"{localstatedir}", "/var"},
		{"{state_dir}", "/var/lib/palaver"},
	};
	const char *text = pal_option_get(option)->default_text;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		size_t n = strlen(usual[i].name);
		if (strncmp(text, usual[i].name, n) == 0) {
			pal_buf_add_str(out, pal_str(usual[i].text));
			text += n;
		}
	}
	pal_buf_add_str(out, pal_str(text));
}

const char *pal_option_effect(enum pal_option option)
{
	return pal_option_get(option)->reload == PAL_RELOAD_RESTART ? "at the next start"
								    : "on reload";
}

static void put_row(struct pal_buf *out, const char *name)
{
	pal_buf_addf(out, "  %-12s ", name);
}

static void explain_option(enum pal_option option, struct pal_buf *out)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	char name[PAL_OPTION_ENV_MAX];

	pal_buf_addf(out, "%s\n  %s\n", desc->key, desc->help);
	put_row(out, "value");
	pal_option_put_kind(option, out);
	pal_buf_add_char(out, '\n');
	put_row(out, "default");
	pal_option_put_default(option, out);
	pal_buf_add_str(out, pal_str(*desc->default_text ? "\n" : "none\n"));
	if (desc->secret) {
		put_row(out, "from a file");
		pal_buf_addf(out, "%s_file\n", desc->key);
	}
	pal_option_env_name(desc->key, name);
	put_row(out, "environment");
	pal_buf_addf(out, "%s\n", name);
	put_row(out, "a change");
	pal_buf_addf(out, "takes effect %s\n", pal_option_effect(option));
}

static bool is_under(const char *key, const char *section)
{
	size_t n = strlen(section);

	return strncmp(key, section, n) == 0 && key[n] == '.';
}

enum pal_code pal_conf_explain(const char *key, struct pal_buf *out, struct pal_error *err)
{
	char near[PAL_OPTION_KEY_MAX];
	bool is_file, is_first = true;
	enum pal_option found = pal_option_find(pal_str(key), &is_file);

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		if (o != found && !is_under(pal_option_get(o)->key, key))
			continue;
		if (!is_first)
			pal_buf_add_char(out, '\n');
		is_first = false;
		explain_option(o, out);
	}
	if (!is_first)
		return PAL_OK;
	if (pal_option_suggest(pal_str(key), near))
		return pal_fail(err, PAL_E_NOT_FOUND, key,
				"there is no option `%s`, did you mean `%s`?", key, near);
	return pal_fail(err, PAL_E_NOT_FOUND, key, "there is no option `%s`", key);
}
