/* SPDX-License-Identifier: Apache-2.0 */
/* record.h - a small document of one tenant: a session, a feedback, a quota counter... */
#ifndef PALAVER_MODEL_RECORD_H
#define PALAVER_MODEL_RECORD_H

#include <stdint.h>

#include "base/str.h"

#define PAL_RECORD_ID_BYTES_MAX 600u

struct pal_record {
	struct pal_str kind;	/* "session", "feedback"...: a literal of ours */
	struct pal_str id;	/* unique for tenant and kind; 1..PAL_RECORD_ID_BYTES_MAX bytes */
	struct pal_str owner;	/* what to list by, such as the user's id; may be absent */
	struct pal_str body;	/* JSON */
	int64_t version;	/* 1 at insert, one more with each write */
	int64_t created_ms, updated_ms, expires_ms;	/* expires_ms 0: never */
};

#endif
