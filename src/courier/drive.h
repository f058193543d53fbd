/* SPDX-License-Identifier: Apache-2.0 */
/* drive.h - one libcurl multi handle on one loop: sockets, timers, and who is done. */
#ifndef PALAVER_COURIER_DRIVE_H
#define PALAVER_COURIER_DRIVE_H

#include <stdbool.h>

#include "courier/library.h"
#include "loop/loop.h"

struct pal_drive;

struct pal_drive_options {
	struct pal_loop *loop;		/* outlives the drive */
	/* Idle and busy connections that one connection cache holds at most; the oldest idle go. */
	long connections_max;
	/* `easy` has ended with `result` and left the drive already; may add others. Runs on: the
	 * loop. */
	void (*ended)(void *arg, CURL *easy, CURLcode result);
	/* Called once a batch after what ended; may add handles. Runs on: the loop. */
	void (*settled)(void *arg);
	void *arg;
};

/* NULL when out of memory. Runs on: main, while the loop does not run. */
struct pal_drive *pal_drive_create(const struct pal_drive_options *options);

/* No handle may be in it any more. NULL is fine. Runs on: main, while the loop does not run. */
void pal_drive_destroy(struct pal_drive *drive);

/* Begin a transfer; false when libcurl refuses. Runs on: the loop. */
bool pal_drive_add(struct pal_drive *drive, CURL *easy);

/* Take a transfer out before its end; `ended` is not called. Runs on: the loop. */
void pal_drive_remove(struct pal_drive *drive, CURL *easy);

/*
 * A connection's socket was opened; its watch stays from one transfer to the next, until it is
 * closed here, which spares two system calls a request. Runs on: the loop.
 */
void pal_drive_opened(struct pal_drive *drive, int fd);
/* Close it. Runs on: the loop, or main while it does not run. */
void pal_drive_close(struct pal_drive *drive, int fd);

/* Have `settled` called when the batch at hand ends. Runs on: the loop. */
void pal_drive_settle(struct pal_drive *drive);

#endif
