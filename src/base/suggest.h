/* SPDX-License-Identifier: Apache-2.0 */
/* suggest.h - "did you mean": the nearest of the names one is offered. */
#ifndef PALAVER_BASE_SUGGEST_H
#define PALAVER_BASE_SUGGEST_H

#include "base/str.h"

/* A search for the name nearest to `word`; set `word`, zero the rest, offer names, read `best`. */
struct pal_suggest {
	struct pal_str word;
	const char *best;	/* NULL: none is near enough to be a slip of the pen */
	unsigned distance;	/* of `best` */
};

/*
 * Make `name` the best so far when it is near (base/spelling.h) and nearer than that one. `name`
 * must outlive `suggest`. Runs on: any.
 */
void pal_suggest_offer(struct pal_suggest *suggest, const char *name);

#endif
