/* SPDX-License-Identifier: Apache-2.0 */
/* request.h - from a request line to the handler's call. */
#ifndef PALAVER_CTL_REQUEST_H
#define PALAVER_CTL_REQUEST_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "ctl/conn.h"
#include "ctl/outbox.h"
#include "ctl/server.h"

/* Where requests are read; the scratch memory serves one at a time. */
struct pal_ctl_desk {
	struct pal_ctl_options options;	/* fixed at create */
	struct pal_ctl_outbox *outbox;	/* fixed at create, borrowed */
	struct pal_json json;
	struct pal_arena arena;		/* empty between calls */
};

/*
 * Read the request `line` of `conn` and call its handler, or answer with why not. `conn` is busy
 * while the answer is outstanding, closing when its bytes are no requests. Runs on: ctl.
 */
void pal_ctl_desk_handle(struct pal_ctl_desk *desk, struct pal_ctl_conn *conn, struct pal_str line);

/* Answer that the request was wrong at byte `at`, and close the connection. Runs on: ctl. */
void pal_ctl_refuse_and_close(struct pal_ctl_conn *conn, const char *why, size_t at);

#endif
