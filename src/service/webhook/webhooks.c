/* SPDX-License-Identifier: Apache-2.0 */
#include "service/webhook/webhooks.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "channel/channel.h"
#include "service/access/live.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "service/webhook/jobs.h"
#include "service/webhook/parts.h"
#include "store/store.h"

#define PER_MINUTE 6000u	/* signed webhooks of one channel of one tenant */

/* --- Life cycle ------------------------------------------------------------------------------- */

struct pal_webhooks *pal_webhooks_create(const struct pal_webhooks_options *options)
{
	struct pal_webhooks *webhooks = calloc(1, sizeof(*webhooks));

	if (!webhooks)
		return NULL;
	webhooks->options = *options;
	webhooks->started_ms = pal_clock_wall_ms(options->clock);
	pthread_mutex_init(&webhooks->lock, NULL);
	pal_webhook_counters_register();
	return webhooks;
}

void pal_webhooks_destroy(struct pal_webhooks *webhooks)
{
	if (!webhooks)
		return;
	while (webhooks->newest)	/* kept in the store; nothing runs any more */
		pal_webhook_job_destroy(webhooks->newest);
	pthread_mutex_destroy(&webhooks->lock);
	free(webhooks);
}

void pal_webhooks_set_rules(struct pal_webhooks *webhooks, const struct pal_request_rules *rules)
{
	pthread_mutex_lock(&webhooks->lock);
	webhooks->options.rules = *rules;
	pthread_mutex_unlock(&webhooks->lock);
}

/* --- Taking one ------------------------------------------------------------------------------- */

static void finish(struct pal_webhook_call *call, enum pal_webhook_verdict verdict)
{
	static const enum pal_channel_came came[] = {[PAL_WEBHOOK_TAKEN] = PAL_CAME_NEW,
						     [PAL_WEBHOOK_FAULTY] = PAL_CAME_FAULTY,
						     [PAL_WEBHOOK_REFUSED] = PAL_CAME_REFUSED};
	static const enum pal_webhook_count count[] = {[PAL_WEBHOOK_TAKEN] = PAL_COUNT_WEBHOOKS,
						       [PAL_WEBHOOK_FAULTY] = PAL_COUNT_FAULTY,
						       [PAL_WEBHOOK_REFUSED] = PAL_COUNT_REFUSED};

	if (verdict <= PAL_WEBHOOK_FAULTY && call->data.failed)
		verdict = PAL_WEBHOOK_BUSY;
	call->verdict = verdict;
	if (verdict <= PAL_WEBHOOK_REFUSED) {
		pal_webhook_count(call->is_repeat ? PAL_COUNT_REPEATS : count[verdict]);
		if (call->tenant.n)
			pal_channels_note_webhook(call->webhooks->options.channels, call->tenant,
						  call->type,
						  call->is_repeat ? PAL_CAME_AGAIN : came[verdict]);
	}
	call->done(call);
}

static void put_events(struct pal_buf *out, enum pal_channel_type type,
		       const struct pal_channel_events *events)
{
	char id[PAL_UUID_TEXT_SIZE];

	pal_buf_addf(out, "\"events_count\":%zu,\"events\":[", events->count);
	for (size_t i = 0; i < events->count; i++) {
		const struct pal_channel_event *event = &events->events[i];
		bool is_message = event->kind == PAL_EVENT_MESSAGE_RECEIVED;
		pal_buf_add_str(out, i ? PAL_STR(",{") : PAL_STR("{"));
		pal_view_text(out, "type", pal_str(pal_webhook_event_name(event->kind)));
		pal_view_text(out, "message_id",
			      is_message ? pal_str(pal_webhook_message_id(type, event->message_id, id))
					 : event->message_id);
		pal_view_text(out, "field", event->field ? pal_str(event->field) : PAL_STR(""));
		pal_view_text(out, "note", event->fault ? pal_str(event->fault) : PAL_STR(""));
		pal_view_close(out, '}');
	}
	pal_buf_add_char(out, ']');
}

static struct pal_channel_config *config_of(struct pal_webhook_call *call)
{
	struct pal_channel_config *config =
		pal_channels_get(call->webhooks->options.channels, call->tenant, call->type);

	if (config && pal_str_equal(config->integration_id, call->integration_id))
		return config;
	pal_channel_config_unref(config);
	return NULL;
}

/* Who sent it, judged by its bytes alone. */
static enum pal_webhook_verdict judge(struct pal_webhook_call *call,
				      const struct pal_live_tenant *tenant)
{
	struct pal_channel_account account;

	call->signature = PAL_VERDICT_UNCONFIGURED;
	if (!tenant)
		return PAL_WEBHOOK_REFUSED;
	call->tenant = tenant->key;
	struct pal_channel_config *config = config_of(call);
	if (!config)
		return PAL_WEBHOOK_REFUSED;
	pal_channel_config_account(config, call->hook->now_ms, &account);
	call->signature = pal_channel_verify(config->ops, &account, call->hook);
	bool is_on = config->enabled && pal_live_tenant_is_open(tenant, call->hook->now_ms);
	pal_channel_config_unref(config);
	if (call->signature != PAL_VERDICT_OK)
		return PAL_WEBHOOK_REFUSED;
	return is_on ? PAL_WEBHOOK_TAKEN : PAL_WEBHOOK_OFF;
}

/* By account, not by address: a few addresses of a platform carry all tenants. */
static bool admit(struct pal_webhook_call *call)
{
	struct pal_limits *limits = call->webhooks->options.limits;
	const struct pal_limits_id who = {.kind = PAL_LIMITS_WEBHOOK,
					  .tenant = call->tenant,
					  .text = pal_str(pal_channel_name(call->type)),
					  .own = {PER_MINUTE, PAL_LIMITS_NONE, PAL_LIMITS_NONE}};
	struct pal_limits_verdict verdict;

	if (!limits || !pal_limits_are_enabled(limits) || pal_limits_admit(limits, &who, &verdict))
		return true;
	call->retry_ms = verdict.reset_ms;
	return false;
}

/* It is signed, so whoever sent it may know; sending it again would not make it better. */
static void end_faulty(struct pal_webhook_call *call, const struct pal_error *err)
{
	PAL_LOG(PAL_LOG_WARNING, PAL_STR("webhook"), "signed, but not to be read",
		PAL_F_STR("request_id", call->request_id), PAL_F_STR("tenant_id", call->tenant_id),
		PAL_F_TEXT("field", err->subject), PAL_F_TEXT("reason", err->message));
	pal_buf_add_lit(&call->data, "{\"status\":\"faulty\",");
	pal_view_text(&call->data, "field", pal_str(err->subject));
	pal_view_text(&call->data, "error", pal_str(err->message));
	pal_buf_add_lit(&call->data, "\"events_count\":0,\"events\":[]}");
	finish(call, PAL_WEBHOOK_FAULTY);
}

/* --- One that was there already --------------------------------------------------------------- */

static void recall(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_webhook_call *call = (struct pal_webhook_call *)((char *)query -
					offsetof(struct pal_webhook_call, query));
	struct pal_arena arena = pal_arena_of(0);
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;
	struct pal_record record;
	enum pal_code code = pal_store_load_record(store, reader, call->tenant,
						   PAL_WEBHOOK_SEEN_KIND, pal_str(call->id), &arena,
						   &record, NULL);

	if (code == PAL_OK && pal_json_scan(json, record.body, &fault)) {
		uint32_t at = pal_json_member(json, 0, PAL_STR("answer"));
		if (at != PAL_JSON_NONE)
			pal_buf_add_str(&call->data, pal_json_raw(json, at));
	}
	pal_arena_release(&arena);
}

static void recalled(struct pal_query *query)
{
	struct pal_webhook_call *call = (struct pal_webhook_call *)((char *)query -
					offsetof(struct pal_webhook_call, query));

	call->is_repeat = call->data.len > 0;
	finish(call, call->is_repeat ? PAL_WEBHOOK_TAKEN : PAL_WEBHOOK_BUSY);
}

static void repeat(struct pal_webhook_call *call)
{
	pal_buf_clear(&call->data);
	call->query = (struct pal_query){.run = recall, .done = recalled};
	if (pal_store_front_query(call->webhooks->options.front, &call->query) == PAL_PUT_FULL)
		finish(call, PAL_WEBHOOK_BUSY);
}

/* --- One that is new -------------------------------------------------------------------------- */

static void kept(struct pal_record_commit *commit)
{
	struct pal_webhook_job *job =
		(struct pal_webhook_job *)((char *)commit -
					   offsetof(struct pal_webhook_job, commit));
	struct pal_webhook_call *call = job->call;
	enum pal_record_verdict verdict = commit->write.verdict;

	job->call = NULL;
	job->version = commit->write.record.version;
	if (verdict != PAL_RECORD_STORED)
		pal_webhook_job_destroy(job);
	if (verdict == PAL_RECORD_CONFLICT) {
		repeat(call);
		return;
	}
	finish(call, verdict == PAL_RECORD_STORED ? PAL_WEBHOOK_TAKEN : PAL_WEBHOOK_BUSY);
	if (verdict == PAL_RECORD_STORED)
		pal_webhook_job_put(job);
}

static void write_first(struct pal_webhook_call *call, struct pal_webhook_job *job,
			const struct pal_channel_events *events)
{
	struct pal_buf *answer = &call->data;

	pal_buf_add_lit(answer, "{\"status\":\"received\",");
	pal_view_text(answer, "webhook_id", events->events[0].dedupe_key);
	pal_view_time(answer, "received_at", job->received_ms);
	put_events(answer, call->type, events);
	pal_buf_add_char(answer, '}');
	pal_buf_add_lit(&job->body, "{\"answer\":");
	pal_buf_add_str(&job->body, pal_buf_str(answer));
	pal_buf_add_lit(&job->body, ",\"attempts\":0,\"state\":\"received\",\"event\":");
	pal_buf_add_str(&job->body, call->hook->body);
	pal_buf_add_char(&job->body, '}');
}

/* Raw event and key in one record, so in one write. */
static void keep(struct pal_webhook_call *call, struct pal_webhook_job *job)
{
	job->call = call;
	job->commit = (struct pal_record_commit){
		.write = {.tenant = call->tenant,
			  .record = {.kind = PAL_WEBHOOK_SEEN_KIND,
				     .id = pal_str(job->id),
				     .owner = PAL_WEBHOOK_OPEN,
				     .body = pal_buf_str(&job->body),
				     .created_ms = job->received_ms,
				     .updated_ms = job->received_ms,
				     .expires_ms = job->received_ms + PAL_WEBHOOK_LEASE_MS},
			  .expected = 0},
		.done = kept};
	if (pal_store_front_record(call->webhooks->options.front, &job->commit) == PAL_PUT_FULL) {
		pal_webhook_job_destroy(job);
		finish(call, PAL_WEBHOOK_BUSY);
	}
}

/* As it will be read when it is acted on. */
static bool read_kept(struct pal_webhook_job *job, struct pal_error *err)
{
	if (job->body.len <= PAL_STORE_JSON_BYTES_MAX)
		return pal_webhook_job_read(job, err);
	pal_fail(err, PAL_E_VALIDATION, "body", "it is too large to be kept");
	return false;
}

static void take(struct pal_webhook_call *call, const struct pal_live_tenant *tenant,
		 const struct pal_channel_events *events)
{
	struct pal_error err;
	int n = snprintf(call->id, sizeof(call->id), "%s:%.*s", pal_channel_name(call->type),
			 (int)events->events[0].dedupe_key.n, events->events[0].dedupe_key.p);
	struct pal_webhook_job *job = pal_webhook_job_create(
		call->webhooks, tenant, call->type, (struct pal_str){call->id, (size_t)n});

	if (!job) {
		finish(call, PAL_WEBHOOK_BUSY);
		return;
	}
	job->received_ms = call->hook->now_ms;
	write_first(call, job, events);
	if (job->body.failed || call->data.failed) {
		pal_webhook_job_destroy(job);
		finish(call, PAL_WEBHOOK_BUSY);
	} else if (!read_kept(job, &err)) {
		pal_webhook_job_destroy(job);
		pal_buf_clear(&call->data);
		if (err.code == PAL_E_VALIDATION)
			end_faulty(call, &err);
		else
			finish(call, PAL_WEBHOOK_BUSY);
	} else {
		keep(call, job);
	}
}

void pal_webhooks_receive(struct pal_webhooks *webhooks, struct pal_webhook_call *call)
{
	struct pal_live_tenant *tenant =
		pal_access_live(webhooks->options.access, call->tenant_id);
	struct pal_arena arena = pal_arena_of(0);
	struct pal_channel_events events;
	struct pal_error err;

	call->webhooks = webhooks;
	call->data = pal_buf_of(0);
	call->is_repeat = false;
	call->tenant.n = 0;
	enum pal_webhook_verdict verdict = judge(call, tenant);
	if (verdict == PAL_WEBHOOK_TAKEN && !admit(call))
		verdict = PAL_WEBHOOK_LIMITED;
	if (verdict != PAL_WEBHOOK_TAKEN) {
		finish(call, verdict);
		return;
	}
	enum pal_code code = pal_channel_parse_hook(
		pal_channel_find(pal_str(pal_channel_name(call->type))), call->hook,
		pal_thread_json(), &arena, &events, &err);
	if (code == PAL_E_VALIDATION)
		end_faulty(call, &err);
	else if (code != PAL_OK || events.count == 0)
		finish(call, PAL_WEBHOOK_BUSY);
	else
		take(call, tenant, &events);
	pal_arena_release(&arena);
}

/* --- The end ---------------------------------------------------------------------------------- */

size_t pal_webhooks_drain(struct pal_webhooks *webhooks)
{
	struct pal_webhook_job *dropped = NULL;

	pthread_mutex_lock(&webhooks->lock);
	webhooks->is_stopping = true;
	for (unsigned i = 0; i < PAL_WEBHOOK_STRIPES; i++) {
		struct pal_webhook_stripe *s = &webhooks->stripes[i];
		while (s->head) {
			struct pal_webhook_job *job = s->head;
			s->head = job->next;
			job->next = dropped;
			dropped = job;
		}
	}
	size_t busy = webhooks->is_looking;
	pthread_mutex_unlock(&webhooks->lock);
	while (dropped) {
		struct pal_webhook_job *job = dropped;
		dropped = job->next;
		pal_webhook_job_destroy(job);
	}
	pthread_mutex_lock(&webhooks->lock);
	busy += webhooks->count;
	pthread_mutex_unlock(&webhooks->lock);
	return busy;
}
