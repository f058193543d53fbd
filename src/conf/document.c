/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/document.h"

#include <string.h>

#include "conf/describe.h"
#include "conf/yaml_text.h"

#define SAMPLE_WIDTH 98u	/* columns */

/* --- Sample file ------------------------------------------------------------------------------ */

/* Append `text` in comment lines that break between words. */
static void put_comment(struct pal_buf *out, unsigned depth, const char *text)
{
	size_t width = SAMPLE_WIDTH - 2 * depth - 2;

	while (*text) {
		size_t n = strlen(text);
		if (n > width) {
			const char *blank = memrchr(text, ' ', width + 1);
			n = blank ? (size_t)(blank - text) : strcspn(text, " ");
		}
		pal_yaml_put_indent(out, depth);
		pal_buf_addf(out, "# %.*s\n", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
}

static void put_sample_value(struct pal_buf *out, enum pal_option option)
{
	const struct pal_option_desc *desc = pal_option_get(option);
	struct pal_buf text = {0};

	pal_option_put_default(option, &text);
	if (desc->type == PAL_OPTION_LIST && text.len == 0) {
		pal_buf_add_lit(out, "[]");
	} else if (desc->type == PAL_OPTION_LIST) {
		pal_buf_add_char(out, '[');
		pal_yaml_put_text(out, pal_buf_str(&text));
		pal_buf_add_char(out, ']');
	} else {
		pal_yaml_put_text(out, pal_buf_str(&text));
	}
	out->failed = out->failed || text.failed;
	pal_buf_deinit(&text);
}

static void sample_section(void *user, const char *name, unsigned depth)
{
	struct pal_buf *out = user;

	pal_buf_add_char(out, '\n');
	pal_yaml_put_indent(out, depth);
	pal_buf_addf(out, "%s:\n", name);
}

static void put_kind_comment(struct pal_buf *out, enum pal_option option, unsigned depth)
{
	struct pal_buf text = {0};

	pal_buf_add_char(&text, '(');
	pal_option_put_kind(option, &text);
	pal_buf_addf(&text, "; a change takes effect %s)", pal_option_effect(option));
	pal_buf_add_char(&text, '\0');
	if (!text.failed)
		put_comment(out, depth, text.data);
	out->failed = out->failed || text.failed;
	pal_buf_deinit(&text);
}

static void sample_option(void *user, enum pal_option option, const char *name, unsigned depth)
{
	struct pal_buf *out = user;
	const struct pal_option_desc *desc = pal_option_get(option);

	if (depth == 0)
		pal_buf_add_char(out, '\n');
	put_comment(out, depth, desc->help);
	put_kind_comment(out, option, depth);
	pal_yaml_put_indent(out, depth);
	/* A secret belongs in a file of its own, so that is what the sample offers. */
	if (desc->secret) {
		pal_buf_addf(out, "#%s_file: %s.key\n", name, name);
		return;
	}
	pal_buf_addf(out, "#%s: ", name);
	put_sample_value(out, option);
	pal_buf_add_char(out, '\n');
}

static const char sample_head[] =
	"# SPDX-License-Identifier: Apache-2.0\n"
	"# yaml-language-server: $schema=palaver.schema.json\n"
	"#\n"
	"# Configuration of palaverd, see palaver.yaml(5). Every option stands here as a comment\n"
	"# with its default; remove the # to change one. `palaverd -t -c FILE` checks a file,\n"
	"# `palaverctl config explain KEY` tells more about an option.\n"
	"#\n"
	"# Made from the option table; in the source, `make update-conf-docs` writes it again.\n"
	"\n"
	"# More files, relative to this one, in the order of their names. An option set in two\n"
	"# files is an error unless it stands under `override:` in one of them.\n"
	"#include: conf.d/*.yaml\n";

void pal_conf_sample(struct pal_buf *out)
{
	static const struct pal_option_visitor visitor = {.enter = sample_section,
							  .visit = sample_option};

	pal_buf_add_str(out, pal_str(sample_head));
	pal_option_walk(&visitor, out);
}

/* --- Manual ----------------------------------------------------------------------------------- */

/* Append `text`, each sentence in a line of its own as mdoc wants it. */
static void put_sentences(struct pal_buf *out, const char *text)
{
	for (const char *end; (end = strstr(text, ". ")) != NULL; text = end + 2)
		pal_buf_addf(out, "%.*s.\n", (int)(end - text), text);
	pal_buf_addf(out, "%s\n", text);
}

static void put_kind_sentence(struct pal_buf *out, enum pal_option option)
{
	pal_buf_add_lit(out, "Value: ");
	pal_option_put_kind(option, out);
	pal_buf_add_lit(out, ".\n");
}

static void put_default_sentence(struct pal_buf *out, enum pal_option option)
{
	if (*pal_option_get(option)->default_text == '\0') {
		pal_buf_add_lit(out, "Not set by default.\n");
		return;
	}
	pal_buf_add_lit(out, "Default:\n.Li ");
	pal_option_put_default(option, out);
	pal_buf_add_lit(out, " .\n");
}

/* Sections of the manual are the top level ones of the table; options above them come first. */
static void manual_section(void *user, const char *name, unsigned depth)
{
	struct pal_buf *out = user;

	if (depth == 0)
		pal_buf_addf(out, ".El\n.Ss Section %s\n.Bl -tag -width Ds\n", name);
}

static void manual_option(void *user, enum pal_option option, const char *name, unsigned depth)
{
	struct pal_buf *out = user;
	const struct pal_option_desc *desc = pal_option_get(option);

	(void)name;
	(void)depth;
	pal_buf_addf(out, ".It Cm %s\n", desc->key);
	if (desc->secret)
		pal_buf_addf(out, ".It Cm %s_file\n", desc->key);
	put_sentences(out, desc->help);
	put_kind_sentence(out, option);
	put_default_sentence(out, option);
	pal_buf_addf(out, "A change takes effect %s.\n", pal_option_effect(option));
}

void pal_conf_manual(struct pal_buf *out)
{
	static const struct pal_option_visitor visitor = {.enter = manual_section,
							  .visit = manual_option};

	pal_buf_add_lit(out, ".Sh OPTIONS\n.Ss General\n.Bl -tag -width Ds\n");
	pal_option_walk(&visitor, out);
	pal_buf_add_lit(out, ".El\n");
}
