/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/tally.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include <uthash.h>

#include "base/json.h"
#include "model/state.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define HOUR_MS 3600000ll
#define DAY_MS (24 * HOUR_MS)
#define OTHER PAL_STR("\"other\"")

struct pal_tally_entry {
	UT_hash_handle hh;
	struct pal_tally tally;
	size_t len;
	char key[];
};

/* --- Adding ----------------------------------------------------------------------------------- */

void pal_tally_add(struct pal_tally *t, const struct pal_conversation *c,
		   const struct pal_details *details)
{
	int64_t rating = pal_details_number(details, PAL_DETAIL_CLOSING, pal_thread_json(),
					    "satisfaction_rating");

	t->conversations++;
	t->messages += c->last_sequence;
	t->by_status[c->status]++;
	if (rating > 0) {
		t->ratings++;
		t->rating_sum += rating;
	}
}

void pal_tally_add_times(struct pal_tally *t, const struct pal_conversation *c)
{
	const struct pal_state state = pal_state_read(pal_thread_json(), c->state);

	t->timed++;
	t->replies += state.counts.bot_messages;
	t->response_ms += state.counts.response_time_total_ms;
	if (state.counts.response_time_max_ms > t->response_ms_max)
		t->response_ms_max = state.counts.response_time_max_ms;
}

struct pal_tally *pal_tallies_at(struct pal_tallies *tallies, struct pal_str key)
{
	struct pal_tally_entry *entry;

	HASH_FIND(hh, tallies->entries, key.p, key.n, entry);
	if (entry)
		return &entry->tally;
	if (tallies->count + 1 >= PAL_TALLIES_MAX && !pal_str_equal(key, OTHER))
		return pal_tallies_at(tallies, OTHER);
	entry = calloc(1, sizeof(*entry) + key.n);
	if (!entry) {
		tallies->failed = true;
		return NULL;
	}
	memcpy(entry->key, key.p, key.n);
	entry->len = key.n;
	HASH_ADD_KEYPTR(hh, tallies->entries, entry->key, entry->len, entry);
	if (!entry->hh.tbl) {
		tallies->failed = true;
		free(entry);
		return NULL;
	}
	tallies->count++;
	return &entry->tally;
}

void pal_tallies_deinit(struct pal_tallies *tallies)
{
	struct pal_tally_entry *entry, *next;

	HASH_ITER(hh, tallies->entries, entry, next) {
		HASH_DEL(tallies->entries, entry);
		free(entry);
	}
	tallies->count = 0;
}

/* --- Showing ---------------------------------------------------------------------------------- */

static void put_ratio(struct pal_buf *out, const char *key, int64_t part, int64_t whole)
{
	pal_view_key(out, key);
	if (whole)
		pal_json_put_double(out, (double)part / (double)whole);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
}

static void put_statuses(struct pal_buf *out, const struct pal_tally *t)
{
	pal_buf_add_lit(out, "\"by_status\":{");
	for (int i = 0; i < PAL_CONVERSATION_STATUS_COUNT; i++)
		if (t->by_status[i])
			pal_view_number(
				out,
				pal_conversation_status_name((enum pal_conversation_status)i),
				t->by_status[i]);
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

void pal_tally_put(struct pal_buf *out, const struct pal_tally *t, unsigned figures)
{
	int64_t completed = t->by_status[PAL_CONVERSATION_COMPLETED] +
			    t->by_status[PAL_CONVERSATION_ARCHIVED];

	if (figures & 1u << PAL_FIGURE_CONVERSATIONS) {
		pal_view_number(out, "conversations", t->conversations);
		put_statuses(out, t);
	}
	if (figures & 1u << PAL_FIGURE_MESSAGES)
		pal_view_number(out, "messages", t->messages);
	if (figures & 1u << PAL_FIGURE_COMPLETION_RATE)
		put_ratio(out, "completion_rate", completed, t->conversations);
	if (figures & 1u << PAL_FIGURE_RESPONSE_TIME) {
		pal_buf_add_lit(out, "\"response_time\":{");
		put_ratio(out, "average_ms", t->response_ms, t->replies);
		pal_view_number(out, "max_ms", t->response_ms_max);
		pal_view_number(out, "replies", t->replies);
		pal_view_number(out, "conversations_timed", t->timed);
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
	if (figures & 1u << PAL_FIGURE_SATISFACTION) {
		pal_buf_add_lit(out, "\"satisfaction\":{");
		put_ratio(out, "average", t->rating_sum, t->ratings);
		pal_view_number(out, "ratings", t->ratings);
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
}

static int by_key(const struct pal_tally_entry *a, const struct pal_tally_entry *b)
{
	int order = memcmp(a->key, b->key, a->len < b->len ? a->len : b->len);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

void pal_tallies_put(struct pal_buf *out, struct pal_tallies *tallies, const char *name,
		     unsigned figures)
{
	HASH_SORT(tallies->entries, by_key);
	pal_buf_add_char(out, '[');
	for (const struct pal_tally_entry *e = tallies->entries; e; e = e->hh.next) {
		pal_buf_add_char(out, '{');
		pal_view_raw(out, name, (struct pal_str){e->key, e->len});
		pal_tally_put(out, &e->tally, figures);
		pal_view_close(out, '}');
		pal_buf_add_char(out, ',');
	}
	pal_view_close(out, ']');
}

/* --- Keys ------------------------------------------------------------------------------------- */

int64_t pal_period_start(int64_t wall_ms, enum pal_granularity granularity)
{
	int64_t day = wall_ms / DAY_MS;

	if (granularity == PAL_GRANULARITY_HOUR)
		return wall_ms - wall_ms % HOUR_MS;
	if (granularity == PAL_GRANULARITY_WEEK)	/* day 0 was a Thursday */
		return (day - (day + 3) % 7) * DAY_MS;
	if (granularity == PAL_GRANULARITY_MONTH) {
		time_t seconds = (time_t)(wall_ms / 1000);
		struct tm tm;
		gmtime_r(&seconds, &tm);
		return (day - (tm.tm_mday - 1)) * DAY_MS;
	}
	return day * DAY_MS;
}

static void put_detail(struct pal_buf *out, const char *name, const struct pal_details *details,
		       enum pal_detail detail)
{
	pal_view_raw(out, name, details->value[detail]);
}

void pal_group_put_key(struct pal_buf *out, const struct pal_conversation *c,
		       const struct pal_details *details, const enum pal_group_by *by,
		       size_t count)
{
	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < count; i++) {
		switch (by[i]) {
		case PAL_GROUP_BY_CHANNEL:
			pal_view_text(out, "channel", pal_str(pal_channel_name(c->channel)));
			break;
		case PAL_GROUP_BY_STATUS:
			pal_view_text(out, "status",
				      pal_str(pal_conversation_status_name(c->status)));
			break;
		case PAL_GROUP_BY_PRIORITY:
			pal_view_text(out, "priority",
				      pal_str(pal_priority_name(pal_details_priority(details))));
			break;
		case PAL_GROUP_BY_CATEGORY:
			put_detail(out, "category", details, PAL_DETAIL_CATEGORY);
			break;
		case PAL_GROUP_BY_DEPARTMENT:
			put_detail(out, "department", details, PAL_DETAIL_DEPARTMENT);
			break;
		case PAL_GROUP_BY_ASSIGNED_AGENT:
			put_detail(out, "assigned_agent", details, PAL_DETAIL_ASSIGNED_AGENT);
			break;
		default:
			break;
		}
	}
	pal_view_close(out, '}');
}
