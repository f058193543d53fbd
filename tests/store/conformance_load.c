/* SPDX-License-Identifier: Apache-2.0 */
/* Many units, against a simple model; and many threads, against the promises. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1};

/* xorshift64*: small, seeded, the same everywhere. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* --- a simple model ---------------------------------------------------------------------------- */

#define MODEL_EXCHANGES 10000	/* of both conversations together */
#define MODEL_CONVERSATIONS 2
#define MODEL_GROUP_MAX 8

/* All there is to know: how far each conversation is, and whose message has which sequence. */
struct model {
	uint64_t seed;
	int64_t last[MODEL_CONVERSATIONS], key[MODEL_CONVERSATIONS];
	size_t ids;				/* "m-0".. were stored, each once */
	struct { uint8_t conversation; bool gated; int64_t sequence; } of[MODEL_EXCHANGES + 64];
	size_t wrong;
};

static void fill_model_unit(struct model *model, struct pal_unit *unit, size_t first_id,
			    struct pal_arena *arena, const bool *gated)
{
	int64_t sequence = unit->count ? unit->exchanges[0].in.sequence : 1;

	for (size_t i = 0; i < unit->count; i++) {
		fill_exchange(arena, exchange_of(unit, i), text_of(arena, "m-%zu", first_id + i),
			      sequence, gated[i]);
		sequence += gated[i] ? 1 : 2;
	}
	(void)model;
}

/* Say what shall become of a unit and, when it is stored, remember it. */
static enum pal_unit_verdict judge(struct model *model, size_t c, int64_t first, size_t first_id,
				   size_t count, const bool *gated)
{
	bool stale = first != model->last[c] + 1;
	bool duplicate = first_id < model->ids;

	if (stale || duplicate)
		return stale ? PAL_UNIT_STALE : PAL_UNIT_DUPLICATE;
	for (size_t i = 0; i < count; i++) {
		model->of[model->ids].conversation = (uint8_t)c;
		model->of[model->ids].gated = gated[i];
		model->of[model->ids].sequence = model->last[c] + 1;
		model->last[c] += gated[i] ? 1 : 2;
		model->ids++;
	}
	return PAL_UNIT_STORED;
}

/* One group of up to MODEL_GROUP_MAX units, some of them wrong on purpose. */
static void play_group(struct stage *stage, struct model *model)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_unit *units[MODEL_GROUP_MAX];
	enum pal_unit_verdict want[MODEL_GROUP_MAX];
	size_t group = 1 + next_random(&model->seed) % MODEL_GROUP_MAX;

	for (size_t u = 0; u < group; u++) {
		size_t c = next_random(&model->seed) % MODEL_CONVERSATIONS;
		size_t count = 1 + next_random(&model->seed) % 4;
		uint64_t kind = next_random(&model->seed) % 16;
		int64_t first = model->last[c] + 1;
		size_t first_id = model->ids;
		bool gated[4];

		for (size_t i = 0; i < 4; i++)
			gated[i] = next_random(&model->seed) % 8 == 0;
		if (kind == 0 && first > 1)	/* a gap, or something said already */
			first = 1 + (int64_t)(next_random(&model->seed) % (uint64_t)(first + 3));
		if (kind == 1 && model->ids > 0)
			first_id = next_random(&model->seed) % model->ids;
		units[u] = make_unit(&arena, &(struct unit_spec){.conversation = c ? "b" : "a",
								 .key = model->key[c],
								 .first = first,
								 .count = count,
								 .prefix = "m"});
		fill_model_unit(model, units[u], first_id, &arena, gated);
		want[u] = judge(model, c, first, first_id, count, gated);
	}
	pal_store_commit(stage->store, units, group);
	for (size_t u = 0; u < group; u++) {
		bool refused = want[u] != PAL_UNIT_STORED;
		model->wrong += refused ? units[u]->verdict == PAL_UNIT_STORED ||
						  units[u]->verdict == PAL_UNIT_FAILED
					: units[u]->verdict != PAL_UNIT_STORED;
	}
	pal_arena_release(&arena);
}

struct model_walk {
	struct model *model;
	struct pal_arena arena;
	size_t conversation, id;	/* the next one expected */
};

static bool model_visit(void *arg, const struct pal_exchange *exchange)
{
	struct model_walk *walk = arg;
	struct model *model = walk->model;
	struct pal_exchange want;

	while (walk->id < model->ids && model->of[walk->id].conversation != walk->conversation)
		walk->id++;
	if (walk->id == model->ids) {
		model->wrong++;
		return false;
	}
	fill_exchange(&walk->arena, &want, text_of(&walk->arena, "m-%zu", walk->id),
		      model->of[walk->id].sequence, model->of[walk->id].gated);
	model->wrong += !is_same_exchange(exchange, &want);
	pal_arena_release(&walk->arena);
	walk->id++;
	return true;
}

static void check_model(struct stage *stage, struct model *model)
{
	struct pal_store_counts counts;

	for (size_t c = 0; c < MODEL_CONVERSATIONS; c++) {
		struct model_walk walk = {.model = model, .conversation = c};
		struct pal_conversation loaded;

		CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, model->key[c], 1,
							 SIZE_MAX, model_visit, &walk, NULL),
				PAL_OK);
		while (walk.id < model->ids && model->of[walk.id].conversation != c)
			walk.id++;
		CU_ASSERT_EQUAL(walk.id, model->ids);	/* none is missing at the end */
		CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1,
							    c ? PAL_STR("b") : PAL_STR("a"),
							    &stage->arena, &loaded, NULL),
				PAL_OK);
		CU_ASSERT_EQUAL(loaded.last_sequence, model->last[c]);
	}
	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.exchanges, (int64_t)model->ids);
	CU_ASSERT_EQUAL(counts.messages, model->last[0] + model->last[1]);
	CU_ASSERT_EQUAL(model->wrong, 0);
}

void conform_two_conversations_are_what_a_simple_model_says(struct stage *stage)
{
	static struct model model;

	model = (struct model){.seed = 20261123};
	for (size_t c = 0; c < MODEL_CONVERSATIONS; c++) {
		struct pal_unit *unit = make_unit(
			&stage->arena,
			&(struct unit_spec){.conversation = c ? "b" : "a", .prefix = ""});
		CU_ASSERT_EQUAL_FATAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
		model.key[c] = unit->conversation->key;
	}
	while (model.ids < MODEL_EXCHANGES)
		play_group(stage, &model);
	check_model(stage, &model);
	if (stage->kind->durable) {
		stage_reopen(stage);
		check_model(stage, &model);
	}
}

/* --- readers beside a writer ------------------------------------------------------------------- */

#define ROUNDS 300		/* units the writer commits */
#define ROUND_EXCHANGES 3

struct race {
	struct stage *stage;
	int64_t key;
	_Atomic int64_t committed;	/* last sequence the writer was told is stored */
	_Atomic bool over;
	_Atomic size_t wrong, walks;
};

struct race_reader {
	struct race *race;
	unsigned number;
	int64_t next;			/* sequence expected next in this walk */
	pthread_t thread;
};

/* Every id says its sequence, and every text says its id: a torn exchange gives itself away. */
static bool race_visit(void *arg, const struct pal_exchange *exchange)
{
	struct race_reader *reader = arg;
	struct pal_arena arena = pal_arena_of(0);
	struct pal_exchange want;

	fill_exchange(&arena, &want, text_of(&arena, "r-%lld", (long long)reader->next),
		      reader->next, false);
	if (!is_same_exchange(exchange, &want))
		atomic_fetch_add(&reader->race->wrong, 1);
	reader->next = exchange->in.sequence + 2;
	pal_arena_release(&arena);
	return true;
}

static bool reads_back(struct race_reader *reader, int64_t at_least, struct pal_arena *arena)
{
	struct race *race = reader->race;
	struct pal_conversation loaded;
	struct pal_found_exchange found;
	struct pal_str id = text_of(arena, "r-%lld", (long long)at_least - 1);

	if (pal_store_load_conversation(race->stage->store, reader->number, tenant1, PAL_STR("r"),
					arena, &loaded, NULL) != PAL_OK ||
	    loaded.last_sequence < at_least || loaded.last_sequence % 2 != 0)
		return false;
	return at_least == 0 || pal_store_find_exchange(race->stage->store, reader->number, tenant1,
							id, false, arena, &found, NULL) == PAL_OK;
}

static void *race_read(void *arg)
{
	struct race_reader *reader = arg;
	struct race *race = reader->race;

	do {
		int64_t at_least = atomic_load(&race->committed);
		struct pal_arena arena = pal_arena_of(0);

		reader->next = 1;
		if (pal_store_walk_exchanges(race->stage->store, reader->number, tenant1, race->key,
					     1, SIZE_MAX, race_visit, reader, NULL) != PAL_OK ||
		    reader->next <= at_least || !reads_back(reader, at_least, &arena))
			atomic_fetch_add(&race->wrong, 1);
		atomic_fetch_add(&race->walks, 1);
		pal_arena_release(&arena);
	} while (!atomic_load(&race->over));
	return NULL;
}

static void race_write(struct race *race)
{
	for (int64_t round = 0; round < ROUNDS; round++) {
		struct pal_arena arena = pal_arena_of(0);
		int64_t first = 1 + round * 2 * ROUND_EXCHANGES;
		struct pal_unit *unit =
			make_unit(&arena, &(struct unit_spec){.conversation = "r",
							      .key = race->key,
							      .first = first,
							      .count = ROUND_EXCHANGES,
							      .prefix = ""});
		for (int64_t i = 0; i < ROUND_EXCHANGES; i++)
			fill_exchange(&arena, exchange_of(unit, (size_t)i),
				      text_of(&arena, "r-%lld", (long long)(first + 2 * i)),
				      first + 2 * i, false);
		if (commit_one(race->stage->store, unit) != PAL_UNIT_STORED)
			atomic_fetch_add(&race->wrong, 1);
		atomic_store(&race->committed, first + 2 * ROUND_EXCHANGES - 1);
		(void)pal_store_idle(race->stage->store);
		pal_arena_release(&arena);
	}
}

void conform_readers_see_whole_exchanges_while_one_writes(struct stage *stage)
{
	struct race race = {.stage = stage};
	struct race_reader readers[CONFORMANCE_READERS];
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "r", .prefix = ""});

	CU_ASSERT_EQUAL_FATAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	race.key = unit->conversation->key;
	for (unsigned i = 0; i < CONFORMANCE_READERS; i++) {
		readers[i] = (struct race_reader){.race = &race, .number = i};
		CU_ASSERT_EQUAL_FATAL(
			pthread_create(&readers[i].thread, NULL, race_read, &readers[i]), 0);
	}
	race_write(&race);
	atomic_store(&race.over, true);
	for (unsigned i = 0; i < CONFORMANCE_READERS; i++)
		pthread_join(readers[i].thread, NULL);
	CU_ASSERT_EQUAL(race.wrong, 0);
	CU_ASSERT_TRUE(race.walks >= CONFORMANCE_READERS);
}

/* --- writers beside each other ----------------------------------------------------------------- */

#define WRITERS 4
#define CLASHES 500

struct clash {
	struct stage *stage;
	_Atomic int64_t stored;
	_Atomic int64_t failed;
};

/* All writers try the same ids, each in a conversation of its own and in one they share. */
static void *clash_write(void *arg)
{
	struct clash *clash = arg;
	int64_t stored = 0;

	for (size_t i = 0; i < CLASHES; i++) {
		struct pal_arena arena = pal_arena_of(0);
		struct pal_str id = text_of(&arena, "c-%zu-%p", i, (void *)&stored);
		struct pal_unit *units[2] = {
			make_unit(&arena,
				  &(struct unit_spec){.conversation = id.p,
						      .count = 2,
						      .prefix = text_of(&arena, "own-%zu", i).p}),
			make_unit(&arena,
				  &(struct unit_spec){
					  .conversation = text_of(&arena, "shared-%zu", i).p,
					  .count = 1,
					  .prefix = id.p}),
		};
		pal_store_commit(clash->stage->store, units, 2);
		for (size_t u = 0; u < 2; u++) {
			stored += units[u]->verdict == PAL_UNIT_STORED;
			if (units[u]->verdict == PAL_UNIT_FAILED)
				atomic_fetch_add(&clash->failed, 1);
		}
		pal_arena_release(&arena);
	}
	atomic_fetch_add(&clash->stored, stored);
	return NULL;
}

void conform_writers_of_a_kind_that_does_not_block_may_collide(struct stage *stage)
{
	struct clash clash = {.stage = stage};
	struct pal_store_counts counts;
	pthread_t threads[WRITERS];

	if (stage->store->ops->blocks)
		return;
	for (size_t i = 0; i < WRITERS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, clash_write, &clash), 0);
	for (size_t i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	CU_ASSERT_EQUAL(clash.failed, 0);
	CU_ASSERT_EQUAL(clash.stored, 2 * CLASHES);	/* each id and each shared name once */
	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 2 * CLASHES);
	CU_ASSERT_EQUAL(counts.exchanges, 3 * CLASHES);
}
