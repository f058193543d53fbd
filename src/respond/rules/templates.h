/* SPDX-License-Identifier: Apache-2.0 */
/* templates.h - what the rules say: texts by (tenant, template id, language). */
#ifndef PALAVER_RESPOND_RULES_TEMPLATES_H
#define PALAVER_RESPOND_RULES_TEMPLATES_H

#include <stdbool.h>

#include "base/str.h"

struct pal_template {
	struct pal_str id;		/* the intent it answers, or "media", "location" */
	struct pal_str language;
	struct pal_str text;
	struct pal_str raw;		/* the content as JSON; absent: not written yet */
};

/* Where a tenant's own wording is found. */
struct pal_template_source {
	/*
	 * Required. Set ret->text (and raw, if at hand) to the wording of `tenant` for exactly this
	 * id and language and return true, or return false. The views must outlive the reply. Must
	 * not block. Runs on: worker.
	 */
	bool (*find)(const struct pal_template_source *self, struct pal_str tenant,
		     struct pal_str id, struct pal_str language, struct pal_template *ret);
};

/* The shipped template for exactly this id and language; false when there is none. Runs on: any. */
bool pal_template_shipped(struct pal_str id, struct pal_str language, struct pal_template *ret);

#endif
