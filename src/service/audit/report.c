/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/report.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "service/view/view.h"

#define DAY_CHARS 10	/* of an ISO 8601 time */

static const char *const table_names[] = {
#define X(id, name) name,
	PAL_AUDIT_TABLES(X)
#undef X
};

/* Which tables a report has, and whether it shows the newest records. */
static const struct {
	const char *name;
	unsigned tables;
	bool shows_recent;
} reports[] = {
	[PAL_AUDIT_GDPR_DATA_ACCESS] = {"gdpr_data_access",
					1u << PAL_AUDIT_BY_EVENT_TYPE | 1u << PAL_AUDIT_BY_USER, true},
	[PAL_AUDIT_API_USAGE] = {"api_usage",
				 1u << PAL_AUDIT_BY_ACTION | 1u << PAL_AUDIT_BY_RESULT |
					 1u << PAL_AUDIT_BY_DAY | 1u << PAL_AUDIT_BY_USER,
				 false},
	[PAL_AUDIT_USER_ACTIVITY] = {"user_activity",
				     1u << PAL_AUDIT_BY_USER | 1u << PAL_AUDIT_BY_EVENT_TYPE |
					     1u << PAL_AUDIT_BY_DAY,
				     false},
};

const char *pal_audit_report_name(enum pal_audit_report report)
{
	return reports[report].name;
}

bool pal_audit_report_prepare(struct pal_audit_call *c)
{
	if (c->report == PAL_AUDIT_GDPR_DATA_ACCESS)
		c->filter.category = PAL_AUDIT_DATA;
	c->tables = calloc(PAL_AUDIT_TABLE_COUNT, sizeof(c->tables[0]));
	return c->tables != NULL;
}

static void count(struct pal_audit_call *c, struct pal_audit_table *table, struct pal_str key,
		  const struct pal_audit_event *e)
{
	bool is_success = !e->result.n || pal_str_equal(e->result, PAL_STR("success"));
	struct pal_audit_row *row = table->rows;

	while (row < table->rows + table->count && !pal_str_equal(row->key, key))
		row++;
	if (row == table->rows + PAL_AUDIT_ROWS_MAX) {
		table->others++;
		return;
	}
	if (row == table->rows + table->count) {
		*row = (struct pal_audit_row){.key = pal_arena_copy(&c->arena, key),
					      .last_ms = e->at_ms};
		c->failed_memory |= !row->key.p;
		table->count++;
	}
	row->count++;
	row->not_success += !is_success;
	row->first_ms = e->at_ms;	/* newest first */
}

bool pal_audit_report_add(struct pal_audit_call *c, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;
	char day[PAL_TIME_TEXT_SIZE];
	const struct pal_str keys[PAL_AUDIT_TABLE_COUNT] = {
		[PAL_AUDIT_BY_EVENT_TYPE] = e->event_type,
		[PAL_AUDIT_BY_USER] = e->user_id,
		[PAL_AUDIT_BY_ACTION] = e->action,
		[PAL_AUDIT_BY_RESULT] = e->result,
		[PAL_AUDIT_BY_DAY] = {pal_time_format(e->at_ms, day), DAY_CHARS},
	};

	for (size_t i = 0; i < PAL_AUDIT_TABLE_COUNT; i++)
		if (reports[c->report].tables & 1u << i)
			count(c, &c->tables[i], keys[i], e);
	if (reports[c->report].shows_recent && c->shown < PAL_AUDIT_RECENT_MAX) {
		if (c->shown++)
			pal_buf_add_char(&c->entries, ',');
		pal_audit_put_json(&c->entries, entry);
	}
	return !c->failed_memory && !c->entries.failed;
}

static void put_table(struct pal_buf *out, const char *name, const struct pal_audit_table *table)
{
	pal_view_key(out, name);
	pal_buf_add_lit(out, "{\"rows\":[");
	for (size_t i = 0; i < table->count; i++) {
		const struct pal_audit_row *row = &table->rows[i];
		if (i)
			pal_buf_add_char(out, ',');
		pal_buf_add_char(out, '{');
		pal_view_text(out, "key", row->key);
		pal_view_number(out, "count", row->count);
		pal_view_number(out, "not_success", row->not_success);
		pal_view_time(out, "first_at", row->first_ms);
		pal_view_time(out, "last_at", row->last_ms);
		pal_view_close(out, '}');
	}
	pal_buf_add_lit(out, "],");
	pal_view_number(out, "others", table->others);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

void pal_audit_report_write(struct pal_audit_call *c)
{
	struct pal_buf *out = &c->data;

	pal_buf_add_char(out, '{');
	pal_view_text(out, "report_type", pal_str(reports[c->report].name));
	pal_view_time(out, "generated_at", c->now_ms);
	pal_buf_add_lit(out, "\"time_range\":{");
	pal_view_time(out, "start", c->filter.from_ms);
	pal_view_time(out, "end", c->filter.to_ms);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
	pal_view_text(out, "user_id", c->filter.subject);
	pal_view_number(out, "total_events", (int64_t)c->matched);
	pal_view_flag(out, "is_complete", c->is_over);
	for (size_t i = 0; i < PAL_AUDIT_TABLE_COUNT; i++)
		if (reports[c->report].tables & 1u << i)
			put_table(out, table_names[i], &c->tables[i]);
	if (reports[c->report].shows_recent) {
		pal_buf_add_lit(out, "\"recent\":[");
		pal_buf_add_str(out, pal_buf_str(&c->entries));
		pal_buf_add_lit(out, "],");
	}
	pal_view_close(out, '}');
}
