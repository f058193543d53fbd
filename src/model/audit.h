/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - an event of the audit trail that no exchange carries (domain.md sections 1.4, 2.8): what
 * an operation other than a message did, and to what.
 */
#ifndef PALAVER_MODEL_AUDIT_H
#define PALAVER_MODEL_AUDIT_H

#include <stdint.h>

#include "base/str.h"

struct pal_audit_event {
	int64_t at_ms;
	struct pal_str event_type;	/* dotted: "conversation.closed" */
	struct pal_str user_id;		/* who acted: the subject or the key's id */
	struct pal_str resource_type, resource_id, action;
	struct pal_str result;		/* success, failure, error */
	struct pal_str request_id, ip_address;
	struct pal_str data;	/* JSON object: old_values, new_values, metadata; may be absent */
};

#endif
