/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render.h - what a channel cannot show becomes text, by rule; nothing is dropped. One table says
 * for each type of content which capability shows it as it is and what stands in for it.
 */
#ifndef PALAVER_CHANNEL_RENDER_H
#define PALAVER_CHANNEL_RENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "channel/shown.h"
#include "palaver/channel.h"

#define PAL_CHOICES_MAX 128u

/* How one message of the channel is made. */
enum pal_shape {
	PAL_SHAPE_TEXT,
	PAL_SHAPE_MEDIA,	/* `text` is its caption, or stands beside it; absent: none */
	PAL_SHAPE_PLACE,
	PAL_SHAPE_CARDS,
};

struct pal_rendered {
	enum pal_shape shape;
	struct pal_str text;
	bool has_replies, has_buttons;	/* those of the content go with it, as they are */
};

/* One that a user chooses by its number, counted from 1. */
struct pal_choice {
	struct pal_str title, payload;
};

/* To be sent strictly in this order: media first, text after, choices with the last part. */
struct pal_rendering {
	struct pal_rendered *parts;
	size_t count;		/* >= 1 */
	bool is_whole;		/* one part, and all of the content is in it as it is */
	/* What stands in numbered lists: kept with the conversation, so that "2" can be understood. */
	struct pal_choice choices[PAL_CHOICES_MAX];
	size_t choice_count;
};

/* Render `shown` for a channel that can do `able`; all lies in `arena` and in what `shown` views.
 * PAL_E_SERVICE without memory. Runs on: any. */
enum pal_code pal_channel_render(const struct pal_channel_capabilities *able,
				 const struct pal_shown *shown, struct pal_arena *arena,
				 struct pal_rendering *ret, struct pal_error *err) PAL_MUST_CHECK;

/* Which of `choices` the user's `text` means: its number ("2", "2.", "2)"), or its title in any
 * case of ASCII letters. NULL when none. Runs on: any. */
const struct pal_choice *pal_channel_choice(const struct pal_choice *choices, size_t count,
					    struct pal_str text);

#endif
