/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree with a node per path segment. A node's plain children are tried before its parameter, and
 * when nothing below them fits the lookup comes back for the parameter. Nodes live in one array and
 * name each other by index; node 0 is the root.
 */
#include "http/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "http/chars.h"

struct node {
	struct pal_str text;	/* of the segment; p NULL for a parameter */
	uint32_t sibling;	/* next child of the same parent, 0: none */
	uint32_t child;		/* first plain child, 0: none */
	uint32_t param;		/* the parameter child, 0: none */
	unsigned methods;	/* bits of what `route` holds; 0: no route ends here */
	const struct pal_http_route *route[PAL_HTTP_METHOD_COUNT];
};

struct pal_http_router {
	uint32_t count;
	struct node node[];
};

struct lookup {
	const struct pal_http_router *router;
	unsigned param_count;
	struct pal_str param[PAL_HTTP_PARAMS_MAX];
};

/* --- Building --------------------------------------------------------------------------------- */

/* Take the segment behind the slash `*path` starts with. False at the end of the path. */
static bool next_segment(struct pal_str *path, struct pal_str *ret_segment)
{
	if (path->n == 0)
		return false;
	const char *slash = memchr(path->p + 1, '/', path->n - 1);
	size_t n = slash ? (size_t)(slash - path->p) : path->n;
	*ret_segment = (struct pal_str){path->p + 1, n - 1};
	*path = (struct pal_str){path->p + n, path->n - n};
	return true;
}

static bool is_param(struct pal_str segment)
{
	return segment.n > 2 && segment.p[0] == '{' && segment.p[segment.n - 1] == '}';
}

static enum pal_code bad_row(const struct pal_http_route *route, const char *why,
			     struct pal_error *err)
{
	return pal_fail(err, PAL_E_CONFIG, route->operation ? route->operation : "route",
			"route %s %s: %s", pal_http_method_name(route->method).p,
			route->path ? route->path : "(none)", why);
}

static enum pal_code check_path(const struct pal_http_route *route, struct pal_error *err)
{
	struct pal_str path = pal_str(route->path), segment, params[PAL_HTTP_PARAMS_MAX];
	unsigned segments = 0, count = 0;

	if (path.n == 0 || path.p[0] != '/')
		return bad_row(route, "the path must start with a slash", err);
	while (next_segment(&path, &segment)) {
		if (++segments > PAL_HTTP_SEGMENTS_MAX)
			return bad_row(route, "too many segments", err);
		struct pal_str word = segment;
		if (is_param(segment))
			word = (struct pal_str){segment.p + 1, segment.n - 2};
		bool is_root = segments == 1 && word.n == 0 && path.n == 0;
		if ((word.n == 0 && !is_root) || !pal_http_chars_are(word, PAL_CHAR_TOKEN))
			return bad_row(route, "malformed segment", err);
		if (!is_param(segment))
			continue;
		for (unsigned i = 0; i < count; i++)
			if (pal_str_equal(params[i], word))
				return bad_row(route, "a parameter stands twice in the path", err);
		if (count == PAL_HTTP_PARAMS_MAX)
			return bad_row(route, "too many parameters", err);
		params[count++] = word;
	}
	return PAL_OK;
}

static enum pal_code check_row(const struct pal_http_route *routes, size_t at,
			       struct pal_error *err)
{
	const struct pal_http_route *route = &routes[at];

	if (!route->operation || !route->operation[0])
		return bad_row(route, "it needs an operation id", err);
	if (!route->handler)
		return bad_row(route, "it needs a handler", err);
	if (route->method == PAL_HTTP_HEAD || route->method == PAL_HTTP_OPTIONS)
		return bad_row(route, "HEAD and OPTIONS are answered without a route", err);
	for (size_t i = 0; i < at; i++)
		if (strcmp(routes[i].operation, route->operation) == 0)
			return bad_row(route, "its operation id stands twice in the list", err);
	return check_path(route, err);
}

static uint32_t add_node(struct pal_http_router *router, struct pal_str text)
{
	router->node[router->count].text = text;
	return router->count++;
}

static uint32_t child_for(struct pal_http_router *router, uint32_t parent, struct pal_str segment)
{
	struct node *node = &router->node[parent];

	if (is_param(segment)) {
		if (!node->param)
			node->param = add_node(router, (struct pal_str){NULL, 0});
		return node->param;
	}
	uint32_t *link = &node->child;
	while (*link && !pal_str_equal(router->node[*link].text, segment))
		link = &router->node[*link].sibling;
	if (!*link)
		*link = add_node(router, segment);
	return *link;
}

static enum pal_code add_route(struct pal_http_router *router, const struct pal_http_route *route,
			       struct pal_error *err)
{
	struct pal_str path = pal_str(route->path), segment;
	uint32_t at = 0;

	while (next_segment(&path, &segment))
		at = child_for(router, at, segment);
	struct node *node = &router->node[at];
	if (node->route[route->method])
		return bad_row(route, "its method and path stand twice in the list", err);
	node->route[route->method] = route;
	node->methods |= 1u << route->method | 1u << PAL_HTTP_OPTIONS;
	if (route->method == PAL_HTTP_GET)
		node->methods |= 1u << PAL_HTTP_HEAD;
	return PAL_OK;
}

enum pal_code pal_http_router_create(const struct pal_http_route *routes, size_t count,
				     struct pal_http_router **ret_router, struct pal_error *err)
{
	size_t nodes = 1 + count * PAL_HTTP_SEGMENTS_MAX;
	struct pal_http_router *router =
		calloc(1, sizeof(*router) + nodes * sizeof(router->node[0]));
	enum pal_code code = PAL_OK;

	if (!router)
		return pal_fail_memory(err, "router");
	router->count = 1;
	for (size_t i = 0; i < count && code == PAL_OK; i++) {
		code = check_row(routes, i, err);
		if (code == PAL_OK)
			code = add_route(router, &routes[i], err);
	}
	if (code != PAL_OK) {
		pal_http_router_destroy(router);
		return code;
	}
	struct pal_http_router *fitted =
		realloc(router, sizeof(*router) + router->count * sizeof(router->node[0]));
	*ret_router = fitted ? fitted : router;
	return PAL_OK;
}

void pal_http_router_destroy(struct pal_http_router *router)
{
	free(router);
}

/* --- Looking up ------------------------------------------------------------------------------- */

static const struct node *walk(struct lookup *lookup, uint32_t at, struct pal_str path)
{
	const struct node *node = &lookup->router->node[at], *found = NULL;
	struct pal_str segment;

	if (!next_segment(&path, &segment))
		return node->methods ? node : NULL;
	for (uint32_t i = node->child; i; i = lookup->router->node[i].sibling)
		if (pal_str_equal(lookup->router->node[i].text, segment)) {
			found = walk(lookup, i, path);
			break;
		}
	if (found || !node->param || segment.n == 0)
		return found;
	unsigned mine = lookup->param_count++;	/* check_row bounds the parameters of a branch */
	found = walk(lookup, node->param, path);
	if (found)
		lookup->param[mine] = segment;
	else
		lookup->param_count = mine;
	return found;
}

void pal_http_router_find(const struct pal_http_router *router, enum pal_http_method method,
			  struct pal_str path, struct pal_http_match *ret_match)
{
	struct lookup lookup = {.router = router};
	const struct node *node = path.n ? walk(&lookup, 0, path) : NULL;

	ret_match->kind = PAL_HTTP_MATCH_NONE;
	ret_match->route = NULL;
	ret_match->methods = 0;
	ret_match->param_count = 0;
	if (!node)
		return;
	ret_match->methods = node->methods;
	ret_match->route = node->route[method == PAL_HTTP_HEAD ? PAL_HTTP_GET : method];
	ret_match->kind = ret_match->route ? PAL_HTTP_MATCH_ROUTE : PAL_HTTP_MATCH_METHOD;
	ret_match->param_count = lookup.param_count;
	memcpy(ret_match->param, lookup.param, sizeof(lookup.param));
}

char *pal_http_allow_format(unsigned mask, char out[PAL_HTTP_ALLOW_SIZE])
{
	char *at = out;

	for (unsigned i = 0; i < PAL_HTTP_METHOD_COUNT; i++) {
		if (!(mask & 1u << i))
			continue;
		struct pal_str name = pal_http_method_name((enum pal_http_method)i);
		if (at > out) {
			*at++ = ',';
			*at++ = ' ';
		}
		memcpy(at, name.p, name.n);
		at += name.n;
	}
	*at = '\0';
	return out;
}
