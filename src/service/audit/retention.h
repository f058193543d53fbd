/* SPDX-License-Identifier: Apache-2.0 */
/* retention.h - what the audit trail need not keep any longer is pruned, tenant by tenant. */
#ifndef PALAVER_SERVICE_AUDIT_RETENTION_H
#define PALAVER_SERVICE_AUDIT_RETENTION_H

#include "service/audit/log.h"

struct pal_audit_retention;

/* NULL when out of memory. Runs on: main. */
struct pal_audit_retention *pal_audit_retention_create(const struct pal_audit_log_options *options);

/* NULL is fine. Runs on: main, when the lanes have stopped. */
void pal_audit_retention_destroy(struct pal_audit_retention *retention);

/*
 * Once an hour, prune every tenant's trail in small steps, and write to it that this was done and
 * where it was cut. Runs on: main.
 */
void pal_audit_retention_sweep(struct pal_audit_retention *retention);

#endif
