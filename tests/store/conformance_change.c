/* SPDX-License-Identifier: Apache-2.0 */
/* What operations change of a conversation, and the audit trail that they leave. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

/* Make a conversation of tenant 1 with `count` exchanges; return its key. */
static int64_t begin(struct stage *stage, const char *id, size_t count)
{
	struct pal_unit *unit = make_unit(
		&stage->arena,
		&(struct unit_spec){.conversation = id, .count = count, .prefix = id});

	CU_ASSERT_EQUAL(commit_one(stage->store, unit), PAL_UNIT_STORED);
	return unit->conversation->key;
}

static struct pal_conversation load(struct stage *stage, const char *id)
{
	struct pal_conversation loaded = {0};

	CU_ASSERT_EQUAL(pal_store_load_conversation(stage->store, 0, tenant1, pal_str(id),
						    &stage->arena, &loaded, NULL),
			PAL_OK);
	return loaded;
}

static struct pal_change make_change(struct stage *stage, const char *word)
{
	return (struct pal_change){
		.status = PAL_CONVERSATION_COMPLETED,
		.ended_ms = 1700000009000,
		.deleted = true,
		.details = text_of(&stage->arena, "{\"because\":\"%s\"}", word),
		.audit = {.at_ms = 1700000009001,
			  .event_type = text_of(&stage->arena, "conversation.%s", word),
			  .user_id = PAL_STR("staff"),
			  .resource_type = PAL_STR("conversation"),
			  .resource_id = PAL_STR("c"),
			  .action = PAL_STR("close"),
			  .result = PAL_STR("success"),
			  .request_id = PAL_STR("request"),
			  .ip_address = PAL_STR("2001:db8::2"),
			  .data = PAL_STR("{\"old_values\":{\"status\":\"active\"}}")},
	};
}

static bool is_changed(const struct pal_conversation *c, const struct pal_change *change)
{
	return c->status == change->status && c->ended_ms == change->ended_ms &&
	       c->deleted == change->deleted && pal_str_equal(c->details, change->details);
}

static enum pal_unit_verdict apply(struct stage *stage, struct unit_spec spec,
				   const struct pal_change *change)
{
	struct pal_unit *unit = make_unit(&stage->arena, &spec);

	unit->change = change;
	return commit_one(stage->store, unit);
}

static bool is_same_event(const struct pal_audit_event *a, const struct pal_audit_event *b)
{
	return a->at_ms == b->at_ms && pal_str_equal(a->event_type, b->event_type) &&
	       pal_str_equal(a->user_id, b->user_id) &&
	       pal_str_equal(a->resource_type, b->resource_type) &&
	       pal_str_equal(a->resource_id, b->resource_id) &&
	       pal_str_equal(a->action, b->action) && pal_str_equal(a->result, b->result) &&
	       pal_str_equal(a->request_id, b->request_id) &&
	       pal_str_equal(a->ip_address, b->ip_address) && pal_str_equal(a->data, b->data);
}

struct audit_walk {
	const struct pal_audit_event *want;
	size_t seen, different, stop_after;
	int64_t ids[8];
};

/* What exchanges carry is looked at in conformance_audit.c. */
static bool audit_visit(void *arg, const struct pal_audit_entry *entry)
{
	struct audit_walk *walk = arg;

	if (pal_str_equal(entry->event.resource_type, PAL_STR("message")))
		return true;
	walk->different += !is_same_event(&entry->event, &walk->want[walk->seen]);
	walk->different += walk->seen && entry->seq <= walk->ids[walk->seen - 1];
	walk->ids[walk->seen++] = entry->seq;
	return walk->seen != walk->stop_after;
}

static struct audit_walk walk_audit(struct stage *stage, struct pal_tenant_key tenant,
				    const struct pal_audit_event *want, int64_t after, size_t limit)
{
	struct audit_walk walk = {.want = want};

	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant, after, limit, audit_visit,
					     &walk, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(walk.different, 0);
	return walk;
}

void conform_a_change_is_stored_with_the_unit_that_carries_it(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_change change = make_change(stage, "closed");

	CU_ASSERT_EQUAL(apply(stage,
			      (struct unit_spec){.conversation = "c",
						 .key = key,
						 .first = 3,
						 .count = 2,
						 .prefix = "m"},
			      &change),
			PAL_UNIT_STORED);
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_EQUAL(c.last_sequence, 6);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, &change.audit, 0, 100).seen, 1);
}

void conform_a_change_needs_no_exchange(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1), bare = begin(stage, "bare", 0);
	struct pal_change change = make_change(stage, "closed"), next = make_change(stage, "x");
	struct pal_audit_event want[2] = {change.audit, next.audit};

	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key}, &change),
			PAL_UNIT_STORED);
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_EQUAL(c.last_sequence, 2);
	next.status = PAL_CONVERSATION_ACTIVE;
	next.ended_ms = 0;
	next.deleted = false;
	next.details = (struct pal_str){NULL, 0};
	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key}, &next),
			PAL_UNIT_STORED);
	c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &next));
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, want, 0, 100).seen, 2);

	change.audit.event_type.n = 0;	/* none is left */
	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "b", .key = bare}, &change),
			PAL_UNIT_STORED);
	c = load(stage, "bare");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, want, 0, 100).seen, 2);
}

void conform_a_change_of_an_unknown_or_foreign_conversation_is_stale(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1), bare = begin(stage, "bare", 0);
	struct pal_change change = make_change(stage, "closed");
	const struct unit_spec specs[] = {
		{.conversation = "c", .key = key + 6400},
		{.conversation = "c", .tenant = 2, .key = key},
		{.conversation = "c", .tenant = 2, .key = bare},
	};

	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(apply(stage, specs[i], &change), PAL_UNIT_STALE);
	CU_ASSERT_FALSE(load(stage, "c").deleted);
	CU_ASSERT_FALSE(load(stage, "bare").deleted);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, NULL, 0, 100).seen, 0);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant2, NULL, 0, 100).seen, 0);
}

void conform_a_change_is_stored_whole_or_not_at_all(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_change change = make_change(stage, "closed");
	struct pal_conversation was = load(stage, "c");

	change.details = repeat(&stage->arena, "[[[[]]]]", 1000);
	CU_ASSERT_EQUAL(apply(stage,
			      (struct unit_spec){.conversation = "c",
						 .key = key,
						 .first = 5,
						 .count = 1,
						 .prefix = "m"},
			      &change),
			PAL_UNIT_STALE);
	CU_ASSERT_EQUAL(apply(stage,
			      (struct unit_spec){.conversation = "c",
						 .key = key,
						 .first = 3,
						 .count = 1,
						 .prefix = "c"},	/* c-0 is taken */
			      &change),
			PAL_UNIT_DUPLICATE);
	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c"}, &change),
			PAL_UNIT_STALE);	/* the id is taken */
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_same_conversation(&c, &was));
	CU_ASSERT_EQUAL(c.last_sequence, 2);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, NULL, 0, 100).seen, 0);
}

void conform_a_change_may_come_with_the_insert(struct stage *stage)
{
	struct pal_change change = make_change(stage, "created");

	CU_ASSERT_EQUAL(apply(stage,
			      (struct unit_spec){.conversation = "c", .count = 1, .prefix = "m"},
			      &change),
			PAL_UNIT_STORED);
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_EQUAL(c.last_sequence, 2);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, &change.audit, 0, 100).seen, 1);
}

void conform_details_grow_and_shrink_and_may_be_great(struct stage *stage)
{
	static const size_t times[] = {1, 100, 2, 0, 50, PAL_STORE_JSON_BYTES_MAX / 8, 3};
	int64_t key = begin(stage, "c", 1);

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct pal_change change = make_change(stage, "x");
		change.details = repeat(&stage->arena, "{\"k\":12}", times[i]);
		change.audit = (struct pal_audit_event){0};
		CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key},
				      &change),
				PAL_UNIT_STORED);
		struct pal_conversation c = load(stage, "c");
		CU_ASSERT_TRUE(is_changed(&c, &change));
	}
}

void conform_what_is_written_behind_changes_nothing_that_operations_write(struct stage *stage)
{
	int64_t key = begin(stage, "c", 1);
	struct pal_change change = make_change(stage, "closed");
	struct pal_conversation record = load(stage, "c");

	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key}, &change),
			PAL_UNIT_STORED);
	record.status = PAL_CONVERSATION_PAUSED;
	record.state = PAL_STR("{\"behind\":1}");
	record.last_activity_ms += 1000;
	CU_ASSERT_EQUAL(pal_store_write_behind(stage->store, tenant1, &record, 1, NULL), PAL_OK);
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_TRUE(pal_str_equal(c.state, record.state));
	CU_ASSERT_EQUAL(c.last_activity_ms, record.last_activity_ms);
	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key}, &change),
			PAL_UNIT_STORED);
	CU_ASSERT_TRUE(pal_str_equal(load(stage, "c").state, record.state));
}

void conform_audit_events_are_walked_in_order_and_by_tenant(struct stage *stage)
{
	struct pal_change change = make_change(stage, "closed");
	struct pal_audit_event events[4] = {change.audit, change.audit, {0}, change.audit};

	events[1].event_type = repeat(&stage->arena, "\xf0\x9f\x98\x80", PAL_ID_POINTS_MAX);
	events[1].data = repeat(&stage->arena, "[[[[]]]]", PAL_STORE_JSON_BYTES_MAX / 8);
	events[1].at_ms = INT64_MIN;
	events[2].event_type = PAL_STR("bare");
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, NULL, 0, 100).seen, 0);
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant1, events, 2, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant2, events + 1, 2, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant1, events + 2, 2, NULL), PAL_OK);
	CU_ASSERT_EQUAL(pal_store_add_audit(stage->store, tenant1, events, 0, NULL), PAL_OK);

	struct audit_walk all = walk_audit(stage, tenant1, events, 0, 100);
	CU_ASSERT_EQUAL_FATAL(all.seen, 4);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant2, events + 1, 0, 100).seen, 2);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, events, 0, 3).seen, 3);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, events, 0, 0).seen, 0);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, events + 2, all.ids[1], 100).seen, 2);
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, NULL, all.ids[3], 100).seen, 0);
	struct audit_walk stopped = {.want = events, .stop_after = 2};
	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant1, 0, 100, audit_visit,
					     &stopped, NULL),
			PAL_OK);
	CU_ASSERT_EQUAL(stopped.seen, 2);
}

void conform_changes_and_audit_events_are_there_when_opened_again(struct stage *stage)
{
	struct pal_change change = make_change(stage, "closed");

	if (!stage->kind->durable)
		return;
	int64_t key = begin(stage, "c", 1);
	CU_ASSERT_EQUAL(apply(stage, (struct unit_spec){.conversation = "c", .key = key}, &change),
			PAL_UNIT_STORED);
	stage_reopen(stage);
	struct pal_conversation c = load(stage, "c");
	CU_ASSERT_TRUE(is_changed(&c, &change));
	CU_ASSERT_EQUAL(walk_audit(stage, tenant1, &change.audit, 0, 100).seen, 1);
}
