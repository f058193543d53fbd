/* SPDX-License-Identifier: Apache-2.0 */
/* mention.h - whether a record of the audit trail speaks of somebody. */
#ifndef PALAVER_SERVICE_AUDIT_MENTION_H
#define PALAVER_SERVICE_AUDIT_MENTION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "model/audit.h"

/*
 * Whether `event` is of `user_id`: who acted, what it was done to, or a text of its data that is the
 * id or has it as a part of a path. `json` is scratch. PAL_E_SERVICE without memory. Runs on: any.
 */
enum pal_code pal_audit_mentions(const struct pal_audit_event *event, struct pal_str user_id,
				 struct pal_json *json, struct pal_arena *arena, bool *ret,
				 struct pal_error *err) PAL_MUST_CHECK;

#endif
