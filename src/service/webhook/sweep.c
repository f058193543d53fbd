/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what was kept and is still to be acted on, or can be forgotten. */
#include <stdlib.h>

#include "base/log.h"
#include "service/delivery/delivery_ref.h"
#include "service/view/answer.h"
#include "service/webhook/jobs.h"
#include "service/webhook/parts.h"
#include "store/store.h"

#define SWEEP_RECORDS 64u	/* looked at in one sweep */

struct look {
	struct pal_query query;		/* first */
	struct pal_webhooks *webhooks;
	int64_t now_ms, until_ms;
	struct pal_arena arena;
	struct pal_record_write writes[SWEEP_RECORDS];
	struct pal_record_write *list[SWEEP_RECORDS];
	size_t count;			/* to be forgotten */
	struct pal_webhook_job *jobs[SWEEP_RECORDS];
	size_t job_count;		/* to be acted on */
};

/* Whether it was acted on, in the thread's JSON scratch. */
static bool is_over(struct pal_str body)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	uint32_t at = PAL_JSON_NONE;

	if (pal_json_scan(json, body, &fault))
		at = pal_json_member(json, 0, PAL_STR("state"));
	if (at == PAL_JSON_NONE || pal_json_type(json, at) != PAL_JSON_STRING)
		return true;	/* damaged: nothing can be made of it */
	struct pal_str state = {json->text + json->node[at].at, json->node[at].len};
	return pal_str_equal(state, PAL_STR("processed")) || pal_str_equal(state, PAL_STR("failed"));
}

static void forget(struct look *look, struct pal_tenant_key tenant, struct pal_str kind,
		   const struct pal_record *record)
{
	struct pal_record_write *w = &look->writes[look->count];

	*w = (struct pal_record_write){.tenant = tenant,
				       .record = {.kind = kind,
						  .id = pal_arena_copy(&look->arena, record->id)},
				       .expected = record->version,
				       .remove = true};
	if (w->record.id.p)
		look->list[look->count++] = w;
}

static const struct pal_live_tenant *tenant_of(struct look *look, struct pal_tenant_key tenant)
{
	struct pal_tenant_key key;
	struct pal_str id;

	if (!pal_access_next_tenant(look->webhooks->options.access,
				    (struct pal_tenant_key){tenant.n - 1}, &key, &id) ||
	    key.n != tenant.n)
		return NULL;
	return pal_access_live(look->webhooks->options.access, id);
}

static void act_on(struct look *look, struct pal_tenant_key tenant, const struct pal_record *record)
{
	const struct pal_live_tenant *live = tenant_of(look, tenant);
	const char *colon = memchr(record->id.p, ':', record->id.n);
	enum pal_channel_type type;
	struct pal_error err;

	if (!live || !colon || pal_webhook_job_exists(look->webhooks, tenant, record->id) ||
	    !pal_channel_parse((struct pal_str){record->id.p, (size_t)(colon - record->id.p)},
			       &type))
		return;
	struct pal_webhook_job *job =
		pal_webhook_job_create(look->webhooks, live, type, record->id);
	if (!job)
		return;
	job->version = record->version;
	job->received_ms = record->created_ms;
	pal_buf_add_str(&job->body, record->body);
	if (!job->body.failed && pal_webhook_job_read(job, &err)) {
		look->jobs[look->job_count++] = job;
		return;
	}
	bool is_damaged = !job->body.failed && err.code == PAL_E_VALIDATION;
	pal_webhook_job_destroy(job);
	if (!is_damaged)
		return;
	PAL_LOG(PAL_LOG_ERROR, PAL_STR("webhook"), "a kept webhook cannot be read and is dropped",
		PAL_F_STR("webhook", record->id), PAL_F_TEXT("reason", err.message));
	forget(look, tenant, PAL_WEBHOOK_SEEN_KIND, record);
}

static bool visit(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct look *look = arg;

	if (!is_over(record->body))
		act_on(look, tenant, record);
	else if (record->expires_ms <= look->now_ms)
		forget(look, tenant, PAL_WEBHOOK_SEEN_KIND, record);
	return true;
}

/* No receipt comes any more that would tell of it by that name. */
static bool visit_ref(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct look *look = arg;

	forget(look, tenant, PAL_DELIVERY_REF_KIND, record);
	return true;
}

static void find(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct look *look = (struct look *)query;

	(void)!pal_store_walk_expired(store, reader, PAL_WEBHOOK_SEEN_KIND, 0, look->until_ms,
				      SWEEP_RECORDS, visit, look, NULL);
	if (look->count < SWEEP_RECORDS)
		(void)!pal_store_walk_expired(store, reader, PAL_DELIVERY_REF_KIND, 0,
					      look->now_ms, SWEEP_RECORDS - look->count,
					      visit_ref, look, NULL);
}

static void remove_old(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct look *look = (struct look *)query;

	(void)reader;
	pal_store_write_records(store, look->list, look->count);
}

static void ended(struct pal_query *query)
{
	struct look *look = (struct look *)query;

	pthread_mutex_lock(&look->webhooks->lock);
	look->webhooks->is_looking = false;
	pthread_mutex_unlock(&look->webhooks->lock);
	pal_arena_release(&look->arena);
	free(look);
}

static void found(struct pal_query *query)
{
	struct look *look = (struct look *)query;
	struct pal_webhooks *webhooks = look->webhooks;

	for (size_t i = 0; i < look->job_count; i++)
		pal_webhook_job_put(look->jobs[i]);
	look->query = (struct pal_query){.run = remove_old, .done = ended};
	if (look->count == 0 ||
	    pal_store_front_write(webhooks->options.front, &look->query) == PAL_PUT_FULL)
		ended(query);
}

static void start_look(struct pal_webhooks *webhooks)
{
	struct look *look = calloc(1, sizeof(*look));

	if (look) {
		look->query = (struct pal_query){.run = find, .done = found};
		look->webhooks = webhooks;
		look->now_ms = pal_clock_wall_ms(webhooks->options.clock);
		/* what was kept before the start nobody acts on, whatever its lease says */
		look->until_ms = webhooks->started_ms + PAL_WEBHOOK_LEASE_MS;
		if (look->until_ms < look->now_ms)
			look->until_ms = look->now_ms;
		if (pal_store_front_query(webhooks->options.front, &look->query) != PAL_PUT_FULL)
			return;
	}
	free(look);
	pthread_mutex_lock(&webhooks->lock);
	webhooks->is_looking = false;
	pthread_mutex_unlock(&webhooks->lock);
}

size_t pal_webhooks_sweep(struct pal_webhooks *webhooks)
{
	pthread_mutex_lock(&webhooks->lock);
	size_t count = webhooks->count;
	bool is_idle = !webhooks->is_looking && !webhooks->is_stopping;
	webhooks->is_looking |= is_idle;
	pthread_mutex_unlock(&webhooks->lock);
	if (is_idle)
		start_look(webhooks);
	return count;
}
