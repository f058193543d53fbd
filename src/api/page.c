/* SPDX-License-Identifier: Apache-2.0 */
#include "api/page.h"

#include "api/api.h"
#include "base/crypto.h"
#include "base/hash.h"

#define SEAL_BYTES 8u

static const char *const limit_names[] = {"limit", "page_size"};
static const char *const start_names[] = {"offset", "page"};

static bool is_paging(struct pal_str name)
{
	return pal_str_equal(name, PAL_STR("cursor")) || pal_str_equal(name, PAL_STR("limit")) ||
	       pal_str_equal(name, PAL_STR("page_size")) ||
	       pal_str_equal(name, PAL_STR("offset")) || pal_str_equal(name, PAL_STR("page"));
}

/* --- Scope and seal --------------------------------------------------------------------------- */

/* With its length before it, so that no two lists of parts look the same. */
static void add_part(struct pal_buf *out, struct pal_str part)
{
	uint32_t len = (uint32_t)part.n;

	pal_buf_add(out, &len, sizeof(len));
	pal_buf_add_str(out, part);
}

static void begin_scope(struct pal_buf *out, const struct pal_http_request *request,
			const struct pal_caller *caller)
{
	add_part(out, pal_str(request->match.route->operation));
	pal_buf_add(out, &caller->tenant, sizeof(caller->tenant));
	add_part(out, caller->user_id);
	for (unsigned i = 0; i < request->match.param_count; i++)
		add_part(out, request->match.param[i]);
}

static uint64_t end_scope(struct pal_buf *whole, const struct pal_api *api, bool *ret_failed)
{
	uint64_t scope = pal_siphash13(api->cursor_key, whole->data, whole->len);

	*ret_failed = whole->failed;
	pal_buf_deinit(whole);
	return scope;
}

static uint64_t seal_of(const struct pal_api *api, uint64_t scope, struct pal_str after)
{
	char bytes[sizeof(scope) + PAL_PAGE_CURSOR_MAX];

	memcpy(bytes, &scope, sizeof(scope));
	memcpy(bytes + sizeof(scope), after.p, after.n);
	return pal_siphash13(api->cursor_key, bytes, sizeof(scope) + after.n);
}

/* What `cursor` says if it was made for `scope`; p NULL when it is not ours, or out of memory. */
static struct pal_str unseal(const struct pal_api *api, uint64_t scope, struct pal_str cursor,
			     struct pal_arena *arena)
{
	const struct pal_str none = {NULL, 0};
	size_t n = cursor.n / 2;
	uint64_t seal;

	if (cursor.n % 2 || n <= SEAL_BYTES || n > SEAL_BYTES + PAL_PAGE_CURSOR_MAX)
		return none;
	char *bytes = pal_arena_get(arena, n);
	if (!bytes || !pal_hex_decode(cursor, bytes, n))
		return none;
	struct pal_str after = {bytes, n - SEAL_BYTES};
	uint64_t expected = seal_of(api, scope, after);
	memcpy(&seal, bytes + after.n, SEAL_BYTES);
	return pal_equal_secret(&seal, &expected, SEAL_BYTES) ? after : none;
}

void pal_page_put_cursor(struct pal_buf *out, const struct pal_api *api,
			 const struct pal_page *page, struct pal_str after)
{
	uint64_t seal = seal_of(api, page->scope, after);

	pal_hex_encode(out, after.p, after.n);
	pal_hex_encode(out, &seal, SEAL_BYTES);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static uint64_t scope_of_query(struct pal_params *params, const struct pal_api *api,
			       const struct pal_caller *caller)
{
	const struct pal_http_query *query = &params->query;
	struct pal_buf whole = {0};
	bool failed;

	begin_scope(&whole, params->request, caller);
	for (size_t i = 0; i < query->count; i++) {
		if (is_paging(query->pair[i].key))
			continue;
		add_part(&whole, query->pair[i].key);
		add_part(&whole, query->pair[i].value);
	}
	uint64_t scope = end_scope(&whole, api, &failed);
	if (failed)
		pal_param_wrong(params, "query", "needs more memory than there is");
	return scope;
}

void pal_page_read(struct pal_params *params, const struct pal_api *api,
		   const struct pal_caller *caller, enum pal_page_style style, int64_t fallback,
		   int64_t max, struct pal_page *ret)
{
	bool numbers = style == PAL_PAGE_NUMBERS;
	int64_t start = pal_param_number(params, start_names[style], numbers,
					 PAL_PAGE_NUMBER_MAX, numbers);
	struct pal_str cursor = pal_param_text(params, "cursor",
					       2 * (PAL_PAGE_CURSOR_MAX + SEAL_BYTES));

	*ret = (struct pal_page){
		.limit = pal_param_number(params, limit_names[style], 1, max, fallback),
		.number = numbers ? start : 1,
		.scope = scope_of_query(params, api, caller),
	};
	ret->offset = numbers ? (start - 1) * ret->limit : start;
	if (!cursor.p)
		return;
	if (pal_http_query_get(&params->query, start_names[style]).p) {
		pal_param_wrong(params, "cursor", "must not be given together with %s",
				start_names[style]);
		return;
	}
	ret->after = unseal(api, ret->scope, cursor, params->request->arena);
	if (!ret->after.p)
		pal_param_wrong(params, "cursor", "is not a cursor of this list");
}

static uint64_t scope_of_body(struct pal_body *body, const struct pal_http_request *request,
			      const struct pal_api *api, const struct pal_caller *caller)
{
	const struct pal_json *json = body->fields.json;
	bool is_empty = body->root.node == PAL_JSON_NONE;
	uint32_t at = is_empty ? PAL_JSON_NONE : pal_json_first(json, body->root.node);
	unsigned count = is_empty ? 0 : json->node[body->root.node].count;
	struct pal_buf whole = {0};
	bool failed;

	begin_scope(&whole, request, caller);
	for (unsigned i = 0; i < count; i++) {
		uint32_t value = json->node[at].next;
		struct pal_str key = {json->text + json->node[at].at, json->node[at].len};
		if (!is_paging(key)) {
			add_part(&whole, key);
			add_part(&whole, pal_json_raw(json, value));
		}
		at = json->node[value].next;
	}
	uint64_t scope = end_scope(&whole, api, &failed);
	body->fields.failed_memory |= failed;
	return scope;
}

void pal_page_read_body(struct pal_body *body, const struct pal_http_request *request,
			const struct pal_api *api, const struct pal_caller *caller,
			int64_t fallback, int64_t max, struct pal_page *ret)
{
	static const struct pal_text_rule rule = {
		.min = 1, .max = 2 * (PAL_PAGE_CURSOR_MAX + SEAL_BYTES)};
	struct pal_fields *fields = &body->fields;
	int64_t number = pal_fields_integer(fields, &body->root, "page", 1, PAL_PAGE_NUMBER_MAX, 1);
	struct pal_str cursor = pal_fields_text(fields, &body->root, "cursor", &rule);

	*ret = (struct pal_page){
		.limit = pal_fields_integer(fields, &body->root, "page_size", 1, max, fallback),
		.number = number,
		.scope = scope_of_body(body, request, api, caller),
	};
	ret->offset = (number - 1) * ret->limit;
	if (!cursor.p)
		return;
	if (pal_fields_value(fields, &body->root, "page", false) != PAL_JSON_NONE) {
		pal_fields_wrong(fields, &body->root, "cursor",
				 "must not be given together with page");
		return;
	}
	ret->after = unseal(api, ret->scope, cursor, request->arena);
	if (!ret->after.p)
		pal_fields_wrong(fields, &body->root, "cursor", "is not a cursor of this list");
}

/* --- The way on ------------------------------------------------------------------------------- */

/* The pairs of `query` as they were sent, but those that page from where; limit and size stay. */
static void add_other_pairs(struct pal_buf *out, struct pal_str query)
{
	for (struct pal_str rest = query; rest.n; ) {
		const char *amp = memchr(rest.p, '&', rest.n);
		struct pal_str item = {rest.p, amp ? (size_t)(amp - rest.p) : rest.n};
		const char *equals = memchr(item.p, '=', item.n);
		struct pal_str key = {item.p, equals ? (size_t)(equals - item.p) : item.n};

		rest.p += item.n + (amp ? 1 : 0);
		rest.n -= item.n + (amp ? 1 : 0);
		if (item.n == 0 || pal_str_equal(key, PAL_STR("cursor")) ||
		    pal_str_equal(key, PAL_STR("offset")) || pal_str_equal(key, PAL_STR("page")))
			continue;
		pal_buf_add_str(out, item);
		pal_buf_add_char(out, '&');
	}
}

void pal_page_link_next(struct pal_http_exchange *exchange, const char *parameter,
			struct pal_str value)
{
	const struct pal_http_request *request = pal_http_exchange_request(exchange);
	struct pal_buf link = {0};

	pal_buf_add_char(&link, '<');
	pal_buf_add_str(&link, request->path);
	pal_buf_add_char(&link, '?');
	add_other_pairs(&link, request->query);
	pal_buf_add_str(&link, pal_str(parameter));
	pal_buf_add_char(&link, '=');
	pal_buf_add_str(&link, value);
	pal_buf_add_lit(&link, ">; rel=\"next\"");
	if (!link.failed)
		pal_http_header(exchange, PAL_STR("Link"), pal_buf_str(&link));
	pal_buf_deinit(&link);
}
