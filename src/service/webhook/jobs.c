/* SPDX-License-Identifier: Apache-2.0 */
#include "service/webhook/jobs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "channel/channel.h"
#include "service/access/live.h"
#include "service/view/answer.h"
#include "service/view/view.h"

#define ATTEMPTS_MAX 40	/* the last one is hours behind the first */
#define FIRST_DELAY_MS 1000
#define LAST_DELAY_MS (10 * 60 * 1000)
#define RECEIPT_DELAY_MS 5000

/* --- Life cycle ------------------------------------------------------------------------------- */

static void enlist_locked(struct pal_webhooks *webhooks, struct pal_webhook_job *job)
{
	job->older = webhooks->newest;
	if (job->older)
		job->older->newer = job;
	webhooks->newest = job;
	webhooks->count++;
}

struct pal_webhook_job *pal_webhook_job_create(struct pal_webhooks *webhooks,
					       const struct pal_live_tenant *tenant,
					       enum pal_channel_type type, struct pal_str id)
{
	struct pal_webhook_job *job = id.n < PAL_WEBHOOK_ID_SIZE ? calloc(1, sizeof(*job)) : NULL;

	if (!job)
		return NULL;
	job->webhooks = webhooks;
	job->type = type;
	memcpy(job->id, id.p, id.n);
	snprintf(job->us_id, sizeof(job->us_id), "channel:%s", pal_channel_name(type));
	job->us = (struct pal_caller){.tenant = tenant->key,
				      .tenant_id = tenant->id,
				      .key_id = pal_str(job->us_id),
				      .live = (struct pal_live_tenant *)(uintptr_t)tenant};
	pthread_mutex_lock(&webhooks->lock);
	bool has_room = webhooks->count < PAL_WEBHOOK_JOBS_MAX && !webhooks->is_stopping;
	if (has_room)
		enlist_locked(webhooks, job);
	pthread_mutex_unlock(&webhooks->lock);
	if (has_room)
		return job;
	free(job);
	return NULL;
}

void pal_webhook_job_destroy(struct pal_webhook_job *job)
{
	struct pal_webhooks *webhooks = job->webhooks;

	pthread_mutex_lock(&webhooks->lock);
	if (job->newer)
		job->newer->older = job->older;
	else
		webhooks->newest = job->older;
	if (job->older)
		job->older->newer = job->newer;
	webhooks->count--;
	pthread_mutex_unlock(&webhooks->lock);
	pal_buf_deinit(&job->body);
	pal_buf_deinit(&job->results);
	pal_arena_release(&job->arena);
	free(job);
}

bool pal_webhook_job_exists(struct pal_webhooks *webhooks, struct pal_tenant_key tenant,
			    struct pal_str id)
{
	bool exists = false;

	pthread_mutex_lock(&webhooks->lock);
	for (const struct pal_webhook_job *job = webhooks->newest; job && !exists; job = job->older)
		exists = job->us.tenant.n == tenant.n && pal_str_equal(pal_str(job->id), id);
	pthread_mutex_unlock(&webhooks->lock);
	return exists;
}

/* --- Reading ---------------------------------------------------------------------------------- */

static enum pal_code read_body(struct pal_webhook_job *job, struct pal_error *err)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (!pal_json_scan(json, pal_buf_str(&job->body), &fault))
		return pal_fail(err, PAL_E_VALIDATION, "body", "it is too large: %s", fault.why);
	uint32_t answer = pal_json_member(json, 0, PAL_STR("answer"));
	uint32_t event = pal_json_member(json, 0, PAL_STR("event"));
	uint32_t attempts = pal_json_member(json, 0, PAL_STR("attempts"));
	if (answer == PAL_JSON_NONE || event == PAL_JSON_NONE || attempts == PAL_JSON_NONE ||
	    !pal_json_integer(json, attempts, &job->attempts))
		return pal_fail(err, PAL_E_VALIDATION, "body", "the kept webhook is damaged");
	job->answer = pal_json_raw(json, answer);
	job->raw = pal_json_raw(json, event);
	return PAL_OK;
}

bool pal_webhook_job_read(struct pal_webhook_job *job, struct pal_error *err)
{
	const struct pal_channel_ops *ops =
		pal_channel_find(pal_str(pal_channel_name(job->type)));
	struct pal_channel_hook *hook = calloc(1, sizeof(*hook));
	enum pal_code code = hook && ops ? read_body(job, err) : pal_fail_memory(err, "webhook");

	if (code == PAL_OK) {
		hook->body = job->raw;
		hook->now_ms = job->received_ms;
		code = pal_channel_parse_hook(ops, hook, pal_thread_json(), &job->arena, &job->events,
					 err);
	}
	free(hook);
	return code == PAL_OK;
}

/* --- The end of a job ------------------------------------------------------------------------- */

static void drain(struct pal_webhooks *webhooks, unsigned stripe);

static void leave(struct pal_webhook_job *job)
{
	struct pal_webhooks *webhooks = job->webhooks;
	unsigned stripe = job->stripe;

	pal_webhook_job_destroy(job);
	pthread_mutex_lock(&webhooks->lock);
	webhooks->stripes[stripe].is_busy = false;
	pthread_mutex_unlock(&webhooks->lock);
	drain(webhooks, stripe);
}

/* Written or not: what was not is acted on again when its lease is over, to the same end. */
static void written(struct pal_record_commit *commit)
{
	leave((struct pal_webhook_job *)((char *)commit -
					 offsetof(struct pal_webhook_job, commit)));
}

static int64_t delay_of(const struct pal_webhook_job *job)
{
	int64_t delay_ms = FIRST_DELAY_MS;

	if (job->events.count && job->events.events[0].kind != PAL_EVENT_MESSAGE_RECEIVED)
		return RECEIPT_DELAY_MS;
	for (int64_t i = 1; i < job->attempts && delay_ms < LAST_DELAY_MS; i++)
		delay_ms *= 2;
	return delay_ms < LAST_DELAY_MS ? delay_ms : LAST_DELAY_MS;
}

/* How the record is to be: what is over keeps its answer and, if it failed, what it was. */
static void write_body(const struct pal_webhook_job *job, bool is_over, struct pal_buf *out)
{
	bool keeps_event = !is_over || job->worst == PAL_WEBHOOK_FAILED;

	pal_buf_add_lit(out, "{\"answer\":");
	pal_buf_add_str(out, job->answer);
	pal_buf_addf(out, ",\"attempts\":%lld,\"state\":\"%s\",\"results\":",
		     (long long)job->attempts,
		     !is_over ? "waiting" : job->worst == PAL_WEBHOOK_FAILED ? "failed" : "processed");
	pal_buf_add_str(out, pal_buf_str(&job->results));
	if (keeps_event) {
		pal_buf_add_lit(out, ",\"event\":");
		pal_buf_add_str(out, job->raw);
	}
	pal_buf_add_char(out, '}');
}

static struct pal_str owner_of(const struct pal_webhook_job *job, bool is_over)
{
	if (!is_over)
		return PAL_WEBHOOK_OPEN;
	return job->worst == PAL_WEBHOOK_FAILED ? PAL_WEBHOOK_FAILED_OWNER
						: (struct pal_str){NULL, 0};
}

static void log_end(const struct pal_webhook_job *job, bool is_over)
{
	bool failed = is_over && job->worst == PAL_WEBHOOK_FAILED;

	PAL_LOG(failed ? PAL_LOG_WARNING : PAL_LOG_DEBUG, PAL_STR("webhook"),
		failed	  ? "an event came to nothing"
		: is_over ? "events processed"
			  : "events wait",
		PAL_F_STR("tenant_id", job->us.tenant_id), PAL_F_TEXT("webhook", job->id),
		PAL_F_I64("attempts", job->attempts));
}

static void end(struct pal_webhook_job *job)
{
	struct pal_webhooks *webhooks = job->webhooks;
	int64_t now_ms = pal_clock_wall_ms(webhooks->options.clock);
	struct pal_buf body = pal_buf_of(0);

	pal_buf_add_char(&job->results, ']');
	job->attempts++;
	if (job->worst == PAL_WEBHOOK_AGAIN && job->attempts >= ATTEMPTS_MAX &&
	    now_ms - job->received_ms > PAL_WEBHOOK_ORPHAN_MS)
		job->worst = PAL_WEBHOOK_FAILED;
	bool is_over = job->worst != PAL_WEBHOOK_AGAIN;
	log_end(job, is_over);
	write_body(job, is_over, &body);
	if (body.failed || job->results.failed) {
		pal_buf_deinit(&body);
		leave(job);
		return;
	}
	pal_buf_deinit(&job->body);
	job->body = body;
	job->commit = (struct pal_record_commit){
		.write = {.tenant = job->us.tenant,
			  .record = {.kind = PAL_WEBHOOK_SEEN_KIND,
				     .id = pal_str(job->id),
				     .owner = owner_of(job, is_over),
				     .body = pal_buf_str(&job->body),
				     .created_ms = job->received_ms,
				     .updated_ms = now_ms,
				     .expires_ms = is_over ? job->received_ms + PAL_WEBHOOK_KEEP_MS
							   : now_ms + delay_of(job)},
			  .expected = job->version},
		.done = written};
	if (pal_store_front_record(webhooks->options.front, &job->commit) == PAL_PUT_FULL)
		leave(job);
}

/* --- Its events, one after the other ---------------------------------------------------------- */

static void start_event(struct pal_webhook_job *job)
{
	if (job->at < job->events.count)
		pal_webhook_event_start(job);
	else
		end(job);
}

void pal_webhook_event_ended(struct pal_webhook_job *job, enum pal_webhook_end how,
			     const char *what, const struct pal_error *err)
{
	struct pal_buf *out = &job->results;
	const struct pal_channel_event *event = &job->events.events[job->at];

	if (how != PAL_WEBHOOK_AGAIN)
		pal_webhook_count(how == PAL_WEBHOOK_DONE ? PAL_COUNT_EVENTS
							  : PAL_COUNT_EVENTS_FAILED);
	/* one that waits decides over the others: they are all acted on again, to the same end */
	if (job->worst != PAL_WEBHOOK_AGAIN && how != PAL_WEBHOOK_DONE)
		job->worst = how;
	pal_buf_add_str(out, job->at ? PAL_STR(",{") : PAL_STR("{"));
	pal_view_text(out, "type", pal_str(pal_webhook_event_name(event->kind)));
	pal_view_text(out, "result", pal_str(what));
	if (err) {
		pal_view_text(out, "error_code", pal_str(pal_code_api(err->code)));
		pal_view_text(out, "field", pal_str(err->subject));
		pal_view_text(out, "error", pal_str(err->message));
	}
	pal_view_close(out, '}');
	job->at++;
	start_event(job);
}

/* --- Stripes ---------------------------------------------------------------------------------- */

static struct pal_webhook_job *take(struct pal_webhooks *webhooks, unsigned stripe)
{
	struct pal_webhook_stripe *s = &webhooks->stripes[stripe];
	struct pal_webhook_job *job = NULL;

	pthread_mutex_lock(&webhooks->lock);
	if (!s->is_busy && s->head) {
		job = s->head;
		s->head = job->next;
		s->is_busy = true;
	}
	pthread_mutex_unlock(&webhooks->lock);
	return job;
}

static void drain(struct pal_webhooks *webhooks, unsigned stripe)
{
	struct pal_webhook_job *job = take(webhooks, stripe);

	if (!job)
		return;
	pal_buf_clear(&job->results);
	pal_buf_add_char(&job->results, '[');
	start_event(job);
}

void pal_webhook_job_put(struct pal_webhook_job *job)
{
	struct pal_webhooks *webhooks = job->webhooks;
	const struct pal_channel_event *first = job->events.count ? job->events.events : NULL;
	struct pal_str sender = {NULL, 0};

	if (first)
		sender = first->user_id.n ? first->user_id : first->message_id;
	job->stripe = (unsigned)(pal_hash(sender.p, sender.n) % PAL_WEBHOOK_STRIPES);
	pthread_mutex_lock(&webhooks->lock);
	struct pal_webhook_stripe *s = &webhooks->stripes[job->stripe];
	unsigned stripe = job->stripe;	/* once it is in, it may end at any time */
	bool is_taken = !webhooks->is_stopping;
	job->next = NULL;
	if (is_taken && s->head)
		s->tail->next = job;
	else if (is_taken)
		s->head = job;
	if (is_taken)
		s->tail = job;
	pthread_mutex_unlock(&webhooks->lock);
	if (is_taken)
		drain(webhooks, stripe);
	else
		pal_webhook_job_destroy(job);	/* it is kept: the next start finds it */
}
