/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - from a file, the environment and -D to a snapshot, or to all that is wrong with them. */
#ifndef PALAVER_CONF_LOAD_H
#define PALAVER_CONF_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "conf/report.h"
#include "conf/snapshot.h"

/* Where values come from, weakest first: default < --dev default < file < environment < -D. */
struct pal_conf_sources {
	const char *file;		/* NULL: none */
	char *const *env;		/* as environ; NULL: none */
	const char *const *overrides;	/* texts "key=value" of -D; the last of a key counts */
	size_t overrides_count;
	bool dev;			/* --dev */
	const char *dev_state_dir;	/* --dev: default of state_dir; NULL: a name in $TMPDIR */
};

/*
 * Build a snapshot, which the caller then owns (one reference), with every value checked alone and
 * against the others. Nothing is created or changed on disk. PAL_E_CONFIG when anything is wrong:
 * *ret is untouched and `report` (zeroed or empty) holds all of it; warnings may be there on
 * PAL_OK too. PAL_E_SERVICE when out of memory. Runs on: main.
 */
enum pal_code pal_conf_load(const struct pal_conf_sources *sources, struct pal_conf **ret,
			    struct pal_conf_report *report) PAL_MUST_CHECK;

#endif
