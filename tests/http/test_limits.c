/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines, caps, drain and the shortage of descriptors. Time is the test's own: it stands
 * still. */
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "http/harness.h"
#include "suite.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void start(struct harness *h)
{
	harness_init(h);
	harness_start(h);
}

/* Connect and have one request answered, so that the server has surely seen the connection. */
static int connect_served(struct harness *h)
{
	int fd = client_connect(h->port);

	client_send(fd, GET("/text/x"));
	CU_ASSERT(client_expect(fd, 200, "x"));
	return fd;
}

/* --- Deadlines -------------------------------------------------------------------------------- */

TEST(a_slow_head_gets_408_after_10_s_and_a_younger_one_does_not)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int slow = connect_served(&h), young = connect_served(&h);

	client_send(slow, "GET /text/a HTTP/1.1\r\nHost:");
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 5000);
	client_send(young, "GET /text/a HTTP/1.1\r\nHost:");
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 5000);
	CU_ASSERT(client_read(slow, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 408);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"REQUEST_TIMEOUT\""));
	reply_deinit(&reply);
	CU_ASSERT(client_sees_end(slow));
	client_send(young, " a\r\n\r\n");
	CU_ASSERT(client_expect(young, 200, "a"));
	close(slow);
	close(young);
	harness_stop(&h);
}

TEST(bytes_trickling_in_do_not_prolong_the_head)
{
	struct harness h;
	start(&h);
	int fd = connect_served(&h);

	client_send(fd, "GET /text/a HTTP/1.1\r\n");
	for (int i = 0; i < 10; i++) {
		harness_let_read(&h);
		pal_clock_fake_advance_ms(&h.clock, 1000);
		send(fd, "X", 1, MSG_NOSIGNAL);
	}
	CU_ASSERT(client_expect(fd, 408, NULL));
	close(fd);
	harness_stop(&h);
}

TEST(a_connection_that_says_nothing_is_closed_without_a_word)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	CU_ASSERT(harness_await_connections(&h, 1));
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 10000);
	CU_ASSERT(client_sees_end(fd));
	CU_ASSERT(harness_await_connections(&h, 0));
	close(fd);
	harness_stop(&h);
}

TEST(a_slow_body_gets_408_after_30_s_in_all)
{
	struct harness h;
	harness_init(&h);
	h.options.body_rate_min = 0;
	harness_start(&h);
	int slow = connect_served(&h), other = connect_served(&h);

	client_send(slow, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 20000);
	client_send(other, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 10000);
	CU_ASSERT(client_expect(slow, 408, NULL));
	CU_ASSERT(client_sees_end(slow));
	client_send(other, "cd");
	CU_ASSERT(client_expect(other, 200, "abcd"));
	close(slow);
	close(other);
	harness_stop(&h);
}

TEST(a_body_below_the_least_rate_gets_408_after_the_grace)
{
	struct harness h;
	char body[4000];
	harness_init(&h);
	h.options.body_rate_min = 500;
	harness_start(&h);
	int slow = connect_served(&h), fair = connect_served(&h);

	memset(body, 'b', sizeof(body));
	client_send(slow, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n");
	client_send_bytes(slow, body, 2400);
	client_send(fair, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n");
	client_send_bytes(fair, body, 2600);
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 5000);	/* 480 and 520 bytes a second */
	CU_ASSERT(client_expect(slow, 408, NULL));
	client_send_bytes(fair, body, 1400);
	CU_ASSERT(client_expect(fair, 200, NULL));
	close(slow);
	close(fair);
	harness_stop(&h);
}

TEST(an_idle_connection_is_closed_after_the_keep_alive_time)
{
	struct harness h;
	start(&h);
	int idle = connect_served(&h), busy = connect_served(&h);

	pal_clock_fake_advance_ms(&h.clock, 60000);
	client_send(busy, GET("/text/x"));
	CU_ASSERT(client_expect(busy, 200, "x"));
	pal_clock_fake_advance_ms(&h.clock, 15000);
	CU_ASSERT(client_sees_end(idle));
	client_send(busy, GET("/text/y"));
	CU_ASSERT(client_expect(busy, 200, "y"));
	close(idle);
	close(busy);
	harness_stop(&h);
}

TEST(a_client_that_does_not_read_is_cut_after_the_write_time)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/big"));
	CU_ASSERT(harness_await_connections(&h, 1));
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 30000);
	CU_ASSERT(harness_await_connections(&h, 0));
	CU_ASSERT_FALSE(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 200);	/* it had begun */
	reply_deinit(&reply);
	close(fd);
	harness_stop(&h);
}

TEST(a_handler_may_take_its_time)
{
	struct harness h;
	start(&h);
	int fd = connect_served(&h), idle = connect_served(&h);

	client_send(fd, GET("/later"));
	harness_await_held(1);
	pal_clock_fake_advance_ms(&h.clock, 3600000);
	CU_ASSERT(client_sees_end(idle));	/* the sweep has been there */
	harness_release("late");
	CU_ASSERT(client_expect(fd, 200, "late"));
	close(fd);
	close(idle);
	harness_stop(&h);
}

TEST(a_refused_client_is_read_on_for_a_while_only)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "nonsense\r\n\r\n");
	CU_ASSERT(client_expect(fd, 400, NULL));
	CU_ASSERT(client_sees_end(fd));		/* it has stopped writing ... */
	CU_ASSERT_EQUAL(pal_http_server_connections(h.server), 1);	/* ... but still reads */
	client_send(fd, "more that is thrown away");
	harness_let_read(&h);
	pal_clock_fake_advance_ms(&h.clock, 2000);
	CU_ASSERT(harness_await_connections(&h, 0));
	close(fd);
	harness_stop(&h);
}

/* --- Caps ------------------------------------------------------------------------------------- */

static void check_turned_away(struct harness *h)
{
	struct reply reply;
	int fd = client_connect(h->port);

	client_send(fd, GET("/text/x"));
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 503);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nRetry-After: 1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"SERVICE_UNAVAILABLE\""));
	CU_ASSERT_EQUAL(reply.body[reply.body_len - 1], '}');
	CU_ASSERT(client_sees_end(fd));
	reply_deinit(&reply);
	close(fd);
}

TEST(one_connection_too_many_is_turned_away_and_a_freed_place_is_taken)
{
	struct harness h;
	harness_init(&h);
	h.options.connections_max = 2;
	harness_start(&h);
	int one = connect_served(&h), two = connect_served(&h);

	check_turned_away(&h);
	check_turned_away(&h);
	CU_ASSERT_EQUAL(pal_http_server_connections(h.server), 2);
	close(one);
	CU_ASSERT(harness_await_connections(&h, 1));
	one = connect_served(&h);
	close(one);
	close(two);
	harness_stop(&h);
}

TEST(one_address_cannot_take_more_than_its_share)
{
	struct harness h;
	harness_init(&h);
	h.options.connections_per_address_max = 1;
	harness_start(&h);
	int one = connect_served(&h);

	check_turned_away(&h);
	close(one);
	CU_ASSERT(harness_await_connections(&h, 0));
	one = connect_served(&h);
	close(one);
	harness_stop(&h);
}

static bool is_not_on_loopback(const struct pal_http_peer *peer, void *app)
{
	(void)app;
	return peer->address[12] != 127;
}

static bool is_on_loopback(const struct pal_http_peer *peer, void *app)
{
	return !is_not_on_loopback(peer, app);
}

TEST(the_share_of_an_exempt_address_is_not_capped)
{
	struct harness h;
	harness_init(&h);
	h.options.connections_per_address_max = 1;
	h.options.is_exempt = is_on_loopback;
	harness_start(&h);
	int one = connect_served(&h), two = connect_served(&h);

	close(one);
	close(two);
	CU_ASSERT(harness_await_connections(&h, 0));
	harness_stop(&h);
}

TEST(the_exemption_of_others_is_no_help)
{
	struct harness h;
	harness_init(&h);
	h.options.connections_per_address_max = 1;
	h.options.is_exempt = is_not_on_loopback;
	harness_start(&h);
	int one = connect_served(&h);

	check_turned_away(&h);
	close(one);
	harness_stop(&h);
}

TEST(tuned_limits_hold_for_connections_already_open)
{
	struct harness h;
	start(&h);
	int idle = connect_served(&h), other = connect_served(&h);
	struct pal_http_options options = h.options;

	options.keep_alive_ms = 1000;
	options.connections_max = 2;
	options.limits.body_bytes = 3;
	pal_http_server_tune(h.server, &options);
	pal_http_server_tune(h.server, &options);	/* at once again: nothing is posted twice */
	harness_let_read(&h);
	check_turned_away(&h);
	client_send(other, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd");
	CU_ASSERT(client_expect(other, 413, NULL));
	pal_clock_fake_advance_ms(&h.clock, 1000);
	CU_ASSERT(client_sees_end(idle));
	close(idle);
	close(other);
	harness_stop(&h);
}

/* --- Shortage of descriptors ------------------------------------------------------------------ */

#define CLIENTS 120
#define DESCRIPTORS 64

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* In the child: serve with few descriptors until told to end; exit 0 when little CPU was used. */
static void serve_starved(int to_parent, int from_parent)
{
	struct harness h;
	struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
	char c;

	harness_init(&h);
	h.options.clock = NULL;
	harness_start(&h);
	setrlimit(RLIMIT_NOFILE, &limit);
	double before = cpu_seconds();
	if (write(to_parent, &h.port, sizeof(h.port)) != sizeof(h.port) ||
	    read(from_parent, &c, 1) != 1)
		_exit(2);
	double used = cpu_seconds() - before;
	harness_stop(&h);
	_exit(used < 0.25 ? 0 : 3);	/* a spinning listener burns all of the second and more */
}

/* Of 120 clients on 64 descriptors those that got in are served, again and again; the others see an
 * end or wait in the queue, and get in once there is room. */
TEST(running_out_of_descriptors_neither_spins_nor_ends_the_service)
{
	int up[2], down[2], fds[CLIENTS], status = -1;
	uint16_t port = 0;
	const struct timespec second = {.tv_sec = 1, .tv_nsec = 200000000};
	CU_ASSERT_FATAL(pipe(up) == 0 && pipe(down) == 0);
	pid_t child = fork();

	if (child == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(2);
		serve_starved(up[1], down[0]);
	}
	CU_ASSERT_EQUAL_FATAL(read(up[0], &port, sizeof(port)), sizeof(port));
	for (int i = 0; i < CLIENTS; i++)
		fds[i] = client_connect(port);
	client_send(fds[0], GET("/text/in"));
	CU_ASSERT(client_expect(fds[0], 200, "in"));
	nanosleep(&second, NULL);	/* time for the listener to spin, if it would */
	client_send(fds[0], GET("/text/still"));
	CU_ASSERT(client_expect(fds[0], 200, "still"));
	for (int i = 0; i < CLIENTS; i++)
		close(fds[i]);
	int late = client_connect(port);	/* waits in the queue until the listener wakes */
	client_send(late, GET("/text/late"));
	CU_ASSERT(client_expect(late, 200, "late"));
	close(late);
	CU_ASSERT_EQUAL(write(down[1], "x", 1), 1);
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		close(up[i]);
		close(down[i]);
	}
}

/* --- Drain and stop --------------------------------------------------------------------------- */

static void on_drained(void *arg)
{
	atomic_bool *drained = arg;

	atomic_store(drained, true);
}

TEST(a_drain_answers_what_is_in_flight_and_closes_the_rest)
{
	struct harness h;
	struct reply reply;
	atomic_bool drained = false;
	harness_init(&h);
	h.loop_count = 2;
	harness_start(&h);
	int idle = connect_served(&h), held = connect_served(&h), part = connect_served(&h);

	client_send(held, GET("/later"));
	harness_await_held(1);
	client_send(part, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
	harness_let_read(&h);
	pal_http_server_drain(h.server, on_drained, &drained);
	harness_let_read(&h);
	CU_ASSERT(client_sees_end(idle));
	client_send(part, "cd");
	CU_ASSERT(client_read(part, &reply, true));
	CU_ASSERT_STRING_EQUAL(reply.body, "abcd");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nConnection: close\r\n"));
	reply_deinit(&reply);
	CU_ASSERT(client_sees_end(part));
	CU_ASSERT_FALSE(atomic_load(&drained));
	harness_release("last");
	CU_ASSERT(client_read(held, &reply, true));
	CU_ASSERT_STRING_EQUAL(reply.body, "last");
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nConnection: close\r\n"));
	reply_deinit(&reply);
	CU_ASSERT(client_sees_end(held));
	CU_ASSERT(harness_await_connections(&h, 0));
	harness_let_read(&h);
	CU_ASSERT_TRUE(atomic_load(&drained));
	close(idle);
	close(held);
	close(part);
	harness_stop(&h);
}

TEST(a_draining_server_takes_no_connections)
{
	struct harness h;
	atomic_bool drained = false;
	start(&h);

	pal_http_server_drain(h.server, on_drained, &drained);
	harness_let_read(&h);
	CU_ASSERT_TRUE(atomic_load(&drained));
	struct harness other;
	harness_init(&other);	/* the port is free again: another server may have it */
	harness_start(&other);
	int fd = connect_served(&other);
	close(fd);
	harness_stop(&other);
	harness_stop(&h);
}

TEST(a_stop_cuts_everything_and_late_answers_are_harmless)
{
	struct harness h;
	atomic_bool drained = false;
	start(&h);
	int held = connect_served(&h), idle = connect_served(&h);

	client_send(held, GET("/later"));
	harness_await_held(1);
	pal_http_server_drain(h.server, on_drained, &drained);
	pal_http_server_stop(h.server);
	CU_ASSERT(client_sees_end(held));
	CU_ASSERT(client_sees_end(idle));
	harness_release("too late");
	CU_ASSERT_TRUE(atomic_load(&drained));
	close(held);
	close(idle);
	harness_stop(&h);
}

TEST(exchanges_nobody_answered_are_freed_with_the_server)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/later"));
	harness_await_held(1);
	harness_stop(&h);	/* a leak would show under the address sanitizer */
	CU_ASSERT(client_sees_end(fd));
	close(fd);
}

TEST(a_port_another_server_has_is_refused)
{
	struct harness h;
	struct pal_http_server *second = NULL;
	struct pal_http_listener listener = {.address = "127.0.0.1"};
	struct pal_loop *loop;
	struct pal_error err = {0};
	start(&h);
	struct pal_http_options options = h.options;

	CU_ASSERT_EQUAL_FATAL(pal_loop_create(9, &loop, &err), PAL_OK);
	listener.port = h.port;
	options.listeners = &listener;
	CU_ASSERT_EQUAL(pal_http_server_create(&options, &loop, 1, &second, &err), PAL_E_SERVICE);
	CU_ASSERT_PTR_NULL(second);
	CHECK_STR(err.subject, "127.0.0.1");
	listener.address = "localhost";
	CU_ASSERT_EQUAL(pal_http_server_create(&options, &loop, 1, &second, &err), PAL_E_CONFIG);
	CHECK_STR(err.subject, "localhost");
	pal_loop_destroy(loop);
	int fd = connect_served(&h);
	close(fd);
	harness_stop(&h);
}

/* --- Several loops, memory -------------------------------------------------------------------- */

static atomic_uint served_by[HARNESS_LOOPS_MAX];

static void on_count(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		     void *app)
{
	(void)request;
	(void)app;
	CU_ASSERT_PTR_EQUAL(pal_http_exchange_loop(exchange), pal_loop_current());
	atomic_fetch_add(&served_by[pal_loop_index(pal_loop_current())], 1);
	pal_http_respond(exchange, 200, NULL, PAL_STR("x"));
}

TEST(connections_spread_over_the_loops)
{
	struct harness h;
	int fds[64];
	harness_init(&h);
	h.loop_count = 2;
	h.options.handler = on_count;
	harness_start(&h);

	for (int i = 0; i < 64; i++) {
		fds[i] = client_connect(h.port);
		client_send(fds[i], GET("/"));
		CU_ASSERT(client_expect(fds[i], 200, "x"));
	}
	/* The kernel hashes addresses and ports; all 64 on one side has a chance of 2^-63. */
	CU_ASSERT(atomic_load(&served_by[0]) > 0);
	CU_ASSERT(atomic_load(&served_by[1]) > 0);
	CU_ASSERT_EQUAL(atomic_load(&served_by[0]) + atomic_load(&served_by[1]), 64);
	for (int i = 0; i < 64; i++)
		close(fds[i]);
	harness_stop(&h);
}

#define IDLE 1000

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static size_t heap_in_use(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}
#endif

TEST(an_idle_connection_holds_no_buffers)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	CU_PASS("the sanitizer's allocator cannot be measured");
#else
	struct harness h;
	int fds[IDLE];
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	start(&h);

	fds[0] = connect_served(&h);
	size_t before = heap_in_use();
	for (int i = 1; i < IDLE; i++)
		fds[i] = connect_served(&h);
	size_t each = (heap_in_use() - before) / (IDLE - 1);
	printf("# %zu bytes of heap per idle connection\n", each);
	CU_ASSERT(each <= 1024);
	for (int i = 0; i < IDLE; i++)
		close(fds[i]);
	harness_stop(&h);
#endif
}

SUITE(limits, CASE(a_slow_head_gets_408_after_10_s_and_a_younger_one_does_not),
      CASE(bytes_trickling_in_do_not_prolong_the_head),
      CASE(a_connection_that_says_nothing_is_closed_without_a_word),
      CASE(a_slow_body_gets_408_after_30_s_in_all),
      CASE(a_body_below_the_least_rate_gets_408_after_the_grace),
      CASE(an_idle_connection_is_closed_after_the_keep_alive_time),
      CASE(a_client_that_does_not_read_is_cut_after_the_write_time),
      CASE(a_handler_may_take_its_time), CASE(a_refused_client_is_read_on_for_a_while_only),
      CASE(one_connection_too_many_is_turned_away_and_a_freed_place_is_taken),
      CASE(one_address_cannot_take_more_than_its_share),
      CASE(the_share_of_an_exempt_address_is_not_capped),
      CASE(the_exemption_of_others_is_no_help),
      CASE(tuned_limits_hold_for_connections_already_open),
      CASE(running_out_of_descriptors_neither_spins_nor_ends_the_service),
      CASE(a_drain_answers_what_is_in_flight_and_closes_the_rest),
      CASE(a_draining_server_takes_no_connections),
      CASE(a_stop_cuts_everything_and_late_answers_are_harmless),
      CASE(exchanges_nobody_answered_are_freed_with_the_server),
      CASE(a_port_another_server_has_is_refused),
      CASE(connections_spread_over_the_loops), CASE(an_idle_connection_holds_no_buffers))
