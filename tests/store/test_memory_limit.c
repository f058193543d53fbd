/* SPDX-License-Identifier: Apache-2.0 */
/* What is the memory kind's own: its ceiling, and the memory below it. */
#include "store/material.h"
#include "store/memory/slab.h"
#include "store/memory/table.h"
#include "store/store.h"
#include "suite.h"

#define MEBIBYTE ((size_t)1 << 20)

static struct pal_store *open_limited(size_t max_bytes)
{
	struct pal_store *store = NULL;

	CU_ASSERT_EQUAL_FATAL(pal_store_open(&(struct pal_store_config){.kind = "memory",
									.readers = 1,
									.max_bytes = max_bytes},
					     &store, NULL),
			      PAL_OK);
	return store;
}

/* Store conversations c0, c1... of one exchange until one is refused; return how many were stored. */
static size_t fill_up(struct pal_store *store, struct pal_error *err)
{
	for (size_t i = 0; i < 100000; i++) {
		struct pal_arena arena = pal_arena_of(0);
		struct pal_unit *unit = make_unit(
			&arena, &(struct unit_spec){.conversation = text_of(&arena, "c%zu", i).p,
						    .count = 1,
						    .prefix = text_of(&arena, "m%zu", i).p});
		enum pal_unit_verdict verdict = commit_one(store, unit);
		*err = unit->err;
		CU_ASSERT_EQUAL(unit->conversation->key != 0, verdict == PAL_UNIT_STORED);
		pal_arena_release(&arena);
		if (verdict != PAL_UNIT_STORED)
			return i;
	}
	return 0;
}

TEST(a_full_store_refuses_units_and_keeps_what_it_has)
{
	struct pal_store *store = open_limited(2 * MEBIBYTE);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_error err = {0};
	struct pal_store_counts counts;
	struct pal_conversation loaded;
	struct pal_found_exchange found;

	size_t stored = fill_up(store, &err);
	CU_ASSERT_TRUE(stored > 100);
	CU_ASSERT_EQUAL(err.code, PAL_E_SERVICE);
	CU_ASSERT_TRUE(err.retry_after_ms > 0);
	CU_ASSERT_EQUAL(pal_store_count(store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.exchanges, (int64_t)stored);
	for (size_t i = 0; i <= stored; i++) {	/* the last one was refused: nothing of it is there */
		enum pal_code want = i < stored ? PAL_OK : PAL_E_NOT_FOUND;
		CU_ASSERT_EQUAL(pal_store_load_conversation(store, 0, (struct pal_tenant_key){1},
							    text_of(&arena, "c%zu", i), &arena,
							    &loaded, NULL),
				want);
		CU_ASSERT_EQUAL(pal_store_find_exchange(store, 0, (struct pal_tenant_key){1},
							text_of(&arena, "m%zu-0", i), false,
							&arena, &found, NULL),
				want);
	}
	pal_arena_release(&arena);
	pal_store_destroy(store);
}

TEST(a_great_unit_that_does_not_fit_leaves_room_for_small_ones)
{
	struct pal_store *store = open_limited(MEBIBYTE);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_unit *great = make_unit(
		&arena, &(struct unit_spec){.conversation = "great", .count = 2, .prefix = "g"});
	struct pal_unit *small = make_unit(
		&arena, &(struct unit_spec){.conversation = "great", .count = 2, .prefix = "g"});

	exchange_of(great, 1)->state = repeat(&arena, "1", PAL_STORE_JSON_BYTES_MAX);
	for (size_t i = 0; i < 2000; i++) {	/* what is refused takes nothing */
		CU_ASSERT_EQUAL(commit_one(store, great), PAL_UNIT_FAILED);
		CU_ASSERT_EQUAL(great->err.code, PAL_E_SERVICE);
	}
	CU_ASSERT_EQUAL(commit_one(store, small), PAL_UNIT_STORED);
	pal_arena_release(&arena);
	pal_store_destroy(store);
}

TEST(a_slab_rewinds_to_its_mark_and_gives_the_budget_back)
{
	struct pal_budget budget = {.max_bytes = MEBIBYTE};
	struct pal_slab slab;

	pal_slab_init(&slab, &budget);
	char *first = pal_slab_get(&slab, 100);
	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	memset(first, 'a', 100);
	struct pal_slab_mark mark = pal_slab_mark(&slab);
	size_t used = budget.used_bytes;
	char *second = pal_slab_get(&slab, 8);
	CU_ASSERT_PTR_NOT_NULL(pal_slab_get(&slab, 300000));
	CU_ASSERT_PTR_NULL(pal_slab_get(&slab, MEBIBYTE));
	CU_ASSERT_TRUE(budget.used_bytes > used);
	pal_slab_rewind(&slab, mark);
	CU_ASSERT_EQUAL(budget.used_bytes, used);
	CU_ASSERT_PTR_EQUAL(pal_slab_get(&slab, 8), second);
	CU_ASSERT_EQUAL(first[99], 'a');
	pal_slab_deinit(&slab);
	CU_ASSERT_EQUAL(budget.used_bytes, 0);
}

static bool is_item(const void *item, const void *key)
{
	return item == key;
}

TEST(a_table_holds_items_of_equal_hash_and_takes_back_the_newest)
{
	struct pal_budget budget = {0};
	struct pal_table table = {0};
	static const char items[40];

	CU_ASSERT_PTR_NULL(pal_table_get(&table, 7, is_item, &items[0]));
	for (size_t i = 0; i < 40; i++) {	/* all but two share their hash */
		CU_ASSERT_TRUE(pal_table_reserve(&table, 1, &budget));
		pal_table_put(&table, pal_table_seek(&table, i < 38 ? 7 : i, is_item, &items[i]),
			      i < 38 ? 7 : i, &items[i]);
	}
	for (size_t i = 40; i-- > 20;)
		pal_table_take_back(&table, pal_table_seek(&table, i < 38 ? 7 : i, is_item,
							   &items[i]));
	CU_ASSERT_EQUAL(table.count, 20);
	for (size_t i = 0; i < 40; i++)
		CU_ASSERT_EQUAL(pal_table_get(&table, i < 38 ? 7 : i, is_item, &items[i]) != NULL,
				i < 20);
	pal_table_deinit(&table, &budget);
	CU_ASSERT_EQUAL(budget.used_bytes, 0);
}

SUITE(memory, CASE(a_full_store_refuses_units_and_keeps_what_it_has),
      CASE(a_great_unit_that_does_not_fit_leaves_room_for_small_ones),
      CASE(a_slab_rewinds_to_its_mark_and_gives_the_budget_back),
      CASE(a_table_holds_items_of_equal_hash_and_takes_back_the_newest))
