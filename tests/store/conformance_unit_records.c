/* SPDX-License-Identifier: Apache-2.0 */
/* Records that go with a unit: all of them are written with it, or none is. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1};

/* A unit with three records "a", "b", "c" that must not be there yet. */
struct laden {
	struct pal_record_write write[3];
	struct pal_record_write *list[3];
	struct pal_unit *unit;
};

static void load_up(struct stage *stage, struct laden *l, const struct unit_spec *spec)
{
	static const char *const names[] = {"a", "b", "c"};

	l->unit = make_unit(&stage->arena, spec);
	for (size_t i = 0; i < 3; i++) {
		l->write[i] = (struct pal_record_write){
			.tenant = tenant1,
			.record = {.kind = PAL_STR("delivery"),
				   .id = pal_str(names[i]),
				   .owner = PAL_STR("c"),
				   .body = text_of(&stage->arena, "{\"of\":\"%s\"}", spec->prefix),
				   .created_ms = 10,
				   .updated_ms = 11,
				   .expires_ms = 12},
			.expected = 0};
		l->list[i] = &l->write[i];
	}
	l->unit->records = l->list;
	l->unit->record_count = 3;
}

/* How many of the three are stored, in `version` and with the body that `prefix` gives. */
static int stored(struct stage *stage, const char *prefix, int64_t version)
{
	static const char *const names[] = {"a", "b", "c"};
	struct pal_str body = text_of(&stage->arena, "{\"of\":\"%s\"}", prefix);
	int count = 0;

	for (size_t i = 0; i < 3; i++) {
		struct pal_record r;
		enum pal_code code =
			pal_store_load_record(stage->store, 1, tenant1, PAL_STR("delivery"),
					      pal_str(names[i]), &stage->arena, &r, NULL);
		count += code == PAL_OK && r.version == version && pal_str_equal(r.body, body) &&
			 pal_str_equal(r.owner, PAL_STR("c")) && r.created_ms == 10 &&
			 r.updated_ms == 11 && r.expires_ms == 12;
	}
	return count;
}

static bool is_found(struct stage *stage, const char *message_id)
{
	struct pal_found_exchange found;

	return pal_store_find_exchange(stage->store, 1, tenant1, pal_str(message_id), false,
				       &stage->arena, &found, NULL) == PAL_OK;
}

void conform_the_records_of_a_unit_are_stored_with_it(struct stage *stage)
{
	struct laden l;

	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "m"});
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 3);
	CU_ASSERT_EQUAL(l.write[2].record.version, 1);
	CU_ASSERT_TRUE(is_found(stage, "m-1"));

	int64_t key = l.unit->conversation->key;
	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .key = key, .first = 5,
					       .count = 1, .prefix = "n"});
	l.write[0].expected = 1;
	l.write[1].expected = PAL_RECORD_ANY;
	l.write[2].expected = 1;
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(stored(stage, "n", 2), 3);
	CU_ASSERT_EQUAL(l.write[1].record.version, 2);
}

/* The record in the middle is there already: the unit is stale, whether new or one that follows. */
void conform_a_unit_whose_record_conflicts_leaves_nothing_behind(struct stage *stage)
{
	struct laden l;
	struct pal_unit *other =
		make_unit(&stage->arena, &(struct unit_spec){.conversation = "o", .count = 1,
							     .prefix = "o"});

	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	struct pal_unit *units[] = {l.unit, other};
	l.write[1].expected = 7;
	pal_store_commit(stage->store, units, 2);
	CU_ASSERT_EQUAL(l.unit->verdict, PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(l.write[1].verdict, PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(l.unit->conversation->key, 0);
	CU_ASSERT_FALSE(is_found(stage, "m-0"));
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 0);
	CU_ASSERT_EQUAL(other->verdict, PAL_UNIT_STORED);

	l.write[1].expected = 0;	/* the same again, as it should be */
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STORED);
	int64_t key = l.unit->conversation->key;
	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .key = key, .first = 3,
					       .count = 1, .prefix = "n"});
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 3);
	CU_ASSERT_FALSE(is_found(stage, "n-0"));
}

void conform_a_unit_that_conflicts_writes_no_record(struct stage *stage)
{
	struct laden l;
	struct pal_unit *first =
		make_unit(&stage->arena, &(struct unit_spec){.conversation = "c", .count = 1,
							     .prefix = "m"});

	CU_ASSERT_EQUAL(commit_one(stage->store, first), PAL_UNIT_STORED);
	load_up(stage, &l, &(struct unit_spec){.conversation = "d", .count = 1, .prefix = "m"});
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 0);
	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "n"});
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STALE);	/* its id is taken */
	CU_ASSERT_EQUAL(stored(stage, "n", 1), 0);
}

static void refuse(struct stage *stage, struct laden *l)
{
	CU_ASSERT_EQUAL(commit_one(stage->store, l->unit), PAL_UNIT_FAILED);
	CU_ASSERT_EQUAL(l->unit->err.code, PAL_E_VALIDATION);
	CU_ASSERT_FALSE(is_found(stage, "m-0"));
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 0);
	load_up(stage, l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
}

void conform_a_unit_takes_only_plain_records_of_its_own(struct stage *stage)
{
	const struct pal_audit_event event = {.at_ms = 1, .event_type = PAL_STR("x.y")};
	struct laden l;

	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	l.write[1].tenant.n = 2;
	refuse(stage, &l);
	l.write[1].remove = true;
	l.write[1].expected = 1;
	refuse(stage, &l);
	l.write[1].only_judge = true;
	refuse(stage, &l);
	l.write[1].audit = &event;
	refuse(stage, &l);
	l.write[2].record.id = l.write[0].record.id;
	refuse(stage, &l);
	l.write[2].record.id = (struct pal_str){NULL, 0};
	refuse(stage, &l);
	l.unit->record_count = PAL_UNIT_RECORDS_MAX + 1;
	refuse(stage, &l);
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STORED);
}

void conform_a_unit_of_most_records_is_stored(struct stage *stage)
{
	static struct pal_record_write write[PAL_UNIT_RECORDS_MAX];
	static struct pal_record_write *list[PAL_UNIT_RECORDS_MAX];
	struct pal_unit *unit = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	struct pal_record r;

	for (size_t i = 0; i < PAL_UNIT_RECORDS_MAX; i++) {
		write[i] = (struct pal_record_write){
			.tenant = tenant1,
			.record = {.kind = PAL_STR("delivery"),
				   .id = text_of(&stage->arena, "r%zu", i)}};
		list[i] = &write[i];
	}
	unit->records = list;
	unit->record_count = PAL_UNIT_RECORDS_MAX;
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	for (size_t i = 0; i < PAL_UNIT_RECORDS_MAX; i++)
		CU_ASSERT_EQUAL(pal_store_load_record(stage->store, 1, tenant1,
						      PAL_STR("delivery"), write[i].record.id,
						      &stage->arena, &r, NULL),
				PAL_OK);
}

void conform_the_records_of_a_unit_are_there_when_opened_again(struct stage *stage)
{
	struct laden l;

	if (!stage->kind->durable)
		return;
	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	CU_ASSERT_EQUAL(commit_one(stage->store, l.unit), PAL_UNIT_STORED);
	stage_reopen(stage);
	CU_ASSERT_EQUAL(stored(stage, "m", 1), 3);
	CU_ASSERT_TRUE(is_found(stage, "m-0"));
}

/* One that conflicts takes none with it, and a record of the group sees those of its units. */
void conform_units_and_records_are_one_group(struct stage *stage)
{
	struct laden l;
	struct pal_unit *stale = make_unit(
		&stage->arena, &(struct unit_spec){.conversation = "s", .first = 3, .count = 1,
						      .prefix = "s"});
	struct pal_record_write write[3] = {
		{.tenant = tenant1, .record = {.kind = PAL_STR("note"), .id = PAL_STR("x")}},
		{.tenant = tenant1, .record = {.kind = PAL_STR("note"), .id = PAL_STR("x")}},
		{.tenant = tenant1,
		 .record = {.kind = PAL_STR("delivery"), .id = PAL_STR("a")},
		 .expected = 1}};
	struct pal_record_write *writes[] = {&write[0], &write[1], &write[2]};

	load_up(stage, &l, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"});
	struct pal_unit *units[] = {stale, l.unit};
	pal_store_commit_all(stage->store, units, 2, writes, 3);
	CU_ASSERT_EQUAL(stale->verdict, PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(l.unit->verdict, PAL_UNIT_STORED);
	CU_ASSERT_TRUE(is_found(stage, "m-0"));
	CU_ASSERT_EQUAL(write[0].verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(write[1].verdict, PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(write[2].verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(write[2].record.version, 2);

	write[0].tenant.n = 0;	/* unfit, each in its way: the others are one group all the same */
	load_up(stage, &l, &(struct unit_spec){.conversation = "d", .count = 1, .prefix = "n"});
	l.unit->record_count = 0;
	units[1] = l.unit;
	stale->tenant.n = 0;
	write[1].expected = 1;
	pal_store_commit_all(stage->store, units, 2, writes, 3);
	CU_ASSERT_EQUAL(stale->verdict, PAL_UNIT_FAILED);
	CU_ASSERT_EQUAL(write[0].verdict, PAL_RECORD_FAILED);
	CU_ASSERT_EQUAL(write[0].err.code, PAL_E_VALIDATION);
	CU_ASSERT_TRUE(is_found(stage, "n-0"));
	CU_ASSERT_EQUAL(write[1].record.version, 2);
	CU_ASSERT_EQUAL(write[2].verdict, PAL_RECORD_CONFLICT);
}
