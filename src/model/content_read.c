/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nearly all messages are a type, a text and perhaps a language: when the object has no more
 * members than that, nothing else is looked for.
 */
#include "model/content_read.h"

#include "base/scratch.h"
#include "model/content_choices.h"
#include "model/content_media.h"
#include "model/formats.h"

#define WORD_POINTS_MAX 32u
#define TYPES "text, image, file, audio, video, location, quick_reply, carousel"

struct reader {
	struct pal_canonical canonical;
	struct pal_fields_at at;	/* the content */
	const struct pal_content_rules *rules;
	struct pal_content *content;
};

static bool has_visible(struct pal_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			return true;
	return false;
}

/* Return how many members of the object that was. */
static size_t read_words(struct reader *r)
{
	static const struct pal_text_rule language_rule = {.max = WORD_POINTS_MAX};
	struct pal_content *content = r->content;
	struct pal_fields *fields = r->canonical.fields;
	bool is_text = content->type == PAL_CONTENT_TEXT;
	const struct pal_text_rule text_rule = {
		.required = is_text, .min = is_text, .max = PAL_TEXT_POINTS_MAX};

	content->text = pal_fields_text(fields, &r->at, "text", &text_rule);
	size_t members = 1 + !!content->text.p;
	if (is_text && content->text.p && !has_visible(content->text))
		pal_fields_wrong(fields, &r->at, "text", "must not be blank");
	if (content->text.n == 0)
		content->text.p = NULL;	/* a caption without a character is none */
	content->language = pal_fields_text(fields, &r->at, "language", &language_rule);
	if (content->language.p && !pal_is_language(content->language))
		pal_fields_wrong(fields, &r->at, "language", "must be two lower-case letters");
	if (is_text)
		pal_buf_add_lit(r->canonical.raw, "{\"type\":\"text\"");
	else
		pal_buf_addf(r->canonical.raw, "{\"type\":\"%s\"",
			     pal_content_type_name(content->type));
	if (content->text.p) {
		pal_buf_add_lit(r->canonical.raw, ",\"text\":");
		pal_json_put_string(r->canonical.raw, content->text);
	}
	pal_canonical_put(&r->canonical, "language", content->language);
	return members + !!content->language.p;
}

static void check_chosen(struct reader *r, size_t replies)
{
	struct pal_fields *fields = r->canonical.fields;

	if (has_visible(r->content->text) || replies == 1)
		return;
	if (replies == 0)
		pal_fields_wrong(fields, &r->at, "quick_replies",
				 "must hold the reply that was chosen, or text its title");
	else
		pal_fields_wrong(fields, &r->at, "text",
				 "must be the title that was chosen of several quick_replies");
}

static void read_parts(struct reader *r, struct pal_content_parts *parts)
{
	const struct pal_canonical *c = &r->canonical;
	enum pal_content_type type = r->content->type;
	size_t replies = pal_content_read_quick_replies(c, &r->at, r->content->text, parts);

	if (type == PAL_CONTENT_QUICK_REPLY)
		check_chosen(r, replies);
	pal_content_read_buttons(c, &r->at);
	parts->media = pal_content_read_media(c, &r->at, type, r->rules);
	parts->location = pal_content_read_location(c, &r->at, type);
	pal_content_read_carousel(c, &r->at, parts);
	if (type == PAL_CONTENT_CAROUSEL && parts->item_count == 0)
		pal_fields_wrong(c->fields, &r->at, "carousel", "must have at least one element");
	pal_content_read_contact(c, &r->at);
	pal_content_read_form(c, &r->at);
	pal_canonical_verbatim(c, &r->at, "metadata");
}

static void read_whole(struct reader *r)
{
	struct pal_fields *fields = r->canonical.fields;
	size_t members = fields->json->node[r->at.node].count;

	if (read_words(r) < members || r->content->type != PAL_CONTENT_TEXT) {
		struct pal_content_parts *parts = pal_arena_get(fields->arena, sizeof(*parts));
		if (!parts) {
			fields->failed_memory = true;
			return;
		}
		memset(parts, 0, sizeof(*parts));
		read_parts(r, parts);
		r->content->parts = parts;
	}
	pal_buf_add_char(r->canonical.raw, '}');
	r->content->raw = pal_arena_copy(fields->arena, pal_buf_str(r->canonical.raw));
	fields->failed_memory |= r->canonical.raw->failed || !r->content->raw.p;
}

void pal_content_read(struct pal_fields *fields, const struct pal_fields_at *root,
		      const struct pal_content_rules *rules, struct pal_content *ret)
{
	static const struct pal_text_rule type_rule = {
		.required = true, .min = 1, .max = WORD_POINTS_MAX};
	static _Thread_local struct pal_scratch scratch;
	struct reader r = {.rules = rules, .content = ret};

	pal_fields_object(fields, root, "content", true, &r.at);
	if (r.at.node == PAL_JSON_NONE)
		return;
	struct pal_str type = pal_fields_text(fields, &r.at, "type", &type_rule);
	if (!type.p)
		return;
	if (!pal_content_type_parse(type, &ret->type)) {
		pal_fields_wrong(fields, &r.at, "type", "must be one of " TYPES);
		return;
	}
	r.canonical = (struct pal_canonical){fields, pal_scratch_get(&scratch)};
	read_whole(&r);
}
