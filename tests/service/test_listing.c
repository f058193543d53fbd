/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/listing.h"

#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "rig.h"
#include "service/history/analytics.h"
#include "service/history/conversations.h"
#include "suite.h"

#define DAY_MS 86400000ll

static struct rig rig;
static struct pal_listing listing;
static struct pal_analytics analytics;
static struct pal_caller anna;
static unsigned done_count;
static struct json_object *tree;

static void on_listed(struct pal_listing *l)
{
	(void)l;
	done_count++;
}

static void on_analysed(struct pal_analytics *a)
{
	(void)a;
	done_count++;
}

/* A conversation of `user`, begun a second after the last one; its id. */
static const char *talk(const char *user)
{
	static char ids[8][64];
	static unsigned next;
	char *id = ids[next++ % 8];

	pal_clock_fake_advance_ms(&rig.clock, 1000);
	snprintf(id, sizeof(ids[0]), "%s",
		 letter_home(rig_ask(&rig, &(struct words){.user = user, .text = "hello"})));
	return id;
}

/* What an operation would have written. */
static void change(const char *id, enum pal_conversation_status status, int64_t ended_ms,
		   bool deleted, const char *details)
{
	struct pal_conversation c;
	struct pal_tenant_key tenant = rig.backend.tenant;

	CU_ASSERT_TRUE_FATAL(rig_load(&rig, id, &c));
	const struct pal_change what = {.status = status,
					.ended_ms = ended_ms,
					.deleted = deleted,
					.details = pal_str(details)};
	struct pal_unit unit = {.tenant = tenant, .conversation = &c, .change = &what};
	struct pal_unit *units = &unit;
	rig.script.memory->ops->commit(rig.script.memory, &units, 1, NULL, 0);
	CU_ASSERT_EQUAL_FATAL(unit.verdict, PAL_UNIT_STORED);
}

static void open_rig(void)
{
	rig_open(&rig, &(struct rig_spec){.batch_max = 16});
	anna = rig.backend;
	anna.key_id = (struct pal_str){NULL, 0};
	anna.user_id = PAL_STR("anna");
	anna.permissions = PAL_STR("conversations:read");
}

static void close_rig(void)
{
	json_object_put(tree);
	tree = NULL;
	rig_close(&rig);
}

static struct pal_listing ask_of(const struct pal_caller *caller, bool own)
{
	return (struct pal_listing){
		.caller = *caller,
		.own = own,
		.filter = {.status = PAL_ANY, .channel = PAL_ANY, .priority = PAL_ANY},
		.limit = 20,
		.done = on_listed};
}

static void parse(struct pal_buf *data)
{
	json_object_put(tree);
	pal_buf_add_char(data, '\0');
	tree = json_tokener_parse(data->data);
	CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
	pal_buf_deinit(data);
}

static enum pal_code list(struct pal_listing what)
{
	listing = what;
	done_count = 0;
	pal_conversations_list(rig.front, &listing);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, 1);
	if (listing.code == PAL_OK)
		parse(&listing.data);
	return listing.code;
}

/* Whether exactly these ids are listed, in this order; NULL ends the list. */
static bool shows(const char *const *ids)
{
	size_t i = 0;

	for (; ids[i]; i++) {
		struct json_object *id = NULL;
		if (i >= json_object_array_length(tree))
			return false;
		json_object_object_get_ex(json_object_array_get_idx(tree, i), "conversation_id",
					  &id);
		if (strcmp(json_object_get_string(id), ids[i]) != 0)
			return false;
	}
	return json_object_array_length(tree) == i;
}

#define SHOWS(...) shows((const char *const[]){__VA_ARGS__, NULL})

TEST(a_person_lists_its_own_and_staff_everything)
{
	open_rig();
	const char *a = talk("anna"), *b = talk("bert"), *c = talk("anna");

	CU_ASSERT_EQUAL(list(ask_of(&anna, true)), PAL_OK);
	CU_ASSERT(SHOWS(c, a));
	CU_ASSERT_EQUAL(listing.total, 2);
	CU_ASSERT_EQUAL(list(ask_of(&rig.backend, true)), PAL_OK);
	CU_ASSERT(SHOWS(c, b, a));
	CU_ASSERT_EQUAL(list(ask_of(&anna, false)), PAL_E_UNAUTHORIZED);
	anna.permissions = PAL_STR("conversations:staff");
	CU_ASSERT_EQUAL(list(ask_of(&anna, false)), PAL_OK);
	CU_ASSERT(SHOWS(c, b, a));
	struct pal_listing what = ask_of(&anna, true);
	what.filter.user_id = PAL_STR("bert");
	CU_ASSERT_EQUAL(list(what), PAL_OK);	/* its own, and bert's: none */
	CU_ASSERT_EQUAL(listing.total, 0);
	close_rig();
}

TEST(summaries_are_those_of_the_newest_message)
{
	open_rig();
	const char *a = talk("anna");
	rig_ask(&rig, &(struct words){.user = "anna", .conversation = a, .text = "my order"});

	CU_ASSERT_EQUAL(list(ask_of(&anna, true)), PAL_OK);
	struct json_object *first = json_object_array_get_idx(tree, 0), *value = NULL;
	json_object_object_get_ex(first, "message_count", &value);
	CU_ASSERT_EQUAL(json_object_get_int(value), 4);
	json_object_object_get_ex(first, "primary_intent", &value);
	CHECK_STR(json_object_get_string(value), "order_inquiry");
	close_rig();
}

TEST(pages_go_on_by_offset_and_by_place)
{
	open_rig();
	const char *a = talk("anna"), *b = talk("anna"), *c = talk("anna");
	struct pal_listing what = ask_of(&anna, true);
	char place[PAL_PLACE_TEXT_SIZE];

	what.limit = 2;
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(c, b) && listing.has_next && listing.total == 3);
	snprintf(place, sizeof(place), "%s", listing.next);
	what.after = pal_str(place);
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(a) && !listing.has_next && listing.total == 3);
	what = ask_of(&anna, true);
	what.limit = 2;
	what.offset = 1;
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(b, a) && !listing.has_next);
	what.offset = 3;
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT_EQUAL(json_object_array_length(tree), 0);
	what.after = PAL_STR("nonsense");
	CU_ASSERT_EQUAL(list(what), PAL_E_VALIDATION);
	close_rig();
}

TEST(a_deleted_one_is_listed_only_for_staff_who_ask)
{
	open_rig();
	const char *a = talk("anna"), *b = talk("anna");
	struct pal_listing what = ask_of(&rig.backend, false);
	struct pal_reading reading = {.kind = PAL_READ_CONVERSATION};

	change(a, PAL_CONVERSATION_ACTIVE, 0, true, "{}");
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(b));
	what.filter.include_deleted = true;
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(b, a));
	what.caller = anna;
	what.own = true;
	CU_ASSERT_EQUAL(list(what), PAL_E_UNAUTHORIZED);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation c;
	CU_ASSERT_EQUAL(pal_conversations_load(rig.script.memory, 0, &rig.backend, pal_str(a),
					       &arena, &c, &reading.err),
			PAL_E_NOT_FOUND);
	pal_arena_release(&arena);
	close_rig();
}

TEST(a_search_finds_what_messages_or_notes_say)
{
	open_rig();
	const char *a = talk("anna"), *b = talk("bert"), *c = talk("anna");
	struct pal_listing what = ask_of(&rig.backend, false);

	rig_ask(&rig, &(struct words){.user = "bert",
				      .conversation = b,
				      .text = "my zebra has a broken hoof"});
	change(c, PAL_CONVERSATION_ACTIVE, 0, false, "{\"notes\":\"about a Zebra\"}");
	what.filter.search = PAL_STR("zebra");
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(b, c) || SHOWS(c, b));
	what.filter.search = PAL_STR("hoof zeb");
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT(SHOWS(b));
	what.filter.user_id = PAL_STR("anna");
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT_EQUAL(listing.total, 0);
	what = ask_of(&rig.backend, false);
	what.filter.search = PAL_STR("giraffe");
	CU_ASSERT_EQUAL(list(what), PAL_OK);
	CU_ASSERT_EQUAL(listing.total, 0);
	CU_ASSERT(*a);
	close_rig();
}

/* --- Figures ---------------------------------------------------------------------------------- */

static void analyse(const struct pal_caller *caller, enum pal_group_by by, size_t by_count)
{
	analytics = (struct pal_analytics){.caller = *caller,
					   .from_ms = RIG_START_MS,
					   .to_ms = RIG_START_MS + 3 * DAY_MS,
					   .granularity = PAL_GRANULARITY_DAY,
					   .group_by = {by},
					   .group_by_count = by_count,
					   .figures = (1u << PAL_FIGURE_COUNT) - 1,
					   .done = on_analysed};
	done_count = 0;
	pal_conversations_analyse(rig.front, &analytics);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, 1);
	CU_ASSERT_EQUAL_FATAL(analytics.code, PAL_OK);
	parse(&analytics.data);
}

/* The value at "a/b/0/c". */
static const char *at(const char *path)
{
	struct json_object *now = tree;
	char copy[128], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name; now && (name = strsep(&rest, "/")) != NULL; ) {
		struct json_object *next = NULL;
		if (json_object_is_type(now, json_type_array))
			next = json_object_array_get_idx(now, (size_t)atoi(name));
		else
			json_object_object_get_ex(now, name, &next);
		now = next;
	}
	return now ? json_object_get_string(now) : "absent";
}

TEST(figures_add_up_by_period_and_by_group)
{
	open_rig();
	const char *a = talk("anna"), *b = talk("bert");
	pal_clock_fake_advance_ms(&rig.clock, DAY_MS);
	const char *c = talk("anna"), *d = talk("bert");
	pal_clock_fake_advance_ms(&rig.clock, 3 * DAY_MS);
	talk("anna");	/* too late to count */

	change(a, PAL_CONVERSATION_COMPLETED, RIG_START_MS + 5000, false,
	       "{\"category\":\"billing\",\"closing\":{\"satisfaction_rating\":5}}");
	change(b, PAL_CONVERSATION_COMPLETED, RIG_START_MS + 5000, false,
	       "{\"category\":\"billing\",\"closing\":{\"satisfaction_rating\":2}}");
	change(c, PAL_CONVERSATION_ABANDONED, RIG_START_MS + 5000, false, "{}");
	change(d, PAL_CONVERSATION_ACTIVE, 0, true, "{}");	/* deleted: does not count */
	analyse(&rig.backend, PAL_GROUP_BY_CATEGORY, 1);
	CHECK_STR(at("totals/conversations"), "3");
	CHECK_STR(at("totals/messages"), "6");
	CHECK_STR(at("totals/by_status/completed"), "2");
	CU_ASSERT_EQUAL(strncmp(at("totals/completion_rate"), "0.66666", 7), 0);
	CHECK_STR(at("totals/satisfaction/average"), "3.5");
	CHECK_STR(at("totals/satisfaction/ratings"), "2");
	CHECK_STR(at("totals/response_time/replies"), "3");
	CHECK_STR(at("totals/response_time/conversations_timed"), "3");
	CHECK_STR(at("series/0/conversations"), "2");
	CHECK_STR(at("series/1/conversations"), "1");
	CHECK_STR(at("series/1/completion_rate"), "0");
	CHECK_STR(at("series/2/conversations"), "absent");
	CHECK_STR(at("groups/0/group/category"), "billing");
	CHECK_STR(at("groups/0/conversations"), "2");
	CHECK_STR(at("groups/1/conversations"), "1");
	CHECK_STR(at("scope"), "tenant");
	close_rig();
}

TEST(who_is_no_staff_gets_figures_of_its_own)
{
	open_rig();
	talk("anna");
	talk("bert");
	analyse(&anna, PAL_GROUP_BY_STATUS, 0);
	CHECK_STR(at("totals/conversations"), "1");
	CHECK_STR(at("scope"), "own");
	CHECK_STR(at("groups"), "absent");
	close_rig();
}

TEST(a_caller_without_a_name_sees_nothing)
{
	open_rig();
	talk("anna");
	anna.user_id = (struct pal_str){NULL, 0};
	CU_ASSERT_EQUAL(list(ask_of(&anna, true)), PAL_E_UNAUTHORIZED);
	analytics = (struct pal_analytics){
		.caller = anna, .to_ms = INT64_MAX, .figures = 1, .done = on_analysed};
	done_count = 0;
	pal_conversations_analyse(rig.front, &analytics);
	rig_settle(&rig);
	CU_ASSERT_EQUAL(done_count, 1);
	CU_ASSERT_EQUAL(analytics.code, PAL_E_UNAUTHORIZED);
	close_rig();
}

TEST(nothing_to_add_up_gives_zeros_and_no_rates)
{
	open_rig();
	analyse(&rig.backend, PAL_GROUP_BY_STATUS, 1);
	CHECK_STR(at("totals/conversations"), "0");
	CHECK_STR(at("totals/completion_rate"), "absent");
	CHECK_STR(at("totals/satisfaction/average"), "absent");
	CU_ASSERT_EQUAL(strcmp(at("series"), "[ ]"), 0);
	close_rig();
}

TEST(periods_begin_where_people_expect_them)
{
	int64_t ms;

	CU_ASSERT_TRUE_FATAL(pal_time_parse(PAL_STR("2026-02-26T13:45:59.500Z"), &ms));
	static const struct {
		enum pal_granularity granularity;
		const char *start;
	} rows[] = {
		{PAL_GRANULARITY_HOUR, "2026-02-26T13:00:00.000Z"},
		{PAL_GRANULARITY_DAY, "2026-02-26T00:00:00.000Z"},
		{PAL_GRANULARITY_WEEK, "2026-02-23T00:00:00.000Z"},	/* a Monday */
		{PAL_GRANULARITY_MONTH, "2026-02-01T00:00:00.000Z"},
	};
	for (size_t i = 0; i < 4; i++) {
		char text[PAL_TIME_TEXT_SIZE];
		CHECK_STR(pal_time_format(pal_period_start(ms, rows[i].granularity), text),
			  rows[i].start);
	}
}

TEST(a_table_of_tallies_has_an_end)
{
	struct pal_tallies tallies = {0};
	char key[32];

	for (unsigned i = 0; i < PAL_TALLIES_MAX + 50; i++) {
		snprintf(key, sizeof(key), "\"k%u\"", i);
		struct pal_tally *tally = pal_tallies_at(&tallies, pal_str(key));
		CU_ASSERT_PTR_NOT_NULL_FATAL(tally);
		tally->conversations++;
	}
	CU_ASSERT_EQUAL(tallies.count, PAL_TALLIES_MAX);
	CU_ASSERT_EQUAL(pal_tallies_at(&tallies, PAL_STR("\"other\""))->conversations, 51);
	CU_ASSERT_EQUAL(pal_tallies_at(&tallies, PAL_STR("\"k7\""))->conversations, 1);
	pal_tallies_deinit(&tallies);
}

SUITE(listing, CASE(a_person_lists_its_own_and_staff_everything),
      CASE(summaries_are_those_of_the_newest_message), CASE(pages_go_on_by_offset_and_by_place),
      CASE(a_deleted_one_is_listed_only_for_staff_who_ask),
      CASE(a_search_finds_what_messages_or_notes_say), CASE(figures_add_up_by_period_and_by_group),
      CASE(who_is_no_staff_gets_figures_of_its_own), CASE(a_caller_without_a_name_sees_nothing),
      CASE(nothing_to_add_up_gives_zeros_and_no_rates),
      CASE(periods_begin_where_people_expect_them), CASE(a_table_of_tallies_has_an_end))
