/* SPDX-License-Identifier: Apache-2.0 */
#include "model/media_type.h"

#include <assert.h>
#include <strings.h>

#define NAME_MAX_BYTES 96u	/* longer than any name */

_Static_assert(PAL_MEDIA_TYPE_COUNT <= 32, "a set of media types is 32 bits");

static const struct pal_media_traits traits[] = {
#define X(id, name, content, standard, tenths) [id] = {name, content, standard, tenths},
	PAL_MEDIA_TYPES(X)
#undef X
};

/* What else the types are called; COUNT stands for a message of any type. */
static const struct {
	const char *name;
	enum pal_content_type within;
	enum pal_media_type type;
} aliases[] = {
	{"mp4", PAL_CONTENT_AUDIO, PAL_MEDIA_MP4_AUDIO},
	{"webm", PAL_CONTENT_AUDIO, PAL_MEDIA_WEBM_AUDIO},
	{"jpg", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_JPEG},
	{"jpeg", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_JPEG},
	{"image/jpg", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_JPEG},
	{"png", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PNG},
	{"gif", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_GIF},
	{"webp", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_WEBP},
	{"bmp", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_BMP},
	{"heic", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_HEIC},
	{"mp4", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MP4},
	{"mov", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_QUICKTIME},
	{"video/mov", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_QUICKTIME},
	{"webm", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_WEBM},
	{"avi", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_AVI},
	{"video/avi", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_AVI},
	{"mp3", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MPEG_AUDIO},
	{"audio/mp3", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MPEG_AUDIO},
	{"wav", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_WAV},
	{"audio/x-wav", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_WAV},
	{"audio/wave", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_WAV},
	{"ogg", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_OGG},
	{"m4a", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MP4_AUDIO},
	{"audio/m4a", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MP4_AUDIO},
	{"audio/x-m4a", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_MP4_AUDIO},
	{"flac", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_FLAC},
	{"aac", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_AAC},
	{"pdf", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PDF},
	{"txt", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PLAIN},
	{"plain", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PLAIN},
	{"csv", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_CSV},
	{"json", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_JSON},
	{"doc", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_DOC},
	{"docx", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_DOCX},
	{"xls", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_XLS},
	{"xlsx", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_XLSX},
	{"ppt", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PPT},
	{"pptx", PAL_CONTENT_TYPE_COUNT, PAL_MEDIA_PPTX},
};

const struct pal_media_traits *pal_media_type_get(enum pal_media_type type)
{
	assert((size_t)type < PAL_MEDIA_TYPE_COUNT);
	return &traits[type];
}

static bool is_called(struct pal_str name, const char *known)
{
	return name.n == strlen(known) && strncasecmp(name.p, known, name.n) == 0;
}

static bool find(struct pal_str name, enum pal_media_type *ret)
{
	for (size_t i = 0; i < PAL_MEDIA_TYPE_COUNT; i++) {
		if (is_called(name, traits[i].name)) {
			*ret = (enum pal_media_type)i;
			return true;
		}
	}
	return false;
}

static bool find_alias(struct pal_str name, enum pal_content_type content, enum pal_media_type *ret)
{
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if ((aliases[i].within == content || aliases[i].within == PAL_CONTENT_TYPE_COUNT) &&
		    is_called(name, aliases[i].name)) {
			*ret = aliases[i].type;
			return true;
		}
	}
	return false;
}

/* "mpeg" in an audio message is "audio/mpeg". */
static bool find_prefixed(struct pal_str name, enum pal_content_type content,
			  enum pal_media_type *ret)
{
	const char *prefix = content == PAL_CONTENT_FILE ? "application"
							 : pal_content_type_name(content);
	char whole[NAME_MAX_BYTES];
	size_t n = strlen(prefix);

	if (memchr(name.p, '/', name.n) || n + 1 + name.n > sizeof(whole))
		return false;
	memcpy(whole, prefix, n);
	whole[n] = '/';
	memcpy(whole + n + 1, name.p, name.n);
	return find((struct pal_str){whole, n + 1 + name.n}, ret);
}

bool pal_media_type_parse(struct pal_str name, enum pal_content_type content,
			  enum pal_media_type *ret)
{
	const char *parameters = name.n ? memchr(name.p, ';', name.n) : NULL;

	if (parameters)
		name.n = (size_t)(parameters - name.p);
	while (name.n && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	return name.n && (find(name, ret) || find_alias(name, content, ret) ||
			  find_prefixed(name, content, ret));
}

uint32_t pal_media_types_of(struct pal_str word)
{
	bool is_standard = pal_str_equal(word, PAL_STR("standard"));
	uint32_t set = 0;

	for (size_t i = 0; i < PAL_MEDIA_TYPE_COUNT; i++)
		if (is_standard ? traits[i].is_standard
				: pal_str_equal(word, pal_str(traits[i].name)))
			set |= 1u << i;
	return set;
}
