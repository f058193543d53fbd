/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PAL_SIM_SEEDS=200000 looks deeper; PAL_SIM_SEED=N lives through one seed again.
 */
#include "actor/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

#define SEEDS 2000u

static uint64_t number_from(const char *variable, uint64_t fallback)
{
	const char *text = getenv(variable);

	return text ? strtoull(text, NULL, 10) : fallback;
}

TEST(no_seed_breaks_a_promise)
{
	uint64_t first = number_from("PAL_SIM_SEED", 1);
	uint64_t count = getenv("PAL_SIM_SEED") ? 1 : number_from("PAL_SIM_SEEDS", SEEDS);
	uint64_t stored = 0, refused = 0, passivated = 0, nested = 0;

	for (uint64_t seed = first; seed < first + count; seed++) {
		struct sim_result result = sim_run(seed);

		if (result.broken[0]) {
			printf("# PAL_SIM_SEED=%" PRIu64 ": %s\n", seed, result.broken);
			CU_FAIL("a seed breaks a promise");
			return;
		}
		stored += result.stored;
		refused += result.refused;
		passivated += result.passivated;
		nested += result.nested;
	}
	printf("# %" PRIu64 " seeds: %" PRIu64 " stored, %" PRIu64 " refused, %" PRIu64
	       " let go, %" PRIu64 " moves within moves\n",
	       count, stored, refused, passivated, nested);
	CU_ASSERT(count == 1 || (stored > 10 * count && refused > count && passivated > count &&
				 nested > 10 * count));
}

TEST(a_seed_replays_identically)
{
	for (uint64_t seed = 1; seed <= 50; seed++)
		CU_ASSERT_EQUAL(sim_run(seed).trace, sim_run(seed).trace);
	CU_ASSERT_NOT_EQUAL(sim_run(1).trace, sim_run(2).trace);
}

SUITE(sim, CASE(no_seed_breaks_a_promise), CASE(a_seed_replays_identically))
