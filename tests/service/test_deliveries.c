/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries as they are asked for, over a store that blocks and lanes that the test steps. */
#include "service/delivery/deliveries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "store/store.h"
#include "suite.h"

#define START_MS 1790000000000ll
#define STEPS_MAX 200

static const struct pal_tenant_key tenant = {1};
static const struct pal_caller staff = {.tenant = {1}, .key_id = {"k1", 2},
					.permissions = {"*", 1}};

static struct stage {
	struct script script;
	struct pal_store_front *front;
	int64_t records;
} s;

static void begin(void)
{
	const struct pal_store_front_options options = {.queue_max = 16};
	struct pal_error err;

	memset(&s, 0, sizeof(s));
	script_open(&s.script, true);
	CU_ASSERT_EQUAL_FATAL(pal_store_front_create(&s.script.base, &options, &s.front, &err),
			      PAL_OK);
}

static void end(void)
{
	pal_store_front_stop(s.front);
	pal_store_front_destroy(s.front);
	script_close(&s.script);
}

/* Store the delivery of message "m-N", made after those before it. */
static void write_one(int64_t n, const char *status, const char *channel, int64_t expected)
{
	char id[64], owner[32], body[256];

	snprintf(owner, sizeof(owner), "c%03lld", (long long)(n % 7));
	snprintf(id, sizeof(id), "%s/%012lld", owner, (long long)n);
	snprintf(body, sizeof(body),
		 "{\"status\":\"%s\",\"attempts\":3,\"message_id\":\"m-%lld\",\"channel\":\"%s\","
		 "\"recipient\":\"r\"}",
		 status, (long long)n, channel);
	struct pal_record_write write = {
		.tenant = tenant,
		.record = {.kind = PAL_DELIVERY_KIND, .id = pal_str(id), .owner = pal_str(owner),
			   .body = pal_str(body), .created_ms = START_MS + n / 3},
		.expected = expected};
	struct pal_record_write *writes = &write;
	pal_store_write_records(&s.script.base, &writes, 1);
	CU_ASSERT_EQUAL_FATAL(write.verdict, PAL_RECORD_STORED);
}

static void write_many(int64_t count, const char *status, const char *channel)
{
	for (int64_t i = 0; i < count; i++)
		write_one(++s.records, status, channel, 0);
}

/* --- Calls ------------------------------------------------------------------------------------ */

struct asked {
	struct pal_deliveries_call call;	/* first */
	bool is_done;
};

static void asked_done(struct pal_deliveries_call *call)
{
	((struct asked *)call)->is_done = true;
}

static struct asked ask_of(enum pal_deliveries_verb verb, size_t limit)
{
	return (struct asked){.call = {.verb = verb, .caller = &staff, .limit = limit,
				       .filter = {.status = -1, .channel = -1},
				       .now_ms = START_MS + 100000, .done = asked_done}};
}

static struct pal_str answer(struct asked *asked)
{
	pal_deliveries_do(s.front, NULL, &asked->call);
	for (int i = 0; i < STEPS_MAX && !asked->is_done; i++)
		(void)pal_store_front_step(s.front);
	CU_ASSERT_TRUE_FATAL(asked->is_done);
	return pal_buf_str(&asked->call.data);
}

static size_t count_of(struct pal_str text, const char *part)
{
	size_t count = 0, n = strlen(part);

	for (size_t i = 0; i + n <= text.n; i++)
		count += memcmp(text.p + i, part, n) == 0;
	return count;
}

/* --- Others come between ---------------------------------------------------------------------- */

struct other {
	struct pal_query query;		/* first */
	unsigned answered;
};

static void other_run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	(void)query, (void)store, (void)reader;
}

static void other_done(struct pal_query *query)
{
	((struct other *)query)->answered++;
}

/* How often another read is put and answered while `asked` is still under way. */
static unsigned others_during(struct asked *asked)
{
	struct other other = {.answered = 0};

	pal_deliveries_do(s.front, NULL, &asked->call);
	for (int i = 0; i < STEPS_MAX && !asked->is_done; i++) {
		unsigned before = other.answered;
		other.query = (struct pal_query){.run = other_run, .done = other_done};
		CU_ASSERT_NOT_EQUAL_FATAL(pal_store_front_query(s.front, &other.query),
					  PAL_PUT_FULL);
		(void)pal_store_front_step(s.front);
		CU_ASSERT_EQUAL(other.answered, before + 1);
	}
	CU_ASSERT_TRUE_FATAL(asked->is_done);
	CU_ASSERT_EQUAL(asked->call.code, PAL_OK);
	pal_buf_deinit(&asked->call.data);
	return other.answered;
}

TEST(other_reads_are_answered_while_many_deliveries_are_looked_through)
{
	static const enum pal_deliveries_verb verbs[] = {
		PAL_DELIVERIES_RETRY, PAL_DELIVERIES_LIST, PAL_DELIVERIES_METRICS};

	begin();
	write_many(5000, "sent", "webhook");
	write_many(1, "failed", "webhook");
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct asked asked = ask_of(verbs[i], 10);
		asked.call.filter.status = PAL_DELIVERY_FAILED;
		asked.call.to_ms = INT64_MAX;
		CU_ASSERT(others_during(&asked) > 10);
	}
	end();
}

/* --- Tried again ------------------------------------------------------------------------------ */

/* Those of `seen` count how often each was retried; return how many the page has. */
static size_t redrive_page(char *after, size_t size, size_t limit, bool dry_run, uint8_t *seen)
{
	struct asked asked = ask_of(PAL_DELIVERIES_RETRY, limit);
	size_t count = 0;

	asked.call.after = pal_str(after);
	asked.call.dry_run = dry_run;
	struct pal_str text = answer(&asked);
	CU_ASSERT_EQUAL_FATAL(asked.call.code, PAL_OK);
	for (size_t i = 0; i + 6 < text.n; i++) {
		if (memcmp(text.p + i, "\"m-", 3) != 0)
			continue;
		seen[atoi(text.p + i + 3)]++;
		count++;
	}
	CU_ASSERT_EQUAL(count_of(text, "\"result\":\"retried\""), count);
	snprintf(after, size, "%s", asked.call.next);
	pal_buf_deinit(&asked.call.data);
	return count;
}

TEST(however_many_failed_all_are_retried_page_by_page_and_each_once)
{
	static uint8_t seen[4000], told[4000];
	char after[PAL_DELIVERIES_CURSOR_SIZE] = "";
	size_t pages = 0, wrong = 0;

	begin();
	for (int i = 0; i < 5; i++) {
		write_many(430, "sent", "webhook");
		write_many(230, "failed", "webhook");
	}
	do
		(void)redrive_page(after, sizeof(after), 100, true, told);
	while (after[0] && ++pages < 50);
	CU_ASSERT_EQUAL(pages, 11);	/* and a last one */
	pages = 0;
	do {
		(void)redrive_page(after, sizeof(after), 100, false, seen);
		for (int64_t n = 1; n <= s.records; n++)	/* they fail again meanwhile */
			if (seen[n])
				write_one(n, "failed", "webhook", PAL_RECORD_ANY);
	} while (after[0] && ++pages < 50);
	CU_ASSERT_EQUAL(pages, 11);	/* and a last one */
	for (int64_t n = 1; n <= s.records; n++)
		wrong += seen[n] != ((n - 1) % 660 >= 430) || told[n] != seen[n];
	CU_ASSERT_EQUAL(wrong, 0);
	end();
}

TEST(a_retry_takes_no_more_than_its_limit_and_says_where_it_ended)
{
	static uint8_t seen[64];
	char after[PAL_DELIVERIES_CURSOR_SIZE] = "";

	begin();
	write_many(25, "failed", "webhook");
	CU_ASSERT_EQUAL(redrive_page(after, sizeof(after), 10, false, seen), 10);
	CU_ASSERT_NOT_EQUAL(after[0], '\0');
	CU_ASSERT_EQUAL(redrive_page(after, sizeof(after), 0, false, seen), 15);
	CU_ASSERT_EQUAL(after[0], '\0');
	CU_ASSERT_EQUAL(redrive_page(after, sizeof(after), 0, false, seen), 0);
	end();
}

TEST(a_place_that_no_page_gave_is_refused)
{
	static const char *const places[] = {"x", "12x 1", "99999999999999999999999 a", "-1 a"};

	begin();
	for (size_t i = 0; i < 2 * sizeof(places) / sizeof(places[0]); i++) {
		struct asked asked = ask_of(i % 2 ? PAL_DELIVERIES_RETRY : PAL_DELIVERIES_LIST, 10);
		asked.call.after = pal_str(places[i / 2]);
		(void)answer(&asked);
		CU_ASSERT_EQUAL(asked.call.code, PAL_E_VALIDATION);
		CHECK_STR(asked.call.err.subject, "cursor");
		pal_buf_deinit(&asked.call.data);
	}
	end();
}

TEST(a_full_lane_refuses_between_two_reads)
{
	struct asked asked = ask_of(PAL_DELIVERIES_LIST, 10);

	begin();
	write_many(2000, "sent", "webhook");
	asked.call.filter.status = PAL_DELIVERY_FAILED;
	pal_deliveries_do(s.front, NULL, &asked.call);
	pal_store_front_stop(s.front);	/* does what waits, and takes nothing any more */
	CU_ASSERT_TRUE_FATAL(asked.is_done);
	CU_ASSERT_EQUAL(asked.call.code, PAL_E_SERVICE);
	pal_buf_deinit(&asked.call.data);
	end();
}

/* --- Listed, measured ------------------------------------------------------------------------- */

TEST(a_page_of_a_list_is_gathered_over_several_reads)
{
	begin();
	for (int i = 0; i < 3; i++) {
		write_many(1200, "sent", "webhook");
		write_many(2, "failed", "webhook");
	}
	struct asked asked = ask_of(PAL_DELIVERIES_LIST, 5);
	asked.call.filter.status = PAL_DELIVERY_FAILED;
	struct pal_str text = answer(&asked);
	CU_ASSERT_EQUAL(count_of(text, "\"message_id\":"), 5);
	CU_ASSERT(text.p[0] == '[' && text.p[text.n - 1] == ']');
	CU_ASSERT_EQUAL(count_of(text, "},{"), 4);
	CU_ASSERT_NOT_EQUAL(asked.call.next[0], '\0');
	struct asked rest = ask_of(PAL_DELIVERIES_LIST, 5);
	rest.call.filter.status = PAL_DELIVERY_FAILED;
	rest.call.after = pal_str(asked.call.next);
	CU_ASSERT_EQUAL(count_of(answer(&rest), "\"message_id\":\"m-3606\""), 1);
	CU_ASSERT_EQUAL(rest.call.next[0], '\0');
	pal_buf_deinit(&asked.call.data);
	pal_buf_deinit(&rest.call.data);
	end();
}

TEST(figures_count_all_of_a_time_over_several_reads)
{
	begin();
	write_many(1100, "sent", "webhook");
	write_many(900, "failed", "webhook");
	struct asked asked = ask_of(PAL_DELIVERIES_METRICS, 0);
	asked.call.from_ms = START_MS + 1;	/* three share a time: 1 and 2 are before it */
	asked.call.to_ms = START_MS + 600;	/* up to 1802 */
	struct pal_str text = answer(&asked);
	CU_ASSERT_EQUAL(count_of(text, "\"total\":1800,"), 1);
	CU_ASSERT_EQUAL(count_of(text, "\"sent\":1098,"), 1);
	CU_ASSERT_EQUAL(count_of(text, "\"failed\":702}"), 1);
	CU_ASSERT_EQUAL(count_of(text, "\"attempts\":5400,"), 1);
	CU_ASSERT_EQUAL(count_of(text, "\"truncated\":false"), 1);
	pal_buf_deinit(&asked.call.data);
	end();
}

SUITE(deliveries, CASE(other_reads_are_answered_while_many_deliveries_are_looked_through),
      CASE(however_many_failed_all_are_retried_page_by_page_and_each_once),
      CASE(a_retry_takes_no_more_than_its_limit_and_says_where_it_ended),
      CASE(a_place_that_no_page_gave_is_refused), CASE(a_full_lane_refuses_between_two_reads),
      CASE(a_page_of_a_list_is_gathered_over_several_reads),
      CASE(figures_count_all_of_a_time_over_several_reads))
