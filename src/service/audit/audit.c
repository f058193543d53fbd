/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/audit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "service/audit/report.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u
#define RECORDS_PER_STEP 2048u
/* Events are stored in the order of their numbers, and made a little before: look so far beyond. */
#define DISORDER_MS 3600000

static struct pal_audit_call *call_of(struct pal_query *query)
{
	return (struct pal_audit_call *)((char *)query - offsetof(struct pal_audit_call, query));
}

static void fail_full(struct pal_audit_call *c)
{
	c->code = pal_fail_retry(&c->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				 "the store has more to do than it can take");
	c->done(c);
}

/* --- Scanning --------------------------------------------------------------------------------- */

/* Show one record that matches; false: that is enough. */
static bool list_record(struct pal_audit_call *c, const struct pal_audit_entry *entry)
{
	if ((int64_t)c->matched <= c->offset || (int64_t)c->shown >= c->limit)
		return true;
	if (c->shown)
		pal_buf_add_char(&c->entries, ',');
	pal_audit_put_json(&c->entries, entry);
	c->shown++;
	c->next = entry->seq;
	return !c->entries.failed;
}

static bool export_record(struct pal_audit_call *c, const struct pal_audit_entry *entry)
{
	if (c->as_csv) {
		pal_audit_put_csv(&c->data, entry);
	} else {
		if (c->shown)
			pal_buf_add_char(&c->data, ',');
		pal_audit_put_json(&c->data, entry);
	}
	c->shown++;
	return c->data.len < PAL_AUDIT_PIECE_BYTES && !c->data.failed;
}

static bool on_record(void *arg, const struct pal_audit_entry *entry)
{
	struct pal_audit_call *c = arg;

	c->at = entry->seq;
	c->seen_by_step++;
	c->scanned++;
	if (entry->event.at_ms < c->filter.from_ms - DISORDER_MS) {
		c->is_over = true;
		return false;
	}
	bool matches = pal_audit_matches(&c->filter, &entry->event, &c->scratch);
	c->failed_memory |= c->scratch.failed;	/* the next record clears it */
	if (!matches)
		return !c->failed_memory;
	c->matched++;
	switch (c->kind) {
	case PAL_AUDIT_LIST: return list_record(c, entry);
	case PAL_AUDIT_REPORT: return pal_audit_report_add(c, entry);
	default: return export_record(c, entry);
	}
}

/* Scan on; false when there is nothing left or a limit is reached. */
static void scan(struct pal_audit_call *c, struct pal_store *store, unsigned reader)
{
	c->seen_by_step = 0;
	c->code = pal_store_walk_audit_back(store, reader, c->caller.tenant, c->at,
					    RECORDS_PER_STEP, on_record, c, &c->err);
	/* the first of all has nothing below it */
	c->is_over |= c->seen_by_step == 0 || c->at == 1;
	if (c->code == PAL_OK && (c->data.failed || c->entries.failed || c->failed_memory))
		c->code = pal_fail_memory(&c->err, "audit");
}

/* --- Lists and reports ------------------------------------------------------------------------ */

static void write_list(struct pal_audit_call *c)
{
	bool has_more = (int64_t)c->matched > c->offset + (int64_t)c->shown || !c->is_over;

	pal_buf_add_lit(&c->data, "{\"logs\":[");
	pal_buf_add_str(&c->data, pal_buf_str(&c->entries));
	pal_buf_add_lit(&c->data, "],");
	pal_view_number(&c->data, "total", (int64_t)c->matched);
	pal_view_flag(&c->data, "total_is_exact", c->is_over);
	pal_view_number(&c->data, "limit", c->limit);
	pal_view_number(&c->data, "offset", c->offset);
	pal_view_flag(&c->data, "has_more", has_more);
	pal_view_close(&c->data, '}');
	/* With less shown than was wanted, all that was looked at is behind. */
	if ((int64_t)c->shown < c->limit)
		c->next = c->at;
	if (!has_more)
		c->next = 0;
}

static void finish(struct pal_audit_call *c)
{
	if (c->code == PAL_OK && c->kind == PAL_AUDIT_LIST)
		write_list(c);
	else if (c->code == PAL_OK)
		pal_audit_report_write(c);
	if (c->code == PAL_OK && c->data.failed)
		c->code = pal_fail_memory(&c->err, "audit");
	c->done(c);
}

static void run_scan(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	scan(call_of(query), store, reader);
}

static void scanned(struct pal_query *query)
{
	struct pal_audit_call *c = call_of(query);

	if (c->code != PAL_OK || c->is_over || c->scanned >= PAL_AUDIT_SCAN_MAX) {
		finish(c);
		return;
	}
	c->query = (struct pal_query){.run = run_scan, .done = scanned};
	if (pal_store_front_query(c->front, &c->query) == PAL_PUT_FULL)
		fail_full(c);
}

static void start_scan(struct pal_audit_call *c)
{
	c->query = (struct pal_query){.run = run_scan, .done = scanned};
	if (pal_store_front_query(c->front, &c->query) == PAL_PUT_FULL)
		fail_full(c);
}

/* --- What is taken out is written down first -------------------------------------------------- */

static void run_note(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_call *c = call_of(query);
	struct pal_buf data = pal_buf_of(0);
	bool is_report = c->kind == PAL_AUDIT_REPORT;

	(void)reader;
	pal_buf_add_lit(&data, "{\"metadata\":{");
	pal_view_text(&data, is_report ? "report_type" : "format",
		      pal_str(is_report ? pal_audit_report_name(c->report)
					: c->as_csv ? "csv" : "json"));
	pal_view_time(&data, "start", c->filter.from_ms);
	pal_view_time(&data, "end", c->filter.to_ms);
	pal_view_text(&data, "subject", c->filter.subject);
	pal_view_close(&data, '}');
	pal_buf_add_char(&data, '}');
	const struct pal_audit_event event = {
		.at_ms = c->now_ms,
		.event_type = is_report ? PAL_STR("audit.report_generated")
					: PAL_STR("audit.exported"),
		.user_id = c->caller.key_id.p ? c->caller.key_id : c->caller.user_id,
		.resource_type = PAL_STR("audit_trail"),
		.action = is_report ? PAL_STR("report") : PAL_STR("export"),
		.result = PAL_STR("success"),
		.request_id = c->request_id,
		.ip_address = c->ip_address,
		.data = pal_buf_str(&data),
	};
	c->code = data.failed ? pal_fail_memory(&c->err, "audit")
			      : pal_store_add_audit(store, c->caller.tenant, &event, 1, &c->err);
	pal_buf_deinit(&data);
}

static void noted(struct pal_query *query)
{
	struct pal_audit_call *c = call_of(query);

	if (c->code == PAL_OK && c->kind == PAL_AUDIT_REPORT)
		start_scan(c);
	else
		c->done(c);
}

void pal_audit_begin(struct pal_store_front *front, struct pal_audit_call *c)
{
	c->front = front;
	c->at = c->before;
	c->code = PAL_OK;
	if (c->kind == PAL_AUDIT_REPORT && !pal_audit_report_prepare(c)) {
		c->code = pal_fail_memory(&c->err, "audit");
		c->done(c);
	} else if (c->kind == PAL_AUDIT_LIST) {
		start_scan(c);
	} else {
		c->query = (struct pal_query){.run = run_note, .done = noted};
		if (pal_store_front_write(front, &c->query) == PAL_PUT_FULL)
			fail_full(c);
	}
}

/* --- Pieces of an export ---------------------------------------------------------------------- */

static void run_piece(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_call *c = call_of(query);

	if (!c->has_begun && c->as_csv)
		pal_audit_put_csv_head(&c->data);
	else if (!c->has_begun)
		pal_buf_add_lit(&c->data, "{\"logs\":[");
	c->has_begun = true;
	scan(c, store, reader);
	c->last = c->is_over;
	if (c->last && !c->as_csv)
		pal_buf_add_lit(&c->data, "]}");
	if (c->code == PAL_OK && c->data.failed)
		c->code = pal_fail_memory(&c->err, "audit");
}

/* A stretch in which nothing matches makes no piece: go on. */
static void piece_made(struct pal_query *query)
{
	struct pal_audit_call *c = call_of(query);

	if (c->code == PAL_OK && !c->last && c->data.len == 0)
		pal_audit_step(c);
	else
		c->done(c);
}

void pal_audit_step(struct pal_audit_call *c)
{
	c->query = (struct pal_query){.run = run_piece, .done = piece_made};
	if (pal_store_front_query(c->front, &c->query) == PAL_PUT_FULL)
		fail_full(c);
}

void pal_audit_deinit(struct pal_audit_call *c)
{
	pal_buf_deinit(&c->data);
	pal_buf_deinit(&c->entries);
	pal_buf_deinit(&c->scratch);
	pal_arena_release(&c->arena);
	free(c->tables);
	c->tables = NULL;
}
