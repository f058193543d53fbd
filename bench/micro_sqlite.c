/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time of the writer of the embedded store for an exchange of some 1 KB, system calls and
 * checkpoints included, 40 units a commit: `rr` goes round the conversations, `hot` stays with one,
 * `new` makes one for each. Then how long it takes to list all conversations, one user's before and after
 * the index of users is filled, how long to index texts, and to search them. Figures, not a test:
 * `bench/micro_sqlite FILE [rr|hot|new [EXCHANGES [CONVERSATIONS]]]`; FILE is made, and must not exist.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/id.h"
#include "store/store.h"

#define GROUP 40

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

struct bench {
	struct pal_store *store;
	const char *mode;
	size_t exchanges, conversations;
	int64_t *keys, *last;
	char (*ids)[PAL_UUID_TEXT_SIZE];
};

static double clock_s(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void make_id(char out[PAL_UUID_TEXT_SIZE], int64_t ms)
{
	struct pal_uuid id = pal_uuid_v7(ms);

	pal_uuid_format(&id, out);
}

struct slot {
	struct pal_unit unit;
	struct pal_conversation conversation;
	struct pal_exchange exchange;
	char in_id[PAL_UUID_TEXT_SIZE], out_id[PAL_UUID_TEXT_SIZE], user[32];
};

static void fill(struct bench *b, struct slot *s, size_t i, size_t c)
{
	int64_t ms = 1700000000000 + (int64_t)i;

	make_id(s->in_id, (int64_t)(i * 7919) % 1000003);	/* the client's: in no order */
	make_id(s->out_id, ms);
	if (b->keys[c] == 0)
		make_id(b->ids[c], ms);
	snprintf(s->user, sizeof(s->user), "user-%zu", c % 5000);
	s->exchange = (struct pal_exchange){
		.in = {.message_id = pal_str(s->in_id), .user_id = pal_str(s->user),
		       .sequence = b->last[c] + 1, .direction = PAL_INBOUND, .timestamp_ms = ms,
		       .content = {PAL_CONTENT_TEXT, {in_raw + 23, 66}, PAL_STR("en"),
				   pal_str(in_raw)},
		       .analysis = pal_str(analysis), .processing = pal_str(processing)},
		.out = {.message_id = pal_str(s->out_id), .user_id = PAL_STR("bot"),
			.sequence = b->last[c] + 2, .direction = PAL_OUTBOUND, .timestamp_ms = ms,
			.content = {PAL_CONTENT_TEXT, {out_raw + 23, 86}, PAL_STR("en"),
				    pal_str(out_raw)},
			.analysis = pal_str(analysis)},
		.received_ms = ms,
		.state = pal_str(state),
		.delivery = {PAL_DELIVERY_SENT, pal_str(s->user)},
		.audit = {PAL_STR("message.processed"), pal_str(s->user), pal_str(s->in_id),
			  PAL_STR("req-0192f3c1"), PAL_STR("127.0.0.1")},
	};
	s->conversation = (struct pal_conversation){.key = b->keys[c], .id = pal_str(b->ids[c]),
						    .user_id = pal_str(s->user),
						    .started_ms = ms, .last_activity_ms = ms};
	s->unit = (struct pal_unit){.tenant = {1}, .conversation = &s->conversation,
				    .exchanges = &s->exchange, .count = 1};
	b->last[c] += 2;
}

static size_t conversation_of(const struct bench *b, size_t i)
{
	if (strcmp(b->mode, "hot") == 0)
		return i % GROUP;	/* one unit of each in a commit */
	return i % b->conversations;
}

static size_t run(struct bench *b)
{
	static struct slot slots[GROUP];
	struct pal_unit *units[GROUP];
	size_t failures = 0;

	for (size_t at = 0; at + GROUP <= b->exchanges; at += GROUP) {
		for (size_t i = 0; i < GROUP; i++) {
			fill(b, &slots[i], at + i, conversation_of(b, at + i));
			units[i] = &slots[i].unit;
		}
		if (b->store)
			pal_store_commit(b->store, units, GROUP);
		for (size_t i = 0; i < GROUP && b->store; i++) {
			failures += slots[i].unit.verdict != PAL_UNIT_STORED;
			b->keys[conversation_of(b, at + i)] = slots[i].conversation.key;
		}
	}
	return failures;
}

static bool count_one(void *arg, const struct pal_conversation *conversation)
{
	(void)conversation;
	++*(size_t *)arg;
	return true;
}

static void list(struct bench *b, const char *user)
{
	struct pal_str user_id = user ? pal_str(user) : (struct pal_str){NULL, 0};

	for (int i = 0; i < 3; i++) {
		size_t count = 0;
		double wall = clock_s(CLOCK_MONOTONIC), cpu = clock_s(CLOCK_THREAD_CPUTIME_ID);
		if (pal_store_walk_conversations(b->store, 0, (struct pal_tenant_key){1}, user_id,
						 count_one, &count, NULL) != PAL_OK)
			return;
		printf("list %s: %zu conversations in %.2f ms, %.2f of CPU\n",
		       user ? user : "all", count, 1e3 * (clock_s(CLOCK_MONOTONIC) - wall),
		       1e3 * (clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu));
	}
}

static void index_all(struct bench *b)
{
	double cpu = clock_s(CLOCK_THREAD_CPUTIME_ID), longest = 0;
	bool more = true;

	while (more) {
		double wall = clock_s(CLOCK_MONOTONIC);
		if (pal_store_index_text(b->store, &more, NULL) != PAL_OK)
			return;
		wall = clock_s(CLOCK_MONOTONIC) - wall;
		longest = wall > longest ? wall : longest;
	}
	printf("index: %.2f us of CPU an exchange, longest step %.1f ms\n",
	       1e6 * (clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu) / (double)b->exchanges, 1e3 * longest);
}

static bool count_key(void *arg, int64_t key)
{
	(void)key;
	++*(size_t *)arg;
	return true;
}

static void search(struct bench *b, const char *query, size_t limit)
{
	size_t count = 0;
	double wall = clock_s(CLOCK_MONOTONIC);

	if (pal_store_search_text(b->store, 0, (struct pal_tenant_key){1}, pal_str(query), limit,
				  count_key, &count, NULL) == PAL_OK)
		printf("search \"%s\": %zu conversations in %.2f ms\n", query, count,
		       1e3 * (clock_s(CLOCK_MONOTONIC) - wall));
}

int main(int argc, char **argv)
{
	struct bench b = {.mode = argc > 2 ? argv[2] : "rr",
			  .exchanges = argc > 3 ? strtoul(argv[3], NULL, 10) : 200000};
	struct pal_store *store = NULL;
	struct pal_error err;

	b.conversations = strcmp(b.mode, "new") == 0 ? b.exchanges
			  : argc > 4		     ? strtoul(argv[4], NULL, 10)
						     : 1000;
	b.keys = calloc(b.conversations, sizeof(*b.keys));
	b.last = calloc(b.conversations, sizeof(*b.last));
	b.ids = calloc(b.conversations, sizeof(*b.ids));
	if (argc < 2 || !b.keys || !b.last || !b.ids || b.conversations < GROUP)
		return 1;
	if (pal_store_open(&(struct pal_store_config){.kind = "sqlite", .path = argv[1],
						      .readers = 1},
			   &store, &err) != PAL_OK) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	double cpu = clock_s(CLOCK_THREAD_CPUTIME_ID);
	(void)run(&b);	/* what it takes to make the units */
	double idle = clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu;
	memset(b.last, 0, b.conversations * sizeof(*b.last));
	b.store = store;
	double wall = clock_s(CLOCK_MONOTONIC);
	cpu = clock_s(CLOCK_THREAD_CPUTIME_ID);
	size_t failures = run(&b);
	printf("%s: %.2f us of CPU an exchange, %.0f /s, %zu failures\n", b.mode,
	       1e6 * (clock_s(CLOCK_THREAD_CPUTIME_ID) - cpu - idle) / (double)b.exchanges,
	       (double)b.exchanges / (clock_s(CLOCK_MONOTONIC) - wall), failures);
	list(&b, NULL);
	list(&b, "user-7");
	index_all(&b);
	list(&b, "user-7");
	search(&b, "absent", SIZE_MAX);
	search(&b, "where order mon", 100);
	search(&b, "where order mon", SIZE_MAX);
	pal_store_destroy(store);
	free(b.keys);
	free(b.last);
	free(b.ids);
	return 0;
}
