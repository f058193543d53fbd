/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baton.h - for who puts a request whose `done` may come on another thread or within the put itself:
 * lay the baton, put, pass it; `done` passes it too. The second of the two to pass goes on, and only
 * that one may touch what they share. So a chain of requests neither recurses nor races.
 */
#ifndef PALAVER_BASE_BATON_H
#define PALAVER_BASE_BATON_H

#include <stdatomic.h>
#include <stdbool.h>

struct pal_baton {
	atomic_bool passed;
};

/* Before the put. Runs on: who puts. */
static inline void pal_baton_lay(struct pal_baton *baton)
{
	atomic_store(&baton->passed, false);
}

/* True for the second to pass it: go on. Runs on: any. */
static inline bool pal_baton_pass(struct pal_baton *baton)
{
	return atomic_exchange(&baton->passed, true);
}

#endif
