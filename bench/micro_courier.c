/* SPDX-License-Identifier: Apache-2.0 */
/*
 * micro_courier - what the courier adds to libcurl: the same bodies posted to the same receiver on
 * loopback over as many connections, by plain libcurl (one multi handle, handles reused, no guard,
 * one thread) and by the courier (another thread hands over), in turns.
 *
 *	micro_courier [REQUESTS [CONNECTIONS [ROUNDS]]]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "courier/courier.h"
#include "plain.h"

#define BODY_BYTES 700u
#define CONNECTIONS_MAX 512u
#define ROUNDS_MAX 15u
#define TENANTS 8

static unsigned requests = 40000, connections = 64, rounds = 5;
static char url[64], body[BODY_BYTES + 1];

/* --- The receiver ----------------------------------------------------------------------------- */

static const char answer[] =
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
	"{\"status\":\"ok\"}";

struct visit {
	int fd;
	size_t len;
	char buf[8192];
};

/* Answer each whole request in the buffer; all are of one size once the first was measured. */
static bool serve(struct visit *v)
{
	ssize_t n = recv(v->fd, v->buf + v->len, sizeof(v->buf) - 1 - v->len, 0);

	if (n <= 0)
		return false;
	v->len += (size_t)n;
	v->buf[v->len] = '\0';
	const char *end = strstr(v->buf, "\r\n\r\n");
	if (!end || v->len < (size_t)(end + 4 - v->buf) + BODY_BYTES)
		return true;
	v->len = 0;
	return send(v->fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) > 0;
}

static void take_visitor(int epoll, int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;
	struct visit *v = fd >= 0 ? calloc(1, sizeof(*v)) : NULL;

	if (!v)
		return;
	v->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd,
		  &(struct epoll_event){.events = EPOLLIN, .data.ptr = v});
}

static void *receive(void *arg)
{
	int listener = *(int *)arg, epoll = epoll_create1(0);
	struct epoll_event events[64];

	epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});
	for (;;) {
		int n = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < n; i++) {
			struct visit *v = events[i].data.ptr;
			if (!v) {
				take_visitor(epoll, listener);
			} else if (!serve(v)) {
				close(v->fd);
				free(v);
			}
		}
	}
	return NULL;
}

static pthread_t receiver;

/* CPU time of all threads but the receiver's. */
static double cpu_s(void)
{
	struct timespec all = {0}, theirs = {0};
	clockid_t clock;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
	if (pthread_getcpuclockid(receiver, &clock) == 0)
		clock_gettime(clock, &theirs);
	return (double)(all.tv_sec - theirs.tv_sec) + (double)(all.tv_nsec - theirs.tv_nsec) / 1e9;
}

static void start_receiver(void)
{
	static int listener;
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 512) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0 ||
	    pthread_create(&receiver, NULL, receive, &listener) != 0) {
		perror("receiver");
		exit(1);
	}
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/hook", ntohs(address.sin_port));
}

/* --- Plain libcurl ---------------------------------------------------------------------------- */

struct figure {
	double rate, cpu_us;	/* requests a second; CPU for each */
};

static struct figure bench_plain(void)
{
	struct plain plain = {.url = url, .body = body, .body_bytes = BODY_BYTES,
			      .headers = curl_slist_append(NULL, "Content-Type: application/json"),
			      .requests = requests, .connections = connections};
	double cpu = cpu_s(), took_s = plain_post(&plain);

	cpu = cpu_s() - cpu;
	curl_slist_free_all(plain.headers);
	return (struct figure){requests / took_s, cpu * 1e6 / requests};
}

/* --- The courier ------------------------------------------------------------------------------ */

static atomic_uint ended, failed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_ended = PTHREAD_COND_INITIALIZER;

static void on_done(struct pal_courier_request *request)
{
	if (request->answer.status != 200)
		atomic_fetch_add(&failed, 1);
	pal_buf_deinit(&request->answer.body);
	if (atomic_fetch_add(&ended, 1) + 1 == requests) {
		pthread_mutex_lock(&lock);
		pthread_cond_signal(&all_ended);
		pthread_mutex_unlock(&lock);
	}
}

static void fill(struct pal_courier_request *request, int64_t tenant)
{
	request->tenant.n = tenant;
	request->outgoing.url = pal_str(url);
	request->outgoing.body = pal_str(body);
	request->outgoing.headers[0] = (struct pal_outgoing_header){
		PAL_STR("Content-Type"), PAL_STR("application/json")};
	request->outgoing.header_count = 1;
	request->done = on_done;
}

static struct figure bench_courier(unsigned tenants)
{
	struct pal_network loopback;
	struct pal_courier_options options = {.max_in_flight = connections,
					      .max_per_host = connections / tenants,
					      .max_per_tenant = connections / tenants,
					      .queue_max = requests,
					      .guard = {true, &loopback, 1}};
	struct pal_courier_request *all = calloc(requests, sizeof(*all));
	struct pal_courier *courier;
	struct pal_error err;

	atomic_store(&ended, 0);
	if (!all || pal_network_read(PAL_STR("127.0.0.1"), &loopback, &err) != PAL_OK ||
	    pal_courier_create(&options, &courier, &err) != PAL_OK ||
	    pal_courier_start(courier, &err) != PAL_OK)
		exit(1);
	double cpu = cpu_s();
	int64_t start_ns = pal_clock_mono_ns(pal_clock_system());
	for (unsigned i = 0; i < requests; i++) {
		fill(&all[i], 1 + i % tenants);
		/* At most a quarter of the queue may wait for one host. */
		while (i - atomic_load(&ended) > requests / 8)
			usleep(2000);
		if (!pal_courier_send(courier, &all[i]))
			exit(1);
	}
	pthread_mutex_lock(&lock);
	while (atomic_load(&ended) < requests)
		pthread_cond_wait(&all_ended, &lock);
	pthread_mutex_unlock(&lock);
	double took_s = (double)(pal_clock_mono_ns(pal_clock_system()) - start_ns) / 1e9;
	cpu = cpu_s() - cpu;
	pal_courier_stop(courier, 1000);
	pal_courier_destroy(courier);
	free(all);
	return (struct figure){requests / took_s, cpu * 1e6 / requests};
}

/* --- In turns --------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct figure median(const struct figure *figures)
{
	double rates[ROUNDS_MAX], cpus[ROUNDS_MAX];

	for (unsigned i = 0; i < rounds; i++) {
		rates[i] = figures[i].rate;
		cpus[i] = figures[i].cpu_us;
	}
	qsort(rates, rounds, sizeof(*rates), ascending);
	qsort(cpus, rounds, sizeof(*cpus), ascending);
	return (struct figure){rates[rounds / 2], cpus[rounds / 2]};
}

static void report(const char *what, struct figure ours, struct figure plain)
{
	printf("%-22s %8.0f /s  %5.2f of plain   CPU %5.1f us, %.2f of plain\n", what, ours.rate,
	       ours.rate / plain.rate, ours.cpu_us, ours.cpu_us / plain.cpu_us);
}

int main(int argc, char **argv)
{
	struct figure plain[ROUNDS_MAX], one[ROUNDS_MAX], several[ROUNDS_MAX];

	requests = argc > 1 ? (unsigned)atoi(argv[1]) : requests;
	connections = argc > 2 ? (unsigned)atoi(argv[2]) : connections;
	rounds = argc > 3 ? (unsigned)atoi(argv[3]) : rounds;
	if (connections < TENANTS || connections > CONNECTIONS_MAX || requests < connections ||
	    rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: micro_courier [REQUESTS [CONNECTIONS [ROUNDS]]]\n");
		return 2;
	}
	memset(body, 'x', BODY_BYTES);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	start_receiver();
	for (unsigned i = 0; i < rounds; i++) {
		plain[i] = bench_plain();
		one[i] = bench_courier(1);
		several[i] = bench_courier(TENANTS);
	}
	struct figure base = median(plain);
	printf("%u posts of %u bytes, %u connections, median of %u\n", requests, BODY_BYTES,
	       connections, rounds);
	report("plain libcurl", base, base);
	report("courier, one tenant", median(one), base);
	report("courier, 8 tenants", median(several), base);
	return atomic_load(&failed) ? 1 : 0;
}
