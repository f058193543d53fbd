/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/receiver.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scarce.h"

#define REQUESTS_MAX 4096u
#define CONNECTIONS_MAX 512u
#define STEP_MS 20

struct receiver {
	int listener;
	uint16_t port;
	pthread_t acceptor;
	pthread_mutex_t lock;	/* guards what follows */
	bool stopping;
	unsigned connections, requests, at_once, most_at_once;
	int fds[CONNECTIONS_MAX];
	pthread_t threads[CONNECTIONS_MAX];
	struct received log[REQUESTS_MAX];
};

struct visit {
	struct receiver *receiver;
	int fd;
	unsigned number;
	char buf[65536];
	size_t len;
};

static bool is_stopping(struct receiver *r)
{
	pthread_mutex_lock(&r->lock);
	bool stopping = r->stopping;
	pthread_mutex_unlock(&r->lock);
	return stopping;
}

static bool put(int fd, const void *data, size_t n)
{
	for (const char *p = data; n > 0;) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool puts_all(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* Wait for the other side to leave, or for the end of the test. */
static void await_end(struct visit *v)
{
	char c;

	while (recv(v->fd, &c, 1, 0) > 0)
		;
}

static void reset(int fd)
{
	struct linger linger = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* False when nobody listens any more within a step. */
static bool pause_step(struct visit *v)
{
	struct pollfd poll_fd = {.fd = v->fd, .events = POLLIN | POLLRDHUP};

	return poll(&poll_fd, 1, STEP_MS) == 0 && !is_stopping(v->receiver);
}

static bool drip(struct visit *v, size_t n)
{
	char head[96];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
	if (!puts_all(v->fd, head))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!pause_step(v) || !puts_all(v->fd, "x"))
			return false;
	}
	return true;
}

static bool pour(struct visit *v, size_t n)
{
	static const char block[4096];
	char head[96];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
	if (!puts_all(v->fd, head))
		return false;
	for (size_t at = 0; at < n; at += sizeof(block)) {
		if (!put(v->fd, block, n - at < sizeof(block) ? n - at : sizeof(block)))
			return false;
	}
	return true;
}

static bool answer(struct visit *v, int status, const char *header, const char *body, size_t n)
{
	char head[512];

	snprintf(head, sizeof(head), "HTTP/1.1 %d X\r\nContent-Type: text/plain\r\n%s%s%zu\r\n\r\n",
		 status, header, status == 204 || status == 304 ? "X-None: " : "Content-Length: ",
		 n);
	return puts_all(v->fd, head) && put(v->fd, body, n);
}

static bool endless_head(struct visit *v)
{
	if (!puts_all(v->fd, "HTTP/1.1 200 OK\r\n"))
		return false;
	while (puts_all(v->fd, "X-More: and more and more and more and more and more\r\n"))
		;
	return false;
}

/* Do what `path` says; true: go on with the connection. */
static bool act(struct visit *v, const char *path, const char *body, size_t body_len)
{
	char header[256] = "";

	if (strcmp(path, "/ok") == 0)
		return answer(v, 200, "", body, body_len);
	if (strncmp(path, "/status/", 8) == 0)
		return answer(v, atoi(path + 8), "", "", 0);
	if (strncmp(path, "/later/", 7) == 0) {
		snprintf(header, sizeof(header), "Retry-After: %.64s\r\n", path + 7);
		return answer(v, 429, header, "", 0);
	}
	if (strncmp(path, "/redirect/", 10) == 0) {
		snprintf(header, sizeof(header), "Location: http://%.128s\r\n", path + 10);
		return answer(v, 302, header, "", 0);
	}
	if (strncmp(path, "/huge/", 6) == 0)
		return pour(v, (size_t)atol(path + 6));
	if (strcmp(path, "/slow") == 0)
		return drip(v, 20);
	if (strcmp(path, "/forever") == 0)
		return drip(v, 1u << 30);
	if (strcmp(path, "/endless-head") == 0)
		return endless_head(v);
	if (strcmp(path, "/close") == 0)
		answer(v, 200, "Connection: close\r\n", "", 0);
	else if (strcmp(path, "/bye") == 0)
		answer(v, 200, "", "", 0);
	else if (strcmp(path, "/half") == 0)
		puts_all(v->fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
	else if (strcmp(path, "/garbage") == 0)
		puts_all(v->fd, "\x16\x03 this is no HTTP\r\n\r\n\x7f\x45\x4c\x46");
	else if (strcmp(path, "/reset") == 0)
		reset(v->fd);
	else
		await_end(v);	/* /hang */
	return false;
}

static void note(struct visit *v, const char *head, size_t head_len, size_t body_len)
{
	struct receiver *r = v->receiver;

	pthread_mutex_lock(&r->lock);
	assert(r->requests < REQUESTS_MAX);
	struct received *request = &r->log[r->requests++];
	request->connection = v->number;
	request->body_len = body_len;
	size_t n = head_len < sizeof(request->head) ? head_len : sizeof(request->head) - 1;
	memcpy(request->head, head, n);
	request->head[n] = '\0';
	if (++r->at_once > r->most_at_once)
		r->most_at_once = r->at_once;
	pthread_mutex_unlock(&r->lock);
}

static void note_end(struct visit *v)
{
	pthread_mutex_lock(&v->receiver->lock);
	v->receiver->at_once--;
	pthread_mutex_unlock(&v->receiver->lock);
}

static bool fill(struct visit *v)
{
	ssize_t n = recv(v->fd, v->buf + v->len, sizeof(v->buf) - 1 - v->len, 0);

	if (n <= 0)
		return false;
	v->len += (size_t)n;
	v->buf[v->len] = '\0';
	return true;
}

/* Skip a body that is larger than the buffer. */
static bool skip(struct visit *v, size_t n)
{
	char block[4096];

	while (n > 0) {
		ssize_t got = recv(v->fd, block, n < sizeof(block) ? n : sizeof(block), 0);
		if (got <= 0)
			return false;
		n -= (size_t)got;
	}
	return true;
}

/* Read one request and do as it says; true: another may come. */
static bool serve(struct visit *v)
{
	char *end, path[512] = "";
	size_t body_len = 0;

	while (!(end = v->len ? strstr(v->buf, "\r\n\r\n") : NULL)) {
		if (!fill(v))
			return false;
	}
	size_t head_len = (size_t)(end + 4 - v->buf);
	const char *length = strcasestr(v->buf, "\r\nContent-Length:");
	if (length && length < end)
		body_len = (size_t)atol(length + 17);
	sscanf(v->buf, "%*s %511[^ ?]", path);
	if (strcmp(path, "/reset-early") == 0) {
		reset(v->fd);
		return false;
	}
	if (strcmp(path, "/deaf") == 0) {
		while (pause_step(v) || !is_stopping(v->receiver))
			usleep(1000);
		return false;
	}
	size_t whole = head_len + body_len;
	if (whole < sizeof(v->buf)) {
		while (v->len < whole) {
			if (!fill(v))
				return false;
		}
	} else if (!skip(v, whole - v->len)) {
		return false;
	}
	note(v, v->buf, head_len, body_len);
	bool more = act(v, path, v->buf + head_len, whole < sizeof(v->buf) ? body_len : 0);
	note_end(v);
	size_t used = whole < v->len ? whole : v->len;
	memmove(v->buf, v->buf + used, v->len - used + 1);
	v->len -= used;
	return more;
}

static void *visit_main(void *arg)
{
	struct visit *v = arg;
	struct receiver *r = v->receiver;

	scarce_spare();
	while (serve(v))
		;
	pthread_mutex_lock(&r->lock);
	r->fds[v->number - 1] = -1;
	close(v->fd);
	pthread_mutex_unlock(&r->lock);
	free(v);
	return NULL;
}

static void *accept_main(void *arg)
{
	struct receiver *r = arg;
	int fd, one = 1;

	scarce_spare();
	while ((fd = accept(r->listener, NULL, NULL)) >= 0) {
		struct visit *v = calloc(1, sizeof(*v));
		assert(v);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		pthread_mutex_lock(&r->lock);
		assert(r->connections < CONNECTIONS_MAX);
		r->fds[r->connections++] = fd;
		*v = (struct visit){.receiver = r, .fd = fd, .number = r->connections};
		int failed = pthread_create(&r->threads[v->number - 1], NULL, visit_main, v);
		assert(!failed);
		(void)failed;
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

struct receiver *receiver_start(void)
{
	struct receiver *r = calloc(1, sizeof(*r));
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	assert(r);
	pthread_mutex_init(&r->lock, NULL);
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(r->listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(r->listener, 256) != 0 ||
	    getsockname(r->listener, (struct sockaddr *)&address, &size) != 0)
		abort();
	r->port = ntohs(address.sin_port);
	if (pthread_create(&r->acceptor, NULL, accept_main, r) != 0)
		abort();
	return r;
}

void receiver_stop(struct receiver *r)
{
	shutdown(r->listener, SHUT_RDWR);
	pthread_join(r->acceptor, NULL);
	close(r->listener);
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	for (unsigned i = 0; i < r->connections; i++) {
		if (r->fds[i] >= 0)
			shutdown(r->fds[i], SHUT_RDWR);
	}
	pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->connections; i++)
		pthread_join(r->threads[i], NULL);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

uint16_t receiver_port(const struct receiver *r)
{
	return r->port;
}

static unsigned read_locked(struct receiver *r, const unsigned *value)
{
	pthread_mutex_lock(&r->lock);
	unsigned n = *value;
	pthread_mutex_unlock(&r->lock);
	return n;
}

unsigned receiver_connections(struct receiver *r)
{
	return read_locked(r, &r->connections);
}

unsigned receiver_requests(struct receiver *r)
{
	return read_locked(r, &r->requests);
}

unsigned receiver_most_at_once(struct receiver *r)
{
	return read_locked(r, &r->most_at_once);
}

const struct received *receiver_request(struct receiver *r, unsigned n)
{
	return n < receiver_requests(r) ? &r->log[n] : NULL;
}
