/* SPDX-License-Identifier: Apache-2.0 */
/* What each verb does to a conversation: the rules of domain.md section 2.4, and nothing else. */
#include "base/clock.h"
#include "base/scratch.h"
#include "service/conversation/operation.h"
#include "service/view/answer.h"

static const struct pal_str none = {NULL, 0};

/* --- Making JSON ------------------------------------------------------------------------------ */

static struct pal_buf *begin(void)
{
	static _Thread_local struct pal_scratch draft;
	struct pal_buf *out = pal_scratch_get(&draft);

	pal_buf_add_char(out, '{');
	return out;
}

static void put_raw(struct pal_buf *out, const char *key, struct pal_str raw)
{
	if (!raw.n)
		return;
	pal_buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", key);
	pal_buf_add_str(out, raw);
}

static void put_text(struct pal_buf *out, const char *key, struct pal_str text)
{
	pal_buf_addf(out, "%s\"%s\":", out->len > 1 ? "," : "", key);
	pal_json_put_string(out, text);
}

static void put_number(struct pal_buf *out, const char *key, int64_t n)
{
	pal_buf_addf(out, "%s\"%s\":%lld", out->len > 1 ? "," : "", key, (long long)n);
}

static void put_time(struct pal_buf *out, const char *key, int64_t wall_ms)
{
	char text[PAL_TIME_TEXT_SIZE];

	put_text(out, key, pal_str(pal_time_format(wall_ms, text)));
}

/* Who did it and when, under these names. */
static void put_author(const struct pal_deciding *d, struct pal_buf *out, const char *by,
		       const char *at)
{
	put_text(out, by, pal_caller_name(d->operation->command.caller));
	put_time(out, at, d->operation->now_ms);
}

static enum pal_code end(struct pal_deciding *d, struct pal_buf *out, enum pal_detail detail)
{
	pal_buf_add_char(out, '}');
	d->details.value[detail] =
		pal_arena_copy_buf(d->arena, out);
	return d->details.value[detail].p ? PAL_OK : pal_fail_memory(d->err, "conversation");
}

/* --- Statuses --------------------------------------------------------------------------------- */

static enum pal_code conflict(const struct pal_deciding *d, const char *wish)
{
	return pal_fail(d->err, PAL_E_CONFLICT, "status", "a conversation that is %s cannot be %s",
			pal_conversation_status_name(d->record->status), wish);
}

static void set_status(struct pal_deciding *d, enum pal_conversation_status status)
{
	bool is_end = pal_conversation_status_is_end(status);

	if (is_end && !d->change->ended_ms)
		d->change->ended_ms = d->operation->now_ms;
	else if (!is_end)
		d->change->ended_ms = 0;
	d->change->status = status;
}

static int64_t count_of(const struct pal_deciding *d, enum pal_detail detail)
{
	return pal_details_number(&d->details, detail, pal_thread_json(), "count");
}

static enum pal_code note_escalation(struct pal_deciding *d, struct pal_str reason)
{
	int64_t count = count_of(d, PAL_DETAIL_ESCALATION) + 1;
	struct pal_buf *out = begin();

	put_raw(out, "reason", reason);
	put_author(d, out, "escalated_by", "escalated_at");
	put_number(out, "count", count);
	return end(d, out, PAL_DETAIL_ESCALATION);
}

/* --- Create, update --------------------------------------------------------------------------- */

static void apply_edit(struct pal_deciding *d, const struct pal_edit *edit)
{
	for (size_t i = 0; i < PAL_DETAIL_COUNT; i++)
		if (edit->given[i])
			d->details.value[i] = edit->value[i];
}

enum pal_code pal_verb_create(struct pal_deciding *d)
{
	apply_edit(d, &d->operation->of.create.edit);
	return PAL_OK;
}

enum pal_code pal_verb_update(struct pal_deciding *d)
{
	const struct pal_update_request *r = &d->operation->of.update;
	bool moves = r->has_status && r->status != d->record->status;

	if (moves && !pal_conversation_may_become(d->record->status, r->status))
		return conflict(d, pal_conversation_status_name(r->status));
	apply_edit(d, &r->edit);
	if (moves)
		set_status(d, r->status);
	return moves && r->status == PAL_CONVERSATION_ESCALATED ? note_escalation(d, none) : PAL_OK;
}

enum pal_code pal_verb_update_context(struct pal_deciding *d)
{
	struct pal_str *context = &d->details.value[PAL_DETAIL_CONTEXT];

	switch (pal_details_merge(*context, d->operation->of.context, pal_thread_json(), d->arena,
				  context)) {
	case PAL_MERGE_DONE:
		return PAL_OK;
	case PAL_MERGE_TOO_LARGE:
		return pal_fail(d->err, PAL_E_VALIDATION, "context",
				"context would have more than %u bytes or %u keys",
				PAL_DETAIL_BYTES_MAX, PAL_JSON_KEYS_MAX);
	case PAL_MERGE_NO_MEMORY:
		break;
	}
	return pal_fail_memory(d->err, "conversation");
}

/* --- Close, escalate, transfer, reopen -------------------------------------------------------- */

enum pal_code pal_verb_close(struct pal_deciding *d)
{
	const struct pal_close_request *r = &d->operation->of.close;

	if (d->record->status == PAL_CONVERSATION_COMPLETED ||
	    !pal_conversation_may_become(d->record->status, PAL_CONVERSATION_COMPLETED))
		return conflict(d, "closed");
	set_status(d, PAL_CONVERSATION_COMPLETED);
	d->details.value[PAL_DETAIL_CLOSING_NOTES] = r->agent_notes;
	struct pal_buf *out = begin();
	put_raw(out, "reason", r->reason);
	put_text(out, "resolution_type", pal_str(pal_resolution_name(r->resolution)));
	if (r->rating)
		put_number(out, "satisfaction_rating", r->rating);
	put_raw(out, "follow_up_required",
		r->follow_up_required ? PAL_STR("true") : PAL_STR("false"));
	if (r->follow_up_required)
		put_time(out, "follow_up_date", r->follow_up_ms);
	put_author(d, out, "closed_by", "closed_at");
	return end(d, out, PAL_DETAIL_CLOSING);
}

enum pal_code pal_verb_escalate(struct pal_deciding *d)
{
	if (d->record->status == PAL_CONVERSATION_ESCALATED ||
	    !pal_conversation_may_become(d->record->status, PAL_CONVERSATION_ESCALATED))
		return conflict(d, "escalated");
	set_status(d, PAL_CONVERSATION_ESCALATED);
	return note_escalation(d, d->operation->of.reason);
}

/* One that is escalated already only changes hands. */
enum pal_code pal_verb_transfer(struct pal_deciding *d)
{
	const struct pal_transfer_request *r = &d->operation->of.transfer;
	const struct pal_str given[] = {r->target_agent, r->target_department, r->target_queue,
					r->priority, r->notes};
	static const enum pal_detail detail[] = {PAL_DETAIL_ASSIGNED_AGENT, PAL_DETAIL_DEPARTMENT,
						 PAL_DETAIL_QUEUE, PAL_DETAIL_PRIORITY,
						 PAL_DETAIL_TRANSFER_NOTES};
	enum pal_code code = PAL_OK;

	if (!pal_conversation_may_become(d->record->status, PAL_CONVERSATION_ESCALATED))
		return conflict(d, "transferred");
	if (d->record->status != PAL_CONVERSATION_ESCALATED)
		code = note_escalation(d, r->reason);
	if (code != PAL_OK)
		return code;
	set_status(d, PAL_CONVERSATION_ESCALATED);
	d->details.value[PAL_DETAIL_TRANSFER_NOTES] = none;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].p)
			d->details.value[detail[i]] = given[i];
	struct pal_buf *out = begin();
	put_raw(out, "target_agent", r->target_agent);
	put_raw(out, "target_department", r->target_department);
	put_raw(out, "target_queue", r->target_queue);
	put_raw(out, "reason", r->reason);
	put_author(d, out, "transferred_by", "transferred_at");
	return end(d, out, PAL_DETAIL_TRANSFER);
}

/* The way back that no update goes: how it was closed before is in the audit trail. */
enum pal_code pal_verb_reopen(struct pal_deciding *d)
{
	int64_t count = count_of(d, PAL_DETAIL_REOPENING) + 1;

	if (d->record->status != PAL_CONVERSATION_COMPLETED &&
	    d->record->status != PAL_CONVERSATION_ABANDONED)
		return conflict(d, "reopened");
	set_status(d, PAL_CONVERSATION_ACTIVE);
	d->details.value[PAL_DETAIL_CLOSING] = none;
	d->details.value[PAL_DETAIL_CLOSING_NOTES] = none;
	struct pal_buf *out = begin();
	put_raw(out, "reason", d->operation->of.reason);
	put_author(d, out, "reopened_by", "reopened_at");
	put_number(out, "count", count);
	return end(d, out, PAL_DETAIL_REOPENING);
}

/* --- Delete, restore, erase ------------------------------------------------------------------- */

static enum pal_code mark_deleted(struct pal_deciding *d)
{
	char text[PAL_TIME_TEXT_SIZE];
	struct pal_buf *out = begin();

	pal_buf_clear(out);
	pal_buf_addf(out, "\"%s\"", pal_time_format(d->operation->now_ms, text));
	d->details.value[PAL_DETAIL_DELETED_AT] =
		pal_arena_copy_buf(d->arena, out);
	d->change->deleted = true;
	return d->details.value[PAL_DETAIL_DELETED_AT].p ? PAL_OK
							  : pal_fail_memory(d->err, "conversation");
}

enum pal_code pal_verb_delete(struct pal_deciding *d)
{
	return mark_deleted(d);
}

enum pal_code pal_verb_restore(struct pal_deciding *d)
{
	if (d->details.value[PAL_DETAIL_ERASING].p)
		return pal_fail(d->err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	if (!d->record->deleted)
		return pal_fail(d->err, PAL_E_CONFLICT, "conversation",
				"the conversation is not deleted");
	d->change->deleted = false;
	d->details.value[PAL_DETAIL_DELETED_AT] = none;
	return PAL_OK;
}

/*
 * The first step of erasing, which stays: nobody reaches it any more, and whoever finds the mark
 * goes on erasing (erasure.h). The details go at once.
 */
enum pal_code pal_verb_erase(struct pal_deciding *d)
{
	if (d->details.value[PAL_DETAIL_ERASING].p)
		return pal_fail(d->err, PAL_E_NOT_FOUND, "conversation",
				"there is no such conversation");
	d->details = (struct pal_details){.value = {{NULL, 0}}};
	d->details.value[PAL_DETAIL_ERASING] = PAL_STR("true");
	return mark_deleted(d);
}

/* --- Abandon ---------------------------------------------------------------------------------- */

enum pal_code pal_verb_abandon(struct pal_deciding *d)
{
	const struct pal_operation *op = d->operation;

	if (d->record->status != PAL_CONVERSATION_ACTIVE ||
	    op->now_ms - d->record->last_activity_ms < op->of.idle_ms)
		return pal_fail(d->err, PAL_E_CONFLICT, "status", "the conversation is not idle");
	set_status(d, PAL_CONVERSATION_ABANDONED);
	struct pal_buf *out = begin();
	put_text(out, "reason", PAL_STR("nothing was said for too long"));
	put_text(out, "resolution_type", pal_str(pal_resolution_name(PAL_RESOLUTION_TIMEOUT)));
	put_raw(out, "follow_up_required", PAL_STR("false"));
	put_author(d, out, "closed_by", "closed_at");
	return end(d, out, PAL_DETAIL_CLOSING);
}
