/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of conversations: the caller's own, and for staff all of the tenant's, with filters. */
#include "api/api.h"
#include "api/page.h"
#include "http/envelope.h"
#include "service/history/listing.h"
#include "service/view/view.h"

#define NAME_POINTS_MAX 100u

static const char *const statuses[] = {
#define X(id, name) name,
	PAL_CONVERSATION_STATUSES(X)
#undef X
};

static const char *const channels[] = {
#define X(id, name) name,
	PAL_CHANNELS(X)
#undef X
};

static const char *const priorities[] = {
#define X(id, name) name,
	PAL_PRIORITIES(X)
#undef X
};

static const char *const sorts[] = {
#define X(id, name) name,
	PAL_SORTS(X)
#undef X
};

static const char *const orders[] = {"desc", "asc"};

/* One list while the service has it; lives in the exchange's arena. */
struct call {
	struct pal_call base;	/* first */
	const struct pal_api *api;
	enum pal_page_style style;
	struct pal_page page;
	struct pal_listing listing;
};

/* --- The answer ------------------------------------------------------------------------------- */

static void put_paging(struct pal_buf *out, const struct call *call, struct pal_str cursor)
{
	const struct pal_listing *l = &call->listing;
	bool numbers = call->style == PAL_PAGE_NUMBERS;
	bool has_previous = call->page.offset > 0 || l->after.p;

	pal_view_number(out, "total", l->total);
	if (!l->after.p && numbers)
		pal_view_number(out, "page", call->page.number);
	if (!l->after.p && !numbers)
		pal_view_number(out, "offset", l->offset);
	pal_view_number(out, numbers ? "page_size" : "limit", l->limit);
	pal_view_flag(out, "has_next", l->has_next);
	pal_view_flag(out, "has_previous", has_previous);
	pal_view_text(out, "next_cursor", cursor);
}

static void answer(struct pal_call *base)
{
	struct call *call = (struct call *)base;
	struct pal_listing *l = &call->listing;
	struct pal_buf data = {0}, cursor = {0};

	if (l->code == PAL_E_VALIDATION) {
		pal_http_fail_parameter(base->exchange, &l->err);
		return;
	}
	if (l->code == PAL_OK) {
		if (l->has_next)
			pal_page_put_cursor(&cursor, call->api, &call->page, pal_str(l->next));
		pal_buf_add_lit(&data, "{\"conversations\":");
		pal_buf_add_str(&data, pal_buf_str(&l->data));
		pal_buf_add_char(&data, ',');
		put_paging(&data, call, pal_buf_str(&cursor));
		pal_view_close(&data, '}');
	}
	if (cursor.len && !cursor.failed)
		pal_page_link_next(base->exchange, "cursor", pal_buf_str(&cursor));
	pal_buf_deinit(&cursor);
	pal_buf_deinit(&l->data);
	pal_api_answer(base->exchange, 200, l->code, &l->err, &data);
}

static void done(struct pal_listing *listing)
{
	struct call *call = (struct call *)((char *)listing - offsetof(struct call, listing));

	pal_call_return(&call->base);
}

/* --- The question ----------------------------------------------------------------------------- */

static struct call *create(struct pal_http_exchange *exchange, void *app, bool own)
{
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);

	if (!call)
		return NULL;
	call->api = app;
	call->style = own ? PAL_PAGE_OFFSETS : PAL_PAGE_NUMBERS;
	call->listing.caller = *pal_api_caller(exchange);
	call->listing.own = own;
	call->listing.done = done;
	call->listing.filter.priority = PAL_ANY;
	return call;
}

/* An offset that needs more memory than a list may have leads to the cursor. */
static bool is_too_deep(const struct call *call)
{
	return call->page.offset > PAL_LISTING_OFFSET_MAX;
}

#define TOO_MANY_WORDS "must have at most %u words"
#define TOO_DEEP "leads beyond the first %d entries: follow next_cursor instead"

static void begin(struct call *call)
{
	call->listing.limit = call->page.limit;
	call->listing.offset = call->page.offset;
	call->listing.after = call->page.after;
	pal_conversations_list(call->api->front, &call->listing);
}

static void read_filter(struct pal_params *params, struct pal_filter *filter)
{
	filter->status = pal_param_choice(params, "status", statuses,
					  PAL_CONVERSATION_STATUS_COUNT, PAL_ANY);
	filter->channel = pal_param_choice(params, "channel", channels, PAL_CHANNEL_COUNT, PAL_ANY);
	filter->user_id = pal_param_text(params, "user_id", PAL_ID_POINTS_MAX);
	filter->include_deleted = pal_param_flag(params, "include_deleted", false);
}

void pal_api_conversation_list_own(struct pal_http_exchange *exchange,
				   const struct pal_http_request *request, void *app)
{
	struct call *call = create(exchange, app, true);
	struct pal_params params;

	if (!call)
		return;
	pal_params_read(&params, request);
	read_filter(&params, &call->listing.filter);
	pal_page_read(&params, app, &call->listing.caller, PAL_PAGE_OFFSETS,
		      PAL_PAGE_LIMIT_DEFAULT, PAL_PAGE_LIMIT_MAX, &call->page);
	if (is_too_deep(call))
		pal_param_wrong(&params, "offset", TOO_DEEP, PAL_LISTING_OFFSET_MAX);
	if (pal_params_are_good(&params, exchange))
		begin(call);
}

/* "a,b": a parameter is given once, so the tags are in one. */
static void read_tags(struct pal_params *params, struct pal_filter *filter)
{
	struct pal_str rest = pal_param_text(params, "tags",
					     PAL_FILTER_TAGS_MAX * (PAL_TAG_POINTS_MAX + 1));

	while (rest.n) {
		const char *comma = memchr(rest.p, ',', rest.n);
		struct pal_str tag = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
		rest.p += tag.n + (comma ? 1 : 0);
		rest.n -= tag.n + (comma ? 1 : 0);
		if (tag.n && filter->tag_count == PAL_FILTER_TAGS_MAX) {
			pal_param_wrong(params, "tags", "must have at most %u elements",
					PAL_FILTER_TAGS_MAX);
			return;
		}
		if (tag.n)
			filter->tags[filter->tag_count++] = tag;
	}
}

void pal_api_conversation_list(struct pal_http_exchange *exchange,
			       const struct pal_http_request *request, void *app)
{
	struct call *call = create(exchange, app, false);
	struct pal_params params;

	if (!call)
		return;
	struct pal_filter *f = &call->listing.filter;
	pal_params_read(&params, request);
	read_filter(&params, f);
	f->priority = pal_param_choice(&params, "priority", priorities, PAL_PRIORITY_COUNT,
				       PAL_ANY);
	f->assigned_agent = pal_param_text(&params, "assigned_agent", PAL_ID_POINTS_MAX);
	f->department = pal_param_text(&params, "department", NAME_POINTS_MAX);
	f->category = pal_param_text(&params, "category", NAME_POINTS_MAX);
	f->search = pal_param_text(&params, "search_query", PAL_SEARCH_POINTS_MAX);
	f->created_after = pal_param_instant(&params, "created_after", 0);
	f->created_before = pal_param_instant(&params, "created_before", 0);
	f->updated_after = pal_param_instant(&params, "updated_after", 0);
	f->updated_before = pal_param_instant(&params, "updated_before", 0);
	read_tags(&params, f);
	if (!pal_search_is_good(f->search))
		pal_param_wrong(&params, "search_query", TOO_MANY_WORDS, PAL_QUERY_WORDS_MAX);
	call->listing.sort = (enum pal_sort)pal_param_choice(&params, "sort_by", sorts,
							     PAL_SORT_COUNT, 0);
	call->listing.ascending = pal_param_choice(&params, "sort_order", orders, 2, 0) == 1;
	pal_page_read(&params, app, &call->listing.caller, PAL_PAGE_NUMBERS,
		      PAL_PAGE_LIMIT_DEFAULT, PAL_PAGE_LIMIT_MAX, &call->page);
	if (is_too_deep(call))
		pal_param_wrong(&params, "page", TOO_DEEP, PAL_LISTING_OFFSET_MAX);
	if (pal_params_are_good(&params, exchange))
		begin(call);
}

/* --- The same as a body ----------------------------------------------------------------------- */

static void add_tag(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct pal_filter *filter = arg;
	struct pal_str tag;
	size_t points = 0;

	if (pal_json_type(fields->json, at->node) != PAL_JSON_STRING) {
		pal_fields_wrong(fields, at, NULL, "must be a string");
		return;
	}
	tag = pal_json_string(fields->json, at->node, fields->arena);
	fields->failed_memory |= !tag.p;
	if (tag.p && pal_utf8_count(tag, &points) && points > 0 && points <= PAL_TAG_POINTS_MAX)
		filter->tags[filter->tag_count++] = tag;
	else if (tag.p)
		pal_fields_wrong(fields, at, NULL, "must have 1 to %u characters",
				 PAL_TAG_POINTS_MAX);
}

static struct pal_str text_of(struct pal_body *body, const char *name, size_t max)
{
	const struct pal_text_rule rule = {.min = 1, .max = max};

	return pal_fields_text(&body->fields, &body->root, name, &rule);
}

static void read_filter_body(struct pal_body *body, struct pal_filter *f)
{
	struct pal_fields *fields = &body->fields;
	const struct pal_fields_at *root = &body->root;

	f->status = pal_body_choice(body, "status", statuses, PAL_CONVERSATION_STATUS_COUNT,
				    PAL_ANY);
	f->channel = pal_body_choice(body, "channel", channels, PAL_CHANNEL_COUNT, PAL_ANY);
	f->priority = pal_body_choice(body, "priority", priorities, PAL_PRIORITY_COUNT, PAL_ANY);
	f->user_id = text_of(body, "user_id", PAL_ID_POINTS_MAX);
	f->assigned_agent = text_of(body, "assigned_agent", PAL_ID_POINTS_MAX);
	f->department = text_of(body, "department", NAME_POINTS_MAX);
	f->category = text_of(body, "category", NAME_POINTS_MAX);
	f->search = text_of(body, "search_query", PAL_SEARCH_POINTS_MAX);
	f->created_after = pal_fields_time(fields, root, "created_after", 0);
	f->created_before = pal_fields_time(fields, root, "created_before", 0);
	f->updated_after = pal_fields_time(fields, root, "updated_after", 0);
	f->updated_before = pal_fields_time(fields, root, "updated_before", 0);
	f->include_deleted = pal_fields_bool(fields, root, "include_deleted", false);
	pal_fields_array(fields, root, "tags", PAL_FILTER_TAGS_MAX, add_tag, f);
	if (!pal_search_is_good(f->search))
		pal_fields_wrong(fields, root, "search_query", TOO_MANY_WORDS,
				 PAL_QUERY_WORDS_MAX);
}

void pal_api_conversation_search(struct pal_http_exchange *exchange,
				 const struct pal_http_request *request, void *app)
{
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	struct call *call = create(exchange, app, false);
	if (!call)
		return;
	read_filter_body(&body, &call->listing.filter);
	call->listing.sort =
		(enum pal_sort)pal_body_choice(&body, "sort_by", sorts, PAL_SORT_COUNT, 0);
	call->listing.ascending = pal_body_choice(&body, "sort_order", orders, 2, 0) == 1;
	pal_page_read_body(&body, request, app, &call->listing.caller, PAL_PAGE_LIMIT_DEFAULT,
			   PAL_PAGE_LIMIT_MAX, &call->page);
	if (is_too_deep(call))
		pal_fields_wrong(&body.fields, &body.root, "page", TOO_DEEP,
				 PAL_LISTING_OFFSET_MAX);
	if (pal_body_is_good(&body, exchange))
		begin(call);
}
