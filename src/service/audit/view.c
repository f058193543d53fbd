/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/view.h"

#include <strings.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "service/view/export_write.h"
#include "service/view/view.h"

#define CUT_MARK "...[truncated]"

/* --- Kinds ------------------------------------------------------------------------------------ */

static struct pal_str first_part(struct pal_str event_type)
{
	const char *dot = event_type.n ? memchr(event_type.p, '.', event_type.n) : NULL;

	return dot ? (struct pal_str){event_type.p, (size_t)(dot - event_type.p)} : event_type;
}

enum pal_audit_category pal_audit_category_of(struct pal_str event_type)
{
	static const struct {
		const char *first;
		enum pal_audit_category category;
	} parts[] = {
		{"auth", PAL_AUDIT_AUTH},      {"webhook", PAL_AUDIT_AUTH},
		{"config", PAL_AUDIT_CONFIG},  {"tenant", PAL_AUDIT_CONFIG},
		{"channel", PAL_AUDIT_CONFIG}, {"api_key", PAL_AUDIT_ADMIN},
		{"token", PAL_AUDIT_ADMIN},    {"audit", PAL_AUDIT_ADMIN},
		{"api", PAL_AUDIT_API},
	};
	struct pal_str part = first_part(event_type);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (pal_str_equal(part, pal_str(parts[i].first)))
			return parts[i].category;
	return PAL_AUDIT_DATA;	/* conversations, messages, sessions, users */
}

const char *pal_audit_category_name(enum pal_audit_category category)
{
	static const char *const names[] = {
#define X(id, name) name,
		PAL_AUDIT_CATEGORIES(X)
#undef X
	};

	return names[category];
}

static struct pal_str result_of(const struct pal_audit_event *event)
{
	return event->result.n ? event->result : PAL_STR("success");
}

void pal_audit_describe(struct pal_buf *out, const struct pal_audit_event *e)
{
	pal_buf_add_str(out, e->user_id.n ? e->user_id : PAL_STR("palaver"));
	pal_buf_add_lit(out, ": ");
	pal_buf_add_str(out, e->action.n ? e->action : e->event_type);
	if (e->resource_type.n) {
		pal_buf_add_char(out, ' ');
		pal_buf_add_str(out, e->resource_type);
	}
	if (e->resource_id.n) {
		pal_buf_add_char(out, ' ');
		pal_buf_add_str(out, e->resource_id);
	}
	pal_buf_add_lit(out, ", ");
	pal_buf_add_str(out, result_of(e));
}

/* --- Filters ---------------------------------------------------------------------------------- */

static bool is_wanted(struct pal_str wanted, struct pal_str is)
{
	return !wanted.p || pal_str_equal(wanted, is);
}

static bool is_kind(struct pal_str wanted, struct pal_str kind)
{
	return is_wanted(wanted, kind) ||
	       (kind.n > wanted.n && memcmp(kind.p, wanted.p, wanted.n) == 0 &&
		kind.p[wanted.n] == '.');
}

static bool contains(struct pal_str text, struct pal_str part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (strncasecmp(text.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

/* The action is in the description. */
static bool has_text(const struct pal_audit_filter *f, const struct pal_audit_event *e,
		     struct pal_buf *scratch)
{
	if (!f->text.p)
		return true;
	pal_buf_clear(scratch);
	pal_audit_describe(scratch, e);
	return contains(pal_buf_str(scratch), f->text);
}

bool pal_audit_matches(const struct pal_audit_filter *f, const struct pal_audit_event *e,
		       struct pal_buf *scratch)
{
	static const char *const results[] = {
#define X(id, name) name,
		PAL_AUDIT_RESULTS(X)
#undef X
	};

	if (e->at_ms < f->from_ms || e->at_ms > f->to_ms || !is_kind(f->event_type, e->event_type))
		return false;
	if (f->category != PAL_AUDIT_ANY &&
	    pal_audit_category_of(e->event_type) != (enum pal_audit_category)f->category)
		return false;
	if (f->result != PAL_AUDIT_ANY &&
	    !pal_str_equal(result_of(e), pal_str(results[f->result])))
		return false;
	if (f->subject.p && !pal_str_equal(f->subject, e->user_id) &&
	    !pal_str_equal(f->subject, e->resource_id))
		return false;
	return is_wanted(f->user_id, e->user_id) && is_wanted(f->resource_type, e->resource_type) &&
	       is_wanted(f->resource_id, e->resource_id) && is_wanted(f->action, e->action) &&
	       has_text(f, e, scratch);
}

/* --- Records ---------------------------------------------------------------------------------- */

void pal_audit_put_cut(struct pal_buf *out, struct pal_str text)
{
	size_t n = text.n;

	if (n <= PAL_AUDIT_TEXT_MAX) {
		pal_buf_add_str(out, text);
		return;
	}
	n = PAL_AUDIT_TEXT_MAX - (sizeof(CUT_MARK) - 1);
	while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	pal_buf_add(out, text.p, n);
	pal_buf_add_lit(out, CUT_MARK);
}

static void put_hash(struct pal_buf *out, const char *key,
		     const uint8_t hash[PAL_AUDIT_HASH_SIZE])
{
	pal_view_key(out, key);
	pal_buf_add_char(out, '"');
	pal_hex_encode(out, hash, PAL_AUDIT_HASH_SIZE);
	pal_buf_add_lit(out, "\",");
}

static void put_description(struct pal_buf *out, const struct pal_audit_event *e)
{
	struct pal_buf text = pal_buf_of(0);

	pal_audit_describe(&text, e);
	pal_view_text(out, "description", pal_buf_str(&text));
	out->failed |= text.failed;
	pal_buf_deinit(&text);
}

/* Old and new values, metadata and the like; secrets redacted. */
static void put_data(struct pal_buf *out, struct pal_str data)
{
	if (!data.n)
		return;
	pal_view_key(out, "details");
	pal_redact_json(out, data);
	pal_buf_add_char(out, ',');
}

void pal_audit_put_json(struct pal_buf *out, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;

	pal_buf_addf(out, "{\"log_id\":\"audit-%lld\",", (long long)entry->seq);
	pal_view_number(out, "seq", entry->seq);
	pal_view_time(out, "created_at", e->at_ms);
	pal_view_text(out, "event_type", e->event_type);
	pal_view_text(out, "event_category",
		      pal_str(pal_audit_category_name(pal_audit_category_of(e->event_type))));
	pal_view_text(out, "event_subcategory", first_part(e->event_type));
	pal_view_text(out, "user_id", e->user_id);
	pal_view_text(out, "resource_type", e->resource_type);
	pal_view_text(out, "resource_id", e->resource_id);
	pal_view_text(out, "action", e->action);
	put_description(out, e);
	pal_view_text(out, "result", result_of(e));
	pal_view_text(out, "ip_address", e->ip_address);
	pal_view_text(out, "request_id", e->request_id);
	put_data(out, e->data);
	pal_view_flag(out, "erased", entry->is_erased);
	put_hash(out, "prev_hash", entry->prev_hash);
	put_hash(out, "hash", entry->hash);
	pal_view_close(out, '}');
}

void pal_audit_put_csv_head(struct pal_buf *out)
{
	pal_buf_add_lit(out, "seq,created_at,event_type,event_category,user_id,resource_type,"
			     "resource_id,action,result,ip_address,request_id,erased,details,"
			     "prev_hash,hash\r\n");
}

static void put_cell(struct pal_buf *out, struct pal_str text)
{
	pal_csv_put_cell(out, text);
	pal_buf_add_char(out, ',');
}

void pal_audit_put_csv(struct pal_buf *out, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;
	struct pal_buf data = pal_buf_of(0);
	char at[PAL_TIME_TEXT_SIZE];

	pal_buf_add_i64(out, entry->seq);
	pal_buf_add_char(out, ',');
	put_cell(out, pal_str(pal_time_format(e->at_ms, at)));
	put_cell(out, e->event_type);
	put_cell(out, pal_str(pal_audit_category_name(pal_audit_category_of(e->event_type))));
	put_cell(out, e->user_id);
	put_cell(out, e->resource_type);
	put_cell(out, e->resource_id);
	put_cell(out, e->action);
	put_cell(out, result_of(e));
	put_cell(out, e->ip_address);
	put_cell(out, e->request_id);
	put_cell(out, entry->is_erased ? PAL_STR("true") : PAL_STR("false"));
	if (e->data.n)
		pal_redact_json(&data, e->data);
	put_cell(out, pal_buf_str(&data));
	pal_hex_encode(out, entry->prev_hash, PAL_AUDIT_HASH_SIZE);
	pal_buf_add_char(out, ',');
	pal_hex_encode(out, entry->hash, PAL_AUDIT_HASH_SIZE);
	pal_buf_add_lit(out, "\r\n");
	out->failed |= data.failed;
	pal_buf_deinit(&data);
}
