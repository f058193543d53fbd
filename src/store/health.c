/* SPDX-License-Identifier: Apache-2.0 */
#include "store/health.h"

#include <stdio.h>

void pal_store_health_init(struct pal_store_health *health)
{
	*health = (struct pal_store_health){
		.asked_ms = INT64_MIN / 2,	/* so that the first ping is due at once */
		.answered_well = true,
	};
	pthread_mutex_init(&health->lock, NULL);
}

void pal_store_health_deinit(struct pal_store_health *health)
{
	pthread_mutex_destroy(&health->lock);
}

bool pal_store_health_ask(struct pal_store_health *health, int64_t now_ms)
{
	pthread_mutex_lock(&health->lock);
	bool due = !health->asking && now_ms - health->asked_ms >= PAL_STORE_PING_AGE_MS;
	if (due) {
		health->asking = true;
		health->asked_ms = now_ms;
	}
	pthread_mutex_unlock(&health->lock);
	return due;
}

void pal_store_health_answer(struct pal_store_health *health, const struct pal_error *err)
{
	pthread_mutex_lock(&health->lock);
	health->asking = false;
	health->answered_well = !err;
	snprintf(health->answer_text, sizeof(health->answer_text), "%s", err ? err->message : "");
	pthread_mutex_unlock(&health->lock);
}

void pal_store_health_group(struct pal_store_health *health, int64_t now_ms,
			    const struct pal_error *err)
{
	pthread_mutex_lock(&health->lock);
	health->failed = err != NULL;
	health->failed_ms = now_ms;
	if (err)
		snprintf(health->failed_text, sizeof(health->failed_text), "%s", err->message);
	pthread_mutex_unlock(&health->lock);
}

static bool judge_locked(const struct pal_store_health *health, int64_t now_ms, char *text,
			 size_t size)
{
	int64_t asked_ago_ms = now_ms - health->asked_ms;

	if (health->asking && asked_ago_ms > PAL_STORE_PING_AGE_MS) {
		snprintf(text, size, "no answer for %lld ms", (long long)asked_ago_ms);
		return false;
	}
	if (!health->answered_well) {
		snprintf(text, size, "%s", health->answer_text);
		return false;
	}
	if (health->failed && now_ms - health->failed_ms <= PAL_STORE_FAILURE_AGE_MS) {
		snprintf(text, size, "cannot store: %s", health->failed_text);
		return false;
	}
	snprintf(text, size, "ok");
	return true;
}

bool pal_store_health_judge(struct pal_store_health *health, int64_t now_ms, char *text,
			    size_t size)
{
	pthread_mutex_lock(&health->lock);
	bool well = judge_locked(health, now_ms, text, size);
	pthread_mutex_unlock(&health->lock);
	return well;
}
