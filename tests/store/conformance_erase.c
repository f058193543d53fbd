/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations that are erased: what goes, and what stays taken. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

static struct pal_unit *stored(struct stage *stage, const struct unit_spec *spec)
{
	struct pal_unit *unit = make_unit(&stage->arena, spec);

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit;
}

static enum pal_code erase(struct stage *stage, struct pal_tenant_key tenant, int64_t key,
			   size_t limit, bool *ret_more)
{
	return pal_store_erase_conversation(stage->store, tenant, key, limit, ret_more, NULL);
}

/* Erase in steps of `limit`; return how many it took. */
static size_t erase_all(struct stage *stage, int64_t key, size_t limit)
{
	bool more = true;
	size_t steps = 0;

	while (more && steps < 1000) {
		CU_ASSERT_EQUAL_FATAL(erase(stage, tenant1, key, limit, &more), PAL_OK);
		steps++;
	}
	return steps;
}

static enum pal_code load(struct stage *stage, const char *id, struct pal_conversation *ret)
{
	return pal_store_load_conversation(stage->store, 0, tenant1, pal_str(id), &stage->arena, ret,
					   NULL);
}

static enum pal_code find(struct stage *stage, const char *id, bool outbound)
{
	struct pal_found_exchange found;

	return pal_store_find_exchange(stage->store, 1, tenant1, pal_str(id), outbound,
				       &stage->arena, &found, NULL);
}

static bool count_exchange(void *arg, const struct pal_exchange *exchange)
{
	(void)exchange;
	++*(size_t *)arg;
	return true;
}

static bool count_conversation(void *arg, const struct pal_conversation *conversation)
{
	CU_ASSERT_TRUE(conversation->id.n > 0 && conversation->user_id.n > 0);
	++*(size_t *)arg;
	return true;
}

static bool count_key(void *arg, int64_t key)
{
	(void)key;
	++*(size_t *)arg;
	return true;
}

static size_t walked(struct stage *stage, int64_t key)
{
	size_t n = 0;

	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, key, 1, SIZE_MAX,
						 count_exchange, &n, NULL),
			PAL_OK);
	return n;
}

static size_t listed(struct stage *stage, const char *user)
{
	size_t n = 0;

	CU_ASSERT_EQUAL(pal_store_walk_conversations(stage->store, 0, tenant1,
						     user ? pal_str(user)
							  : (struct pal_str){NULL, 0},
						     count_conversation, &n, NULL),
			PAL_OK);
	return n;
}

static size_t searched(struct stage *stage, const char *query)
{
	bool more = true;
	size_t n = 0;

	while (more)
		CU_ASSERT_EQUAL_FATAL(pal_store_index_text(stage->store, &more, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_search_text(stage->store, 0, tenant1, pal_str(query), 100,
					      count_key, &n, NULL),
			PAL_OK);
	return n;
}

static bool is_absent(struct stage *stage, const char *id, int64_t key, size_t exchanges)
{
	struct pal_conversation c;
	bool absent = load(stage, id, &c) == PAL_E_NOT_FOUND && walked(stage, key) == 0;

	for (size_t i = 0; i < exchanges; i++) {
		const char *in = text_of(&stage->arena, "%s-%zu", id, i).p;
		const char *out = text_of(&stage->arena, "%s-%zu-reply", id, i).p;
		absent = absent && find(stage, in, false) == PAL_E_NOT_FOUND &&
			 find(stage, out, true) == PAL_E_NOT_FOUND;
	}
	return absent;
}

void conform_an_erased_conversation_is_as_if_absent(struct stage *stage)
{
	struct pal_unit *gone = stored(stage, &(struct unit_spec){.conversation = "gone",
								  .count = 7,
								  .prefix = "gone"});
	struct pal_unit *stays = stored(stage, &(struct unit_spec){.conversation = "stays",
								   .count = 3,
								   .prefix = "stays"});
	int64_t key = gone->conversation->key;
	struct pal_conversation c;
	bool more = true;

	CU_ASSERT_EQUAL(searched(stage, "gone"), 1);
	CU_ASSERT_EQUAL(erase_all(stage, key, 3), 3);
	for (int round = 0; round < 2; round++) {
		CU_ASSERT_TRUE(is_absent(stage, "gone", key, 7));
		CU_ASSERT_EQUAL(listed(stage, NULL), 1);
		CU_ASSERT_EQUAL(listed(stage, "user of gone"), 0);
		CU_ASSERT_EQUAL(searched(stage, "gone"), 0);
		CU_ASSERT_EQUAL(erase(stage, tenant1, key, 3, &more), PAL_E_NOT_FOUND);

		CU_ASSERT_EQUAL(load(stage, "stays", &c), PAL_OK);
		CU_ASSERT_TRUE(is_same_conversation(&c, stays->conversation));
		CU_ASSERT_EQUAL(walked(stage, c.key), 3);
		CU_ASSERT_EQUAL(searched(stage, "stays"), 1);
		if (!stage->kind->durable)
			break;
		stage_reopen(stage);
	}
}

void conform_what_an_erased_conversation_had_taken_stays_taken(struct stage *stage)
{
	struct pal_unit *unit = stored(
		stage, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"});
	int64_t key = unit->conversation->key;
	const struct pal_change change = {.status = PAL_CONVERSATION_ACTIVE};
	const struct unit_spec specs[] = {
		{.conversation = "other", .count = 1, .prefix = "c"},	/* c-0 */
		{.conversation = "c", .count = 1, .prefix = "x"},
		{.conversation = "c", .key = key, .first = 5, .count = 1, .prefix = "x"},
		{.conversation = "c", .key = key, .first = 1, .count = 1, .prefix = "x"},
		{.conversation = "c", .key = key},			/* a change */
	};
	static const enum pal_unit_verdict want[] = {PAL_UNIT_DUPLICATE, PAL_UNIT_STALE,
						     PAL_UNIT_STALE, PAL_UNIT_STALE, PAL_UNIT_STALE};
	struct pal_conversation record = *unit->conversation;
	struct pal_store_counts counts;

	erase_all(stage, key, 100);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 5; i++) {
			struct pal_unit *next = make_unit(&stage->arena, &specs[i]);
			next->change = specs[i].count ? NULL : &change;
			CU_ASSERT_EQUAL(commit_one(stage->store, next), want[i]);
		}
		record.last_sequence = 4;
		CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, &record, 1, NULL),
				PAL_OK);
		CU_ASSERT_TRUE(is_absent(stage, "c", key, 2));
		CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
		CU_ASSERT_EQUAL(counts.exchanges, 2);
		if (!stage->kind->durable)
			break;
		stage_reopen(stage);
	}
}

void conform_a_conversation_is_erased_step_by_step(struct stage *stage)
{
	struct pal_unit *unit = stored(
		stage, &(struct unit_spec){.conversation = "c", .count = 6, .prefix = "c"});
	int64_t key = unit->conversation->key;
	struct pal_conversation c;
	bool more = false;

	for (size_t step = 1; step < 3; step++) {
		CU_ASSERT_EQUAL(erase(stage, tenant1, key, 2, &more), PAL_OK);
		CU_ASSERT_TRUE(more);
		if (stage->kind->durable)
			stage_reopen(stage);	/* what is left to do is not forgotten */
		CU_ASSERT_EQUAL(find(stage, "c-5", false), PAL_E_NOT_FOUND);
		CU_ASSERT_EQUAL(find(stage, "c-3", false) == PAL_OK, step < 2);
		CU_ASSERT_EQUAL(find(stage, "c-0", false), PAL_OK);
		CU_ASSERT_EQUAL(walked(stage, key), 0);
		CU_ASSERT_EQUAL(load(stage, "c", &c), PAL_OK);	/* so that it can go on */
		CU_ASSERT_EQUAL(c.last_sequence, 12);
		CU_ASSERT_EQUAL(c.state.n, 0);
		struct pal_unit *next = make_unit(&stage->arena, &(struct unit_spec){
									 .conversation = "c",
									 .key = key,
									 .first = 13,
									 .count = 1,
									 .prefix = "n"});
		CU_ASSERT_EQUAL(commit_one(stage->store, next), PAL_UNIT_STALE);
	}
	CU_ASSERT_EQUAL(erase(stage, tenant1, key, 2, &more), PAL_OK);
	CU_ASSERT_FALSE(more);
	CU_ASSERT_TRUE(is_absent(stage, "c", key, 6));
}

void conform_erasing_what_is_unknown_or_foreign_does_nothing(struct stage *stage)
{
	struct pal_unit *unit = stored(
		stage, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "c"});
	int64_t key = unit->conversation->key;
	bool more = true;

	CU_ASSERT_EQUAL(erase(stage, tenant2, key, 10, &more), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(erase(stage, tenant1, key + 6400, 10, &more), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(erase(stage, tenant1, 0, 10, &more), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(erase(stage, (struct pal_tenant_key){0}, key, 10, &more), PAL_E_VALIDATION);
	CU_ASSERT_TRUE(more);
	CU_ASSERT_EQUAL(walked(stage, key), 1);
	CU_ASSERT_EQUAL(find(stage, "c-0", false), PAL_OK);
}

void conform_an_empty_conversation_can_be_erased(struct stage *stage)
{
	struct pal_unit *unit = stored(
		stage, &(struct unit_spec){.conversation = "c", .count = 0, .prefix = "c"});
	int64_t key = unit->conversation->key;

	CU_ASSERT_EQUAL(erase_all(stage, key, 1), 1);
	CU_ASSERT_TRUE(is_absent(stage, "c", key, 0));
	struct pal_unit *next = make_unit(
		&stage->arena,
		&(struct unit_spec){.conversation = "c", .key = key, .count = 1, .prefix = "n"});
	CU_ASSERT_EQUAL(commit_one(stage->store, next), PAL_UNIT_STALE);
}

/* A gated exchange has no reply; one may be indexed and the next not yet. */
void conform_every_kind_of_exchange_is_erased(struct stage *stage)
{
	struct pal_unit *unit = stored(stage, &(struct unit_spec){.conversation = "c",
								  .count = 3,
								  .prefix = "c",
								  .gated = true});
	int64_t key = unit->conversation->key;

	CU_ASSERT_EQUAL(searched(stage, "c"), 1);
	struct pal_unit *more = make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
									     .key = key,
									     .first = 4,
									     .count = 2,
									     .prefix = "d"});
	exchange_of(more, 0)->in.content.text = (struct pal_str){NULL, 0};
	exchange_of(more, 0)->out.content.text = (struct pal_str){NULL, 0};
	CU_ASSERT_EQUAL(commit_one(stage->store, more), PAL_UNIT_STORED);
	erase_all(stage, key, 2);
	CU_ASSERT_TRUE(is_absent(stage, "c", key, 3));
	CU_ASSERT_EQUAL(find(stage, "d-0", false), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(find(stage, "d-1-reply", true), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(searched(stage, "c"), 0);
	CU_ASSERT_EQUAL(searched(stage, "d"), 0);
}

/* --- readers beside it ------------------------------------------------------------------------- */

#define RACE_CONVERSATIONS 40
#define RACE_EXCHANGES 12

struct erase_race {
	struct stage *stage;
	int64_t keys[RACE_CONVERSATIONS];
	_Atomic bool over;
	_Atomic size_t wrong, rounds;
};

struct erase_reader {
	struct erase_race *race;
	unsigned number;
	size_t conversation;	/* being walked */
	int64_t next;
	pthread_t thread;
};

static void check_whole(struct erase_race *race, size_t conversation,
			const struct pal_exchange *exchange)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_exchange want;
	int64_t i = exchange->in.sequence / 2;

	fill_exchange(&arena, &want, text_of(&arena, "r%zu-%lld", conversation, (long long)i),
		      2 * i + 1, false);
	if (!is_same_exchange(exchange, &want))
		atomic_fetch_add(&race->wrong, 1);
	pal_arena_release(&arena);
}

static bool race_visit(void *arg, const struct pal_exchange *exchange)
{
	struct erase_reader *reader = arg;

	check_whole(reader->race, reader->conversation, exchange);
	if (exchange->in.sequence != reader->next)
		atomic_fetch_add(&reader->race->wrong, 1);
	reader->next = exchange->in.sequence + 2;
	return true;
}

static void *read_beside(void *arg)
{
	struct erase_reader *reader = arg;
	struct erase_race *race = reader->race;
	struct pal_store *store = race->stage->store;

	do {
		for (size_t c = 0; c < RACE_CONVERSATIONS; c++) {
			struct pal_arena arena = pal_arena_of(0);
			struct pal_found_exchange found;
			reader->conversation = c;
			reader->next = 1;
			enum pal_code walked = pal_store_walk_exchanges(
				store, reader->number, tenant1, race->keys[c], 1, SIZE_MAX,
				race_visit, reader, NULL);
			enum pal_code met = pal_store_find_exchange(
				store, reader->number, tenant1, text_of(&arena, "r%zu-3", c), false,
				&arena, &found, NULL);
			if (met == PAL_OK)
				check_whole(race, c, &found.exchange);
			if (walked != PAL_OK || (met != PAL_OK && met != PAL_E_NOT_FOUND))
				atomic_fetch_add(&race->wrong, 1);
			pal_arena_release(&arena);
		}
		atomic_fetch_add(&race->rounds, 1);
	} while (!atomic_load(&race->over));
	return NULL;
}

void conform_readers_see_whole_exchanges_or_none_while_one_erases(struct stage *stage)
{
	static struct erase_race race;
	struct erase_reader readers[CONFORMANCE_READERS];
	char id[16];

	race = (struct erase_race){.stage = stage};
	for (size_t c = 0; c < RACE_CONVERSATIONS; c++) {
		snprintf(id, sizeof(id), "r%zu", c);
		race.keys[c] = stored(stage, &(struct unit_spec){.conversation = id,
								 .count = RACE_EXCHANGES,
								 .prefix = id})
				       ->conversation->key;
	}
	for (unsigned i = 0; i < CONFORMANCE_READERS; i++) {
		readers[i] = (struct erase_reader){.race = &race, .number = i};
		CU_ASSERT_EQUAL_FATAL(
			pthread_create(&readers[i].thread, NULL, read_beside, &readers[i]), 0);
	}
	for (size_t c = 0; c < RACE_CONVERSATIONS; c++)
		erase_all(stage, race.keys[c], 5);
	atomic_store(&race.over, true);
	for (unsigned i = 0; i < CONFORMANCE_READERS; i++)
		pthread_join(readers[i].thread, NULL);
	CU_ASSERT_EQUAL(race.wrong, 0);
	CU_ASSERT_TRUE(race.rounds >= CONFORMANCE_READERS);
}
