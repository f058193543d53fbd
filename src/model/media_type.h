/* SPDX-License-Identifier: Apache-2.0 */
/* media_type.h - the one list of MIME types that media may have, and what is known of each. */
#ifndef PALAVER_MODEL_MEDIA_TYPE_H
#define PALAVER_MODEL_MEDIA_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/content.h"

/*
 * Rows: identifier, name, message type that carries it, whether it is taken when nothing else is
 * configured (domain.md section 1.2), how good the format is in tenths (section 4.3). SVG may run
 * scripts and is none of them.
 */
#define PAL_MEDIA_TYPES(X)                                                                         \
	X(PAL_MEDIA_JPEG, "image/jpeg", PAL_CONTENT_IMAGE, true, 9)                                \
	X(PAL_MEDIA_PNG, "image/png", PAL_CONTENT_IMAGE, true, 9)                                  \
	X(PAL_MEDIA_GIF, "image/gif", PAL_CONTENT_IMAGE, true, 8)                                  \
	X(PAL_MEDIA_WEBP, "image/webp", PAL_CONTENT_IMAGE, true, 10)                               \
	X(PAL_MEDIA_BMP, "image/bmp", PAL_CONTENT_IMAGE, false, 6)                                 \
	X(PAL_MEDIA_HEIC, "image/heic", PAL_CONTENT_IMAGE, false, 5)                               \
	X(PAL_MEDIA_MP4, "video/mp4", PAL_CONTENT_VIDEO, true, 10)                                 \
	X(PAL_MEDIA_QUICKTIME, "video/quicktime", PAL_CONTENT_VIDEO, true, 7)                      \
	X(PAL_MEDIA_WEBM, "video/webm", PAL_CONTENT_VIDEO, false, 9)                               \
	X(PAL_MEDIA_AVI, "video/x-msvideo", PAL_CONTENT_VIDEO, false, 6)                           \
	X(PAL_MEDIA_MPEG_AUDIO, "audio/mpeg", PAL_CONTENT_AUDIO, true, 9)                          \
	X(PAL_MEDIA_WAV, "audio/wav", PAL_CONTENT_AUDIO, true, 7)                                  \
	X(PAL_MEDIA_OGG, "audio/ogg", PAL_CONTENT_AUDIO, true, 8)                                  \
	X(PAL_MEDIA_MP4_AUDIO, "audio/mp4", PAL_CONTENT_AUDIO, false, 5)                           \
	X(PAL_MEDIA_WEBM_AUDIO, "audio/webm", PAL_CONTENT_AUDIO, false, 9)                         \
	X(PAL_MEDIA_FLAC, "audio/flac", PAL_CONTENT_AUDIO, false, 5)                               \
	X(PAL_MEDIA_AAC, "audio/aac", PAL_CONTENT_AUDIO, false, 5)                                 \
	X(PAL_MEDIA_PDF, "application/pdf", PAL_CONTENT_FILE, true, 10)                            \
	X(PAL_MEDIA_PLAIN, "text/plain", PAL_CONTENT_FILE, true, 9)                                \
	X(PAL_MEDIA_CSV, "text/csv", PAL_CONTENT_FILE, true, 5)                                    \
	X(PAL_MEDIA_JSON, "application/json", PAL_CONTENT_FILE, false, 5)                          \
	X(PAL_MEDIA_DOC, "application/msword", PAL_CONTENT_FILE, false, 6)                         \
	X(PAL_MEDIA_XLS, "application/vnd.ms-excel", PAL_CONTENT_FILE, false, 5)                   \
	X(PAL_MEDIA_PPT, "application/vnd.ms-powerpoint", PAL_CONTENT_FILE, false, 5)              \
	X(PAL_MEDIA_DOCX,                                                                          \
	  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",               \
	  PAL_CONTENT_FILE, true, 8)                                                               \
	X(PAL_MEDIA_XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",     \
	  PAL_CONTENT_FILE, true, 5)                                                               \
	X(PAL_MEDIA_PPTX,                                                                          \
	  "application/vnd.openxmlformats-officedocument.presentationml.presentation",             \
	  PAL_CONTENT_FILE, true, 5)

enum pal_media_type {
#define X(id, ...) id,
	PAL_MEDIA_TYPES(X)
#undef X
	PAL_MEDIA_TYPE_COUNT
};

struct pal_media_traits {
	const char *name;
	enum pal_content_type content;	/* the message type that carries it */
	bool is_standard;
	unsigned format_tenths;
};

/* What is known of `type`. Constant. Runs on: any. */
const struct pal_media_traits *pal_media_type_get(enum pal_media_type type);

/*
 * Find the type that a client means by `name` in a message of type `content` (domain.md section
 * 4.5): any case, parameters behind `;` dropped, usual short and old names known ("jpg",
 * "video/mov"), a missing `/` filled in by the message type. False when it is none of the list.
 * Runs on: any.
 */
bool pal_media_type_parse(struct pal_str name, enum pal_content_type content,
			  enum pal_media_type *ret);

/*
 * The set (1 << enum pal_media_type) that `word` of the configuration stands for: one type by its
 * name, or "standard". 0 when it is neither. Runs on: any.
 */
uint32_t pal_media_types_of(struct pal_str word);

#endif
