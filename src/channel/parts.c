/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/parts.h"

#include "base/buf.h"
#include "base/id.h"
#include "channel/render.h"
#include "channel/shown.h"

/* --- Limits ----------------------------------------------------------------------------------- */

static size_t lesser(size_t kinds, size_t tenants)
{
	if (!kinds || !tenants)
		return kinds ? kinds : tenants;
	return kinds < tenants ? kinds : tenants;
}

/* Most messages: a text never has more UTF-16 units than its JSON has bytes. */
static bool surely_fits(const struct pal_channel_capabilities *able, struct pal_str content)
{
	return able->can == PAL_CAN_EVERYTHING && !able->quick_replies_max && !able->buttons_max &&
	       !able->items_max && (!able->text_units_max || content.n <= able->text_units_max) &&
	       (!able->caption_units_max || content.n <= able->caption_units_max);
}

/* --- One part as a content -------------------------------------------------------------------- */

struct writing {
	const struct pal_json *json;	/* the whole content */
	const struct pal_shown *shown;
	const struct pal_rendered *part;
	bool is_last;
	struct pal_buf out;
};

static enum pal_content_type type_of(const struct writing *w)
{
	switch (w->part->shape) {
	case PAL_SHAPE_TEXT:
		break;
	case PAL_SHAPE_MEDIA:
	case PAL_SHAPE_PLACE:
	case PAL_SHAPE_CARDS:
		return w->shown->type;
	}
	return w->part->has_replies && w->shown->type == PAL_CONTENT_QUICK_REPLY
		       ? PAL_CONTENT_QUICK_REPLY
		       : PAL_CONTENT_TEXT;
}

/* Whether member `name` of the content goes with this part. */
static bool takes(const struct writing *w, struct pal_str name)
{
	const struct {
		const char *name;
		bool taken;
	} rules[] = {
		{"type", false},	/* written already */
		{"text", false},
		{"language", true},
		{"media", w->part->shape == PAL_SHAPE_MEDIA},
		{"location", w->part->shape == PAL_SHAPE_PLACE},
		{"carousel", w->part->shape == PAL_SHAPE_CARDS},
		{"quick_replies", w->part->has_replies},
		{"buttons", w->part->has_buttons},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (pal_str_equal(name, pal_str(rules[i].name)))
			return rules[i].taken;
	return w->is_last;
}

static struct pal_str write_part(struct writing *w, struct pal_arena *arena)
{
	const struct pal_json *json = w->json;
	struct pal_buf *out = &w->out;
	uint32_t key = pal_json_first(json, 0);

	pal_buf_clear(out);
	pal_buf_addf(out, "{\"type\":\"%s\"", pal_content_type_name(type_of(w)));
	if (w->part->text.p) {
		pal_buf_add_lit(out, ",\"text\":");
		pal_json_put_string(out, w->part->text);
	}
	for (unsigned i = 0; i < json->node[0].count; i++, key = json->node[key + 1].next) {
		struct pal_str name = pal_json_string(json, key, arena);
		out->failed |= !name.p;
		if (!takes(w, name))
			continue;
		pal_buf_add_char(out, ',');
		pal_buf_add_str(out, pal_json_raw(json, key));
		pal_buf_add_char(out, ':');
		pal_buf_add_str(out, pal_json_raw(json, key + 1));
	}
	pal_buf_add_char(out, '}');
	return out->failed ? (struct pal_str){NULL, 0} : pal_arena_copy(arena, pal_buf_str(out));
}

static bool write_all(const struct pal_json *json, const struct pal_shown *shown,
		      const struct pal_rendering *rendering, struct pal_arena *arena,
		      struct pal_channel_parts *ret)
{
	struct writing w = {.json = json, .shown = shown};

	ret->contents = pal_arena_get(arena, rendering->count * sizeof(ret->contents[0]));
	for (ret->count = 0; ret->contents && ret->count < rendering->count; ret->count++) {
		w.part = &rendering->parts[ret->count];
		w.is_last = ret->count + 1 == rendering->count;
		ret->contents[ret->count] = write_part(&w, arena);
		if (!ret->contents[ret->count].p)
			break;
	}
	pal_buf_deinit(&w.out);
	return ret->count == rendering->count;
}

/* --- All of them ------------------------------------------------------------------------------ */

static enum pal_code whole(struct pal_str content, struct pal_arena *arena,
			   struct pal_channel_parts *ret, struct pal_error *err)
{
	ret->contents = pal_arena_get(arena, sizeof(ret->contents[0]));
	if (!ret->contents)
		return pal_fail_memory(err, "channel");
	ret->contents[0] = content;
	ret->count = 1;
	return PAL_OK;
}

enum pal_code pal_channel_cut(const struct pal_channel_ops *ops, struct pal_str content,
			      size_t units_max, struct pal_json *json, struct pal_arena *arena,
			      struct pal_channel_parts *ret, struct pal_error *err)
{
	struct pal_channel_capabilities able = ops->capabilities;
	struct pal_rendering rendering;
	struct pal_shown shown;

	able.text_units_max = lesser(able.text_units_max, units_max);
	able.caption_units_max = lesser(able.caption_units_max, units_max);
	if (surely_fits(&able, content))
		return whole(content, arena, ret, err);
	enum pal_code code = pal_shown_read(content, json, arena, &shown, err);
	if (code == PAL_OK)
		code = pal_channel_render(&able, &shown, arena, &rendering, err);
	if (code != PAL_OK)
		return code;
	if (rendering.is_whole)
		return whole(content, arena, ret, err);
	return write_all(json, &shown, &rendering, arena, ret) ? PAL_OK
							       : pal_fail_memory(err, "channel");
}

/* --- Keys ------------------------------------------------------------------------------------- */

struct pal_str pal_channel_part_key(struct pal_str id, unsigned part, struct pal_arena *arena)
{
	struct pal_buf text = pal_buf_of(0);

	if (!part)
		return id;
	pal_buf_add_str(&text, id);
	pal_buf_addf(&text, "_%u", part);
	struct pal_str key = text.failed ? (struct pal_str){NULL, 0}
					 : pal_arena_copy(arena, pal_buf_str(&text));
	pal_buf_deinit(&text);
	return key;
}

struct pal_str pal_channel_key_message(struct pal_str key)
{
	const size_t n = PAL_UUID_TEXT_SIZE - 1;
	struct pal_uuid id;

	if (key.n < n + 2 || key.p[n] != '_' || !pal_uuid_parse((struct pal_str){key.p, n}, &id))
		return key;
	for (size_t i = n + 1; i < key.n; i++)
		if (key.p[i] < '0' || key.p[i] > '9')
			return key;
	return (struct pal_str){key.p, n};
}
