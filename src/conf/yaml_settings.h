/* SPDX-License-Identifier: Apache-2.0 */
/* yaml_settings.h - the settings in a configuration file and in the files it includes. */
#ifndef PALAVER_CONF_YAML_SETTINGS_H
#define PALAVER_CONF_YAML_SETTINGS_H

#include "base/error.h"
#include "conf/setting.h"

#define PAL_CONF_INCLUDES_MAX 64u	/* files */

/*
 * Append the settings of the file `path` and of what it includes; what is wrong goes to the report
 * of `settings`. `working_folder` makes `path` absolute. *ret_folder is the file's folder.
 * PAL_E_SERVICE when out of memory. Runs on: main.
 */
enum pal_code pal_settings_read_file(struct pal_settings *settings, const char *path,
				     const char *working_folder, const char **ret_folder)
	PAL_MUST_CHECK;

/* Append the settings of `input` alone: it may not include others. As above. Runs on: any. */
enum pal_code pal_settings_read_input(struct pal_settings *settings,
				      const struct pal_conf_input *input) PAL_MUST_CHECK;

#endif
