/* SPDX-License-Identifier: Apache-2.0 */
/* content_choices.h - the parts of a content that are lists: replies, buttons, carousel, form. */
#ifndef PALAVER_MODEL_CONTENT_CHOICES_H
#define PALAVER_MODEL_CONTENT_CHOICES_H

#include "model/canonical.h"
#include "model/content_parts.h"

/* Read member `quick_replies` of the content `at`, and write it; what was chosen, by `text`, goes
 * to `parts`: the only one, or the one with this title. Return how many there are. Runs on: any. */
size_t pal_content_read_quick_replies(const struct pal_canonical *c,
				      const struct pal_fields_at *at, struct pal_str text,
				      struct pal_content_parts *parts);

/* Read member `buttons`, and write it. Runs on: any. */
void pal_content_read_buttons(const struct pal_canonical *c, const struct pal_fields_at *at);

/* Read member `carousel` into `parts`, and write it. Runs on: any. */
void pal_content_read_carousel(const struct pal_canonical *c, const struct pal_fields_at *at,
			       struct pal_content_parts *parts);

/* Read members `form_fields` and `form_data`, and write them. Runs on: any. */
void pal_content_read_form(const struct pal_canonical *c, const struct pal_fields_at *at);

#endif
