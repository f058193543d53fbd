/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml_settings.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/yaml.h"

/* A file being read; the tree is walked with the dotted key so far in `path`. */
struct reader {
	struct pal_settings *settings;
	const struct pal_conf_input *input;
	const char *working_folder;
	enum pal_strength strength;
	bool is_included;
	unsigned included;
	enum pal_code code;	/* PAL_OK, or PAL_E_SERVICE once memory ran out */
};

static void read_map(struct reader *r, const struct pal_yaml *map, struct pal_str path);

static void complain(struct reader *r, const struct pal_yaml *node, const char *key,
		     const char *why)
{
	pal_conf_report_error(r->settings->report, node->spot, PAL_CONF_EXCERPT_PLAIN, "`%s` %s",
			      key, why);
}

static void add_item(struct reader *r, struct pal_setting *setting, const struct pal_yaml *node)
{
	if (!pal_setting_add_item(r->settings, setting, node->text, node->spot))
		r->code = PAL_E_SERVICE;
}

/* A mapping that stands for one value: "name=value; name=value" (conf/token_key.h). */
static void add_fields(struct reader *r, struct pal_setting *setting, const struct pal_yaml *map,
		       const char *key)
{
	struct pal_buf text = pal_buf_of(0);
	struct pal_yaml item = *map;

	for (const struct pal_yaml *field = map->first; field; field = field->next) {
		if (field->kind != PAL_YAML_SCALAR) {
			if (field->kind != PAL_YAML_BROKEN)
				complain(r, field, key, "takes plain values in its fields");
			continue;
		}
		pal_buf_addf(&text, "%s%.*s=", text.len ? "; " : "", (int)field->key.n,
			     field->key.n ? field->key.p : "");
		for (size_t i = 0; i < field->text.n; i++)
			pal_buf_add_char(&text, field->text.p[i] == '\n' ? ' ' : field->text.p[i]);
	}
	item.text = pal_arena_copy(r->settings->arena, pal_buf_str(&text));
	if (item.text.p && !text.failed)
		add_item(r, setting, &item);
	else
		r->code = PAL_E_SERVICE;
	pal_buf_deinit(&text);
}

static void read_list(struct reader *r, struct pal_setting *setting, const struct pal_yaml *list,
		      const char *key)
{
	for (const struct pal_yaml *item = list->first; item; item = item->next) {
		if (item->kind == PAL_YAML_SCALAR)
			add_item(r, setting, item);
		else if (item->kind == PAL_YAML_MAP &&
			 pal_option_get(setting->option)->format == PAL_FORMAT_TOKEN_KEY)
			add_fields(r, setting, item, key);
		else if (item->kind != PAL_YAML_BROKEN)
			complain(r, item, key, "is a list of plain values");
	}
}

static void read_option(struct reader *r, const struct pal_yaml *node, enum pal_option option,
			bool is_file, const char *key)
{
	bool is_list = pal_option_get(option)->type == PAL_OPTION_LIST;

	if (node->kind == PAL_YAML_BROKEN)
		return;
	if (node->kind == PAL_YAML_EMPTY) {
		complain(r, node, key, "has no value; give one or remove the line");
		return;
	}
	if (node->kind == PAL_YAML_MAP || (node->kind == PAL_YAML_LIST && !is_list)) {
		complain(r, node, key,
			 is_list ? "is a list of plain values, not a section"
			 : node->kind == PAL_YAML_MAP ? "takes one value, not a section"
						      : "takes one value, not a list");
		return;
	}
	struct pal_setting *setting =
		pal_settings_add(r->settings, option, is_file, r->strength, node->key_spot);
	if (!setting)
		r->code = PAL_E_SERVICE;
	else if (node->kind == PAL_YAML_LIST)
		read_list(r, setting, node, key);
	else
		add_item(r, setting, node);
	if (setting && pal_option_get(option)->secret && !is_file && r->input->is_world_readable)
		pal_conf_report_warn(r->settings->report, node->key_spot,
				     PAL_CONF_EXCERPT_SECRET_KEY,
				     "`%s` stands in a file that everyone may read; use `%s_file`",
				     key, key);
}

static void read_section(struct reader *r, const struct pal_yaml *node, struct pal_str path)
{
	if (node->kind == PAL_YAML_MAP)
		read_map(r, node, path);
	else if (node->kind != PAL_YAML_EMPTY && node->kind != PAL_YAML_BROKEN)
		complain(r, node, path.p, "is a section of options, not a value");
}

static void read_member(struct reader *r, const struct pal_yaml *node, struct pal_str path)
{
	char key[2 * PAL_OPTION_KEY_MAX];
	bool is_file;
	int n = snprintf(key, sizeof(key), "%.*s%s%.*s", (int)path.n, path.p, path.n ? "." : "",
			 node->key.n > PAL_OPTION_KEY_MAX ? (int)PAL_OPTION_KEY_MAX
							  : (int)node->key.n,
			 node->key.p ? node->key.p : "");
	struct pal_str whole = {key, (size_t)n < sizeof(key) ? (size_t)n : sizeof(key) - 1};
	bool is_dotted = node->key.n && memchr(node->key.p, '.', node->key.n);
	enum pal_option option = pal_option_find(whole, &is_file);

	if (is_dotted && (option != PAL_OPT_COUNT || pal_option_is_section(whole)))
		pal_conf_report_error(r->settings->report, node->key_spot, PAL_CONF_EXCERPT_PLAIN,
				      "`%s` must be nested: each part before a dot is a section",
				      key);
	else if (option != PAL_OPT_COUNT)
		read_option(r, node, option, is_file, key);
	else if (pal_option_is_section(whole))
		read_section(r, node, whole);
	else
		pal_settings_report_unknown(r->settings, whole, node->key_spot);
}

static void read_map(struct reader *r, const struct pal_yaml *map, struct pal_str path)
{
	for (const struct pal_yaml *node = map->first; node && r->code == PAL_OK; node = node->next)
		read_member(r, node, path);
}

static void read_file(struct reader *r, const char *path, const struct pal_conf_spot *from);

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void include_all(struct reader *r, const struct pal_yaml *node, glob_t *found)
{
	/* Not glob's own order, which follows the locale. */
	qsort(found->gl_pathv, found->gl_pathc, sizeof(found->gl_pathv[0]), by_name);
	for (size_t i = 0; i < found->gl_pathc && r->code == PAL_OK; i++) {
		if (++r->included > PAL_CONF_INCLUDES_MAX) {
			complain(r, node, "include", "finds more than 64 files");
			return;
		}
		struct reader part = *r;
		part.is_included = true;
		part.strength = PAL_STRENGTH_FILE;
		read_file(&part, found->gl_pathv[i], &node->spot);
		r->code = part.code;
	}
}

/*
 * The pattern as seen from where palaverd was started, so that labels stay as short as the file's
 * own. What is special in the name of the folder is escaped; it is no pattern. NULL: no memory.
 */
static const char *pattern_of(struct reader *r, struct pal_str pattern)
{
	const char *label = r->input->label, *slash = strrchr(label, '/');
	bool is_relative = pattern.n && pattern.p[0] != '/';
	size_t folder_n = slash && is_relative ? (size_t)(slash + 1 - label) : 0;
	char *joined = pal_arena_get(r->settings->arena, 2 * folder_n + pattern.n + 1);
	char *to = joined;

	if (!joined)
		return NULL;
	for (size_t i = 0; i < folder_n; i++) {
		if (strchr("*?[]\\", label[i]))
			*to++ = '\\';
		*to++ = label[i];
	}
	if (pattern.n)
		memcpy(to, pattern.p, pattern.n);
	to[pattern.n] = '\0';
	return joined;
}

static void include(struct reader *r, const struct pal_yaml *node)
{
	if (node->kind == PAL_YAML_BROKEN)
		return;
	if (node->kind != PAL_YAML_SCALAR) {
		complain(r, node, "include", "takes file names such as conf.d/*.yaml");
		return;
	}
	const char *pattern = pattern_of(r, node->text);
	glob_t found = {0};
	int rc = pattern ? glob(pattern, GLOB_NOSORT, NULL, &found) : GLOB_NOSPACE;
	if (rc == GLOB_NOSPACE)
		r->code = PAL_E_SERVICE;
	else if (rc == GLOB_ABORTED)
		complain(r, node, "include", "names a folder that cannot be read");
	else if (rc == GLOB_NOMATCH && !strpbrk(pattern, "*?["))
		complain(r, node, "include", "names a file that does not exist");
	else if (rc == 0)
		include_all(r, node, &found);
	globfree(&found);
}

static void read_include(struct reader *r, const struct pal_yaml *node)
{
	if (r->is_included) {
		pal_conf_report_error(r->settings->report, node->key_spot, PAL_CONF_EXCERPT_PLAIN,
				      "an included file may not include others");
		return;
	}
	if (node->kind != PAL_YAML_LIST) {
		include(r, node);
		return;
	}
	for (const struct pal_yaml *n = node->first; n && r->code == PAL_OK; n = n->next)
		include(r, n);
}

static void read_override(struct reader *r, const struct pal_yaml *node)
{
	r->strength = PAL_STRENGTH_FILE_OVERRIDE;
	if (node->kind == PAL_YAML_MAP)
		read_map(r, node, (struct pal_str){0});
	else if (node->kind != PAL_YAML_EMPTY && node->kind != PAL_YAML_BROKEN)
		complain(r, node, "override", "is a section of options, not a value");
	r->strength = PAL_STRENGTH_FILE;
}

static void read_root(struct reader *r, const struct pal_yaml *root)
{
	if (root->kind != PAL_YAML_MAP) {
		if (root->kind == PAL_YAML_SCALAR || root->kind == PAL_YAML_LIST)
			pal_conf_report_error(r->settings->report, root->spot,
					      PAL_CONF_EXCERPT_PLAIN,
					      "a configuration is made of lines like `key: value`");
		return;
	}
	for (const struct pal_yaml *n = root->first; n && r->code == PAL_OK; n = n->next) {
		if (pal_str_equal(n->key, PAL_STR("include")))
			read_include(r, n);
		else if (pal_str_equal(n->key, PAL_STR("override")))
			read_override(r, n);
		else
			read_member(r, n, (struct pal_str){0});
	}
}

static void read_input(struct reader *r, const struct pal_conf_input *input)
{
	struct pal_yaml *root = NULL;

	r->input = input;
	r->code = pal_yaml_read(input, r->settings->arena, r->settings->report, &root);
	if (root && r->code == PAL_OK)
		read_root(r, root);
}

/* `from` is the place that names the file, NULL when the caller did. */
static void read_file(struct reader *r, const char *path, const struct pal_conf_spot *from)
{
	struct pal_conf_input *input = NULL;
	struct pal_error err;

	r->code = pal_conf_input_read(path, r->working_folder, r->settings->arena, &input, &err);
	if (r->code == PAL_E_CONFIG) {
		const struct pal_conf_input named = {.kind = PAL_CONF_INPUT_FILE, .label = path};
		const struct pal_conf_spot whole = {.input = &named};
		pal_conf_report_error(r->settings->report, from ? *from : whole,
				      PAL_CONF_EXCERPT_PLAIN, "%s%s%s", from ? path : "",
				      from ? ": " : "", err.message);
		r->code = PAL_OK;
	}
	if (input)
		read_input(r, input);
}

enum pal_code pal_settings_read_input(struct pal_settings *settings,
				      const struct pal_conf_input *input)
{
	struct reader r = {.settings = settings,
			   .strength = PAL_STRENGTH_FILE,
			   .is_included = true};

	read_input(&r, input);
	return r.code;
}

enum pal_code pal_settings_read_file(struct pal_settings *settings, const char *path,
				     const char *working_folder, const char **ret_folder)
{
	struct reader r = {.settings = settings, .working_folder = working_folder,
			   .strength = PAL_STRENGTH_FILE};

	read_file(&r, path, NULL);
	*ret_folder = r.input ? r.input->folder : working_folder;
	return r.code;
}
