/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "suite.h"

static struct pal_json json;

TEST(members_are_found_and_read)
{
	const char *text = "{\"text\":\"h\\u00e4llo\",\"n\":-12,\"x\":[1,{\"y\":true}],\"z\":null}";
	struct pal_json_fault fault;
	struct pal_arena arena = {0};
	int64_t n = 0;

	CU_ASSERT_FATAL(pal_json_scan(&json, pal_str(text), &fault));
	uint32_t at = pal_json_member(&json, 0, PAL_STR("text"));
	CU_ASSERT_FATAL(at != PAL_JSON_NONE);
	struct pal_str s = pal_json_string(&json, at, &arena);
	CU_ASSERT(pal_str_equal(s, PAL_STR("h\xc3\xa4llo")));
	CU_ASSERT(pal_json_integer(&json, pal_json_member(&json, 0, PAL_STR("n")), &n));
	CU_ASSERT_EQUAL(n, -12);
	CU_ASSERT(pal_str_equal(pal_json_raw(&json, pal_json_member(&json, 0, PAL_STR("x"))),
				PAL_STR("[1,{\"y\":true}]")));
	CU_ASSERT_EQUAL(pal_json_member(&json, 0, PAL_STR("absent")), PAL_JSON_NONE);
	pal_arena_release(&arena);
}

TEST(a_fault_names_the_byte)
{
	struct pal_json_fault fault = {0};

	CU_ASSERT_FALSE(pal_json_scan(&json, PAL_STR("{\"a\":1,\"a\":2}"), &fault));
	CU_ASSERT_EQUAL(fault.at, 7);
	CHECK_STR(fault.why, "duplicate key");
}

SUITE(json, CASE(members_are_found_and_read), CASE(a_fault_names_the_byte))
