/* SPDX-License-Identifier: Apache-2.0 */
/* Readers beside the writer: what is stored before a question is asked is in its answer. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/sqlite_fixture.h"
#include "suite.h"

#define ROUNDS 1500
#define CONVERSATIONS 5
#define SMALL_RUN 32

struct world {
	struct fixture f;
	_Atomic int stored;		/* exchanges whose commit has returned */
	_Atomic int wrong;
	_Atomic int64_t keys[CONVERSATIONS];
};

struct reader {
	struct world *world;
	unsigned number;
	pthread_t thread;
};

static const struct pal_tenant_key tenant = {1};

static bool is_found(const struct reader *r, int n, bool outbound)
{
	struct pal_store *store = r->world->f.store;
	struct pal_arena arena = {0};
	struct pal_found_exchange found;
	char id[64];

	snprintf(id, sizeof(id), "%sr%d-0", outbound ? "re-" : "", n);
	enum pal_code code = store->ops->find_exchange(store, r->number, tenant, pal_str(id),
						       outbound, &arena, &found, NULL);
	bool is_right = code == PAL_OK && found.exchange.in.sequence == 1 + 2 * (n / CONVERSATIONS);
	pal_arena_release(&arena);
	return is_right;
}

static bool expect_next(void *arg, const struct pal_exchange *exchange)
{
	int64_t *next = arg;

	*next = exchange->in.sequence == *next ? *next + 2 : INT64_MIN / 2;
	return true;
}

static bool is_walked(const struct reader *r, int at, int64_t least)
{
	struct pal_store *store = r->world->f.store;
	int64_t next = 1;

	return store->ops->walk_exchanges(store, r->number, tenant, r->world->keys[at], 1, SIZE_MAX,
					  expect_next, &next, NULL) == PAL_OK && next > least;
}

static void *read_on(void *arg)
{
	struct reader *r = arg;
	unsigned seed = 7 + r->number;

	for (int stored = 0; stored < ROUNDS;) {
		stored = r->world->stored;
		if (stored == 0)
			continue;
		int n = stored - 1 - rand_r(&seed) % stored, at = n % CONVERSATIONS;
		bool is_right = is_found(r, n, false) && is_found(r, stored - 1, true);
		if (n % 16 == 0)
			is_right = is_right && is_walked(r, at, 1 + 2 * (n / CONVERSATIONS));
		if (!is_right)
			r->world->wrong++;
	}
	return NULL;
}

static void write_one(struct world *w, int n)
{
	struct turn t;
	char id[32], prefix[32];
	int at = n % CONVERSATIONS;

	snprintf(id, sizeof(id), "c%d", at);
	snprintf(prefix, sizeof(prefix), "r%d", n);
	turn_init(&t, tenant.n, id, w->keys[at], 1 + 2 * (n / CONVERSATIONS), prefix, 1);
	if (commit_turn(&w->f, &t) != PAL_UNIT_STORED)
		w->wrong++;
	w->keys[at] = t.conversation.key;
	w->stored = n + 1;
}

TEST(readers_see_all_that_was_stored_before_they_asked)
{
	struct world w = {0};
	struct reader readers[2];

	fixture_init(&w.f);
	w.f.options.run_exchanges = SMALL_RUN;
	w.f.options.config.synchronous = PAL_STORE_SYNC_NORMAL;
	w.f.options.config.checkpoint_pages = 50;
	fixture_open(&w.f);
	for (unsigned i = 0; i < 2; i++) {
		readers[i] = (struct reader){.world = &w, .number = i};
		CU_ASSERT_EQUAL_FATAL(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]),
				      0);
	}
	for (int n = 0; n < ROUNDS; n++)
		write_one(&w, n);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(readers[i].thread, NULL);
	CU_ASSERT_EQUAL(w.wrong, 0);
	fixture_deinit(&w.f);
}

SUITE(sqlite_readers, CASE(readers_see_all_that_was_stored_before_they_asked))
