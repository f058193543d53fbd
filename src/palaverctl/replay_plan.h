/* SPDX-License-Identifier: Apache-2.0 */
/* replay_plan.h - what a replay sends and what it has learned: dialogs, turns, answers. */
#ifndef PALAVER_PALAVERCTL_REPLAY_PLAN_H
#define PALAVER_PALAVERCTL_REPLAY_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/id.h"
#include "base/str.h"

#define PAL_REPLAY_ID_SIZE (PAL_UUID_TEXT_SIZE + 32)
#define PAL_REPLAY_TROUBLE_MAX 256

/* A turn of the user's: one message. */
struct pal_replay_turn {
	struct pal_str text;		/* owned */
	const char *skipped;		/* static: why it is not sent; NULL: it is */
	bool is_answered;		/* 200; the three below are what the answer said */
	char *response_id, *reply;	/* owned; NULL: the reply was held back */
	double latency_ms;		/* from the first attempt to the answer */
};

struct pal_replay_dialog {
	char *id;			/* owned, as in the file */
	struct pal_replay_turn *turns;	/* owned */
	size_t count;
	char *conversation_id;		/* owned; NULL until the first answer */
	char trouble[PAL_REPLAY_TROUBLE_MAX];	/* the first thing that went wrong; "": nothing */
};

struct pal_replay_plan {
	char run[PAL_UUID_TEXT_SIZE];	/* makes the ids of this run its own */
	struct pal_replay_dialog *dialogs;	/* owned */
	size_t count;
};

/*
 * Read at most `limit` (0: all) dialogs from `path`, one JSON object a line; empty lines are passed
 * over. PAL_E_VALIDATION, subject "FILE:LINE": what is wrong there, or there is no dialog;
 * PAL_E_NOT_FOUND: it cannot be read; PAL_E_SERVICE: out of memory. The caller deinits the plan in
 * any case.
 */
enum pal_code pal_replay_plan_read(struct pal_replay_plan *plan, const char *path, size_t limit,
				   struct pal_error *err) PAL_MUST_CHECK;
void pal_replay_plan_deinit(struct pal_replay_plan *plan);

/* The message id of turn `turn` of dialog `dialog`. Return `out`. */
char *pal_replay_message_id(const struct pal_replay_plan *plan, size_t dialog, size_t turn,
			    char out[PAL_REPLAY_ID_SIZE]);

/* Note what went wrong in `dialog`, unless something has before. */
void pal_replay_note(struct pal_replay_dialog *dialog, const char *fmt, ...) PAL_PRINTF(2, 3);

#endif
