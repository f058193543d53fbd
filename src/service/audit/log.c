/* SPDX-License-Identifier: Apache-2.0 */
#include "service/audit/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/metrics.h"
#include "service/audit/retention.h"
#include "service/audit/view.h"
#include "store/store.h"

/* An event that waits, with its texts. */
struct waiting {
	struct waiting *next;
	struct pal_tenant_key tenant;
	struct pal_audit_event event;	/* viewed from `texts` */
	struct pal_buf texts;
};

struct pal_audit_log {
	struct pal_query query;		/* first; of the batch under way */
	struct pal_audit_log_options options;	/* fixed at create */
	pal_metric dropped;			/* fixed at create */
	struct pal_audit_retention *retention;	/* fixed at create; main's */
	struct waiting *batch;		/* being written; the lane's */
	pthread_mutex_t lock;		/* guards everything below */
	struct waiting *first, **end;
	size_t count;
	bool is_writing, is_urgent;
};

enum pal_code pal_audit_log_create(const struct pal_audit_log_options *options,
				   struct pal_audit_log **ret, struct pal_error *err)
{
	struct pal_audit_log *log = calloc(1, sizeof(*log));

	if (!log)
		return pal_fail_memory(err, "audit");
	log->options = *options;
	log->end = &log->first;
	log->retention = pal_audit_retention_create(options);
	if (!log->retention) {
		free(log);
		return pal_fail_memory(err, "audit");
	}
	log->dropped = pal_metric_register(&(struct pal_metric_desc){
		.name = "audit_events_dropped_total",
		.help = "Audit events that were not written because too many waited.",
		.kind = PAL_METRIC_COUNTER});
	pthread_mutex_init(&log->lock, NULL);
	*ret = log;
	return PAL_OK;
}

static void free_all(struct waiting *list)
{
	for (struct waiting *next; list; list = next) {
		next = list->next;
		pal_buf_deinit(&list->texts);
		free(list);
	}
}

void pal_audit_log_destroy(struct pal_audit_log *log)
{
	if (!log)
		return;
	free_all(log->first);
	free_all(log->batch);
	pal_audit_retention_destroy(log->retention);
	pthread_mutex_destroy(&log->lock);
	free(log);
}

/* --- Copying ---------------------------------------------------------------------------------- */

/* The texts one behind the other; the views follow when they no longer move. */
static struct waiting *copy(struct pal_tenant_key tenant, const struct pal_audit_event *event)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->tenant = tenant;
	w->event = *event;
	struct pal_audit_event *e = &w->event;
	struct pal_str *texts[] = {&e->event_type,  &e->user_id, &e->resource_type,
				   &e->resource_id, &e->action,	 &e->result,
				   &e->request_id,  &e->ip_address};
	const size_t count = sizeof(texts) / sizeof(texts[0]);
	size_t at[sizeof(texts) / sizeof(texts[0]) + 1];
	for (size_t i = 0; i < count; i++) {
		at[i] = w->texts.len;
		pal_audit_put_cut(&w->texts, *texts[i]);
	}
	at[count] = w->texts.len;
	if (e->data.n)
		pal_redact_json(&w->texts, e->data);
	if (w->texts.failed) {
		free_all(w);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		*texts[i] = (struct pal_str){w->texts.data + at[i], at[i + 1] - at[i]};
	e->data = (struct pal_str){w->texts.data + at[count], w->texts.len - at[count]};
	return w;
}

static bool is_urgent(const struct pal_audit_event *event)
{
	enum pal_audit_category category = pal_audit_category_of(event->event_type);

	return category == PAL_AUDIT_AUTH || category == PAL_AUDIT_ADMIN ||
	       !pal_str_equal(event->result, PAL_STR("success"));
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* Those of one tenant that follow each other are one transaction. */
static void write_batch(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_audit_log *log = (struct pal_audit_log *)query;
	struct pal_audit_event events[PAL_AUDIT_BUFFER_MAX];
	struct pal_error err;

	(void)reader;
	for (const struct waiting *w = log->batch, *next; w; w = next) {
		size_t count = 0;
		for (next = w; next && next->tenant.n == w->tenant.n; next = next->next)
			events[count++] = next->event;
		if (pal_store_add_audit(store, w->tenant, events, count, &err) == PAL_OK)
			continue;
		pal_metric_add(log->dropped, count);
		PAL_LOG(PAL_LOG_ERROR, PAL_STR("audit"), "audit events could not be written",
			PAL_F_I64("events", (int64_t)count), PAL_F_TEXT("reason", err.message));
	}
}

static void write_waiting(struct pal_audit_log *log);

static void batch_written(struct pal_query *query)
{
	struct pal_audit_log *log = (struct pal_audit_log *)query;

	free_all(log->batch);
	log->batch = NULL;
	pthread_mutex_lock(&log->lock);
	log->is_writing = false;
	bool again = log->is_urgent;
	pthread_mutex_unlock(&log->lock);
	if (again)
		write_waiting(log);
}

/* With a batch under way do nothing: what waits goes behind it. */
static void write_waiting(struct pal_audit_log *log)
{
	pthread_mutex_lock(&log->lock);
	bool begins = !log->is_writing && log->first;
	if (begins) {
		log->is_writing = true;
		log->is_urgent = false;
		log->batch = log->first;
		log->first = NULL;
		log->end = &log->first;
		log->count = 0;
	}
	pthread_mutex_unlock(&log->lock);
	if (!begins)
		return;
	log->query = (struct pal_query){.run = write_batch, .done = batch_written};
	if (pal_store_front_write(log->options.front, &log->query) != PAL_PUT_FULL)
		return;
	struct waiting *last = log->batch;	/* back to the front of the queue */
	size_t count = 1;
	for (; last->next; last = last->next)
		count++;
	pthread_mutex_lock(&log->lock);
	last->next = log->first;
	if (!log->first)
		log->end = &last->next;
	log->first = log->batch;
	log->batch = NULL;
	log->count += count;
	log->is_writing = false;
	pthread_mutex_unlock(&log->lock);
}

void pal_audit_log_event(struct pal_audit_log *log, struct pal_tenant_key tenant,
			 const struct pal_audit_event *event)
{
	struct waiting *w = copy(tenant, event);
	bool urgent = w && is_urgent(event), kept = false, writes = false;

	pthread_mutex_lock(&log->lock);
	if (w && log->count < PAL_AUDIT_BUFFER_MAX) {
		*log->end = w;
		log->end = &w->next;
		log->count++;
		log->is_urgent |= urgent || log->count == PAL_AUDIT_BUFFER_MAX;
		writes = log->is_urgent;
		kept = true;
	}
	pthread_mutex_unlock(&log->lock);
	if (!kept) {
		free_all(w);
		pal_metric_add(log->dropped, 1);
	}
	if (writes)
		write_waiting(log);
}

void pal_audit_log_sweep(struct pal_audit_log *log)
{
	write_waiting(log);
	pal_audit_retention_sweep(log->retention);
}
