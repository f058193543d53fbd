/* SPDX-License-Identifier: Apache-2.0 */
#include "http/harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/flow.h"
#include "suite.h"

#define PATIENCE_S 20

/* --- Handlers --------------------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct pal_http_exchange *held[HARNESS_HELD_MAX];	/* under lock */
static size_t held_count;					/* under lock */

static void on_echo(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)app;
	pal_http_respond(exchange, 200, "text/plain", request->body);
}

static void on_text(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)app;
	pal_http_respond(exchange, 200, "text/plain", pal_http_request_param(request, "name"));
}

static void on_later(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		     void *app)
{
	(void)request;
	(void)app;
	pthread_mutex_lock(&lock);
	held[held_count++] = exchange;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void on_big(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		   void *app)
{
	struct pal_buf body = pal_buf_of(0);
	char *at = pal_buf_reserve(&body, HARNESS_BIG);

	(void)request;
	(void)app;
	for (size_t i = 0; i < HARNESS_BIG; i++)
		at[i] = (char)('a' + i % 23);
	body.len = HARNESS_BIG;
	pal_http_respond_take(exchange, 200, "text/plain", &body);
}

static struct pal_http_flow flow;	/* one at a time; its loop's */
static size_t flow_put;

static void put_more(struct pal_http_flow *it)
{
	struct pal_buf piece = pal_buf_of(0);
	size_t n = HARNESS_BIG / 128;
	char *at = pal_buf_reserve(&piece, n);

	memset(at, 'f', n);
	piece.len = n;
	flow_put += n;
	if (flow_put < HARNESS_BIG)
		pal_http_flow_put(it, &piece);
	else
		pal_http_flow_end(it, &piece);
}

static void on_flow(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)request;
	(void)app;
	flow.more = put_more;
	flow_put = 0;
	pal_http_flow_begin(exchange, 200, "text/plain", &flow);
	put_more(&flow);
}

static void on_success(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	struct pal_buf data = pal_buf_of(0);

	(void)app;
	if (pal_str_equal(request->path, PAL_STR("/close")))
		pal_http_exchange_close_after(exchange);
	pal_buf_add_lit(&data, "{\"n\":1}");
	pal_http_success(exchange, 200, &data);
	pal_buf_deinit(&data);
}

static const struct pal_http_route routes[] = {
	{PAL_HTTP_POST, "/echo", "echo", "", NULL, 0, 0, on_echo, NULL},
	{PAL_HTTP_POST, "/small", "small", "", NULL, 0, 10, on_echo, NULL},
	{PAL_HTTP_GET, "/text/{name}", "text", "", NULL, 0, 0, on_text, NULL},
	{PAL_HTTP_GET, "/later", "later", "", NULL, 0, 0, on_later, NULL},
	{PAL_HTTP_GET, "/big", "big", "", NULL, 0, 0, on_big, NULL},
	{PAL_HTTP_GET, "/flow", "flow", "", NULL, 0, 0, on_flow, NULL},
	{PAL_HTTP_GET, "/success", "success", "", NULL, 0, 0, on_success, NULL},
	{PAL_HTTP_GET, "/close", "close", "", NULL, 0, 0, on_success, NULL},
};

/* --- Server ----------------------------------------------------------------------------------- */

void harness_init(struct harness *h)
{
	struct pal_error err;

	memset(h, 0, sizeof(*h));
	pal_clock_fake_init(&h->clock, 1767225599999);	/* 2025-12-31T23:59:59.999Z */
	h->loop_count = 1;
	h->options = PAL_HTTP_OPTIONS_DEFAULT;
	h->options.sweep_ms = 2;
	h->options.clock = &h->clock.clock;
	CU_ASSERT_EQUAL_FATAL(pal_http_router_create(routes, sizeof(routes) / sizeof(routes[0]),
						     &h->router, &err), PAL_OK);
	h->options.router = h->router;
	held_count = 0;
}

void harness_start(struct harness *h)
{
	const struct pal_http_listener listener = {.address = "127.0.0.1", .tls = h->tls};
	struct pal_error err;

	h->options.listeners = &listener;
	h->options.listener_count = 1;
	for (unsigned i = 0; i < h->loop_count; i++)
		CU_ASSERT_EQUAL_FATAL(pal_loop_create(i, &h->loops[i], &err), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(
		pal_http_server_create(&h->options, h->loops, h->loop_count, &h->server, &err),
		PAL_OK);
	pal_http_server_start(h->server);
	for (unsigned i = 0; i < h->loop_count; i++)
		CU_ASSERT_EQUAL_FATAL(pal_loop_start(h->loops[i], PAL_ROLE_LOOP, &err), PAL_OK);
	h->port = pal_http_server_port(h->server, 0);
}

void harness_stop(struct harness *h)
{
	for (unsigned i = 0; i < h->loop_count; i++) {
		pal_loop_stop(h->loops[i]);
		pal_loop_join(h->loops[i]);
	}
	pal_http_server_destroy(h->server);
	for (unsigned i = 0; i < h->loop_count; i++)
		pal_loop_destroy(h->loops[i]);
	pal_http_router_destroy(h->router);
}

/* --- From the test's thread to a loop --------------------------------------------------------- */

struct errand {
	struct pal_loop_job job;	/* first member */
	void (*fn)(void *arg);
	void *arg;
	bool done;			/* under lock */
};

static void on_errand(struct pal_loop_job *job)
{
	struct errand *errand = (struct errand *)job;

	errand->fn(errand->arg);
	pthread_mutex_lock(&lock);
	errand->done = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void run_errand(struct pal_loop *loop, void (*fn)(void *arg), void *arg)
{
	struct errand errand = {.job.run = on_errand, .fn = fn, .arg = arg};

	pal_loop_post(loop, &errand.job);
	pthread_mutex_lock(&lock);
	while (!errand.done)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void nothing(void *arg)
{
	(void)arg;
}

/* The first errand may end a batch whose sockets were looked at before; the batch of the second began
 * after the call, and a batch begins with the sockets. */
void harness_let_read(struct harness *h)
{
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < h->loop_count; i++)
			run_errand(h->loops[i], nothing, NULL);
}

static struct timespec deadline(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	at.tv_sec += PATIENCE_S;
	return at;
}

void harness_await_held(size_t count)
{
	struct timespec until = deadline();

	pthread_mutex_lock(&lock);
	while (held_count < count && pthread_cond_timedwait(&changed, &lock, &until) == 0)
		;
	CU_ASSERT_EQUAL_FATAL(held_count, count);
	pthread_mutex_unlock(&lock);
}

struct release {
	struct pal_http_exchange *exchange;
	const char *text;
};

static void on_release(void *arg)
{
	struct release *release = arg;

	pal_http_respond(release->exchange, 200, "text/plain", pal_str(release->text));
}

void harness_release(const char *text)
{
	pthread_mutex_lock(&lock);
	CU_ASSERT_FATAL(held_count > 0);
	struct release release = {held[0], text};
	memmove(held, held + 1, --held_count * sizeof(held[0]));
	pthread_mutex_unlock(&lock);
	run_errand(pal_http_exchange_loop(release.exchange), on_release, &release);
}

bool harness_await_connections(struct harness *h, uint32_t count)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int i = 0; i < PATIENCE_S * 1000; i++) {
		if (pal_http_server_connections(h->server) == count)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

/* --- Client ----------------------------------------------------------------------------------- */

int client_connect(uint16_t port)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	const int on = 1;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CU_ASSERT_FATAL(fd >= 0);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));	/* what is sent has arrived */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

void client_send_bytes(int fd, const void *bytes, size_t n)
{
	CU_ASSERT_EQUAL(send(fd, bytes, n, MSG_NOSIGNAL), (ssize_t)n);
}

void client_send(int fd, const char *text)
{
	client_send_bytes(fd, text, strlen(text));
}

static bool read_exactly(int fd, char *out, size_t n)
{
	while (n) {
		ssize_t got = recv(fd, out, n, 0);
		if (got <= 0)
			return false;
		out += got;
		n -= (size_t)got;
	}
	return true;
}

static bool read_head(int fd, char *out, size_t size)
{
	size_t n = 0;

	while (n + 1 < size && read_exactly(fd, out + n, 1)) {
		out[++n] = '\0';
		if (n >= 4 && memcmp(out + n - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

bool client_read(int fd, struct reply *reply, bool has_body)
{
	memset(reply, 0, sizeof(*reply));
	if (!read_head(fd, reply->head, sizeof(reply->head)) ||
	    sscanf(reply->head, "HTTP/1.1 %d ", &reply->status) != 1)
		return false;
	const char *length = strcasestr(reply->head, "\r\ncontent-length:");
	if (length)
		reply->body_len = strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
	size_t n = has_body ? reply->body_len : 0;
	reply->body = calloc(1, n + 1);
	return reply->body && read_exactly(fd, reply->body, n);
}

bool client_expect(int fd, int status, const char *body)
{
	struct reply reply;
	bool whole = client_read(fd, &reply, true);
	bool right = whole && reply.status == status && (!body || strcmp(reply.body, body) == 0);

	if (!right)
		printf("# want %d %s, got %d %s\n", status, body ? body : "", reply.status,
		       reply.body ? reply.body : "");
	reply_deinit(&reply);
	return right;
}

bool client_sees_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

void reply_deinit(struct reply *reply)
{
	free(reply->body);
	reply->body = NULL;
}
