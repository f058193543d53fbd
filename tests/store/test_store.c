/* SPDX-License-Identifier: Apache-2.0 */
/* What the callers' functions refuse before any kind sees it, and what they count. */
#include "store/store.h"

#include "base/metrics.h"
#include "store/kinds.h"
#include "store/material.h"
#include "suite.h"

static struct pal_store *open_memory(void)
{
	struct pal_store *store = NULL;

	CU_ASSERT_EQUAL_FATAL(
		pal_store_open(&(struct pal_store_config){.kind = "memory", .readers = 1}, &store,
			       NULL),
		PAL_OK);
	return store;
}

TEST(an_unknown_kind_is_refused_and_the_known_are_named)
{
	struct pal_store *store = NULL;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_store_open(&(struct pal_store_config){.kind = "mongo", .readers = 1},
				       &store, &err),
			PAL_E_CONFIG);
	CHECK_STR(err.subject, "store.kind");
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "\"mongo\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "memory, sqlite"));
	CU_ASSERT_EQUAL(pal_store_open(&(struct pal_store_config){.readers = 1}, &store, &err),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(store);
}

TEST(a_number_of_readers_out_of_range_is_refused)
{
	static const unsigned readers[] = {0, PAL_STORE_READERS_MAX + 1};

	for (size_t i = 0; i < 2; i++) {
		struct pal_store *store = NULL;
		struct pal_error err = {0};
		CU_ASSERT_EQUAL(
			pal_store_open(&(struct pal_store_config){.kind = "memory",
								  .readers = readers[i]},
				       &store, &err),
			PAL_E_CONFIG);
		CHECK_STR(err.subject, "store.readers");
	}
}

/* One slot of a whole table made absent, by its name. */
#define WITHOUT(slot)                                                                              \
	do {                                                                                       \
		struct pal_store_ops ops = *whole;                                                 \
		ops.slot = NULL;                                                                   \
		CU_ASSERT_EQUAL(pal_store_check_ops(&ops, &err), PAL_E_CONFIG);                    \
		CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "\"" #slot "\""));                      \
	} while (0)

TEST(a_table_with_a_missing_slot_is_refused_by_name)
{
	const struct pal_store_kind *kind = NULL;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL_FATAL(pal_store_find_kind(PAL_STR("memory"), &kind, &err), PAL_OK);
	const struct pal_store_ops *whole = kind->ops;
	CU_ASSERT_EQUAL(pal_store_check_ops(whole, &err), PAL_OK);
	WITHOUT(name);
	WITHOUT(commit);
	WITHOUT(write_behind);
	WITHOUT(load_conversation);
	WITHOUT(find_exchange);
	WITHOUT(walk_exchanges);
	WITHOUT(walk_conversations);
	WITHOUT(index_text);
	WITHOUT(search_text);
	WITHOUT(put_tenant);
	WITHOUT(put_api_key);
	WITHOUT(walk_tenants);
	WITHOUT(walk_api_keys);
	WITHOUT(installation_secret);
	WITHOUT(add_audit);
	WITHOUT(audit_head);
	WITHOUT(walk_audit);
	WITHOUT(walk_audit_back);
	WITHOUT(verify_audit);
	WITHOUT(prune_audit);
	WITHOUT(erase_audit);
	WITHOUT(load_record);
	WITHOUT(walk_records);
	WITHOUT(walk_expired);
	WITHOUT(erase_conversation);
	WITHOUT(ping);
	WITHOUT(count);
	WITHOUT(idle);
	WITHOUT(destroy);
}

/* --- units ------------------------------------------------------------------------------------- */

typedef void spoil_fn(struct pal_arena *arena, struct pal_unit *unit);

static struct pal_str too_long(struct pal_arena *arena)
{
	return repeat(arena, "\xc3\xa4", PAL_ID_POINTS_MAX + 1);
}

static void no_tenant(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->tenant.n = 0;
}

static void too_many(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->count = PAL_UNIT_EXCHANGES_MAX + 1;
}

static void nothing(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->conversation->key = 1;
	unit->count = 0;
}

static void negative_key(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->conversation->key = -1;
}

static void gap(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 1)->in.sequence++;
}

static void reply_elsewhere(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 1)->out.sequence++;
}

static void sequence_zero(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 0)->in.sequence = 0;
}

static void wrong_direction(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 1)->out.direction = PAL_INBOUND;
}

static void unknown_type(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 0)->in.content.type = PAL_CONTENT_TYPE_COUNT;
}

static void unknown_delivery(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 0)->delivery.status = PAL_DELIVERY_STATUS_COUNT;
}

static void no_message_id(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 1)->in.message_id.n = 0;
}

static void no_reply_id(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	exchange_of(unit, 1)->out.message_id.n = 0;
}

static void long_message_id(struct pal_arena *arena, struct pal_unit *unit)
{
	exchange_of(unit, 0)->in.message_id = too_long(arena);
}

static void long_text(struct pal_arena *arena, struct pal_unit *unit)
{
	exchange_of(unit, 0)->in.content.text =
		repeat(arena, "\xf0\x9f\x98\x80", PAL_TEXT_POINTS_MAX + 1);
}

static void long_json(struct pal_arena *arena, struct pal_unit *unit)
{
	exchange_of(unit, 0)->state = repeat(arena, "1", PAL_STORE_JSON_BYTES_MAX + 1);
}

static void long_request_id(struct pal_arena *arena, struct pal_unit *unit)
{
	exchange_of(unit, 0)->audit.request_id = too_long(arena);
}

static void long_conversation_id(struct pal_arena *arena, struct pal_unit *unit)
{
	unit->conversation->id = too_long(arena);
}

static void no_user(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->conversation->user_id.n = 0;
}

static void unknown_channel(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->conversation->channel = PAL_CHANNEL_COUNT;
}

static void unknown_status(struct pal_arena *arena, struct pal_unit *unit)
{
	(void)arena;
	unit->conversation->status = PAL_CONVERSATION_STATUS_COUNT;
}

static void long_details(struct pal_arena *arena, struct pal_unit *unit)
{
	unit->conversation->details = repeat(arena, "1", PAL_STORE_JSON_BYTES_MAX + 1);
}

static struct pal_change *change_of(struct pal_arena *arena, struct pal_unit *unit)
{
	struct pal_change *change = pal_arena_get(arena, sizeof(*change));

	CU_ASSERT_PTR_NOT_NULL_FATAL(change);
	*change = (struct pal_change){.audit.event_type = PAL_STR("conversation.closed")};
	unit->change = change;
	return change;
}

static void change_to_unknown_status(struct pal_arena *arena, struct pal_unit *unit)
{
	change_of(arena, unit)->status = PAL_CONVERSATION_STATUS_COUNT;
}

static void change_to_long_details(struct pal_arena *arena, struct pal_unit *unit)
{
	change_of(arena, unit)->details = repeat(arena, "1", PAL_STORE_JSON_BYTES_MAX + 1);
}

static void change_with_long_resource(struct pal_arena *arena, struct pal_unit *unit)
{
	change_of(arena, unit)->audit.resource_id = too_long(arena);
}

static const struct {
	spoil_fn *spoil;
	const char *subject;
} spoilt[] = {
	{no_tenant, "tenant"},
	{too_many, "exchanges"},
	{nothing, "exchanges"},
	{negative_key, "conversation"},
	{gap, "sequence"},
	{reply_elsewhere, "sequence"},
	{sequence_zero, "sequence"},
	{wrong_direction, "direction"},
	{unknown_type, "content.type"},
	{unknown_delivery, "delivery.status"},
	{no_message_id, "message_id"},
	{no_reply_id, "message_id"},
	{long_message_id, "message_id"},
	{long_text, "content.text"},
	{long_json, "state"},
	{long_request_id, "audit.request_id"},
	{long_conversation_id, "id"},
	{no_user, "user_id"},
	{unknown_channel, "channel"},
	{unknown_status, "status"},
	{long_details, "details"},
	{change_to_unknown_status, "status"},
	{change_to_long_details, "details"},
	{change_with_long_resource, "resource_id"},
};

TEST(a_unit_beyond_a_limit_fails_alone_and_names_the_field)
{
	struct pal_store *store = open_memory();
	struct pal_store_counts counts;

	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		struct pal_arena arena = pal_arena_of(0);
		struct pal_unit *units[3];

		for (size_t u = 0; u < 3; u++)
			units[u] = make_unit(&arena,
					     &(struct unit_spec){
						     .conversation =
							     text_of(&arena, "%zu.%zu", i, u).p,
						     .count = 2,
						     .prefix = text_of(&arena, "%zu.%zu", i, u).p});
		spoilt[i].spoil(&arena, units[1]);
		pal_store_commit(store, units, 3);
		CU_ASSERT_EQUAL(units[0]->verdict, PAL_UNIT_STORED);
		CU_ASSERT_EQUAL(units[1]->verdict, PAL_UNIT_FAILED);
		CU_ASSERT_EQUAL(units[1]->err.code, PAL_E_VALIDATION);
		CHECK_STR(units[1]->err.subject, spoilt[i].subject);
		CU_ASSERT_EQUAL(units[2]->verdict, PAL_UNIT_STORED);
		pal_arena_release(&arena);
	}
	CU_ASSERT_EQUAL(pal_store_count(store, 0, &counts, NULL), PAL_OK);
	CU_ASSERT_EQUAL(counts.conversations, 2 * (int64_t)(sizeof(spoilt) / sizeof(spoilt[0])));
	pal_store_destroy(store);
}

/* --- the other calls --------------------------------------------------------------------------- */

TEST(records_beyond_a_limit_are_refused)
{
	struct pal_store *store = open_memory();
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation record;
	struct pal_tenant tenant = {.id = PAL_STR(""), .status = PAL_TENANT_ACTIVE};
	struct pal_api_key key = {.key_id = PAL_STR("k")};
	struct pal_error err = {0};
	uint8_t secret[32];

	fill_conversation(&arena, &record, "c");	/* key 0: not stored yet */
	CU_ASSERT_EQUAL(pal_store_write_behind(store, (struct pal_tenant_key){1}, &record, 1, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "conversation");
	record.key = 1;
	record.last_sequence = -1;
	CU_ASSERT_EQUAL(pal_store_write_behind(store, (struct pal_tenant_key){1}, &record, 1, &err),
			PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(pal_store_write_behind(store, (struct pal_tenant_key){0}, &record, 1, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "tenant");
	CU_ASSERT_EQUAL(pal_store_put_tenant(store, &tenant, &err), PAL_E_VALIDATION);
	CHECK_STR(err.subject, "id");
	CU_ASSERT_EQUAL(pal_store_put_api_key(store, &key, &err), PAL_E_VALIDATION);
	CHECK_STR(err.subject, "tenant");
	key.tenant.n = 1;
	key.permissions = repeat(&arena, "p", PAL_TEXT_POINTS_MAX + 1);
	CU_ASSERT_EQUAL(pal_store_put_api_key(store, &key, &err), PAL_E_VALIDATION);
	CHECK_STR(err.subject, "permissions");
	CU_ASSERT_EQUAL(pal_store_installation_secret(store, PAL_STR(""), secret, &err),
			PAL_E_VALIDATION);
	struct pal_audit_event events[2] = {{.event_type = PAL_STR("a.b")}, {.at_ms = 1}};
	CU_ASSERT_EQUAL(pal_store_add_audit(store, (struct pal_tenant_key){1}, events, 2, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "event_type");
	events[1].event_type = PAL_STR("a.c");
	events[1].data = repeat(&arena, "1", PAL_STORE_JSON_BYTES_MAX + 1);
	CU_ASSERT_EQUAL(pal_store_add_audit(store, (struct pal_tenant_key){1}, events, 2, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "data");
	CU_ASSERT_EQUAL(pal_store_add_audit(store, (struct pal_tenant_key){0}, events, 1, &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "tenant");
	pal_arena_release(&arena);
	pal_store_destroy(store);
}

TEST(a_record_beyond_a_limit_fails_alone_and_names_the_field)
{
	struct pal_store *store = open_memory();
	struct pal_arena arena = pal_arena_of(0);
	const struct pal_record fit = {.kind = PAL_STR("k"), .id = PAL_STR("i")};
	struct pal_record_write all[] = {
		{.tenant = {1}, .record = fit},
		{.tenant = {0}, .record = fit},
		{.tenant = {1}, .record = fit, .expected = -2},
		{.tenant = {1}, .record = fit, .expected = 0, .remove = true},
		{.tenant = {1}, .record = {.id = PAL_STR("i")}},
		{.tenant = {1}, .record = {.kind = PAL_STR("k")}},
		{.tenant = {1}, .record = fit},
		{.tenant = {1}, .record = fit},
		{.tenant = {1}, .record = fit, .expected = 1},
	};
	static const char *const subjects[] = {NULL, "tenant", "expected", "expected", "kind",
					       "id", "owner", "body", NULL};
	struct pal_record_write *writes[9];

	all[6].record.owner = too_long(&arena);
	all[7].record.body = repeat(&arena, "1", PAL_STORE_JSON_BYTES_MAX + 1);
	for (size_t i = 0; i < 9; i++)
		writes[i] = &all[i];
	pal_store_write_records(store, writes, 9);
	for (size_t i = 0; i < 9; i++) {
		CU_ASSERT_EQUAL(all[i].verdict, subjects[i] ? PAL_RECORD_FAILED
							    : PAL_RECORD_STORED);
		if (subjects[i]) {
			CU_ASSERT_EQUAL(all[i].err.code, PAL_E_VALIDATION);
			CHECK_STR(all[i].err.subject, subjects[i]);
		}
	}
	pal_arena_release(&arena);
	pal_store_destroy(store);
}

static double counter(const char *name, const char *labels)
{
	return pal_metric_value(pal_metric_register(&(struct pal_metric_desc){
		.name = name, .help = "", .kind = PAL_METRIC_COUNTER, .labels = labels}));
}

TEST(units_are_counted_by_verdict_and_groups_once)
{
	struct pal_store *store = open_memory();
	struct pal_arena arena = pal_arena_of(0);
	double stored = counter("store_units_total", "verdict=\"stored\"");
	double stale = counter("store_units_total", "verdict=\"stale\"");
	double duplicate = counter("store_units_total", "verdict=\"duplicate\"");
	double groups = counter("store_commits_total", NULL);
	struct pal_unit *units[4] = {
		make_unit(&arena, &(struct unit_spec){.conversation = "a", .count = 1, .prefix = "a"}),
		make_unit(&arena, &(struct unit_spec){.conversation = "b", .count = 1, .prefix = "a"}),
		make_unit(&arena, &(struct unit_spec){.conversation = "a", .count = 1, .prefix = "c"}),
		make_unit(&arena, &(struct unit_spec){.conversation = "d", .count = 1, .prefix = "d"}),
	};

	pal_store_commit(store, units, 4);
	CU_ASSERT_EQUAL(counter("store_units_total", "verdict=\"stored\"") - stored, 2);
	CU_ASSERT_EQUAL(counter("store_units_total", "verdict=\"stale\"") - stale, 1);
	CU_ASSERT_EQUAL(counter("store_units_total", "verdict=\"duplicate\"") - duplicate, 1);
	CU_ASSERT_EQUAL(counter("store_commits_total", NULL) - groups, 1);
	pal_arena_release(&arena);
	pal_store_destroy(store);
}

SUITE(store, CASE(an_unknown_kind_is_refused_and_the_known_are_named),
      CASE(a_number_of_readers_out_of_range_is_refused),
      CASE(a_table_with_a_missing_slot_is_refused_by_name),
      CASE(a_unit_beyond_a_limit_fails_alone_and_names_the_field),
      CASE(records_beyond_a_limit_are_refused),
      CASE(a_record_beyond_a_limit_fails_alone_and_names_the_field),
      CASE(units_are_counted_by_verdict_and_groups_once))
