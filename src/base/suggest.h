/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.h - "did you mean": the nearest of a list of names. */
#ifndef PALAVER_BASE_SUGGEST_H
#define PALAVER_BASE_SUGGEST_H

#include "base/str.h"

#define PAL_SUGGEST_LENGTH_MAX 63u	/* bytes; longer words and names are near to nothing */

/* A search for the name nearest to `word`; set `word`, zero the rest, offer names, read `best`. */
struct pal_suggest {
	struct pal_str word;
	const char *best;	/* NULL: none is near enough to be a slip of the fingers */
	unsigned distance;	/* of `best` */
};

/*
 * Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`; UINT_MAX when either is
 * longer than PAL_SUGGEST_LENGTH_MAX. Runs on: any.
 */
unsigned pal_edit_distance(struct pal_str a, struct pal_str b);

/*
 * Make `name` the best so far when it is nearer than that one and at most a third of the longer
 * word away. `name` must outlive `suggest`. Runs on: any.
 */
void pal_suggest_offer(struct pal_suggest *suggest, const char *name);

#endif
