/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three steps: gather what each source says, judge every text (also those that a stronger source
 * replaces: an error is an error), fill in defaults and check the whole.
 */
#include "conf/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/check.h"
#include "conf/environment.h"
#include "conf/secret_file.h"
#include "conf/setting.h"
#include "conf/token_key.h"
#include "conf/yaml_settings.h"

struct loader {
	const struct pal_conf_sources *sources;
	struct pal_conf *conf;
	struct pal_conf_report *report;
	struct pal_arena scratch;	/* inputs and settings */
	struct pal_settings settings;
	const char *working_folder;
	const char *file_folder;	/* beside the configuration file, else the working folder */
	struct pal_conf_spot spots[PAL_OPT_COUNT];
	enum pal_strength strength[PAL_OPT_COUNT];
};

static const struct pal_conf_input default_input = {.kind = PAL_CONF_INPUT_DEFAULT,
						    .label = "default"};
static const struct pal_conf_input dev_input = {.kind = PAL_CONF_INPUT_DEFAULT, .label = "--dev"};

static enum pal_code gather(struct loader *l)
{
	const struct pal_conf_sources *s = l->sources;
	char *folder = getcwd(NULL, 0);
	enum pal_code code = PAL_OK;

	l->working_folder = pal_arena_copy(&l->scratch, pal_str(folder ? folder : "/")).p;
	free(folder);
	if (!l->working_folder)
		return PAL_E_SERVICE;
	l->file_folder = l->working_folder;
	if (s->file)
		code = pal_settings_read_file(&l->settings, s->file, l->working_folder,
					      &l->file_folder);
	if (code == PAL_OK)
		code = pal_settings_read_environment(&l->settings, s->env, l->working_folder);
	if (code == PAL_OK)
		code = pal_settings_read_arguments(&l->settings, s->overrides, s->overrides_count,
						   l->working_folder);
	return code;
}

static void report_item(struct loader *l, const struct pal_setting *setting,
			struct pal_conf_spot spot, const struct pal_error *err)
{
	bool is_secret = pal_option_get(setting->option)->secret && !setting->is_file;

	pal_conf_report_error(l->report, spot,
			      is_secret ? PAL_CONF_EXCERPT_SECRET : PAL_CONF_EXCERPT_PLAIN, "%s",
			      err->message);
}

/* Origin text of `setting`; `file` is where its secret was found, or NULL. NULL: no memory. */
static const char *origin_of(struct loader *l, const struct pal_setting *setting, const char *file)
{
	const struct pal_conf_input *input = setting->spot.input;
	size_t size = strlen(input->label) + (file ? strlen(file) : 0) + 32;
	char *text = pal_arena_get(&l->conf->memory, size);

	if (!text)
		return NULL;
	int n = input->kind == PAL_CONF_INPUT_FILE
			? snprintf(text, size, "%s:%u", input->label, (unsigned)setting->spot.line)
			: snprintf(text, size, "%s", input->label);
	if (file)
		snprintf(text + n, size - (size_t)n, " (%s)", file);
	return text;
}

/* The secret in the file that the setting names. */
static enum pal_code read_file(struct loader *l, const struct pal_setting *setting,
			       struct pal_str *ret, const char **ret_path, struct pal_error *err)
{
	const char *name = pal_arena_copy(&l->scratch, setting->first->text).p;
	bool is_in_file = setting->spot.input->kind == PAL_CONF_INPUT_FILE;
	const struct pal_secret_places places = {
		.credentials = pal_environment_get(l->sources->env, "CREDENTIALS_DIRECTORY"),
		.folder = is_in_file ? setting->spot.input->folder : l->file_folder,
	};

	if (!name)
		return pal_fail_memory(err, "configuration");
	if (!*name || strlen(name) != setting->first->text.n)
		return pal_fail(err, PAL_E_CONFIG, NULL, "`%s_file` must name a file",
				pal_option_get(setting->option)->key);
	return pal_secret_file_read(name, &places, &l->scratch, ret, ret_path, err);
}

static enum pal_code make_absolute(struct loader *l, const struct pal_setting *setting,
				   struct pal_value *value, struct pal_error *err)
{
	if (!*value->text || value->text[0] == '/')
		return PAL_OK;
	struct pal_arena *memory = &l->conf->memory;
	const char *path = pal_conf_path_join(setting->spot.input->folder, value->text, memory);
	if (!path)
		return pal_fail_memory(err, "configuration");
	const struct pal_option_desc *desc = pal_option_get(setting->option);
	if (strlen(path) > (size_t)desc->max)
		return pal_fail(err, PAL_E_CONFIG, desc->key,
				"`%s` is more than %lld bytes long as a whole path", desc->key,
				(long long)desc->max);
	value->text = path;
	return PAL_OK;
}

static enum pal_code read_scalar(struct loader *l, const struct pal_setting *setting,
				 struct pal_value *ret, const char **ret_path)
{
	struct pal_error err;
	struct pal_str text = setting->first->text;
	enum pal_code code = PAL_OK;

	if (setting->is_file)
		code = read_file(l, setting, &text, ret_path, &err);
	if (code == PAL_OK)
		code = pal_value_read(setting->option, text, &l->conf->memory, ret, &err);
	if (code == PAL_OK && pal_option_get(setting->option)->type == PAL_OPTION_PATH)
		code = make_absolute(l, setting, ret, &err);
	if (setting->is_file && text.p != setting->first->text.p)
		explicit_bzero((char *)text.p, text.n);
	if (code == PAL_E_CONFIG)
		report_item(l, setting, setting->first->spot, &err);
	return code;
}

static size_t count_items(const struct pal_setting *setting)
{
	size_t count = 0;

	for (const struct pal_setting_item *i = setting->first; i; i = i->next)
		count++;
	return count;
}

/* File names inside an item are seen from where they are written. */
static enum pal_code resolve_item(struct loader *l, const struct pal_setting *setting,
				  const char **item)
{
	if (pal_option_get(setting->option)->format != PAL_FORMAT_TOKEN_KEY)
		return PAL_OK;
	*item = pal_token_key_resolve(pal_str(*item), setting->spot.input->folder,
				      &l->conf->memory);
	return *item ? PAL_OK : PAL_E_SERVICE;
}

static enum pal_code read_items(struct loader *l, const struct pal_setting *setting,
				const char **items)
{
	enum pal_code worst = PAL_OK;

	for (const struct pal_setting_item *i = setting->first; i; i = i->next) {
		struct pal_value value;
		struct pal_error err;
		enum pal_code code = pal_value_read_item(setting->option, i->text,
							 &l->conf->memory, &value, &err);
		*items = value.text;
		if (code == PAL_OK)
			code = resolve_item(l, setting, items);
		items++;
		if (code == PAL_E_CONFIG)
			report_item(l, setting, i->spot, &err);
		worst = worst == PAL_E_SERVICE || code == PAL_OK ? worst : code;
	}
	return worst;
}

static enum pal_code read_list(struct loader *l, const struct pal_setting *setting,
			       struct pal_value *ret)
{
	const struct pal_option_desc *desc = pal_option_get(setting->option);
	size_t count = count_items(setting);

	if (count > (size_t)desc->max) {
		pal_conf_report_error(l->report, setting->spot, PAL_CONF_EXCERPT_PLAIN,
				      "`%s` has %zu items, at most %lld are allowed", desc->key,
				      count, (long long)desc->max);
		return PAL_E_CONFIG;
	}
	const char **items = pal_arena_get(&l->conf->memory, (count + 1) * sizeof(items[0]));
	if (!items)
		return PAL_E_SERVICE;
	*ret = (struct pal_value){.text = "", .items = items, .count = count};
	return read_items(l, setting, items);
}

static enum pal_code judge(struct loader *l, const struct pal_setting *setting)
{
	enum pal_option o = setting->option;
	bool is_list = pal_option_get(o)->type == PAL_OPTION_LIST;
	struct pal_value value;
	const char *path = NULL;

	enum pal_code code = is_list ? read_list(l, setting, &value)
				     : read_scalar(l, setting, &value, &path);
	if (code != PAL_OK)
		return code == PAL_E_CONFIG ? PAL_OK : code;
	if (setting->strength < l->strength[o])
		return PAL_OK;
	l->strength[o] = setting->strength;
	l->spots[o] = setting->first ? setting->first->spot : setting->spot;
	l->conf->value[o] = value;
	l->conf->origin[o] = origin_of(l, setting, path);
	return l->conf->origin[o] ? PAL_OK : PAL_E_SERVICE;
}

/* The text for `{name}` in a default. */
static const char *placeholder(struct loader *l, const char *name, size_t n, char room[24])
{
	const char *tmp = pal_environment_get(l->sources->env, "TMPDIR");

	if (strncmp(name, "state_dir", n) == 0)
		return l->conf->value[PAL_OPT_STATE_DIR].text;
	if (strncmp(name, "localstatedir", n) == 0)
		return PAL_LOCALSTATEDIR;
	if (strncmp(name, "tmp", n) == 0)
		return tmp && tmp[0] == '/' ? tmp : "/tmp";
	snprintf(room, 24, "%lu", (unsigned long)geteuid());
	return room;
}

static void expand(struct loader *l, const char *text, struct pal_buf *out)
{
	for (const char *open; (open = strchr(text, '{')) != NULL; ) {
		char room[24];
		size_t n = strcspn(open + 1, "}");
		pal_buf_add(out, text, (size_t)(open - text));
		pal_buf_add_str(out, pal_str(placeholder(l, open + 1, n, room)));
		text = open + n + 2;
	}
	pal_buf_add_str(out, pal_str(text));
}

/* systemd names the folder it made; of several, the first (systemd.exec(5)). */
static struct pal_str given_state_dir(struct loader *l)
{
	const char *folders = pal_environment_get(l->sources->env, "STATE_DIRECTORY");

	if (l->sources->dev)
		return pal_str(l->sources->dev_state_dir);
	return folders && folders[0] == '/' ? (struct pal_str){folders, strcspn(folders, ":")}
					    : (struct pal_str){0};
}

static enum pal_code default_text(struct loader *l, enum pal_option o, const char *text,
				  struct pal_buf *out)
{
	struct pal_str given = o == PAL_OPT_STATE_DIR ? given_state_dir(l) : (struct pal_str){0};

	if (given.n)
		pal_buf_add_str(out, given);
	else
		expand(l, text, out);
	return out->failed ? PAL_E_SERVICE : PAL_OK;
}

/* A default that does not fit can only come of the state_dir it is made from. */
static enum pal_code set_default(struct loader *l, enum pal_option o, const char *text,
				 const struct pal_conf_input *input)
{
	struct pal_setting_item item = {.text = pal_str(text)};
	struct pal_setting setting = {.option = o, .spot = {.input = input}};
	struct pal_conf_input here = *input;

	here.folder = l->working_folder;
	setting.spot.input = &here;
	item.spot = o == PAL_OPT_STATE_DIR ? setting.spot : l->spots[PAL_OPT_STATE_DIR];
	setting.first = *text || pal_option_get(o)->type != PAL_OPTION_LIST ? &item : NULL;
	enum pal_code code = judge(l, &setting);
	l->spots[o] = (struct pal_conf_spot){.input = input};
	return code;
}

static enum pal_code fill_default(struct loader *l, enum pal_option o)
{
	const char *dev = l->sources->dev ? pal_option_dev_default(o) : NULL;
	const char *template = dev ? dev : pal_option_get(o)->default_text;
	struct pal_buf text = {0};

	enum pal_code code = default_text(l, o, template, &text);
	pal_buf_add_char(&text, '\0');
	if (code == PAL_OK && !text.failed)
		code = set_default(l, o, text.data, dev ? &dev_input : &default_input);
	else
		code = PAL_E_SERVICE;
	pal_buf_deinit(&text);
	return code;
}

/*
 * Judge in the order found, so that errors come in the order of the file; then the table's order.
 */
static enum pal_code build(struct loader *l)
{
	enum pal_code code = PAL_OK;

	for (const struct pal_setting *s = l->settings.first; s && code == PAL_OK; s = s->next)
		code = judge(l, s);
	for (enum pal_option o = 0; o < PAL_OPT_COUNT && code == PAL_OK; o++) {
		if (l->strength[o] == PAL_STRENGTH_DEFAULT)
			code = fill_default(l, o);
	}
	/*
	 * What does not go together is worth telling only of values that are right by themselves.
	 */
	if (code == PAL_OK && l->report->errors_count == 0)
		pal_conf_check(l->conf, l->spots, l->report);
	return code;
}

/* The texts that secrets were read from; the snapshot wipes its own copy. */
static void wipe(struct loader *l)
{
	for (struct pal_setting *s = l->settings.first; s; s = s->next) {
		if (!pal_option_get(s->option)->secret || s->is_file ||
		    s->spot.input->kind != PAL_CONF_INPUT_FILE)
			continue;
		explicit_bzero((char *)s->spot.input->text.p, s->spot.input->text.n);
		for (struct pal_setting_item *i = s->first; i; i = i->next)
			explicit_bzero((char *)i->text.p, i->text.n);
	}
}

enum pal_code pal_conf_load(const struct pal_conf_sources *sources, struct pal_conf **ret,
			    struct pal_conf_report *report)
{
	struct loader l = {.sources = sources, .report = report};

	l.settings = (struct pal_settings){.arena = &l.scratch, .report = report};
	l.conf = calloc(1, sizeof(*l.conf));
	if (!l.conf)
		return PAL_E_SERVICE;
	atomic_init(&l.conf->refs, 1);
	l.conf->is_dev = sources->dev;
	enum pal_code code = gather(&l);
	if (code == PAL_OK)
		code = build(&l);
	if (code == PAL_OK && report->errors_count)
		code = PAL_E_CONFIG;
	pal_conf_report_sort(report);
	wipe(&l);
	pal_arena_release(&l.scratch);
	if (code == PAL_OK)
		*ret = l.conf;
	else
		pal_conf_unref(l.conf);
	return code;
}
