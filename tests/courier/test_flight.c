/* SPDX-License-Identifier: Apache-2.0 */
/* Many requests: connections, caps, threads, and the end. */
#include "courier/courier.h"

#include <pthread.h>
#include <sched.h>

#include "courier/post.h"
#include "suite.h"

static struct office office;
static struct post last;

/* --- Connections ------------------------------------------------------------------------------ */

static void send_and_await(int64_t tenant, const char *path)
{
	post_send(&last, &office, tenant, path, "x");
	post_await(&last);
	CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_ANSWERED);
	post_free(&last);
}

TEST(a_tenant_uses_its_connection_again_and_no_other_tenant_does)
{
	office_init(&office);
	office_open(&office);
	for (int i = 0; i < 10; i++) {
		send_and_await(1, "/ok");
		send_and_await(2, "/ok");
		send_and_await(3, "/ok");
	}
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 3);
	for (unsigned i = 0; i < 30; i++)
		CU_ASSERT_EQUAL(receiver_request(office.receiver, i)->connection, i % 3 + 1);
	office_close(&office, 1000);
}

TEST(a_tenant_idle_for_too_long_and_one_too_many_lose_their_connections)
{
	office_init(&office);
	office.options.idle_tenants_max = 2;
	office_open(&office);
	send_and_await(1, "/ok");
	send_and_await(2, "/ok");
	send_and_await(3, "/ok");	/* 1 has to go */
	send_and_await(2, "/ok");
	send_and_await(3, "/ok");
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 3);
	send_and_await(1, "/ok");
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 4);
	office_close(&office, 1000);
}

TEST(a_connection_closed_by_the_receiver_is_opened_anew)
{
	office_init(&office);
	office_open(&office);
	send_and_await(1, "/close");
	send_and_await(1, "/ok");
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 2);
	office_close(&office, 1000);
}

/* The end of a kept connection may cross with the next request: it is never sent twice by itself. */
TEST(nothing_is_sent_twice_over_a_connection_that_ends)
{
	office_init(&office);
	office_open(&office);
	for (int i = 0; i < 40; i++) {
		post_send(&last, &office, 1, "/ok", "x");
		post_await(&last);
		CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_ANSWERED);
		post_free(&last);
		unsigned before = receiver_requests(office.receiver);
		post_send(&last, &office, 1, "/reset", "x");	/* on the connection that is open */
		post_await(&last);
		CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_RESET_AFTER);
		CU_ASSERT_FALSE(last.request.answer.new_connection);
		CU_ASSERT_EQUAL(receiver_requests(office.receiver), before + 1);
		post_free(&last);
	}
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 40);
	office_close(&office, 1000);
}

/* --- Many at once ----------------------------------------------------------------------------- */

#define MANY 60

static struct post many[MANY];

static void send_many(size_t from, size_t to, int64_t tenant, const char *path)
{
	for (size_t i = from; i < to; i++)
		post_send(&many[i], &office, tenant, path, "x");
}

static void await_many(size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		post_await(&many[i]);
		post_free(&many[i]);
	}
}

TEST(no_more_are_in_flight_to_a_host_than_allowed)
{
	office_init(&office);
	office.options.max_per_host = 3;
	office_open(&office);
	send_many(0, MANY, 1, "/ok");
	await_many(0, MANY);
	for (size_t i = 0; i < MANY; i++)
		CU_ASSERT_EQUAL(many[i].request.answer.transport, PAL_TRANSPORT_ANSWERED);
	CU_ASSERT(receiver_most_at_once(office.receiver) <= 3);
	CU_ASSERT(receiver_connections(office.receiver) <= 3);
	CU_ASSERT_EQUAL(receiver_requests(office.receiver), MANY);
	office_close(&office, 1000);
}

TEST(an_endless_receiver_holds_its_slots_and_others_go_by)
{
	office_init(&office);
	office.options.max_per_tenant = 2;
	office.options.max_in_flight = 4;
	office.options.total_ms = 1500;
	office_open(&office);
	send_many(0, 6, 1, "/forever");
	send_many(6, MANY, 2, "/ok");
	await_many(6, MANY);
	for (size_t i = 0; i < 6; i++)
		CU_ASSERT_FALSE(post_has_ended(&many[i]));
	for (size_t i = 6; i < MANY; i++)
		CU_ASSERT_EQUAL(many[i].request.answer.transport, PAL_TRANSPORT_ANSWERED);
	await_many(0, 6);
	unsigned timed_out = 0, busy = 0;
	for (size_t i = 0; i < 6; i++) {
		timed_out += many[i].request.answer.transport == PAL_TRANSPORT_TIMEOUT_AFTER;
		busy += many[i].request.answer.transport == PAL_TRANSPORT_BUSY;
	}
	CU_ASSERT(timed_out >= 2 && timed_out + busy == 6);
	CU_ASSERT(receiver_most_at_once(office.receiver) <= 4);
	office_close(&office, 1000);
}

TEST(the_queue_is_bounded_in_all_and_for_each_host)
{
	office_init(&office);
	office.options.queue_max = 8;
	office.options.max_per_host = 1;
	office_open(&office);
	send_many(0, 8, 1, "/hang");
	post_fill(&last, &office, 2, "/ok", "x");
	bool taken = pal_courier_send(office.courier, &last.request);
	if (taken)	/* those that were one too many for the host have ended already */
		post_await(&last), post_free(&last);
	await_many(0, 8);
	unsigned busy = 0;
	for (size_t i = 0; i < 8; i++)
		busy += many[i].request.answer.transport == PAL_TRANSPORT_BUSY;
	CU_ASSERT(busy >= 8 - 1 - 3 - 1);
	while (pal_courier_pending(office.courier) > 0)	/* each is counted until its `done` returned */
		sched_yield();
	office_close(&office, 1000);
}

/* --- The end ---------------------------------------------------------------------------------- */

TEST(stopping_lets_what_is_under_way_end)
{
	office_init(&office);
	office.options.max_per_host = 2;
	office_open(&office);
	send_many(0, 6, 1, "/slow");
	pal_courier_stop(office.courier, 20000);
	for (size_t i = 0; i < 6; i++) {
		CU_ASSERT_TRUE(many[i].ended);
		CU_ASSERT_EQUAL(many[i].request.answer.transport, PAL_TRANSPORT_ANSWERED);
		post_free(&many[i]);
	}
	post_fill(&last, &office, 1, "/ok", "x");
	CU_ASSERT_FALSE(pal_courier_send(office.courier, &last.request));
	pal_courier_destroy(office.courier);
	receiver_stop(office.receiver);
}

static void await_requests(unsigned n)
{
	while (receiver_requests(office.receiver) < n)
		sched_yield();
}

TEST(a_drain_that_is_over_cancels_the_rest)
{
	office_init(&office);
	office.options.max_per_host = 2;
	office.options.total_ms = 30000;
	office_open(&office);
	send_many(0, 6, 1, "/hang");
	await_requests(2);
	pal_courier_stop(office.courier, 50);
	unsigned before = 0, after = 0;
	for (size_t i = 0; i < 6; i++) {
		CU_ASSERT_TRUE(many[i].ended);
		before += many[i].request.answer.transport == PAL_TRANSPORT_CANCELLED_BEFORE;
		after += many[i].request.answer.transport == PAL_TRANSPORT_CANCELLED_AFTER;
	}
	CU_ASSERT_EQUAL(before, 4);
	CU_ASSERT_EQUAL(after, 2);
	pal_courier_destroy(office.courier);
	receiver_stop(office.receiver);
}

TEST(stopping_an_idle_or_unstarted_courier_is_fine)
{
	struct pal_courier *courier = NULL;

	office_init(&office);
	office_open(&office);
	office_close(&office, 60000);
	CU_ASSERT_EQUAL_FATAL(
		pal_courier_create(&(struct pal_courier_options){0}, &courier, NULL), PAL_OK);
	pal_courier_destroy(courier);
	pal_courier_destroy(NULL);
}

/* --- From many threads ------------------------------------------------------------------------ */

#define SENDERS 4
#define EACH 200

static void *send_some(void *arg)
{
	struct post *posts = arg;

	for (int i = 0; i < EACH; i++) {
		post_fill(&posts[i], &office, 1 + i % 3, i % 10 ? "/ok" : "/status/500", "x");
		while (!pal_courier_send(office.courier, &posts[i].request))
			sched_yield();
	}
	return NULL;
}

TEST(many_threads_send_and_every_request_ends_once)
{
	static struct post posts[SENDERS][EACH];
	pthread_t threads[SENDERS];

	office_init(&office);
	office.options.total_ms = 20000;
	office_open(&office);
	for (int t = 0; t < SENDERS; t++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[t], NULL, send_some, posts[t]), 0);
	for (int t = 0; t < SENDERS; t++)
		pthread_join(threads[t], NULL);
	for (int t = 0; t < SENDERS; t++) {
		for (int i = 0; i < EACH; i++) {
			post_await(&posts[t][i]);
			CU_ASSERT_EQUAL(posts[t][i].request.answer.status, i % 10 ? 200 : 500);
			post_free(&posts[t][i]);
		}
	}
	CU_ASSERT_EQUAL(receiver_requests(office.receiver), SENDERS * EACH);
	/* A connection never carried two tenants' requests: each carries one tenant's for life. */
	CU_ASSERT(receiver_connections(office.receiver) <= 3 * 32);
	office_close(&office, 1000);
}

SUITE(flight, CASE(a_tenant_uses_its_connection_again_and_no_other_tenant_does),
      CASE(a_tenant_idle_for_too_long_and_one_too_many_lose_their_connections),
      CASE(a_connection_closed_by_the_receiver_is_opened_anew),
      CASE(nothing_is_sent_twice_over_a_connection_that_ends),
      CASE(no_more_are_in_flight_to_a_host_than_allowed),
      CASE(an_endless_receiver_holds_its_slots_and_others_go_by),
      CASE(the_queue_is_bounded_in_all_and_for_each_host),
      CASE(stopping_lets_what_is_under_way_end), CASE(a_drain_that_is_over_cancels_the_rest),
      CASE(stopping_an_idle_or_unstarted_courier_is_fine),
      CASE(many_threads_send_and_every_request_ends_once))
