/* SPDX-License-Identifier: Apache-2.0 */
/* conn.h - one client of the control socket: bytes in, lines out. No protocol in here. */
#ifndef PALAVER_CTL_CONN_H
#define PALAVER_CTL_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* Zeroed storage with fd -1 is an empty slot. */
struct pal_ctl_conn {
	int fd;			/* -1: free slot */
	uint64_t id;		/* never used twice */
	struct pal_buf in, out;
	size_t line_bytes;	/* of the line taken last, still at the head of `in` */
	bool is_busy;		/* a request is being answered; the next waits its turn */
	bool is_closing;	/* nothing more is read; closed once `out` is sent */
	bool is_follower;
	char *tenant;		/* what a follower sees; NULL: all */
	uint64_t lost;		/* events since its last line */
};

/* Take the connected, non-blocking `fd` into the free slot `conn`. Runs on: ctl. */
void pal_ctl_conn_init(struct pal_ctl_conn *conn, int fd, uint64_t id);
/* Close it and leave a free slot. Runs on: ctl. */
void pal_ctl_conn_deinit(struct pal_ctl_conn *conn);

/* Read what is there. False: the peer has left, or the connection broke. Runs on: ctl. */
bool pal_ctl_conn_read(struct pal_ctl_conn *conn);
/* Send what goes without waiting. False: the connection broke. Runs on: ctl. */
bool pal_ctl_conn_flush(struct pal_ctl_conn *conn);

enum pal_ctl_line {
	PAL_CTL_LINE_NONE,	/* not complete yet */
	PAL_CTL_LINE_READY,
	PAL_CTL_LINE_TOO_LONG,
};

/*
 * Take the next line, without its end; the view lives until the next call on `conn`. Runs on: ctl.
 */
enum pal_ctl_line pal_ctl_conn_next(struct pal_ctl_conn *conn, struct pal_str *ret);

#endif
