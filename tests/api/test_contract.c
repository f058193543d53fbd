/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/contract.h"
#include "api/docs.h"
#include "api/docs_page.h"
#include "api/openapi.h"
#include "suite.h"

static json_object *document_of(const struct pal_http_route *routes, size_t count)
{
	struct pal_buf out = {0};
	json_tokener *tokener = json_tokener_new_ex(64);

	pal_openapi_write(&out, routes, count);
	CU_ASSERT_FALSE_FATAL(out.failed);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	json_object *document = json_tokener_parse_ex(tokener, out.data, (int)out.len);
	CU_ASSERT_PTR_NOT_NULL_FATAL(document);
	json_tokener_free(tokener);
	pal_buf_deinit(&out);
	return document;
}

/* Descend by names; NULL when one is missing. */
static json_object *at(json_object *from, const char *a, const char *b, const char *c)
{
	const char *const names[] = {a, b, c};

	for (size_t i = 0; i < 3 && from && names[i]; i++)
		from = json_object_object_get(from, names[i]);
	return from;
}

static json_object *operation_of(json_object *document, const struct pal_http_route *route)
{
	struct pal_str name = pal_http_method_name(route->method);
	char method[16] = "";

	for (size_t i = 0; i < name.n && i < sizeof(method) - 1; i++)
		method[i] = (char)(name.p[i] | 0x20);
	return at(document, "paths", route->path, method);
}

TEST(the_document_and_the_router_have_the_same_routes)
{
	size_t count, operations = 0;
	const struct pal_http_route *routes = pal_api_routes(&count);
	json_object *document = document_of(routes, count);

	for (size_t i = 0; i < count; i++) {
		json_object *id = at(operation_of(document, &routes[i]), "operationId", NULL, NULL);
		CU_ASSERT_PTR_NOT_NULL_FATAL(id);
		CHECK_STR(json_object_get_string(id), routes[i].operation);
	}
	json_object_object_foreach(at(document, "paths", NULL, NULL), path, methods)
		operations += (size_t)json_object_object_length(methods) + 0 * strlen(path);
	CU_ASSERT_EQUAL(operations, count);
	json_object_put(document);
}

TEST(only_protected_routes_ask_for_a_credential)
{
	size_t count;
	const struct pal_http_route *routes = pal_api_routes(&count);
	json_object *document = document_of(routes, count);

	for (size_t i = 0; i < count; i++) {
		json_object *operation = operation_of(document, &routes[i]);
		bool asks = json_object_array_length(at(operation, "security", NULL, NULL)) > 0;
		CU_ASSERT_EQUAL(asks, (routes[i].flags & PAL_ROUTE_AUTH) != 0);
		asks |= (routes[i].flags & PAL_ROUTE_SIGNED) != 0;	/* the signature is one */
		CU_ASSERT_EQUAL(at(operation, "responses", "401", NULL) != NULL, asks);
		CU_ASSERT_EQUAL(at(operation, "responses", "429", NULL) != NULL, asks);
	}
	json_object_put(document);
}

static void on_request(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		       void *app)
{
	(void)exchange;
	(void)request;
	(void)app;
}

TEST(a_description_shows_in_its_operation)
{
	static const struct pal_api_param params[] = {
		{.name = "x", .about = "One \"x\"."}, {.name = NULL}};
	static const struct pal_api_doc create = {.tag = "Service",
						  .request = "Meta",
						  .request_is_optional = true,
						  .response = "Error",
						  .status = 201,
						  .failures = "404 409",
						  .path = params};
	static const struct pal_api_doc export = {.tag = "Service",
						  .shape = PAL_API_BARE,
						  .response = "Meta",
						  .media = "application/json text/csv",
						  .path = params,
						  .query = params};
	static const struct pal_http_route routes[] = {
		{PAL_HTTP_POST, "/a/{x}", "create", "s", "a:b", PAL_ROUTE_AUTH, 0, on_request,
		 &create},
		{PAL_HTTP_GET, "/a/{x}", "export", "s", NULL, 0, 0, on_request, &export},
	};
	json_object *document = document_of(routes, 2);
	json_object *post = operation_of(document, &routes[0]);
	json_object *get = operation_of(document, &routes[1]);

	CHECK_STR(json_object_get_string(at(post, "x-permission", NULL, NULL)), "a:b");
	CU_ASSERT_PTR_NOT_NULL(at(post, "responses", "201", NULL));
	CU_ASSERT_PTR_NOT_NULL(at(post, "responses", "409", NULL));
	CU_ASSERT_PTR_NOT_NULL(at(post, "responses", "422", NULL));
	CU_ASSERT_PTR_NULL(at(post, "responses", "200", NULL));
	CU_ASSERT_FALSE(json_object_get_boolean(at(post, "requestBody", "required", NULL)));
	CU_ASSERT_PTR_NULL(at(get, "responses", "422", NULL));
	CU_ASSERT_PTR_NULL(at(get, "requestBody", NULL, NULL));
	CU_ASSERT_EQUAL(json_object_object_length(at(get, "responses", "200", "content")), 2);
	/* path, query, X-Request-ID */
	CU_ASSERT_EQUAL(json_object_array_length(at(get, "parameters", NULL, NULL)), 3);
	json_object_put(document);
}

TEST(want_of_memory_fails_the_document)
{
	size_t count;
	const struct pal_http_route *routes = pal_api_routes(&count);

	for (size_t max = 1; max < 60000; max = max * 3 / 2 + 1) {
		struct pal_buf out = pal_buf_of(max);
		pal_openapi_write(&out, routes, count);
		CU_ASSERT(out.failed || max > 20000);
		pal_buf_deinit(&out);
	}
}

TEST(the_policy_knows_style_and_script_by_their_hashes)
{
	struct pal_buf out = {0};

	pal_contract_policy(&out, PAL_STR("<style>a</style><p><script>b</script>"));
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(
		strstr(out.data, "style-src 'sha256-ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs='"));
	CU_ASSERT_PTR_NOT_NULL(strstr(
		out.data, "script-src 'sha256-PiPoFgA5WUoziU9lZOGxNIu9egCI1CxKy3PurtWcAJ0='"));
	pal_buf_deinit(&out);
}

TEST(a_page_without_a_script_allows_none)
{
	struct pal_buf out = {0};

	pal_contract_policy(&out, PAL_STR("<style>a<script>b"));
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "style-src 'none'; script-src 'none'"));
	pal_buf_deinit(&out);
}

TEST(the_page_needs_nothing_from_elsewhere)
{
	const char *page = (const char *)pal_page_docs;

	CU_ASSERT_PTR_NULL(memmem(page, pal_page_docs_size, "http://", 7));
	CU_ASSERT_PTR_NULL(memmem(page, pal_page_docs_size, "https://", 8));
	CU_ASSERT_PTR_NULL(memmem(page, pal_page_docs_size, "innerHTML", 9));
	CU_ASSERT_PTR_NULL(memmem(page, pal_page_docs_size, " style=", 7));
}

SUITE(contract,
      CASE(the_document_and_the_router_have_the_same_routes),
      CASE(only_protected_routes_ask_for_a_credential),
      CASE(a_description_shows_in_its_operation),
      CASE(want_of_memory_fails_the_document),
      CASE(the_policy_knows_style_and_script_by_their_hashes),
      CASE(a_page_without_a_script_allows_none),
      CASE(the_page_needs_nothing_from_elsewhere))
