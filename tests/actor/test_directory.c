/* SPDX-License-Identifier: Apache-2.0 */
#include "actor/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor/pool.h"
#include "suite.h"

#define IDLE_MS 10000

struct guest {
	struct pal_live live;	/* first */
	int64_t tenant;
	char id[16];
	unsigned taken;
	size_t extra_bytes;
	bool stays;		/* vetoes */
	bool retires;		/* in its next turn */
	bool moves_in;		/* enters the directory in its next turn */
	enum pal_put moved;
};

struct house {
	struct pal_pool *pool;
	struct pal_worker *worker;
	struct pal_directory *dir;
	bool out_of_memory;
	unsigned made, destroyed, dropped, vetoes;
	struct pal_msg msgs[64];
	unsigned sent;
};

static struct house house;

static void turn(struct pal_actor *actor)
{
	struct guest *g = (struct guest *)actor;

	while (pal_actor_take(actor))
		g->taken++;
	if (g->retires)
		pal_directory_retire(house.dir, &g->live);
	if (g->moves_in)
		g->moved = pal_directory_insert(house.dir, &g->live, NULL);
	g->moves_in = false;
}

static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	(void)actor, (void)msg;
	house.dropped++;
}

static const struct pal_actor_class guest_class = {"guest", turn, drop};

static struct pal_key key_of(const struct pal_live *live)
{
	const struct guest *g = (const struct guest *)live;

	return (struct pal_key){g->tenant, pal_str(g->id)};
}

static size_t size_of(const struct pal_live *live)
{
	return 100 + ((const struct guest *)live)->extra_bytes;
}

static bool passivate(void *arg, struct pal_live *live)
{
	struct guest *g = (struct guest *)live;

	CU_ASSERT_PTR_EQUAL(arg, &house);
	house.vetoes += g->stays;
	return !g->stays;
}

static void destroy(void *arg, struct pal_live *live)
{
	(void)arg;
	house.destroyed++;
	pal_actor_deinit(&live->actor);
	free(live);
}

static const struct pal_directory_class house_class = {key_of, size_of, passivate, destroy};

static struct guest *guest(const struct pal_key *key)
{
	struct guest *g = calloc(1, sizeof(*g));

	pal_actor_init(&g->live.actor, &guest_class, house.pool, 2);
	g->tenant = key->tenant;
	snprintf(g->id, sizeof(g->id), "%.*s", (int)key->id.n, key->id.p);
	return g;
}

static struct guest *newest;

static struct pal_live *make(void *arg, const struct pal_key *key, const struct pal_msg *msg)
{
	CU_ASSERT_PTR_EQUAL(arg, &house);
	CU_ASSERT_PTR_NOT_NULL(msg);
	if (house.out_of_memory)
		return NULL;
	house.made++;
	newest = guest(key);
	return &newest->live;
}

static void open_house(size_t count_max, size_t bytes_max)
{
	struct pal_directory_limits limits = {IDLE_MS, count_max, bytes_max};

	memset(&house, 0, sizeof(house));
	house.sent = 8;		/* those before are for a test to use by itself */
	house.pool = pal_pool_create(1);
	house.worker = pal_pool_worker(house.pool, 0);
	house.dir = pal_directory_create(&house_class, &house, &limits);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 0);
}

static void close_house(void)
{
	pal_directory_destroy(house.dir);
	pal_pool_destroy(house.pool);
}

static enum pal_put send_to(int64_t tenant, const char *id, pal_make_fn *how)
{
	struct pal_key key = {tenant, pal_str(id)};

	return pal_directory_send(house.dir, &key, &house.msgs[house.sent++ % 64], how);
}

static void run(void)
{
	while (pal_worker_run(house.worker, 10))
		;
}

static size_t live(void)
{
	return pal_directory_counts(house.dir).live;
}

TEST(a_send_makes_the_actor_once_and_finds_it_again)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", NULL), PAL_PUT_ABSENT);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_FULL);
	run();
	CU_ASSERT_EQUAL(newest->taken, 2);
	CU_ASSERT_EQUAL(send_to(1, "a", NULL), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(house.made, 1);
	run();
	CU_ASSERT_EQUAL(pal_directory_counts(house.dir).bytes, 100);
	close_house();
	CU_ASSERT_EQUAL(house.destroyed, 1);
}

TEST(the_same_id_of_another_tenant_is_another_actor)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(2, "a", NULL), PAL_PUT_ABSENT);
	CU_ASSERT_EQUAL(send_to(2, "a", make), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(live(), 2);
	close_house();
}

TEST(a_thousand_actors_are_all_found_again)
{
	char id[16];

	open_house(2000, 1000000);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		CU_ASSERT_EQUAL(send_to(i % 3, id, make), PAL_PUT_QUEUED);
		run();
	}
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(id, sizeof(id), "c%u", i);
		CU_ASSERT_EQUAL(send_to(i % 3, id, NULL), PAL_PUT_QUEUED);
		run();
	}
	CU_ASSERT_EQUAL(house.made, 1000);
	size_t gone = pal_directory_sweep(house.dir, 1000000 + 2 * IDLE_MS, 400);
	CU_ASSERT(gone >= 400 && gone < 420);	/* whole buckets */
	gone += pal_directory_sweep(house.dir, 1000000 + 2 * IDLE_MS, SIZE_MAX);
	CU_ASSERT_EQUAL(gone, 1000);
	CU_ASSERT_EQUAL(house.destroyed, 1000);
	CU_ASSERT_EQUAL(pal_directory_counts(house.dir).bytes, 0);
	close_house();
}

TEST(only_the_idle_are_let_go_and_only_after_their_time)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + IDLE_MS - 1000, 100), 0);
	CU_ASSERT_EQUAL(send_to(1, "b", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + IDLE_MS + 1000, 100), 1);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + 3 * IDLE_MS, 100), 0);
	run();
	CU_ASSERT_EQUAL(newest->taken, 1);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + 4 * IDLE_MS, 100), 1);
	CU_ASSERT_EQUAL(send_to(1, "a", NULL), PAL_PUT_ABSENT);
	close_house();
}

TEST(a_veto_keeps_it_and_is_asked_for_again)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	run();
	newest->stays = true;
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + 2 * IDLE_MS, 100), 0);
	CU_ASSERT_EQUAL(house.vetoes, 1);
	CU_ASSERT_EQUAL(send_to(1, "a", NULL), PAL_PUT_QUEUED);
	run();
	newest->stays = false;
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000 + 4 * IDLE_MS, 100), 1);
	close_house();
}

TEST(a_retired_actor_goes_at_the_next_sweep)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	newest->retires = true;
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 0);
	run();
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 1);
	close_house();
}

TEST(near_a_limit_the_unused_go_and_the_used_stay)
{
	open_house(8, 100000);
	for (char id[2] = "a"; id[0] <= 'h'; id[0]++)
		CU_ASSERT_EQUAL(send_to(1, id, make), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 0);
	for (char id[2] = "a"; id[0] <= 'g'; id[0]++)
		CU_ASSERT_EQUAL(send_to(1, id, NULL), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 1);
	CU_ASSERT_EQUAL(send_to(1, "h", NULL), PAL_PUT_ABSENT);
	CU_ASSERT_EQUAL(live(), 7);
	close_house();
}

TEST(new_limits_hold_from_the_next_sweep)
{
	struct pal_directory_limits fewer = {IDLE_MS, 2, 100000}, sooner = {50, 100, 100000};

	open_house(100, 100000);
	for (char id[2] = "a"; id[0] <= 'd'; id[0]++)
		CU_ASSERT_EQUAL(send_to(1, id, make), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 0);
	pal_directory_set_limits(house.dir, &fewer);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 3);
	pal_directory_set_limits(house.dir, &sooner);
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000128, 100), 1);
	close_house();
}

TEST(a_full_house_makes_room_or_refuses)
{
	open_house(3, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "b", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "c", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "d", make), PAL_PUT_REFUSED);	/* all have messages */
	run();
	CU_ASSERT_EQUAL(send_to(1, "d", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(live(), 3);
	CU_ASSERT_EQUAL(house.destroyed, 1);
	CU_ASSERT_EQUAL(pal_directory_counts(house.dir).refused, 1);
	run();
	close_house();
}

TEST(bytes_are_counted_anew_as_actors_grow)
{
	open_house(100, 1000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	run();
	newest->extra_bytes = 900;
	newest->stays = true;
	CU_ASSERT_EQUAL(pal_directory_sweep(house.dir, 1000000, 100), 0);
	CU_ASSERT_EQUAL(pal_directory_counts(house.dir).bytes, 1000);
	CU_ASSERT_EQUAL(send_to(1, "b", make), PAL_PUT_REFUSED);
	newest->stays = false;
	CU_ASSERT_EQUAL(send_to(1, "b", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_directory_counts(house.dir).bytes, 100);
	run();
	close_house();
}

TEST(without_memory_a_send_is_refused_and_the_next_one_may_succeed)
{
	open_house(10, 100000);
	house.out_of_memory = true;
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_REFUSED);
	CU_ASSERT_EQUAL(live(), 0);
	house.out_of_memory = false;
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	run();
	close_house();
}

TEST(an_actor_enters_by_itself_unless_its_key_is_taken)
{
	struct pal_key a = {1, pal_str("a")};
	struct guest *first = NULL, *second = NULL;

	open_house(10, 100000);
	first = guest(&a);
	second = guest(&a);
	CU_ASSERT_EQUAL(pal_directory_insert(house.dir, &first->live, &house.msgs[0]),
			PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "a", NULL), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(first->taken, 2);

	second->moves_in = true;
	CU_ASSERT_EQUAL(pal_actor_send(&second->live.actor, &house.msgs[2]), PAL_PUT_WAKE);
	run();
	CU_ASSERT_EQUAL(second->moved, PAL_PUT_FULL);
	snprintf(second->id, sizeof(second->id), "b");
	second->moves_in = true;
	CU_ASSERT_EQUAL(pal_actor_send(&second->live.actor, &house.msgs[2]), PAL_PUT_WAKE);
	run();
	CU_ASSERT_EQUAL(second->moved, PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "b", NULL), PAL_PUT_QUEUED);
	run();
	CU_ASSERT_EQUAL(second->taken, 3);
	close_house();
	CU_ASSERT_EQUAL(house.destroyed, 2);
}

TEST(draining_refuses_at_once_and_ends_when_the_last_is_idle)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "b", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(pal_directory_drain(house.dir), 2);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_REFUSED);
	CU_ASSERT_EQUAL(send_to(1, "c", make), PAL_PUT_REFUSED);
	run();
	CU_ASSERT_EQUAL(pal_directory_drain(house.dir), 0);
	CU_ASSERT_EQUAL(house.destroyed, 2);
	close_house();
}

TEST(destroying_a_busy_directory_drops_its_messages)
{
	open_house(10, 100000);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	CU_ASSERT_EQUAL(send_to(1, "a", make), PAL_PUT_QUEUED);
	close_house();
	CU_ASSERT_EQUAL(house.dropped, 2);
}

SUITE(directory, CASE(a_send_makes_the_actor_once_and_finds_it_again),
      CASE(the_same_id_of_another_tenant_is_another_actor),
      CASE(a_thousand_actors_are_all_found_again),
      CASE(only_the_idle_are_let_go_and_only_after_their_time),
      CASE(a_veto_keeps_it_and_is_asked_for_again), CASE(a_retired_actor_goes_at_the_next_sweep),
      CASE(near_a_limit_the_unused_go_and_the_used_stay), CASE(new_limits_hold_from_the_next_sweep),
      CASE(a_full_house_makes_room_or_refuses),
      CASE(bytes_are_counted_anew_as_actors_grow),
      CASE(without_memory_a_send_is_refused_and_the_next_one_may_succeed),
      CASE(an_actor_enters_by_itself_unless_its_key_is_taken),
      CASE(draining_refuses_at_once_and_ends_when_the_last_is_idle),
      CASE(destroying_a_busy_directory_drops_its_messages))
