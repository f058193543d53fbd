/* SPDX-License-Identifier: Apache-2.0 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/flow.h"
#include "http/harness.h"
#include "suite.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define PIECE (64u << 10)
#define LONG 1000u	/* pieces: far more than kernels hold for one connection */

/* One answer at a time: /inside/N and /after/N send N pieces, begun in the handler or after it. */
static struct sender {
	struct pal_http_flow flow;
	struct pal_loop_job job;
	struct pal_http_exchange *exchange;
	size_t piece;			/* bytes of each */
	unsigned count;			/* pieces to send */
	unsigned abort_at;		/* break off when that many were put; 0: never */
	atomic_uint put;
	atomic_bool ended, was_left;	/* the client had left */
} sender;

static char byte_at(size_t i)
{
	return (char)('a' + i % 23);
}

static void fill(struct pal_buf *piece)
{
	size_t from = atomic_load(&sender.put) * sender.piece;
	char *at = pal_buf_reserve(piece, sender.piece);

	for (size_t i = 0; i < sender.piece; i++)
		at[i] = byte_at(from + i);
	piece->len = sender.piece;
}

static void more(struct pal_http_flow *flow)
{
	struct pal_buf piece = pal_buf_of(0);

	if (!pal_http_exchange_is_live(sender.exchange))
		atomic_store(&sender.was_left, true);
	if (sender.abort_at && atomic_load(&sender.put) == sender.abort_at) {
		pal_http_flow_abort(flow);
		atomic_store(&sender.ended, true);
	} else if (atomic_load(&sender.put) < sender.count && !atomic_load(&sender.was_left)) {
		fill(&piece);
		atomic_fetch_add(&sender.put, 1);
		pal_http_flow_put(flow, &piece);
	} else {
		pal_http_flow_end(flow, &piece);
		atomic_store(&sender.ended, true);
	}
}

static void begin(struct pal_loop_job *job)
{
	(void)job;
	sender.flow.more = more;
	pal_http_flow_begin(sender.exchange, 200, "text/plain", &sender.flow);
	more(&sender.flow);
}

static void on_flow(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)app;
	if (pal_str_equal(request->path, PAL_STR("/small"))) {
		pal_http_respond(exchange, 200, "text/plain", PAL_STR("small"));
		return;
	}
	sender.exchange = exchange;
	sender.job.run = begin;
	if (pal_str_equal(request->path, PAL_STR("/inside")))
		begin(&sender.job);
	else
		pal_loop_post(pal_http_exchange_loop(exchange), &sender.job);
}

static void start(struct harness *h, unsigned count, size_t piece)
{
	memset(&sender, 0, sizeof(sender));
	sender.count = count;
	sender.piece = piece;
	harness_init(h);
	h->options.handler = on_flow;
	harness_start(h);
}

static void await_flag(atomic_bool *flag)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < 20000 && !atomic_load(flag); i++)
		nanosleep(&pause, NULL);
	CU_ASSERT_TRUE_FATAL(atomic_load(flag));
}

/* Until the sender has put nothing more between two rounds of the loop, twice: the kernel is full. */
static void await_standstill(struct harness *h)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	unsigned still = 0, before = 0;

	for (int i = 0; i < 1000 && still < 10; i++) {
		harness_let_read(h);
		unsigned now = atomic_load(&sender.put);
		still = now == before && now ? still + 1 : 0;
		before = now;
		nanosleep(&pause, NULL);
	}
	CU_ASSERT_EQUAL_FATAL(still, 10);
}

static bool read_all(int fd, char *out, size_t n)
{
	for (ssize_t got; n; out += got, n -= (size_t)got) {
		got = recv(fd, out, n, 0);
		if (got <= 0)
			return false;
	}
	return true;
}

/* Read one line, its end included; its length, 0 when the connection ended. */
static size_t read_line(int fd, char *line, size_t size)
{
	for (size_t n = 0; n + 1 < size && read_all(fd, line + n, 1); ) {
		line[++n] = '\0';
		if (line[n - 1] == '\n')
			return n;
	}
	return 0;
}

/* Read a head; it is left in `head`. */
static void read_head(int fd, char *head, size_t size)
{
	size_t n = 0;

	head[0] = '\0';
	while (!strstr(head, "\r\n\r\n")) {
		size_t line = read_line(fd, head + n, size - n);
		CU_ASSERT_FATAL(line > 0);
		n += line;
	}
}

/* Read chunks to the last one and check every byte: how many, or -1 when it broke off. */
static long read_chunks(int fd)
{
	static char bytes[PIECE];
	char line[64];
	size_t sum = 0;

	while (read_line(fd, line, sizeof(line))) {
		size_t n = strtoul(line, NULL, 16);
		CU_ASSERT_FATAL(n <= sizeof(bytes));
		if (n == 0)
			return read_line(fd, line, sizeof(line)) == 2 ? (long)sum : -1;
		if (!read_all(fd, bytes, n) || read_line(fd, line, sizeof(line)) != 2)
			return -1;
		for (size_t i = 0; i < n; i++)
			if (bytes[i] != byte_at(sum + i))
				return -2;
		sum += n;
	}
	return -1;
}

static void check_flow(const char *request, unsigned count, size_t piece)
{
	struct harness h;
	char head[2048];

	start(&h, count, piece);
	int fd = client_connect(h.port);
	client_send(fd, request);
	read_head(fd, head, sizeof(head));
	CU_ASSERT_PTR_NOT_NULL(strstr(head, "\r\nTransfer-Encoding: chunked\r\n"));
	CU_ASSERT_PTR_NULL(strstr(head, "Content-Length"));
	CU_ASSERT_EQUAL(read_chunks(fd), (long)(count * piece));
	client_send(fd, GET("/small"));	/* the connection goes on */
	CU_ASSERT(client_expect(fd, 200, "small"));
	close(fd);
	harness_stop(&h);
}

TEST(a_flow_arrives_whole_and_the_connection_goes_on)
{
	check_flow(GET("/inside"), 3, 10);
	check_flow(GET("/after"), 3, 10);
	check_flow(GET("/inside"), 0, 10);
	check_flow(GET("/after"), 0, 10);
	check_flow(GET("/inside"), 200, PIECE);
	check_flow(GET("/after"), 200, PIECE);
	check_flow(GET("/after"), 20, 17000);
}

TEST(an_empty_piece_does_not_end_the_body)
{
	check_flow(GET("/inside"), 3, 0);
	check_flow(GET("/after"), 3, 0);
}

TEST(http_1_0_reads_until_the_connection_closes)
{
	struct harness h;
	char head[2048];
	static char bytes[3 * 1000];

	start(&h, 3, 1000);
	int fd = client_connect(h.port);
	client_send(fd, "GET /after HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
	read_head(fd, head, sizeof(head));
	CU_ASSERT_PTR_NULL(strstr(head, "Transfer-Encoding"));
	CU_ASSERT_PTR_NULL(strstr(head, "Content-Length"));
	CU_ASSERT_PTR_NOT_NULL(strstr(head, "\r\nConnection: close\r\n"));
	CU_ASSERT(read_all(fd, bytes, sizeof(bytes)));
	for (size_t i = 0; i < sizeof(bytes); i++)
		CU_ASSERT_EQUAL_FATAL(bytes[i], byte_at(i));
	CU_ASSERT(client_sees_end(fd));
	close(fd);
	harness_stop(&h);
}

TEST(head_gets_no_body)
{
	struct harness h;
	char head[2048];

	start(&h, 3, 1000);
	int fd = client_connect(h.port);
	client_send(fd, "HEAD /after HTTP/1.1\r\nHost: a\r\n\r\n");
	read_head(fd, head, sizeof(head));
	client_send(fd, GET("/small"));
	CU_ASSERT(client_expect(fd, 200, "small"));
	close(fd);
	harness_stop(&h);
}

TEST(what_is_pipelined_behind_a_flow_waits_for_its_end)
{
	struct harness h;
	char head[2048];

	start(&h, 100, PIECE);
	int fd = client_connect(h.port);
	client_send(fd, GET("/inside") GET("/small") GET("/small"));
	read_head(fd, head, sizeof(head));
	CU_ASSERT_EQUAL(read_chunks(fd), (long)(100 * PIECE));
	CU_ASSERT(client_expect(fd, 200, "small"));
	CU_ASSERT(client_expect(fd, 200, "small"));
	close(fd);
	harness_stop(&h);
}

TEST(a_reader_that_stops_stops_the_sender)
{
	struct harness h;
	char head[2048];

	start(&h, LONG, PIECE);
	int fd = client_connect(h.port);
	client_send(fd, GET("/after"));
	await_standstill(&h);
	CU_ASSERT(atomic_load(&sender.put) < LONG);
	read_head(fd, head, sizeof(head));
	CU_ASSERT_EQUAL(read_chunks(fd), (long)LONG * (long)PIECE);
	await_flag(&sender.ended);
	CU_ASSERT_FALSE(atomic_load(&sender.was_left));
	close(fd);
	harness_stop(&h);
}

TEST(a_client_that_leaves_ends_the_flow)
{
	struct harness h;

	start(&h, LONG, PIECE);
	int fd = client_connect(h.port);
	client_send(fd, GET("/after"));
	await_standstill(&h);
	close(fd);
	await_flag(&sender.ended);
	CU_ASSERT(atomic_load(&sender.was_left));
	CU_ASSERT(atomic_load(&sender.put) < LONG);
	CU_ASSERT(harness_await_connections(&h, 0));
	harness_stop(&h);
}

TEST(a_client_that_takes_nothing_for_long_is_cut_off)
{
	struct harness h;

	start(&h, LONG, PIECE);
	int fd = client_connect(h.port);
	client_send(fd, GET("/after"));
	await_standstill(&h);
	pal_clock_fake_advance_ms(&h.clock, h.options.write_ms + 1);
	CU_ASSERT(harness_await_connections(&h, 0));
	await_flag(&sender.ended);
	CU_ASSERT(atomic_load(&sender.was_left));
	close(fd);
	harness_stop(&h);
}

TEST(a_server_that_ends_drops_a_flow_that_waits)
{
	struct harness h;

	start(&h, LONG, PIECE);
	int fd = client_connect(h.port);
	client_send(fd, GET("/after"));
	await_standstill(&h);
	harness_stop(&h);	/* leaks and stale jobs are the sanitizer's to find */
	CU_ASSERT_FALSE(atomic_load(&sender.ended));
	close(fd);
}

static void check_broken_off(const char *request, unsigned after)
{
	struct harness h;
	char head[2048];

	start(&h, LONG, PIECE);
	sender.abort_at = after;
	int fd = client_connect(h.port);
	client_send(fd, request);
	read_head(fd, head, sizeof(head));
	CU_ASSERT_EQUAL(read_chunks(fd), -1);
	CU_ASSERT(client_sees_end(fd));
	await_flag(&sender.ended);
	close(fd);
	harness_stop(&h);
}

TEST(a_sender_that_fails_leaves_the_body_unfinished)
{
	check_broken_off(GET("/after"), 2);
	check_broken_off(GET("/inside"), 50);
}

SUITE(flow, CASE(a_flow_arrives_whole_and_the_connection_goes_on),
      CASE(an_empty_piece_does_not_end_the_body), CASE(http_1_0_reads_until_the_connection_closes),
      CASE(head_gets_no_body), CASE(what_is_pipelined_behind_a_flow_waits_for_its_end),
      CASE(a_reader_that_stops_stops_the_sender), CASE(a_client_that_leaves_ends_the_flow),
      CASE(a_client_that_takes_nothing_for_long_is_cut_off),
      CASE(a_server_that_ends_drops_a_flow_that_waits),
      CASE(a_sender_that_fails_leaves_the_body_unfinished))
