/* SPDX-License-Identifier: Apache-2.0 */
/* derive.h - a session's id from what must always give the same session. */
#ifndef PALAVER_SERVICE_SESSION_DERIVE_H
#define PALAVER_SERVICE_SESSION_DERIVE_H

#include "base/id.h"
#include "base/str.h"

/*
 * The UUID, version 8, of what `scope` calls `key`, for one `purpose`. It is no secret: knowing a
 * session's id gives nobody access to it. Return `out`. Runs on: any.
 */
char *pal_session_derive_id(struct pal_str purpose, struct pal_str scope, struct pal_str key,
			    char out[PAL_UUID_TEXT_SIZE]);

#endif
