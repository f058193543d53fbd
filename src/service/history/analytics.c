/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/analytics.h"

#include "base/clock.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u
#define LOADS_PER_STEP 256u

static void run_walk(struct pal_query *query, struct pal_store *store, unsigned reader);
static void run_times(struct pal_query *query, struct pal_store *store, unsigned reader);

static struct pal_analytics *analytics_of(struct pal_query *query)
{
	return (struct pal_analytics *)((char *)query - offsetof(struct pal_analytics, query));
}

static bool wants_times(const struct pal_analytics *a)
{
	return (a->figures & 1u << PAL_FIGURE_RESPONSE_TIME) != 0;
}

/* --- Adding up -------------------------------------------------------------------------------- */

static struct pal_tally *period_of(struct pal_analytics *a, const struct pal_conversation *c)
{
	char text[PAL_TIME_TEXT_SIZE];

	pal_buf_clear(&a->key);
	pal_buf_add_char(&a->key, '"');
	pal_buf_add_str(&a->key, pal_str(pal_time_format(
					 pal_period_start(c->started_ms, a->granularity), text)));
	pal_buf_add_char(&a->key, '"');
	return a->key.failed ? NULL : pal_tallies_at(&a->periods, pal_buf_str(&a->key));
}

static struct pal_tally *group_of(struct pal_analytics *a, const struct pal_conversation *c,
				  const struct pal_details *details)
{
	pal_buf_clear(&a->key);
	pal_group_put_key(&a->key, c, details, a->group_by, a->group_by_count);
	return a->key.failed ? NULL : pal_tallies_at(&a->groups, pal_buf_str(&a->key));
}

/* Add to each tally that `c` belongs to: its record, or its times. False: out of memory. */
static bool add(struct pal_analytics *a, const struct pal_conversation *c, bool times)
{
	const struct pal_details details = pal_details_read(pal_thread_json(), c->details);
	struct pal_tally *to[3] = {&a->total, period_of(a, c), NULL};
	size_t count = 2;

	if (a->group_by_count)
		to[count++] = group_of(a, c, &details);
	for (size_t i = 0; i < count; i++) {
		if (!to[i])
			return false;
		if (times)
			pal_tally_add_times(to[i], c);
		else
			pal_tally_add(to[i], c, &details);
	}
	return true;
}

static bool is_wanted(const struct pal_analytics *a, const struct pal_conversation *c)
{
	return !c->deleted && c->started_ms >= a->from_ms && c->started_ms < a->to_ms;
}

static bool on_conversation(void *arg, const struct pal_conversation *c)
{
	struct pal_analytics *a = arg;

	if (!is_wanted(a, c))
		return true;
	if (wants_times(a))
		pal_selection_offer(&a->newest, c);
	if (!add(a, c, false))
		a->newest.failed = true;
	return !a->newest.failed;
}

/* --- The answer ------------------------------------------------------------------------------- */

static void write(struct pal_analytics *a)
{
	static const char *const granularities[] = {
#define X(id, name) name,
		PAL_GRANULARITIES(X)
#undef X
	};
	struct pal_buf *out = &a->data;

	pal_buf_add_lit(out, "{\"time_range\":{");
	pal_view_time(out, "start", a->from_ms);
	pal_view_time(out, "end", a->to_ms);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
	pal_view_text(out, "granularity", pal_str(granularities[a->granularity]));
	pal_view_text(out, "scope",
		      pal_caller_is_staff(&a->caller) ? PAL_STR("tenant") : PAL_STR("own"));
	pal_buf_add_lit(out, "\"totals\":{");
	pal_tally_put(out, &a->total, a->figures);
	pal_view_close(out, '}');
	pal_buf_add_lit(out, ",\"series\":");
	pal_tallies_put(out, &a->periods, "period", a->figures);
	if (a->group_by_count) {
		pal_buf_add_lit(out, ",\"groups\":");
		pal_tallies_put(out, &a->groups, "group", a->figures);
	}
	pal_buf_add_char(out, '}');
}

static void finish(struct pal_analytics *a)
{
	if (a->code == PAL_OK)
		write(a);
	if (a->code == PAL_OK && a->data.failed)
		a->code = pal_fail_memory(&a->err, "analytics");
	if (a->code != PAL_OK)
		pal_buf_deinit(&a->data);
	pal_selection_deinit(&a->newest);
	pal_tallies_deinit(&a->periods);
	pal_tallies_deinit(&a->groups);
	pal_buf_deinit(&a->key);
	a->done(a);
}

/* --- Steps ------------------------------------------------------------------------------------ */

static void step_done(struct pal_query *query);

static void ask(struct pal_analytics *a,
		void (*run)(struct pal_query *query, struct pal_store *store, unsigned reader))
{
	a->query = (struct pal_query){.run = run, .done = step_done};
	if (pal_store_front_query(a->front, &a->query) != PAL_PUT_FULL)
		return;
	a->code = pal_fail_retry(&a->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				 "the store has more to read than it can take");
	finish(a);
}

static void step_done(struct pal_query *query)
{
	struct pal_analytics *a = analytics_of(query);

	if (a->code == PAL_OK && a->timed < a->newest.count)
		ask(a, run_times);
	else
		finish(a);
}

static void run_walk(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_analytics *a = analytics_of(query);
	const struct pal_str all = {NULL, 0};
	struct pal_str user = pal_caller_is_staff(&a->caller) ? all : a->caller.user_id;

	a->code = pal_store_walk_conversations(store, reader, a->caller.tenant, user,
					       on_conversation, a, &a->err);
	if (a->code == PAL_OK && a->newest.failed)
		a->code = pal_fail_memory(&a->err, "analytics");
}

/* One that has gone since the walk has no times. */
static enum pal_code add_times(struct pal_analytics *a, struct pal_store *store, unsigned reader,
			       const struct pal_selected *one)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation c;
	enum pal_code code = pal_store_load_conversation(
		store, reader, a->caller.tenant, (struct pal_str){one->id, one->id_len}, &arena, &c,
		&a->err);

	if (code == PAL_OK && is_wanted(a, &c) && !add(a, &c, true))
		code = pal_fail_memory(&a->err, "analytics");
	pal_arena_release(&arena);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static void run_times(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_analytics *a = analytics_of(query);
	size_t until = a->timed + LOADS_PER_STEP;

	while (a->code == PAL_OK && a->timed < until && a->timed < a->newest.count)
		a->code = add_times(a, store, reader, &a->newest.kept[a->timed++]);
}

void pal_conversations_analyse(struct pal_store_front *front, struct pal_analytics *a)
{
	a->front = front;
	a->code = PAL_OK;
	a->data = a->key = pal_buf_of(0);
	a->filter = (struct pal_filter){
		.status = PAL_ANY, .channel = PAL_ANY, .priority = PAL_ANY};
	a->newest = (struct pal_selection){.filter = &a->filter,
					   .sort = PAL_SORT_CREATED_AT,
					   .want = PAL_ANALYTICS_TIMED_MAX};
	a->periods = a->groups = (struct pal_tallies){0};
	a->total = (struct pal_tally){0};
	a->timed = 0;
	if (!pal_caller_is_staff(&a->caller) && !a->caller.user_id.n)
		a->code = pal_fail(&a->err, PAL_E_UNAUTHORIZED, "user", "the caller is nobody");
	if (a->code == PAL_OK)
		ask(a, run_walk);
	else
		finish(a);
}
