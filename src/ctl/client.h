/* SPDX-License-Identifier: Apache-2.0 */
/* client.h - the tool's side of the control socket: blocking, one request at a time. */
#ifndef PALAVER_CTL_CLIENT_H
#define PALAVER_CTL_CLIENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct pal_ctl_client;

/*
 * Connect to the daemon's socket at `path`; `timeout_ms` (0: none) bounds each later wait for a
 * line. PAL_E_EXTERNAL, subject the path: nobody listens there, or no permission; PAL_E_SERVICE.
 * Runs on: any.
 */
enum pal_code pal_ctl_client_create(const char *path, unsigned timeout_ms,
				    struct pal_ctl_client **ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* Close the connection. NULL is fine. Runs on: any. */
void pal_ctl_client_destroy(struct pal_ctl_client *client);

/*
 * Send `command` with `args`, a JSON object (absent: none). PAL_E_EXTERNAL when the daemon has
 * gone. Runs on: any.
 */
enum pal_code pal_ctl_client_ask(struct pal_ctl_client *client, const char *command,
				 struct pal_str args, struct pal_error *err) PAL_MUST_CHECK;

/*
 * Wait for the next line. On PAL_OK `*ret_line` is its bytes without the line end, valid until the
 * next call. PAL_E_NOT_FOUND: the daemon closed the connection; PAL_E_EXTERNAL: time-out, overlong
 * line, or the connection broke. Runs on: any.
 */
enum pal_code pal_ctl_client_next(struct pal_ctl_client *client, struct pal_str *ret_line,
				  struct pal_error *err) PAL_MUST_CHECK;

#endif
