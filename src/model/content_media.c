/* SPDX-License-Identifier: Apache-2.0 */
#include "model/content_media.h"

#include "model/formats.h"

#define PIXELS_MAX 1000000
#define MEDIA_TYPE_POINTS_MAX 255u

static const struct pal_text_rule upto_20 = {.max = 20};
static const struct pal_text_rule upto_100 = {.max = 100};
static const struct pal_text_rule upto_200 = {.max = 200};
static const struct pal_text_rule upto_500 = {.max = 500};

/* An object member, opened in `raw`; false when there is none. */
static bool enter(const struct pal_canonical *c, const struct pal_fields_at *at, const char *name,
		  bool required, struct pal_fields_at *ret)
{
	pal_fields_object(c->fields, at, name, required, ret);
	if (ret->node == PAL_JSON_NONE)
		return false;
	pal_canonical_open(c, name, '{');
	return true;
}

static void *get(const struct pal_canonical *c, size_t size)
{
	void *p = pal_arena_get(c->fields->arena, size);

	if (p)
		memset(p, 0, size);
	else
		c->fields->failed_memory = true;
	return p;
}

/* --- Media ------------------------------------------------------------------------------------- */

static void read_type(const struct pal_canonical *c, const struct pal_fields_at *at,
		      enum pal_content_type content, const struct pal_content_rules *rules,
		      struct pal_media *media)
{
	static const struct pal_text_rule rule = {
		.required = true, .trim = true, .min = 1, .max = MEDIA_TYPE_POINTS_MAX};
	struct pal_str name = pal_fields_text(c->fields, at, "type", &rule);

	if (!name.p)
		return;
	if (!pal_media_type_parse(name, content, &media->type) ||
	    !(rules->media_types >> media->type & 1)) {
		pal_fields_wrong(c->fields, at, "type", "is not a media type that is accepted");
		return;
	}
	const struct pal_media_traits *traits = pal_media_type_get(media->type);
	if (pal_content_is_media(content) && traits->content != content)
		pal_fields_wrong(c->fields, at, "type", "is sent in a message of type %s, not %s",
				 pal_content_type_name(traits->content),
				 pal_content_type_name(content));
	pal_canonical_put(c, "type", pal_str(traits->name));
}

static void read_dimensions(const struct pal_canonical *c, const struct pal_fields_at *at,
			    struct pal_media *media)
{
	struct pal_fields_at inner;

	if (!enter(c, at, "dimensions", false, &inner))
		return;
	pal_fields_value(c->fields, &inner, "width", true);
	pal_fields_value(c->fields, &inner, "height", true);
	media->width = pal_canonical_integer(c, &inner, "width", 1, PIXELS_MAX, 0);
	media->height = pal_canonical_integer(c, &inner, "height", 1, PIXELS_MAX, 0);
	pal_canonical_close(c, '}');
}

static void fill_media(const struct pal_canonical *c, const struct pal_fields_at *at,
		       enum pal_content_type type, const struct pal_content_rules *rules,
		       struct pal_media *media)
{
	static const struct pal_text_rule filename = {.min = 1, .max = 255};
	static const struct pal_text_rule extension = {.min = 1, .max = 10};

	media->url = pal_canonical_url(c, at, "url", true);
	read_type(c, at, type, rules, media);
	pal_fields_value(c->fields, at, "size_bytes", true);
	media->size_bytes =
		pal_canonical_integer(c, at, "size_bytes", 0, rules->media_size_max, 0);
	media->alt_text = pal_canonical_text(c, at, "alt_text", &upto_500);
	media->thumbnail_url = pal_canonical_url(c, at, "thumbnail_url", false);
	media->duration_ms =
		pal_canonical_integer(c, at, "duration_ms", 0, PAL_JSON_INTEGER_MAX, -1);
	read_dimensions(c, at, media);
	media->filename = pal_canonical_text(c, at, "filename", &filename);
	media->extension = pal_canonical_text(c, at, "file_extension", &extension);
}

const struct pal_media *pal_content_read_media(const struct pal_canonical *c,
					       const struct pal_fields_at *at,
					       enum pal_content_type type,
					       const struct pal_content_rules *rules)
{
	struct pal_fields_at inner;

	if (!enter(c, at, "media", pal_content_is_media(type), &inner))
		return NULL;
	struct pal_media *media = get(c, sizeof(*media));
	if (media)
		fill_media(c, &inner, type, rules, media);
	pal_canonical_close(c, '}');
	return media;
}

/* --- Location and contact ---------------------------------------------------------------------- */

const struct pal_location *pal_content_read_location(const struct pal_canonical *c,
						     const struct pal_fields_at *at,
						     enum pal_content_type type)
{
	struct pal_fields_at inner;

	if (!enter(c, at, "location", type == PAL_CONTENT_LOCATION, &inner))
		return NULL;
	struct pal_location *l = get(c, sizeof(*l));
	if (l) {
		pal_canonical_number(c, &inner, "latitude", true, -90, 90, &l->latitude);
		pal_canonical_number(c, &inner, "longitude", true, -180, 180, &l->longitude);
		l->accuracy_m = pal_canonical_integer(c, &inner, "accuracy_meters", 0,
						      PAL_JSON_INTEGER_MAX, -1);
		l->address = pal_canonical_text(c, &inner, "address", &upto_500);
		l->place_name = pal_canonical_text(c, &inner, "place_name", &upto_200);
		l->place_id = pal_canonical_text(c, &inner, "place_id", &upto_100);
		l->country = pal_canonical_text(c, &inner, "country", &upto_100);
		l->city = pal_canonical_text(c, &inner, "city", &upto_100);
		l->postal_code = pal_canonical_text(c, &inner, "postal_code", &upto_20);
	}
	pal_canonical_close(c, '}');
	return l;
}

static struct pal_str lowered(const struct pal_canonical *c, struct pal_str s)
{
	char *copy = get(c, s.n + 1);

	for (size_t i = 0; copy && i < s.n; i++)
		copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return copy ? (struct pal_str){copy, s.n} : (struct pal_str){NULL, 0};
}

void pal_content_read_contact(const struct pal_canonical *c, const struct pal_fields_at *at)
{
	static const struct pal_text_rule name = {.required = true, .min = 1, .max = 200};
	struct pal_fields_at inner;

	if (!enter(c, at, "contact", false, &inner))
		return;
	pal_canonical_text(c, &inner, "name", &name);
	struct pal_str phone = pal_canonical_text(c, &inner, "phone_number", &upto_20);
	if (phone.p && !pal_is_e164(phone))
		pal_fields_wrong(c->fields, &inner, "phone_number",
				 "must be + and 2 to 15 digits, the first not 0");
	struct pal_str email = pal_fields_text(c->fields, &inner, "email", &upto_500);
	if (email.p && !pal_is_email(email))
		pal_fields_wrong(c->fields, &inner, "email", "must be a mail address");
	else if (email.p)
		pal_canonical_put(c, "email", lowered(c, email));
	pal_canonical_text(c, &inner, "organization", &upto_200);
	pal_canonical_text(c, &inner, "formatted_address", &upto_500);
	pal_canonical_close(c, '}');
}
