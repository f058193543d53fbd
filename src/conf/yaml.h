/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - YAML 1.2 through libfyaml, without what gave YAML a bad name: no anchors, aliases or
 * tags, no key twice, no second document, nothing typed by its looks.
 */
#ifndef PALAVER_CONF_YAML_H
#define PALAVER_CONF_YAML_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "conf/input.h"
#include "conf/report.h"

#define PAL_YAML_DEPTH_MAX 8u		/* nested mappings and lists */
#define PAL_YAML_NODES_MAX 4096u	/* values in a file */

enum pal_yaml_kind {
	PAL_YAML_SCALAR,
	PAL_YAML_EMPTY,		/* nothing after the colon */
	PAL_YAML_LIST,
	PAL_YAML_MAP,
	PAL_YAML_BROKEN,	/* already reported; to be passed over */
};

/* A value, with its key when it is a member of a mapping. Texts hold no NUL. */
struct pal_yaml {
	enum pal_yaml_kind kind;
	struct pal_str key, text;
	struct pal_conf_spot key_spot, spot;
	struct pal_yaml *first, *last;	/* LIST, MAP: children in file order */
	struct pal_yaml *next;
};

/*
 * Read `input` into *ret, which lives in `arena` and is NULL when there is nothing but comments.
 * What is wrong goes to `report`; *ret then holds what was read before it. PAL_E_SERVICE when out
 * of memory. Runs on: any.
 */
enum pal_code pal_yaml_read(const struct pal_conf_input *input, struct pal_arena *arena,
			    struct pal_conf_report *report, struct pal_yaml **ret) PAL_MUST_CHECK;

#endif
