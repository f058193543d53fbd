/* SPDX-License-Identifier: Apache-2.0 */
/* The audit chain: every record in its place, whoever wrote it, and proven. */
#include <pthread.h>
#include <stdio.h>

#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

struct trail {
	int64_t first, last;	/* seen, in order */
	size_t seen, erased, unlinked, messages;
	int step;		/* 1 or -1 */
	size_t stop_after;	/* 0: never */
	uint8_t hash[PAL_AUDIT_HASH_SIZE];	/* of the last seen */
	uint8_t prev[PAL_AUDIT_HASH_SIZE];	/* ... and of the one before it */
	char text[2048];
};

static bool note(void *arg, const struct pal_audit_entry *entry)
{
	struct trail *t = arg;
	size_t len = strlen(t->text);

	if (t->seen == 0)
		t->first = entry->seq;
	else if (entry->seq != t->last + t->step ||
		 memcmp(t->step > 0 ? entry->prev_hash : entry->hash,
			t->step > 0 ? t->hash : t->prev, PAL_AUDIT_HASH_SIZE) != 0)
		t->unlinked++;
	t->last = entry->seq;
	memcpy(t->hash, entry->hash, sizeof(t->hash));
	memcpy(t->prev, entry->prev_hash, sizeof(t->prev));
	t->erased += entry->is_erased;
	t->messages += pal_str_equal(entry->event.resource_type, PAL_STR("message"));
	if (len + entry->event.resource_id.n + 2 < sizeof(t->text))
		snprintf(t->text + len, sizeof(t->text) - len, "%.*s ",
			 (int)entry->event.resource_id.n, entry->event.resource_id.p);
	return ++t->seen != t->stop_after;
}

static struct trail walk(struct stage *stage, struct pal_tenant_key tenant, int64_t after,
			 size_t limit)
{
	struct trail t = {.step = 1};

	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant, after, limit, note, &t, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(t.unlinked, 0);
	return t;
}

static struct trail walk_back(struct stage *stage, int64_t before, size_t limit)
{
	struct trail t = {.step = -1};

	CU_ASSERT_EQUAL(pal_store_walk_audit_back(stage->store, 1, tenant1, before, limit, note, &t,
						  NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(t.unlinked, 0);
	return t;
}

static struct pal_audit_head head(struct stage *stage, struct pal_tenant_key tenant)
{
	struct pal_audit_head h = {.seq = -1};

	CU_ASSERT_EQUAL(pal_store_audit_head(stage->store, 0, tenant, &h, NULL), PAL_OK);
	return h;
}

/* Prove the chain; return its last record, or 0 when it is broken. */
static int64_t prove(struct stage *stage, struct pal_tenant_key tenant)
{
	struct pal_audit_proof proof = {.seq = 0};

	while (!proof.is_done)
		CU_ASSERT_EQUAL_FATAL(
			pal_store_verify_audit(stage->store, 2, tenant, &proof, NULL), PAL_OK);
	CU_ASSERT_EQUAL(proof.broken, 0);
	return proof.broken ? 0 : proof.seq;
}

static void add(struct stage *stage, struct pal_tenant_key tenant, const char *resource,
		int64_t at_ms)
{
	const struct pal_audit_event event = {.at_ms = at_ms,
					      .event_type = PAL_STR("test.done"),
					      .user_id = PAL_STR("ann"),
					      .resource_id = pal_str(resource),
					      .data = PAL_STR("{\"n\":1}")};

	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant, &event, 1, NULL), PAL_OK);
}

static struct pal_unit *store_unit(struct stage *stage, const struct unit_spec *spec)
{
	struct pal_unit *unit = make_unit(&stage->arena, spec);

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit;
}

static void write_record(struct stage *stage, int64_t expected)
{
	const struct pal_audit_event event = {.event_type = PAL_STR("record.written"),
					      .resource_id = PAL_STR("record")};
	struct pal_record_write write = {.tenant = tenant1,
					 .record = {.kind = PAL_STR("k"), .id = PAL_STR("i")},
					 .expected = expected,
					 .audit = &event};
	struct pal_record_write *writes = &write;

	pal_store_write_records(stage->store, &writes, 1);
}

void conform_all_that_is_audited_is_one_chain_without_a_gap(struct stage *stage)
{
	CU_ASSERT_EQUAL(head(stage, tenant1).seq, 0);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 0);
	add(stage, tenant1, "one", 1);
	struct pal_unit *unit = store_unit(
		stage, &(struct unit_spec){.conversation = "c", .count = 2, .prefix = "m"});
	write_record(stage, 0);
	const struct pal_change change = {.status = PAL_CONVERSATION_COMPLETED,
					  .details = PAL_STR("{}"),
					  .audit = {.event_type = PAL_STR("c.closed"),
						    .resource_id = PAL_STR("closed")}};
	struct pal_unit *more = make_unit(&stage->arena,
					  &(struct unit_spec){.conversation = "c",
							      .key = unit->conversation->key,
							      .first = 5,
							      .count = 1,
							      .prefix = "n"});
	more->change = &change;
	CU_ASSERT_EQUAL(commit_one(stage->store, more), PAL_UNIT_STORED);

	struct trail t = walk(stage, tenant1, 0, SIZE_MAX);
	CU_ASSERT_EQUAL(t.first, 1);
	CU_ASSERT_EQUAL(t.seen, 6);
	CU_ASSERT_EQUAL(t.messages, 3);
	char want[512];
	const struct pal_str a = unit->exchanges[0].audit.resource_id,
			     b = unit->exchanges[1].audit.resource_id,
			     c = more->exchanges[0].audit.resource_id;
	snprintf(want, sizeof(want), "one %.*s %.*s record %.*s closed ", (int)a.n, a.p, (int)b.n,
		 b.p, (int)c.n, c.p);
	CHECK_STR(t.text, want);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 6);
	struct pal_audit_head h = head(stage, tenant1);
	CU_ASSERT_EQUAL(h.seq, 6);
	CU_ASSERT_EQUAL(memcmp(h.hash, t.hash, sizeof(h.hash)), 0);
}

void conform_a_unit_that_is_not_stored_takes_no_number(struct stage *stage)
{
	struct pal_unit *good[3];

	for (int i = 0; i < 3; i++)
		good[i] = make_unit(&stage->arena,
				    &(struct unit_spec){.conversation = i == 0 ? "a" : "b",
							.count = 2,
							.prefix = i == 2 ? "m0" : i ? "m1" : "m0"});
	pal_store_commit(stage->store, good, 3);
	CU_ASSERT_EQUAL(good[1]->verdict, PAL_UNIT_STORED);
	CU_ASSERT_NOT_EQUAL(good[2]->verdict, PAL_UNIT_STORED);
	write_record(stage, 7);	/* which there is not */
	CU_ASSERT_EQUAL(walk(stage, tenant1, 0, 100).seen, 4);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 4);
}

void conform_each_tenant_has_a_chain_of_its_own(struct stage *stage)
{
	for (int i = 0; i < 5; i++) {
		add(stage, tenant1, "mine", i);
		if (i % 2)
			add(stage, tenant2, "yours", i);
	}
	CU_ASSERT_EQUAL(prove(stage, tenant1), 5);
	CU_ASSERT_EQUAL(prove(stage, tenant2), 2);
	CHECK_STR(walk(stage, tenant2, 0, 100).text, "yours yours ");
	CU_ASSERT_NOT_EQUAL(memcmp(walk(stage, tenant1, 0, 1).hash, walk(stage, tenant2, 0, 1).hash,
				   PAL_AUDIT_HASH_SIZE), 0);
}

#define MANY 300	/* more than two milestones of any kind */

static void fill(struct stage *stage, int count)
{
	struct pal_audit_event *events =
		pal_arena_get(&stage->arena, sizeof(*events) * (size_t)count);

	for (int i = 0; i < count; i++)
		events[i] = (struct pal_audit_event){.at_ms = i + 1,
						     .event_type = PAL_STR("test.done")};
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant1, events, (size_t)count, NULL),
			PAL_OK);
}

void conform_a_chain_is_walked_from_anywhere_both_ways(struct stage *stage)
{
	fill(stage, MANY);
	for (int64_t at = 0; at <= MANY + 1; at += 7) {
		struct trail up = walk(stage, tenant1, at, 1000);
		CU_ASSERT_EQUAL(up.seen, at >= MANY ? 0u : (size_t)(MANY - at));
		CU_ASSERT(up.seen == 0 || (up.first == at + 1 && up.last == MANY));
		struct trail down = walk_back(stage, at, 5);
		int64_t top = at == 0 || at > MANY ? MANY : at - 1;
		CU_ASSERT_EQUAL(down.seen, top < 5 ? (size_t)top : 5u);
		CU_ASSERT(down.seen == 0 || down.first == top);
	}
	struct trail stopped = {.step = 1, .stop_after = 3};
	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 0, tenant1, 130, 100, note, &stopped,
					     NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(stopped.seen, 3);
	CU_ASSERT_EQUAL(walk_back(stage, 0, SIZE_MAX).last, 1);
	CU_ASSERT_EQUAL(prove(stage, tenant1), MANY);
}

static void erase(struct stage *stage, int64_t key)
{
	bool more = true;

	while (more)
		CU_ASSERT_EQUAL_FATAL(pal_store_erase_conversation(stage->store, tenant1, key, 1,
								   &more, NULL),
				      PAL_OK);
}

void conform_an_erased_conversation_leaves_the_chain_whole(struct stage *stage)
{
	struct pal_unit *unit = store_unit(
		stage, &(struct unit_spec){.conversation = "c", .count = 3, .prefix = "m"});

	add(stage, tenant1, "kept", 1);
	struct trail before = walk(stage, tenant1, 0, 100);
	erase(stage, unit->conversation->key);
	struct trail after = walk(stage, tenant1, 0, 100);
	CU_ASSERT_EQUAL(after.seen, 4);
	CU_ASSERT_EQUAL(after.messages, 3);
	CU_ASSERT_EQUAL(after.erased, 3);
	CHECK_STR(after.text, "   kept ");
	CU_ASSERT_EQUAL(memcmp(after.hash, before.hash, sizeof(after.hash)), 0);
	add(stage, tenant1, "next", 2);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 5);
}

/* What is left of an event: when, of what kind, and how it ended. */
static bool check_nameless(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *e = &entry->event;

	*(size_t *)arg += entry->is_erased;
	CU_ASSERT(!entry->is_erased || !(e->user_id.n || e->resource_id.n || e->request_id.n ||
					 e->ip_address.n || e->data.n));
	CU_ASSERT(e->event_type.n && e->resource_type.n && e->result.n);
	return true;
}

void conform_records_that_lose_their_names_are_proven_still(struct stage *stage)
{
	const struct pal_audit_event full = {.at_ms = 7,
					     .event_type = PAL_STR("thing.done"),
					     .user_id = PAL_STR("ann"),
					     .resource_type = PAL_STR("thing"),
					     .resource_id = PAL_STR("t"),
					     .action = PAL_STR("do"),
					     .result = PAL_STR("success"),
					     .request_id = PAL_STR("r"),
					     .ip_address = PAL_STR("192.0.2.1"),
					     .data = PAL_STR("{\"a\":\"ann\"}")};
	const int64_t seqs[] = {2, 129, 2, 500, 0, 131};
	size_t erased = 0;

	for (int i = 0; i < 130; i++)
		CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant1, &full, 1, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant2, &full, 1, NULL), PAL_OK);
	struct pal_unit *unit = make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
									     .count = 1,
									     .prefix = "m"});
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	CU_ASSERT_EQUAL(pal_store_erase_audit(stage->store, tenant1, seqs, 6, NULL), PAL_OK);
	if (stage->kind->durable)
		stage_reopen(stage);
	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant1, 0, 1000, check_nameless,
					     &erased, NULL), PAL_OK);
	CU_ASSERT_EQUAL(erased, 2);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 131);
	erased = 0;
	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant2, 0, 10, check_nameless,
					     &erased, NULL), PAL_OK);
	CU_ASSERT_EQUAL(erased, 0);
	CU_ASSERT_EQUAL(pal_store_erase_audit(stage->store, tenant2, seqs, 1, NULL), PAL_OK);
	add(stage, tenant1, "next", 1);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 132);
}

static bool prune(struct stage *stage, int64_t before_ms, size_t limit)
{
	bool more = true;

	CU_ASSERT_EQUAL(pal_store_prune_audit(stage->store, tenant1, before_ms, limit, &more, NULL),
			PAL_OK);
	return more;
}

void conform_a_pruned_chain_is_proven_from_its_cut(struct stage *stage)
{
	struct pal_unit *unit = make_unit(&stage->arena, &(struct unit_spec){.conversation = "c",
									     .count = 2,
									     .prefix = "m"});

	for (size_t i = 0; i < 2; i++)
		exchange_of(unit, i)->received_ms = 1;
	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	fill(stage, MANY);
	CU_ASSERT_TRUE(prune(stage, 201, 50));
	CU_ASSERT_EQUAL(head(stage, tenant1).cut, 50);
	CU_ASSERT_EQUAL(prove(stage, tenant1), MANY + 2);
	while (prune(stage, 201, 50))
		;
	struct pal_audit_head h = head(stage, tenant1);
	CU_ASSERT_EQUAL(h.cut, 202);
	struct trail t = walk(stage, tenant1, 0, SIZE_MAX);
	CU_ASSERT_EQUAL(t.first, 203);
	CU_ASSERT_EQUAL(t.seen, MANY - 200);
	CU_ASSERT_EQUAL(walk_back(stage, 0, SIZE_MAX).last, 203);
	CU_ASSERT_EQUAL(walk_back(stage, 204, 10).seen, 1);
	add(stage, tenant1, "next", 1);
	CU_ASSERT_EQUAL(prove(stage, tenant1), MANY + 3);
	/* The message is there still, without what it had for the trail. */
	struct pal_found_exchange found;
	CU_ASSERT_EQUAL_FATAL(pal_store_find_exchange(stage->store, 0, tenant1,
						      unit->exchanges[0].in.message_id, false,
						      &stage->arena, &found, NULL),
			      PAL_OK);
	CU_ASSERT_EQUAL(found.exchange.audit.ip_address.n, 0);
	CU_ASSERT_EQUAL(found.exchange.audit.request_id.n, 0);
	CU_ASSERT_TRUE(pal_str_equal(found.exchange.in.content.raw,
				     unit->exchanges[0].in.content.raw));
	erase(stage, unit->conversation->key);
	CU_ASSERT_EQUAL(prove(stage, tenant1), MANY + 3);
}

void conform_the_last_record_is_never_pruned(struct stage *stage)
{
	CU_ASSERT_FALSE(prune(stage, INT64_MAX, 100));
	fill(stage, 3);
	CU_ASSERT_FALSE(prune(stage, INT64_MAX, 100));
	CU_ASSERT_EQUAL(head(stage, tenant1).cut, 2);
	CU_ASSERT_EQUAL(walk(stage, tenant1, 0, 100).seen, 1);
	add(stage, tenant1, "next", 1);
	CU_ASSERT_EQUAL(walk(stage, tenant1, 0, 100).last, 4);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 4);
}

void conform_a_chain_goes_on_when_opened_again(struct stage *stage)
{
	if (!stage->kind->durable)
		return;
	fill(stage, 129);
	struct trail before = walk(stage, tenant1, 0, SIZE_MAX);
	stage_reopen(stage);
	struct pal_audit_head h = head(stage, tenant1);
	CU_ASSERT_EQUAL(h.seq, 129);
	CU_ASSERT_EQUAL(memcmp(h.hash, before.hash, sizeof(h.hash)), 0);
	add(stage, tenant1, "next", 1);
	CU_ASSERT_FALSE(prune(stage, 100, 1000));
	stage_reopen(stage);
	CU_ASSERT_EQUAL(head(stage, tenant1).cut, 99);
	CU_ASSERT_EQUAL(prove(stage, tenant1), 130);
}

#define WRITERS 4
#define ROUNDS 100

struct writer {
	struct stage *stage;
	pthread_t thread;
	int n, stored;
};

static void *write_rounds(void *arg)
{
	struct writer *w = arg;
	struct pal_arena arena = pal_arena_of(0);
	char id[32];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(id, sizeof(id), "w%d-%d", w->n, i);
		struct pal_unit *unit = make_unit(
			&arena, &(struct unit_spec){.conversation = id, .count = 2, .prefix = id});
		w->stored += commit_one(w->stage->store, unit) == PAL_UNIT_STORED ? 2 : 0;
		const struct pal_audit_event event = {.event_type = PAL_STR("test.done")};
		w->stored += pal_store_add_audit(w->stage->store, tenant1, &event, 1, NULL) ==
			     PAL_OK;
	}
	pal_arena_release(&arena);
	return NULL;
}

/* A kind that blocks has one writer at a time; the others really collide. */
void conform_those_who_write_at_once_make_one_chain(struct stage *stage)
{
	struct writer writers[WRITERS];
	int count = stage->store->ops->blocks ? 1 : WRITERS, stored = 0;

	for (int i = 0; i < count; i++) {
		writers[i] = (struct writer){.stage = stage, .n = i};
		CU_ASSERT_EQUAL_FATAL(pthread_create(&writers[i].thread, NULL, write_rounds,
						     &writers[i]),
				      0);
	}
	for (int i = 0; i < 20; i++)	/* while they write: what there is holds */
		(void)prove(stage, tenant1);
	for (int i = 0; i < count; i++) {
		pthread_join(writers[i].thread, NULL);
		stored += writers[i].stored;
	}
	CU_ASSERT_EQUAL(stored, count * ROUNDS * 3);
	CU_ASSERT_EQUAL(walk(stage, tenant1, 0, SIZE_MAX).seen, (size_t)stored);
	CU_ASSERT_EQUAL(prove(stage, tenant1), stored);
}
