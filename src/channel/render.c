/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/render.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "channel/split.h"

/* What a content becomes. */
enum form {
	FORM_TEXT,
	FORM_MEDIA,
	FORM_LINK,		/* caption and URL */
	FORM_PLACE,
	FORM_MAP_LINK,
	FORM_CARDS,
	FORM_CARD_LIST,
};

/* The one table: a content of this type needs `can` to be shown as `native`, else as `otherwise`. */
static const struct {
	unsigned can;
	enum form native, otherwise;
} forms[PAL_CONTENT_TYPE_COUNT] = {
	[PAL_CONTENT_TEXT] = {0, FORM_TEXT, FORM_TEXT},
	[PAL_CONTENT_IMAGE] = {PAL_CAN_IMAGE, FORM_MEDIA, FORM_LINK},
	[PAL_CONTENT_FILE] = {PAL_CAN_FILE, FORM_MEDIA, FORM_LINK},
	[PAL_CONTENT_AUDIO] = {PAL_CAN_AUDIO, FORM_MEDIA, FORM_LINK},
	[PAL_CONTENT_VIDEO] = {PAL_CAN_VIDEO, FORM_MEDIA, FORM_LINK},
	[PAL_CONTENT_LOCATION] = {PAL_CAN_LOCATION, FORM_PLACE, FORM_MAP_LINK},
	[PAL_CONTENT_QUICK_REPLY] = {0, FORM_TEXT, FORM_TEXT},
	[PAL_CONTENT_CAROUSEL] = {PAL_CAN_CAROUSEL, FORM_CARDS, FORM_CARD_LIST},
};

struct rendering {
	const struct pal_channel_capabilities *able;
	const struct pal_shown *given, *shown;	/* as it was; as it is to be shown */
	struct pal_arena *arena;
	struct pal_rendering *out;
	size_t room;		/* of out->parts */
	struct pal_buf body;	/* what is left for text */
	bool failed_memory;
};

/* --- Text ------------------------------------------------------------------------------------- */

/* Begin a new line with `text`, if there is any. */
static void add_line(struct rendering *r, struct pal_str text)
{
	if (text.n == 0)
		return;
	if (r->body.len)
		pal_buf_add_char(&r->body, '\n');
	pal_buf_add_str(&r->body, text);
}

static void add_numbered(struct rendering *r, struct pal_str title, struct pal_str payload)
{
	struct pal_rendering *out = r->out;

	if (out->choice_count == PAL_CHOICES_MAX) {
		add_line(r, title);
		return;
	}
	out->choices[out->choice_count++] = (struct pal_choice){title, payload.p ? payload : title};
	if (r->body.len)
		pal_buf_add_char(&r->body, '\n');
	pal_buf_addf(&r->body, "%zu. ", out->choice_count);
	pal_buf_add_str(&r->body, title);
}

static bool is_postback(const struct pal_shown_button *button)
{
	return pal_str_equal(button->type, PAL_STR("postback"));
}

/* What is not answered but opened or dialled says where it leads. */
static void add_button(struct rendering *r, const struct pal_shown_button *button)
{
	bool is_share = pal_str_equal(button->type, PAL_STR("share"));
	struct pal_str target = button->url.n || is_share ? button->url : button->payload;

	if (is_postback(button)) {
		add_numbered(r, button->title, button->payload);
		return;
	}
	add_line(r, button->title);
	if (target.n) {
		pal_buf_add_lit(&r->body, ": ");
		pal_buf_add_str(&r->body, target);
	}
}

/* Six decimals and a point whatever the locale. */
static void add_degrees(struct pal_buf *out, double degrees)
{
	long long micro = llround(fabs(degrees) * 1e6);

	pal_buf_addf(out, "%s%lld.%06lld", degrees < 0 && micro ? "-" : "", micro / 1000000,
		     micro % 1000000);
}

static void add_map_link(struct rendering *r)
{
	add_line(r, r->shown->place_name);
	add_line(r, r->shown->address);
	add_line(r, PAL_STR("https://maps.google.com/?q="));
	add_degrees(&r->body, r->shown->latitude);
	pal_buf_add_char(&r->body, ',');
	add_degrees(&r->body, r->shown->longitude);
}

static void add_link(struct rendering *r)
{
	const struct pal_shown *shown = r->shown;

	if (!shown->text.n)
		add_line(r, shown->alt_text.n ? shown->alt_text : shown->filename);
	add_line(r, shown->media_url);
}

/* A card without anything to choose is a choice itself. */
static void add_card(struct rendering *r, const struct pal_shown_item *item)
{
	bool has_choice = false;

	for (size_t i = 0; i < item->button_count; i++)
		has_choice |= is_postback(&item->buttons[i]);
	if (r->body.len)
		pal_buf_add_char(&r->body, '\n');	/* an empty line between cards */
	if (has_choice)
		add_line(r, item->title);
	else
		add_numbered(r, item->title, item->title);
	add_line(r, item->subtitle);
	add_line(r, item->image_url);
	for (size_t i = 0; i < item->button_count; i++)
		add_button(r, &item->buttons[i]);
}

/* --- Parts ------------------------------------------------------------------------------------ */

static struct pal_rendered *add_part(struct rendering *r, enum pal_shape shape, struct pal_str text)
{
	struct pal_rendering *out = r->out;

	if (out->count == r->room) {
		size_t room = r->room ? r->room * 2 : 4;
		struct pal_rendered *parts = pal_arena_get(r->arena, room * sizeof(*parts));
		if (!parts) {
			r->failed_memory = true;
			return NULL;
		}
		if (out->count)
			memcpy(parts, out->parts, out->count * sizeof(*parts));
		out->parts = parts;
		r->room = room;
	}
	out->parts[out->count] = (struct pal_rendered){.shape = shape, .text = text};
	return &out->parts[out->count++];
}

/* What is shown as it is, with its text if the channel lets it carry one that long. */
static void render_shape(struct rendering *r, enum pal_shape shape, unsigned can_carry, size_t max)
{
	struct pal_str text = r->shown->text;
	bool fits = r->able->can & can_carry && (!max || pal_utf16_units(text) <= max);

	add_part(r, shape, fits && text.n ? text : (struct pal_str){NULL, 0});
	if (!fits)
		add_line(r, text);
}

static void render_form(struct rendering *r, enum form form)
{
	switch (form) {
	case FORM_MEDIA:
		render_shape(r, PAL_SHAPE_MEDIA, PAL_CAN_CAPTION, r->able->caption_units_max);
		return;
	case FORM_PLACE:
		render_shape(r, PAL_SHAPE_PLACE, PAL_CAN_TEXT_BESIDE, r->able->text_units_max);
		return;
	case FORM_CARDS:
		render_shape(r, PAL_SHAPE_CARDS, PAL_CAN_TEXT_BESIDE, r->able->text_units_max);
		return;
	case FORM_TEXT:
	case FORM_LINK:
	case FORM_MAP_LINK:
	case FORM_CARD_LIST:
		break;
	}
	add_line(r, r->shown->text);
	if (form == FORM_LINK)
		add_link(r);
	if (form == FORM_MAP_LINK)
		add_map_link(r);
	for (size_t i = 0; form == FORM_CARD_LIST && i < r->shown->item_count; i++)
		add_card(r, &r->shown->items[i]);
}

static enum form form_of(const struct rendering *r)
{
	enum pal_content_type type = r->shown->type;
	bool is_native = (r->able->can & forms[type].can) == forms[type].can;

	if (type == PAL_CONTENT_CAROUSEL && r->able->items_max &&
	    r->shown->item_count > r->able->items_max)
		is_native = false;
	return is_native ? forms[type].native : forms[type].otherwise;
}

static bool fits(const struct rendering *r, unsigned can, size_t count, size_t max)
{
	return r->able->can & can && (max == 0 || count <= max);
}

/* Text that remains, in parts as long as the channel takes. */
static void add_text_parts(struct rendering *r)
{
	size_t max = r->able->text_units_max;
	struct pal_str rest = pal_arena_copy(r->arena, pal_buf_str(&r->body)), part;

	if (r->body.failed || !rest.p) {
		r->failed_memory = true;
		return;
	}
	if (!max) {
		if (rest.n)
			add_part(r, PAL_SHAPE_TEXT, rest);
		return;
	}
	while ((part = pal_split_next(&rest, max)).p)
		add_part(r, PAL_SHAPE_TEXT, part);
}

static void render(struct rendering *r)
{
	const struct pal_shown *shown = r->shown;
	bool native_replies = fits(r, PAL_CAN_QUICK_REPLIES, shown->reply_count,
				   r->able->quick_replies_max);
	bool native_buttons = fits(r, PAL_CAN_BUTTONS, shown->button_count, r->able->buttons_max);

	render_form(r, form_of(r));
	for (size_t i = 0; !native_replies && i < shown->reply_count; i++)
		add_numbered(r, shown->replies[i].title, shown->replies[i].payload);
	for (size_t i = 0; !native_buttons && i < shown->button_count; i++)
		add_button(r, &shown->buttons[i]);
	add_text_parts(r);
	if (r->out->count == 0 && !r->failed_memory)	/* choices alone */
		add_part(r, PAL_SHAPE_TEXT, PAL_STR(""));
	if (r->failed_memory)
		return;
	struct pal_rendered *last = &r->out->parts[r->out->count - 1];
	last->has_replies = native_replies && shown->reply_count > 0;
	last->has_buttons = native_buttons && shown->button_count > 0;
	r->out->is_whole = r->out->count == 1 && form_of(r) == forms[shown->type].native &&
			   last->has_replies == (r->given->reply_count > 0) &&
			   last->has_buttons == (shown->button_count > 0);
}

/* What was chosen without a text has its title for one, and is no list any more. */
static struct pal_shown without_lone_choice(const struct pal_channel_capabilities *able,
					    const struct pal_shown *shown)
{
	struct pal_shown plain = *shown;

	if (able->can & PAL_CAN_QUICK_REPLIES)
		return plain;
	if (shown->type == PAL_CONTENT_QUICK_REPLY && !shown->text.n && shown->reply_count == 1) {
		plain.text = shown->replies[0].title;
		plain.reply_count = 0;
	}
	return plain;
}

enum pal_code pal_channel_render(const struct pal_channel_capabilities *able,
				 const struct pal_shown *shown, struct pal_arena *arena,
				 struct pal_rendering *ret, struct pal_error *err)
{
	struct pal_shown plain = without_lone_choice(able, shown);
	struct rendering r = {
		.able = able, .given = shown, .shown = &plain, .arena = arena, .out = ret};

	memset(ret, 0, sizeof(*ret));
	render(&r);
	pal_buf_deinit(&r.body);
	return r.failed_memory ? pal_fail_memory(err, "channel") : PAL_OK;
}

/* --- And back --------------------------------------------------------------------------------- */

static struct pal_str trimmed(struct pal_str s)
{
	while (s.n && (unsigned char)s.p[0] <= ' ')
		s.p++, s.n--;
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

const struct pal_choice *pal_channel_choice(const struct pal_choice *choices, size_t count,
					    struct pal_str text)
{
	size_t number = 0, i = 0;

	text = trimmed(text);
	for (; i < text.n && i < 4 && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		number = number * 10 + (size_t)(text.p[i] - '0');
	bool is_number = i > 0 && (i == text.n || (i + 1 == text.n && (text.p[i] == '.' ||
								       text.p[i] == ')')));
	if (is_number && number >= 1 && number <= count)
		return &choices[number - 1];
	for (i = 0; i < count; i++) {
		if (text.n && choices[i].title.n == text.n &&
		    strncasecmp(choices[i].title.p, text.p, text.n) == 0)
			return &choices[i];
	}
	return NULL;
}
