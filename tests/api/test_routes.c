/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/api.h"
#include "api/docs.h"
#include "api/schemas.h"
#include "base/json.h"
#include "suite.h"

#define REF "#/components/schemas/"

static struct pal_json json;

/* Whether `text` is JSON and each schema it refers to exists; says on standard output what is not. */
static bool is_sound(const char *owner, const char *text)
{
	struct pal_json_fault fault;

	if (!pal_json_scan(&json, pal_str(text), &fault)) {
		printf("%s: not JSON at byte %zu: %s\n", owner, fault.at, fault.why);
		return false;
	}
	for (const char *at = text; (at = strstr(at, REF)) != NULL; ) {
		char name[64];
		at += strlen(REF);
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "\""), at);
		if (!pal_api_schema_exists(name)) {
			printf("%s: there is no schema %s\n", owner, name);
			return false;
		}
	}
	return true;
}

static bool has_tag(const char *name)
{
	size_t count;
	const struct pal_api_tag *tags = pal_api_tags(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(tags[i].name, name) == 0)
			return true;
	return false;
}

/* Whether `doc` describes exactly the parameters of `path`. */
static bool describes(const struct pal_api_doc *doc, const char *path)
{
	size_t wanted = 0, described = 0;

	for (const char *at = path; (at = strchr(at, '{')) != NULL; at++)
		wanted++;
	for (const struct pal_api_param *p = doc->path; p && p->name; p++) {
		char segment[64];
		snprintf(segment, sizeof(segment), "{%s}", p->name);
		described += strstr(path, segment) != NULL ? 1 : 100;
	}
	return wanted == described;
}

static bool params_are_sound(const char *owner, const struct pal_api_param *list)
{
	bool sound = true;

	for (; list && list->name; list++)
		sound &= list->about && (!list->schema || is_sound(owner, list->schema));
	return sound;
}

static bool statuses_are_sound(const char *list)
{
	for (; list && *list; list += strspn(list, " ")) {
		size_t n = strspn(list, "0123456789");
		if (n != 3 || (list[0] != '4' && list[0] != '5'))
			return false;
		list += n;
	}
	return true;
}

TEST(every_route_has_a_description)
{
	size_t count;
	const struct pal_http_route *routes = pal_api_routes(&count);

	CU_ASSERT(count > 0);
	for (size_t i = 0; i < count; i++) {
		const struct pal_api_doc *doc = routes[i].doc;
		if (!doc || !doc->tag || !has_tag(doc->tag) || !routes[i].summary ||
		    !routes[i].summary[0]) {
			printf("%s has no description, summary or known tag\n",
			       routes[i].operation);
			CU_FAIL();
		}
	}
}

TEST(descriptions_name_what_exists)
{
	size_t count;
	const struct pal_http_route *routes = pal_api_routes(&count);

	for (size_t i = 0; i < count; i++) {
		const struct pal_api_doc *doc = routes[i].doc;
		const char *who = routes[i].operation;
		bool sound = doc && describes(doc, routes[i].path) &&
			     params_are_sound(who, doc->path) &&
			     params_are_sound(who, doc->query) &&
			     params_are_sound(who, doc->headers) &&
			     statuses_are_sound(doc->failures) &&
			     (!doc->request || pal_api_schema_exists(doc->request)) &&
			     (!doc->response || pal_api_schema_exists(doc->response)) &&
			     (!doc->request_example || is_sound(who, doc->request_example)) &&
			     (!doc->response_example || is_sound(who, doc->response_example)) &&
			     (doc->status == 0 || (doc->status > 200 && doc->status < 300));
		if (!sound) {
			printf("%s is not well described\n", who);
			CU_FAIL();
		}
	}
}

TEST(what_needs_a_credential_counts_against_the_limits)
{
	size_t count;
	const struct pal_http_route *routes = pal_api_routes(&count);

	for (size_t i = 0; i < count; i++) {
		if (!(routes[i].flags & PAL_ROUTE_AUTH))
			continue;
		CU_ASSERT(routes[i].flags & PAL_ROUTE_TENANT);
		CU_ASSERT_FALSE(routes[i].flags & PAL_ROUTE_RATE_EXEMPT);
	}
}

TEST(schemas_are_objects_that_refer_to_each_other)
{
	struct pal_api_schema_at at = {0};
	const struct pal_api_schema *schema;
	size_t count = 0;

	for (; pal_api_schema_next(&at, &schema); count++) {
		CU_ASSERT(schema->text[0] == '{' && is_sound(schema->name, schema->text));
		CU_ASSERT(strspn(schema->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					       "0123456789") == strlen(schema->name));
	}
	CU_ASSERT(count > 20);
}

TEST(no_schema_stands_twice)
{
	struct pal_api_schema_at at = {0}, other;
	const struct pal_api_schema *schema, *second;

	while (pal_api_schema_next(&at, &schema))
		for (other = at; pal_api_schema_next(&other, &second); )
			if (strcmp(schema->name, second->name) == 0) {
				printf("%s stands twice\n", schema->name);
				CU_FAIL();
			}
}

TEST(every_code_of_a_failure_is_in_the_schema)
{
	static const char *const codes[] = {
#define X(code, name, status, api, retry) "\"" api "\"",
		PAL_ERROR_CODES(X)
#undef X
	};
	struct pal_api_schema_at at = {0};
	const struct pal_api_schema *schema;

	while (pal_api_schema_next(&at, &schema))
		if (strcmp(schema->name, "ErrorCode") == 0)
			break;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(schema->text, codes[i]));
}

SUITE(routes,
      CASE(every_route_has_a_description),
      CASE(descriptions_name_what_exists),
      CASE(what_needs_a_credential_counts_against_the_limits),
      CASE(schemas_are_objects_that_refer_to_each_other),
      CASE(no_schema_stands_twice),
      CASE(every_code_of_a_failure_is_in_the_schema))
