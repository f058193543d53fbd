/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h - what is asked of the audit trail, and what clients see of its records (domain.md
 * sections 1.4, 2.8): JSON and CSV, secrets redacted and long texts cut. Runs on: any.
 */
#ifndef PALAVER_SERVICE_AUDIT_VIEW_H
#define PALAVER_SERVICE_AUDIT_VIEW_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/audit.h"

#define PAL_AUDIT_TEXT_MAX 1000u	/* bytes of a text that is kept; longer ones are cut */

#define PAL_AUDIT_CATEGORIES(X)                                                                    \
	X(PAL_AUDIT_AUTH, "auth")                                                                  \
	X(PAL_AUDIT_CONFIG, "config")                                                              \
	X(PAL_AUDIT_DATA, "data")                                                                  \
	X(PAL_AUDIT_ADMIN, "admin")                                                                \
	X(PAL_AUDIT_API, "api")

enum pal_audit_category {
#define X(id, name) id,
	PAL_AUDIT_CATEGORIES(X)
#undef X
	PAL_AUDIT_CATEGORY_COUNT
};

#define PAL_AUDIT_RESULTS(X)                                                                       \
	X(PAL_AUDIT_SUCCESS, "success")                                                            \
	X(PAL_AUDIT_FAILURE, "failure")                                                            \
	X(PAL_AUDIT_ERROR, "error")

enum pal_audit_result {
#define X(id, name) id,
	PAL_AUDIT_RESULTS(X)
#undef X
	PAL_AUDIT_RESULT_COUNT
};

#define PAL_AUDIT_ANY (-1)

/* All that is given must hold; an absent text asks for nothing. */
struct pal_audit_filter {
	struct pal_str event_type;	/* the whole, or what stands before a dot */
	int category, result;		/* PAL_AUDIT_ANY, or one of the above */
	struct pal_str user_id, resource_type, resource_id, action;
	struct pal_str subject;		/* who acted or was acted on */
	struct pal_str text;		/* in the description or the action; case does not count */
	int64_t from_ms, to_ms;		/* both included */
};

/* The category that the kind of an event belongs to. */
enum pal_audit_category pal_audit_category_of(struct pal_str event_type);
const char *pal_audit_category_name(enum pal_audit_category category);

/* Append a sentence that says what happened. */
void pal_audit_describe(struct pal_buf *out, const struct pal_audit_event *event);

/* Whether the filter lets the event through; `scratch` is overwritten. */
bool pal_audit_matches(const struct pal_audit_filter *filter, const struct pal_audit_event *event,
		       struct pal_buf *scratch);

/* Append the record as a JSON object. */
void pal_audit_put_json(struct pal_buf *out, const struct pal_audit_entry *entry);

/* Append the line with the names of the columns, and one record as a line. */
void pal_audit_put_csv_head(struct pal_buf *out);
void pal_audit_put_csv(struct pal_buf *out, const struct pal_audit_entry *entry);

/*
 * Append `text`, at most PAL_AUDIT_TEXT_MAX bytes of it and whole characters; what is cut ends in
 * "...[truncated]".
 */
void pal_audit_put_cut(struct pal_buf *out, struct pal_str text);

#endif
