/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - the audit service: reports, added up while the trail is scanned. */
#ifndef PALAVER_SERVICE_AUDIT_REPORT_H
#define PALAVER_SERVICE_AUDIT_REPORT_H

#include "service/audit/audit.h"

/* The name of a report. Runs on: any. */
const char *pal_audit_report_name(enum pal_audit_report report);

/* Make room for the tables; false: out of memory. Runs on: any. */
bool pal_audit_report_prepare(struct pal_audit_call *call);
/* Count a record; false: out of memory, which shows in the call's buffers. Runs on: lane. */
bool pal_audit_report_add(struct pal_audit_call *call, const struct pal_audit_entry *entry);
/* Write the report to call->data. Runs on: lane. */
void pal_audit_report_write(struct pal_audit_call *call);

#endif
