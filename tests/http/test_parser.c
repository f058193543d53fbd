/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every case is fed whole, one byte at a time, and cut in two at every place; what comes out must
 * be the same each time.
 */
#include "http/parser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define ROOM 131072u

struct fed {
	struct pal_http_parser parser;
	char *data;		/* ROOM bytes */
	size_t len;		/* of what must be presented again, and more */
	enum pal_http_parse got;
	unsigned heads;
	uint64_t body_max;	/* set after the head; 0: leave it */
};

static struct pal_http_limits limits;

/* Present what is there until the parser wants more or is done. */
static void run(struct fed *fed)
{
	while ((fed->got = pal_http_parser_run(&fed->parser, fed->data, fed->len)) ==
	       PAL_HTTP_PARSE_HEAD) {
		fed->heads++;
		if (fed->body_max)
			pal_http_parser_set_body_max(&fed->parser, fed->body_max);
	}
	if (fed->got == PAL_HTTP_PARSE_MORE)
		fed->len = pal_http_parser_kept(&fed->parser);
}

/* Feed `n` bytes in pieces of first `first`, then `step`; returns how many belong to the request
 * when it was accepted, else 0. */
static size_t feed(struct fed *fed, const char *bytes, size_t n, size_t first, size_t step)
{
	size_t at = 0, piece = first;

	pal_http_parser_init(&fed->parser, &limits);
	memset(fed->data, '#', ROOM);
	fed->len = 0;
	fed->heads = 0;
	fed->got = PAL_HTTP_PARSE_MORE;
	while (at < n && fed->got == PAL_HTTP_PARSE_MORE) {
		if (piece > n - at)
			piece = n - at;
		memcpy(fed->data + fed->len, bytes + at, piece);
		fed->len += piece;
		at += piece;
		piece = step;
		run(fed);
	}
	return fed->got == PAL_HTTP_PARSE_DONE ? at - (fed->len - fed->parser.at) : 0;
}

static bool same_span(const struct fed *a, struct pal_http_span x, const struct fed *b,
		      struct pal_http_span y)
{
	return pal_str_equal(pal_http_span_str(a->data, x), pal_http_span_str(b->data, y));
}

static bool same_fields(const struct fed *a, const struct fed *b)
{
	for (unsigned i = 0; i < a->parser.field_count; i++)
		if (!same_span(a, a->parser.field[i].name, b, b->parser.field[i].name) ||
		    !same_span(a, a->parser.field[i].value, b, b->parser.field[i].value))
			return false;
	return memcmp(a->parser.known, b->parser.known, sizeof(a->parser.known)) == 0;
}

static bool same(const struct fed *a, const struct fed *b)
{
	const struct pal_http_parser *p = &a->parser, *q = &b->parser;

	if (a->got != b->got || a->heads != b->heads || p->status != q->status)
		return false;
	if (a->got != PAL_HTTP_PARSE_DONE)
		return true;
	return p->method == q->method && p->version_minor == q->version_minor &&
	       p->keep_alive == q->keep_alive && p->upgrade == q->upgrade &&
	       p->expects_continue == q->expects_continue && p->field_count == q->field_count &&
	       same_span(a, p->target, b, q->target) && same_span(a, p->path, b, q->path) &&
	       same_span(a, p->query, b, q->query) && same_fields(a, b) &&
	       pal_str_equal(pal_http_parser_body(p, a->data), pal_http_parser_body(q, b->data));
}

/* Feed in every way; the outcome of the first stays in `fed`. False when two ways differ. */
static bool feed_all_ways(struct fed *fed, const char *bytes, size_t n)
{
	struct fed other = {.data = malloc(ROOM), .body_max = fed->body_max};
	size_t used = feed(fed, bytes, n, n, n);
	bool ok = feed(&other, bytes, n, 1, 1) == used && same(fed, &other);

	for (size_t cut = 1; cut < n && ok; cut++)
		ok = feed(&other, bytes, n, cut, n) == used && same(fed, &other);
	free(other.data);
	return ok;
}

static struct fed new_fed(void)
{
	struct fed fed = {.data = malloc(ROOM)};

	limits = PAL_HTTP_LIMITS_DEFAULT;
	return fed;
}

static void check_status(const char *bytes, size_t n, int status)
{
	struct fed fed = new_fed();
	bool alike = feed_all_ways(&fed, bytes, n);
	bool right = status ? fed.got == PAL_HTTP_PARSE_REFUSED && fed.parser.status == status
			    : fed.got == PAL_HTTP_PARSE_DONE;

	if (!alike || !right)
		printf("# want %d, got %d status %d (%s)%s: %.*s\n", status, (int)fed.got,
		       fed.parser.status, fed.parser.why ? fed.parser.why : "",
		       alike ? "" : ", differing by cut", (int)(n < 90 ? n : 90), bytes);
	CU_ASSERT(alike);
	CU_ASSERT(right);
	free(fed.data);
}

#define H "Host: a\r\n"

/* libraries.md section 2.2 names the requests; `status` 0: accepted. */
struct request_case {
	int status;
	const char *bytes;
	size_t n;
};
#define C(status, text) {status, text, sizeof(text) - 1}

static void check_all(const struct request_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_status(cases[i].bytes, cases[i].n, cases[i].status);
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof((cases)[0]))

TEST(legal_requests_are_accepted)
{
	static const struct request_case cases[] = {
		C(0, "GET / HTTP/1.1\r\n" H "\r\n"),
		C(0, "GET /a/b?c=d&e HTTP/1.0\r\n" H "\r\n"),
		C(0, "HEAD /a%20b HTTP/1.1\r\nhOsT:a\r\n\r\n"),
		C(0, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc"),
		C(0, "POST / HTTP/1.1\r\n" H "Content-Length: 0003\r\n\r\nabc"),
		C(0, "POST / HTTP/1.1\r\n" H "Content-Length: 0\r\n\r\n"),
		C(0, "PUT / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
		C(0, "PATCH / HTTP/1.1\r\n" H "Transfer-Encoding: ChunKed\r\n\r\n"
		     "0A;x=\"y\"\r\n0123456789\r\n1\r\n!\r\n000\r\nTrailer: dropped\r\n\r\n"),
		C(0, "DELETE / HTTP/1.1\r\n" H "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\nx"),
		C(0, "OPTIONS / HTTP/1.1\r\n" H "X:\r\nY: \t \r\nZ: \xc3\xa4\tb \r\n\r\n"),
		C(0, "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"),
	};

	CHECK_ALL(cases);
}

TEST(bodies_framed_in_two_ways_or_badly_are_refused)
{
	static const struct request_case cases[] = {
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 3, 3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: +3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: -3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 0x3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 3 3\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\nabc"),
		C(400, "POST / HTTP/1.1\r\n" H "Content-Length: 00000000000000000003\r\n\r\nabc"),
		C(413, "POST / HTTP/1.1\r\n" H "Content-Length: 9999999999999999999\r\n\r\nabc"),
		C(413, "POST / HTTP/1.1\r\n" H "Content-Length: 262145\r\n\r\nabc"),
		C(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n"),
		C(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n"),
		C(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n\r\n"),
		C(501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n"),
		C(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n"),
		C(400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
		C(400, "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	};

	CHECK_ALL(cases);
}

#define CHUNKED "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"

TEST(malformed_chunks_and_trailers_are_refused)
{
	static const struct request_case cases[] = {
		C(400, CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "g\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED " 3\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "3 \r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "+3\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "3\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "3\r\nabcd\r\n0\r\n\r\n"),
		C(400, CHUNKED "3\r\nabc\n0\r\n\r\n"),
		C(400, CHUNKED "3\r\nabc\r0\r\n\r\n"),
		C(400, CHUNKED "3;a\nb\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "3;a\rb\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "3;a\0b\r\nabc\r\n0\r\n\r\n"),
		C(400, CHUNKED "00000000000000003\r\nabc\r\n0\r\n\r\n"),
		C(413, CHUNKED "ffffffffffffffff\r\nabc\r\n0\r\n\r\n"),
		C(413, CHUNKED "40001\r\n"),
		C(413, CHUNKED "3\r\nabc\r\n3fffe\r\n"),
		C(400, CHUNKED "0\r\n folded\r\n\r\n"),
		C(400, CHUNKED "0\r\nno colon\r\n\r\n"),
		C(400, CHUNKED "0\r\n: nameless\r\n\r\n"),
		C(400, CHUNKED "0\r\na: b\n\r\n"),
		C(400, CHUNKED "0\r\na: \x01\r\n\r\n"),
		C(400, CHUNKED "0\r\n\rx"),
	};

	CHECK_ALL(cases);
}

TEST(malformed_request_lines_are_refused)
{
	static const struct request_case cases[] = {
		C(400, "\r\nGET / HTTP/1.1\r\n" H "\r\n"),
		C(400, "\nGET / HTTP/1.1\r\n" H "\r\n"),
		C(400, " GET / HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET  / HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET\t/ HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET / HTTP/1.1 \r\n" H "\r\n"),
		C(400, "GET /  HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET / HTTP/1.1\n" H "\r\n"),
		C(400, "GET / HTTP/1.1\rX" H "\r\n"),
		C(400, "GET /\r\n" H "\r\n"),
		C(400, "GET / \r\n" H "\r\n"),
		C(400, "GET HTTP/1.1\r\n" H "\r\n"),
		C(400, "G\xc3\xa4T / HTTP/1.1\r\n" H "\r\n"),
		C(400, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		C(501, "get / HTTP/1.1\r\n" H "\r\n"),
		C(501, "BREW /pot HTTP/1.1\r\n" H "\r\n"),
		C(501, "TRACE / HTTP/1.1\r\n" H "\r\n"),
		C(501, "CONNECT a:443 HTTP/1.1\r\n" H "\r\n"),
		C(501, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ"),
		C(400, "GET http://a/ HTTP/1.1\r\n" H "\r\n"),
		C(400, "OPTIONS * HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a\x01 HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a\0 HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a\xc3\xa4 HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a\"b HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a?b=<c> HTTP/1.1\r\n" H "\r\n"),
		C(400, "GET /a#b HTTP/1.1\r\n" H "\r\n"),
		C(505, "GET / HTTP/1.9\r\n" H "\r\n"),
		C(505, "GET / HTTP/2.0\r\n" H "\r\n"),
		C(505, "GET / HTTP/0.9\r\n" H "\r\n"),
		C(501, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		C(400, "GET / http/1.1\r\n" H "\r\n"),
		C(400, "GET / HTTP/1.10\r\n" H "\r\n"),
		C(400, "GET / HTTP/1,1\r\n" H "\r\n"),
		C(400, "GET / HTTP/11\r\n" H "\r\n"),
		C(400, "GET / HTTPS/1.1\r\n" H "\r\n"),
	};

	CHECK_ALL(cases);
}

#define GET "GET / HTTP/1.1\r\n"

TEST(malformed_headers_are_refused)
{
	static const struct request_case cases[] = {
		C(400, GET "Host : a\r\n\r\n"),
		C(400, GET H " folded\r\n\r\n"),
		C(400, GET H "\tfolded\r\n\r\n"),
		C(400, GET " " H "\r\n"),
		C(400, GET H "A: b\r\n c\r\n\r\n"),
		C(400, GET H "no colon\r\n\r\n"),
		C(400, GET H ": nameless\r\n\r\n"),
		C(400, GET H "A\xc3\xa4: b\r\n\r\n"),
		C(400, GET H "A(b): c\r\n\r\n"),
		C(400, GET H "A: b\0c\r\n\r\n"),
		C(400, GET H "A: b\x7f\r\n\r\n"),
		C(400, GET H "A: bbbbbbbbbbbbbbbb\x1f" "bbbbbbbbbbbbbb\r\n\r\n"),
		C(400, GET H "A: b\n\r\n"),
		C(400, GET H "A: b\rc\r\n\r\n"),
		C(400, GET H "A: b\r\r\n\r\n"),
		C(400, GET H "\rx"),
		C(400, GET H "\n"),
		C(400, "GET / HTTP/1.1\nHost: a\n\n"),
	};

	CHECK_ALL(cases);
}

TEST(exactly_one_sensible_host_is_required)
{
	static const struct request_case cases[] = {
		C(400, GET "\r\n"),
		C(400, "GET / HTTP/1.0\r\n\r\n"),
		C(400, GET H H "\r\n"),
		C(400, GET H "host: b\r\n\r\n"),
		C(400, GET "Host:\r\n\r\n"),
		C(400, GET "Host: a b\r\n\r\n"),
		C(400, GET "Host: a/b\r\n\r\n"),
		C(400, GET "Host: a@b\r\n\r\n"),
		C(400, GET "Host: \xc3\xa4\r\n\r\n"),
		C(0, GET "Host: example.org:8080\r\n\r\n"),
	};

	CHECK_ALL(cases);
}

TEST(headers_that_must_be_single_are_refused_twice_and_others_not)
{
	static const struct request_case cases[] = {
		C(400, GET H "Authorization: a\r\nAuthorization: b\r\n\r\n"),
		C(400, GET H "X-Tenant-ID: a\r\nX-Tenant-Id: a\r\n\r\n"),
		C(400, GET H "X-API-Key: a\r\nx-api-key: a\r\n\r\n"),
		C(400, GET H "Idempotency-Key: a\r\nIdempotency-Key: a\r\n\r\n"),
		C(400, GET H "Content-Type: a\r\nContent-Type: a\r\n\r\n"),
		C(0, GET H "Accept: a\r\nAccept: b\r\n\r\n"),
		C(0, GET H "X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n\r\n"),
		C(0, GET H "Unknown: a\r\nUnknown: b\r\n\r\n"),
	};

	CHECK_ALL(cases);
}

TEST(only_100_continue_can_be_expected)
{
	static const struct request_case cases[] = {
		C(417, "POST / HTTP/1.1\r\n" H "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nx"),
		C(417, "POST / HTTP/1.1\r\n" H "Expect:\r\nContent-Length: 1\r\n\r\nx"),
		C(400, "POST / HTTP/1.1\r\n" H "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n"),
	};

	CHECK_ALL(cases);
}

/* --- Limits, one byte below and one above ----------------------------------------------------- */

static size_t repeat(char *at, const char *text, size_t times)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < times; i++)
		memcpy(at + i * n, text, n);
	return n * times;
}

/* A request whose line has `line` bytes and whose headers have `headers` bytes, ends included. */
static size_t sized_request(char *out, size_t line, size_t headers)
{
	size_t n = (size_t)sprintf(out, "GET /");

	n += repeat(out + n, "p", line - strlen("GET / HTTP/1.1\r\n"));
	n += (size_t)sprintf(out + n, " HTTP/1.1\r\n" H "X: ");
	n += repeat(out + n, "v", headers - strlen(H "X: \r\n\r\n"));
	return n + (size_t)sprintf(out + n, "\r\n\r\n");
}

/* The default limits are too long to cut at every place: small ones stand for them. */
static int sized_outcome(size_t line, size_t headers)
{
	struct fed fed = new_fed();
	char bytes[2048];

	limits.request_line_bytes = 100;
	limits.headers_bytes = 200;
	CU_ASSERT(feed_all_ways(&fed, bytes, sized_request(bytes, line, headers)));
	int status = fed.got == PAL_HTTP_PARSE_DONE ? 0 : fed.parser.status;
	free(fed.data);
	return status;
}

TEST(lines_and_headers_are_held_to_their_limits_to_the_byte)
{
	CU_ASSERT_EQUAL(sized_outcome(100, 200), 0);
	CU_ASSERT_EQUAL(sized_outcome(101, 200), 414);
	CU_ASSERT_EQUAL(sized_outcome(100, 201), 431);
	CU_ASSERT_EQUAL(sized_outcome(500, 50), 414);
	CU_ASSERT_EQUAL(sized_outcome(50, 500), 431);
}

TEST(the_limits_shipped_are_8_and_16_kib_and_a_hundred_headers)
{
	struct fed fed = new_fed();
	char *bytes = malloc(65536);

	feed(&fed, bytes, sized_request(bytes, 8192, 16384), 32768, 32768);
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_DONE);
	feed(&fed, bytes, sized_request(bytes, 8193, 100), 32768, 32768);
	CU_ASSERT_EQUAL(fed.parser.status, 414);
	feed(&fed, bytes, sized_request(bytes, 100, 16385), 32768, 32768);
	CU_ASSERT_EQUAL(fed.parser.status, 431);
	CU_ASSERT_EQUAL(limits.body_bytes, 262144);
	free(bytes);
	free(fed.data);
}

static int outcome_of_lines(size_t lines)
{
	struct fed fed = new_fed();
	char bytes[2048];
	size_t n = (size_t)sprintf(bytes, GET H);

	n += repeat(bytes + n, "A: b\r\n", lines - 1);
	n += (size_t)sprintf(bytes + n, "\r\n");
	CU_ASSERT(feed_all_ways(&fed, bytes, n));
	int status = fed.got == PAL_HTTP_PARSE_DONE ? 0 : fed.parser.status;
	free(fed.data);
	return status;
}

TEST(a_hundred_headers_pass_and_one_more_does_not)
{
	CU_ASSERT_EQUAL(outcome_of_lines(100), 0);
	CU_ASSERT_EQUAL(outcome_of_lines(101), 431);
}

TEST(limits_lowered_while_a_head_arrives_refuse_the_rest_of_it)
{
	static const char head[] = GET H "A: b\r\nA: b\r\nA: b\r\n";
	static const char more[] = "A: b\r\n";
	struct fed fed = new_fed();

	feed(&fed, head, sizeof(head) - 1, sizeof(head) - 1, 1);
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_MORE);
	limits.headers_max = 2;
	memcpy(fed.data + fed.len, more, sizeof(more) - 1);
	fed.len += sizeof(more) - 1;
	run(&fed);
	CU_ASSERT_EQUAL(fed.parser.status, 431);
	limits = PAL_HTTP_LIMITS_DEFAULT;
	feed(&fed, head, sizeof(head) - 1, sizeof(head) - 1, 1);
	limits.headers_bytes = 10;
	memcpy(fed.data + fed.len, more, sizeof(more) - 1);
	fed.len += sizeof(more) - 1;
	run(&fed);
	CU_ASSERT_EQUAL(fed.parser.status, 431);
	free(fed.data);
}

static int outcome_of_chunks(const char *before, const char *filler, size_t times,
			     const char *after)
{
	struct fed fed = new_fed();
	char *bytes = malloc(65536);
	size_t n = (size_t)sprintf(bytes, CHUNKED "%s", before);

	limits.headers_bytes = 300;
	n += repeat(bytes + n, filler, times);
	n += (size_t)sprintf(bytes + n, "%s", after);
	CU_ASSERT(feed_all_ways(&fed, bytes, n));
	int status = fed.got == PAL_HTTP_PARSE_DONE ? 0 : fed.parser.status;
	free(bytes);
	free(fed.data);
	return status;
}

TEST(extensions_and_trailers_have_limits)
{
	CU_ASSERT_EQUAL(outcome_of_chunks("1;", "e", 256, "\r\nx\r\n0\r\n\r\n"), 0);
	CU_ASSERT_EQUAL(outcome_of_chunks("1;", "e", 257, "\r\nx\r\n0\r\n\r\n"), 400);
	CU_ASSERT_EQUAL(outcome_of_chunks("0\r\n", "t: 4\r\n", 20, "\r\n"), 0);
	CU_ASSERT_EQUAL(outcome_of_chunks("0\r\n", "t: 4567\r\n", 40, "\r\n"), 431);
	CU_ASSERT_EQUAL(outcome_of_chunks("0\r\nt: ", "v", 400, "\r\n\r\n"), 431);
	CU_ASSERT_EQUAL(outcome_of_chunks("0\r\n", "t:\r\n", 101, "\r\n"), 431);
}

TEST(the_body_limit_set_after_the_head_holds)
{
	static const char fits[] = "POST / HTTP/1.1\r\n" H "Content-Length: 4\r\n\r\nabcd";
	static const char over[] = "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\nabcde";
	static const char chunks[] = CHUNKED "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n";
	struct fed fed = new_fed();

	fed.body_max = 4;
	CU_ASSERT(feed_all_ways(&fed, fits, sizeof(fits) - 1));
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_DONE);
	CU_ASSERT(feed_all_ways(&fed, over, sizeof(over) - 1));
	CU_ASSERT_EQUAL(fed.parser.status, 413);
	CU_ASSERT(feed_all_ways(&fed, chunks, sizeof(chunks) - 1));
	CU_ASSERT_EQUAL(fed.parser.status, 413);
	free(fed.data);
}

/* --- What comes out --------------------------------------------------------------------------- */

#define CHECK_SPAN(fed, span, text)                                                                \
	CU_ASSERT(pal_str_equal(pal_http_span_str((fed)->data, (fed)->parser.span), PAL_STR(text)))

TEST(a_request_is_taken_apart_and_the_next_one_left_alone)
{
	static const char bytes[] =
		"POST /api/v2/chat/message?x=1&y=%20 HTTP/1.1\r\nHost: chat.example\r\n"
		"Content-Type:application/json\r\nX-Request-ID: \t id-1 \t\r\n"
		"Odd-One: \xff\r\nContent-Length: 7\r\n\r\n{\"a\":1}GET / HT";
	struct fed fed = new_fed();

	CU_ASSERT(feed_all_ways(&fed, bytes, sizeof(bytes) - 1));
	CU_ASSERT_EQUAL_FATAL(fed.got, PAL_HTTP_PARSE_DONE);
	CU_ASSERT_EQUAL(fed.parser.at, sizeof(bytes) - 1 - strlen("GET / HT"));
	CU_ASSERT_EQUAL(fed.parser.method, PAL_HTTP_POST);
	CU_ASSERT(fed.parser.keep_alive);
	CHECK_SPAN(&fed, target, "/api/v2/chat/message?x=1&y=%20");
	CHECK_SPAN(&fed, path, "/api/v2/chat/message");
	CHECK_SPAN(&fed, query, "x=1&y=%20");
	struct pal_http_parser *p = &fed.parser;
	CU_ASSERT(pal_str_equal(pal_http_parser_header(p, fed.data, PAL_HTTP_H_CONTENT_TYPE),
				PAL_STR("application/json")));
	CU_ASSERT(pal_str_equal(pal_http_parser_header(p, fed.data, PAL_HTTP_H_X_REQUEST_ID),
				PAL_STR("id-1")));
	CU_ASSERT(pal_str_equal(pal_http_parser_find(p, fed.data, PAL_STR("odd-one")),
				PAL_STR("\xff")));
	CU_ASSERT_PTR_NULL(pal_http_parser_header(p, fed.data, PAL_HTTP_H_AUTHORIZATION).p);
	CU_ASSERT_PTR_NULL(pal_http_parser_find(p, fed.data, PAL_STR("none")).p);
	CU_ASSERT(pal_str_equal(pal_http_parser_body(p, fed.data), PAL_STR("{\"a\":1}")));
	free(fed.data);
}

TEST(a_chunked_body_is_moved_together)
{
	static const char bytes[] = CHUNKED "3;x=y\r\nabc\r\n00B\r\ndefghijklmn\r\n1\r\n\n\r\n"
					    "0\r\nTrailer: no\r\n\r\nGET /next";
	struct fed fed = new_fed();

	CU_ASSERT(feed_all_ways(&fed, bytes, sizeof(bytes) - 1));
	CU_ASSERT_EQUAL_FATAL(fed.got, PAL_HTTP_PARSE_DONE);
	CU_ASSERT(pal_str_equal(pal_http_parser_body(&fed.parser, fed.data),
				PAL_STR("abcdefghijklmn\n")));
	CU_ASSERT_EQUAL(memcmp(fed.data + fed.parser.at, "GET /next", 9), 0);
	CU_ASSERT_EQUAL(fed.parser.field_count, 2);	/* trailers are dropped */
	free(fed.data);
}

TEST(every_known_header_is_indexed_in_any_case)
{
	static const char *const names[] = {
#define X(id, name, once) name,
		PAL_HTTP_HEADERS(X)
#undef X
	};
	struct fed fed = new_fed();

	for (unsigned id = 0; id < PAL_HTTP_H_COUNT; id++) {
		char bytes[256];
		bool upper = id % 2;
		int n = sprintf(bytes, GET "%s%s: 0\r\n\r\n", id == PAL_HTTP_H_HOST ? "" : H, names[id]);
		char *name = strstr(bytes, names[id]);
		for (size_t i = 0; upper && i < strlen(names[id]); i++)
			if (name[i] >= 'a' && name[i] <= 'z')
				name[i] = (char)(name[i] - 32);
		feed(&fed, bytes, (size_t)n, (size_t)n, 1);
		CU_ASSERT(pal_str_equal(
			pal_http_parser_header(&fed.parser, fed.data, (enum pal_http_header_id)id),
			PAL_STR("0")) || fed.got == PAL_HTTP_PARSE_REFUSED);
		CU_ASSERT_EQUAL(fed.got == PAL_HTTP_PARSE_REFUSED,
				id == PAL_HTTP_H_EXPECT || id == PAL_HTTP_H_TRANSFER_ENCODING);
	}
	free(fed.data);
}

static bool keeps_alive(const char *line, const char *header)
{
	struct fed fed = new_fed();
	char bytes[256];
	size_t n = (size_t)sprintf(bytes, "%s" H "%s\r\n", line, header);

	CU_ASSERT(feed_all_ways(&fed, bytes, n));
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_DONE);
	bool keep_alive = fed.parser.keep_alive;
	free(fed.data);
	return keep_alive;
}

TEST(version_and_connection_decide_about_keep_alive)
{
	CU_ASSERT_TRUE(keeps_alive(GET, ""));
	CU_ASSERT_FALSE(keeps_alive(GET, "Connection: close\r\n"));
	CU_ASSERT_FALSE(keeps_alive(GET, "Connection: keep-alive, Close\r\n"));
	CU_ASSERT_FALSE(keeps_alive(GET, "Connection: close\r\nConnection: keep-alive\r\n"));
	CU_ASSERT_FALSE(keeps_alive(GET, "Connection: x\r\nConnection: ,close ,\r\n"));
	CU_ASSERT_TRUE(keeps_alive(GET, "Connection: closed, te\r\n"));
	CU_ASSERT_FALSE(keeps_alive("GET / HTTP/1.0\r\n", ""));
	CU_ASSERT_TRUE(keeps_alive("GET / HTTP/1.0\r\n", "Connection: Keep-Alive\r\n"));
}

TEST(upgrade_and_expectation_are_noted)
{
	static const char upgrade[] = GET H "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
	static const char old[] = "GET / HTTP/1.0\r\n" H "Expect: 100-continue\r\n\r\n";
	static const char expecting[] = GET H "Expect: 100-continue\r\n\r\n";
	struct fed fed = new_fed();

	feed(&fed, upgrade, sizeof(upgrade) - 1, 1, 1);
	CU_ASSERT(fed.parser.upgrade);
	feed(&fed, expecting, sizeof(expecting) - 1, 1, 1);
	CU_ASSERT(fed.parser.expects_continue);
	CU_ASSERT_FALSE(fed.parser.upgrade);
	feed(&fed, old, sizeof(old) - 1, 1, 1);
	CU_ASSERT_FALSE(fed.parser.expects_continue);	/* RFC 9110 section 10.1.1 */
	free(fed.data);
}

TEST(nothing_is_parsed_on_after_a_refusal)
{
	static const char bad[] = "GET / HTTP/1.1\nHost: a\r\n\r\n";
	struct fed fed = new_fed();

	feed(&fed, bad, sizeof(bad) - 1, sizeof(bad) - 1, 1);
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_REFUSED);
	run(&fed);
	CU_ASSERT_EQUAL(fed.got, PAL_HTTP_PARSE_REFUSED);
	CU_ASSERT_EQUAL(fed.parser.status, 400);
	free(fed.data);
}

SUITE(parser, CASE(legal_requests_are_accepted),
      CASE(bodies_framed_in_two_ways_or_badly_are_refused),
      CASE(malformed_chunks_and_trailers_are_refused), CASE(malformed_request_lines_are_refused),
      CASE(malformed_headers_are_refused), CASE(exactly_one_sensible_host_is_required),
      CASE(headers_that_must_be_single_are_refused_twice_and_others_not),
      CASE(only_100_continue_can_be_expected),
      CASE(lines_and_headers_are_held_to_their_limits_to_the_byte),
      CASE(the_limits_shipped_are_8_and_16_kib_and_a_hundred_headers),
      CASE(a_hundred_headers_pass_and_one_more_does_not),
      CASE(extensions_and_trailers_have_limits),
      CASE(limits_lowered_while_a_head_arrives_refuse_the_rest_of_it),
      CASE(the_body_limit_set_after_the_head_holds),
      CASE(a_request_is_taken_apart_and_the_next_one_left_alone),
      CASE(a_chunked_body_is_moved_together), CASE(every_known_header_is_indexed_in_any_case),
      CASE(version_and_connection_decide_about_keep_alive),
      CASE(upgrade_and_expectation_are_noted), CASE(nothing_is_parsed_on_after_a_refusal))
