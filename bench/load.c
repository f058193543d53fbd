/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load - sends chat messages over keep-alive connections and prints one JSON line about the answers.
 * Closed loop: each connection sends its next message when the last one is answered. Open loop (-r):
 * messages fall due on a schedule that no answer can delay, and the time of each counts from the moment
 * it was due, so a server that stalls pays for all that waited meanwhile. One thread, one epoll.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 4096
#define IDS_MAX 1000000
#define ID_SIZE 64
#define DEPTH_MAX 16
#define ANSWER_BYTES_MAX 32768
#define REQUEST_BYTES_MAX 8192
#define HEADERS_BYTES_MAX 4096
#define EVENTS 256
#define GRACE_NS 10000000000ull	/* for the last answers, after the last message */
#define SECOND_NS 1000000000ull

static const char usage[] =
	"usage: load -p PORT [options]\n"
	"  -u PATH     path of the POST (/api/v2/chat/message)\n"
	"  -c N        connections (64)\n"
	"  -m MODE     new: a conversation for each message; rr: those of -i in turn;\n"
	"              hot: the first of -i, always\n"
	"  -i FILE     conversation ids, one a line\n"
	"  -k FILE     API key, sent as X-API-Key\n"
	"  -H FILE     more header lines\n"
	"  -T SECONDS  how long (5)\n"
	"  -n N        how many messages, instead of -T\n"
	"  -r RATE     open loop: messages a second\n"
	"  -P          open loop: exponential gaps instead of equal ones\n"
	"  -q N        closed loop: N messages in one go on each connection, 1..16 (1)\n"
	"  -t TENANT   whose messages they are (demo)\n"
	"  -C CHANNEL  and on which channel (web)\n"
	"  -o FILE     write `message_id response_id conversation_id due_ns` of each answer\n";

enum mode { MODE_NEW, MODE_RR, MODE_HOT };

struct options {
	const char *path, *ids_path, *key_path, *headers_path, *answers_path;
	const char *tenant, *channel;
	enum mode mode;
	uint16_t port;
	unsigned connections;
	double seconds, rate;	/* rate 0: closed loop */
	unsigned depth;		/* messages that a connection sends in one go (HTTP pipelining) */
	uint64_t count;		/* 0: as many as `seconds` allow */
	bool exponential;
};

struct conn {
	int fd;
	uint64_t due_ns, number;	/* of the first message under way */
	unsigned waiting;		/* answers to come */
	size_t got;
	char answer[ANSWER_BYTES_MAX];
};

struct load {
	struct options options;
	char headers[HEADERS_BYTES_MAX];
	/* see prepare() */
	char head[HEADERS_BYTES_MAX + 512], front[64], middle[256], tail[512];
	size_t head_length, middle_length, tail_length;
	uint32_t tag;			/* first part of every message id of this run */
	char (*ids)[ID_SIZE];
	size_t id_count;
	FILE *answers;
	int epoll;
	struct conn *conns, **idle;
	unsigned idle_count, closed;
	uint64_t start_ns, end_ns;	/* end: nothing is sent from then on */
	uint64_t next_due_ns;		/* open loop */
	uint64_t sent, done, refused, lost;
	float *times_us;
	size_t times_cap;
};

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *get_memory(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count, size);

	if (!p)
		die("memory");
	return p;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

static void read_ids(struct load *load)
{
	size_t cap = 1024;
	FILE *file;

	if (load->options.mode == MODE_NEW)
		return;
	file = load->options.ids_path ? fopen(load->options.ids_path, "r") : NULL;
	if (!file)
		die("-i");
	load->ids = get_memory(NULL, cap, sizeof(*load->ids));
	while (load->id_count < IDS_MAX && fscanf(file, "%63s", load->ids[load->id_count]) == 1)
		if (++load->id_count == cap)
			load->ids = get_memory(load->ids, cap *= 2, sizeof(*load->ids));
	fclose(file);
	if (load->options.mode == MODE_HOT && load->id_count > 1)
		load->id_count = 1;
	if (load->id_count == 0) {
		fprintf(stderr, "load: no conversation ids\n");
		exit(1);
	}
}

/* Append the lines of a file to the headers of every message, each after `prefix`. */
static void add_headers(struct load *load, const char *path, const char *prefix)
{
	char line[1024];
	size_t used = strlen(load->headers);
	FILE *file = fopen(path, "r");

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0')
			continue;
		used += (size_t)snprintf(load->headers + used, sizeof(load->headers) - used,
					 "%s%s\r\n", prefix, line);
		if (used >= sizeof(load->headers)) {
			fprintf(stderr, "load: headers too long\n");
			exit(1);
		}
	}
	fclose(file);
}

/* Append text and step behind it: a formatter for each message would cost the machine more than its sending. */
static char *put(char *to, const char *text, size_t n)
{
	memcpy(to, text, n);
	return to + n;
}

/* The pieces of the body: before the number, behind it, and behind the conversation id. */
static void prepare_body(struct load *load)
{
	const struct options *o = &load->options;

	snprintf(load->front, sizeof(load->front),
		 "{\"message_id\":\"%08" PRIx32 "-0000-4000-8fff-", load->tag);
	load->middle_length = (size_t)snprintf(load->middle, sizeof(load->middle),
					       "\",\"tenant_id\":\"%.100s\","
					       "\"user_id\":\"user-000123\",", o->tenant);
	load->tail_length = (size_t)snprintf(
		load->tail, sizeof(load->tail),
		"\"channel\":\"%.50s\",\"timestamp\":\"2025-01-01T00:00:00Z\",\"content\":"
		"{\"type\":\"text\",\"text\":\"Hello, I would like to check the status of my order "
		"4711 please\",\"language\":\"en\"},\"channel_metadata\":{\"platform\":\"web\"}}",
		o->channel);
}

/* What is the same in every message is made once: the pieces around conversation id, length and number. */
static void prepare(struct load *load)
{
	load->head_length = (size_t)snprintf(load->head, sizeof(load->head),
					     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
					     "Content-Type: application/json\r\n"
					     "X-Tenant-ID: %.100s\r\n%sContent-Length: ",
					     load->options.path, load->options.tenant,
					     load->headers);
	if (load->head_length >= sizeof(load->head)) {
		fprintf(stderr, "load: headers too long\n");
		exit(1);
	}
	prepare_body(load);
}

static char *put_hex12(char *to, uint64_t number)
{
	for (int shift = 44; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[number >> shift & 15];
	return to;
}

static size_t build(const struct load *load, uint64_t number, char *out)
{
	static const char field[] = "\"conversation_id\":\"";
	const char *id = load->id_count ? load->ids[number % load->id_count] : "";
	size_t id_length = strlen(id), front = strlen(load->front), length;
	char *at = put(out, load->head, load->head_length);

	length = front + 12 + load->middle_length + load->tail_length;
	if (id_length)
		length += strlen(field) + id_length + 2;
	at += sprintf(at, "%zu\r\n\r\n", length);
	at = put(at, load->front, front);
	at = put_hex12(at, number);
	at = put(at, load->middle, load->middle_length);
	if (id_length) {
		at = put(at, field, strlen(field));
		at = put(at, id, id_length);
		at = put(at, "\",", 2);
	}
	at = put(at, load->tail, load->tail_length);
	return (size_t)(at - out);
}

static void drop(struct load *load, struct conn *conn)
{
	close(conn->fd);
	conn->fd = -1;
	load->lost++;
	load->closed++;
}

static void send_message(struct load *load, struct conn *conn, uint64_t due_ns)
{
	char request[REQUEST_BYTES_MAX * DEPTH_MAX];
	size_t n = 0;

	conn->due_ns = due_ns;
	conn->number = load->sent;
	conn->got = 0;
	for (conn->waiting = 0; conn->waiting < load->options.depth; conn->waiting++)
		n += build(load, load->sent++, request + n);
	if (send(conn->fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
		drop(load, conn);
}

static uint64_t gap_ns(const struct load *load)
{
	double gap = (double)SECOND_NS / load->options.rate;

	return (uint64_t)(load->options.exponential ? -log(1 - drand48()) * gap : gap);
}

static bool may_send(const struct load *load, uint64_t when_ns)
{
	return load->options.count ? load->sent < load->options.count : when_ns < load->end_ns;
}

/* Send what is due and finds a connection; the rest waits, and its time runs. */
static void send_due(struct load *load)
{
	uint64_t now = now_ns();

	while (load->idle_count > 0) {
		uint64_t due = load->options.rate > 0 ? load->next_due_ns : now;

		if (due > now || !may_send(load, due))
			return;
		if (load->options.rate > 0)
			load->next_due_ns += gap_ns(load);
		send_message(load, load->idle[--load->idle_count], due);
	}
}

/* The text of a JSON member whose value is a plain string; "-" when there is none. */
static void find_member(const char *body, const char *quoted_key, char *out, size_t size)
{
	const char *p = strstr(body, quoted_key);
	size_t n = p ? strcspn(p + strlen(quoted_key), "\"") : 0;

	if (!p || n >= size) {
		snprintf(out, size, "-");
		return;
	}
	memcpy(out, p + strlen(quoted_key), n);
	out[n] = '\0';
}

static void note_answer(struct load *load, const struct conn *conn, const char *body)
{
	char conversation[ID_SIZE], response[ID_SIZE];

	find_member(body, "\"conversation_id\":\"", conversation, sizeof(conversation));
	find_member(body, "\"response_id\":\"", response, sizeof(response));
	fprintf(load->answers, "%08" PRIx32 "-0000-4000-8fff-%012" PRIx64 " %s %s %" PRIu64 "\n",
		load->tag, conn->number, response, conversation, conn->due_ns);
}

static void take_answer(struct load *load, struct conn *conn, const char *body)
{
	bool accepted = strncmp(conn->answer, "HTTP/1.1 2", 10) == 0;

	if (load->done == load->times_cap) {
		load->times_cap = load->times_cap ? load->times_cap * 2 : 65536;
		load->times_us = get_memory(load->times_us, load->times_cap, sizeof(float));
	}
	load->times_us[load->done++] = (float)(now_ns() - conn->due_ns) / 1000;
	if (!accepted && load->refused++ == 0)
		fprintf(stderr, "load: first refusal: %.300s\n", conn->answer);
	if (accepted && load->answers)
		note_answer(load, conn, body);
	conn->number++;
	if (--conn->waiting == 0)
		load->idle[load->idle_count++] = conn;
}

/* The value of Content-Length among the header lines before `end`; NULL when there is none. */
static const char *find_length(const char *head, const char *end)
{
	static const char name[] = "\ncontent-length:";

	while ((head = memchr(head, '\n', (size_t)(end - head))) != NULL) {
		if (strncasecmp(head, name, sizeof(name) - 1) == 0)
			return head + sizeof(name) - 1;
		head++;
	}
	return NULL;
}

/* Take the answer at the front of what was read, if all of it is there. */
static bool take_whole(struct load *load, struct conn *conn)
{
	const char *end = memmem(conn->answer, conn->got, "\r\n\r\n", 4);

	if (!end)
		return false;
	const char *length = find_length(conn->answer, end);
	size_t size = (size_t)(end + 4 - conn->answer) + (length ? strtoul(length, NULL, 10) : 0);
	if (conn->got < size)
		return false;
	take_answer(load, conn, end + 4);
	conn->got -= size;
	memmove(conn->answer, conn->answer + size, conn->got + 1);
	return true;
}

static void read_answer(struct load *load, struct conn *conn)
{
	ssize_t n = recv(conn->fd, conn->answer + conn->got, sizeof(conn->answer) - 1 - conn->got, 0);

	if (n < 0 && errno == EAGAIN)	/* edge-triggered: the rest of an answer is an event of its own */
		return;
	if (n <= 0) {
		drop(load, conn);
		return;
	}
	conn->got += (size_t)n;
	conn->answer[conn->got] = '\0';
	while (take_whole(load, conn))
		;
}

static void connect_all(struct load *load)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(load->options.port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;

	load->conns = get_memory(NULL, load->options.connections, sizeof(*load->conns));
	load->idle = get_memory(NULL, load->options.connections, sizeof(*load->idle));
	load->epoll = epoll_create1(0);
	for (unsigned i = 0; i < load->options.connections; i++) {
		struct conn *conn = &load->conns[i];
		struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = conn};

		conn->fd = socket(AF_INET, SOCK_STREAM, 0);
		if (conn->fd < 0 || connect(conn->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
			die("connect");
		setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		fcntl(conn->fd, F_SETFL, O_NONBLOCK);
		if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, conn->fd, &event) != 0)
			die("epoll");
		load->idle[load->idle_count++] = conn;
	}
}

/* How long to sleep when nothing is read: until the next message falls due, if one could be sent. */
static struct timespec nap(const struct load *load)
{
	uint64_t now = now_ns(), ns = 20000000;

	if (load->options.rate > 0 && load->idle_count > 0 && may_send(load, load->next_due_ns))
		ns = load->next_due_ns > now ? load->next_due_ns - now : 0;
	return (struct timespec){(time_t)(ns / SECOND_NS), (long)(ns % SECOND_NS)};
}

static bool is_over(const struct load *load)
{
	unsigned open = load->options.connections - load->closed;
	uint64_t next = load->options.rate > 0 ? load->next_due_ns : now_ns();

	if (open == 0)
		return true;
	if (!load->options.count && now_ns() > load->end_ns + GRACE_NS)
		return true;
	return load->idle_count == open && !may_send(load, next);
}

static void run(struct load *load)
{
	struct epoll_event events[EVENTS];

	load->start_ns = load->next_due_ns = now_ns();
	load->end_ns = load->start_ns + (uint64_t)(load->options.seconds * (double)SECOND_NS);
	while (!is_over(load)) {
		send_due(load);
		struct timespec ts = nap(load);
		int n = epoll_pwait2(load->epoll, events, EVENTS, &ts, NULL);
		for (int i = 0; i < n; i++)
			read_answer(load, events[i].data.ptr);
	}
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double percentile(const struct load *load, double share)
{
	return load->done ? load->times_us[(size_t)(share * (double)(load->done - 1))] : 0;
}

static void report(struct load *load)
{
	double seconds = (double)(now_ns() - load->start_ns) / (double)SECOND_NS, sum = 0;

	qsort(load->times_us, load->done, sizeof(float), compare);
	for (size_t i = 0; i < load->done; i++)
		sum += load->times_us[i];
	printf("{\"loop\":\"%s\",\"connections\":%u,\"offered\":%.0f,\"seconds\":%.3f,"
	       "\"sent\":%" PRIu64 ",\"done\":%" PRIu64 ",\"refused\":%" PRIu64
	       ",\"lost\":%" PRIu64 ",\"rate\":%.1f,\"mean_us\":%.1f,\"p50_us\":%.1f,"
	       "\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"cpu_s\":%.3f}\n",
	       load->options.rate > 0 ? "open" : "closed", load->options.connections,
	       load->options.rate, seconds, load->sent, load->done, load->refused, load->lost,
	       (double)load->done / seconds, load->done ? sum / (double)load->done : 0,
	       percentile(load, 0.5), percentile(load, 0.9), percentile(load, 0.99),
	       percentile(load, 0.999), percentile(load, 1), cpu_s());
}

static enum mode parse_mode(const char *text)
{
	static const char *const names[] = {"new", "rr", "hot"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum mode)i;
	fputs(usage, stderr);
	exit(2);
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "p:u:c:m:i:k:H:T:n:r:Po:q:t:C:")) != -1)
		switch (c) {
		case 'p': o->port = (uint16_t)strtoul(optarg, NULL, 10); break;
		case 'u': o->path = optarg; break;
		case 'c': o->connections = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'm': o->mode = parse_mode(optarg); break;
		case 'i': o->ids_path = optarg; break;
		case 'k': o->key_path = optarg; break;
		case 'H': o->headers_path = optarg; break;
		case 'T': o->seconds = strtod(optarg, NULL); break;
		case 'q': o->depth = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'n': o->count = strtoull(optarg, NULL, 10); break;
		case 'r': o->rate = strtod(optarg, NULL); break;
		case 'P': o->exponential = true; break;
		case 'o': o->answers_path = optarg; break;
		case 't': o->tenant = optarg; break;
		case 'C': o->channel = optarg; break;
		default: fputs(usage, stderr); exit(2);
		}
	if (o->port == 0 || o->connections == 0 || o->connections > CONNECTIONS_MAX ||
	    o->depth == 0 || o->depth > DEPTH_MAX || (o->rate > 0 && o->depth > 1) ||
	    optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct load load = {.options = {.path = "/api/v2/chat/message",
					.tenant = "demo",
					.channel = "web",
					.connections = 64,
					.depth = 1,
					.seconds = 5}};

	parse(&load.options, argc, argv);
	if (getrandom(&load.tag, sizeof(load.tag), 0) != sizeof(load.tag))
		die("getrandom");
	srand48((long)load.tag);
	if (load.options.key_path)
		add_headers(&load, load.options.key_path, "X-API-Key: ");
	if (load.options.headers_path)
		add_headers(&load, load.options.headers_path, "");
	read_ids(&load);
	prepare(&load);
	if (load.options.answers_path && !(load.answers = fopen(load.options.answers_path, "w")))
		die(load.options.answers_path);
	connect_all(&load);
	run(&load);
	if (load.answers && fclose(load.answers) != 0)
		die(load.options.answers_path);
	report(&load);
	free(load.times_us);
	free(load.conns);
	free(load.idle);
	free(load.ids);
	return load.done == 0 || load.lost > 0;
}
