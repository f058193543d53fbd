/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/retention.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/log.h"
#include "service/access/live.h"
#include "store/store.h"

#define EACH_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)
#define RECORDS_PER_STEP 256u

struct pal_audit_retention {
	struct pal_query query;			/* first */
	struct pal_audit_log_options options;	/* fixed at create */
	int64_t next_ms;			/* main's; 0: at once */
	_Atomic bool is_running;
	/* of the run, whoever's turn it is */
	struct pal_tenant_key tenant;
	int64_t days;		/* its trail is kept for */
	struct pal_audit_head before, after;
	int64_t now_ms;
	bool is_more;
	bool owes_note;		/* it was cut, and the trail could not be told: begin with that */
	enum pal_code code;
	struct pal_error err;
};

struct pal_audit_retention *pal_audit_retention_create(const struct pal_audit_log_options *options)
{
	struct pal_audit_retention *r = calloc(1, sizeof(*r));

	if (r)
		r->options = *options;
	return r;
}

void pal_audit_retention_destroy(struct pal_audit_retention *r)
{
	free(r);
}

static void next_tenant(struct pal_audit_retention *r);

static void ask(struct pal_audit_retention *r, bool writes,
		void (*run)(struct pal_query *, struct pal_store *, unsigned),
		void (*done)(struct pal_query *))
{
	r->query = (struct pal_query){.run = run, .done = done};
	enum pal_put put = writes ? pal_store_front_write(r->options.front, &r->query)
				  : pal_store_front_query(r->options.front, &r->query);
	if (put == PAL_PUT_FULL)
		atomic_store(&r->is_running, false);	/* the rest is left for the next hour */
}

/* --- What was done, in the trail itself ------------------------------------------------------- */

static void run_note(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;
	struct pal_buf data = pal_buf_of(0);

	(void)reader;
	pal_buf_addf(&data, "{\"metadata\":{\"through_seq\":%lld,\"retention_days\":%lld,\"hash\":\"",
		     (long long)r->after.cut, (long long)r->days);
	pal_hex_encode(&data, r->after.cut_hash, sizeof(r->after.cut_hash));
	pal_buf_add_lit(&data, "\"}}");
	const struct pal_audit_event event = {.at_ms = r->now_ms,
					      .event_type = PAL_STR("audit.pruned"),
					      .resource_type = PAL_STR("audit_trail"),
					      .action = PAL_STR("prune"),
					      .result = PAL_STR("success"),
					      .data = pal_buf_str(&data)};
	r->code = data.failed ? pal_fail_memory(&r->err, "audit")
			      : pal_store_add_audit(store, r->tenant, &event, 1, &r->err);
	pal_buf_deinit(&data);
}

static void noted(struct pal_query *query)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	r->owes_note = r->code != PAL_OK;
	if (r->owes_note) {
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("audit"),
			"where the audit trail was cut could not be written to it",
			PAL_F_I64("tenant", r->tenant.n), PAL_F_TEXT("reason", r->err.message));
		atomic_store(&r->is_running, false);
		return;
	}
	PAL_LOG(PAL_LOG_INFO, PAL_STR("audit"), "audit trail pruned",
		PAL_F_I64("tenant", r->tenant.n),
		PAL_F_I64("records", r->after.cut - r->before.cut));
	next_tenant(r);
}

/* --- One tenant ------------------------------------------------------------------------------- */

static void run_after(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	r->code = pal_store_audit_head(store, reader, r->tenant, &r->after, &r->err);
}

static void known_after(struct pal_query *query)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	r->owes_note = r->code == PAL_OK && r->after.cut > r->before.cut;
	if (r->owes_note)
		ask(r, true, run_note, noted);
	else
		next_tenant(r);
}

static void run_prune(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	(void)reader;
	r->is_more = false;
	r->code = pal_store_prune_audit(store, r->tenant,
					r->now_ms - r->days * DAY_MS,
					RECORDS_PER_STEP, &r->is_more, &r->err);
}

/* What fails for one tenant, a chain that is broken say, keeps no other from its turn. */
static void pruned(struct pal_query *query)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	if (r->code != PAL_OK)
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("audit"), "the audit trail could not be pruned",
			PAL_F_I64("tenant", r->tenant.n), PAL_F_TEXT("reason", r->err.message));
	if (r->code == PAL_OK && r->is_more)
		ask(r, true, run_prune, pruned);
	else
		ask(r, false, run_after, known_after);
}

static void run_before(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	r->code = pal_store_audit_head(store, reader, r->tenant, &r->before, &r->err);
}

static void known_before(struct pal_query *query)
{
	struct pal_audit_retention *r = (struct pal_audit_retention *)query;

	if (r->code == PAL_OK && r->before.seq)
		ask(r, true, run_prune, pruned);
	else
		next_tenant(r);
}

/* For how long the trail is kept: the tenant's own wins over what is laid down for all. */
static int64_t days_of(struct pal_audit_retention *r, struct pal_str tenant_id)
{
	struct pal_live_tenant *live = pal_access_live(r->options.access, tenant_id);
	int64_t days = live ? atomic_load(&live->retention_days) : PAL_LIVE_RETENTION_UNSET;

	return days == PAL_LIVE_RETENTION_UNSET ? r->options.retention_days : days;
}

static void next_tenant(struct pal_audit_retention *r)
{
	struct pal_str id;

	while (pal_access_next_tenant(r->options.access, r->tenant, &r->tenant, &id)) {
		r->days = days_of(r, id);
		if (r->days > 0) {
			ask(r, false, run_before, known_before);
			return;
		}
	}
	atomic_store(&r->is_running, false);
}

void pal_audit_retention_sweep(struct pal_audit_retention *r)
{
	int64_t now_ms = pal_clock_wall_ms(r->options.clock);

	if (now_ms < r->next_ms || atomic_exchange(&r->is_running, true))
		return;
	r->next_ms = now_ms + EACH_MS;
	if (r->owes_note) {
		ask(r, true, run_note, noted);	/* and goes on with the tenants behind */
		return;
	}
	r->now_ms = now_ms;
	r->tenant = (struct pal_tenant_key){0};
	next_tenant(r);
}
