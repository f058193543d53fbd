/* SPDX-License-Identifier: Apache-2.0 */
/*
 * details.h - what operations say of a conversation beside its messages: its tags, who looks after
 * it, how it was closed... One JSON object (struct pal_conversation.details), which is read, merged
 * and written here and nowhere else.
 *
 * A struct pal_details holds the raw JSON value of each member; an absent view is a member that is
 * not there. So a change is: read, replace some of the views, write.
 */
#ifndef PALAVER_MODEL_DETAILS_H
#define PALAVER_MODEL_DETAILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#define PAL_DETAIL_BYTES_MAX 10240u	/* of context and of metadata (domain.md section 0) */
#define PAL_DETAIL_DEPTH_MAX 16u
#define PAL_TAGS_MAX 10u
#define PAL_TAG_POINTS_MAX 50u

/* domain.md section 1.1; in this order. */
#define PAL_PRIORITIES(X)                                                                          \
	X(PAL_PRIORITY_LOW, "low")                                                                 \
	X(PAL_PRIORITY_NORMAL, "normal")                                                           \
	X(PAL_PRIORITY_HIGH, "high")                                                               \
	X(PAL_PRIORITY_URGENT, "urgent")                                                           \
	X(PAL_PRIORITY_CRITICAL, "critical")

enum pal_priority {
#define X(id, name) id,
	PAL_PRIORITIES(X)
#undef X
	PAL_PRIORITY_COUNT
};

/* Who is shown a member. */
enum pal_detail_audience {
	PAL_DETAIL_ALL,		/* who may see the conversation */
	PAL_DETAIL_STAFF,	/* of those, who is staff: what agents wrote for each other */
	PAL_DETAIL_NOBODY,	/* ours alone */
};

/*
 * Rows: identifier, member, what it is shown as when it is not there, who is shown it. Instants are
 * ISO 8601 strings. The objects:
 *  closing     reason, resolution_type, satisfaction_rating?, follow_up_required, follow_up_date?,
 *              closed_by, closed_at
 *  escalation  reason?, escalated_by, escalated_at, count
 *  transfer    target_agent?, target_department?, target_queue?, reason, transferred_by,
 *              transferred_at
 *  reopening   reason?, reopened_by, reopened_at, count
 */
#define PAL_DETAILS(X)                                                                             \
	X(PAL_DETAIL_TAGS, "tags", "[]", ALL)                                                      \
	X(PAL_DETAIL_PRIORITY, "priority", "\"normal\"", ALL)                                      \
	X(PAL_DETAIL_CATEGORY, "category", "null", ALL)                                            \
	X(PAL_DETAIL_DEPARTMENT, "department", "null", ALL)                                        \
	X(PAL_DETAIL_ASSIGNED_AGENT, "assigned_agent", "null", ALL)                                \
	X(PAL_DETAIL_QUEUE, "queue", "null", ALL)                                                  \
	X(PAL_DETAIL_FLOW_ID, "flow_id", "null", ALL)                                              \
	X(PAL_DETAIL_CONTEXT, "context", "{}", ALL)                                                \
	X(PAL_DETAIL_METADATA, "metadata", "{}", ALL)                                              \
	X(PAL_DETAIL_CLOSING, "closing", "null", ALL)                                              \
	X(PAL_DETAIL_ESCALATION, "escalation", "null", ALL)                                        \
	X(PAL_DETAIL_TRANSFER, "transfer", "null", ALL)                                            \
	X(PAL_DETAIL_REOPENING, "reopening", "null", ALL)                                          \
	X(PAL_DETAIL_UPDATED_AT, "updated_at", "null", ALL)                                        \
	X(PAL_DETAIL_NOTES, "notes", "null", STAFF)                                                \
	X(PAL_DETAIL_CLOSING_NOTES, "closing_notes", "null", STAFF)                                \
	X(PAL_DETAIL_TRANSFER_NOTES, "transfer_notes", "null", STAFF)                              \
	X(PAL_DETAIL_DELETED_AT, "deleted_at", "null", NOBODY)                                     \
	X(PAL_DETAIL_ERASING, "erasing", "null", NOBODY)

enum pal_detail {
#define X(id, name, fallback, audience) id,
	PAL_DETAILS(X)
#undef X
	PAL_DETAIL_COUNT
};

struct pal_details {
	struct pal_str value[PAL_DETAIL_COUNT];	/* raw JSON; absent: not there */
};

/*
 * Read a text that comes from a store; an absent or foreign one has no members. Views live as long
 * as `text`. `scratch` is overwritten. Runs on: the owner of `scratch`.
 */
struct pal_details pal_details_read(struct pal_json *scratch, struct pal_str text);

/* Append the object. Failure shows in out->failed. Runs on: any. */
void pal_details_write(struct pal_buf *out, const struct pal_details *details);

/*
 * Append what is shown of it, to staff or to others, each as `"name":value,` with the comma behind.
 * Runs on: any.
 */
void pal_details_write_view(struct pal_buf *out, const struct pal_details *details, bool to_staff);

/* The member's name. Runs on: any. */
const char *pal_detail_name(enum pal_detail detail);

/*
 * The characters of a member that is a string, or the absent view. Unescaped into `arena` where
 * need be. `scratch` is overwritten. Runs on: the owner of `scratch`.
 */
struct pal_str pal_details_text(const struct pal_details *details, enum pal_detail detail,
				struct pal_json *scratch, struct pal_arena *arena);

/*
 * The raw JSON of member `name` of a member that is an object; absent when there is none, or null.
 * `scratch` is overwritten. Runs on: the owner of `scratch`.
 */
struct pal_str pal_details_member(const struct pal_details *details, enum pal_detail detail,
				  struct pal_json *scratch, const char *name);

/* As pal_details_member for a whole number; 0 when it is none. Runs on: the owner of `scratch`. */
int64_t pal_details_number(const struct pal_details *details, enum pal_detail detail,
			   struct pal_json *scratch, const char *name);

/* Whether `tag` is among the tags. `scratch` is overwritten. Runs on: the owner of `scratch`. */
bool pal_details_have_tag(const struct pal_details *details, struct pal_str tag,
			  struct pal_json *scratch);

/* The priority; normal when none is set. Runs on: any. */
enum pal_priority pal_details_priority(const struct pal_details *details);

/* The names, and back. Runs on: any. */
const char *pal_priority_name(enum pal_priority priority);
bool pal_priority_parse(struct pal_str name, enum pal_priority *ret);

enum pal_merge {
	PAL_MERGE_DONE,
	PAL_MERGE_TOO_LARGE,	/* more than PAL_DETAIL_BYTES_MAX, or more keys than can be read */
	PAL_MERGE_NO_MEMORY,
};

/*
 * A shallow merge of two raw objects, absent is {}: each member of `fresh` replaces that of `old`,
 * or removes it when it is null; the others stay. *ret lies in `arena`. `scratch` is overwritten.
 * Runs on: the owner of `scratch`.
 */
enum pal_merge pal_details_merge(struct pal_str old, struct pal_str fresh, struct pal_json *scratch,
				 struct pal_arena *arena, struct pal_str *ret);

#endif
