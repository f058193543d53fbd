/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a message after it was stored, and how far its delivery has come. */
#include "service/conversation/stored_message.h"

#include <stdio.h>
#include <stdlib.h>

#include "rig.h"
#include "service/delivery/delivery.h"
#include "store/store.h"
#include "suite.h"

static struct rig rig;
static char reply[64];		/* id of the reply to "m1" */

struct said {
	struct pal_stored_call call;	/* first */
	unsigned done;
};

static void on_done(struct pal_stored_call *call)
{
	((struct said *)call)->done++;
}

static void say(struct said *s, enum pal_stored_verb verb, const char *id)
{
	s->done = 0;
	s->call.verb = verb;
	s->call.caller = &rig.backend;
	s->call.id = pal_str(id);
	s->call.now_ms = pal_clock_wall_ms(&rig.clock.clock);
	s->call.done = on_done;
	pal_stored_message_do(rig.front, &s->call);
}

/* A call takes a few requests, which the rig cannot foresee. */
static enum pal_code heard(struct said *s)
{
	for (unsigned i = 0; i < 50; i++)
		rig_settle(&rig);
	CU_ASSERT_EQUAL(s->done, 1);
	return s->call.code;
}

static bool tells(const struct said *s, const char *what)
{
	const struct pal_buf *data = &s->call.data;

	return data->len && memmem(data->data, data->len, what, strlen(what)) != NULL;
}

static void forget(struct said *s)
{
	pal_buf_deinit(&s->call.data);
	*s = (struct said){.done = 0};
}

static const char *begin(void)
{
	rig_open(&rig, &(struct rig_spec){0});
	struct letter *l = rig_ask(&rig, &(struct words){.id = "m1", .text = "hello"});
	snprintf(reply, sizeof(reply), "%s", letter_at(l, "/response_id"));
	return letter_home(l);
}

static enum pal_code move(struct said *s, enum pal_delivery_status status)
{
	forget(s);
	s->call.of.status = (struct pal_status_request){.status = status, .timestamp_ms = 1};
	say(s, PAL_STORED_STATUS, reply);
	return heard(s);
}

/* domain.md section 1.1, delivery order; each pair tried. */
TEST(b64_a_status_moves_forward_and_fails_only_on_the_way)
{
	static const char *const allowed =
		" pending>retrying pending>sent pending>delivered pending>read pending>failed"
		" retrying>sent retrying>delivered retrying>read retrying>failed"
		" sent>delivered sent>read sent>failed delivered>read ";
	char pair[64];

	for (int from = 0; from < PAL_DELIVERY_STATUS_COUNT; from++) {
		for (int to = 0; to < PAL_DELIVERY_STATUS_COUNT; to++) {
			snprintf(pair, sizeof(pair), " %s>%s ",
				 pal_delivery_status_name((enum pal_delivery_status)from),
				 pal_delivery_status_name((enum pal_delivery_status)to));
			CU_ASSERT_EQUAL(pal_delivery_may_become((enum pal_delivery_status)from,
								(enum pal_delivery_status)to),
					strstr(allowed, pair) != NULL);
		}
	}
}

TEST(a_delivery_reads_back_and_a_foreign_body_is_a_first_sending)
{
	struct pal_buf out = {0};
	struct pal_delivery_state state = {.status = PAL_DELIVERY_READ,
					   .attempts = 3,
					   .timestamps = PAL_STR("{\"read\":\"x\"}"),
					   .metadata = PAL_STR("{\"a\":1}")};

	pal_delivery_write(&out, &state);
	struct pal_delivery_state again = pal_delivery_read(pal_buf_str(&out));
	CU_ASSERT_EQUAL(again.status, PAL_DELIVERY_READ);
	CU_ASSERT_EQUAL(again.attempts, 3);
	CU_ASSERT(pal_str_equal(again.timestamps, state.timestamps));
	CU_ASSERT(pal_str_equal(again.metadata, state.metadata));
	again = pal_delivery_read(PAL_STR("[1]"));
	CU_ASSERT_EQUAL(again.status, PAL_DELIVERY_SENT);
	CU_ASSERT_EQUAL(again.attempts, 1);
	pal_buf_deinit(&out);
}

TEST(who_writes_at_the_same_time_loses_nothing)
{
	struct said s[6] = {{.done = 0}};
	static const char *const metadata[] = {"{\"a\":1}", "{\"b\":1}", "{\"c\":1}",
					       "{\"d\":1}", "{\"e\":1}", "{\"f\":1}"};

	begin();
	for (size_t i = 0; i < 6; i++) {
		s[i].call.of.status = (struct pal_status_request){
			.status = PAL_DELIVERY_READ, .metadata = pal_str(metadata[i])};
		say(&s[i], PAL_STORED_STATUS, reply);
	}
	for (size_t i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(heard(&s[i]), PAL_OK);
		forget(&s[i]);
	}
	say(&s[0], PAL_STORED_GET, reply);
	CU_ASSERT_EQUAL(heard(&s[0]), PAL_OK);
	for (size_t i = 0; i < 6; i++)
		CU_ASSERT(tells(&s[0], (char[]){'"', (char)('a' + i), '"', '\0'}));
	forget(&s[0]);
	rig_close(&rig);
}

TEST(a_retry_is_for_what_failed)
{
	struct said s = {.done = 0};

	begin();
	say(&s, PAL_STORED_RETRY, reply);
	CU_ASSERT_EQUAL(heard(&s), PAL_E_CONFLICT);
	CU_ASSERT_EQUAL(move(&s, PAL_DELIVERY_FAILED), PAL_OK);
	CU_ASSERT_EQUAL(move(&s, PAL_DELIVERY_SENT), PAL_E_CONFLICT);
	forget(&s);
	say(&s, PAL_STORED_RETRY, "m1");	/* the message it answers will do */
	CU_ASSERT_EQUAL(heard(&s), PAL_OK);
	CU_ASSERT(tells(&s, "\"delivery_status\":\"sent\",\"delivery_attempts\":2"));
	CU_ASSERT_EQUAL(move(&s, PAL_DELIVERY_READ), PAL_OK);
	forget(&s);
	rig_close(&rig);
}

TEST(metadata_that_grows_too_large_is_refused)
{
	static char large[10240];
	struct said s = {.done = 0};

	begin();
	for (char key = 'a'; key <= 'b'; key++) {
		int n = snprintf(large, sizeof(large), "{\"%c\":\"", key);
		memset(large + n, 'x', 6000);
		snprintf(large + n + 6000, 4, "\"}");
		forget(&s);
		s.call.of.status = (struct pal_status_request){.status = PAL_DELIVERY_SENT,
							       .metadata = pal_str(large)};
		say(&s, PAL_STORED_STATUS, reply);
		CU_ASSERT_EQUAL(heard(&s), key == 'a' ? PAL_OK : PAL_E_VALIDATION);
	}
	CHECK_STR(s.call.err.subject, "metadata");
	forget(&s);
	rig_close(&rig);
}

TEST(a_store_in_trouble_says_so_once)
{
	struct said s = {.done = 0};

	begin();
	rig.script.failing_loads = 1;
	say(&s, PAL_STORED_GET, reply);
	CU_ASSERT_EQUAL(heard(&s), PAL_E_SERVICE);
	CU_ASSERT_EQUAL(s.call.err.retry_after_ms, 500);
	CU_ASSERT_PTR_NULL(s.call.data.data);
	forget(&s);
	rig_close(&rig);
}

TEST(a_full_lane_refuses)
{
	struct said s[4] = {{.done = 0}};
	unsigned refused = 0;

	rig_open(&rig, &(struct rig_spec){.queue_max = 1});
	rig_ask(&rig, &(struct words){.id = "m1"});
	for (size_t i = 0; i < 4; i++) {
		say(&s[i], PAL_STORED_GET, "m1");
		refused += s[i].done && s[i].call.code == PAL_E_SERVICE;
	}
	CU_ASSERT(refused > 0);
	for (size_t i = 0; i < 4; i++) {
		heard(&s[i]);
		forget(&s[i]);
	}
	rig_close(&rig);
}

static void write_delivery(const char *home, int64_t sequence, const char *body)
{
	char id[PAL_DELIVERY_ID_SIZE];
	struct pal_record_write write = {
		.tenant = {1},
		.record = {.kind = PAL_DELIVERY_KIND,
			   .id = pal_delivery_id(pal_str(home), sequence, id),
			   .owner = pal_str(home),
			   .body = pal_str(body),
			   .created_ms = sequence},
		.expected = PAL_RECORD_ANY};
	struct pal_record_write *writes = &write;

	pal_store_write_records(rig.script.memory, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
}

static enum pal_delivery_status status_in(const struct pal_deliveries *d, int64_t sequence)
{
	const struct pal_exchange x = {.out = {.sequence = sequence},
				       .delivery = {.status = PAL_DELIVERY_SENT}};

	return pal_deliveries_status(d, &x);
}

/* Few are read in one walk, many are looked up one by one; both must say the same. */
TEST(a_page_finds_the_deliveries_of_its_messages_however_many_there_are)
{
	struct pal_deliveries d;
	struct pal_error err;

	begin();
	for (int64_t many = 0; many < 2; many++) {
		for (int64_t i = 1; many && i <= 400; i++)
			write_delivery("c7", 1000 + i, "{\"status\":\"delivered\",\"attempts\":1}");
		write_delivery("c7", 4, "{\"status\":\"read\",\"attempts\":1}");
		write_delivery("c7", 300, "{\"status\":\"failed\",\"attempts\":1}");
		write_delivery("c8", 6, "{\"status\":\"read\",\"attempts\":1}");
		CU_ASSERT_EQUAL(pal_deliveries_load(rig.script.memory, 0,
						    (struct pal_tenant_key){1}, PAL_STR("c7"), 1,
						    20, &d, &err),
				PAL_OK);
		CU_ASSERT_EQUAL(status_in(&d, 4), PAL_DELIVERY_READ);
		CU_ASSERT_EQUAL(status_in(&d, 6), PAL_DELIVERY_SENT);
		CU_ASSERT_EQUAL(status_in(&d, 300), PAL_DELIVERY_SENT);	/* beyond the page */
		CU_ASSERT_EQUAL(pal_deliveries_load(rig.script.memory, 0,
						    (struct pal_tenant_key){1}, PAL_STR("c7"), 281,
						    310, &d,
						    &err), PAL_OK);
		CU_ASSERT_EQUAL(status_in(&d, 300), PAL_DELIVERY_FAILED);
		CU_ASSERT_EQUAL(status_in(&d, 4), PAL_DELIVERY_SENT);
	}
	CU_ASSERT_EQUAL(pal_deliveries_load(rig.script.memory, 0, (struct pal_tenant_key){2}, PAL_STR("c7"), 1,
					    20, &d, &err), PAL_OK);
	CU_ASSERT_EQUAL(status_in(&d, 4), PAL_DELIVERY_SENT);	/* another tenant's */
	rig_close(&rig);
}

SUITE(stored_message, CASE(b64_a_status_moves_forward_and_fails_only_on_the_way),
      CASE(a_delivery_reads_back_and_a_foreign_body_is_a_first_sending),
      CASE(who_writes_at_the_same_time_loses_nothing), CASE(a_retry_is_for_what_failed),
      CASE(metadata_that_grows_too_large_is_refused), CASE(a_store_in_trouble_says_so_once),
      CASE(a_full_lane_refuses),
      CASE(a_page_finds_the_deliveries_of_its_messages_however_many_there_are))
