/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/audit.h"

#include <stdio.h>
#include <string.h>

#include "service/access/access.h"
#include "service/access/live.h"
#include "service/audit/log.h"
#include "store/store.h"
#include "suite.h"
#include "token.h"

#define NOW_MS 1790000000000ll
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
	const struct pal_jwt_options tokens = {.secret = PAL_STR(TOKEN_SECRET), .leeway_s = 30};
	struct pal_error err;

	pal_clock_fake_init(&clock_, NOW_MS);
	CU_ASSERT_EQUAL_FATAL(pal_store_open(&config, &store, &err), PAL_OK);
	tenant = (struct pal_tenant){.id = PAL_STR("acme"), .status = PAL_TENANT_ACTIVE};
	CU_ASSERT_EQUAL_FATAL(pal_store_put_tenant(store, &tenant, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(
				      store, &(struct pal_store_front_options){.queue_max = 0},
				      &front, &err), PAL_OK);
	struct pal_access_options access_options = {.store = store, .clock = &clock_.clock};
	CU_ASSERT_EQUAL_FATAL(pal_jwt_create(&tokens, &access_options.jwt, &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_access_create(&access_options, &access_, &err), PAL_OK);
	const struct pal_audit_log_options options = {.front = front,
						      .access = access_,
						      .clock = &clock_.clock,
						      .retention_days = retention_days};
	CU_ASSERT_EQUAL_FATAL(pal_audit_log_create(&options, &trail, &err), PAL_OK);
}

static void end(void)
{
	pal_store_front_stop(front);
	pal_audit_log_destroy(trail);
	pal_access_destroy(access_);
	pal_store_front_destroy(front);
	pal_store_destroy(store);
	access_ = NULL;
}

static void tell(const char *type, const char *result, int64_t at_ms, const char *data)
{
	const struct pal_audit_event event = {.at_ms = at_ms,
					      .event_type = pal_str(type),
					      .user_id = PAL_STR("ann"),
					      .resource_type = PAL_STR("thing"),
					      .resource_id = PAL_STR("t-1"),
					      .action = PAL_STR("do"),
					      .result = pal_str(result),
					      .data = pal_str(data)};

	pal_audit_log_event(trail, tenant.key, &event);
}

static struct pal_audit_head head(void)
{
	struct pal_audit_head h = {.seq = -1};
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_store_audit_head(store, 0, tenant.key, &h, &err), PAL_OK);
	return h;
}

static unsigned done_count;

static void done(struct pal_audit_call *call)
{
	(void)call;
	done_count++;
}

static struct pal_audit_call listing(int64_t limit)
{
	return (struct pal_audit_call){
		.kind = PAL_AUDIT_LIST,
		.caller = {.tenant = tenant.key},
		.filter = {.category = PAL_AUDIT_ANY, .result = PAL_AUDIT_ANY, .to_ms = INT64_MAX},
		.limit = limit,
		.now_ms = NOW_MS,
		.done = done};
}

TEST(b22_what_waits_is_written_and_not_cleared)
{
	begin(0);
	tell("x.done", "success", NOW_MS, NULL);
	tell("x.done", "success", NOW_MS, NULL);
	CU_ASSERT_EQUAL(head().seq, 0);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().seq, 2);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().seq, 2);
	end();
}

TEST(failures_and_what_concerns_access_are_written_at_once)
{
	begin(0);
	tell("x.done", "failure", NOW_MS, NULL);
	CU_ASSERT_EQUAL(head().seq, 1);
	tell("auth.granted", "success", NOW_MS, NULL);
	CU_ASSERT_EQUAL(head().seq, 2);
	for (unsigned i = 0; i < PAL_AUDIT_BUFFER_MAX; i++)
		tell("x.done", "success", NOW_MS, NULL);
	CU_ASSERT_EQUAL(head().seq, 2 + PAL_AUDIT_BUFFER_MAX);	/* full */
	end();
}

TEST(secrets_are_redacted_and_long_texts_cut)
{
	struct pal_audit_call call;
	char text[1200];

	begin(0);
	tell("x.done", "error", NOW_MS, "{\"metadata\":{\"password\":\"hunter2\",\"n\":7}}");
	call = listing(10);
	pal_audit_begin(front, &call);
	CU_ASSERT_EQUAL_FATAL(call.code, PAL_OK);
	pal_buf_add_char(&call.data, '\0');
	CU_ASSERT_PTR_NULL(strstr(call.data.data, "hunter2"));
	CU_ASSERT_PTR_NOT_NULL(strstr(call.data.data, "\"n\":7"));
	pal_audit_deinit(&call);

	struct pal_buf cut = pal_buf_of(0);
	memset(text, 'x', sizeof(text));
	pal_audit_put_cut(&cut, (struct pal_str){text, PAL_AUDIT_TEXT_MAX});
	CU_ASSERT_EQUAL(cut.len, PAL_AUDIT_TEXT_MAX);
	pal_buf_clear(&cut);
	memcpy(text + PAL_AUDIT_TEXT_MAX - 15, "\xc3\xa4", 2);	/* across the cut */
	pal_audit_put_cut(&cut, (struct pal_str){text, sizeof(text)});
	CU_ASSERT(cut.len <= PAL_AUDIT_TEXT_MAX);
	CU_ASSERT_EQUAL(memcmp(cut.data + cut.len - 15, "x...[truncated]", 15), 0);
	pal_buf_deinit(&cut);
	end();
}

TEST(a_list_finds_by_every_filter)
{
	const struct {
		struct pal_audit_filter filter;
		size_t found;
	} rows[] = {
		{{.category = -1, .result = -1, .to_ms = INT64_MAX}, 3},
		{{.category = -1, .result = PAL_AUDIT_FAILURE, .to_ms = INT64_MAX}, 1},
		{{.category = PAL_AUDIT_AUTH, .result = -1, .to_ms = INT64_MAX}, 1},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .event_type = PAL_STR("auth")}, 1},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .event_type = PAL_STR("aut")}, 0},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .user_id = PAL_STR("ann")}, 3},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .user_id = PAL_STR("bob")}, 0},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .subject = PAL_STR("t-1")}, 3},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .action = PAL_STR("undo")}, 0},
		{{.category = -1, .result = -1, .to_ms = INT64_MAX, .text = PAL_STR("THING t-")}, 3},
		{{.category = -1, .result = -1, .to_ms = NOW_MS - 1}, 1},
		{{.category = -1, .result = -1, .from_ms = NOW_MS, .to_ms = INT64_MAX}, 2},
	};

	begin(0);
	tell("x.done", "success", NOW_MS - 1000, NULL);
	tell("x.done", "failure", NOW_MS, NULL);
	tell("auth.granted", "success", NOW_MS, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_audit_call call = listing(10);
		call.filter = rows[i].filter;
		pal_audit_begin(front, &call);
		CU_ASSERT_EQUAL(call.code, PAL_OK);
		CU_ASSERT_EQUAL(call.matched, rows[i].found);
		pal_audit_deinit(&call);
	}
	end();
}

TEST(a_list_of_another_tenant_is_empty)
{
	begin(0);
	tell("x.done", "failure", NOW_MS, NULL);
	struct pal_audit_call call = listing(10);
	call.caller.tenant.n = tenant.key.n + 1;
	pal_audit_begin(front, &call);
	CU_ASSERT_EQUAL(call.matched, 0);
	pal_audit_deinit(&call);
	end();
}

TEST(what_is_older_than_the_retention_is_pruned_and_that_is_told)
{
	struct pal_audit_proof proof = {.seq = 0};
	struct pal_error err;

	begin(30);
	for (int i = 0; i < 5; i++)
		tell("x.done", "failure", NOW_MS + i * 10 * DAY_MS, NULL);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().cut, 0);
	pal_clock_fake_advance_ms(&clock_, 45 * DAY_MS);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().cut, 2);
	CU_ASSERT_EQUAL(head().seq, 6);
	struct pal_audit_call call = listing(1);
	pal_audit_begin(front, &call);
	pal_buf_add_char(&call.data, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(call.data.data, "\"event_type\":\"audit.pruned\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(call.data.data, "\"through_seq\":2"));
	pal_audit_deinit(&call);
	pal_audit_log_sweep(trail);	/* not again within the hour, nor told again */
	CU_ASSERT_EQUAL(head().seq, 6);
	while (!proof.is_done)
		CU_ASSERT_EQUAL_FATAL(
			pal_store_verify_audit(store, 0, tenant.key, &proof, &err), PAL_OK);
	CU_ASSERT_EQUAL(proof.broken, 0);
	CU_ASSERT_EQUAL(proof.cut, 2);
	end();
}

/* Five events ten days apart, 45 days behind the first: what is cut when the next hour has come. */
static int64_t cut_within(int64_t option_days, int64_t own_days)
{
	begin(option_days);
	for (int i = 0; i < 5; i++)
		tell("x.done", "failure", NOW_MS + i * 10 * DAY_MS, NULL);
	struct pal_live_tenant *live = pal_access_live(access_, PAL_STR("acme"));
	CU_ASSERT_EQUAL(atomic_load(&live->retention_days), PAL_LIVE_RETENTION_UNSET);
	atomic_store(&live->retention_days, own_days);
	pal_clock_fake_advance_ms(&clock_, 45 * DAY_MS);
	pal_audit_log_sweep(trail);
	return head().cut;
}

TEST(a_tenants_own_retention_wins)
{
	CU_ASSERT_EQUAL(cut_within(30, PAL_LIVE_RETENTION_UNSET), 2);
	end();
	CU_ASSERT_EQUAL(cut_within(30, 10), 4);
	end();
	CU_ASSERT_EQUAL(cut_within(30, 100), 0);
	end();
	CU_ASSERT_EQUAL(cut_within(30, 0), 0);	/* for ever */
	end();
	CU_ASSERT_EQUAL(cut_within(0, 30), 2);	/* though others' is kept for ever */
	end();
}

TEST(a_retention_that_is_changed_holds_from_the_next_pruning_on)
{
	CU_ASSERT_EQUAL(cut_within(0, 40), 1);
	struct pal_live_tenant *live = pal_access_live(access_, PAL_STR("acme"));
	atomic_store(&live->retention_days, 20);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().cut, 1);	/* not within the hour */
	pal_clock_fake_advance_ms(&clock_, DAY_MS / 24);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().cut, 3);
	end();
}

TEST(a_front_that_takes_no_more_fails_nobody)
{
	begin(0);
	pal_store_front_stop(front);
	for (unsigned i = 0; i < 2 * PAL_AUDIT_BUFFER_MAX; i++)
		tell("x.done", "failure", NOW_MS, NULL);
	pal_audit_log_sweep(trail);
	CU_ASSERT_EQUAL(head().seq, 0);
	end();
}

SUITE(audit, CASE(b22_what_waits_is_written_and_not_cleared),
      CASE(failures_and_what_concerns_access_are_written_at_once),
      CASE(secrets_are_redacted_and_long_texts_cut), CASE(a_list_finds_by_every_filter),
      CASE(a_list_of_another_tenant_is_empty),
      CASE(what_is_older_than_the_retention_is_pruned_and_that_is_told),
      CASE(a_tenants_own_retention_wins),
      CASE(a_retention_that_is_changed_holds_from_the_next_pruning_on),
      CASE(a_front_that_takes_no_more_fails_nobody))
