/* SPDX-License-Identifier: Apache-2.0 */
/*
 * audit.h - the audit trail of a tenant (domain.md sections 1.4, 2.8): events, numbered and bound to
 * one another by hashes. An exchange carries one itself, all others stand alone.
 *
 * The hash of a record is SHA-256 over its number, the hash of the one before it, what it says, and
 * the digest of whom it speaks of. That digest is salted: when the conversation is erased, names and
 * salt go and the digest stays, so that the chain still proves the rest and tells nobody who it was.
 */
#ifndef PALAVER_MODEL_AUDIT_H
#define PALAVER_MODEL_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "model/message.h"
#include "model/tenant.h"

#define PAL_AUDIT_HASH_SIZE 32	/* SHA-256 */
#define PAL_AUDIT_SALT_SIZE 16

struct pal_audit_event {
	int64_t at_ms;
	struct pal_str event_type;	/* dotted: "conversation.closed" */
	struct pal_str user_id;		/* who acted: the subject or the key's id */
	struct pal_str resource_type, resource_id, action;
	struct pal_str result;		/* success, failure, error */
	struct pal_str request_id, ip_address;
	struct pal_str data;	/* JSON object: old_values, new_values, metadata; may be absent */
};

/* An event in its place. */
struct pal_audit_entry {
	int64_t seq;	/* 1, 2, 3... in the tenant */
	uint8_t prev_hash[PAL_AUDIT_HASH_SIZE];	/* of seq - 1; zeros for the first */
	uint8_t hash[PAL_AUDIT_HASH_SIZE];
	bool is_erased;	/* whom it speaks of is gone: user, resource, request, address, data */
	struct pal_audit_event event;
};

/* Where a tenant's chain begins and ends. */
struct pal_audit_head {
	int64_t seq;				/* the last record, 0: there was never any */
	uint8_t hash[PAL_AUDIT_HASH_SIZE];	/* its */
	int64_t cut;				/* records up to this one were pruned, 0: none */
	uint8_t cut_hash[PAL_AUDIT_HASH_SIZE];	/* of that record, on which the next builds */
};

/* What keeps the personal part of a record in the chain. */
struct pal_audit_veil {
	bool is_erased;
	union {
		uint8_t salt[PAL_AUDIT_SALT_SIZE];	/* while it is not erased */
		uint8_t digest[PAL_AUDIT_HASH_SIZE];	/* when it is */
	};
};

/* The event that an exchange carries; the views are the exchange's. Runs on: any. */
struct pal_audit_event pal_audit_event_of(const struct pal_exchange *exchange);

/* A fresh salt. Runs on: any. */
struct pal_audit_veil pal_audit_veil_draw(void);
/* What is left of `veil` when the names of `event` are erased. Runs on: any. */
struct pal_audit_veil pal_audit_veil_erase(const struct pal_audit_veil *veil,
					   const struct pal_audit_event *event);

/*
 * The hash of `event` as record `seq` of the tenant behind `prev_hash`. Texts are within the limits
 * of a store (palaver/store.h). Runs on: any.
 */
void pal_audit_hash(struct pal_tenant_key tenant, int64_t seq,
		    const uint8_t prev_hash[PAL_AUDIT_HASH_SIZE],
		    const struct pal_audit_event *event, const struct pal_audit_veil *veil,
		    uint8_t ret[PAL_AUDIT_HASH_SIZE]);

#endif
