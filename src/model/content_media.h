/* SPDX-License-Identifier: Apache-2.0 */
/* content_media.h - the parts of a content that are one object: medium, location, contact. */
#ifndef PALAVER_MODEL_CONTENT_MEDIA_H
#define PALAVER_MODEL_CONTENT_MEDIA_H

#include "model/canonical.h"
#include "model/content_read.h"

/*
 * Read member `media`, `location` or `contact` of the content `at`, and write it. A medium must be
 * of a type that `type` carries when that is image, audio, video or file. NULL when it is absent or
 * memory is out (noted in the fields); what is wrong in it is noted. Runs on: any.
 */
const struct pal_media *pal_content_read_media(const struct pal_canonical *c,
					       const struct pal_fields_at *at,
					       enum pal_content_type type,
					       const struct pal_content_rules *rules);
const struct pal_location *pal_content_read_location(const struct pal_canonical *c,
						     const struct pal_fields_at *at,
						     enum pal_content_type type);
void pal_content_read_contact(const struct pal_canonical *c, const struct pal_fields_at *at);

/* Whether a message of `type` is a medium. Runs on: any. */
static inline bool pal_content_is_media(enum pal_content_type type)
{
	return type == PAL_CONTENT_IMAGE || type == PAL_CONTENT_FILE || type == PAL_CONTENT_AUDIO ||
	       type == PAL_CONTENT_VIDEO;
}

#endif
