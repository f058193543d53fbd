/* SPDX-License-Identifier: Apache-2.0 */
/* outbox.h - what other threads hand to the ctl thread: ended replies and events to show. */
#ifndef PALAVER_CTL_OUTBOX_H
#define PALAVER_CTL_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

struct pal_ctl_outbox;

struct pal_ctl_reply {
	struct pal_ctl_outbox *outbox;	/* fixed at create; holds a reference */
	uint64_t conn_id;		/* fixed at create */
	struct pal_buf body;		/* the holder's */
	struct pal_buf line;		/* set when ended; failed: there was no memory for it */
	bool follows;
	char *tenant;			/* follows: what to see; NULL: all */
	struct pal_ctl_reply *next;
};

struct pal_ctl_event {
	struct pal_ctl_event *next;
	struct pal_str tenant, text;	/* into the bytes behind this struct */
};

/* Everything that waited; the taker frees it. */
struct pal_ctl_load {
	struct pal_ctl_reply *replies;	/* oldest first */
	struct pal_ctl_event *events;	/* oldest first */
	uint64_t lost;			/* events that found no room */
};

/* Make one with one reference, the caller's. PAL_E_SERVICE. Runs on: main. */
enum pal_code pal_ctl_outbox_create(struct pal_ctl_outbox **ret, struct pal_error *err)
	PAL_MUST_CHECK;
/* Drop what waits and all that comes later, then the caller's reference. Runs on: main. */
void pal_ctl_outbox_close(struct pal_ctl_outbox *outbox);

/* Readable while something waits, or after a wake. Runs on: ctl. */
int pal_ctl_outbox_fd(const struct pal_ctl_outbox *outbox);
void pal_ctl_outbox_wake(struct pal_ctl_outbox *outbox);	/* Runs on: any. */
/* Take everything and make the descriptor unreadable. Runs on: ctl. */
struct pal_ctl_load pal_ctl_outbox_take(struct pal_ctl_outbox *outbox);

/* A reply for connection `conn_id`, or NULL when out of memory. Runs on: ctl. */
struct pal_ctl_reply *pal_ctl_reply_create(struct pal_ctl_outbox *outbox, uint64_t conn_id);
/* Free a taken reply. Runs on: ctl. */
void pal_ctl_reply_destroy(struct pal_ctl_reply *reply);

/* How many follow; events are dropped while nobody does. Runs on: ctl sets, any reads. */
void pal_ctl_outbox_set_followers(struct pal_ctl_outbox *outbox, unsigned count);
bool pal_ctl_outbox_is_followed(const struct pal_ctl_outbox *outbox);
/* Queue an event; never waits. Runs on: any. */
void pal_ctl_outbox_publish(struct pal_ctl_outbox *outbox, struct pal_str tenant,
			    struct pal_str event);

#endif
