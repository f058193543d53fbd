/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time of the memory store for one message: a unit of one exchange, some 1 KB of JSON, over 1,000
 * conversations; then loads and finds of what was stored. Figures, not a test:
 * `bench/micro_store [EXCHANGES [THREADS]]`.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "store/store.h"

#define CONVERSATIONS 1000
#define THREADS_MAX 16

static const char in_raw[] =
	"{\"type\":\"text\",\"text\":\"Hello, where is my order 12345? It should have been here "
	"on Monday.\",\"language\":\"en\"}";
static const char out_raw[] =
	"{\"type\":\"text\",\"text\":\"I can help you with your order. Please tell me its number "
	"and I will look it up for you.\",\"language\":\"en\"}";
static const char analysis[] =
	"{\"intent\":\"order_inquiry\",\"confidence\":0.85,\"entities\":{\"order_number\":"
	"\"12345\"},\"sentiment\":{\"label\":\"neutral\",\"score\":0.0}}";
static const char processing[] =
	"{\"stage\":\"processed\",\"processors\":[\"text\"],\"language\":\"en\",\"ms\":0}";
static const char state[] =
	"{\"current_intent\":\"order_inquiry\",\"entities\":{\"order_number\":\"12345\"},"
	"\"message_count\":18,\"user_messages\":9,\"bot_messages\":9,\"intent_history\":"
	"[\"greeting\",\"order_inquiry\"],\"response_time_avg_ms\":1,\"slots\":{}}";

struct worker {
	struct pal_store *store;
	size_t exchanges, number;
	struct pal_conversation conversations[CONVERSATIONS];
	char ids[CONVERSATIONS][40];
	int64_t last[CONVERSATIONS];
	size_t failures;
	double idle_ns, commit_ns, load_ns, find_ns;	/* CPU of all calls together */
	pthread_t thread;
};

static int64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Something like a UUID; cheap, for it is made within what is measured. */
static void format_id(char out[40], size_t worker, size_t i, char kind)
{
	memcpy(out, "0192f3c1-0000-7000-8000-000000000000", 37);
	out[9] = kind;
	out[10] = (char)('a' + worker);
	for (char *p = out + 35; i; p--, i >>= 4)
		*p = "0123456789abcdef"[i & 15];
}

static struct pal_exchange make_exchange(const char in_id[40], const char out_id[40], int64_t first)
{
	return (struct pal_exchange){
		.in = {.message_id = pal_str(in_id),
		       .user_id = PAL_STR("user-4217"),
		       .sequence = first,
		       .direction = PAL_INBOUND,
		       .content = {PAL_CONTENT_TEXT, PAL_STR("Hello, where is my order 12345?"),
				   PAL_STR("en"), pal_str(in_raw)},
		       .analysis = pal_str(analysis),
		       .processing = pal_str(processing)},
		.out = {.message_id = pal_str(out_id),
			.user_id = PAL_STR("bot"),
			.sequence = first + 1,
			.direction = PAL_OUTBOUND,
			.content = {PAL_CONTENT_TEXT, PAL_STR("I can help you with your order."),
				    PAL_STR("en"), pal_str(out_raw)},
			.analysis = pal_str(analysis)},
		.state = pal_str(state),
		.delivery = {PAL_DELIVERY_PENDING, PAL_STR("user-4217")},
		.audit = {PAL_STR("message.processed"), PAL_STR("user-4217"), pal_str(in_id),
			  PAL_STR("req-0192f3c1"), PAL_STR("127.0.0.1")},
	};
}

static void commit(struct worker *w, size_t i)
{
	size_t c = i % CONVERSATIONS;
	char in_id[40], out_id[40];

	format_id(in_id, w->number, i, '8');
	format_id(out_id, w->number, i, '9');
	struct pal_exchange exchange = make_exchange(in_id, out_id, w->last[c] + 1);
	struct pal_unit unit = {.tenant = {1},
				.conversation = &w->conversations[c],
				.exchanges = &exchange,
				.count = 1,
				.verdict = PAL_UNIT_STORED};
	struct pal_unit *units = &unit;
	if (w->store)
		pal_store_commit(w->store, &units, 1);
	w->failures += unit.verdict != PAL_UNIT_STORED;
	w->last[c] += 2;
}

static void load(struct worker *w, size_t i)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation loaded;

	w->failures += pal_store_load_conversation(w->store, 0, (struct pal_tenant_key){1},
						   pal_str(w->ids[i % CONVERSATIONS]), &arena,
						   &loaded, NULL) != PAL_OK;
	pal_arena_release(&arena);
}

static void find(struct worker *w, size_t i)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_found_exchange found;
	char id[40];

	format_id(id, w->number, i * 7919 % w->exchanges, '8');
	w->failures += pal_store_find_exchange(w->store, 0, (struct pal_tenant_key){1},
					       pal_str(id), false, &arena, &found,
					       NULL) != PAL_OK;
	pal_arena_release(&arena);
}

static double measure(struct worker *w, void (*call)(struct worker *, size_t))
{
	int64_t start = cpu_ns();

	for (size_t i = 0; i < w->exchanges; i++)
		call(w, i);
	return (double)(cpu_ns() - start) / (double)w->exchanges;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct pal_store *store = w->store;

	for (size_t c = 0; c < CONVERSATIONS; c++) {
		format_id(w->ids[c], w->number, c, 'a');
		w->conversations[c] = (struct pal_conversation){.id = pal_str(w->ids[c]),
								.user_id = PAL_STR("user-4217")};
	}
	w->store = NULL;	/* what it takes to make the units */
	w->idle_ns = measure(w, commit);
	memset(w->last, 0, sizeof(w->last));
	w->store = store;
	w->commit_ns = measure(w, commit) - w->idle_ns;
	w->load_ns = measure(w, load);
	w->find_ns = measure(w, find);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	size_t exchanges = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
	size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
	struct pal_store *store;
	struct rusage before, after;

	if (threads < 1 || threads > THREADS_MAX || exchanges < 1 ||
	    pal_store_open(&(struct pal_store_config){.kind = "memory", .readers = 1}, &store,
			   NULL) != PAL_OK)
		return 1;
	getrusage(RUSAGE_SELF, &before);
	for (size_t t = 0; t < threads; t++) {
		workers[t] = (struct worker){.store = store, .exchanges = exchanges, .number = t};
		if (pthread_create(&workers[t].thread, NULL, work, &workers[t]) != 0)
			return 1;
	}
	for (size_t t = 0; t < threads; t++)
		pthread_join(workers[t].thread, NULL);
	getrusage(RUSAGE_SELF, &after);
	for (size_t t = 0; t < threads; t++)
		printf("thread %zu: commit %.0f ns, load %.0f ns, find %.0f ns of CPU a call, "
		       "%zu failures\n",
		       t, workers[t].commit_ns, workers[t].load_ns, workers[t].find_ns,
		       workers[t].failures);
	printf("%.0f bytes an exchange\n", (double)(after.ru_maxrss - before.ru_maxrss) * 1024 /
						   (double)(exchanges * threads));
	pal_store_destroy(store);
	return 0;
}
