/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/courier.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "courier/post.h"
#include "courier/transfer.h"
#include "suite.h"

static struct office office;

/* One request, one outcome; the answer stays in `last` until the next. */
static struct post last;

static void expect(const char *path, enum pal_transport transport, int status)
{
	enum pal_transport got = post_once(&last, &office, path, "{\"n\":1}");

	if (got != transport || last.request.answer.status != status)
		printf("# %s: %s %d\n", path, pal_transport_name(got), last.request.answer.status);
	CU_ASSERT_EQUAL(got, transport);
	CU_ASSERT_EQUAL(last.request.answer.status, status);
	post_free(&last);
}

TEST(a_request_is_answered)
{
	office_init(&office);
	office_open(&office);
	CU_ASSERT_EQUAL(post_once(&last, &office, "/ok?a=%20/../b", NULL), PAL_TRANSPORT_ANSWERED);
	post_free(&last);
	post_fill(&last, &office, 1, "/ok", "{\"n\":1}");
	last.request.outgoing.headers[0] =
		(struct pal_outgoing_header){PAL_STR("X-Event"), PAL_STR("message.created")};
	last.request.outgoing.headers[1] =
		(struct pal_outgoing_header){PAL_STR("X-Empty"), {NULL, 0}};
	last.request.outgoing.header_count = 2;
	CU_ASSERT_TRUE_FATAL(pal_courier_send(office.courier, &last.request));
	post_await(&last);
	const struct pal_answer *answer = &last.request.answer;
	CU_ASSERT_EQUAL(answer->transport, PAL_TRANSPORT_ANSWERED);
	CU_ASSERT_EQUAL(answer->status, 200);
	CHECK_STR(answer->content_type, "text/plain");
	CU_ASSERT_TRUE(pal_str_equal(pal_buf_str(&answer->body), PAL_STR("{\"n\":1}")));
	CU_ASSERT_TRUE(answer->all_written && answer->any_written);
	CU_ASSERT(answer->bytes_out > 100 && answer->bytes_in > 50);
	const struct received *got = receiver_request(office.receiver, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(got);
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "POST /ok HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "\r\nX-Event: message.created\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "\r\nX-Empty:\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "\r\nUser-Agent: palaver/"));
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "\r\nContent-Length: 7\r\n"));
	CU_ASSERT_PTR_NULL(strstr(got->head, "Expect"));
	CU_ASSERT_PTR_NULL(strstr(got->head, "Accept-Encoding"));
	post_free(&last);
	got = receiver_request(office.receiver, 0);	/* as written: nothing is resolved */
	CU_ASSERT_PTR_NOT_NULL(strstr(got->head, "POST /ok?a=%20/../b HTTP/1.1\r\n"));
	office_close(&office, 1000);
}

TEST(each_method_is_sent_as_it_is)
{
	static const char *const names[] = {"POST ", "GET ", "PUT ", "DELETE "};

	office_init(&office);
	office_open(&office);
	for (unsigned i = 0; i < 8; i++) {	/* each after each other one, on one handle */
		unsigned method = i < 4 ? i : (i * 3) % 4;
		post_fill(&last, &office, 1, "/ok", "body");
		last.request.outgoing.method = (enum pal_outgoing_method)method;
		CU_ASSERT_TRUE_FATAL(pal_courier_send(office.courier, &last.request));
		post_await(&last);
		CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_ANSWERED);
		CU_ASSERT_TRUE(last.request.answer.all_written);
		post_free(&last);
		const struct received *got = receiver_request(office.receiver, i);
		CU_ASSERT_EQUAL(strncmp(got->head, names[method], strlen(names[method])), 0);
		CU_ASSERT_EQUAL(got->body_len, method == 0 || method == 2 ? 4 : 0);
	}
	office_close(&office, 1000);
}

TEST(every_end_of_an_exchange_has_its_name)
{
	office_init(&office);
	office.options.total_ms = 600;
	office_open(&office);
	expect("/status/503", PAL_TRANSPORT_ANSWERED, 503);
	expect("/status/204", PAL_TRANSPORT_ANSWERED, 204);
	expect("/status/410", PAL_TRANSPORT_ANSWERED, 410);
	expect("/later/120", PAL_TRANSPORT_ANSWERED, 429);
	CHECK_STR(last.request.answer.retry_after, "120");
	expect("/status/500", PAL_TRANSPORT_ANSWERED, 500);
	CHECK_STR(last.request.answer.retry_after, "");	/* not that of the one before */
	expect("/hang", PAL_TRANSPORT_TIMEOUT_AFTER, 0);
	CU_ASSERT_TRUE(last.request.answer.all_written);
	expect("/reset", PAL_TRANSPORT_RESET_AFTER, 0);
	expect("/half", PAL_TRANSPORT_RESET_AFTER, 200);
	expect("/garbage", PAL_TRANSPORT_BAD_ANSWER, 0);
	expect("/slow", PAL_TRANSPORT_ANSWERED, 200);
	CU_ASSERT_EQUAL(last.request.answer.bytes_in > 20, true);
	expect("/forever", PAL_TRANSPORT_TIMEOUT_AFTER, 200);
	expect("/endless-head", PAL_TRANSPORT_TOO_LARGE, 200);
	office_close(&office, 1000);
}

TEST(what_never_connected_is_told_apart)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int bound = socket(AF_INET, SOCK_STREAM, 0);	/* a port where nobody listens */
	char url[64];

	CU_ASSERT_FATAL(bind(bound, (struct sockaddr *)&address, size) == 0 &&
			getsockname(bound, (struct sockaddr *)&address, &size) == 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	office_init(&office);
	office_open(&office);
	expect(url, PAL_TRANSPORT_CONNECT, 0);
	CU_ASSERT_FALSE(last.request.answer.any_written);
	/* No such name can be; where no resolver answers, the deadline comes first. */
	enum pal_transport got = post_once(&last, &office, "https://palaver.invalid/", "x");
	CU_ASSERT(got == PAL_TRANSPORT_RESOLVE || got == PAL_TRANSPORT_TIMEOUT_BEFORE);
	CU_ASSERT_FALSE(last.request.answer.any_written);
	office_close(&office, 1000);
	close(bound);
}

/* A body that does not fit into the sockets' buffers, so that the receiver cannot have it. */
TEST(what_was_not_written_whole_is_told_apart)
{
	size_t n = 12u << 20;
	char *body = malloc(n + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	memset(body, 'x', n);
	body[n] = '\0';
	office_init(&office);
	office.options.total_ms = 700;
	office_open(&office);
	CU_ASSERT_EQUAL(post_once(&last, &office, "/deaf", body), PAL_TRANSPORT_TIMEOUT_BEFORE);
	CU_ASSERT_TRUE(last.request.answer.any_written);
	CU_ASSERT_FALSE(last.request.answer.all_written);
	CU_ASSERT_EQUAL(post_once(&last, &office, "/reset-early", body),
			PAL_TRANSPORT_RESET_BEFORE);
	CU_ASSERT_FALSE(last.request.answer.all_written);
	office_close(&office, 0);
	free(body);
}

TEST(an_answer_beyond_its_cap_is_cut_and_told)
{
	office_init(&office);
	office_open(&office);
	expect("/huge/65536", PAL_TRANSPORT_ANSWERED, 200);
	CU_ASSERT_EQUAL(post_once(&last, &office, "/huge/65537", ""), PAL_TRANSPORT_TOO_LARGE);
	CU_ASSERT_EQUAL(last.request.answer.body.len, 65536);
	CU_ASSERT_EQUAL(last.request.answer.status, 200);
	post_free(&last);
	post_fill(&last, &office, 1, "/huge/99000000", "");
	last.request.outgoing.answer_max = 99u << 20;	/* 1 MiB, whatever is asked for */
	CU_ASSERT_TRUE_FATAL(pal_courier_send(office.courier, &last.request));
	post_await(&last);
	CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_TOO_LARGE);
	CU_ASSERT_EQUAL(last.request.answer.body.len, PAL_ANSWER_BODY_MAX);
	post_free(&last);
	office_close(&office, 1000);
}

static void expect_refused(const char *url, const char *rule)
{
	enum pal_transport got = post_once(&last, &office, url, "x");

	CU_ASSERT_EQUAL(got, PAL_TRANSPORT_REFUSED);
	CHECK_STR(last.request.answer.refused_by ? last.request.answer.refused_by : "", rule);
	CU_ASSERT_FALSE(last.request.answer.any_written);
}

TEST(the_guard_refuses_urls_and_says_which_rule)
{
	char url[64];

	office_init(&office);
	office.options.guard.allow_http = false;
	office_open(&office);
	expect_refused("/ok", "url_scheme");
	office_close(&office, 1000);
	office_init(&office);
	office.options.guard.allowed_count = 0;
	office_open(&office);
	expect_refused("/ok", "address_loopback");
	snprintf(url, sizeof(url), "http://2130706433:%u/ok", receiver_port(office.receiver));
	expect_refused(url, "url_host_number");
	expect_refused("http://a:b@example.org/", "url_userinfo");
	expect_refused("http://[::ffff:127.0.0.1]:8080/", "address_embedded");
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 0);
	office_close(&office, 1000);
}

/* /etc/hosts may call this machine by its name; whatever it is, it is no public address. */
TEST(the_guard_judges_what_a_name_resolves_to)
{
	char name[256], url[512];

	office_init(&office);
	office.options.guard.allowed_count = 0;
	office_open(&office);
	if (gethostname(name, sizeof(name)) == 0) {
		snprintf(url, sizeof(url), "http://%s:%u/ok", name, receiver_port(office.receiver));
		enum pal_transport got = post_once(&last, &office, url, "x");
		CU_ASSERT(got == PAL_TRANSPORT_REFUSED || got == PAL_TRANSPORT_RESOLVE ||
			  got == PAL_TRANSPORT_TIMEOUT_BEFORE);
	}
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 0);
	office_close(&office, 1000);
	office_init(&office);	/* localhost passes the judge of URLs, its address does not */
	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("127.0.0.1"), &office.networks[0], NULL), PAL_OK);
	office_open(&office);
	snprintf(url, sizeof(url), "http://localhost:%u/ok", receiver_port(office.receiver));
	CU_ASSERT_EQUAL(post_once(&last, &office, url, "x"), PAL_TRANSPORT_ANSWERED);
	CU_ASSERT_EQUAL(receiver_connections(office.receiver), 1);
	post_free(&last);
	office_close(&office, 1000);
}

TEST(no_redirect_is_followed)
{
	char path[64];

	office_init(&office);
	office_open(&office);
	snprintf(path, sizeof(path), "/redirect/127.0.0.1:%u/ok", receiver_port(office.receiver));
	expect(path, PAL_TRANSPORT_ANSWERED, 302);
	CU_ASSERT_EQUAL(receiver_requests(office.receiver), 1);
	office_close(&office, 1000);
}

TEST(no_proxy_of_the_environment_is_used)
{
	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	office_init(&office);
	office_open(&office);
	expect("/ok", PAL_TRANSPORT_ANSWERED, 200);
	office_close(&office, 1000);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void expect_invalid(struct pal_str name, struct pal_str value)
{
	post_fill(&last, &office, 1, "/ok", "x");
	last.request.outgoing.headers[0] = (struct pal_outgoing_header){name, value};
	last.request.outgoing.header_count = 1;
	CU_ASSERT_TRUE_FATAL(pal_courier_send(office.courier, &last.request));
	post_await(&last);
	CU_ASSERT_EQUAL(last.request.answer.transport, PAL_TRANSPORT_INVALID);
	post_free(&last);
}

TEST(no_header_can_carry_another)
{
	office_init(&office);
	office_open(&office);
	expect_invalid(PAL_STR("X-A"), PAL_STR("b\r\nX-C: d"));
	expect_invalid(PAL_STR("X-A"), PAL_STR("b\nX-C: d"));
	expect_invalid(PAL_STR("X-A"), PAL_STR("b\rc"));
	expect_invalid(PAL_STR("X-A"), PAL_STR("b\0c"));
	expect_invalid(PAL_STR("X-A"), PAL_STR("\x7F"));
	expect_invalid(PAL_STR("X-A: b\r\nX-C"), PAL_STR("d"));
	expect_invalid(PAL_STR("X A"), PAL_STR("b"));
	expect_invalid(PAL_STR("X\0A"), PAL_STR("b"));
	expect_invalid(PAL_STR(""), PAL_STR("b"));
	expect_invalid(PAL_STR("Host"), PAL_STR("elsewhere"));
	expect_invalid(PAL_STR("content-length"), PAL_STR("1"));
	expect_invalid(PAL_STR("Transfer-Encoding"), PAL_STR("chunked"));
	CU_ASSERT_EQUAL(receiver_requests(office.receiver), 0);
	expect("/ok", PAL_TRANSPORT_ANSWERED, 200);
	office_close(&office, 1000);
}

SUITE(courier, CASE(a_request_is_answered), CASE(each_method_is_sent_as_it_is),
      CASE(every_end_of_an_exchange_has_its_name), CASE(what_never_connected_is_told_apart),
      CASE(what_was_not_written_whole_is_told_apart),
      CASE(an_answer_beyond_its_cap_is_cut_and_told),
      CASE(the_guard_refuses_urls_and_says_which_rule),
      CASE(the_guard_judges_what_a_name_resolves_to), CASE(no_redirect_is_followed),
      CASE(no_proxy_of_the_environment_is_used), CASE(no_header_can_carry_another))
