/* SPDX-License-Identifier: Apache-2.0 */
/*
 * receiver - an endpoint on loopback that answers every request 200, as fast as it can: one thread,
 * one epoll. Prints its port, then does what it reads, a line each:
 *
 *	hold		answer nothing from now on, and count from zero
 *	go TOTAL	answer what was held and what comes; once TOTAL came since hold, print a JSON
 *			line: how many of them came after go, and in how many seconds
 *	end		end; so does the end of the input
 *
 *	receiver [-s FILE] [-o FILE]
 *
 * -s keeps one request as it came, -o writes the webhook-id of each and when it came (ns, monotonic).
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_BYTES_MAX 65536u
#define ID_SIZE 80
#define EVENTS 64

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
			     "Content-Length: 15\r\n\r\n{\"status\":\"ok\"}";

struct visit {
	struct visit *next;	/* of all */
	int fd;
	unsigned owed;		/* answers held back */
	size_t len;
	char buf[REQUEST_BYTES_MAX + 1];
};

struct arrival {
	char id[ID_SIZE];
	int64_t at_ns;
};

static struct {
	int epoll, listener;
	const char *sample_path, *log_path;
	struct visit *visits;
	bool holds;
	uint64_t count, total, before_go;
	int64_t go_ns;
	struct arrival *log;
	size_t log_count, log_room;
} r;

static void die(const char *what)
{
	fprintf(stderr, "receiver: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- A request -------------------------------------------------------------------------------- */

/* The value of a header of the head that ends at `end`; NULL: it has none. `name`: "\nwebhook-id:". */
static const char *find_header(const char *head, const char *end, const char *name)
{
	while ((head = memchr(head, '\n', (size_t)(end - head))) != NULL) {
		if (strncasecmp(head, name, strlen(name)) == 0)
			return head + strlen(name) + strspn(head + strlen(name), " ");
		head++;
	}
	return NULL;
}

static void log_arrival(const char *head, const char *end)
{
	const char *id = find_header(head, end, "\nwebhook-id:");

	if (r.log_count == r.log_room) {
		r.log_room = r.log_room ? 2 * r.log_room : 65536;
		r.log = reallocarray(r.log, r.log_room, sizeof(*r.log));
		if (!r.log)
			die("memory");
	}
	struct arrival *one = &r.log[r.log_count++];
	one->at_ns = now_ns();
	snprintf(one->id, sizeof(one->id), "%.*s", id ? (int)strcspn(id, "\r\n") : 1, id ? id : "-");
}

static void keep_sample(const char *request, size_t n)
{
	FILE *file = fopen(r.sample_path, "wb");

	if (!file || fwrite(request, 1, n, file) != n || fclose(file) != 0)
		die(r.sample_path);
	r.sample_path = NULL;
}

static void tell_if_all_came(void)
{
	if (r.holds || r.total == 0 || r.count < r.total)
		return;
	printf("{\"done\":%" PRIu64 ",\"seconds\":%.6f}\n", r.count - r.before_go,
	       (double)(now_ns() - r.go_ns) / 1e9);
	fflush(stdout);
	r.total = 0;
}

/* Take the request at the front of the buffer, if all of it is there. */
static bool take_whole(struct visit *v)
{
	const char *end = memmem(v->buf, v->len, "\r\n\r\n", 4);

	if (!end)
		return false;
	const char *length = find_header(v->buf, end, "\ncontent-length:");
	size_t size = (size_t)(end + 4 - v->buf) + (length ? strtoul(length, NULL, 10) : 0);
	if (v->len < size)
		return false;
	if (r.log_path)
		log_arrival(v->buf, end);
	if (r.sample_path)
		keep_sample(v->buf, size);
	v->len -= size;
	memmove(v->buf, v->buf + size, v->len + 1);
	v->owed++;
	r.count++;
	return true;
}

static void pay(struct visit *v)
{
	for (; v->owed; v->owed--)
		if (send(v->fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0)
			break;		/* it has gone: the next read says so */
}

/* --- Visits ----------------------------------------------------------------------------------- */

static void end_visit(struct visit *v)
{
	struct visit **at = &r.visits;

	while (*at != v)
		at = &(*at)->next;
	*at = v->next;
	close(v->fd);
	free(v);
}

static void serve(struct visit *v)
{
	ssize_t n = recv(v->fd, v->buf + v->len, REQUEST_BYTES_MAX - v->len, 0);

	if (n <= 0) {
		end_visit(v);
		return;
	}
	v->len += (size_t)n;
	v->buf[v->len] = '\0';
	while (take_whole(v))
		;
	if (!r.holds)
		pay(v);
	tell_if_all_came();
}

static void take_visitor(void)
{
	int fd = accept(r.listener, NULL, NULL), one = 1;
	struct visit *v = fd >= 0 ? calloc(1, sizeof(*v)) : NULL;

	if (!v)
		return;
	v->fd = fd;
	v->next = r.visits;
	r.visits = v;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	epoll_ctl(r.epoll, EPOLL_CTL_ADD, fd,
		  &(struct epoll_event){.events = EPOLLIN, .data.ptr = v});
}

/* --- Commands --------------------------------------------------------------------------------- */

static void go(uint64_t total)
{
	r.holds = false;
	r.total = total;
	r.before_go = r.count;
	r.go_ns = now_ns();
	for (struct visit *v = r.visits; v; v = v->next)
		pay(v);
	tell_if_all_came();
}

/* False: it is to end. A command is written in one piece. */
static bool obey(void)
{
	char line[128];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);

	if (n <= 0 || strncmp(line, "end", 3) == 0)
		return false;
	line[n] = '\0';
	if (strncmp(line, "hold", 4) == 0) {
		r.holds = true;
		r.count = r.total = 0;
	} else if (strncmp(line, "go ", 3) == 0) {
		go(strtoull(line + 3, NULL, 10));
	}
	return true;
}

static void write_log(void)
{
	FILE *file = fopen(r.log_path, "w");

	if (!file)
		die(r.log_path);
	for (size_t i = 0; i < r.log_count; i++)
		fprintf(file, "%s %" PRId64 "\n", r.log[i].id, r.log[i].at_ns);
	if (fclose(file) != 0)
		die(r.log_path);
}

static void run(void)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(r.epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == &r.listener)
				take_visitor();
			else if (events[i].data.ptr != &r.holds)
				serve(events[i].data.ptr);
			else if (!obey())
				return;
		}
	}
}

static void start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	r.epoll = epoll_create1(0);
	r.listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(r.listener, (struct sockaddr *)&address, size) != 0 ||
	    listen(r.listener, 512) != 0 ||
	    getsockname(r.listener, (struct sockaddr *)&address, &size) != 0)
		die("listen");
	epoll_ctl(r.epoll, EPOLL_CTL_ADD, r.listener,
		  &(struct epoll_event){.events = EPOLLIN, .data.ptr = &r.listener});
	epoll_ctl(r.epoll, EPOLL_CTL_ADD, STDIN_FILENO,
		  &(struct epoll_event){.events = EPOLLIN, .data.ptr = &r.holds});
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "s:o:")) != -1) {
		if (c == 's')
			r.sample_path = optarg;
		else if (c == 'o')
			r.log_path = optarg;
		else
			return 2;
	}
	start();
	run();
	if (r.log_path)
		write_log();
	return 0;
}
