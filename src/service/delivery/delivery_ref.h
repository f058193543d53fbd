/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delivery_ref.h - by what name a channel's receipts tell of a delivery: the platform's own id of the
 * message leads to ours, in a record of kind "delivery_ref" that is written with the attempt that
 * brought it. It is owned by the conversation, with which it is erased, and expires.
 */
#ifndef PALAVER_SERVICE_DELIVERY_DELIVERY_REF_H
#define PALAVER_SERVICE_DELIVERY_DELIVERY_REF_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "palaver/store.h"

#define PAL_DELIVERY_REF_KIND PAL_STR("delivery_ref")
#define PAL_DELIVERY_REF_KEEP_MS (30 * 24 * 3600 * 1000ll)	/* a message may be read so late */

/* What a channel calls a message of ours. */
struct pal_delivery_ref {
	struct pal_tenant_key tenant;
	struct pal_str channel, platform_id;	/* neither is empty */
};

/*
 * Make *ret the write of it: it leads to `message_id` of the conversation, whatever it led to before,
 * and is made at `now_ms`, wall clock. Texts go to `arena`. False without memory. Runs on: any.
 */
bool pal_delivery_ref_write(const struct pal_delivery_ref *ref, struct pal_str conversation_id,
			    struct pal_str message_id, int64_t now_ms, struct pal_arena *arena,
			    struct pal_record_write *ret) PAL_MUST_CHECK;

/*
 * Where it leads; *ret lies in `arena`. Reads one record, and uses the thread's JSON scratch.
 * PAL_E_NOT_FOUND, PAL_E_SERVICE. Runs on: reader.
 */
enum pal_code pal_delivery_ref_find(struct pal_store *store, unsigned reader,
				    const struct pal_delivery_ref *ref, struct pal_arena *arena,
				    struct pal_str *ret, struct pal_error *err) PAL_MUST_CHECK;

#endif
