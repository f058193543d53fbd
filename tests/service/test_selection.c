/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static struct pal_filter filter;
static struct pal_selection selection;

static void begin(size_t want)
{
	filter = (struct pal_filter){.status = PAL_ANY, .channel = PAL_ANY, .priority = PAL_ANY};
	selection = (struct pal_selection){.filter = &filter, .want = want};
}

/* A conversation whose id is its key in words. */
static struct pal_conversation one(int64_t key, int64_t activity_ms, const char *details)
{
	static char ids[64][16];
	char *id = ids[key % 64];

	snprintf(id, sizeof(ids[0]), "c%lld", (long long)key);
	return (struct pal_conversation){.key = key,
					 .id = pal_str(id),
					 .user_id = PAL_STR("anna"),
					 .channel = PAL_CHANNEL_WEB,
					 .started_ms = 1000 + key,
					 .last_activity_ms = activity_ms,
					 .details = pal_str(details)};
}

static bool takes(struct pal_conversation c)
{
	int64_t before = selection.total;

	pal_selection_offer(&selection, &c);
	CU_ASSERT_FALSE(selection.failed);
	return selection.total > before;
}

/* The ids that were kept, in order: "c1 c2". */
static const char *kept(void)
{
	static char text[1024];
	size_t len = 0;

	pal_selection_sort(&selection);
	text[0] = '\0';
	for (size_t i = 0; i < selection.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", i ? " " : "",
					(int)selection.kept[i].id_len, selection.kept[i].id);
	pal_selection_deinit(&selection);
	return text;
}

TEST(the_newest_activity_comes_first_and_ties_go_by_key)
{
	begin(10);
	takes(one(1, 50, NULL));
	takes(one(2, 70, NULL));
	takes(one(3, 50, NULL));
	takes(one(4, 60, NULL));
	CHECK_STR(kept(), "c2 c4 c3 c1");
}

TEST(every_order_of_the_list_is_kept_both_ways)
{
	static const struct {
		enum pal_sort sort;
		const char *down, *up;
	} rows[] = {
		{PAL_SORT_LAST_ACTIVITY_AT, "c2 c3 c1", "c1 c3 c2"},
		{PAL_SORT_CREATED_AT, "c3 c2 c1", "c1 c2 c3"},
		{PAL_SORT_UPDATED_AT, "c1 c2 c3", "c3 c2 c1"},
		{PAL_SORT_STATUS, "c3 c1 c2", "c2 c1 c3"},
		{PAL_SORT_PRIORITY, "c2 c1 c3", "c3 c1 c2"},
	};

	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		struct pal_conversation a = one(1, 10, "{\"updated_at\":\"1970-01-01T00:00:01.000Z\"}");
		struct pal_conversation b = one(2, 30, "{\"priority\":\"urgent\"}");
		struct pal_conversation c = one(3, 20, "{\"priority\":\"low\"}");
		a.status = PAL_CONVERSATION_COMPLETED;
		b.status = PAL_CONVERSATION_ACTIVE;
		c.status = PAL_CONVERSATION_ABANDONED;
		begin(10);
		selection.sort = rows[i / 2].sort;
		selection.ascending = i % 2;
		takes(a);
		takes(b);
		takes(c);
		CHECK_STR(kept(), i % 2 ? rows[i / 2].up : rows[i / 2].down);
	}
}

TEST(b66_all_filters_must_hold_together)
{
	static const char details[] = "{\"tags\":[\"vip\",\"late\"],\"priority\":\"high\","
				      "\"category\":\"billing\",\"department\":\"d1\","
				      "\"assigned_agent\":\"agent-1\"}";
	struct pal_conversation c = one(1, 5000, details);

	begin(10);
	filter.status = PAL_CONVERSATION_ACTIVE;
	filter.channel = PAL_CHANNEL_WEB;
	filter.priority = PAL_PRIORITY_HIGH;
	filter.user_id = PAL_STR("anna");
	filter.assigned_agent = PAL_STR("agent-1");
	filter.department = PAL_STR("d1");
	filter.category = PAL_STR("billing");
	filter.tags[0] = PAL_STR("late");
	filter.tags[1] = PAL_STR("vip");
	filter.tag_count = 2;
	filter.created_after = 1000;
	filter.created_before = 1002;
	filter.updated_after = 4999;
	filter.updated_before = 5001;
	CU_ASSERT(takes(c));
	const struct pal_filter good = filter;
#define BROKEN_BY(change)                                                                          \
	do {                                                                                       \
		filter = good;                                                                     \
		change;                                                                            \
		CU_ASSERT_FALSE(takes(c));                                                         \
	} while (0)
	BROKEN_BY(filter.status = PAL_CONVERSATION_PAUSED);
	BROKEN_BY(filter.channel = PAL_CHANNEL_SMS);
	BROKEN_BY(filter.priority = PAL_PRIORITY_LOW);
	BROKEN_BY(filter.user_id = PAL_STR("bert"));
	BROKEN_BY(filter.assigned_agent = PAL_STR("agent-2"));
	BROKEN_BY(filter.department = PAL_STR("d"));
	BROKEN_BY(filter.category = PAL_STR("bill"));
	BROKEN_BY(filter.tags[1] = PAL_STR("vi"));
	BROKEN_BY(filter.created_after = 1001);
	BROKEN_BY(filter.created_before = 1001);
	BROKEN_BY(filter.updated_after = 5000);
	BROKEN_BY(filter.updated_before = 5000);
	pal_selection_deinit(&selection);
}

TEST(deleted_ones_are_shown_only_to_who_asks_for_them)
{
	struct pal_conversation c = one(1, 10, NULL);

	c.deleted = true;
	begin(10);
	CU_ASSERT_FALSE(takes(c));
	filter.include_deleted = true;
	CU_ASSERT(takes(c));
	pal_selection_deinit(&selection);
}

TEST(a_search_looks_into_tags_and_notes_in_any_case)
{
	static const char details[] = "{\"tags\":[\"Refund\"],\"notes\":\"Caller was "
				      "\\u00e4ngstlich\\nabout the INVOICE\"}";
	static const int64_t found[] = {3, 7, 9};

	begin(10);
	filter.search = PAL_STR("refund  invoice");
	CU_ASSERT(takes(one(1, 1, details)));
	CU_ASSERT_FALSE(takes(one(2, 1, NULL)));
	pal_selection_deinit(&selection);
	begin(10);
	filter.search = PAL_STR("\xc3\x84NGSTLICH inv");	/* of the last word its beginning */
	CU_ASSERT(takes(one(1, 1, details)));
	pal_selection_deinit(&selection);
	begin(10);
	filter.search = PAL_STR("inv refund");
	CU_ASSERT_FALSE(takes(one(1, 1, details)));
	pal_selection_deinit(&selection);
	begin(10);
	filter.search = PAL_STR("refund parcel");
	selection.found = found;
	selection.found_count = 3;
	CU_ASSERT_FALSE(takes(one(1, 1, details)));
	CU_ASSERT(takes(one(7, 1, NULL)));	/* its messages say so */
	CU_ASSERT_FALSE(takes(one(8, 1, NULL)));
	pal_selection_deinit(&selection);
	begin(10);
	filter.search = PAL_STR("   ");
	CU_ASSERT_FALSE(takes(one(1, 1, details)));
	pal_selection_deinit(&selection);
}

TEST(a_search_has_so_many_words_at_most)
{
	char text[2 * PAL_QUERY_WORDS_MAX + 3];

	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 2 ? ' ' : 'a';
	text[sizeof(text) - 1] = '\0';
	CU_ASSERT_FALSE(pal_search_is_good(pal_str(text)));
	text[2 * PAL_QUERY_WORDS_MAX] = '\0';
	CU_ASSERT(pal_search_is_good(pal_str(text)));
	CU_ASSERT(pal_search_is_good((struct pal_str){NULL, 0}));
}

static int newest_first(const void *a, const void *b)
{
	const struct pal_place *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	return x->key < y->key ? 1 : -1;
}

/* Against a plain sort: pages of any size, one after the other, show everything once, in order. */
TEST(pages_by_place_cover_any_world_once_and_in_order)
{
	static struct pal_place all[500];
	unsigned seed = 7;

	for (size_t size = 1; size <= 130; size = size * 3 + 1) {
		for (size_t i = 0; i < 500; i++) {
			seed = seed * 1103515245u + 12345u;
			all[i] = (struct pal_place){seed >> 16 & 63, (int64_t)i + 1};
		}
		static struct pal_place sorted[500];
		memcpy(sorted, all, sizeof(all));
		qsort(sorted, 500, sizeof(sorted[0]), newest_first);
		struct pal_place after = {0, 0};
		size_t seen = 0, count;
		do {
			begin(size);
			selection.after = seen ? &after : NULL;
			for (size_t i = 0; i < 500; i++)
				takes(one(all[i].key, all[i].value, NULL));
			CU_ASSERT_EQUAL(selection.total, 500);
			pal_selection_sort(&selection);
			count = selection.count;
			for (size_t i = 0; i < count; i++, seen++) {
				CU_ASSERT_FATAL(seen < 500);
				CU_ASSERT_EQUAL_FATAL(selection.kept[i].place.key, sorted[seen].key);
			}
			if (count)
				after = selection.kept[count - 1].place;
			pal_selection_deinit(&selection);
		} while (count);
		CU_ASSERT_EQUAL(seen, 500);
	}
}

SUITE(selection, CASE(the_newest_activity_comes_first_and_ties_go_by_key),
      CASE(every_order_of_the_list_is_kept_both_ways), CASE(b66_all_filters_must_hold_together),
      CASE(deleted_ones_are_shown_only_to_who_asks_for_them),
      CASE(a_search_looks_into_tags_and_notes_in_any_case),
      CASE(a_search_has_so_many_words_at_most),
      CASE(pages_by_place_cover_any_world_once_and_in_order))
