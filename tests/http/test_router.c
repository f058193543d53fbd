/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static void handler(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app)
{
	(void)exchange;
	(void)request;
	(void)app;
}

#define ROUTE(method_, path_, operation_)                                                          \
	{.method = PAL_HTTP_##method_, .path = path_, .operation = operation_, .handler = handler}

static const struct pal_http_route routes[] = {
	ROUTE(GET, "/", "root"),
	ROUTE(GET, "/api/v2/sessions", "list"),
	ROUTE(POST, "/api/v2/sessions", "create"),
	ROUTE(POST, "/api/v2/sessions/cleanup", "cleanup"),
	ROUTE(GET, "/api/v2/sessions/{id}", "get"),
	ROUTE(DELETE, "/api/v2/sessions/{id}", "delete"),
	ROUTE(GET, "/api/v2/sessions/{id}/context", "context"),
	ROUTE(GET, "/api/v2/sessions/user/{user_id}", "by_user"),
	ROUTE(GET, "/a/b/{x}/d", "deep_plain"),
	ROUTE(GET, "/a/{y}/{z}/e", "deep_param"),
};

static struct pal_http_router *new_router(void)
{
	struct pal_http_router *router = NULL;
	struct pal_error err;

	CU_ASSERT_EQUAL_FATAL(pal_http_router_create(routes, sizeof(routes) / sizeof(routes[0]),
						     &router, &err), PAL_OK);
	return router;
}

/* "operation(param,param)", "405" or "404". */
static const char *looked_up(const struct pal_http_router *router, enum pal_http_method method,
			     const char *path)
{
	static char text[128];
	struct pal_http_match match;
	int n;

	pal_http_router_find(router, method, pal_str(path), &match);
	if (match.kind != PAL_HTTP_MATCH_ROUTE)
		return match.kind == PAL_HTTP_MATCH_METHOD ? "405" : "404";
	n = snprintf(text, sizeof(text), "%s", match.route->operation);
	for (unsigned i = 0; i < match.param_count; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " %.*s", (int)match.param[i].n,
			      match.param[i].p);
	return text;
}

TEST(routes_are_found_by_method_and_path)
{
	struct pal_http_router *router = new_router();

	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/"), "root");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions"), "list");
	CHECK_STR(looked_up(router, PAL_HTTP_POST, "/api/v2/sessions"), "create");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions/17"), "get 17");
	CHECK_STR(looked_up(router, PAL_HTTP_DELETE, "/api/v2/sessions/17"), "delete 17");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions/17/context"), "context 17");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions/a%2Fb"), "get a%2Fb");
	pal_http_router_destroy(router);
}

TEST(head_is_answered_where_get_is)
{
	struct pal_http_router *router = new_router();

	CHECK_STR(looked_up(router, PAL_HTTP_HEAD, "/api/v2/sessions"), "list");
	CHECK_STR(looked_up(router, PAL_HTTP_HEAD, "/api/v2/sessions/cleanup"), "405");
	pal_http_router_destroy(router);
}

TEST(plain_segments_beat_parameters_and_parameters_catch_the_rest)
{
	struct pal_http_router *router = new_router();

	CHECK_STR(looked_up(router, PAL_HTTP_POST, "/api/v2/sessions/cleanup"), "cleanup");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions/user/u"), "by_user u");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/api/v2/sessions/user/context"), "by_user context");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/a/b/c/d"), "deep_plain c");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/a/b/c/e"), "deep_param b c");
	CHECK_STR(looked_up(router, PAL_HTTP_GET, "/a/b/c/f"), "404");
	pal_http_router_destroy(router);
}

TEST(what_is_not_in_the_list_is_not_found)
{
	struct pal_http_router *router = new_router();
	static const char *const paths[] = {
		"", "/x", "/api", "/api/v2", "/api/v2/", "/api/v2/sessions/", "//api/v2/sessions",
		"/api//v2/sessions", "/API/v2/sessions", "/api/v2/sessions/17/", "/api/v2/session",
		"/api/v2/sessionss", "/api/v2/sessions/17/contexts", "/api/v2/sessions//context",
		"/api/v2/sess%69ons",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		CHECK_STR(looked_up(router, PAL_HTTP_GET, paths[i]), "404");
	pal_http_router_destroy(router);
}

TEST(a_known_path_with_another_method_tells_the_methods)
{
	struct pal_http_router *router = new_router();
	struct pal_http_match match;
	char allow[PAL_HTTP_ALLOW_SIZE];

	pal_http_router_find(router, PAL_HTTP_PATCH, PAL_STR("/api/v2/sessions/17"), &match);
	CU_ASSERT_EQUAL(match.kind, PAL_HTTP_MATCH_METHOD);
	CHECK_STR(pal_http_allow_format(match.methods, allow), "GET, HEAD, DELETE, OPTIONS");
	pal_http_router_find(router, PAL_HTTP_OPTIONS, PAL_STR("/api/v2/sessions/cleanup"), &match);
	CU_ASSERT_EQUAL(match.kind, PAL_HTTP_MATCH_METHOD);
	CHECK_STR(pal_http_allow_format(match.methods, allow), "POST, OPTIONS");
	CHECK_STR(pal_http_allow_format(~0u, allow),
		  "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
	pal_http_router_destroy(router);
}

TEST(a_wrong_row_is_refused_by_name)
{
	static const struct {
		struct pal_http_route rows[2];
		const char *subject, *why;
	} cases[] = {
		{{ROUTE(GET, "a", "op")}, "op", "start with a slash"},
		{{ROUTE(GET, NULL, "op")}, "op", "start with a slash"},
		{{ROUTE(GET, "/a//b", "op")}, "op", "malformed segment"},
		{{ROUTE(GET, "/a/", "op")}, "op", "malformed segment"},
		{{ROUTE(GET, "/a/{}", "op")}, "op", "malformed segment"},
		{{ROUTE(GET, "/a/{b", "op")}, "op", "malformed segment"},
		{{ROUTE(GET, "/a/x{b}", "op")}, "op", "malformed segment"},
		{{ROUTE(GET, "/{a}/{a}", "op")}, "op", "stands twice in the path"},
		{{ROUTE(GET, "/{a}/{b}/{c}/{d}/{e}", "op")}, "op", "too many parameters"},
		{{ROUTE(GET, "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7", "op")}, "op", "too many segments"},
		{{ROUTE(GET, "/a", "")}, "", "operation id"},
		{{ROUTE(GET, "/a", NULL)}, "route", "operation id"},
		{{ROUTE(GET, "/a", "one"), ROUTE(GET, "/a", "two")}, "two", "stand twice"},
		{{ROUTE(GET, "/{a}", "one"), ROUTE(GET, "/{b}", "two")}, "two", "stand twice"},
		{{ROUTE(GET, "/a", "one"), ROUTE(GET, "/b", "one")}, "one", "stands twice in the list"},
		{{ROUTE(HEAD, "/a", "op")}, "op", "without a route"},
		{{ROUTE(OPTIONS, "/a", "op")}, "op", "without a route"},
		{{{.method = PAL_HTTP_GET, .path = "/a", .operation = "op"}}, "op", "handler"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pal_http_router *router = NULL;
		struct pal_error err = {0};
		size_t count = cases[i].rows[1].handler ? 2 : 1;
		CU_ASSERT_EQUAL(pal_http_router_create(cases[i].rows, count, &router, &err),
				PAL_E_CONFIG);
		CU_ASSERT_PTR_NULL(router);
		CHECK_STR(err.subject, cases[i].subject);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].why));
	}
}

SUITE(router, CASE(routes_are_found_by_method_and_path), CASE(head_is_answered_where_get_is),
      CASE(plain_segments_beat_parameters_and_parameters_catch_the_rest),
      CASE(what_is_not_in_the_list_is_not_found),
      CASE(a_known_path_with_another_method_tells_the_methods),
      CASE(a_wrong_row_is_refused_by_name))
