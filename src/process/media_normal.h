/* SPDX-License-Identifier: Apache-2.0 */
/* media_normal.h - the normal form of a medium and of a location (domain.md section 4.5). */
#ifndef PALAVER_PROCESS_MEDIA_NORMAL_H
#define PALAVER_PROCESS_MEDIA_NORMAL_H

#include "base/buf.h"
#include "palaver/processor.h"

/*
 * The normal form of `media`: addresses without what only tracks the reader, a file name that any
 * file system takes, texts without markup and surplus blanks, the extension in lower case and found
 * where it was not given. In `arena`; NULL when it is exhausted. Runs on: worker.
 */
const struct pal_media *pal_media_normalise(const struct pal_media *media,
					    struct pal_arena *arena);

/* The same of a location: coordinates with six decimals. Runs on: worker. */
const struct pal_location *pal_location_normalise(const struct pal_location *location,
						  struct pal_arena *arena);

/* Append `url` without utm_source, utm_medium, utm_campaign, fbclid and gclid. Runs on: worker. */
void pal_url_write_untracked(struct pal_buf *out, struct pal_str url);

#endif
