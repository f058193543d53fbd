/* SPDX-License-Identifier: Apache-2.0 */
#include "process/media_normal.h"

#include <math.h>

#include "model/formats.h"
#include "process/media_safety.h"
#include "process/text/markup.h"
#include "process/text/normalise.h"

#define FILENAME_BYTES_MAX 1020u	/* 255 characters of four bytes */

static bool is_tracker(struct pal_str parameter)
{
	static const char *const names[] = {"utm_source", "utm_medium", "utm_campaign", "fbclid",
					    "gclid"};
	const char *equals = parameter.n ? memchr(parameter.p, '=', parameter.n) : NULL;
	size_t n = equals ? (size_t)(equals - parameter.p) : parameter.n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (n == strlen(names[i]) && memcmp(parameter.p, names[i], n) == 0)
			return true;
	return false;
}

void pal_url_write_untracked(struct pal_buf *out, struct pal_str url)
{
	const char *end = url.p + url.n;
	const char *hash = url.n ? memchr(url.p, '#', url.n) : NULL;
	const char *stop = hash ? hash : end;
	const char *query = url.n ? memchr(url.p, '?', (size_t)(stop - url.p)) : NULL;
	char joint = '?';

	pal_buf_add(out, url.p, (size_t)((query ? query : stop) - url.p));
	for (const char *p = query; p && p < stop;) {
		const char *from = p + 1;
		const char *next = memchr(from, '&', (size_t)(stop - from));
		p = next ? next : stop;
		if (is_tracker((struct pal_str){from, (size_t)(p - from)}))
			continue;
		pal_buf_add_char(out, joint);
		pal_buf_add(out, from, (size_t)(p - from));
		joint = '&';
	}
	pal_buf_add(out, stop, (size_t)(end - stop));
}

static struct pal_str untracked(struct pal_str url, struct pal_arena *arena, bool *failed)
{
	struct pal_buf out = pal_buf_of(0);

	if (!url.n || !memchr(url.p, '?', url.n))
		return url;
	pal_url_write_untracked(&out, url);
	struct pal_str kept = pal_arena_take_buf(arena, &out);
	*failed |= !kept.p;
	return kept;
}

/* Texts that stand beside the one that is analysed: no markup, no surplus blanks. */
static struct pal_str tidy(struct pal_str text, struct pal_arena *arena, bool *failed)
{
	if (!text.p)
		return text;
	struct pal_str plain = pal_text_without_markup(text, arena);
	struct pal_str normal = plain.p ? pal_text_normalise(plain, arena) : plain;
	*failed |= !normal.p;
	return normal;
}

/* What no file system likes becomes an underscore. */
static struct pal_str filename_of(struct pal_str name, struct pal_arena *arena, bool *failed)
{
	if (!name.p)
		return name;
	size_t n = name.n < FILENAME_BYTES_MAX ? name.n : FILENAME_BYTES_MAX;
	char *copy = pal_arena_get(arena, n);
	for (size_t i = 0; copy && i < n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		copy[i] = c < 0x20 || c == 0x7f || memchr("<>:\"/\\|?*", c, 9) ? '_' : (char)c;
	}
	*failed |= !copy;
	return (struct pal_str){copy, copy ? n : 0};
}

/* Of the name, else of the address, else as given; in lower case. */
static struct pal_str extension_of(const struct pal_media *media, struct pal_arena *arena,
				   bool *failed)
{
	struct pal_str found = media->filename.p ? pal_media_extension(media->filename)
						 : PAL_STR("");

	if (!found.n)
		found = pal_media_extension(pal_url_path(media->url));
	if (!found.n || found.n > 10)
		found = media->extension;
	if (!found.n)
		return (struct pal_str){NULL, 0};
	if (found.p[0] == '.')
		found = (struct pal_str){found.p + 1, found.n - 1};
	char *copy = pal_arena_get(arena, found.n + 1);
	for (size_t i = 0; copy && i < found.n; i++)
		copy[i] = found.p[i] >= 'A' && found.p[i] <= 'Z' ? (char)(found.p[i] | 0x20)
								 : found.p[i];
	*failed |= !copy;
	return (struct pal_str){copy, copy ? found.n : 0};
}

const struct pal_media *pal_media_normalise(const struct pal_media *media,
					    struct pal_arena *arena)
{
	struct pal_media *normal = pal_arena_get(arena, sizeof(*normal));
	bool failed = false;

	if (!normal)
		return NULL;
	*normal = *media;
	normal->url = untracked(media->url, arena, &failed);
	normal->thumbnail_url = untracked(media->thumbnail_url, arena, &failed);
	normal->alt_text = tidy(media->alt_text, arena, &failed);
	normal->filename = filename_of(media->filename, arena, &failed);
	normal->extension = extension_of(media, arena, &failed);
	return failed ? NULL : normal;
}

static double rounded(double degrees)
{
	return nearbyint(degrees * 1e6) / 1e6;
}

const struct pal_location *pal_location_normalise(const struct pal_location *location,
						  struct pal_arena *arena)
{
	struct pal_location *normal = pal_arena_get(arena, sizeof(*normal));
	bool failed = false;

	if (!normal)
		return NULL;
	*normal = *location;
	normal->latitude = rounded(location->latitude);
	normal->longitude = rounded(location->longitude);
	normal->address = tidy(location->address, arena, &failed);
	normal->place_name = tidy(location->place_name, arena, &failed);
	normal->city = tidy(location->city, arena, &failed);
	normal->country = tidy(location->country, arena, &failed);
	return failed ? NULL : normal;
}
