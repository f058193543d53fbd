/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h - a small world of clients, conversations and a store, on the real actor room, in which one
 * seed decides everything: who moves next, what arrives in the middle of a turn, what is refused.
 */
#ifndef PALAVER_TESTS_ACTOR_SIM_H
#define PALAVER_TESTS_ACTOR_SIM_H

#include <stdint.h>

struct sim_result {
	char broken[160];	/* "" or the first promise that was broken */
	uint64_t trace;		/* hash of all that happened, in order */
	unsigned stored, refused, passivated, nested;	/* that the seed was worth running */
};

/* Live through the world of `seed` until it has drained. Runs on: a test. */
struct sim_result sim_run(uint64_t seed);

#endif
