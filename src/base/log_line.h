/* SPDX-License-Identifier: Apache-2.0 */
/* log_line.h - one line of the log between its caller and the writer thread; private to base. */
#ifndef PALAVER_BASE_LOG_LINE_H
#define PALAVER_BASE_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/log.h"

#define PAL_LOG_TEXT_MAX 1024u		/* bytes of a message, subject or string field */
#define PAL_LOG_JSON_MAX 4096u		/* bytes of a JSON field */
#define PAL_LOG_KEY_MAX 64u		/* bytes of a field's key */
#define PAL_LOG_FIELDS_MAX 32u
#define PAL_LOG_RECORD_MAX 16384u	/* bytes of a packed line */

struct pal_log_line {
	int64_t wall_ms;
	enum pal_log_level level;
	uint32_t left_out;	/* fields that did not fit */
	struct pal_str subject, message;
	struct pal_log_context context;
	const struct pal_log_field *fields;
	size_t count;
};

/*
 * Pack `line` into `out` and return the bytes used, at most PAL_LOG_RECORD_MAX. Texts are cut just
 * beyond their limit, so that the formatter sees that they were too long; values of fields whose
 * key names a secret are not copied. Fields that do not fit are counted in left_out. Runs on: any.
 */
size_t pal_log_pack(const struct pal_log_line *line, char out[PAL_LOG_RECORD_MAX]);

/*
 * Read the record at `in` into views of it; `fields` is the storage for them. Return the bytes it
 * took. Runs on: the log's writer.
 */
size_t pal_log_unpack(const char *in, struct pal_log_line *ret,
		      struct pal_log_field fields[PAL_LOG_FIELDS_MAX]);

/* How lines look on one destination. */
struct pal_log_style {
	enum pal_log_format format;	/* never PAL_LOG_AUTO */
	bool journal;	/* begin with <N>, and leave the time to the journal */
};

/* Whether `fd` is what $JOURNAL_STREAM, `stream`, names as "device:inode". Runs on: any. */
bool pal_log_is_journal(int fd, const char *stream);

/* The style for `format` on `fd`; a file of ours (`is_file`) is neither terminal nor journal. */
struct pal_log_style pal_log_style_of(enum pal_log_format format, int fd, bool is_file);

/* Append `line` with its newline; exactly one newline, whatever the texts hold. Runs on: any. */
void pal_log_format_line(struct pal_buf *out, const struct pal_log_line *line,
			 struct pal_log_style style);

#endif
