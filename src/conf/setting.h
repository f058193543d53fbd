/* SPDX-License-Identifier: Apache-2.0 */
/* setting.h - what the sources say, before it is judged: a list of option, texts and place. */
#ifndef PALAVER_CONF_SETTING_H
#define PALAVER_CONF_SETTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "conf/input.h"
#include "conf/options.h"
#include "conf/report.h"

/* Who wins over whom, weakest first. */
enum pal_strength {
	PAL_STRENGTH_DEFAULT,
	PAL_STRENGTH_FILE,
	PAL_STRENGTH_FILE_OVERRIDE,	/* under `override:` */
	PAL_STRENGTH_LEGACY,		/* environment names of domain.md section 8 */
	PAL_STRENGTH_ENVIRONMENT,	/* PALAVER_SECTION_KEY */
	PAL_STRENGTH_ARGUMENT,		/* -D */
};

struct pal_setting_item {
	struct pal_str text;
	struct pal_conf_spot spot;
	struct pal_setting_item *next;
};

/* One option set in one place. */
struct pal_setting {
	enum pal_option option;
	enum pal_strength strength;
	bool is_file;				/* set as `key`_file: the item names a file */
	struct pal_conf_spot spot;		/* of the key, or of the whole */
	struct pal_setting_item *first, *last;	/* exactly one unless the option is a LIST */
	struct pal_setting *next;
};

/* The settings found so far, in the order found. Everything lives in `arena`. */
struct pal_settings {
	struct pal_arena *arena;
	struct pal_conf_report *report;
	struct pal_setting *first, *last;
};

/*
 * Append a setting without items. A second one of the same option and strength that is not
 * ENVIRONMENT or ARGUMENT is reported, with both places, and still appended. NULL: no memory. Runs
 * on: any.
 */
struct pal_setting *pal_settings_add(struct pal_settings *settings, enum pal_option option,
				     bool is_file, enum pal_strength strength,
				     struct pal_conf_spot spot);

/* Append an item to the newest setting; false: no memory. `text` is borrowed. Runs on: any. */
bool pal_setting_add_item(struct pal_settings *settings, struct pal_setting *setting,
			  struct pal_str text, struct pal_conf_spot spot);

/*
 * As the two above for a text that is not YAML: the items of a LIST stand between commas, blanks
 * around them ignored. `spot` is the place of the text in its input. Runs on: any.
 */
enum pal_code pal_settings_add_text(struct pal_settings *settings, enum pal_option option,
				    bool is_file, enum pal_strength strength, struct pal_str text,
				    struct pal_conf_spot spot) PAL_MUST_CHECK;

/* Report the unknown `key`, with a suggestion where one is near. Runs on: any. */
void pal_settings_report_unknown(struct pal_settings *settings, struct pal_str key,
				 struct pal_conf_spot spot);

#endif
