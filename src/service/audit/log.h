/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - the audit service, writing half (domain.md section 2.8): events that are part of no
 * unit and no record are gathered and written together, and what the trail need not keep any longer
 * is pruned. Whoever tells of an event never waits for it and never fails by it.
 */
#ifndef PALAVER_SERVICE_AUDIT_LOG_H
#define PALAVER_SERVICE_AUDIT_LOG_H

#include "base/clock.h"
#include "base/error.h"
#include "model/audit.h"
#include "service/access/access.h"
#include "store/front.h"

#define PAL_AUDIT_BUFFER_MAX 100u	/* events that wait; more are dropped and counted */

struct pal_audit_log;

struct pal_audit_log_options {
	struct pal_store_front *front;	/* borrowed, as all here */
	struct pal_access *access;
	const struct pal_clock *clock;
	int64_t retention_days;		/* 0: nothing; a tenant's own wins (access/live.h) */
};

/* Create an empty log; the caller owns *ret. PAL_E_SERVICE when out of memory. Runs on: main. */
PAL_MUST_CHECK enum pal_code pal_audit_log_create(const struct pal_audit_log_options *options,
						  struct pal_audit_log **ret,
						  struct pal_error *err);

/* Free it and what still waits; NULL is fine. Runs on: main, when the lanes have stopped. */
void pal_audit_log_destroy(struct pal_audit_log *log);

/*
 * Copy `event`, which is then written within a second, or at once when it did not succeed or is of
 * the categories auth or admin. Long texts are cut, secrets in its data redacted. Runs on: any.
 */
void pal_audit_log_event(struct pal_audit_log *log, struct pal_tenant_key tenant,
			 const struct pal_audit_event *event);

/*
 * Write what waits, and once an hour prune what is older than the retention. Call it each second
 * and before the lanes stop. Runs on: main.
 */
void pal_audit_log_sweep(struct pal_audit_log *log);

#endif
