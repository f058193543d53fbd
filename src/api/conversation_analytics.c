/* SPDX-License-Identifier: Apache-2.0 */
/* How the tenant's conversations went, in figures. */
#include "api/api.h"
#include "api/endpoint.h"
#include "service/history/analytics.h"

#define DAY_MS 86400000ll

static const char *const granularities[] = {
#define X(id, name) name,
	PAL_GRANULARITIES(X)
#undef X
};

static const char *const group_bys[] = {
#define X(id, name) name,
	PAL_GROUP_BYS(X)
#undef X
};

static const char *const figures[] = {
#define X(id, name) name,
	PAL_FIGURES(X)
#undef X
};

struct call {
	struct pal_call base;	/* first */
	struct pal_analytics analytics;
};

static void answer(struct pal_call *base)
{
	struct pal_analytics *a = &((struct call *)base)->analytics;

	pal_api_answer(base->exchange, 200, a->code, &a->err, &a->data);
}

static void done(struct pal_analytics *analytics)
{
	struct call *call = (struct call *)((char *)analytics - offsetof(struct call, analytics));

	pal_call_return(&call->base);
}

static void read_range(struct pal_body *body, int64_t now_ms, struct pal_analytics *a)
{
	struct pal_fields *fields = &body->fields;
	struct pal_fields_at range;

	a->to_ms = now_ms + 1;	/* what began just now counts */
	a->from_ms = now_ms - PAL_ANALYTICS_DAYS_DEFAULT * DAY_MS;
	pal_fields_object(fields, &body->root, "time_range", false, &range);
	if (range.node == PAL_JSON_NONE)
		return;
	bool whole = pal_fields_value(fields, &range, "start", true) != PAL_JSON_NONE;
	whole = pal_fields_value(fields, &range, "end", true) != PAL_JSON_NONE && whole;
	a->from_ms = pal_fields_time(fields, &range, "start", 0);
	a->to_ms = pal_fields_time(fields, &range, "end", 1);
	if (!whole || body->errors.count)
		return;
	if (a->from_ms >= a->to_ms)
		pal_fields_wrong(fields, &range, "end", "must be later than the start");
	else if (a->from_ms < 0 || a->to_ms > PAL_TIME_MAX_MS)
		pal_fields_wrong(fields, &range, "start", "must be in the years 1970 to 9999");
	else if (a->to_ms - a->from_ms > PAL_ANALYTICS_DAYS_MAX * DAY_MS)
		pal_fields_wrong(fields, &range, "end", "must be at most %d days after the start",
				 PAL_ANALYTICS_DAYS_MAX);
}

static void add_group_by(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct pal_analytics *a = arg;
	int choice = pal_element_choice(fields, at, group_bys, PAL_GROUP_BY_COUNT);

	if (choice < 0)
		return;
	for (size_t i = 0; i < a->group_by_count; i++)
		if ((int)a->group_by[i] == choice) {
			pal_fields_wrong(fields, at, NULL, "is named twice");
			return;
		}
	a->group_by[a->group_by_count++] = (enum pal_group_by)choice;
}

static void add_figure(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct pal_analytics *a = arg;
	int choice = pal_element_choice(fields, at, figures, PAL_FIGURE_COUNT);

	if (choice >= 0)
		a->figures |= 1u << choice;
}

void pal_api_conversation_analytics(struct pal_http_exchange *exchange,
				    const struct pal_http_request *request, void *app)
{
	struct pal_api *api = app;
	struct pal_body body;

	if (!pal_body_read(&body, exchange, request, true))
		return;
	struct call *call = pal_call_create(exchange, sizeof(*call), answer);
	if (!call)
		return;
	struct pal_analytics *a = &call->analytics;
	read_range(&body, pal_clock_wall_ms(api->clock), a);
	a->granularity = (enum pal_granularity)pal_body_choice(
		&body, "granularity", granularities, PAL_GRANULARITY_COUNT, PAL_GRANULARITY_DAY);
	pal_fields_array(&body.fields, &body.root, "group_by", PAL_GROUP_BY_MAX, add_group_by, a);
	pal_fields_array(&body.fields, &body.root, "metric_types", PAL_FIGURE_COUNT, add_figure, a);
	if (!a->figures)
		a->figures = (1u << PAL_FIGURE_COUNT) - 1;
	if (!pal_body_is_good(&body, exchange))
		return;
	a->caller = *pal_api_caller(exchange);
	a->done = done;
	pal_conversations_analyse(api->front, a);
}
