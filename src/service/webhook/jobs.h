/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jobs.h - webhooks that are being acted on: those of one sender one after the other, in the
 * order they were kept.
 */
#ifndef PALAVER_SERVICE_WEBHOOK_JOBS_H
#define PALAVER_SERVICE_WEBHOOK_JOBS_H

#include "service/webhook/parts.h"

/* A job for the record `id`, empty but for its owner; NULL when there are too many, or without
 * memory. Runs on: any. */
struct pal_webhook_job *pal_webhook_job_create(struct pal_webhooks *webhooks,
					       const struct pal_live_tenant *tenant,
					       enum pal_channel_type type, struct pal_str id);
void pal_webhook_job_destroy(struct pal_webhook_job *job);	/* Runs on: any. */

/* Whether a job for this record is in memory. Runs on: any. */
bool pal_webhook_job_exists(struct pal_webhooks *webhooks, struct pal_tenant_key tenant,
			    struct pal_str id);

/*
 * Read what job->body holds: answer, event and attempts, and parse the event. False when it is
 * damaged, with what is wrong in `err`. Runs on: any.
 */
bool pal_webhook_job_read(struct pal_webhook_job *job, struct pal_error *err);

/* Act on it behind those of its sender; the job ends itself. Runs on: any. */
void pal_webhook_job_put(struct pal_webhook_job *job);

#endif
