/* SPDX-License-Identifier: Apache-2.0 */
#include "model/fields.h"

#include <stdio.h>

#include "request.h"
#include "suite.h"

static struct reading r;
static const struct pal_fields_at root = {.node = 0, .index = -1};

static void begin(const char *text)
{
	reading_begin(&r, pal_str(text));
}

static int64_t time_of(const char *json)
{
	char text[128];

	snprintf(text, sizeof(text), "{\"t\":%s}", json);
	begin(text);
	int64_t ms = pal_fields_time(&r.fields, &root, "t", -1);
	reading_end(&r);
	return ms;
}

TEST(absent_and_null_are_the_same)
{
	begin("{\"null\":null,\"there\":1}");
	CU_ASSERT_EQUAL(pal_fields_value(&r.fields, &root, "null", false), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(pal_fields_value(&r.fields, &root, "absent", false), PAL_JSON_NONE);
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT_EQUAL(pal_fields_value(&r.fields, &root, "null", true), PAL_JSON_NONE);
	CU_ASSERT(is_wrong(&r, "null", "is required"));
	CU_ASSERT_NOT_EQUAL(pal_fields_value(&r.fields, &root, "there", true), PAL_JSON_NONE);
	reading_end(&r);
}

TEST(text_is_counted_in_code_points)
{
	const struct pal_text_rule rule = {.min = 2, .max = 3};

	begin("{\"short\":\"ö\",\"min\":\"öö\",\"max\":\"日本😀\",\"long\":\"日本語😀\"}");
	CU_ASSERT_PTR_NULL(pal_fields_text(&r.fields, &root, "short", &rule).p);
	CU_ASSERT(is_wrong(&r, "short", "must have at least 2 characters"));
	CU_ASSERT_EQUAL(pal_fields_text(&r.fields, &root, "min", &rule).n, 4);
	CU_ASSERT_EQUAL(pal_fields_text(&r.fields, &root, "max", &rule).n, 10);
	CU_ASSERT_PTR_NULL(pal_fields_text(&r.fields, &root, "long", &rule).p);
	CU_ASSERT(is_wrong(&r, "long", "must have at most 3 characters, has 4"));
	CU_ASSERT_EQUAL(r.errors.count, 2);
	reading_end(&r);
}

TEST(text_is_trimmed_before_it_is_counted)
{
	const struct pal_text_rule rule = {.required = true, .trim = true, .min = 1, .max = 2};

	begin("{\"a\":\" \\t\\r\\nab\\n \",\"b\":\"  \",\"c\":\"\"}");
	struct pal_str a = pal_fields_text(&r.fields, &root, "a", &rule);
	CU_ASSERT(pal_str_equal(a, PAL_STR("ab")));
	CU_ASSERT_PTR_NULL(pal_fields_text(&r.fields, &root, "b", &rule).p);
	CU_ASSERT_PTR_NULL(pal_fields_text(&r.fields, &root, "c", &rule).p);
	CU_ASSERT(is_wrong(&r, "b", "must not be empty"));
	CU_ASSERT(is_wrong(&r, "c", "must not be empty"));
	reading_end(&r);
}

TEST(every_type_but_the_right_one_is_refused)
{
	static const char *const values[] = {"true", "1", "\"s\"", "[]", "{}"};
	const struct pal_text_rule rule = {.max = 9};
	struct pal_fields_at object;
	char text[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(text, sizeof(text), "{\"v\":%s}", values[i]);
		begin(text);
		CU_ASSERT_EQUAL(pal_fields_text(&r.fields, &root, "v", &rule).p != NULL, i == 2);
		CU_ASSERT_EQUAL(is_wrong(&r, "v", "must be a string"), i != 2);
		r.errors.count = 0;
		CU_ASSERT_EQUAL(pal_fields_bool(&r.fields, &root, "v", false), i == 0);
		CU_ASSERT_EQUAL(is_wrong(&r, "v", "must be true or false"), i != 0);
		r.errors.count = 0;
		CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "v", 0, 9, 7), i == 1 ? 1 : 7);
		CU_ASSERT_EQUAL(is_wrong(&r, "v", "must be an integer"), i != 1);
		r.errors.count = 0;
		pal_fields_object(&r.fields, &root, "v", false, &object);
		CU_ASSERT_EQUAL(object.node != PAL_JSON_NONE, i == 4);
		CU_ASSERT_EQUAL(is_wrong(&r, "v", "must be an object"), i != 4);
		reading_end(&r);
	}
}

TEST(integers_keep_to_their_range)
{
	begin("{\"low\":0,\"min\":1,\"max\":9,\"high\":10,\"part\":1.5,\"far\":1e400}");
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "low", 1, 9, 5), 5);
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "min", 1, 9, 5), 1);
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "max", 1, 9, 5), 9);
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "high", 1, 9, 5), 5);
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "part", 1, 9, 5), 5);
	CU_ASSERT_EQUAL(pal_fields_integer(&r.fields, &root, "far", 1, 9, 5), 5);
	CU_ASSERT(is_wrong(&r, "low", "must be within 1..9"));
	CU_ASSERT(is_wrong(&r, "high", "must be within 1..9"));
	CU_ASSERT(is_wrong(&r, "part", "must be an integer"));
	CU_ASSERT(is_wrong(&r, "far", "must be an integer"));
	CU_ASSERT_EQUAL(r.errors.count, 4);
	reading_end(&r);
}

TEST(an_instant_may_be_spelt_in_four_ways)
{
	CU_ASSERT_EQUAL(time_of("\"2026-11-23T05:40:57.123Z\""), 1795412457123);
	CU_ASSERT_EQUAL(time_of("\"2026-11-23T07:40:57.123+02:00\""), 1795412457123);
	CU_ASSERT_EQUAL(time_of("1795412457"), 1795412457000);
	CU_ASSERT_EQUAL(time_of("1795412457123"), 1795412457123);
	CU_ASSERT_EQUAL(time_of("10000000000"), 10000000000000);
	CU_ASSERT_EQUAL(time_of("10000000001"), 10000000001);
}

TEST(what_is_no_instant_is_refused)
{
	static const char *const values[] = {"true",   "-1",	 "1.5",		   "\"\"",
					     "\"2026-02-30T00:00:00Z\"",	   "\"yesterday\"",
					     "[]",     "{}",	 "\"1795412457\""};
	char text[64];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		snprintf(text, sizeof(text), "{\"t\":%s}", values[i]);
		begin(text);
		CU_ASSERT_EQUAL(pal_fields_time(&r.fields, &root, "t", 7), 7);
		CU_ASSERT(is_wrong(&r, "t", "must be an ISO 8601 instant or a Unix time"));
		reading_end(&r);
	}
}

static void visit_and_blame(struct pal_fields *fields, const struct pal_fields_at *element, void *arg)
{
	struct pal_fields_at inner;

	++*(int *)arg;
	pal_fields_object(fields, element, "o", false, &inner);
	pal_fields_wrong(fields, &inner, "x", "is %d", element->index);
	pal_fields_wrong(fields, element, NULL, "too");
}

TEST(a_path_names_objects_and_elements)
{
	int visited = 0;

	begin("{\"list\":[{\"o\":{}},{\"o\":{}},{\"o\":{}}]}");
	pal_fields_array(&r.fields, &root, "list", 2, visit_and_blame, &visited);
	CU_ASSERT_EQUAL(visited, 2);
	CU_ASSERT(is_wrong(&r, "list", "must have at most 2 elements, has 3"));
	CU_ASSERT(is_wrong(&r, "list[0].o.x", "is 0"));
	CU_ASSERT(is_wrong(&r, "list[1].o.x", "is 1"));
	CU_ASSERT(is_wrong(&r, "list[1]", "too"));
	reading_end(&r);
}

TEST(no_more_than_sixteen_wrong_fields_are_kept)
{
	char name[8];

	begin("{}");
	for (unsigned i = 0; i < PAL_FIELD_ERRORS_MAX + 3; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		pal_fields_value(&r.fields, &root, name, true);
	}
	CU_ASSERT_EQUAL(r.errors.count, PAL_FIELD_ERRORS_MAX);
	CU_ASSERT_EQUAL(pal_field_errors_result(&r.errors, &r.err), PAL_E_VALIDATION);
	CHECK_STR(r.err.subject, "f0");
	CHECK_STR(r.err.message, "f0 is required");
	reading_end(&r);
}

TEST(a_path_that_is_too_long_is_cut)
{
	char name[200];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	begin("{}");
	pal_fields_wrong(&r.fields, &root, name, "is %s", name);
	CU_ASSERT_EQUAL(strlen(r.errors.item[0].field), sizeof(r.errors.item[0].field) - 1);
	CU_ASSERT_EQUAL(strlen(r.errors.item[0].message), sizeof(r.errors.item[0].message) - 1);
	reading_end(&r);
}

TEST(an_object_kept_as_it_is_has_limits)
{
	begin("{\"fits\":{\"a\":[1, 2]},\"big\":{\"a\":[1, 23]},\"deep\":{\"a\":[[]]},"
	      "\"dollar\":{\"$a\":1},\"dot\":{\"a.\":1},\"esc\":{\"\\u0024\":1},"
	      "\"inner\":[{\"$\":1}],\"list\":{\"a\":{\"$\":1}}}");
	struct pal_str fits = pal_fields_verbatim(&r.fields, &root, "fits", 12, 2);
	CU_ASSERT(pal_str_equal(fits, PAL_STR("{\"a\":[1, 2]}")));
	CU_ASSERT_EQUAL(r.errors.count, 0);
	CU_ASSERT_PTR_NULL(pal_fields_verbatim(&r.fields, &root, "big", 12, 2).p);
	CU_ASSERT(is_wrong(&r, "big", "must have at most 12 bytes"));
	CU_ASSERT_PTR_NULL(pal_fields_verbatim(&r.fields, &root, "deep", 12, 2).p);
	CU_ASSERT(is_wrong(&r, "deep", "must be at most 2 deep"));
	static const char *const keys[] = {"dollar", "dot", "esc", "list"};
	for (size_t i = 0; i < 4; i++) {
		CU_ASSERT_PTR_NULL(pal_fields_verbatim(&r.fields, &root, keys[i], 99, 9).p);
		CU_ASSERT(is_wrong(&r, keys[i], "has a key with $, . or an escape in it"));
	}
	CU_ASSERT_PTR_NULL(pal_fields_verbatim(&r.fields, &root, "inner", 99, 9).p);
	CU_ASSERT(is_wrong(&r, "inner", "must be an object"));
	CU_ASSERT_PTR_NULL(pal_fields_verbatim(&r.fields, &root, "absent", 99, 9).p);
	CU_ASSERT_EQUAL(r.errors.count, 7);
	reading_end(&r);
}

TEST(want_of_memory_is_not_the_clients_fault)
{
	static const char *const names[] = {"s", "t"};

	for (size_t i = 0; i < 2; i++) {
		begin("{\"s\":\"\\u0041\",\"t\":\"2026-11-23T05:40:57\\u005a\"}");
		r.arena = pal_arena_of(1);
		if (i == 0)
			pal_fields_text(&r.fields, &root, names[i], &(struct pal_text_rule){.max = 9});
		else
			pal_fields_time(&r.fields, &root, names[i], 0);
		CU_ASSERT(r.fields.failed_memory);
		reading_end(&r);
	}
}

SUITE(fields, CASE(absent_and_null_are_the_same), CASE(text_is_counted_in_code_points),
      CASE(text_is_trimmed_before_it_is_counted), CASE(every_type_but_the_right_one_is_refused),
      CASE(integers_keep_to_their_range), CASE(an_instant_may_be_spelt_in_four_ways),
      CASE(what_is_no_instant_is_refused), CASE(a_path_names_objects_and_elements),
      CASE(no_more_than_sixteen_wrong_fields_are_kept), CASE(a_path_that_is_too_long_is_cut),
      CASE(an_object_kept_as_it_is_has_limits), CASE(want_of_memory_is_not_the_clients_fault))
