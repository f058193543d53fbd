/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread plays all threads. A step is one move of a client, a worker, the lane or the sweeper;
 * point() takes further steps in the middle of another one's turn or batch, as other threads would.
 * What is on the stack cannot be moved again until it returns: it is busy, like its thread.
 *
 * A worker is only ever run when it is due: when it said so itself, when its own thread scheduled,
 * or when it was woken. So a wake that is lost leaves the world stuck, and a stuck world is a
 * failure.
 */
#include "actor/sim.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor/directory.h"
#include "actor/lane.h"
#include "actor/pool.h"

#define WORKERS 3
#define KEYS 6
#define CLIENTS 4
#define ASKS 120
#define STEPS_MAX 20000
#define DEPTH_MAX 5
#define BATCH_MAX 8

struct world;
struct conv;

enum kind { ASK, LOAD, COMMIT, WRITE };
enum fate { UNSENT, REFUSED, ACCEPTED, STORED, TURNED_AWAY };

struct msg {
	struct pal_msg link;	/* first */
	enum kind kind;
	struct conv *conv;	/* who asks the lane */
	unsigned number;	/* LOAD, WRITE: the last sequence number; COMMIT: the first one */
	unsigned client, key, nonce, floor;	/* ASK */
	enum fate fate;				/* ASK */
};

struct conv {
	struct pal_live live;	/* first */
	struct world *world;
	unsigned key;
	char id[8];
	unsigned last;
	bool loaded, busy, dirty, writing;
	bool running;		/* somebody is its only user */
	struct msg load, commit, write;
	struct msg *unit[BATCH_MAX];
	unsigned unit_count;
};

struct worker {
	struct world *world;
	struct pal_worker *worker;
	bool due, busy;
	bool awake;		/* woken, or not done, since it last said that nothing is due */
};

struct world {
	uint64_t rng, trace;
	char broken[160];
	struct pal_pool *pool;
	struct worker workers[WORKERS];
	struct pal_lane *lane;
	bool lane_busy, sweeper_busy, shall_drain, draining, stopped;
	struct pal_directory *dir;
	int64_t now_ms;
	unsigned depth, nested, sent, left;
	struct msg asks[ASKS];
	unsigned nonce[CLIENTS][KEYS], taken[CLIENTS][KEYS];
	unsigned stored[KEYS], written[KEYS], answered[KEYS];
};

static void step(struct world *w);

static uint64_t draw(struct world *w)	/* splitmix64 */
{
	uint64_t z = (w->rng += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned upto(struct world *w, unsigned n)
{
	return (unsigned)(draw(w) % n);
}

static void note(struct world *w, char what, unsigned a, unsigned b)
{
	uint64_t event[3] = {(uint64_t)what, a, b};

	for (size_t i = 0; i < 3; i++)
		w->trace = (w->trace ^ event[i]) * UINT64_C(0x100000001b3);
}

static void must(struct world *w, bool holds, const char *promise, unsigned a, unsigned b)
{
	if (!holds && !w->broken[0])
		snprintf(w->broken, sizeof(w->broken), "%s (%u, %u)", promise, a, b);
}

/* A point where another thread may get a move in, or several. */
static void point(struct world *w)
{
	if (w->depth >= DEPTH_MAX || upto(w, 3) != 0)
		return;

	struct pal_worker *here = pal_worker_current();
	pal_worker_attach(NULL);
	w->depth++;
	w->nested++;
	for (unsigned n = 1 + upto(w, 3); n > 0; n--)
		step(w);
	w->depth--;
	pal_worker_attach(here);
}

/* --- A conversation --------------------------------------------------------------------------- */

static void begin_use(struct conv *c)
{
	must(c->world, !c->running, "two users of one conversation", c->key, 0);
	must(c->world, !c->world->stopped, "a turn after the stop", c->key, 0);
	c->running = true;
}

static void turn_away(struct world *w, struct msg *ask)
{
	note(w, 'x', ask->key, ask->nonce);
	ask->fate = TURNED_AWAY;
}

static bool ask_lane(struct conv *c, struct msg *msg, unsigned number)
{
	msg->conv = c;
	msg->number = number;
	return pal_lane_put(c->world->lane, &msg->link) == PAL_PUT_QUEUED;
}

static void on_stored(struct conv *c)
{
	struct world *w = c->world;

	for (unsigned i = 0; i < c->unit_count; i++) {
		struct msg *ask = c->unit[i];
		unsigned number = c->commit.number + i;

		must(w, ask->fate == ACCEPTED, "answered twice", ask->client, ask->nonce);
		must(w, number > ask->floor, "number below one answered before it was sent", number,
		     ask->floor);
		ask->fate = STORED;
		if (number > w->answered[c->key])
			w->answered[c->key] = number;
	}
	c->unit_count = 0;
	c->busy = false;
	c->dirty = true;
}

static void on_reply(struct conv *c, struct msg *msg)
{
	note(c->world, 'r', c->key, (unsigned)msg->kind);
	if (msg->kind == WRITE) {
		c->writing = false;
		c->dirty = msg->number != c->last;
		return;
	}
	if (msg->kind == LOAD) {
		c->last = msg->number;
		c->loaded = true;
		c->busy = false;
		if (upto(c->world, 4) == 0)
			pal_directory_retire(c->world->dir, &c->live);
	} else {
		on_stored(c);
	}
	pal_actor_unpark(&c->live.actor);
}

static void on_ask(struct conv *c, struct msg *ask)
{
	struct world *w = c->world;

	note(w, 't', ask->client * KEYS + ask->key, ask->nonce);
	must(w, !c->busy, "an ask came through while parked", c->key, ask->nonce);
	must(w, ask->key == c->key, "an ask for another conversation", c->key, ask->key);
	must(w, ask->nonce > w->taken[ask->client][ask->key], "a sender's order was changed",
	     ask->client, ask->nonce);
	w->taken[ask->client][ask->key] = ask->nonce;
	c->unit[c->unit_count++] = ask;
}

static void commit(struct conv *c)
{
	unsigned first = c->last + 1;

	if (ask_lane(c, &c->commit, first)) {
		c->last += c->unit_count;
		c->busy = true;
		pal_actor_park(&c->live.actor);
		return;
	}
	for (unsigned i = 0; i < c->unit_count; i++)
		turn_away(c->world, c->unit[i]);
	c->unit_count = 0;
}

/* False: the lane is full, so nothing can be done for anybody now. */
static bool load(struct conv *c)
{
	struct pal_msg *msg;

	if (c->loaded || c->busy)
		return true;
	if (ask_lane(c, &c->load, 0)) {
		c->busy = true;
		pal_actor_park(&c->live.actor);
		return true;
	}
	while ((msg = pal_actor_take(&c->live.actor)))
		turn_away(c->world, (struct msg *)msg);
	return false;
}

static struct msg *take(struct conv *c)
{
	if (c->unit_count == BATCH_MAX)
		return (struct msg *)pal_actor_take_reply(&c->live.actor);
	return (struct msg *)pal_actor_take(&c->live.actor);
}

static void take_all(struct conv *c)
{
	bool any = !c->loaded && c->busy;	/* it has just parked itself */

	for (struct msg *msg; (msg = take(c)) != NULL; any = true) {
		point(c->world);
		if (msg->kind == ASK)
			on_ask(c, msg);
		else
			on_reply(c, msg);
		if (upto(c->world, 8) == 0)
			return;
	}
	must(c->world, any, "a turn for nothing", c->key, 0);
}

static void turn(struct pal_actor *actor)
{
	struct conv *c = (struct conv *)actor;

	begin_use(c);
	point(c->world);
	if (load(c)) {
		take_all(c);
		if (c->unit_count > 0 && !c->busy)
			commit(c);
	}
	point(c->world);
	c->running = false;
}

static void drop(struct pal_actor *actor, struct pal_msg *msg)
{
	struct conv *c = (struct conv *)actor;

	must(c->world, false, "a message was left behind", c->key, ((struct msg *)msg)->nonce);
}

static const struct pal_actor_class conv_class = {.name = "conv", .turn = turn, .drop = drop};

/* --- The directory's side --------------------------------------------------------------------- */

static struct pal_key key_of(const struct pal_live *live)
{
	const struct conv *c = (const struct conv *)live;

	return (struct pal_key){c->key % 2, pal_str(c->id)};
}

static size_t size_of(const struct pal_live *live)
{
	return sizeof(struct conv) + ((const struct conv *)live)->last;
}

static void name(unsigned key, char out[8])
{
	snprintf(out, 8, "c%u", key / 2 % 100);
}

static struct pal_live *make(void *arg, const struct pal_key *key, const struct pal_msg *msg)
{
	struct world *w = arg;
	struct conv *c = upto(w, 20) ? calloc(1, sizeof(*c)) : NULL;

	(void)key;
	if (!c)
		return NULL;
	pal_actor_init(&c->live.actor, &conv_class, w->pool, 3);
	c->world = w;
	c->key = ((const struct msg *)msg)->key;
	name(c->key, c->id);
	c->load.kind = LOAD;
	c->commit.kind = COMMIT;
	c->write.kind = WRITE;
	note(w, 'm', c->key, 0);
	return &c->live;
}

static bool passivate(void *arg, struct pal_live *live)
{
	struct conv *c = (struct conv *)live;

	(void)arg;
	begin_use(c);
	must(c->world, !c->busy && c->unit_count == 0, "let go with work out", c->key, 0);
	if (c->dirty && !c->writing)
		c->writing = ask_lane(c, &c->write, c->last);
	bool go = !c->dirty && !c->writing;
	note(c->world, 'p', c->key, go);
	c->running = false;
	return go;
}

static void destroy(void *arg, struct pal_live *live)
{
	struct conv *c = (struct conv *)live;

	(void)arg;
	begin_use(c);
	pal_actor_deinit(&live->actor);
	free(c);
}

static const struct pal_directory_class dir_class = {key_of, size_of, passivate, destroy};

/* --- The store's lane ------------------------------------------------------------------------- */

static void serve(struct world *w, struct msg *msg)
{
	unsigned key = msg->conv->key;

	note(w, 'l', key, (unsigned)msg->kind);
	if (msg->kind == LOAD) {
		msg->number = w->stored[key];
	} else if (msg->kind == WRITE) {
		w->written[key] = msg->number;
	} else {
		must(w, msg->number == w->stored[key] + 1, "a gap or a double number", msg->number,
		     w->stored[key]);
		w->stored[key] += msg->conv->unit_count;
	}
	pal_actor_reply(&msg->conv->live.actor, &msg->link);
}

static void run_batch(void *arg, struct pal_msg *batch, size_t n)
{
	struct world *w = arg;
	struct pal_msg *next;

	for (; batch; batch = next, n--) {
		next = batch->next;
		serve(w, (struct msg *)batch);
		point(w);
	}
	must(w, n == 0, "a batch of another length than told", (unsigned)n, 0);
}

/* --- Moves ------------------------------------------------------------------------------------ */

static void on_wake(void *arg)
{
	struct worker *worker = arg;

	must(worker->world, !worker->awake, "woken twice, or while awake", 0, 0);
	worker->awake = worker->due = true;
}

/* A client speaks from a thread of its own or, as a loop does, from an idle worker's. */
static void send(struct world *w)
{
	if (w->sent == ASKS)
		return;

	struct msg *ask = &w->asks[w->sent++];
	struct worker *guest = &w->workers[upto(w, 2 * WORKERS) % WORKERS];
	bool as_guest = !guest->busy && upto(w, 2) == 0;
	char id[8];

	ask->client = upto(w, CLIENTS);
	ask->key = upto(w, 1 + upto(w, KEYS));		/* the low ones are hot */
	ask->nonce = ++w->nonce[ask->client][ask->key];
	ask->floor = w->answered[ask->key];
	name(ask->key, id);
	struct pal_key key = {ask->key % 2, pal_str(id)};
	if (as_guest) {
		pal_worker_attach(guest->worker);
		guest->due = true;
	}
	enum pal_put put = pal_directory_send(w->dir, &key, &ask->link, upto(w, 9) ? make : NULL);
	pal_worker_attach(NULL);
	ask->fate = put == PAL_PUT_QUEUED ? ACCEPTED : REFUSED;
	must(w, ask->fate == REFUSED || !w->draining, "accepted after the drain began", ask->key,
	     0);
	note(w, 's', ask->client * KEYS + ask->key, (unsigned)put);
}

static void run_worker(struct world *w, unsigned index)
{
	struct worker *worker = &w->workers[index];

	if (!worker->due || worker->busy)
		return;
	note(w, 'w', index, 0);
	worker->busy = worker->awake = true;
	worker->due = worker->awake = pal_worker_run(worker->worker, 1 + upto(w, 3));
	worker->busy = false;
}

static void run_lane(struct world *w)
{
	if (w->lane_busy)
		return;
	w->lane_busy = true;
	(void)pal_lane_step(w->lane);
	w->lane_busy = false;
}

static void run_sweep(struct world *w)
{
	if (w->sweeper_busy)
		return;
	w->sweeper_busy = true;
	w->now_ms += upto(w, 2000);
	w->draining = w->shall_drain;
	if (w->draining)
		w->left = (unsigned)pal_directory_drain(w->dir);
	else
		(void)pal_directory_sweep(w->dir, w->now_ms, 1 + upto(w, 8));
	w->sweeper_busy = false;
}

static void step(struct world *w)
{
	unsigned dice = upto(w, 20);

	if (dice < 8)
		send(w);
	else if (dice < 14)
		run_worker(w, upto(w, WORKERS));
	else if (dice < 18)
		run_lane(w);
	else
		run_sweep(w);
}

/* --- Beginning and end ------------------------------------------------------------------------ */

static void build(struct world *w, uint64_t seed)
{
	struct pal_lane_options lane = {.name = "store", .capacity = 4, .batch_max = 3,
					.run = run_batch, .arg = w};
	struct pal_directory_limits limits = {.idle_ms = 3000, .count_max = 4,
					      .bytes_max = SIZE_MAX};
	uint8_t hash_key[16] = {0};

	w->rng = seed;
	w->trace = UINT64_C(0xcbf29ce484222325);
	w->left = 1;
	memcpy(hash_key, &seed, sizeof(seed));
	w->pool = pal_pool_create(WORKERS);
	w->lane = pal_lane_create(&lane);
	w->dir = pal_directory_create(&dir_class, w, &limits);
	pal_directory_set_hash_key(w->dir, hash_key);
	for (unsigned i = 0; i < WORKERS; i++) {
		w->workers[i] = (struct worker){.world = w, .worker = pal_pool_worker(w->pool, i)};
		pal_worker_set_wake(w->workers[i].worker, on_wake, &w->workers[i]);
	}
}

static void check_end(struct world *w, struct sim_result *result)
{
	unsigned stored[KEYS] = {0};

	for (unsigned i = 0; i < w->sent; i++) {
		struct msg *ask = &w->asks[i];

		must(w, ask->fate != ACCEPTED, "an accepted ask got no answer", ask->client,
		     ask->key);
		stored[ask->key] += ask->fate == STORED;
		result->stored += ask->fate == STORED;
		result->refused += ask->fate == REFUSED || ask->fate == TURNED_AWAY;
	}
	for (unsigned key = 0; key < KEYS; key++) {
		must(w, stored[key] == w->stored[key], "numbered without an answer", key,
		     stored[key]);
		must(w, w->written[key] == w->stored[key], "not written behind", key,
		     w->written[key]);
	}
}

static void stop(struct world *w, struct sim_result *result)
{
	struct pal_directory_counts counts = pal_directory_counts(w->dir);

	w->stopped = true;
	must(w, counts.live == 0 && counts.bytes == 0, "counts that do not come to nothing",
	     (unsigned)counts.live, (unsigned)counts.bytes);
	must(w, counts.made == counts.passivated, "made and let go differ", (unsigned)counts.made,
	     (unsigned)counts.passivated);
	result->passivated = (unsigned)counts.passivated;
	for (unsigned i = 0; i < WORKERS; i++)
		must(w, pal_worker_stats(w->workers[i].worker).waiting == 0,
		     "due after the drain", i, 0);
	pal_lane_stop(w->lane);
}

struct sim_result sim_run(uint64_t seed)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sim_result result = {0};
	unsigned drain_at = 0;

	if (!w) {
		snprintf(result.broken, sizeof(result.broken), "out of memory");
		return result;
	}
	build(w, seed);
	drain_at = 10 + upto(w, 200);
	for (unsigned i = 0; i < STEPS_MAX && w->left > 0 && !w->broken[0]; i++) {
		w->shall_drain = i >= drain_at;
		step(w);
	}
	must(w, w->left == 0, "stuck: a wake or a message was lost", w->left, 0);
	if (!w->broken[0]) {
		stop(w, &result);
		check_end(w, &result);
		pal_directory_destroy(w->dir);
		pal_lane_destroy(w->lane);
		pal_pool_destroy(w->pool);
	}
	memcpy(result.broken, w->broken, sizeof(result.broken));
	result.trace = w->trace;
	result.nested = w->nested;
	free(w);
	return result;
}
