/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/health.h"

#include <stdio.h>

#include "base/json.h"
#include "service/view/view.h"

#define HOUR_MS (3600 * 1000ll)
#define ROW_OF_FAILURES 3u		/* in a row make it unhealthy */
#define LIMITED_MAX 10u			/* refusals for being too fast within an hour */

static struct pal_channel_hour *hour_of(struct pal_channel_health *health, int64_t now_ms)
{
	int64_t hour = now_ms / HOUR_MS;
	struct pal_channel_hour *at = &health->hours[(size_t)(hour % PAL_CHANNEL_HOURS)];

	if (at->hour != hour)
		*at = (struct pal_channel_hour){.hour = hour};
	return at;
}

static void count_code(struct pal_channel_health *health, const char *code)
{
	for (size_t i = 0; i < PAL_CHANNEL_CODES_MAX; i++) {
		if (health->codes[i].count == 0)
			snprintf(health->codes[i].code, sizeof(health->codes[i].code), "%s", code);
		if (strcmp(health->codes[i].code, code) != 0)
			continue;
		health->codes[i].count++;
		return;
	}
}

void pal_channel_health_note(struct pal_channel_health *health, int64_t now_ms,
			     enum pal_channel_outcome outcome, const char *code, int64_t took_ms)
{
	struct pal_channel_hour *hour = hour_of(health, now_ms);
	bool is_sent = outcome == PAL_OUTCOME_OK || outcome == PAL_OUTCOME_ACCEPTED;

	health->average_ms = health->checked_ms
				     ? 0.9 * health->average_ms + 0.1 * (double)took_ms
				     : (double)took_ms;
	health->checked_ms = now_ms;
	if (outcome == PAL_OUTCOME_RATE)
		hour->limited++;
	else if (is_sent)
		hour->sent++;
	else
		hour->failed++;
	if (is_sent)
		health->failures_in_a_row = 0;
	else if (outcome != PAL_OUTCOME_RATE)
		health->failures_in_a_row++;
	if (!is_sent && code && *code)
		count_code(health, code);
}

/* The hours that end with this one. */
static struct pal_channel_hour sum(const struct pal_channel_health *health, int64_t now_ms,
				   int64_t hours)
{
	int64_t newest = now_ms / HOUR_MS;
	struct pal_channel_hour all = {.hour = newest};

	for (size_t i = 0; i < PAL_CHANNEL_HOURS; i++) {
		const struct pal_channel_hour *at = &health->hours[i];
		if (at->hour > newest || at->hour <= newest - hours)
			continue;
		all.sent += at->sent;
		all.failed += at->failed;
		all.limited += at->limited;
	}
	return all;
}

enum pal_channel_state pal_channel_health_state(const struct pal_channel_health *health,
						int64_t now_ms)
{
	const struct pal_channel_hour last = sum(health, now_ms, 2);	/* this one has just begun */
	uint64_t total = (uint64_t)last.sent + last.failed;

	if (total == 0 && last.limited == 0)
		return PAL_CHANNEL_UNKNOWN;
	if (health->failures_in_a_row >= ROW_OF_FAILURES || 4ull * last.failed > total)
		return PAL_CHANNEL_UNHEALTHY;
	if (last.limited > LIMITED_MAX || 10ull * last.failed > total)
		return PAL_CHANNEL_DEGRADED;
	return PAL_CHANNEL_HEALTHY;
}

const char *pal_channel_state_name(enum pal_channel_state state)
{
	static const char *const names[] = {"healthy", "degraded", "unhealthy", "unknown"};

	return names[state];
}

static void put_codes(const struct pal_channel_health *health, struct pal_buf *out)
{
	pal_view_key(out, "common_errors");
	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < PAL_CHANNEL_CODES_MAX && health->codes[i].count; i++) {
		if (i > 0)
			pal_buf_add_char(out, ',');
		pal_json_put_string(out, pal_str(health->codes[i].code));
		pal_buf_addf(out, ":%llu", (unsigned long long)health->codes[i].count);
	}
	pal_buf_add_lit(out, "},");
}

static void put_rate(struct pal_buf *out, uint64_t part, uint64_t total)
{
	pal_view_key(out, "success_rate");
	if (total)
		pal_json_put_double(out, (double)part / (double)total);
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
}

void pal_channel_health_view(const struct pal_channel_health *health, int64_t now_ms,
			     struct pal_buf *out)
{
	const struct pal_channel_hour week = sum(health, now_ms, PAL_CHANNEL_HOURS);

	pal_view_text(out, "health",
		      pal_str(pal_channel_state_name(pal_channel_health_state(health, now_ms))));
	pal_view_time_if_any(out, "last_check", health->checked_ms);
	pal_view_number(out, "sent", week.sent);
	pal_view_number(out, "failed", week.failed);
	put_rate(out, week.sent, (uint64_t)week.sent + week.failed);
	pal_view_key(out, "average_response_ms");
	pal_json_put_double(out, health->average_ms);
	pal_buf_add_char(out, ',');
	pal_view_number(out, "rate_limit_hits", week.limited);
	pal_view_number(out, "consecutive_failures", health->failures_in_a_row);
	put_codes(health, out);
	pal_view_number(out, "webhooks_received", (int64_t)health->received);
	pal_view_number(out, "webhooks_repeated", (int64_t)health->duplicates);
	pal_view_number(out, "webhooks_refused", (int64_t)health->refused);
	pal_view_number(out, "webhooks_faulty", (int64_t)health->faulty);
}
