/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/shown.h"

#include <stdbool.h>
#include <string.h>

struct reading {
	const struct pal_json *json;
	struct pal_arena *arena;
	bool failed_memory;
};

static struct pal_str text_of(struct reading *r, uint32_t object, const char *name)
{
	uint32_t at = pal_json_member(r->json, object, pal_str(name));

	if (at == PAL_JSON_NONE || pal_json_type(r->json, at) != PAL_JSON_STRING)
		return (struct pal_str){NULL, 0};
	struct pal_str text = pal_json_string(r->json, at, r->arena);
	r->failed_memory |= !text.p;
	return text;
}

static double number_of(const struct reading *r, uint32_t object, const char *name)
{
	uint32_t at = pal_json_member(r->json, object, pal_str(name));
	double value = 0;

	if (at != PAL_JSON_NONE && pal_json_type(r->json, at) == PAL_JSON_NUMBER &&
	    !pal_json_double(r->json, at, &value))
		value = 0;
	return value;
}

/* The elements of array member `name`, at most `max`: their nodes go to `nodes`. */
static size_t elements_of(const struct reading *r, uint32_t object, const char *name, size_t max,
			  uint32_t *nodes)
{
	uint32_t array = pal_json_member(r->json, object, pal_str(name));
	size_t count = 0;

	if (array == PAL_JSON_NONE || pal_json_type(r->json, array) != PAL_JSON_ARRAY)
		return 0;
	uint32_t at = pal_json_first(r->json, array);
	for (uint16_t i = 0; i < r->json->node[array].count && count < max; i++) {
		nodes[count++] = at;
		at = r->json->node[at].next;
	}
	return count;
}

static size_t read_buttons(struct reading *r, uint32_t object, struct pal_shown_button *buttons)
{
	uint32_t nodes[PAL_SHOWN_BUTTONS_MAX];
	size_t count = elements_of(r, object, "buttons", PAL_SHOWN_BUTTONS_MAX, nodes);

	for (size_t i = 0; i < count; i++)
		buttons[i] = (struct pal_shown_button){.type = text_of(r, nodes[i], "type"),
						       .title = text_of(r, nodes[i], "title"),
						       .payload = text_of(r, nodes[i], "payload"),
						       .url = text_of(r, nodes[i], "url")};
	return count;
}

static void read_replies(struct reading *r, struct pal_shown *shown)
{
	uint32_t nodes[PAL_SHOWN_REPLIES_MAX];

	shown->reply_count = elements_of(r, 0, "quick_replies", PAL_SHOWN_REPLIES_MAX, nodes);
	for (size_t i = 0; i < shown->reply_count; i++)
		shown->replies[i] = (struct pal_shown_reply){text_of(r, nodes[i], "title"),
							     text_of(r, nodes[i], "payload")};
}

static void read_items(struct reading *r, struct pal_shown *shown)
{
	uint32_t nodes[PAL_SHOWN_ITEMS_MAX];

	shown->item_count = elements_of(r, 0, "carousel", PAL_SHOWN_ITEMS_MAX, nodes);
	for (size_t i = 0; i < shown->item_count; i++) {
		struct pal_shown_item *item = &shown->items[i];
		item->title = text_of(r, nodes[i], "title");
		item->subtitle = text_of(r, nodes[i], "subtitle");
		item->image_url = text_of(r, nodes[i], "image_url");
		item->button_count = read_buttons(r, nodes[i], item->buttons);
	}
}

static void read_media_and_place(struct reading *r, struct pal_shown *shown)
{
	uint32_t media = pal_json_member(r->json, 0, PAL_STR("media"));
	uint32_t place = pal_json_member(r->json, 0, PAL_STR("location"));

	if (media != PAL_JSON_NONE) {
		shown->media_url = text_of(r, media, "url");
		shown->media_type = text_of(r, media, "type");
		shown->alt_text = text_of(r, media, "alt_text");
		shown->filename = text_of(r, media, "filename");
	}
	if (place != PAL_JSON_NONE) {
		shown->latitude = number_of(r, place, "latitude");
		shown->longitude = number_of(r, place, "longitude");
		shown->place_name = text_of(r, place, "place_name");
		shown->address = text_of(r, place, "address");
	}
}

enum pal_code pal_shown_read(struct pal_str raw, struct pal_json *json, struct pal_arena *arena,
			     struct pal_shown *ret, struct pal_error *err)
{
	struct reading r = {.json = json, .arena = arena};
	struct pal_json_fault fault;

	if (!pal_json_scan(json, raw, &fault) || pal_json_type(json, 0) != PAL_JSON_OBJECT)
		return pal_fail(err, PAL_E_VALIDATION, "content", "It is no JSON object.");
	memset(ret, 0, sizeof(*ret));
	if (!pal_content_type_parse(text_of(&r, 0, "type"), &ret->type))
		return pal_fail(err, PAL_E_VALIDATION, "content.type", "It is no type of content.");
	ret->text = text_of(&r, 0, "text");
	read_media_and_place(&r, ret);
	read_replies(&r, ret);
	ret->button_count = read_buttons(&r, 0, ret->buttons);
	read_items(&r, ret);
	return r.failed_memory ? pal_fail_memory(err, "channel") : PAL_OK;
}
