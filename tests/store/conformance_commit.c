/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit may and may not do. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

static enum pal_unit_verdict commit(struct stage *stage, struct unit_spec spec)
{
	struct pal_unit *unit = make_unit(&stage->arena, &spec);
	enum pal_unit_verdict verdict = commit_one(stage->store, unit);

	if (verdict == PAL_UNIT_FAILED)
		CU_FAIL("a unit failed");
	return verdict;
}

/* Make a conversation with `count` exchanges; return its key. */
static int64_t begin(struct stage *stage, const char *id, size_t count)
{
	struct pal_unit *unit = make_unit(
		&stage->arena,
		&(struct unit_spec){.conversation = id, .count = count, .prefix = id});

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_TRUE(unit->conversation->key > 0);
	return unit->conversation->key;
}

static bool is_found(struct stage *stage, struct pal_tenant_key tenant, const char *id,
		     bool outbound)
{
	struct pal_found_exchange found;

	return pal_store_find_exchange(stage->store, 0, tenant, pal_str(id), outbound,
				       &stage->arena, &found, NULL) == PAL_OK;
}

/* The last sequence of a conversation of tenant 1, -1 when it is not there. */
static int64_t last_of(struct stage *stage, const char *id)
{
	struct pal_conversation loaded;

	if (pal_store_load_conversation(stage->store, 0, tenant1, pal_str(id), &stage->arena,
					&loaded, NULL) != PAL_OK)
		return -1;
	return loaded.last_sequence;
}

void conform_a_unit_comes_back_whole_with_all_its_fields(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "m"});
	struct unit_walk walk = {.unit = unit};
	struct pal_conversation loaded;

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, unit->conversation->key,
						 1, 100, unit_walk_visit, &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.seen, 3);
	CU_ASSERT_EQUAL(walk.different, 0);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, PAL_STR("c"),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_conversation(&loaded, unit->conversation));
	CU_ASSERT_EQUAL(loaded.key, unit->conversation->key);
	CU_ASSERT_EQUAL(loaded.last_sequence, 6);
}

void conform_a_unit_that_conflicts_leaves_nothing_behind(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_store_counts counts;

	struct pal_unit *old = make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
									    .key = key,
									    .first = 3,
									    .count = 3,
									    .prefix = "x"});
	exchange_of(old, 2)->in.message_id = PAL_STR("c-0");
	CU_ASSERT_EQUAL(commit_one(stage->store, old), PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(old->at, 2);
	CU_ASSERT_FALSE(is_found(stage, tenant1, "x-0", false));
	CU_ASSERT_FALSE(is_found(stage, tenant1, "x-0-reply", true));
	CU_ASSERT_EQUAL(last_of(stage, "c"), 2);

	struct pal_unit *new = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "d", .count = 2, .prefix = "y"});
	exchange_of(new, 1)->in.message_id = PAL_STR("c-0");
	CU_ASSERT_EQUAL(commit_one(stage->store, new), PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(new->conversation->key, 0);
	CU_ASSERT_EQUAL(last_of(stage, "d"), -1);
	CU_ASSERT_FALSE(is_found(stage, tenant1, "y-0", false));

	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 1);
	CU_ASSERT_EQUAL(counts.exchanges, 1);

	/* What was refused can be said again without the conflict. */
	exchange_of(old, 2)->in.message_id = PAL_STR("x-2");
	CU_ASSERT_EQUAL(commit_one(stage->store, old), PAL_UNIT_STORED);
	exchange_of(new, 1)->in.message_id = PAL_STR("y-1");
	CU_ASSERT_EQUAL(commit_one(stage->store, new), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 8);
	CU_ASSERT_EQUAL(last_of(stage, "d"), 4);
}

void conform_a_conflicting_unit_takes_no_other_of_its_group_with_it(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	const struct unit_spec specs[] = {
		{.conversation = "n1", .count = 2, .prefix = "n1"},
		{.conversation = "n2", .count = 1, .prefix = "c"},	/* c-0 exists */
		{.conversation = "c", .key = key, .first = 3, .count = 2, .prefix = "g"},
		{.conversation = "c", .key = key, .first = 3, .count = 1, .prefix = "h"},
		{.conversation = "u", .key = key + 6400, .first = 1, .count = 1, .prefix = "u"},
		{.conversation = "c", .count = 1, .prefix = "taken"},
		{.conversation = "n3", .count = 1, .prefix = "n3"},
	};
	static const enum pal_unit_verdict want[] = {
		PAL_UNIT_STORED, PAL_UNIT_DUPLICATE, PAL_UNIT_STORED, PAL_UNIT_STALE,
		PAL_UNIT_STALE,	 PAL_UNIT_STALE,     PAL_UNIT_STORED,
	};
	struct pal_unit *units[7];

	for (size_t i = 0; i < 7; i++)
		units[i] = make_unit(&stage->arena, &specs[i]);
	pal_store_commit(stage->store, units, 7);
	for (size_t i = 0; i < 7; i++)
		CU_ASSERT_EQUAL(units[i]->verdict, want[i]);
	CU_ASSERT_EQUAL(units[1]->at, 0);
	CU_ASSERT_EQUAL(last_of(stage, "n1"), 4);
	CU_ASSERT_EQUAL(last_of(stage, "n2"), -1);
	CU_ASSERT_EQUAL(last_of(stage, "n3"), 2);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 6);
	CU_ASSERT_TRUE(is_found(stage, tenant1, "g-1", false));
	CU_ASSERT_FALSE(is_found(stage, tenant1, "h-0", false));
	CU_ASSERT_FALSE(is_found(stage, tenant1, "u-0", false));
	CU_ASSERT_FALSE(is_found(stage, tenant1, "taken-0", false));
}

void conform_units_of_a_group_see_the_ones_before_them(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	const struct unit_spec specs[] = {
		{.conversation = "c", .key = key, .first = 3, .count = 2, .prefix = "a"},
		{.conversation = "c", .key = key, .first = 7, .count = 1, .prefix = "b"},
		{.conversation = "d", .count = 1, .prefix = "b"},	/* b-0, of the one before */
		{.conversation = "e", .count = 1, .prefix = "e"},
		{.conversation = "e", .count = 1, .prefix = "f"},	/* made by the one before */
		{.conversation = "c", .key = key, .first = 9, .count = 1, .prefix = "i"},
	};
	static const enum pal_unit_verdict want[] = {
		PAL_UNIT_STORED, PAL_UNIT_STORED, PAL_UNIT_DUPLICATE,
		PAL_UNIT_STORED, PAL_UNIT_STALE,  PAL_UNIT_STORED,
	};
	struct pal_unit *units[6];

	for (size_t i = 0; i < 6; i++)
		units[i] = make_unit(&stage->arena, &specs[i]);
	pal_store_commit(stage->store, units, 6);
	for (size_t i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(units[i]->verdict, want[i]);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 10);
	CU_ASSERT_EQUAL(last_of(stage, "d"), -1);
	CU_ASSERT_FALSE(is_found(stage, tenant1, "f-0", false));
}

void conform_a_message_id_twice_in_a_unit_is_a_duplicate(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 4, .prefix = "m"});

	exchange_of(unit, 2)->in.message_id = PAL_STR("m-1");
	exchange_of(unit, 3)->in.message_id = PAL_STR("m-0");
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(unit->at, 2);
	CU_ASSERT_EQUAL(last_of(stage, "c"), -1);
	CU_ASSERT_FALSE(is_found(stage, tenant1, "m-0", false));
}

void conform_a_message_id_is_unique_in_its_tenant_only(struct stage *stage)
{
	begin(stage, "c", 2);
	begin(stage, "d", 1);
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "e",
							 .count = 1,
							 .prefix = "c"}),
			PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.tenant = 2,
							 .conversation = "c",
							 .count = 2,
							 .prefix = "c"}),
			PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.tenant = 2,
							 .conversation = "e",
							 .count = 1,
							 .prefix = "c"}),
			PAL_UNIT_DUPLICATE);
	CU_ASSERT_TRUE(is_found(stage, tenant2, "c-1", false));
	CU_ASSERT_FALSE(is_found(stage, tenant2, "d-0", false));
}

void conform_an_inbound_id_may_be_that_of_an_outbound_message(struct stage *stage)
{
	struct pal_found_exchange found;
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "d", .count = 1, .prefix = "d"});

	begin(stage, "c", 1);
	exchange_of(unit, 0)->in.message_id = PAL_STR("c-0-reply");
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("c-0-reply"),
						false, &stage->arena, &found, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(pal_str_equal(found.conversation.id, PAL_STR("d")));
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("c-0-reply"),
						true, &stage->arena, &found, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(pal_str_equal(found.conversation.id, PAL_STR("c")));
}

void conform_only_the_next_sequence_is_accepted(struct stage *stage)
{
	int64_t key = begin(stage, "c", 2);

	for (int64_t first = 1; first <= 8; first++) {
		if (first == 5)
			continue;
		CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "c",
								 .key = key,
								 .first = first,
								 .count = 2,
								 .prefix = "x"}),
				PAL_UNIT_STALE);
	}
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "new",
							 .first = 2,
							 .count = 1,
							 .prefix = "x"}),
			PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 4);
	CU_ASSERT_EQUAL(last_of(stage, "new"), -1);
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "c",
							 .key = key,
							 .first = 5,
							 .count = 2,
							 .prefix = "x"}),
			PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 8);
}

void conform_a_gated_exchange_has_no_outbound_message(struct stage *stage)
{
	struct pal_unit *unit =
		make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
							     .count = 3,
							     .prefix = "m",
							     .gated = true});
	struct unit_walk walk = {.unit = unit};
	struct pal_found_exchange found;

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 3);
	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, unit->conversation->key,
						 1, 100, unit_walk_visit, &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.seen, 3);
	CU_ASSERT_EQUAL(walk.different, 0);
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("m-1"), false,
						&stage->arena, &found, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(found.exchange.out.sequence, 0);
	CU_ASSERT_EQUAL(found.exchange.out.message_id.n, 0);
	CU_ASSERT_EQUAL(found.exchange.delivery.recipient.n, 0);
	CU_ASSERT_FALSE(is_found(stage, tenant1, "m-1-reply", true));
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "c",
							 .key = unit->conversation->key,
							 .first = 4,
							 .count = 1,
							 .prefix = "n"}),
			PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 5);
}

void conform_a_conversation_may_be_made_without_an_exchange(struct stage *stage)
{
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 0, .prefix = "m"});
	struct pal_conversation loaded;

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_TRUE(unit->conversation->key > 0);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, PAL_STR("c"),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_conversation(&loaded, unit->conversation));
	CU_ASSERT_EQUAL(loaded.last_sequence, 0);
	CU_ASSERT_EQUAL(loaded.last_activity_ms, unit->conversation->last_activity_ms);
	CU_ASSERT_TRUE(pal_str_equal(loaded.state, unit->conversation->state));
	CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "c",
							 .key = loaded.key,
							 .count = 1,
							 .prefix = "m"}),
			PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 2);
}

void conform_a_conversation_that_does_not_exist_is_stale(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	const int64_t keys[] = {key + 1, key + 64, key * 1000003, INT64_MAX, 1, 63, 64};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i] == key)
			continue;
		CU_ASSERT_EQUAL(commit(stage, (struct unit_spec){.conversation = "c",
								 .key = keys[i],
								 .first = i % 2 ? 1 : 3,
								 .count = 1,
								 .prefix = "x"}),
				PAL_UNIT_STALE);
	}
	CU_ASSERT_FALSE(is_found(stage, tenant1, "x-0", false));
}

void conform_a_conversation_is_made_once(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_unit *again = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "x"});
	struct pal_unit *bare = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 0, .prefix = "x"});
	struct pal_unit *other = make_unit(&stage->arena, &(struct unit_spec){.tenant = 2,
									      .conversation = "c",
									      .count = 1,
									      .prefix = "x"});

	CU_ASSERT_EQUAL(commit_one(stage->store, again), PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(again->conversation->key, 0);
	CU_ASSERT_EQUAL(commit_one(stage->store, bare), PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(commit_one(stage->store, other), PAL_UNIT_STORED);
	CU_ASSERT_NOT_EQUAL(other->conversation->key, key);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 2);
}

void conform_b68_a_conversation_id_is_unique_in_its_tenant_only(struct stage *stage)
{
	struct pal_conversation loaded;
	struct pal_unit *other = make_unit(
		&stage->arena,
		&(struct unit_spec){.tenant = 2, .conversation = "c", .count = 2, .prefix = "o"});
	struct pal_unit *again = make_unit(&stage->arena, &(struct unit_spec){.tenant = 2,
									      .conversation = "c",
									      .count = 1,
									      .prefix = "p"});

	begin(stage, "c", 1);
	CU_ASSERT_EQUAL(commit_one(stage->store, other), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(commit_one(stage->store, again), PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(last_of(stage, "c"), 2);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant2, PAL_STR("c"),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(loaded.last_sequence, 4);
	CU_ASSERT_EQUAL(loaded.key, other->conversation->key);
}

void conform_a_commit_reads_only_the_key_of_a_stored_conversation(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_unit *unit = make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
									     .key = key,
									     .first = 3,
									     .count = 1,
									     .prefix = "x"});
	struct pal_conversation loaded, was = *unit->conversation;

	*unit->conversation = (struct pal_conversation){.key = key};
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, PAL_STR("c"),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	CU_ASSERT_TRUE(is_same_conversation(&loaded, &was));
	CU_ASSERT_EQUAL(loaded.last_sequence, 4);
}
