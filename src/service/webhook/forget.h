/* SPDX-License-Identifier: Apache-2.0 */
/* forget.h - what a kept webhook says of a user who is to be erased, and what stays of it. */
#ifndef PALAVER_SERVICE_WEBHOOK_FORGET_H
#define PALAVER_SERVICE_WEBHOOK_FORGET_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "palaver/store.h"

/*
 * Whether the kept webhook `record` is of `user_id`: its event holds the id as a text of its own,
 * wherever, or tells of a message in a conversation of theirs. One that cannot be read is theirs
 * when the id is anywhere in it. Uses the thread's JSON scratch. PAL_E_SERVICE. Runs on: reader.
 */
enum pal_code pal_webhook_is_of(struct pal_store *store, unsigned reader,
				struct pal_tenant_key tenant, const struct pal_record *record,
				struct pal_str user_id, struct pal_arena *arena, bool *ret,
				struct pal_error *err) PAL_MUST_CHECK;

/*
 * Append the body that stays: the answer, so that a repeat is still told, and that it is over. Uses
 * the thread's JSON scratch. Failure shows in out->failed. Runs on: any.
 */
void pal_webhook_forget(struct pal_str body, struct pal_buf *out);

#endif
