/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/harness.h"
#include "suite.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void start(struct harness *h)
{
	harness_init(h);
	harness_start(h);
}

TEST(a_connection_is_kept_alive_for_many_requests)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	for (int i = 0; i < 100; i++) {
		client_send(fd, GET("/text/hello"));
		CU_ASSERT(client_expect(fd, 200, "hello"));
	}
	CU_ASSERT_EQUAL(pal_http_server_connections(h.server), 1);
	close(fd);
	CU_ASSERT(harness_await_connections(&h, 0));
	harness_stop(&h);
}

TEST(the_answer_carries_its_headers)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "GET /text/x HTTP/1.1\r\nHost: a\r\nX-Request-ID: my-id.1\r\n\r\n");
	CU_ASSERT_FATAL(client_read(fd, &reply, true));
	CU_ASSERT_STRING_EQUAL(reply.head, "HTTP/1.1 200 OK\r\n"
					   "Date: Wed, 31 Dec 2025 23:59:59 GMT\r\n"
					   "Content-Type: text/plain\r\n"
					   "Content-Length: 1\r\n"
					   "X-Request-ID: my-id.1\r\n"
					   "X-Processing-Time: 0\r\n\r\n");
	reply_deinit(&reply);
	pal_clock_fake_advance_ms(&h.clock, 1);	/* the cached date is of the next second now */
	client_send(fd, GET("/text/x"));
	CU_ASSERT_FATAL(client_read(fd, &reply, true));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"));
	reply_deinit(&reply);
	close(fd);
	harness_stop(&h);
}

static bool id_is_taken_over(int fd, const char *id)
{
	char request[512], line[256];
	struct reply reply;

	snprintf(request, sizeof(request),
		 "GET /text/x HTTP/1.1\r\nHost: a\r\nX-Request-ID: %s\r\n\r\n", id);
	snprintf(line, sizeof(line), "X-Request-ID: %s\r\n", id);
	client_send(fd, request);
	CU_ASSERT(client_read(fd, &reply, true));
	bool taken = strstr(reply.head, line) != NULL;
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nX-Request-ID: "));
	reply_deinit(&reply);
	return taken;
}

TEST(an_unfit_request_id_is_replaced)
{
	struct harness h;
	char longest[PAL_HTTP_REQUEST_ID_MAX + 2];
	start(&h);
	int fd = client_connect(h.port);

	memset(longest, 'i', sizeof(longest));
	longest[PAL_HTTP_REQUEST_ID_MAX + 1] = '\0';
	CU_ASSERT_FALSE(id_is_taken_over(fd, longest));
	longest[PAL_HTTP_REQUEST_ID_MAX] = '\0';
	CU_ASSERT_TRUE(id_is_taken_over(fd, longest));
	CU_ASSERT_FALSE(id_is_taken_over(fd, "a b"));
	CU_ASSERT_FALSE(id_is_taken_over(fd, "a\"b"));
	CU_ASSERT_FALSE(id_is_taken_over(fd, "\xc3\xa4"));
	close(fd);
	harness_stop(&h);
}

TEST(a_request_may_come_one_byte_at_a_time)
{
	static const char request[] = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
				      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	for (size_t i = 0; i < sizeof(request) - 1; i++)
		client_send_bytes(fd, request + i, 1);
	CU_ASSERT(client_expect(fd, 200, "abcde"));
	close(fd);
	harness_stop(&h);
}

TEST(a_large_body_arrives_whole)
{
	struct harness h;
	struct reply reply;
	size_t n = PAL_HTTP_LIMITS_DEFAULT.body_bytes;
	char head[128], *body = malloc(n);
	start(&h);
	int fd = client_connect(h.port);

	for (size_t i = 0; i < n; i++)
		body[i] = (char)('a' + i % 19);
	snprintf(head, sizeof(head), "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
	client_send(fd, head);
	client_send_bytes(fd, body, n);
	CU_ASSERT_FATAL(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 200);
	CU_ASSERT_EQUAL_FATAL(reply.body_len, n);
	CU_ASSERT_EQUAL(memcmp(reply.body, body, n), 0);
	reply_deinit(&reply);
	free(body);
	close(fd);
	harness_stop(&h);
}

#define MANY 500

TEST(pipelined_requests_are_answered_in_order)
{
	struct harness h;
	char *all = malloc(MANY * 64), *at = all;
	start(&h);
	int fd = client_connect(h.port);

	for (int i = 0; i < MANY; i++)
		at += sprintf(at, "GET /text/%d HTTP/1.1\r\nHost: a\r\n\r\n", i);
	client_send_bytes(fd, all, (size_t)(at - all));
	for (int i = 0; i < MANY; i++) {
		char want[16];
		sprintf(want, "%d", i);
		if (!client_expect(fd, 200, want)) {
			CU_FAIL("out of order");
			break;
		}
	}
	free(all);
	close(fd);
	harness_stop(&h);
}

TEST(a_pipelined_request_waits_for_the_answer_before_it)
{
	struct harness h;
	char c;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/later") GET("/text/second") GET("/later"));
	harness_await_held(1);
	CU_ASSERT_EQUAL(recv(fd, &c, 1, MSG_DONTWAIT), -1);
	client_send(fd, GET("/text/fourth"));
	harness_release("first");
	CU_ASSERT(client_expect(fd, 200, "first"));
	CU_ASSERT(client_expect(fd, 200, "second"));
	harness_await_held(1);
	harness_release("third");
	CU_ASSERT(client_expect(fd, 200, "third"));
	CU_ASSERT(client_expect(fd, 200, "fourth"));
	close(fd);
	harness_stop(&h);
}

/* More than the receive buffer of one request holds: the rest waits in the kernel. */
TEST(a_flood_behind_a_held_request_is_answered_in_the_end)
{
	struct harness h;
	char *all = malloc(MANY * 64), *at = all;
	start(&h);
	int fd = client_connect(h.port);

	at += sprintf(at, GET("/later"));
	for (int i = 1; i < MANY; i++)
		at += sprintf(at, GET("/text/x"));
	client_send_bytes(fd, all, (size_t)(at - all));
	harness_await_held(1);
	harness_release("x");
	for (int i = 0; i < MANY; i++)
		if (!client_expect(fd, 200, "x")) {
			CU_FAIL("an answer is missing");
			break;
		}
	free(all);
	close(fd);
	harness_stop(&h);
}

TEST(http_1_0_closes_unless_asked_to_keep_alive)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "GET /text/a HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Connection: keep-alive\r\n"));
	reply_deinit(&reply);
	client_send(fd, "GET /text/a HTTP/1.0\r\nHost: a\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "Connection: close\r\n"));
	reply_deinit(&reply);
	CU_ASSERT(client_sees_end(fd));
	close(fd);
	harness_stop(&h);
}

TEST(the_client_and_the_handler_can_ask_to_close)
{
	struct harness h;
	start(&h);
	int one = client_connect(h.port), two = client_connect(h.port);

	client_send(one, "GET /text/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/text/b"));
	CU_ASSERT(client_expect(one, 200, "a"));
	CU_ASSERT(client_sees_end(one));
	client_send(two, GET("/close"));
	CU_ASSERT(client_expect(two, 200, NULL));
	CU_ASSERT(client_sees_end(two));
	close(one);
	close(two);
	harness_stop(&h);
}

TEST(head_is_get_without_the_body)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "HEAD /text/hello HTTP/1.1\r\nHost: a\r\n\r\n" GET("/text/next"));
	CU_ASSERT(client_read(fd, &reply, false));
	CU_ASSERT_EQUAL(reply.status, 200);
	CU_ASSERT_EQUAL(reply.body_len, 5);
	reply_deinit(&reply);
	CU_ASSERT(client_expect(fd, 200, "next"));
	close(fd);
	harness_stop(&h);
}

TEST(unknown_paths_methods_and_options_are_answered)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/none"));
	CU_ASSERT(client_expect(fd, 404, NULL));
	client_send(fd, "DELETE /text/x HTTP/1.1\r\nHost: a\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 405);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"METHOD_NOT_ALLOWED\""));
	reply_deinit(&reply);
	client_send(fd, "OPTIONS /echo HTTP/1.1\r\nHost: a\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, false));
	CU_ASSERT_EQUAL(reply.status, 204);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nAllow: POST, OPTIONS\r\n"));
	CU_ASSERT_PTR_NULL(strstr(reply.head, "Content-Length"));
	reply_deinit(&reply);
	client_send(fd, GET("/text/a%zz"));
	CU_ASSERT(client_expect(fd, 400, NULL));
	client_send(fd, GET("/text/a%C3%A4%20b"));
	CU_ASSERT(client_expect(fd, 200, "a\xc3\xa4 b"));
	close(fd);
	harness_stop(&h);
}

/* --- Refusals --------------------------------------------------------------------------------- */

static void check_refusal(struct harness *h, const char *request, int status, const char *code)
{
	struct reply reply;
	char quoted[64];
	int fd = client_connect(h->port);

	client_send(fd, request);
	client_send(fd, GET("/text/never"));
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, status);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nConnection: close\r\n"));
	snprintf(quoted, sizeof(quoted), "\"code\":\"%s\"", code);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, quoted));
	CU_ASSERT(client_sees_end(fd));		/* what came behind the refusal is never answered */
	reply_deinit(&reply);
	close(fd);
}

TEST(a_refused_request_is_answered_once_and_the_connection_ends)
{
	struct harness h;
	start(&h);

	check_refusal(&h, "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "VALIDATION_ERROR");
	check_refusal(&h, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400, "VALIDATION_ERROR");
	check_refusal(&h, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "NOT_IMPLEMENTED");
	check_refusal(&h, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "VERSION_NOT_SUPPORTED");
	check_refusal(&h, "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417, "EXPECTATION_FAILED");
	check_refusal(&h, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n", 413,
		      "PAYLOAD_TOO_LARGE");
	check_refusal(&h, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413,
		      "PAYLOAD_TOO_LARGE");
	check_refusal(&h, "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n",
		      413, "PAYLOAD_TOO_LARGE");
	harness_stop(&h);
}

TEST(a_body_of_the_routes_limit_passes)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
	CU_ASSERT(client_expect(fd, 200, "0123456789"));
	close(fd);
	harness_stop(&h);
}

TEST(a_refusal_keeps_the_id_of_the_request)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, "GET / HTTP/1.1\r\nX-Request-ID: mine\r\nHost: a\r\nbad header\r\n\r\n");
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nX-Request-ID: mine\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"request_id\":\"mine\""));
	reply_deinit(&reply);
	close(fd);
	harness_stop(&h);
}

#define EXPECTING(path, n)                                                                         \
	"POST " path " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " n "\r\n\r\n"

TEST(a_client_that_waits_is_told_to_continue_unless_refused)
{
	struct harness h;
	struct reply reply;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, EXPECTING("/small", "4"));
	CU_ASSERT(client_read(fd, &reply, false));
	CU_ASSERT_STRING_EQUAL(reply.head, "HTTP/1.1 100 Continue\r\n\r\n");
	reply_deinit(&reply);
	client_send(fd, "abcd");
	CU_ASSERT(client_expect(fd, 200, "abcd"));
	client_send(fd, EXPECTING("/small", "4") "efgh");	/* it does not wait: nothing to tell */
	CU_ASSERT(client_expect(fd, 200, "efgh"));
	client_send(fd, EXPECTING("/small", "11"));
	CU_ASSERT(client_expect(fd, 413, NULL));
	close(fd);
	harness_stop(&h);
}

/* --- Clients that leave or are slow to read --------------------------------------------------- */

TEST(an_answer_to_a_client_that_has_left_goes_nowhere)
{
	const struct linger reset = {.l_onoff = 1};
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/later"));
	harness_await_held(1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	CU_ASSERT(harness_await_connections(&h, 0));
	harness_release("nobody reads this");
	fd = client_connect(h.port);	/* and the server goes on */
	client_send(fd, GET("/text/x"));
	CU_ASSERT(client_expect(fd, 200, "x"));
	close(fd);
	harness_stop(&h);
}

TEST(a_client_that_half_closed_still_gets_its_answers)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/later") GET("/text/b") "GET /unfinished");
	shutdown(fd, SHUT_WR);
	harness_await_held(1);
	harness_release("a");
	CU_ASSERT(client_expect(fd, 200, "a"));
	CU_ASSERT(client_expect(fd, 200, "b"));
	CU_ASSERT(client_sees_end(fd));
	close(fd);
	harness_stop(&h);
}

TEST(a_large_answer_waits_for_a_slow_reader_and_arrives_whole)
{
	struct harness h;
	struct reply reply;
	bool right = true;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/big") GET("/text/next"));
	CU_ASSERT_FATAL(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL_FATAL(reply.body_len, HARNESS_BIG);
	for (size_t i = 0; i < HARNESS_BIG && right; i++)
		right = reply.body[i] == (char)('a' + i % 23);
	CU_ASSERT(right);
	reply_deinit(&reply);
	CU_ASSERT(client_expect(fd, 200, "next"));
	close(fd);
	harness_stop(&h);
}

TEST(several_large_answers_in_a_row_keep_their_order)
{
	struct harness h;
	start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/text/a") GET("/big") GET("/text/b") GET("/big") GET("/text/c"));
	CU_ASSERT(client_expect(fd, 200, "a"));
	CU_ASSERT(client_expect(fd, 200, NULL));
	CU_ASSERT(client_expect(fd, 200, "b"));
	CU_ASSERT(client_expect(fd, 200, NULL));
	CU_ASSERT(client_expect(fd, 200, "c"));
	close(fd);
	harness_stop(&h);
}

/* --- Headers of the handler ------------------------------------------------------------------- */

static void on_headers(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	(void)request;
	(void)app;
	CU_ASSERT_TRUE(pal_http_header(exchange, PAL_STR("X-Good"), PAL_STR("a b\tc")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad"), PAL_STR("a\r\nSet-Cookie: b")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad"), PAL_STR("a\nb")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad"), PAL_STR("a\rb")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad"), PAL_STR("a\0b")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad\r\nY"), PAL_STR("a")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X Bad"), PAL_STR("a")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR("X-Bad:"), PAL_STR("a")));
	CU_ASSERT_FALSE(pal_http_header(exchange, PAL_STR(""), PAL_STR("a")));
	pal_http_respond(exchange, 201, NULL, PAL_STR("done"));
}

TEST(a_header_that_would_break_out_of_its_line_is_refused)
{
	struct harness h;
	struct reply reply;
	harness_init(&h);
	h.options.handler = on_headers;
	harness_start(&h);
	int fd = client_connect(h.port);

	client_send(fd, GET("/"));
	CU_ASSERT(client_read(fd, &reply, true));
	CU_ASSERT_EQUAL(reply.status, 201);
	CU_ASSERT_PTR_NOT_NULL(strstr(reply.head, "\r\nX-Good: a b\tc\r\n"));
	CU_ASSERT_PTR_NULL(strcasestr(reply.head, "x-bad"));
	CU_ASSERT_PTR_NULL(strcasestr(reply.head, "cookie"));
	CU_ASSERT_PTR_NULL(strcasestr(reply.head, "content-type"));
	reply_deinit(&reply);
	close(fd);
	harness_stop(&h);
}

SUITE(server, CASE(a_connection_is_kept_alive_for_many_requests),
      CASE(the_answer_carries_its_headers), CASE(an_unfit_request_id_is_replaced),
      CASE(a_request_may_come_one_byte_at_a_time), CASE(a_large_body_arrives_whole),
      CASE(pipelined_requests_are_answered_in_order),
      CASE(a_pipelined_request_waits_for_the_answer_before_it),
      CASE(a_flood_behind_a_held_request_is_answered_in_the_end),
      CASE(http_1_0_closes_unless_asked_to_keep_alive),
      CASE(the_client_and_the_handler_can_ask_to_close), CASE(head_is_get_without_the_body),
      CASE(unknown_paths_methods_and_options_are_answered),
      CASE(a_refused_request_is_answered_once_and_the_connection_ends),
      CASE(a_body_of_the_routes_limit_passes), CASE(a_refusal_keeps_the_id_of_the_request),
      CASE(a_client_that_waits_is_told_to_continue_unless_refused),
      CASE(an_answer_to_a_client_that_has_left_goes_nowhere),
      CASE(a_client_that_half_closed_still_gets_its_answers),
      CASE(a_large_answer_waits_for_a_slow_reader_and_arrives_whole),
      CASE(several_large_answers_in_a_row_keep_their_order),
      CASE(a_header_that_would_break_out_of_its_line_is_refused))
