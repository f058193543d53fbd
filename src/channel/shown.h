/* SPDX-License-Identifier: Apache-2.0 */
/* shown.h - a content decoded again from its stored JSON: what a channel has to show. */
#ifndef PALAVER_CHANNEL_SHOWN_H
#define PALAVER_CHANNEL_SHOWN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "model/content.h"

#define PAL_SHOWN_REPLIES_MAX 16u
#define PAL_SHOWN_BUTTONS_MAX 10u
#define PAL_SHOWN_ITEMS_MAX 10u

/* Texts that are not there are absent. */
struct pal_shown_button {
	struct pal_str type, title, payload, url;
};

struct pal_shown_reply {
	struct pal_str title, payload;
};

struct pal_shown_item {
	struct pal_str title, subtitle, image_url;
	struct pal_shown_button buttons[PAL_SHOWN_BUTTONS_MAX];
	size_t button_count;
};

struct pal_shown {
	enum pal_content_type type;
	struct pal_str text;
	struct pal_str media_url, media_type, alt_text, filename;
	double latitude, longitude;
	struct pal_str place_name, address;
	struct pal_shown_reply replies[PAL_SHOWN_REPLIES_MAX];
	size_t reply_count;
	struct pal_shown_button buttons[PAL_SHOWN_BUTTONS_MAX];
	size_t button_count;
	struct pal_shown_item items[PAL_SHOWN_ITEMS_MAX];
	size_t item_count;
};

/*
 * Decode `raw`, a content as the model writes it. What is beyond the limits above is left out, which
 * the model never lets happen. Views live in `raw` and `arena`. PAL_E_VALIDATION when it is none,
 * PAL_E_SERVICE without memory. Runs on: any.
 */
enum pal_code pal_shown_read(struct pal_str raw, struct pal_json *json, struct pal_arena *arena,
			     struct pal_shown *ret, struct pal_error *err) PAL_MUST_CHECK;

#endif
