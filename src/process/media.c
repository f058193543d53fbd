/* SPDX-License-Identifier: Apache-2.0 */
#include "process/media.h"

#include <stdio.h>

#include "base/json.h"
#include "model/formats.h"
#include "process/lists.h"
#include "process/media_normal.h"
#include "process/media_safety.h"
#include "process/text/text.h"

#define CATEGORIES_MAX 16u
#define MIB (1ll << 20)

/* "web_media" and so on. */
static const struct pal_str channel_media[] = {
#define X(id, name) [id] = {name "_media", sizeof(name "_media") - 1},
	PAL_CHANNELS(X)
#undef X
};

/* --- Judgements -------------------------------------------------------------------------------- */

static double size_quality(int64_t bytes)
{
	static const struct {
		int64_t below;
		double quality;
	} steps[] = {{1, 0.7}, {MIB, 1.0}, {5 * MIB, 0.9}, {10 * MIB, 0.7}, {25 * MIB, 0.5}};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (bytes < steps[i].below)
			return steps[i].quality;
	return 0.3;
}

/* A name that was written for people has more in it than "IMG_2041-b". */
static bool is_telling(struct pal_str filename)
{
	size_t dot = filename.n;

	while (dot > 0 && filename.p[dot - 1] != '.')
		dot--;
	for (size_t i = 0; i + 1 < dot; i++) {
		char c = filename.p[i];
		bool is_code = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			       c == '_' || c == '-';
		if (!is_code)
			return true;
	}
	return false;
}

static double quality_of(const struct pal_media *media)
{
	double access = 0.5 + (media->alt_text.n ? 0.3 : 0) +
			(is_telling(media->filename) ? 0.2 : 0);
	double format = pal_media_type_get(media->type)->format_tenths / 10.0;

	return (size_quality(media->size_bytes) + format + access) / 3;
}

static const char *document_type(enum pal_media_type type)
{
	switch (type) {
	case PAL_MEDIA_PDF:
		return "pdf";
	case PAL_MEDIA_DOC: case PAL_MEDIA_DOCX:
		return "word";
	case PAL_MEDIA_XLS: case PAL_MEDIA_XLSX:
		return "spreadsheet";
	case PAL_MEDIA_PLAIN: case PAL_MEDIA_CSV: case PAL_MEDIA_JSON:
		return "text";
	default:
		return "unknown";
	}
}

static const char *icon_of(const char *document)
{
	if (strcmp(document, "word") == 0)
		return "document";
	return strcmp(document, "unknown") == 0 ? "file" : document;
}

/* --- What is written --------------------------------------------------------------------------- */

static void put_text(struct pal_buf *out, const char *key, struct pal_str value)
{
	pal_buf_addf(out, ",\"%s\":", key);
	if (value.n)
		pal_json_put_string(out, value);
	else
		pal_buf_add_lit(out, "null");
}

static void put_count(struct pal_buf *out, const char *key, int64_t n, bool is_known)
{
	if (is_known)
		pal_buf_addf(out, ",\"%s\":%lld", key, (long long)n);
}

static void put_human_size(struct pal_buf *out, int64_t bytes)
{
	static const char *const units[] = {"B", "KB", "MB", "GB"};
	double size = (double)bytes;
	size_t unit = 0;

	for (; size >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		size /= 1024;
	pal_buf_addf(out, ",\"size\":\"%.*f %s\"", unit ? 1 : 0, size, units[unit]);
}

static void put_preview(struct pal_buf *out, enum pal_content_type type,
			const struct pal_media *media)
{
	const char *document = document_type(media->type);

	if (type == PAL_CONTENT_FILE) {
		pal_buf_addf(out, ",\"document_type\":\"%s\",\"preview\":{\"icon\":\"%s\"}",
			     document, icon_of(document));
		return;
	}
	struct pal_str url = type == PAL_CONTENT_IMAGE ? media->url : media->thumbnail_url;
	pal_buf_add_lit(out, ",\"preview\":");
	if (type == PAL_CONTENT_AUDIO || !url.p) {
		pal_buf_add_lit(out, "null");
		return;
	}
	pal_buf_add_lit(out, "{\"url\":");
	pal_json_put_string(out, url);
	pal_buf_add_char(out, '}');
}

static void write_extracted(struct pal_buf *out, enum pal_content_type type,
			    const struct pal_media *media, const struct pal_media_safety *safety)
{
	pal_buf_addf(out, "{\"media\":{\"mime_type\":\"%s\"", pal_media_type_get(media->type)->name);
	put_count(out, "size_bytes", media->size_bytes, true);
	put_human_size(out, media->size_bytes);
	put_text(out, "extension", media->extension);
	put_count(out, "width", media->width, media->width > 0);
	put_count(out, "height", media->height, media->height > 0);
	put_count(out, "duration_ms", media->duration_ms, media->duration_ms >= 0);
	put_preview(out, type, media);
	pal_buf_add_lit(out, ",\"security\":{\"score\":");
	pal_json_put_double(out, safety->score);
	pal_buf_addf(out, ",\"is_safe\":%s}}}", safety->is_safe ? "true" : "false");
}

static void write_normalized(struct pal_buf *out, const struct pal_process_result *ret)
{
	const struct pal_media *media = ret->media;

	pal_buf_add_lit(out, "{\"media\":{\"url\":");
	pal_json_put_string(out, media->url);
	put_text(out, "type", pal_str(pal_media_type_get(media->type)->name));
	put_count(out, "size_bytes", media->size_bytes, true);
	if (media->alt_text.p)
		put_text(out, "alt_text", media->alt_text);
	if (media->thumbnail_url.p)
		put_text(out, "thumbnail_url", media->thumbnail_url);
	if (media->filename.p)
		put_text(out, "filename", media->filename);
	pal_buf_add_char(out, '}');
	if (ret->normalized_text.n)
		put_text(out, "text", ret->normalized_text);
	pal_buf_add_char(out, '}');
}

/* --- The processor ----------------------------------------------------------------------------- */

static bool add_labels(const struct pal_content *content, const struct pal_process_context *context,
		       struct pal_arena *arena, struct pal_process_result *ret)
{
	struct pal_str type = pal_str(pal_content_type_name(content->type));
	struct pal_str kind = content->type == PAL_CONTENT_FILE	 ? PAL_STR("document_sharing")
			      : content->type == PAL_CONTENT_IMAGE ? PAL_STR("visual_content")
								   : PAL_STR("multimedia_content");
	const struct pal_str categories[] = {type, channel_media[context->channel], kind};
	const struct pal_str tags[] = {type, ret->media->extension};
	struct pal_str_list words = ret->tags;

	ret->tags = (struct pal_str_list){NULL, 0};
	return pal_process_extend(&ret->categories, categories, 3, CATEGORIES_MAX, arena) &&
	       pal_process_extend(&ret->tags, tags, 2, PAL_TAGS_MAX, arena) &&
	       pal_process_extend(&ret->tags, words.item, words.count, PAL_TAGS_MAX, arena);
}

static bool warn(const struct pal_media_safety *safety, struct pal_arena *arena,
		 struct pal_process_result *ret)
{
	const struct pal_str why = PAL_STR("the medium looks unsafe: do not fetch it");

	ret->validation_score = safety->is_safe ? 1.0 : 0.9;
	return safety->is_safe ||
	       pal_process_extend(&ret->warnings, &why, 1, SIZE_MAX, arena);
}

static bool describe(const struct pal_content *content, const struct pal_media *media,
		     const struct pal_process_context *context, struct pal_arena *arena,
		     const struct pal_media_safety *safety, struct pal_process_result *ret)
{
	struct pal_buf extracted = {0}, normalized = {0};

	ret->media = pal_media_normalise(media, arena);
	if (!ret->media)
		return false;
	write_extracted(&extracted, content->type, ret->media, safety);
	write_normalized(&normalized, ret);
	ret->extracted = pal_arena_take_buf(arena, &extracted);
	ret->normalized_content = pal_arena_take_buf(arena, &normalized);
	ret->quality_score = quality_of(ret->media);
	pal_process_flag(ret, safety->flags, context);
	return ret->extracted.p && ret->normalized_content.p &&
	       warn(safety, arena, ret) && add_labels(content, context, arena, ret);
}

/* Why the content is at fault; absent when it is not. */
static struct pal_str fault_of(const struct pal_content *content, const struct pal_media *media)
{
	if (!media)
		return PAL_STR("the content has no media");
	if (!pal_url_host(media->url).p)
		return PAL_STR("the media URL must be http or https and have a host");
	if ((size_t)media->type >= PAL_MEDIA_TYPE_COUNT ||
	    pal_media_type_get(media->type)->content != content->type)
		return PAL_STR("the MIME type of the media is not of this message type");
	return (struct pal_str){NULL, 0};
}

static enum pal_code process(const struct pal_content *content,
			     const struct pal_process_context *context, struct pal_arena *arena,
			     struct pal_process_result *ret, struct pal_error *err)
{
	const struct pal_media *media = content->parts ? content->parts->media : NULL;
	struct pal_str fault = fault_of(content, media);

	if (fault.p)
		return pal_process_reject(ret, fault, arena, err);
	struct pal_media_safety safety = pal_media_judge(media, arena);
	if (safety.flags & PAL_SAFETY_EXTENSION && !context->accept_executables)
		return pal_process_reject(ret, PAL_STR("files of programs are not accepted"), arena,
					  err);
	enum pal_code code = pal_text_analyse(content->text, content, context, arena, ret, err);
	if (code != PAL_OK || !ret->success)
		return code;
	return describe(content, media, context, arena, &safety, ret)
		       ? PAL_OK
		       : pal_fail_memory(err, "processor.media");
}

const struct pal_processor pal_media_processor = {.name = "media", .process = process};
