/* SPDX-License-Identifier: Apache-2.0 */
/*
 * export_write.h - a conversation as a file: JSON, CSV (RFC 4180) or a transcript. Each function
 * appends; failure shows in out->failed. Runs on: any; uses the thread's JSON scratch.
 */
#ifndef PALAVER_SERVICE_VIEW_EXPORT_WRITE_H
#define PALAVER_SERVICE_VIEW_EXPORT_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/conversation.h"
#include "model/message.h"

/* domain.md section 1.1, ExportFormat, in this order. */
#define PAL_EXPORT_FORMATS(X)                                                                      \
	X(PAL_EXPORT_JSON, "json", "application/json")                                             \
	X(PAL_EXPORT_CSV, "csv", "text/csv; charset=utf-8")                                        \
	X(PAL_EXPORT_TXT, "txt", "text/plain; charset=utf-8")

enum pal_export_format {
#define X(id, name, media) id,
	PAL_EXPORT_FORMATS(X)
#undef X
	PAL_EXPORT_FORMAT_COUNT
};

/* What goes into the file. */
struct pal_export_look {
	enum pal_export_format format;
	bool with_messages;
	bool with_metadata;		/* of the conversation: what operations say of it */
	bool with_analytics;		/* what was found out about each message */
	bool for_staff;			/* notes that agents wrote for each other too */
	struct pal_str exported_by;	/* user or key */
	int64_t exported_ms;
};

/* What goes before the messages, and what behind them. */
void pal_export_put_head(struct pal_buf *out, const struct pal_export_look *look,
			 const struct pal_conversation *conversation);
void pal_export_put_tail(struct pal_buf *out, const struct pal_export_look *look);

/* One message; `first`: of the file. `delivery` absent: it needs none. */
void pal_export_put_message(struct pal_buf *out, const struct pal_export_look *look,
			    const struct pal_message *message, struct pal_str delivery, bool first);

/*
 * A cell of CSV: an apostrophe goes before what a spreadsheet would take for a formula (= + - @ tab
 * and carriage return), quotes around what needs them.
 */
void pal_csv_put_cell(struct pal_buf *out, struct pal_str text);

/*
 * Append the name that the file is offered under, conversation_ID.EXT, in which ID has only
 * letters, digits, dots, dashes and underscores, and at most 64 of them.
 */
void pal_export_put_name(struct pal_buf *out, struct pal_str conversation_id,
			 enum pal_export_format format);

/* Wire name, which is the extension too, and media type. */
const char *pal_export_format_name(enum pal_export_format format);
const char *pal_export_media_type(enum pal_export_format format);

#endif
