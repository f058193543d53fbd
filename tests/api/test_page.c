/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/page.h"
#include "service/view/answer.h"
#include "suite.h"

static const struct pal_http_route list = {.operation = "listThings"};
static const struct pal_http_route other = {.operation = "listOthers"};
static struct pal_api api = {.cursor_key = "0123456789abcdef"};
static struct pal_arena arena;
static struct pal_http_request request;
static struct pal_params params;
static struct pal_page page;

static struct pal_caller caller_of(int64_t tenant, const char *user)
{
	struct pal_caller caller = {.user_id = pal_str(user)};

	caller.tenant.n = tenant;
	return caller;
}

/* Read a page as the caller of `tenant` asks for it. */
static void read(const struct pal_http_route *route, int64_t tenant, const char *query)
{
	const struct pal_caller caller = caller_of(tenant, "anna");

	request = (struct pal_http_request){.query = pal_str(query), .arena = &arena};
	request.match.route = route;
	pal_params_read(&params, &request);
	pal_page_read(&params, &api, &caller, PAL_PAGE_OFFSETS, 20, 100, &page);
}

/* "before" and a cursor that says "abc" for the page just read. */
static const char *with_cursor(const char *before)
{
	static char text[256];
	struct pal_buf cursor = {0};

	pal_page_put_cursor(&cursor, &api, &page, PAL_STR("abc"));
	snprintf(text, sizeof(text), "%scursor=%.*s", before, (int)cursor.len, cursor.data);
	pal_buf_deinit(&cursor);
	return text;
}

TEST(offsets_and_numbers_have_defaults_and_limits)
{
	const struct pal_caller caller = caller_of(1, "anna");

	read(&list, 1, "");
	CU_ASSERT_TRUE(page.limit == 20 && page.offset == 0 && !page.after.p);
	read(&list, 1, "limit=7&offset=21");
	CU_ASSERT_TRUE(page.limit == 7 && page.offset == 21);
	CU_ASSERT_EQUAL(params.errors.count, 0);
	read(&list, 1, "limit=101&offset=-1");
	CU_ASSERT_EQUAL(params.errors.count, 2);
	request.query = PAL_STR("page=3&page_size=10");
	pal_params_read(&params, &request);
	pal_page_read(&params, &api, &caller, PAL_PAGE_NUMBERS, 20, 100, &page);
	CU_ASSERT_TRUE(page.limit == 10 && page.offset == 20 && page.number == 3);
	CU_ASSERT_EQUAL(params.errors.count, 0);
}

TEST(a_cursor_comes_back_as_it_was_put)
{
	read(&list, 1, "status=active");
	read(&list, 1, with_cursor("limit=5&status=active&"));
	CU_ASSERT_EQUAL(params.errors.count, 0);
	CU_ASSERT_TRUE(pal_str_equal(page.after, PAL_STR("abc")));
	CU_ASSERT_EQUAL(page.limit, 5);
}

TEST(a_cursor_of_another_list_or_tenant_is_refused)
{
	read(&list, 1, "status=active");
	read(&list, 1, with_cursor("status=paused&"));
	CU_ASSERT_EQUAL_FATAL(params.errors.count, 1);
	CHECK_STR(params.errors.item[0].field, "cursor");
	read(&list, 1, "status=active");
	read(&other, 1, with_cursor("status=active&"));
	CU_ASSERT_EQUAL(params.errors.count, 1);
	read(&list, 1, "status=active");
	read(&list, 2, with_cursor("status=active&"));
	CU_ASSERT_EQUAL(params.errors.count, 1);
	CU_ASSERT_PTR_NULL(page.after.p);
}

TEST(a_cursor_changed_anywhere_is_refused)
{
	read(&list, 1, "");
	char text[256];
	snprintf(text, sizeof(text), "%s", with_cursor(""));
	size_t from = strlen("cursor="), n = strlen(text);
	for (size_t i = from; i < n; i++) {
		char was = text[i];
		text[i] = was == '0' ? '1' : '0';
		read(&list, 1, text);
		CU_ASSERT_EQUAL(params.errors.count, 1);
		text[i] = was;
	}
	for (; n > from; n--) {
		text[n - 1] = '\0';
		read(&list, 1, text);
		CU_ASSERT_EQUAL(params.errors.count, 1);
	}
}

TEST(a_cursor_and_an_offset_exclude_each_other)
{
	read(&list, 1, "");
	read(&list, 1, with_cursor("offset=3&"));
	CU_ASSERT_EQUAL_FATAL(params.errors.count, 1);
	CHECK_STR(params.errors.item[0].field, "cursor");
}

/* Read a page from a body. */
static size_t read_body(const char *text)
{
	const struct pal_caller caller = caller_of(1, "anna");
	struct pal_body body = {.errors = {.count = 0}};
	struct pal_json_fault fault;

	body.fields = (struct pal_fields){
		.json = pal_thread_json(), .arena = &arena, .errors = &body.errors};
	body.root = (struct pal_fields_at){.node = text[0] ? 0 : PAL_JSON_NONE, .index = -1};
	if (text[0])
		CU_ASSERT_TRUE_FATAL(pal_json_scan(pal_thread_json(), pal_str(text), &fault));
	pal_page_read_body(&body, &request, &api, &caller, 20, 100, &page);
	return body.errors.count;
}

TEST(a_body_pages_too_and_its_other_members_bind_the_cursor)
{
	char text[256], cursor[128];

	read(&list, 1, "");
	CU_ASSERT_EQUAL(read_body(""), 0);
	CU_ASSERT_TRUE(page.limit == 20 && page.offset == 0);
	CU_ASSERT_EQUAL(read_body("{\"page\":0,\"page_size\":101}"), 2);
	CU_ASSERT_EQUAL(read_body("{\"page_size\":5,\"page\":2,\"tags\":[\"a\"]}"), 0);
	CU_ASSERT_TRUE(page.limit == 5 && page.offset == 5);
	snprintf(cursor, sizeof(cursor), "%s", with_cursor("") + strlen("cursor="));
	snprintf(text, sizeof(text), "{\"tags\":[\"a\"],\"cursor\":\"%s\"}", cursor);
	CU_ASSERT_EQUAL(read_body(text), 0);
	CU_ASSERT_TRUE(pal_str_equal(page.after, PAL_STR("abc")));
	snprintf(text, sizeof(text), "{\"tags\":[\"b\"],\"cursor\":\"%s\"}", cursor);
	CU_ASSERT_EQUAL(read_body(text), 1);
	snprintf(text, sizeof(text), "{\"page\":1,\"tags\":[\"a\"],\"cursor\":\"%s\"}", cursor);
	CU_ASSERT_EQUAL(read_body(text), 1);
}

SUITE(page, CASE(offsets_and_numbers_have_defaults_and_limits),
      CASE(a_cursor_comes_back_as_it_was_put), CASE(a_cursor_of_another_list_or_tenant_is_refused),
      CASE(a_cursor_changed_anywhere_is_refused), CASE(a_cursor_and_an_offset_exclude_each_other),
      CASE(a_body_pages_too_and_its_other_members_bind_the_cursor))
