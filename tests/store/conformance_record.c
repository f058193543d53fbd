/* SPDX-License-Identifier: Apache-2.0 */
/* Records: small documents that come, change and go. */
#include "store/conformance.h"
#include "store/material.h"
#include "store/store.h"

static const struct pal_tenant_key tenant1 = {1}, tenant2 = {2};

static struct pal_record make_record(struct stage *stage, const char *id, int64_t created_ms)
{
	return (struct pal_record){
		.kind = PAL_STR("session"),
		.id = text_of(&stage->arena, "%s", id),
		.owner = text_of(&stage->arena, "owner of %s", id),
		.body = text_of(&stage->arena, "{\"body\":\"of %s\"}", id),
		.created_ms = created_ms,
		.updated_ms = created_ms + 1,
		.expires_ms = created_ms + 2,
	};
}

static enum pal_record_verdict write_as(struct stage *stage, struct pal_tenant_key tenant,
					struct pal_record *record, int64_t expected, bool remove)
{
	struct pal_record_write write = {.tenant = tenant,
					 .record = *record,
					 .expected = expected,
					 .remove = remove,
					 .verdict = PAL_RECORD_FAILED};
	struct pal_record_write *writes = &write;

	pal_store_write_records(stage->store, &writes, 1);
	record->version = write.record.version;
	return write.verdict;
}

static enum pal_record_verdict put(struct stage *stage, struct pal_record *record, int64_t expected)
{
	return write_as(stage, tenant1, record, expected, false);
}

static bool is_same_record(const struct pal_record *a, const struct pal_record *b)
{
	return pal_str_equal(a->kind, b->kind) && pal_str_equal(a->id, b->id) &&
	       pal_str_equal(a->owner, b->owner) && pal_str_equal(a->body, b->body) &&
	       a->version == b->version && a->created_ms == b->created_ms &&
	       a->updated_ms == b->updated_ms && a->expires_ms == b->expires_ms;
}

static enum pal_code load(struct stage *stage, struct pal_tenant_key tenant,
			  const struct pal_record *named, struct pal_record *ret)
{
	return pal_store_load_record(stage->store, 1, tenant, named->kind, named->id,
				     &stage->arena, ret, NULL);
}

static bool is_stored(struct stage *stage, struct pal_tenant_key tenant,
		      const struct pal_record *want)
{
	struct pal_record got;

	return load(stage, tenant, want, &got) == PAL_OK && is_same_record(&got, want);
}

/* The version stored under the name, 0 for none. */
static int64_t version_of(struct stage *stage, struct pal_tenant_key tenant,
			  const struct pal_record *named)
{
	struct pal_record got;
	enum pal_code code = load(stage, tenant, named, &got);

	CU_ASSERT_TRUE(code == PAL_OK || code == PAL_E_NOT_FOUND);
	return code == PAL_OK ? got.version : 0;
}

void conform_a_record_comes_back_whole_with_all_its_fields(struct stage *stage)
{
	struct pal_record r = make_record(stage, "a", 1700000000000);
	struct pal_record bare = {.kind = PAL_STR("quota"), .id = PAL_STR("x")};

	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 0);
	CU_ASSERT_EQUAL(put(stage, &r, PAL_RECORD_ANY), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(r.version, 1);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &r));
	CU_ASSERT_EQUAL(put(stage, &bare, 0), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &bare));

	r.body = PAL_STR("{}");		/* everything but the name may change, times included */
	r.owner = PAL_STR("another");
	r.created_ms = 5;
	r.updated_ms = INT64_MAX;
	r.expires_ms = 0;
	CU_ASSERT_EQUAL(put(stage, &r, 1), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(r.version, 2);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &r));
}

void conform_a_record_is_written_against_the_version_expected(struct stage *stage)
{
	struct pal_record r = make_record(stage, "a", 1), other = make_record(stage, "a", 2);

	CU_ASSERT_EQUAL(put(stage, &r, 1), PAL_RECORD_CONFLICT);	/* there is none */
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 0);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &other, 0), PAL_RECORD_CONFLICT);	/* there is one */
	CU_ASSERT_EQUAL(put(stage, &other, 2), PAL_RECORD_CONFLICT);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &r));
	CU_ASSERT_EQUAL(put(stage, &other, 1), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(other.version, 2);
	CU_ASSERT_EQUAL(put(stage, &r, 1), PAL_RECORD_CONFLICT);	/* it was read before */
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &other));
	CU_ASSERT_EQUAL(put(stage, &r, PAL_RECORD_ANY), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(r.version, 3);
}

static enum pal_record_verdict judge(struct stage *stage, const char *id, int64_t expected,
				     int64_t *ret_version)
{
	struct pal_record_write write = {.tenant = tenant1,
					 .record = {.kind = PAL_STR("session"), .id = pal_str(id)},
					 .expected = expected,
					 .only_judge = true,
					 .verdict = PAL_RECORD_FAILED};
	struct pal_record_write *writes = &write;

	pal_store_write_records(stage->store, &writes, 1);
	*ret_version = write.record.version;
	return write.verdict;
}

void conform_a_record_is_judged_without_being_written(struct stage *stage)
{
	struct pal_record r = make_record(stage, "a", 1);
	int64_t version;

	CU_ASSERT_EQUAL(judge(stage, "a", 0, &version), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(judge(stage, "a", 1, &version), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 0);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &r, 1), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(judge(stage, "a", 2, &version), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(version, 2);
	CU_ASSERT_EQUAL(judge(stage, "a", 1, &version), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(version, 2);
	CU_ASSERT_EQUAL(judge(stage, "a", 0, &version), PAL_RECORD_CONFLICT);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &r));
}

void conform_a_record_is_removed_against_the_version_expected(struct stage *stage)
{
	struct pal_record r = make_record(stage, "a", 1);

	CU_ASSERT_EQUAL(write_as(stage, tenant1, &r, 1, true), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(write_as(stage, tenant1, &r, PAL_RECORD_ANY, true), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(write_as(stage, tenant1, &r, 2, true), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 1);
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &r, 1, true), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 1);
	CU_ASSERT_EQUAL(write_as(stage, tenant1, &r, 1, true), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 0);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);	/* and it starts over */
	CU_ASSERT_EQUAL(r.version, 1);
}

void conform_records_of_a_group_are_judged_alone_and_in_order(struct stage *stage)
{
	struct pal_record a = make_record(stage, "a", 1), b = make_record(stage, "b", 2);
	struct pal_record bad = make_record(stage, "", 3);
	struct pal_record_write all[] = {
		{.tenant = tenant1, .record = a, .expected = 0},
		{.tenant = tenant1, .record = a, .expected = 0},
		{.tenant = tenant1, .record = a, .expected = 1},
		{.tenant = tenant1, .record = bad, .expected = 0},
		{.tenant = tenant2, .record = a, .expected = 0},
		{.tenant = tenant1, .record = a, .expected = 2, .remove = true},
		{.tenant = tenant1, .record = b, .expected = PAL_RECORD_ANY},
		{.tenant = tenant1, .record = a, .expected = 0},
	};
	static const enum pal_record_verdict want[] = {
		PAL_RECORD_STORED, PAL_RECORD_CONFLICT, PAL_RECORD_STORED, PAL_RECORD_FAILED,
		PAL_RECORD_STORED, PAL_RECORD_STORED,	PAL_RECORD_STORED, PAL_RECORD_STORED,
	};
	struct pal_record_write *writes[8];

	for (size_t i = 0; i < 8; i++)
		writes[i] = &all[i];
	pal_store_write_records(stage->store, writes, 8);
	for (size_t i = 0; i < 8; i++)
		CU_ASSERT_EQUAL(all[i].verdict, want[i]);
	CU_ASSERT_EQUAL(all[3].err.code, PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(all[2].record.version, 2);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &a), 1);
	CU_ASSERT_EQUAL(version_of(stage, tenant2, &a), 1);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &b), 1);
}

void conform_a_record_is_unique_in_its_tenant_and_kind_only(struct stage *stage)
{
	struct pal_record a = make_record(stage, "a", 1), b = a, c = a;

	b.kind = PAL_STR("feedback");
	b.body = PAL_STR("{\"b\":1}");
	c.body = PAL_STR("{\"c\":1}");
	CU_ASSERT_EQUAL(put(stage, &a, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &b, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(version_of(stage, tenant2, &a), 0);
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &c, 0, false), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &a));
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &b));
	CU_ASSERT_TRUE(is_stored(stage, tenant2, &c));
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &c, 1, true), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &a));
}

void conform_b65_a_record_is_written_by_tenant_and_version_and_its_fields_cleared(
	struct stage *stage)
{
	struct pal_record first = make_record(stage, "a", 1), second = first, foreign = first;

	foreign.body = PAL_STR("{\"foreign\":1}");
	CU_ASSERT_EQUAL(put(stage, &first, 0), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &foreign, 1, false), PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &foreign, PAL_RECORD_ANY, false),
			PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &first));

	/* Two read version 1; the later write may not take back what the earlier one changed. */
	first.body = PAL_STR("{\"first\":1}");
	second.body = PAL_STR("{\"second\":1}");
	CU_ASSERT_EQUAL(put(stage, &first, 1), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &second, 1), PAL_RECORD_CONFLICT);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &first));

	first.owner = first.body = (struct pal_str){NULL, 0};
	first.created_ms = first.updated_ms = first.expires_ms = 0;
	CU_ASSERT_EQUAL(put(stage, &first, 2), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &first));
}

void conform_records_of_greatest_length_come_back(struct stage *stage)
{
	struct pal_record r = {
		.kind = PAL_STR("k"),
		.id = repeat(&stage->arena, "\xe2\x82\xac", PAL_RECORD_ID_BYTES_MAX / 3),
		.owner = repeat(&stage->arena, "\xf0\x9f\x98\x80", PAL_ID_POINTS_MAX),
		.body = repeat(&stage->arena, "[[[[]]]]", PAL_STORE_JSON_BYTES_MAX / 8),
		.created_ms = INT64_MIN,
		.updated_ms = INT64_MAX,
		.expires_ms = INT64_MAX,
	};

	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &r));
	r.id = repeat(&stage->arena, "x", PAL_RECORD_ID_BYTES_MAX + 1);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_FAILED);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &r), 0);
}

/* --- walks ------------------------------------------------------------------------------------- */

struct record_walk {
	char seen[64];	/* the first letters of the ids */
	size_t stop_after;
	int64_t last_ms;
	struct pal_str last_id;
	struct stage *stage;
};

static bool record_visit(void *arg, const struct pal_record *record)
{
	struct record_walk *walk = arg;
	size_t n = strlen(walk->seen);

	if (n + 1 < sizeof(walk->seen))
		walk->seen[n] = record->id.p[0];
	walk->last_ms = record->created_ms;
	walk->last_id = text_of(&walk->stage->arena, "%.*s", (int)record->id.n, record->id.p);
	return n + 1 != walk->stop_after;
}

static bool expired_visit(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	CU_ASSERT_EQUAL(tenant.n, record->owner.n ? 1 : 2);
	return record_visit(arg, record);
}

static void walk_records(struct stage *stage, struct record_walk *walk, const char *owner,
			 size_t limit)
{
	walk->stage = stage;
	memset(walk->seen, 0, sizeof(walk->seen));
	CU_ASSERT_EQUAL(pal_store_walk_records(stage->store, 1, tenant1, PAL_STR("session"),
					       owner ? pal_str(owner) : (struct pal_str){NULL, 0},
					       walk->last_ms, walk->last_id, limit, record_visit,
					       walk, NULL),
			PAL_OK);
}

/* Seven of tenant 1, two owners in turn; and some that no walk over them may meet. */
static void fill(struct stage *stage)
{
	static const struct { const char *id; int64_t created_ms; } records[] = {
		{"g", 300}, {"b", 200}, {"d", 200}, {"a", 100}, {"c", 200}, {"f", 201}, {"e", 200},
	};

	for (size_t i = 0; i < 7; i++) {
		struct pal_record r = make_record(stage, records[i].id, records[i].created_ms);
		r.owner = i % 2 ? PAL_STR("odd") : PAL_STR("even");
		CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	}
	struct pal_record foreign = make_record(stage, "x", 150), kind = foreign;
	foreign.owner = (struct pal_str){NULL, 0};
	kind.kind = PAL_STR("sessions");
	CU_ASSERT_EQUAL(write_as(stage, tenant2, &foreign, 0, false), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &kind, 0), PAL_RECORD_STORED);
}

void conform_a_walk_of_records_goes_by_time_and_then_by_id(struct stage *stage)
{
	struct record_walk walk = {.last_ms = INT64_MIN};
	struct pal_record r = make_record(stage, "b", 250);

	fill(stage);
	walk_records(stage, &walk, NULL, 100);
	CHECK_STR(walk.seen, "abcdefg");
	CU_ASSERT_EQUAL(put(stage, &r, 1), PAL_RECORD_STORED);	/* it moves */
	CU_ASSERT_EQUAL(write_as(stage, tenant1, &r, 2, true), PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(put(stage, &r, 0), PAL_RECORD_STORED);
	walk = (struct record_walk){.last_ms = INT64_MIN};
	walk_records(stage, &walk, NULL, 100);
	CHECK_STR(walk.seen, "acdefbg");
}

void conform_a_walk_of_records_keeps_to_owner_range_and_limit(struct stage *stage)
{
	static const char *const pages[] = {"abc", "def", "g", ""};
	struct record_walk walk = {.last_ms = INT64_MIN};

	fill(stage);
	for (size_t i = 0; i < 4; i++) {	/* page by page, each after the last of the one before */
		walk_records(stage, &walk, NULL, 3);
		CHECK_STR(walk.seen, pages[i]);
	}
	walk = (struct record_walk){.last_ms = 200, .last_id = PAL_STR("bb")};
	walk_records(stage, &walk, NULL, 100);
	CHECK_STR(walk.seen, "cdefg");
	walk = (struct record_walk){.last_ms = INT64_MIN};
	walk_records(stage, &walk, "odd", 100);
	CHECK_STR(walk.seen, "abf");
	walk = (struct record_walk){.last_ms = 150};
	walk_records(stage, &walk, "even", 2);
	CHECK_STR(walk.seen, "cd");
	walk = (struct record_walk){.last_ms = INT64_MIN, .stop_after = 2};
	walk_records(stage, &walk, NULL, 100);
	CHECK_STR(walk.seen, "ab");
	walk = (struct record_walk){.last_ms = INT64_MIN};
	walk_records(stage, &walk, "nobody", 100);
	CHECK_STR(walk.seen, "");
	walk_records(stage, &walk, NULL, 0);
	CHECK_STR(walk.seen, "");
}

static void walk_expired(struct stage *stage, struct record_walk *walk, int64_t after_ms,
			 int64_t now_ms, size_t limit)
{
	walk->stage = stage;
	memset(walk->seen, 0, sizeof(walk->seen));
	CU_ASSERT_EQUAL(pal_store_walk_expired(stage->store, 0, PAL_STR("session"), after_ms,
					       now_ms, limit, expired_visit, walk, NULL),
			PAL_OK);
}

void conform_records_that_expired_are_walked_oldest_first(struct stage *stage)
{
	struct record_walk walk = {.last_ms = 0};
	struct pal_record never = make_record(stage, "n", 1), moved = make_record(stage, "a", 100);

	fill(stage);
	never.expires_ms = 0;
	CU_ASSERT_EQUAL(put(stage, &never, 0), PAL_RECORD_STORED);
	walk_expired(stage, &walk, 0, 101, 100);
	CHECK_STR(walk.seen, "");
	walk_expired(stage, &walk, 0, 152, 100);
	CHECK_STR(walk.seen, "ax");
	walk_expired(stage, &walk, 0, 152, 1);
	CHECK_STR(walk.seen, "a");
	walk_expired(stage, &walk, 0, INT64_MAX, 100);
	CU_ASSERT_EQUAL(strlen(walk.seen), 8);
	CU_ASSERT_EQUAL(walk.seen[7], 'g');
	walk_expired(stage, &walk, 151, 152, 100);
	CHECK_STR(walk.seen, "x");
	walk_expired(stage, &walk, 152, 152, 100);
	CHECK_STR(walk.seen, "");
	walk_expired(stage, &walk, 152, INT64_MAX, 100);
	CU_ASSERT_EQUAL(strlen(walk.seen), 6);
	moved.expires_ms = 1000;
	CU_ASSERT_EQUAL(put(stage, &moved, 1), PAL_RECORD_STORED);
	walk_expired(stage, &walk, 0, 152, 100);
	CHECK_STR(walk.seen, "x");
	walk.stop_after = 3;
	walk_expired(stage, &walk, 0, INT64_MAX, 100);
	CU_ASSERT_EQUAL(strlen(walk.seen), 3);
}

/* Write it over, and hold against each walk what it now says. */
static void check_written_over(struct stage *stage, struct pal_record *r, const char *by_time,
			       const char *of_owner, const char *expired)
{
	struct record_walk all = {.last_ms = INT64_MIN}, owned = all, over = {.last_ms = 0};

	CU_ASSERT_EQUAL(put(stage, r, r->version), PAL_RECORD_STORED);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, r));
	walk_records(stage, &all, NULL, 100);
	CHECK_STR(all.seen, by_time);
	walk_records(stage, &owned, "odd", 100);
	CHECK_STR(owned.seen, of_owner);
	walk_expired(stage, &over, 0, 150, 100);
	CHECK_STR(over.seen, expired);
}

void conform_a_record_written_over_is_walked_by_what_it_says_now(struct stage *stage)
{
	struct pal_record r;

	fill(stage);
	CU_ASSERT_EQUAL_FATAL(load(stage, tenant1, &(struct pal_record){.kind = PAL_STR("session"),
									.id = PAL_STR("a")}, &r),
			      PAL_OK);
	r.body = PAL_STR("{\"longer\":\"than it was, and nothing else changes\"}");
	r.updated_ms = 777;
	check_written_over(stage, &r, "abcdefg", "abf", "a");
	r.expires_ms = 0;
	check_written_over(stage, &r, "abcdefg", "abf", "");
	r.expires_ms = 149;
	check_written_over(stage, &r, "abcdefg", "abf", "a");
	r.owner = PAL_STR("even");
	check_written_over(stage, &r, "abcdefg", "bf", "a");
	r.owner = PAL_STR("odd");
	r.created_ms = 999;
	check_written_over(stage, &r, "bcdefga", "bfa", "a");
}

static bool audit_visit(void *arg, const struct pal_audit_entry *entry)
{
	const struct pal_audit_event *event = &entry->event;

	CU_ASSERT_TRUE(pal_str_equal(event->event_type, PAL_STR("session.tested")));
	CU_ASSERT_TRUE(pal_str_equal(event->resource_id, PAL_STR("a")));
	++*(size_t *)arg;
	return true;
}

static size_t audited(struct stage *stage, struct pal_tenant_key tenant)
{
	size_t count = 0;

	CU_ASSERT_EQUAL(pal_store_walk_audit(stage->store, 1, tenant, 0, 100, audit_visit, &count,
					     NULL),
			PAL_OK);
	return count;
}

/* Stored and removed are told; a conflict, and an event unfit to be kept, leave nothing behind. */
void conform_a_record_write_takes_its_audit_event_along(struct stage *stage)
{
	struct pal_record a = make_record(stage, "a", 1);
	struct pal_audit_event event = {.at_ms = 1,
					.event_type = PAL_STR("session.tested"),
					.resource_id = PAL_STR("a")};
	struct pal_record_write write = {.tenant = tenant1, .record = a, .audit = &event};
	struct pal_record_write *writes = &write;

	pal_store_write_records(stage->store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(audited(stage, tenant1), 1);
	CU_ASSERT_EQUAL(audited(stage, tenant2), 0);
	pal_store_write_records(stage->store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_CONFLICT);
	CU_ASSERT_EQUAL(audited(stage, tenant1), 1);
	write.expected = 1;
	write.remove = true;
	pal_store_write_records(stage->store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_STORED);
	CU_ASSERT_EQUAL(audited(stage, tenant1), 2);
	write.expected = 0;
	write.remove = false;
	event.event_type = repeat(&stage->arena, "x", PAL_ID_POINTS_MAX + 1);
	pal_store_write_records(stage->store, &writes, 1);
	CU_ASSERT_EQUAL(write.verdict, PAL_RECORD_FAILED);
	CU_ASSERT_EQUAL(version_of(stage, tenant1, &a), 0);
	CU_ASSERT_EQUAL(audited(stage, tenant1), 2);
}

void conform_records_are_there_when_opened_again(struct stage *stage)
{
	struct record_walk walk = {.last_ms = INT64_MIN};
	struct pal_record a = make_record(stage, "a", 100);

	if (!stage->kind->durable)
		return;
	fill(stage);
	CU_ASSERT_EQUAL(put(stage, &a, 1), PAL_RECORD_STORED);
	stage_reopen(stage);
	CU_ASSERT_TRUE(is_stored(stage, tenant1, &a));
	CU_ASSERT_EQUAL(put(stage, &a, 1), PAL_RECORD_CONFLICT);
	walk_records(stage, &walk, NULL, 100);
	CHECK_STR(walk.seen, "abcdefg");
}
