/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diff.h"

#include "conf/yaml_text.h"

#define ORIGIN_COLUMN 56u	/* where the comments begin, unless the value is longer */

static void tell(const struct pal_conf *before, const struct pal_conf *after,
		 enum pal_option option, pal_conf_change_fn *fn, void *user)
{
	struct pal_buf old_text = {0}, new_text = {0};

	pal_conf_put_value(before, option, &old_text);
	pal_conf_put_value(after, option, &new_text);
	const struct pal_conf_change change = {
		.option = option,
		.key = pal_option_get(option)->key,
		.before = pal_buf_str(&old_text),
		.after = pal_buf_str(&new_text),
		.origin = pal_conf_origin(after, option),
		.reload = pal_option_get(option)->reload,
	};
	fn(user, &change);
	pal_buf_deinit(&old_text);
	pal_buf_deinit(&new_text);
}

unsigned pal_conf_diff(const struct pal_conf *before, const struct pal_conf *after,
		       pal_conf_change_fn *fn, void *user)
{
	unsigned scopes = 0;

	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		if (pal_value_equal(o, &before->value[o], &after->value[o]))
			continue;
		scopes |= pal_option_get(o)->reload;
		if (fn)
			tell(before, after, o, fn, user);
	}
	return scopes;
}

struct dump {
	const struct pal_conf *conf;
	struct pal_buf *out;
};

static void dump_section(void *user, const char *name, unsigned depth)
{
	struct dump *dump = user;

	pal_yaml_put_indent(dump->out, depth);
	pal_buf_addf(dump->out, "%s:\n", name);
}

static void dump_option(void *user, enum pal_option option, const char *name, unsigned depth)
{
	struct dump *dump = user;
	struct pal_buf *out = dump->out;
	size_t start = out->len;
	bool is_secret = pal_option_get(option)->secret;

	pal_yaml_put_indent(out, depth);
	pal_buf_addf(out, "%s%s: ", is_secret ? "# " : "", name);
	if (is_secret)
		pal_conf_put_value(dump->conf, option, out);
	else
		pal_yaml_put_value(out, option, &dump->conf->value[option]);
	do
		pal_buf_add_char(out, ' ');
	while (out->len - start < ORIGIN_COLUMN && !out->failed);
	pal_buf_addf(out, "# %s\n", pal_conf_origin(dump->conf, option));
}

void pal_conf_dump(const struct pal_conf *conf, struct pal_buf *out)
{
	static const struct pal_option_visitor visitor = {.enter = dump_section,
							  .visit = dump_option};
	struct dump dump = {.conf = conf, .out = out};

	pal_option_walk(&visitor, &dump);
}
