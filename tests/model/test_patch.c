/* SPDX-License-Identifier: Apache-2.0 */
#include "model/patch.h"

#include "suite.h"

static struct pal_json json;
static struct pal_arena arena;
static struct pal_buf made;

static const char *text(bool good)
{
	pal_buf_add_char(&made, '\0');
	return good && !made.failed ? made.data : "refused";
}

static const char *merged(const char *base, const char *patch)
{
	pal_arena_release(&arena);
	pal_buf_clear(&made);
	return text(pal_patch_merge(&json, pal_str(base), pal_str(patch), &arena, &made));
}

static const char *appended(const char *base, const char *items, size_t max,
			    struct pal_str *ret_key)
{
	pal_arena_release(&arena);
	pal_buf_clear(&made);
	*ret_key = (struct pal_str){NULL, 0};
	return text(pal_patch_append(&json, pal_str(base), pal_str(items), max, &arena, &made,
				     ret_key));
}

static void end(void)
{
	pal_arena_release(&arena);
	pal_buf_deinit(&made);
}

TEST(members_are_added_and_replaced_in_place)
{
	CHECK_STR(merged("{}", "{}"), "{}");
	CHECK_STR(merged(NULL, "{\"a\":1}"), "{\"a\":1}");
	CHECK_STR(merged("{\"a\":1,\"b\":2}", "{\"c\":3,\"a\":[4]}"), "{\"a\":[4],\"b\":2,\"c\":3}");
	CHECK_STR(merged("{\"a\": {\"x\": 1}}", "{\"a\":{\"y\":2}}"), "{\"a\":{\"y\":2}}");
	CHECK_STR(merged("{\"a\":\"x\"}", NULL), "{\"a\":\"x\"}");
	end();
}

TEST(null_removes_a_member_and_adds_none)
{
	CHECK_STR(merged("{\"a\":1,\"b\":2}", "{\"a\":null}"), "{\"b\":2}");
	CHECK_STR(merged("{\"a\":1}", "{\"a\":null,\"b\":null}"), "{}");
	CHECK_STR(merged("{\"a\":1}", "{\"b\":{\"c\":null}}"), "{\"a\":1,\"b\":{\"c\":null}}");
	end();
}

TEST(what_is_no_object_is_refused)
{
	CHECK_STR(merged("[]", "{}"), "refused");
	CHECK_STR(merged("{}", "1"), "refused");
	CHECK_STR(merged("{\"a\":1,}", "{}"), "refused");
	end();
}

TEST(values_go_to_the_end_of_their_lists)
{
	struct pal_str key;

	CHECK_STR(appended("{\"a\":[1, 2],\"b\":3}", "{\"a\":4}", 9, &key),
		  "{\"b\":3,\"a\":[1,2,4]}");
	CHECK_STR(appended(NULL, "{\"a\":{\"x\":1}}", 9, &key), "{\"a\":[{\"x\":1}]}");
	CHECK_STR(appended("{\"a\":[]}", "{\"a\":null}", 9, &key), "{\"a\":[null]}");
	CHECK_STR(appended("{\"a\":[1]}", NULL, 9, &key), "{\"a\":[1]}");
	end();
}

TEST(the_newest_elements_of_a_list_stay)
{
	struct pal_str key;

	CHECK_STR(appended("{\"a\":[1,2,3]}", "{\"a\":4}", 3, &key), "{\"a\":[2,3,4]}");
	CHECK_STR(appended("{\"a\":[1,2]}", "{\"a\":3}", 3, &key), "{\"a\":[1,2,3]}");
	CHECK_STR(appended("{\"a\":[1,2,3]}", "{\"a\":4}", 1, &key), "{\"a\":[4]}");
	end();
}

TEST(what_is_no_list_is_named)
{
	struct pal_str key;

	CHECK_STR(appended("{\"a\":[],\"b\":\"x\"}", "{\"a\":1,\"b\":2}", 9, &key), "refused");
	CU_ASSERT(pal_str_equal(key, PAL_STR("b")));
	CHECK_STR(appended("[]", "{\"a\":1}", 9, &key), "refused");
	CU_ASSERT_PTR_NULL(key.p);
	end();
}

SUITE(patch,
      CASE(members_are_added_and_replaced_in_place),
      CASE(null_removes_a_member_and_adds_none),
      CASE(what_is_no_object_is_refused),
      CASE(values_go_to_the_end_of_their_lists),
      CASE(the_newest_elements_of_a_list_stay),
      CASE(what_is_no_list_is_named))
