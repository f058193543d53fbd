/* SPDX-License-Identifier: Apache-2.0 */
/* refusal.h - the audit trail's line about a credential that was known and refused. */
#ifndef PALAVER_SERVICE_ACCESS_REFUSAL_H
#define PALAVER_SERVICE_ACCESS_REFUSAL_H

#include "base/str.h"
#include "palaver/channel.h"
#include "service/access/caller.h"
#include "store/front.h"

/*
 * Write that `caller`, whose tenant is known, was refused for `reason` (an API code); the texts are
 * copied. Nothing is written when the lane is full or memory is out: the log has the line too. The
 * caller sees to it that strangers cannot fill the disk so. Runs on: any.
 */
void pal_refusal_audit(struct pal_store_front *front, int64_t now_ms,
		       const struct pal_caller *caller, struct pal_str reason,
		       struct pal_str request_id, struct pal_str ip_address);

/* A webhook whose signature was refused. */
struct pal_refused_webhook {
	struct pal_tenant_key tenant;		/* to whom it came */
	enum pal_channel_type channel;
	enum pal_channel_verdict verdict;
	struct pal_str request_id, ip_address;
};

/* The same of a webhook; nothing of what it said. Runs on: any. */
void pal_refusal_audit_webhook(struct pal_store_front *front, int64_t now_ms,
			       const struct pal_refused_webhook *webhook);

#endif
