/* SPDX-License-Identifier: Apache-2.0 */
/* content.h - what a message says: its type, its text, and the canonical JSON that is stored. */
#ifndef PALAVER_MODEL_CONTENT_H
#define PALAVER_MODEL_CONTENT_H

#include <stdbool.h>

#include "base/str.h"

/* domain.md section 1.1, MessageType. */
#define PAL_CONTENT_TYPES(X)                                                                       \
	X(PAL_CONTENT_TEXT, "text")                                                                \
	X(PAL_CONTENT_IMAGE, "image")                                                              \
	X(PAL_CONTENT_FILE, "file")                                                                \
	X(PAL_CONTENT_AUDIO, "audio")                                                              \
	X(PAL_CONTENT_VIDEO, "video")                                                              \
	X(PAL_CONTENT_LOCATION, "location")                                                        \
	X(PAL_CONTENT_QUICK_REPLY, "quick_reply")                                                  \
	X(PAL_CONTENT_CAROUSEL, "carousel")

enum pal_content_type {
#define X(id, name) id,
	PAL_CONTENT_TYPES(X)
#undef X
	PAL_CONTENT_TYPE_COUNT
};

#define PAL_TEXT_POINTS_MAX 4096u	/* domain.md section 1.2: content.text, code points */

struct pal_content_parts;	/* model/content_parts.h */

struct pal_content {
	enum pal_content_type type;
	struct pal_str text;		/* absent when the type has none */
	struct pal_str language;	/* two lower-case letters; absent when not declared */
	struct pal_str raw;		/* the whole content as JSON, as stored and shown */
	/* What else a request held, decoded; NULL when that is nothing, or `raw` was loaded. */
	const struct pal_content_parts *parts;
};

/* Wire name of `type`. Runs on: any. */
const char *pal_content_type_name(enum pal_content_type type);
/* Find a type by its wire name; false when there is none. Runs on: any. */
bool pal_content_type_parse(struct pal_str name, enum pal_content_type *ret);

#endif
