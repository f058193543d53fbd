/* SPDX-License-Identifier: Apache-2.0 */
/* What is seen of what was stored, and by whom. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

static struct pal_unit *stored(struct stage *stage, const struct unit_spec *spec)
{
	struct pal_unit *unit = make_unit(&stage->arena, spec);

	CU_ASSERT_EQUAL_FATAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit;
}

static struct pal_conversation load(struct stage *stage, const char *id)
{
	struct pal_conversation loaded = {0};

	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, pal_str(id),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	return loaded;
}

static void write_behind(struct stage *stage, const struct pal_conversation *record)
{
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, record, 1, NULL), PAL_OK);
}

/* --- walks ------------------------------------------------------------------------------------- */

struct range {
	int64_t first, last;	/* inbound sequences seen; 0: none */
	size_t seen, stop_after;
	bool disorder;
};

static bool range_visit(void *arg, const struct pal_exchange *exchange)
{
	struct range *range = arg;

	if (range->seen == 0)
		range->first = exchange->in.sequence;
	else if (exchange->in.sequence <= range->last)
		range->disorder = true;
	range->last = exchange->in.sequence;
	range->seen++;
	return range->seen != range->stop_after;
}

static struct range walk(struct stage *stage, struct pal_tenant_key tenant, int64_t key,
			 int64_t from, size_t limit)
{
	struct range range = {0};

	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 1, tenant, key, from, limit,
						 range_visit, &range, NULL),
			PAL_OK);
	CU_ASSERT_FALSE(range.disorder);
	return range;
}

void conform_a_walk_keeps_to_its_range(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 20, .prefix = "c"});
	static const struct {
		int64_t from;
		size_t limit;
		int64_t first, last;
		size_t seen;
	} table[] = {
		{1, 100, 1, 39, 20}, {INT64_MIN, SIZE_MAX, 1, 39, 20}, {0, 1, 1, 1, 1},
		{11, 3, 11, 15, 3},  {39, 100, 39, 39, 1},	       {41, 100, 0, 0, 0},
		{1, 0, 0, 0, 0},     {INT64_MAX, 100, 0, 0, 0},	       {1, 20, 1, 39, 20},
	};

	stored(stage, &(struct unit_spec){.conversation = "d", .count = 5, .prefix = "d"});
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct range range = walk(stage, tenant1, unit->conversation->key, table[i].from,
					  table[i].limit);
		CU_ASSERT_EQUAL(range.seen, table[i].seen);
		CU_ASSERT_EQUAL(range.first, table[i].first);
		CU_ASSERT_EQUAL(range.last, table[i].last);
	}
}

void conform_a_walk_ends_when_told_so(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 9, .prefix = "c"});
	struct range range = {.stop_after = 4};

	CU_ASSERT_EQUAL(pal_store_walk_exchanges(stage->store, 0, tenant1, unit->conversation->key,
						 1, 100, range_visit, &range, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(range.seen, 4);
	CU_ASSERT_EQUAL(walk(stage, tenant1, unit->conversation->key, 1, 100).seen, 9);
}

void conform_a_walk_may_begin_inside_an_exchange(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "c"});
	int64_t key = unit->conversation->key;

	stored(stage, &(struct unit_spec){.conversation = "c",
					  .key = key,
					  .first = 7,
					  .count = 2,
					  .prefix = "g",
					  .gated = true});	/* 7, 8: no outbound */
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 2, 100).first, 1);
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 4, 100).first, 3);
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 6, 100).first, 5);
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 7, 100).first, 7);
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 8, 100).first, 8);
	CU_ASSERT_EQUAL(walk(stage, tenant1, key, 9, 100).seen, 0);
}

/* --- conversations ----------------------------------------------------------------------------- */

void conform_a_loaded_conversation_is_repaired_from_its_newest_exchange(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "c"});
	const struct pal_exchange *newest = &unit->exchanges[2];
	struct pal_conversation loaded = load(stage, "c");

	CU_ASSERT_EQUAL(loaded.last_sequence, 6);
	CU_ASSERT_TRUE(pal_str_equal(loaded.state, newest->state));
	CU_ASSERT_EQUAL(loaded.last_activity_ms, newest->received_ms);

	/* A record that lags behind is written, and still the newest exchange has the last word. */
	loaded.last_sequence = 4;
	loaded.state = PAL_STR("{\"lags\":true}");
	loaded.last_activity_ms = newest->received_ms - 1;
	write_behind(stage, &loaded);
	loaded = load(stage, "c");
	CU_ASSERT_EQUAL(loaded.last_sequence, 6);
	CU_ASSERT_TRUE(pal_str_equal(loaded.state, newest->state));
	CU_ASSERT_EQUAL(loaded.last_activity_ms, newest->received_ms);
}

void conform_a_record_written_behind_is_loaded(struct stage *stage)
{
	struct pal_conversation records[2];

	stored(stage, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"});
	stored(stage, &(struct unit_spec){.conversation = "d", .count = 1, .prefix = "d"});
	records[0] = load(stage, "c");
	records[1] = load(stage, "d");
	for (size_t round = 0; round < 4; round++) {	/* the state grows and shrinks */
		for (size_t i = 0; i < 2; i++) {
			records[i].state = repeat(&stage->arena, i ? "{}" : "[ ]",
						  round % 2 ? 3 : 200 * (round + 1));
			records[i].last_activity_ms += 1000;
		}
		CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, records, 2, NULL),
				PAL_OK);
		for (size_t i = 0; i < 2; i++) {
			struct pal_conversation loaded = load(stage, i ? "d" : "c");
			CU_ASSERT_TRUE(is_same_conversation(&loaded, &records[i]));
			CU_ASSERT_TRUE(pal_str_equal(loaded.state, records[i].state));
			CU_ASSERT_EQUAL(loaded.last_activity_ms, records[i].last_activity_ms);
			CU_ASSERT_EQUAL(loaded.last_sequence, i ? 2 : 4);
		}
	}
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, records, 0, NULL), PAL_OK);
}

void conform_an_older_record_is_passed_over(struct stage *stage)
{
	stored(stage, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"});
	struct pal_conversation newer = load(stage, "c"), older = newer;

	newer.state = PAL_STR("{\"newer\":1}");
	newer.last_activity_ms += 5000;
	write_behind(stage, &newer);
	older.last_sequence = 2;
	older.state = PAL_STR("{\"older\":1}");
	older.last_activity_ms += 9000;
	write_behind(stage, &older);
	struct pal_conversation loaded = load(stage, "c");
	CU_ASSERT_TRUE(pal_str_equal(loaded.state, newer.state));
	CU_ASSERT_EQUAL(loaded.last_activity_ms, newer.last_activity_ms);
	CU_ASSERT_EQUAL(loaded.last_sequence, 4);
}

void conform_a_record_that_claims_too_much_is_cut_back(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "c"});
	struct pal_conversation record = load(stage, "c");

	record.last_sequence = 100;
	write_behind(stage, &record);
	CU_ASSERT_EQUAL(load(stage, "c").last_sequence, 2);
	stored(stage, &(struct unit_spec){.conversation = "c",
					  .key = unit->conversation->key,
					  .first = 3,
					  .count = 1,
					  .prefix = "d"});
	CU_ASSERT_EQUAL(load(stage, "c").last_sequence, 4);

	struct pal_unit *bare =
		stored(stage,
		       &(struct unit_spec){.conversation = "b", .count = 0, .prefix = "b"});
	record = load(stage, "b");
	record.last_sequence = 7;
	write_behind(stage, &record);
	CU_ASSERT_EQUAL(load(stage, "b").last_sequence, 0);
	CU_ASSERT_EQUAL(load(stage, "b").key, bare->conversation->key);
}

void conform_records_of_unknown_conversations_are_passed_over(struct stage *stage)
{
	stored(stage, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "c"});
	struct pal_conversation records[3];

	for (size_t i = 0; i < 3; i++)
		records[i] = load(stage, "c");
	records[0].key += 1000003;
	records[1].key = INT64_MAX;
	records[2].last_activity_ms += 77;
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, records, 3, NULL), PAL_OK);
	CU_ASSERT_EQUAL(load(stage, "c").last_activity_ms, records[2].last_activity_ms);
}

/* --- finding ----------------------------------------------------------------------------------- */

void conform_an_exchange_is_found_with_its_conversation(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "c"});
	struct pal_found_exchange found;

	stored(stage, &(struct unit_spec){.conversation = "d", .count = 3, .prefix = "d"});
	for (size_t i = 0; i < 3; i++) {
		const struct pal_exchange *exchange = &unit->exchanges[i];
		CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 3, tenant1,
							exchange->in.message_id, false,
							&stage->arena, &found, NULL),
				PAL_OK);
		CU_ASSERT_TRUE(is_same_exchange(&found.exchange, exchange));
		CU_ASSERT_TRUE(is_same_conversation(&found.conversation, unit->conversation));
		CU_ASSERT_EQUAL(found.conversation.key, unit->conversation->key);
		CU_ASSERT_EQUAL(found.conversation.last_sequence, 6);
		CU_ASSERT_TRUE(pal_str_equal(found.conversation.state, unit->exchanges[2].state));
		CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 3, tenant1,
							exchange->out.message_id, true,
							&stage->arena, &found, NULL),
				PAL_OK);
		CU_ASSERT_TRUE(is_same_exchange(&found.exchange, exchange));
		CU_ASSERT_EQUAL(found.conversation.last_sequence, 6);
	}
}

void conform_what_is_absent_is_not_found(struct stage *stage)
{
	struct pal_conversation conversation = {.key = -7};
	struct pal_found_exchange found = {.conversation = {.key = -7}};
	struct pal_error err = {0};
	const struct pal_str ids[] = {PAL_STR("C"), PAL_STR("c "), PAL_STR("cc"), PAL_STR(""),
				      repeat(&stage->arena, "c", PAL_ID_POINTS_MAX + 1)};

	stored(stage, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "c"});
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		err.code = PAL_OK;
		CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, ids[i],
							    &stage->arena, &conversation, &err),
				PAL_E_NOT_FOUND);
		CU_ASSERT_EQUAL(err.code, PAL_E_NOT_FOUND);
		CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, ids[i], i % 2,
							&stage->arena, &found, &err),
				PAL_E_NOT_FOUND);
	}
	/* An inbound id is no outbound one, nor the other way round; case and length count. */
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("c-0"), true,
						&stage->arena, &found, &err),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("c-0-reply"),
						false, &stage->arena, &found, &err),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant1, PAL_STR("C-0"), false,
						&stage->arena, &found, &err),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(walk(stage, tenant1, 424242, 1, 10).seen, 0);
	CU_ASSERT_EQUAL(walk(stage, tenant1, INT64_MAX, 1, 10).seen, 0);
	CU_ASSERT_EQUAL(walk(stage, tenant1, 0, 1, 10).seen, 0);
	CU_ASSERT_EQUAL(walk(stage, tenant1, -1, 1, 10).seen, 0);
	CU_ASSERT_EQUAL(conversation.key, -7);	/* failure never touches what it returns */
	CU_ASSERT_EQUAL(found.conversation.key, -7);
}

void conform_another_tenants_key_reaches_nothing(struct stage *stage)
{
	struct pal_unit *unit =
		stored(stage,
		       &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"});
	int64_t key = unit->conversation->key;
	struct pal_error absent = {0}, foreign = {0};
	struct pal_found_exchange found;
	struct pal_conversation loaded = load(stage, "c");

	/* Foreign and absent must not be told apart. */
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant2, PAL_STR("c"),
						    &stage->arena, &loaded, &foreign),
			PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant2, PAL_STR("none"),
						    &stage->arena, &loaded, &absent),
			PAL_E_NOT_FOUND);
	CHECK_STR(foreign.subject, absent.subject);
	CHECK_STR(foreign.message, absent.message);
	for (int outbound = 0; outbound < 2; outbound++) {
		CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant2,
							outbound ? PAL_STR("c-0-reply")
								 : PAL_STR("c-0"),
							outbound, &stage->arena, &found, &foreign),
				PAL_E_NOT_FOUND);
		CU_ASSERT_EQUAL(pal_store_find_exchange(stage->store, 0, tenant2, PAL_STR("none"),
							outbound, &stage->arena, &found, &absent),
				PAL_E_NOT_FOUND);
		CHECK_STR(foreign.subject, absent.subject);
		CHECK_STR(foreign.message, absent.message);
	}
	CU_ASSERT_EQUAL(walk(stage, tenant2, key, 1, 100).seen, 0);

	struct pal_unit *intruder =
		make_unit(&stage->arena, &(struct unit_spec){.tenant = 2,
							     .conversation = "c",
							     .key = key,
							     .first = 5,
							     .count = 1,
							     .prefix = "i"});
	CU_ASSERT_EQUAL(commit_one(stage->store, intruder), PAL_UNIT_STALE);
	loaded.last_activity_ms += 1000;
	loaded.state = PAL_STR("{\"foreign\":1}");
	loaded.last_sequence = 50;
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant2, &loaded, 1, NULL), PAL_OK);
	struct pal_conversation now = load(stage, "c");
	CU_ASSERT_EQUAL(now.last_activity_ms, unit->exchanges[1].received_ms);
	CU_ASSERT_TRUE(pal_str_equal(now.state, unit->exchanges[1].state));
	CU_ASSERT_EQUAL(now.last_sequence, 4);

	/* A call without a tenant is a mistake of ours, and told so. */
	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, (struct pal_tenant_key){0},
						    PAL_STR("c"), &stage->arena, &loaded, NULL),
			PAL_E_VALIDATION);
}

void conform_everything_is_counted(struct stage *stage)
{
	struct pal_store_counts counts = {-1, -1, -1};

	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 0);
	CU_ASSERT_EQUAL(counts.exchanges, 0);
	CU_ASSERT_EQUAL(counts.messages, 0);
	stored(stage, &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "c"});
	stored(stage, &(struct unit_spec){.tenant = 2,
					  .conversation = "c",
					  .count = 2,
					  .prefix = "c",
					  .gated = true});
	stored(stage, &(struct unit_spec){.conversation = "e", .count = 0, .prefix = "e"});
	CU_ASSERT_EQUAL(pal_store_count(stage->store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 3);
	CU_ASSERT_EQUAL(counts.exchanges, 5);
	CU_ASSERT_EQUAL(counts.messages, 8);
}
