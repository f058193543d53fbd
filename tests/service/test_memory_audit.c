/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail with each allocation of ours made to fail in turn. */
#include <string.h>

#include "scarce.h"
#include "service/access/access.h"
#include "service/audit/audit.h"
#include "service/audit/log.h"
#include "store/store.h"
#include "suite.h"

#define NOW_MS 1790000000000ll
#define HOUR_MS 3600000ll
#define DAY_MS 86400000ll

static struct pal_store *store;
static struct pal_store_front *front;
static struct pal_access *access_;
static struct pal_clock_fake clock_;
static struct pal_audit_log *trail;
static struct pal_tenant tenant;

static void begin(int64_t retention_days)
{
	const struct pal_store_config config = {.kind = "memory", .readers = 1};
	const struct pal_store_front_options options = {.queue_max = 0};
	struct pal_error err;

	pal_clock_fake_init(&clock_, NOW_MS);
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	tenant = (struct pal_tenant){.id = PAL_STR("acme"), .status = PAL_TENANT_ACTIVE};
	CU_ASSERT_EQUAL_FATAL(pal_store_put_tenant(store, &tenant, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(store, &options, &front, &err), PAL_OK);
	const struct pal_access_options access = {.store = store, .clock = &clock_.clock};
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&access, &access_, &err), PAL_OK);
	const struct pal_audit_log_options log = {.front = front,
						  .access = access_,
						  .clock = &clock_.clock,
						  .retention_days = retention_days};
	CU_ASSERT_EQUAL_FATAL(pal_audit_log_create(&log, &trail, &err), PAL_OK);
}

static void end(void)
{
	pal_store_front_stop(front);
	pal_audit_log_destroy(trail);
	pal_access_destroy(access_);
	pal_store_front_destroy(front);
	pal_store_destroy(store);
}

static void tell(const char *result, int64_t at_ms)
{
	const struct pal_audit_event event = {.at_ms = at_ms,
					      .event_type = PAL_STR("thing.done"),
					      .user_id = PAL_STR("ann"),
					      .resource_type = PAL_STR("thing"),
					      .resource_id = PAL_STR("t-1"),
					      .action = PAL_STR("do"),
					      .result = pal_str(result),
					      .data = PAL_STR("{\"metadata\":{\"n\":7}}")};

	pal_audit_log_event(trail, tenant.key, &event);
}

static struct pal_audit_head head(void)
{
	struct pal_audit_head h = {.seq = -1};

	CU_ASSERT_EQUAL(pal_store_audit_head(store, 0, tenant.key, &h, NULL), PAL_OK);
	return h;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static bool live_log(long n)
{
	begin(0);
	scarce_begin(n);
	tell("success", NOW_MS);
	tell("failure", NOW_MS);	/* written at once */
	pal_audit_log_sweep(trail);
	bool is_hit = scarce_end() < 0;
	int64_t seq = head().seq;
	CU_ASSERT(seq == 2 || (is_hit && seq < 2));
	tell("failure", NOW_MS);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().seq, seq + 1);
	end();
	return is_hit;
}

TEST(an_event_without_memory_is_dropped_and_the_next_is_written)
{
	long n = 0;

	while (live_log(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 5 && n < SCARCE_MAX);
}

TEST(a_log_without_memory_is_not_made)
{
	const struct pal_audit_log_options options = {.front = front, .clock = &clock_.clock};
	bool is_hit = true;
	long n = 0;

	for (; is_hit && n < SCARCE_MAX; n++) {
		struct pal_audit_log *log = NULL;
		scarce_begin(n);
		enum pal_code code = pal_audit_log_create(&options, &log, NULL);
		is_hit = scarce_end() < 0;
		CU_ASSERT_EQUAL(code, is_hit ? PAL_E_SERVICE : PAL_OK);
		CU_ASSERT_EQUAL(log != NULL, code == PAL_OK);
		pal_audit_log_destroy(log);
	}
	CU_ASSERT(n > 2);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static unsigned answers;

static void done(struct pal_audit_call *call)
{
	(void)call;
	answers++;
}

static struct pal_audit_call call_of(enum pal_audit_call_kind kind)
{
	return (struct pal_audit_call){
		.kind = kind,
		.caller = {.tenant = tenant.key, .user_id = PAL_STR("ann")},
		.filter = {.category = PAL_AUDIT_ANY,
			   .result = PAL_AUDIT_ANY,
			   .text = PAL_STR("thing"),
			   .to_ms = INT64_MAX},
		.limit = 10,
		.report = PAL_AUDIT_USER_ACTIVITY,
		.now_ms = NOW_MS,
		.done = done};
}

/* Ask with memory that runs out; whether it did. `whole` takes what is answered otherwise. */
static bool ask(long n, struct pal_audit_call call, struct pal_buf *whole)
{
	struct pal_buf all = pal_buf_of(0);

	answers = 0;
	scarce_begin(n);
	pal_audit_begin(front, &call);
	while (call.code == PAL_OK && call.kind == PAL_AUDIT_EXPORT && !call.last) {
		pal_buf_clear(&call.data);
		pal_audit_step(&call);
	}
	bool is_hit = scarce_end() < 0;
	pal_buf_add_str(&all, pal_buf_str(&call.data));
	CU_ASSERT(answers >= 1);
	CU_ASSERT(call.code == PAL_OK || (is_hit && call.code == PAL_E_SERVICE));
	if (call.code == PAL_OK && whole->len)
		CU_ASSERT(pal_str_equal(pal_buf_str(&all), pal_buf_str(whole)));
	if (!is_hit)
		pal_buf_add_str(whole, pal_buf_str(&all));
	pal_buf_deinit(&all);
	pal_audit_deinit(&call);
	return is_hit;
}

/* The whole answer comes first. Of reports and exports each is in the trail, but not in the next. */
static void wear_out(struct pal_audit_call call)
{
	struct pal_buf whole = pal_buf_of(0);
	long n = 0;

	CU_ASSERT_FALSE(ask(SCARCE_MAX, call, &whole));	/* enough: nothing fails */
	while (ask(n, call, &whole) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 2 && n < SCARCE_MAX);
	pal_buf_deinit(&whole);
}

TEST(what_is_read_of_the_trail_is_whole_or_fails)
{
	begin(0);
	for (int i = 0; i < 30; i++)
		tell("failure", NOW_MS + i);
	wear_out(call_of(PAL_AUDIT_LIST));
	wear_out(call_of(PAL_AUDIT_REPORT));
	struct pal_audit_call export = call_of(PAL_AUDIT_EXPORT);
	wear_out(export);
	export.as_csv = true;
	wear_out(export);
	end();
}

/* --- Pruning ---------------------------------------------------------------------------------- */

static bool count_pruned(void *arg, const struct pal_audit_entry *entry)
{
	*(size_t *)arg += pal_str_equal(entry->event.event_type, PAL_STR("audit.pruned"));
	return true;
}

static bool live_pruning(long n)
{
	struct pal_audit_proof proof = {.seq = 0};
	size_t told = 0;

	begin(30);
	for (int i = 0; i < 5; i++)
		tell("failure", NOW_MS + i * 10 * DAY_MS);
	pal_clock_fake_advance_ms(&clock_, 45 * DAY_MS);
	scarce_begin(n);
	pal_audit_log_sweep(trail);
	bool is_hit = scarce_end() < 0;
	for (unsigned i = 0; i < 2; i++) {
		pal_clock_fake_advance_ms(&clock_, HOUR_MS);
		pal_audit_log_sweep(trail);
	}
	CU_ASSERT_EQUAL(head().cut, 2);
	CU_ASSERT_EQUAL(pal_store_walk_audit(store, 0, tenant.key, 2, 100, count_pruned, &told,
					     NULL), PAL_OK);
	CU_ASSERT_EQUAL(told, 1);
	while (!proof.is_done)
		CU_ASSERT_EQUAL_FATAL(pal_store_verify_audit(store, 0, tenant.key, &proof, NULL),
				      PAL_OK);
	CU_ASSERT_EQUAL(proof.broken, 0);
	end();
	return is_hit;
}

TEST(a_trail_is_pruned_when_there_is_memory_again_and_that_is_told_once)
{
	long n = 0;

	while (live_pruning(n) && n < SCARCE_MAX)
		n++;
	CU_ASSERT(n > 1 && n < SCARCE_MAX);
}

SUITE(memory_audit, CASE(an_event_without_memory_is_dropped_and_the_next_is_written),
      CASE(a_log_without_memory_is_not_made), CASE(what_is_read_of_the_trail_is_whole_or_fails),
      CASE(a_trail_is_pruned_when_there_is_memory_again_and_that_is_told_once))
