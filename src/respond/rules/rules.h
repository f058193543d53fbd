/* SPDX-License-Identifier: Apache-2.0 */
/* rules.h - answers by intent from templates; always has an answer, never asks anyone. */
#ifndef PALAVER_RESPOND_RULES_RULES_H
#define PALAVER_RESPOND_RULES_RULES_H

#include "palaver/responder.h"
#include "respond/rules/templates.h"

struct pal_rules_responder {
	struct pal_responder base;
	const struct pal_template_source *overrides;	/* NULL: the shipped templates only */
};

/*
 * A responder that follows domain.md section 2.3: the template named after the intent; without one
 * "media" or "location" for such content, and "default" for the rest; in the language of the analysis, else in English. `overrides` must
 * outlive it and may be called from all workers at once. Runs on: any.
 */
struct pal_rules_responder pal_rules_responder_of(const struct pal_template_source *overrides);

#endif
