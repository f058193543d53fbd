/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include <string.h>

#define KEY_SHOWN_MAX 80	/* bytes of an unknown key that an error repeats */

static const struct pal_setting *find_same(const struct pal_settings *settings,
					   enum pal_option option, enum pal_strength strength)
{
	for (const struct pal_setting *s = settings->first; s; s = s->next) {
		if (s->option == option && s->strength == strength)
			return s;
	}
	return NULL;
}

static void report_twice(struct pal_settings *settings, const struct pal_setting *first,
			 bool is_file, struct pal_conf_spot spot)
{
	const char *key = pal_option_get(first->option)->key;
	const char *hint = first->strength == PAL_STRENGTH_FILE
				   ? "; to replace it, put one of them under `override:`"
				   : "";

	if (first->is_file != is_file)
		hint = "; give the secret or the file, not both";
	pal_conf_report_error(settings->report, spot, PAL_CONF_EXCERPT_PLAIN,
			      "`%s%s` is set a second time, first at %s:%u%s", key,
			      is_file ? "_file" : "", first->spot.input->label,
			      (unsigned)first->spot.line, hint);
}

struct pal_setting *pal_settings_add(struct pal_settings *settings, enum pal_option option,
				     bool is_file, enum pal_strength strength,
				     struct pal_conf_spot spot)
{
	const struct pal_setting *first = find_same(settings, option, strength);
	struct pal_setting *setting = pal_arena_get(settings->arena, sizeof(*setting));

	if (!setting)
		return NULL;
	*setting = (struct pal_setting){
		.option = option, .strength = strength, .is_file = is_file, .spot = spot};
	/* Of two -D of one option the later counts, as with any command line. */
	if (first && strength != PAL_STRENGTH_ARGUMENT)
		report_twice(settings, first, is_file, spot);
	if (settings->last)
		settings->last->next = setting;
	else
		settings->first = setting;
	settings->last = setting;
	return setting;
}

bool pal_setting_add_item(struct pal_settings *settings, struct pal_setting *setting,
			  struct pal_str text, struct pal_conf_spot spot)
{
	struct pal_setting_item *item = pal_arena_get(settings->arena, sizeof(*item));

	if (!item)
		return false;
	*item = (struct pal_setting_item){.text = text, .spot = spot};
	if (setting->last)
		setting->last->next = item;
	else
		setting->first = item;
	setting->last = item;
	return true;
}

static struct pal_str trim(struct pal_str s, uint32_t *column)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
		(*column)++;
	}
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool add_list(struct pal_settings *settings, struct pal_setting *setting,
		     struct pal_str text, struct pal_conf_spot spot)
{
	uint32_t column = spot.column;

	while (text.n) {
		const char *comma = memchr(text.p, ',', text.n);
		size_t n = comma ? (size_t)(comma - text.p) : text.n;
		struct pal_conf_spot at = spot;
		at.column = column;
		struct pal_str item = trim((struct pal_str){text.p, n}, &at.column);
		at.width = (uint32_t)item.n;
		if (item.n && !pal_setting_add_item(settings, setting, item, at))
			return false;
		n += comma != NULL;
		column += (uint32_t)n;
		text.p += n;
		text.n -= n;
	}
	return true;
}

enum pal_code pal_settings_add_text(struct pal_settings *settings, enum pal_option option,
				    bool is_file, enum pal_strength strength, struct pal_str text,
				    struct pal_conf_spot spot)
{
	struct pal_setting *setting = pal_settings_add(settings, option, is_file, strength, spot);
	bool is_list = pal_option_get(option)->type == PAL_OPTION_LIST;

	if (!setting)
		return PAL_E_SERVICE;
	return (is_list ? add_list(settings, setting, text, spot)
			: pal_setting_add_item(settings, setting, text, spot))
		       ? PAL_OK
		       : PAL_E_SERVICE;
}

void pal_settings_report_unknown(struct pal_settings *settings, struct pal_str key,
				 struct pal_conf_spot spot)
{
	char near[PAL_OPTION_KEY_MAX];
	bool is_near = pal_option_suggest(key, near);
	bool is_file;
	enum pal_option meant = is_near ? pal_option_find(pal_str(near), &is_file) : PAL_OPT_COUNT;
	bool is_secret = meant != PAL_OPT_COUNT && pal_option_get(meant)->secret;
	int n = key.n > KEY_SHOWN_MAX ? KEY_SHOWN_MAX : (int)key.n;

	/* The value behind a misspelt secret is a secret still: show the key alone. */
	pal_conf_report_error(settings->report, spot,
			      is_secret ? PAL_CONF_EXCERPT_SECRET_KEY : PAL_CONF_EXCERPT_PLAIN,
			      "unknown option `%.*s`%s%s%s", n, key.p,
			      is_near ? ", did you mean `" : "", near, is_near ? "`?" : "");
}
