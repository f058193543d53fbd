/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deliveries looked through in the order they were made: listed, or gathered to be tried again. One
 * read looks at few of them, and another one goes on behind it, so that others come between.
 */
#include <stdio.h>
#include <string.h>

#include "service/delivery/deliveries.h"
#include "store/store.h"

#define STEP_MAX 500u		/* records looked at in one read */
#define SCANNED_MAX 10000u	/* ... and for a page of a list */

/* --- Steps ------------------------------------------------------------------------------------ */

bool pal_deliveries_pass(const struct pal_deliveries_filter *f,
			 const struct pal_delivery_state *state)
{
	return state->message_id.p && (f->status < 0 || (int)state->status == f->status) &&
	       (f->channel < 0 ||
		pal_str_equal(state->channel,
			      pal_str(pal_channel_name((enum pal_channel_type)f->channel))));
}

static void set_place(struct pal_deliveries_walk *walk, int64_t ms, struct pal_str id)
{
	walk->last_ms = ms;
	walk->last_id_size = id.n < sizeof(walk->last_id) ? id.n : 0;
	memcpy(walk->last_id, id.p, walk->last_id_size);
}

void pal_deliveries_note(struct pal_deliveries_walk *walk, const struct pal_record *r)
{
	walk->seen++;
	set_place(walk, r->created_ms, r->id);
}

enum pal_code pal_deliveries_step(struct pal_deliveries_call *call, struct pal_store *store,
				  unsigned reader, size_t seen_max, pal_record_visit_fn *visit)
{
	struct pal_deliveries_walk *walk = &call->walk;
	size_t before = walk->seen, left = seen_max - before;
	size_t count = left < STEP_MAX ? left : STEP_MAX;
	enum pal_code code = pal_store_walk_records(
		store, reader, call->caller->tenant, PAL_DELIVERY_KIND,
		call->filter.conversation_id, walk->last_ms,
		(struct pal_str){walk->last_id, walk->last_id_size}, count, visit, call,
		&call->err);

	walk->goes_on = code == PAL_OK && walk->seen == before + STEP_MAX && walk->seen < seen_max;
	return code;
}

/* --- Where a page ended ----------------------------------------------------------------------- */

/* "1790000000000 id". */
static bool read_cursor(struct pal_str after, int64_t *ret_ms, struct pal_str *ret_id)
{
	const char *blank = after.n ? memchr(after.p, ' ', after.n) : NULL;
	int64_t ms = 0;

	for (const char *p = after.p; blank && p < blank; p++) {
		if (*p < '0' || *p > '9' || ms > INT64_MAX / 16)
			return false;
		ms = ms * 10 + (*p - '0');
	}
	if (!blank)
		return false;
	*ret_ms = ms;
	*ret_id = (struct pal_str){blank + 1, (size_t)(after.p + after.n - blank - 1)};
	return true;
}

/* Begin where the last page ended. */
static enum pal_code begin(struct pal_deliveries_call *call)
{
	struct pal_str id;
	int64_t ms;

	if (call->walk.seen || !call->after.n)
		return PAL_OK;
	if (!read_cursor(call->after, &ms, &id))
		return pal_fail(&call->err, PAL_E_VALIDATION, "cursor",
				"is none that this list gave");
	set_place(&call->walk, ms, id);
	return PAL_OK;
}

static void tell_next(struct pal_deliveries_call *call)
{
	snprintf(call->next, sizeof(call->next), "%lld %.*s", (long long)call->walk.last_ms,
		 (int)call->walk.last_id_size, call->walk.last_id);
}

/* --- A list ----------------------------------------------------------------------------------- */

static bool list_one(void *arg, const struct pal_record *r)
{
	struct pal_deliveries_call *call = arg;
	struct pal_delivery_state state = pal_delivery_read(r->body);
	bool fits = pal_deliveries_pass(&call->filter, &state);

	if (fits && call->walk.taken == call->limit) {
		call->has_more = true;
		return false;
	}
	pal_deliveries_note(&call->walk, r);
	if (fits) {
		pal_buf_add(&call->data, ",", call->walk.taken++ ? 1 : 0);
		pal_deliveries_put(&call->data, r, &state);
	}
	return !call->data.failed;
}

enum pal_code pal_deliveries_list(struct pal_deliveries_call *call, struct pal_store *store,
				  unsigned reader)
{
	enum pal_code code = begin(call);

	if (code != PAL_OK)
		return code;
	if (!call->walk.seen)
		pal_buf_add_char(&call->data, '[');
	code = pal_deliveries_step(call, store, reader, SCANNED_MAX, list_one);
	if (code != PAL_OK || call->walk.goes_on)
		return code;
	pal_buf_add_char(&call->data, ']');
	if (call->has_more || call->walk.seen == SCANNED_MAX)
		tell_next(call);
	return PAL_OK;
}

/* --- Those that failed ------------------------------------------------------------------------ */

static bool take_failed(void *arg, const struct pal_record *r)
{
	struct pal_deliveries_call *call = arg;
	struct pal_delivery_state state = pal_delivery_read(r->body);
	bool fits = pal_deliveries_pass(&call->filter, &state);

	if (fits && call->retry_count == call->limit) {
		call->has_more = true;
		return false;
	}
	if (fits && !pal_deliveries_keep(call, r, &call->retries[call->retry_count])) {
		call->walk.lacks_memory = true;
		return false;
	}
	call->retry_count += fits;
	pal_deliveries_note(&call->walk, r);
	return true;
}

enum pal_code pal_deliveries_find_failed(struct pal_deliveries_call *call, struct pal_store *store,
					 unsigned reader)
{
	enum pal_code code = begin(call);

	if (code != PAL_OK)
		return code;
	if (!pal_deliveries_make_room(call))
		return pal_fail_memory(&call->err, "delivery");
	call->filter.status = PAL_DELIVERY_FAILED;
	code = pal_deliveries_step(call, store, reader, SIZE_MAX, take_failed);
	if (code == PAL_OK && call->walk.lacks_memory)
		return pal_fail_memory(&call->err, "delivery");
	if (code == PAL_OK && call->has_more)
		tell_next(call);
	return code;
}
