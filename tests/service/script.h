/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - a store that blocks, wraps the memory store, and fails on cue: what the next units meet
 * is queued as a script, anything beyond it goes well.
 */
#ifndef PALAVER_TESTS_SERVICE_SCRIPT_H
#define PALAVER_TESTS_SERVICE_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "palaver/store.h"

#define SCRIPT_MAX 64u

enum cue {
	CUE_STORE,	/* as the memory store says */
	CUE_FAIL,	/* PAL_UNIT_FAILED, nothing is stored */
	CUE_LOSE,	/* PAL_UNIT_FAILED, though it is stored: the answer was lost */
	CUE_STALE,	/* PAL_UNIT_STALE, nothing is stored */
};

struct script {
	struct pal_store base;		/* first member */
	struct pal_store *memory;
	enum cue cue[SCRIPT_MAX];
	size_t cues, played;
	unsigned failing_loads;		/* how many loads and finds fail from now on */
	unsigned (*roll)(void);		/* NULL, or what else may happen to a unit: an enum cue */
	/* what it saw */
	size_t units, loads, walks, behind;
	_Atomic size_t records;		/* loads and groups of writes */
	_Atomic size_t shown;		/* records that walks showed */
	struct pal_conversation last_behind;	/* its views are gone: numbers only */
	char last_behind_state[1024];
};

/* Open the memory store below; `blocks` false makes it answer within the call. */
void script_open(struct script *script, bool blocks);
void script_close(struct script *script);

/* The next unit that has no cue yet meets `cue`. */
void script_add(struct script *script, enum cue cue);

#endif
