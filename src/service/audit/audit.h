/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - the audit service, reading half (domain.md section 2.8): lists, reports and exports of a
 * tenant's trail, newest first. The trail is scanned on a read lane, some thousand records at a time,
 * so that nobody else has to wait for long. Reports and exports are written to it first.
 */
#ifndef PALAVER_SERVICE_AUDIT_AUDIT_H
#define PALAVER_SERVICE_AUDIT_AUDIT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "service/access/caller.h"
#include "service/audit/view.h"
#include "store/front.h"

#define PAL_AUDIT_DAYS_DEFAULT 30
#define PAL_AUDIT_LIMIT_MAX 1000
#define PAL_AUDIT_LIMIT_DEFAULT 100
#define PAL_AUDIT_SCAN_MAX 200000u	/* records that a list or report looks at */
#define PAL_AUDIT_PIECE_BYTES 65536u	/* a piece of an export ends with the record that reaches it */
#define PAL_AUDIT_RECENT_MAX 100	/* records that a report shows */

#define PAL_AUDIT_REPORTS(X)                                                                       \
	X(PAL_AUDIT_GDPR_DATA_ACCESS, "gdpr_data_access")                                          \
	X(PAL_AUDIT_API_USAGE, "api_usage")                                                        \
	X(PAL_AUDIT_USER_ACTIVITY, "user_activity")

enum pal_audit_report {
#define X(id, name) id,
	PAL_AUDIT_REPORTS(X)
#undef X
	PAL_AUDIT_REPORT_COUNT
};

/* What a report counts by. */
#define PAL_AUDIT_TABLES(X)                                                                        \
	X(PAL_AUDIT_BY_EVENT_TYPE, "by_event_type")                                                \
	X(PAL_AUDIT_BY_USER, "by_user")                                                            \
	X(PAL_AUDIT_BY_ACTION, "by_action")                                                        \
	X(PAL_AUDIT_BY_RESULT, "by_result")                                                        \
	X(PAL_AUDIT_BY_DAY, "by_day")

enum pal_audit_table_id {
#define X(id, name) id,
	PAL_AUDIT_TABLES(X)
#undef X
	PAL_AUDIT_TABLE_COUNT
};

#define PAL_AUDIT_ROWS_MAX 200u	/* of a table; what comes later is counted together */

struct pal_audit_row {
	struct pal_str key;
	int64_t count, not_success;
	int64_t first_ms, last_ms;
};

struct pal_audit_table {
	struct pal_audit_row rows[PAL_AUDIT_ROWS_MAX];
	size_t count;
	int64_t others;
};

enum pal_audit_call_kind {
	PAL_AUDIT_LIST,
	PAL_AUDIT_REPORT,
	PAL_AUDIT_EXPORT,
};

/*
 * The caller fills the first part, keeps it and what it points to until the last `done`, and then
 * calls pal_audit_deinit.
 */
struct pal_audit_call {
	enum pal_audit_call_kind kind;
	struct pal_caller caller;
	struct pal_audit_filter filter;
	int64_t limit, offset;		/* LIST: 1..PAL_AUDIT_LIMIT_MAX; 0.. */
	int64_t before;			/* LIST: only records below this number; 0: all */
	enum pal_audit_report report;	/* REPORT */
	bool as_csv;			/* EXPORT */
	int64_t now_ms;
	struct pal_str request_id, ip_address;
	/* Called once, and for an export once for begin and for each step. Runs on: lane, or the
	 * caller's thread for a store that does not block. */
	void (*done)(struct pal_audit_call *call);

	/* out */
	enum pal_code code;	/* PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf data;	/* a JSON object; of an export, the piece */
	int64_t next;		/* LIST: `before` of the next page, 0: there is none */
	bool last;		/* EXPORT: nothing follows */

	/* the service's */
	struct pal_query query;
	struct pal_store_front *front;
	int64_t at;			/* go on below this number */
	size_t scanned, matched, shown, seen_by_step;
	bool is_over, has_begun;
	bool failed_memory;		/* a record could not be looked at, or counted */
	struct pal_buf entries, scratch;
	struct pal_arena arena;		/* of the tables' keys */
	struct pal_audit_table *tables;	/* REPORT */
};

/* Begin `call`; of an export, what comes first is that it is written down. Runs on: any. */
void pal_audit_begin(struct pal_store_front *front, struct pal_audit_call *call);

/* EXPORT: make the next piece. Runs on: any. */
void pal_audit_step(struct pal_audit_call *call);

/* Free what it holds. Runs on: any, while nothing is under way. */
void pal_audit_deinit(struct pal_audit_call *call);

#endif
