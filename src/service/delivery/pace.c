/* SPDX-License-Identifier: Apache-2.0 */
#include "service/delivery/pace.h"

#include <string.h>

#include "service/view/answer.h"

#define SECOND_MS 1000
#define MINUTE_SLOTS 61u
#define QUARTER_MS (15 * 60 * 1000)
#define DAY_SLOTS 97u
#define AGAIN_MS 1000	/* when places have to be given back first */

/* --- Windows ---------------------------------------------------------------------------------- */

/* Let slots that are over leave. A clock that goes back stays in the slot it was in. */
static void move(struct pal_pace_window *w, int64_t now_ms)
{
	int64_t slot = now_ms / w->slot_ms;

	if (slot - w->newest >= (int64_t)w->slots) {
		memset(w->counts, 0, sizeof(w->counts));
		w->total = 0;
		w->newest = slot;
	}
	while (w->newest < slot) {
		uint32_t *count = &w->counts[(uint64_t)++w->newest % w->slots];
		w->total -= *count;
		*count = 0;
	}
}

static void add(struct pal_pace_window *w, int64_t slot, uint32_t n)
{
	if (slot > w->newest)
		slot = w->newest;
	if (w->newest - slot >= (int64_t)w->slots)
		return;
	w->counts[(uint64_t)slot % w->slots] += n;
	w->total += n;
}

/* The first slot that counts: the clock may have begun since. */
static int64_t oldest(const struct pal_pace_window *w)
{
	int64_t slot = w->newest - (int64_t)w->slots + 1;

	return slot > 0 ? slot : 0;
}

/* Until so many slots are over that one more fits beside `held`. */
static int64_t wait_ms(const struct pal_pace_window *w, int64_t now_ms, uint32_t held, uint32_t limit)
{
	uint64_t wanted = w->total + held + 1;

	if (!limit || wanted <= limit)
		return 0;
	for (int64_t slot = oldest(w); slot <= w->newest; slot++) {
		wanted -= w->counts[(uint64_t)slot % w->slots];
		if (wanted <= limit)
			return (slot + (int64_t)w->slots) * w->slot_ms - now_ms;
	}
	return AGAIN_MS;
}

/* --- Places ----------------------------------------------------------------------------------- */

void pal_pace_init(struct pal_pace *pace)
{
	*pace = (struct pal_pace){.minute = {.slot_ms = SECOND_MS, .slots = MINUTE_SLOTS},
				  .day = {.slot_ms = QUARTER_MS, .slots = DAY_SLOTS}};
}

static void move_both(struct pal_pace *pace, struct pal_pace_time now)
{
	int64_t quarter = pace->day.newest;

	move(&pace->minute, now.mono_ms);
	move(&pace->day, now.wall_ms);
	if (pace->day.newest != quarter)
		pace->covered = 0;	/* it was stored for that one; what was not sent is left */
}

int64_t pal_pace_wait_ms(struct pal_pace *pace, struct pal_pace_time now)
{
	move_both(pace, now);
	int64_t minute = wait_ms(&pace->minute, now.mono_ms, pace->held, pace->per_minute);
	int64_t day = wait_ms(&pace->day, now.wall_ms, pace->held, pace->per_day);

	return minute > day ? minute : day;
}

bool pal_pace_needs_cover(const struct pal_pace *pace)
{
	return pace->per_day && pace->covered <= pace->held;
}

uint32_t pal_pace_lease(const struct pal_pace *pace)
{
	uint64_t sent = pace->day.total + pace->covered;
	uint32_t left = sent < pace->per_day ? (uint32_t)(pace->per_day - sent) : 0;
	uint32_t lease = pace->per_day / 64;

	if (pace->per_minute && lease > pace->per_minute / 4)
		lease = pace->per_minute / 4;
	if (lease > PAL_PACE_LEASE_MAX)
		lease = PAL_PACE_LEASE_MAX;
	if (lease < 1)
		lease = 1;
	return lease < left ? lease : left;
}

void pal_pace_take(struct pal_pace *pace)
{
	pace->held++;
}

void pal_pace_use(struct pal_pace *pace, struct pal_pace_time now)
{
	move_both(pace, now);
	pace->held--;
	add(&pace->minute, pace->minute.newest, 1);
	add(&pace->day, pace->day.newest, 1);
	if (pace->covered)
		pace->covered--;
}

void pal_pace_give_back(struct pal_pace *pace)
{
	pace->held--;
}

bool pal_pace_is_idle(struct pal_pace *pace, struct pal_pace_time now)
{
	move_both(pace, now);
	return !pace->held && !pace->minute.total && !pace->day.total;
}

/* --- Kept over restarts ----------------------------------------------------------------------- */

void pal_pace_write(const struct pal_pace *pace, uint32_t lease, struct pal_buf *out)
{
	const struct pal_pace_window *day = &pace->day;
	uint32_t ahead = pace->covered + lease;

	pal_buf_addf(out, "{\"minute\":%llu,\"ahead\":%u,\"quarters\":[",
		     (unsigned long long)pace->minute.total, ahead);
	for (int64_t slot = oldest(day); slot < day->newest; slot++) {
		uint32_t count = day->counts[(uint64_t)slot % day->slots];
		if (count)
			pal_buf_addf(out, "[%lld,%u],", (long long)slot, count);
	}
	pal_buf_addf(out, "[%lld,%u]]}", (long long)day->newest,
		     day->counts[(uint64_t)day->newest % day->slots] + ahead);
}

void pal_pace_cover(struct pal_pace *pace, uint32_t lease)
{
	pace->covered += lease;
}

static int64_t number(const struct pal_json *json, uint32_t at)
{
	int64_t n = 0;

	if (at != PAL_JSON_NONE && pal_json_type(json, at) == PAL_JSON_NUMBER)
		(void)!pal_json_integer(json, at, &n);
	return n > 0 ? n : 0;
}

static uint32_t at_most(int64_t n, uint32_t most)
{
	return n < (int64_t)most ? (uint32_t)n : most;
}

static void read_quarters(struct pal_pace *pace, const struct pal_json *json)
{
	uint32_t list = pal_json_member(json, 0, PAL_STR("quarters"));

	if (list == PAL_JSON_NONE || pal_json_type(json, list) != PAL_JSON_ARRAY)
		return;
	uint32_t at = pal_json_first(json, list);
	for (unsigned i = 0; i < json->node[list].count; i++, at = json->node[at].next) {
		if (pal_json_type(json, at) != PAL_JSON_ARRAY || json->node[at].count != 2)
			continue;
		uint32_t slot = pal_json_first(json, at);
		add(&pace->day, number(json, slot),
		    at_most(number(json, json->node[slot].next), UINT32_MAX / PAL_PACE_SLOTS_MAX));
	}
}

void pal_pace_read(struct pal_pace *pace, struct pal_str body, int64_t written_ms,
		   struct pal_pace_time now)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	memset(pace->day.counts, 0, sizeof(pace->day.counts));
	pace->day.total = 0;
	pace->covered = 0;
	move_both(pace, now);
	if (!body.n || !pal_json_scan(json, body, &fault))
		return;
	read_quarters(pace, json);
	/* all that was ahead may have been sent within the last minute */
	int64_t sent = number(json, pal_json_member(json, 0, PAL_STR("ahead")));
	if (now.wall_ms - written_ms < SECOND_MS * (int64_t)MINUTE_SLOTS)
		sent += number(json, pal_json_member(json, 0, PAL_STR("minute")));
	add(&pace->minute, pace->minute.newest, at_most(sent, UINT32_MAX / PAL_PACE_SLOTS_MAX));
}
