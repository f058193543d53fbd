/* SPDX-License-Identifier: Apache-2.0 */
/* environment.h - the settings in environment variables and in -D arguments. */
#ifndef PALAVER_CONF_ENVIRONMENT_H
#define PALAVER_CONF_ENVIRONMENT_H

#include <stddef.h>

#include "base/error.h"
#include "conf/setting.h"

/* The value of `name` in `env`, as getenv would find it; `env` may be NULL. Runs on: any. */
const char *pal_environment_get(char *const *env, const char *name);

/*
 * Append what `env` (as environ; NULL: nothing) says: PALAVER_SECTION_KEY for every option, and
 * the names of domain.md section 8 that have an option here. A PALAVER_ name that looks like a
 * misspelt option is warned about only: Kubernetes makes PALAVER_SERVICE_HOST and the like by
 * itself. Relative paths start at `folder`. PAL_E_SERVICE when out of memory. Runs on: main.
 */
enum pal_code pal_settings_read_environment(struct pal_settings *settings, char *const *env,
					    const char *folder) PAL_MUST_CHECK;

/* Append the `count` texts "key=value" given with -D. As above otherwise. Runs on: main. */
enum pal_code pal_settings_read_arguments(struct pal_settings *settings,
					  const char *const *arguments, size_t count,
					  const char *folder) PAL_MUST_CHECK;

#endif
