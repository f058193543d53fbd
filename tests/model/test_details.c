/* SPDX-License-Identifier: Apache-2.0 */
#include "model/details.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/conversation.h"
#include "suite.h"

static struct pal_json scratch;

static struct pal_details details_of(const char *text)
{
	return pal_details_read(&scratch, pal_str(text));
}

static void check_written(const struct pal_details *details, const char *expected)
{
	struct pal_buf out = {0};

	pal_details_write(&out, details);
	CU_ASSERT(pal_str_equal(pal_buf_str(&out), pal_str(expected)));
	pal_buf_deinit(&out);
}

TEST(what_was_written_reads_back)
{
	const char *text = "{\"tags\":[\"a\",\"b\"],\"priority\":\"high\","
			   "\"context\":{\"x\":{\"y\":1}},\"notes\":\"secret\"}";
	struct pal_details details = details_of(text);

	check_written(&details, text);
	CU_ASSERT(pal_details_have_tag(&details, PAL_STR("b"), &scratch));
	CU_ASSERT_FALSE(pal_details_have_tag(&details, PAL_STR("c"), &scratch));
	CU_ASSERT_EQUAL(pal_details_priority(&details), PAL_PRIORITY_HIGH);
}

TEST(an_absent_a_foreign_and_an_empty_text_have_no_members)
{
	static const char *const texts[] = {"", "{}", "[1]", "{\"other\":1}", "{\"tags\":", "null"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct pal_details details = details_of(texts[i]);
		check_written(&details, "{}");
		CU_ASSERT_EQUAL(pal_details_priority(&details), PAL_PRIORITY_NORMAL);
		CU_ASSERT_FALSE(pal_details_have_tag(&details, PAL_STR("a"), &scratch));
	}
}

TEST(texts_and_members_of_objects_are_found)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_details d = details_of("{\"category\":\"a\\\"b\",\"closing\":{\"reason\":\"r\","
					  "\"satisfaction_rating\":4,\"follow_up_date\":null}}");

	CU_ASSERT(pal_str_equal(pal_details_text(&d, PAL_DETAIL_CATEGORY, &scratch, &arena),
				PAL_STR("a\"b")));
	CU_ASSERT_PTR_NULL(pal_details_text(&d, PAL_DETAIL_NOTES, &scratch, &arena).p);
	CU_ASSERT_PTR_NULL(pal_details_text(&d, PAL_DETAIL_CLOSING, &scratch, &arena).p);
	CU_ASSERT(pal_str_equal(pal_details_member(&d, PAL_DETAIL_CLOSING, &scratch, "reason"),
				PAL_STR("\"r\"")));
	CU_ASSERT_PTR_NULL(
		pal_details_member(&d, PAL_DETAIL_CLOSING, &scratch, "follow_up_date").p);
	CU_ASSERT_EQUAL(pal_details_number(&d, PAL_DETAIL_CLOSING, &scratch, "satisfaction_rating"),
			4);
	CU_ASSERT_EQUAL(pal_details_number(&d, PAL_DETAIL_CLOSING, &scratch, "reason"), 0);
	CU_ASSERT_EQUAL(pal_details_number(&d, PAL_DETAIL_ESCALATION, &scratch, "count"), 0);
	pal_arena_release(&arena);
}

static bool view_has(const char *text, bool to_staff, const char *what)
{
	struct pal_details details = details_of(text);
	struct pal_buf out = {0};

	pal_details_write_view(&out, &details, to_staff);
	bool found = memmem(out.data, out.len, what, strlen(what)) != NULL;
	pal_buf_deinit(&out);
	return found;
}

TEST(what_agents_note_is_for_staff_and_what_is_ours_for_nobody)
{
	const char *text = "{\"notes\":\"difficult\",\"closing_notes\":\"gave up\","
			   "\"transfer_notes\":\"yours\",\"erasing\":true,\"category\":\"c\"}";

	CU_ASSERT(view_has(text, false, "\"category\":\"c\","));
	CU_ASSERT_FALSE(view_has(text, false, "notes"));
	CU_ASSERT(view_has(text, true, "difficult"));
	CU_ASSERT(view_has(text, true, "gave up"));
	CU_ASSERT(view_has(text, true, "yours"));
	CU_ASSERT_FALSE(view_has(text, true, "erasing"));
}

TEST(what_is_not_set_is_shown_as_its_default)
{
	CU_ASSERT(view_has("{}", false, "\"tags\":[],\"priority\":\"normal\",\"category\":null,"));
	CU_ASSERT(view_has("{}", false, "\"context\":{},"));
}

static void check_merge(const char *old, const char *fresh, const char *expected)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_str merged = {NULL, 0};

	CU_ASSERT_EQUAL(pal_details_merge(pal_str(old), pal_str(fresh), &scratch, &arena, &merged),
			PAL_MERGE_DONE);
	CU_ASSERT(pal_str_equal(merged, pal_str(expected)));
	pal_arena_release(&arena);
}

TEST(a_merge_is_shallow_replaces_adds_and_removes_by_null)
{
	check_merge("{\"a\":1,\"b\":{\"x\":1}}", "{\"b\":{\"y\":2},\"c\":3}",
		    "{\"a\":1,\"b\":{\"y\":2},\"c\":3}");
	check_merge("{\"a\":1,\"b\":2}", "{\"a\":null,\"z\":null}", "{\"b\":2}");
	check_merge("", "{\"a\":[1, 2]}", "{\"a\":[1, 2]}");
	check_merge("{\"a\":1}", "{}", "{\"a\":1}");
	check_merge("{\"a\":1}", "{\"a\":null}", "{}");
	check_merge("{\"ab\":1}", "{\"a\":2}", "{\"ab\":1,\"a\":2}");
}

/* An object of `keys` members `"kNNN":VALUE`, with a name that begins with `first`. */
static struct pal_str object_of(char first, unsigned keys, const char *value, char *out,
				size_t size)
{
	size_t n = (size_t)snprintf(out, size, "{");

	for (unsigned i = 0; i < keys; i++)
		n += (size_t)snprintf(out + n, size - n, "%s\"%c%03u\":%s", i ? "," : "", first, i,
				      value);
	n += (size_t)snprintf(out + n, size - n, "}");
	return (struct pal_str){out, n};
}

TEST(a_merge_that_grows_too_large_is_refused)
{
	static char a[16384], b[16384];
	struct pal_arena arena = pal_arena_of(0);
	struct pal_str merged = PAL_STR("as it was");
	struct pal_str many = object_of('a', 200, "1", a, sizeof(a));
	struct pal_str more = object_of('b', 57, "1", b, sizeof(b));

	CU_ASSERT_EQUAL(pal_details_merge(many, more, &scratch, &arena, &merged),
			PAL_MERGE_TOO_LARGE);
	CU_ASSERT(pal_str_equal(merged, PAL_STR("as it was")));
	more = object_of('b', 56, "1", b, sizeof(b));
	CU_ASSERT_EQUAL(pal_details_merge(many, more, &scratch, &arena, &merged), PAL_MERGE_DONE);
	many = object_of('a', 100, "\"0123456789012345678901234567890123456789\"", a, sizeof(a));
	more = object_of('b', 120, "\"0123456789012345678901234567890123456789\"", b, sizeof(b));
	CU_ASSERT_EQUAL(pal_details_merge(many, more, &scratch, &arena, &merged),
			PAL_MERGE_TOO_LARGE);
	pal_arena_release(&arena);
}

/* domain.md section 1.1, the transitions, each pair tried. */
TEST(a_status_moves_along_the_table_and_nowhere_else)
{
	static const char *const allowed =
		" active>completed active>abandoned active>escalated active>paused active>error"
		" paused>active paused>completed paused>abandoned escalated>active"
		" escalated>completed escalated>abandoned error>active error>abandoned"
		" completed>archived abandoned>archived ";
	char pair[64];

	for (int from = 0; from < PAL_CONVERSATION_STATUS_COUNT; from++) {
		for (int to = 0; to < PAL_CONVERSATION_STATUS_COUNT; to++) {
			snprintf(pair, sizeof(pair), " %s>%s ",
				 pal_conversation_status_name((enum pal_conversation_status)from),
				 pal_conversation_status_name((enum pal_conversation_status)to));
			CU_ASSERT_EQUAL(pal_conversation_may_become(
						(enum pal_conversation_status)from,
						(enum pal_conversation_status)to),
					from == to || strstr(allowed, pair) != NULL);
		}
	}
}

TEST(b51_closed_is_no_status)
{
	enum pal_conversation_status status;

	CU_ASSERT_FALSE(pal_conversation_status_parse(PAL_STR("closed"), &status));
	CU_ASSERT(pal_conversation_status_is_end(PAL_CONVERSATION_COMPLETED));
	CU_ASSERT(pal_conversation_status_is_end(PAL_CONVERSATION_ABANDONED));
	CU_ASSERT(pal_conversation_status_is_end(PAL_CONVERSATION_ARCHIVED));
	CU_ASSERT_FALSE(pal_conversation_status_is_end(PAL_CONVERSATION_ESCALATED));
}

SUITE(details, CASE(what_was_written_reads_back),
      CASE(an_absent_a_foreign_and_an_empty_text_have_no_members),
      CASE(texts_and_members_of_objects_are_found),
      CASE(what_agents_note_is_for_staff_and_what_is_ours_for_nobody),
      CASE(what_is_not_set_is_shown_as_its_default),
      CASE(a_merge_is_shallow_replaces_adds_and_removes_by_null),
      CASE(a_merge_that_grows_too_large_is_refused),
      CASE(a_status_moves_along_the_table_and_nowhere_else), CASE(b51_closed_is_no_status))
