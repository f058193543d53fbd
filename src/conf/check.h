/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - the rules that hold between options. */
#ifndef PALAVER_CONF_CHECK_H
#define PALAVER_CONF_CHECK_H

#include <stdbool.h>

#include "conf/report.h"
#include "conf/snapshot.h"

/*
 * Report what does not go together in `conf`, and what is allowed but unwise. spots[option] is
 * where each value was set. Runs on: main.
 */
void pal_conf_check(const struct pal_conf *conf, const struct pal_conf_spot spots[PAL_OPT_COUNT],
		    struct pal_conf_report *report);

/*
 * Whether a signing secret looks like a sample or a key that was typed, not drawn. Runs on: any.
 */
bool pal_secret_is_weak(const char *secret);

/* Whether the environment is one where that is refused: staging or production. Runs on: any. */
bool pal_conf_is_serious(const struct pal_conf *conf);

#endif
