/* SPDX-License-Identifier: Apache-2.0 */
#include "api/etag.h"

#include <stdio.h>

#include "suite.h"

static struct pal_arena arena;
static struct pal_http_parser parser;
static struct pal_http_request request;
static struct pal_str versions;
static struct pal_error err;

/* A request with one header. */
static void given(const char *name, const char *value)
{
	static const struct pal_http_limits limits = {.request_line_bytes = 1024,
						      .headers_bytes = 8192,
						      .headers_max = PAL_HTTP_HEADERS_MAX};
	static char data[512];
	int n = snprintf(data, sizeof(data), "GET / HTTP/1.1\r\nHost: h\r\n%s: %s\r\n\r\n", name,
			 value);

	pal_arena_reset(&arena);
	pal_http_parser_init(&parser, &limits);
	CU_ASSERT_EQUAL_FATAL(pal_http_parser_run(&parser, data, (size_t)n), PAL_HTTP_PARSE_HEAD);
	request = (struct pal_http_request){.arena = &arena, .parser = &parser, .data = data};
}

static void check_known(bool known, const char *list)
{
	given("If-None-Match", list);
	CU_ASSERT_EQUAL(pal_etag_is_known(&request, PAL_STR("a.b")), known);
}

TEST(a_tag_is_known_when_it_stands_in_the_list_weak_or_not)
{
	check_known(true, "\"a.b\"");
	check_known(true, "\"x\", W/\"a.b\"");
	check_known(true, "*");
	check_known(false, "\"a\"");
	check_known(false, "a.b");
	check_known(false, "\"a.b");
	given("X", "\"a.b\"");
	CU_ASSERT(!pal_etag_is_known(&request, PAL_STR("a.b")));
}

static void check_versions(const char *want, const char *list)
{
	given("If-Match", list);
	CU_ASSERT_EQUAL_FATAL(pal_etag_versions(&request, &versions, &err), PAL_OK);
	CHECK_STR(versions.p, want);
}

TEST(versions_end_at_the_full_stop_and_weak_ones_match_nothing)
{
	check_versions("a ", "\"a\"");
	check_versions("a c ", "\"a.b\", \"c\"");
	check_versions("c ", "W/\"a\", \"c\"");
	check_versions("", "W/\"a\"");
	check_versions("* ", "*");
	given("X", "\"a\"");
	CU_ASSERT_EQUAL(pal_etag_versions(&request, &versions, &err), PAL_OK);
	CU_ASSERT_PTR_NULL(versions.p);
}

TEST(what_is_no_list_of_tags_is_refused_by_name)
{
	static const char *const bad[] = {"a", "\"a", "\"a\" \"b\"", "\"a\", b", "W/a", "'a'", ""};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		given("If-Match", bad[i]);
		err = (struct pal_error){.code = PAL_OK};
		CU_ASSERT_EQUAL(pal_etag_versions(&request, &versions, &err), PAL_E_VALIDATION);
		CHECK_STR(err.subject, "If-Match");
	}
	pal_arena_release(&arena);
}

SUITE(etag, CASE(a_tag_is_known_when_it_stands_in_the_list_weak_or_not),
      CASE(versions_end_at_the_full_stop_and_weak_ones_match_nothing),
      CASE(what_is_no_list_of_tags_is_refused_by_name))
