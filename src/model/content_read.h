/* SPDX-License-Identifier: Apache-2.0 */
/* content_read.h - decode and check a MessageContent of any type (domain.md section 1.2). */
#ifndef PALAVER_MODEL_CONTENT_READ_H
#define PALAVER_MODEL_CONTENT_READ_H

#include <stdint.h>

#include "model/content.h"
#include "model/content_parts.h"
#include "model/fields.h"

/* What an operator may set. */
struct pal_content_rules {
	uint32_t media_types;		/* 1 << enum pal_media_type of those that are taken */
	int64_t media_size_max;		/* bytes */
};

/*
 * Read member `content` of `root` into `ret`: every member of the specification is checked whatever
 * the type, what the type needs is required, and all that is right is written to ret->raw in one
 * spelling. Unknown members are dropped. Wrong fields are noted in `fields`, and then `ret` is not
 * to be used. Views live in the text and in fields->arena. Runs on: any.
 */
void pal_content_read(struct pal_fields *fields, const struct pal_fields_at *root,
		      const struct pal_content_rules *rules, struct pal_content *ret);

#endif
