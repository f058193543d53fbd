/* SPDX-License-Identifier: Apache-2.0 */
/* content_parts.h - what a content has beside its text, decoded (domain.md section 1.2). */
#ifndef PALAVER_MODEL_CONTENT_PARTS_H
#define PALAVER_MODEL_CONTENT_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/media_type.h"

#define PAL_CAROUSEL_ITEMS_MAX 10u
#define PAL_QUICK_REPLIES_MAX 10u

/* Texts that were not given are absent. */
struct pal_media {
	struct pal_str url;
	enum pal_media_type type;
	int64_t size_bytes;
	struct pal_str alt_text, thumbnail_url, filename, extension;
	int64_t duration_ms;		/* -1: not given */
	int64_t width, height;		/* pixels; 0: not given */
};

struct pal_location {
	double latitude, longitude;	/* degrees */
	int64_t accuracy_m;		/* -1: not given */
	struct pal_str address, place_name, place_id, country, city, postal_code;
};

struct pal_carousel_item {
	struct pal_str title, subtitle;
};

struct pal_content_parts {
	const struct pal_media *media;		/* NULL: none */
	const struct pal_location *location;	/* NULL: none */
	/* Of a quick_reply: what was chosen; absent when only a text says so. */
	struct pal_str chosen_title, chosen_payload;
	struct pal_carousel_item items[PAL_CAROUSEL_ITEMS_MAX];
	size_t item_count;
};

#endif
