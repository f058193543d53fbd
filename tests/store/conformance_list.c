/* SPDX-License-Identifier: Apache-2.0 */
/* All conversations of a tenant, and of a user. */
#include <stdio.h>

#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

static struct pal_unit *stored(struct stage *stage, const struct unit_spec *spec, const char *user)
{
	struct pal_unit *unit = make_unit(&stage->arena, spec);

	if (user)
		unit->conversation->user_id = pal_str(user);
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit;
}

static struct pal_conversation load(struct stage *stage, struct pal_str id)
{
	struct pal_conversation loaded = {0};

	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 2, tenant1, id, &stage->arena,
						    &loaded, NULL),
			PAL_OK);
	return loaded;
}

#define LISTED_MAX 8

struct list_walk {
	struct pal_arena *arena;
	struct pal_conversation seen[LISTED_MAX];
	size_t count, stop_after;
};

static bool list_visit(void *arg, const struct pal_conversation *c)
{
	struct list_walk *walk = arg;

	CU_ASSERT_EQUAL(c->state.n, 0);
	if (walk->count < LISTED_MAX) {
		struct pal_conversation *copy = &walk->seen[walk->count];
		*copy = *c;
		copy->id = pal_arena_copy(walk->arena, c->id);
		copy->user_id = pal_arena_copy(walk->arena, c->user_id);
		copy->session_id = pal_arena_copy(walk->arena, c->session_id);
		copy->previous_id = pal_arena_copy(walk->arena, c->previous_id);
		copy->details = pal_arena_copy(walk->arena, c->details);
	}
	walk->count++;
	return walk->count != walk->stop_after;
}

static struct list_walk walk(struct stage *stage, struct pal_tenant_key tenant, const char *user)
{
	struct list_walk walk = {.arena = &stage->arena};

	CU_ASSERT_EQUAL(pal_store_walk_conversations(stage->store, 3, tenant,
						     user ? pal_str(user)
							  : (struct pal_str){NULL, 0},
						     list_visit, &walk, NULL),
			PAL_OK);
	return walk;
}

/* The one with the id, in which nothing may differ from what is loaded. */
static bool is_listed(struct stage *stage, const struct list_walk *walk, const char *id)
{
	struct pal_conversation want = load(stage, pal_str(id));

	for (size_t i = 0; i < walk->count; i++) {
		const struct pal_conversation *c = &walk->seen[i];
		if (pal_str_equal(c->id, want.id))
			return is_same_conversation(c, &want) && c->key == want.key &&
			       c->last_sequence == want.last_sequence &&
			       c->last_activity_ms == want.last_activity_ms;
	}
	return false;
}

void conform_all_conversations_of_a_tenant_are_walked(struct stage *stage)
{
	CU_ASSERT_EQUAL(walk(stage, tenant1, NULL).count, 0);
	stored(stage, &(struct unit_spec){.conversation = "a", .count = 3, .prefix = "a"}, NULL);
	stored(stage, &(struct unit_spec){.conversation = "b", .count = 0, .prefix = "b"}, NULL);
	stored(stage, &(struct unit_spec){.conversation = "c", .count = 1, .prefix = "c"}, NULL);
	stored(stage,
	       &(struct unit_spec){.tenant = 2, .conversation = "d", .count = 1, .prefix = "d"},
	       NULL);
	struct pal_unit *change = make_unit(
		&stage->arena,
		&(struct unit_spec){.conversation = "c", .key = load(stage, PAL_STR("c")).key});
	change->change = &(struct pal_change){.deleted = true, .details = PAL_STR("{\"x\":1}")};
	CU_ASSERT_EQUAL(commit_one(stage->store, change), PAL_UNIT_STORED);

	for (int round = 0; round < 2; round++) {
		struct list_walk all = walk(stage, tenant1, NULL);
		CU_ASSERT_EQUAL(all.count, 3);
		CU_ASSERT_TRUE(is_listed(stage, &all, "a"));
		CU_ASSERT_TRUE(is_listed(stage, &all, "b"));
		CU_ASSERT_TRUE(is_listed(stage, &all, "c"));
		CU_ASSERT_EQUAL(walk(stage, tenant2, NULL).count, 1);
		CU_ASSERT_EQUAL(walk(stage, (struct pal_tenant_key){3}, NULL).count, 0);
		if (!stage->kind->durable)
			break;
		stage_reopen(stage);
	}
}

void conform_the_conversations_of_a_user_are_walked(struct stage *stage)
{
	stored(stage, &(struct unit_spec){.conversation = "a", .count = 1, .prefix = "a"}, "ann");
	stored(stage, &(struct unit_spec){.conversation = "b", .count = 1, .prefix = "b"}, "bob");
	stored(stage, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "c"}, "ann");
	stored(stage,
	       &(struct unit_spec){.tenant = 2, .conversation = "d", .count = 1, .prefix = "d"},
	       "ann");
	struct list_walk ann = walk(stage, tenant1, "ann");
	CU_ASSERT_EQUAL(ann.count, 2);
	CU_ASSERT_TRUE(is_listed(stage, &ann, "a"));
	CU_ASSERT_TRUE(is_listed(stage, &ann, "c"));

	/* The same when a kind has brought what it fills behind up to date, for some of them. */
	for (bool more = true; more;)
		CU_ASSERT_EQUAL_FATAL(pal_store_index_text(stage->store, &more, NULL), PAL_OK);
	stored(stage, &(struct unit_spec){.conversation = "e", .count = 1, .prefix = "e"}, "ann");
	ann = walk(stage, tenant1, "ann");
	CU_ASSERT_EQUAL(ann.count, 3);
	CU_ASSERT_TRUE(is_listed(stage, &ann, "a"));
	CU_ASSERT_TRUE(is_listed(stage, &ann, "c"));
	CU_ASSERT_TRUE(is_listed(stage, &ann, "e"));
	CU_ASSERT_EQUAL(walk(stage, tenant1, "bob").count, 1);
	CU_ASSERT_EQUAL(walk(stage, tenant1, "an").count, 0);
	CU_ASSERT_EQUAL(walk(stage, tenant2, "bob").count, 0);
	CU_ASSERT_EQUAL(walk(stage, tenant1, "").count, 4);	/* empty is absent */
}

void conform_a_walk_of_conversations_ends_when_told_so(struct stage *stage)
{
	struct list_walk stopped = {.arena = &stage->arena, .stop_after = 2};
	char id[16];

	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		stored(stage, &(struct unit_spec){.conversation = id, .count = 1, .prefix = id},
		       NULL);
	}
	CU_ASSERT_EQUAL(pal_store_walk_conversations(stage->store, 0, tenant1,
						     (struct pal_str){NULL, 0}, list_visit,
						     &stopped, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(stopped.count, 2);
	CU_ASSERT_EQUAL(walk(stage, tenant1, NULL).count, 5);
}

/* Many exchanges, so that a kind that fills indexes behind has heads in every place it knows. */
#define MANY 40000

struct tally {
	struct stage *stage;
	size_t seen, wrong;
};

static bool tally_visit(void *arg, const struct pal_conversation *c)
{
	struct tally *tally = arg;
	/* Conversation n has 2 * (its number of exchanges) messages, received in this order. */
	int64_t exchanges = c->last_sequence / 2;

	tally->seen++;
	tally->wrong += exchanges < MANY / 1000 || exchanges > MANY / 1000 + 1 ||
			c->last_activity_ms != 1700000001000 + c->last_sequence - 1;
	return true;
}

void conform_walked_conversations_are_repaired_wherever_they_stand(struct stage *stage)
{
	static int64_t keys[1000];
	struct tally tally = {.stage = stage};
	char id[32];

	memset(keys, 0, sizeof(keys));
	for (size_t at = 0; at < MANY; at += 250) {
		struct pal_arena arena = pal_arena_of(0);
		struct pal_unit *units[250];
		for (size_t i = 0; i < 250; i++) {
			size_t n = (at + i) % 1000;
			snprintf(id, sizeof(id), "m%zu", at + i);
			units[i] = make_unit(
				&arena, &(struct unit_spec){.conversation =
								    text_of(&arena, "c%zu", n).p,
							    .key = keys[n],
							    .first = 1 + 2 * (int64_t)(at / 1000),
							    .count = 1,
							    .prefix = id});
		}
		pal_store_commit(stage->store, units, 250);
		for (size_t i = 0; i < 250; i++) {
			CU_ASSERT_EQUAL_FATAL(units[i]->verdict, PAL_UNIT_STORED);
			keys[(at + i) % 1000] = units[i]->conversation->key;
		}
		pal_arena_release(&arena);
	}
	for (int round = 0; round < 2; round++) {
		tally = (struct tally){.stage = stage};
		CU_ASSERT_EQUAL(pal_store_walk_conversations(stage->store, 0, tenant1,
							     (struct pal_str){NULL, 0}, tally_visit,
							     &tally, NULL),
				PAL_OK);
		CU_ASSERT_EQUAL(tally.seen, 1000);
		CU_ASSERT_EQUAL(tally.wrong, 0);
		if (!stage->kind->durable)
			break;
		stage_reopen(stage);
	}
}
