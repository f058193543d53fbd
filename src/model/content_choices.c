/* SPDX-License-Identifier: Apache-2.0 */
#include "model/content_choices.h"

#define BUTTONS_MAX 3u
#define FORM_FIELDS_MAX 50u
#define FORM_OPTIONS_MAX 50u
#define TITLE_POINTS_MAX 20u
#define PAYLOAD_POINTS_MAX 1000u
#define WORD_POINTS_MAX 32u

static const struct pal_text_rule title_rule = {
	.required = true, .min = 1, .max = TITLE_POINTS_MAX};

/* --- Quick replies ----------------------------------------------------------------------------- */

struct choice {
	struct pal_str text;
	struct pal_content_parts *parts;
};

static void read_quick_reply(const struct pal_canonical *c, const struct pal_fields_at *at,
			     void *arg)
{
	static const struct pal_text_rule payload_rule = {
		.required = true, .max = PAYLOAD_POINTS_MAX};
	static const struct pal_text_rule kind_rule = {.min = 1, .max = WORD_POINTS_MAX};
	const struct choice *choice = arg;
	struct pal_str title = pal_canonical_text(c, at, "title", &title_rule);
	struct pal_str payload = pal_canonical_text(c, at, "payload", &payload_rule);

	pal_canonical_text(c, at, "content_type", &kind_rule);
	pal_canonical_url(c, at, "image_url", false);
	if (at->index > 0 && !(choice->text.p && pal_str_equal(choice->text, title)))
		return;
	choice->parts->chosen_title = title;
	choice->parts->chosen_payload = payload;
}

size_t pal_content_read_quick_replies(const struct pal_canonical *c,
				      const struct pal_fields_at *at, struct pal_str text,
				      struct pal_content_parts *parts)
{
	struct choice choice = {text, parts};
	size_t count = pal_canonical_objects(c, at, "quick_replies", PAL_QUICK_REPLIES_MAX,
					     read_quick_reply, &choice);

	/* The first one stands in `parts` only for want of a better one. */
	if (count > 1 && !pal_str_equal(parts->chosen_title, text))
		parts->chosen_title = parts->chosen_payload = (struct pal_str){NULL, 0};
	return count;
}

/* --- Buttons and carousel ---------------------------------------------------------------------- */

static void read_button(const struct pal_canonical *c, const struct pal_fields_at *at, void *arg)
{
	static const char *const types[] = {"postback", "url", "phone", "share", NULL};
	static const char *const heights[] = {"compact", "tall", "full", NULL};
	size_t type = pal_canonical_word(c, at, "type", true, types, "postback, url, phone, share");

	(void)arg;
	pal_canonical_text(c, at, "title", &title_rule);
	pal_canonical_text(
		c, at, "payload",
		&(struct pal_text_rule){.required = type == 0, .max = PAYLOAD_POINTS_MAX});
	pal_canonical_url(c, at, "url", type == 1);
	pal_canonical_word(c, at, "webview_height_ratio", false, heights, "compact, tall, full");
}

void pal_content_read_buttons(const struct pal_canonical *c, const struct pal_fields_at *at)
{
	pal_canonical_objects(c, at, "buttons", BUTTONS_MAX, read_button, NULL);
}

static void read_item(const struct pal_canonical *c, const struct pal_fields_at *at, void *arg)
{
	static const struct pal_text_rule item_title = {.required = true, .min = 1, .max = 80};
	static const struct pal_text_rule item_subtitle = {.max = 80};
	struct pal_content_parts *parts = arg;
	struct pal_carousel_item *item = &parts->items[parts->item_count++];

	item->title = pal_canonical_text(c, at, "title", &item_title);
	item->subtitle = pal_canonical_text(c, at, "subtitle", &item_subtitle);
	pal_canonical_url(c, at, "image_url", false);
	pal_canonical_verbatim(c, at, "default_action");
	pal_content_read_buttons(c, at);
}

void pal_content_read_carousel(const struct pal_canonical *c, const struct pal_fields_at *at,
			       struct pal_content_parts *parts)
{
	pal_canonical_objects(c, at, "carousel", PAL_CAROUSEL_ITEMS_MAX, read_item, parts);
}

/* --- Forms ------------------------------------------------------------------------------------- */

static void check_order(const struct pal_canonical *c, const struct pal_fields_at *at,
			const char *name, double min, double max)
{
	if (min > max)
		pal_fields_wrong(c->fields, at, name, "must not be below its minimum");
}

static void read_form_field(const struct pal_canonical *c, const struct pal_fields_at *at,
			    void *arg)
{
	static const char *const types[] = {"text",   "email",	  "phone",    "number", "date",
					    "select", "textarea", "checkbox", "radio",	NULL};
	static const struct pal_text_rule id = {.required = true, .min = 1, .max = 50};
	static const struct pal_text_rule label = {.required = true, .min = 1, .max = 100};
	static const struct pal_text_rule placeholder = {.max = 100};
	const int64_t most = PAL_JSON_INTEGER_MAX;
	double min = -(double)most, max = (double)most;

	(void)arg;
	pal_canonical_text(c, at, "field_id", &id);
	pal_canonical_word(c, at, "field_type", true, types,
			   "text, email, phone, number, date, select, textarea, checkbox, radio");
	pal_canonical_text(c, at, "label", &label);
	pal_canonical_bool(c, at, "required");
	pal_canonical_text(c, at, "placeholder", &placeholder);
	pal_canonical_texts(c, at, "options", FORM_OPTIONS_MAX, 100);
	int64_t shortest = pal_canonical_integer(c, at, "min_length", 0, most, 0);
	int64_t longest = pal_canonical_integer(c, at, "max_length", 0, most, most);
	check_order(c, at, "max_length", (double)shortest, (double)longest);
	pal_canonical_number(c, at, "min_value", false, min, max, &min);
	pal_canonical_number(c, at, "max_value", false, -(double)most, max, &max);
	check_order(c, at, "max_value", min, max);
}

void pal_content_read_form(const struct pal_canonical *c, const struct pal_fields_at *at)
{
	pal_canonical_objects(c, at, "form_fields", FORM_FIELDS_MAX, read_form_field, NULL);
	pal_canonical_verbatim(c, at, "form_data");
}
