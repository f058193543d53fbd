/* SPDX-License-Identifier: Apache-2.0 */
/* replay_check.h - what the API says was stored, held against what was sent and answered. */
#ifndef PALAVER_PALAVERCTL_REPLAY_CHECK_H
#define PALAVER_PALAVERCTL_REPLAY_CHECK_H

#include <json-c/json.h>

#include "palaverctl/replay_plan.h"

/* How far into a conversation the check has come; zeroed is its start. */
struct pal_replay_cursor {
	size_t turn;		/* the next one expected */
	bool wants_reply;	/* its question has been seen */
	size_t seen;		/* messages */
};

/*
 * Check one page of the history of `dialog` (number `index` of `plan`): messages numbered on from
 * `cursor`, each question with the id and text sent, each followed by the answer given. What
 * differs is noted in the dialog. Return whether there is a next page.
 */
bool pal_replay_check_page(const struct pal_replay_plan *plan, size_t index,
			   struct pal_replay_cursor *cursor, struct json_object *page);

#endif
