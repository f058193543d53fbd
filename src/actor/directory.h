/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.h - the live actors by key: found or made when a message comes, let go when idle.
 *
 * A send finds the actor, or makes it, and puts the message, all under the lock of the key's shard;
 * letting go happens under the same lock and only to an actor that is idle. So no message is ever
 * put into an actor that is on its way out (README, rule 6).
 */
#ifndef PALAVER_ACTOR_DIRECTORY_H
#define PALAVER_ACTOR_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actor/actor.h"
#include "base/str.h"

struct pal_directory;

/* Who: an id within a tenant. A view; whoever passes it keeps the bytes alive during the call. */
struct pal_key {
	int64_t tenant;
	struct pal_str id;
};

/*
 * First member of an actor that lives in a directory: 80 bytes. `actor` is initialised by whoever
 * makes it; the rest is the directory's, guarded by the shard's lock, and may be left as it is.
 */
struct pal_live {
	struct pal_actor actor;
	struct pal_live *chain;		/* next in the same bucket */
	uint32_t hash;
	uint32_t stamp;			/* of the directory's clock at the last send */
	uint32_t size_bytes;		/* as accounted */
	bool used;			/* since the sweep last came by */
	bool retired;			/* let go at the next chance, however young */
};

/*
 * What the directory must know of its actors; every slot is required. The callbacks must not block
 * and, destroy aside, must not call this directory, whose shard is locked meanwhile.
 */
struct pal_directory_class {
	/* Its key; fixed as long as it is in the directory. Runs on: any, beside its turn. */
	struct pal_key (*key)(const struct pal_live *live);
	/* Bytes it holds in all. Runs on: any, as its only user. */
	size_t (*size_bytes)(const struct pal_live *live);
	/*
	 * It is idle and may go. Return true to let it go; or false to keep it, for instance after
	 * asking a lane to write its state behind: then it is asked again at a later sweep. Runs
	 * on: who sweeps or sends, several at once, each as its only user.
	 */
	bool (*passivate)(void *arg, struct pal_live *live);
	/*
	 * Free it: it is in no list, and nobody else knows it. Only pal_directory_destroy passes
	 * one that has messages. Runs on: who sweeps or sends, without a lock.
	 */
	void (*destroy)(void *arg, struct pal_live *live);
};

/*
 * Make an idle actor for `key`, which has none; `msg` will be its first message and is only to be
 * looked at. Return NULL when out of memory. `arg` is the directory's. Must not block nor call the
 * directory. Runs on: who sends, under the shard's lock.
 */
typedef struct pal_live *pal_make_fn(void *arg, const struct pal_key *key,
				     const struct pal_msg *msg);

struct pal_directory_limits {
	uint64_t idle_ms;	/* without a message for so long: let go */
	size_t count_max;	/* live actors, >= 1 */
	size_t bytes_max;	/* by `size_bytes`, >= 1; the least recently used go first */
};

struct pal_directory_counts {
	size_t live, bytes;			/* now */
	uint64_t made, passivated, refused;	/* since create */
};

/*
 * Create an empty directory; `class` and `arg` must outlive it. The caller owns it. NULL when out
 * of memory. Runs on: main.
 */
struct pal_directory *pal_directory_create(const struct pal_directory_class *class, void *arg,
					   const struct pal_directory_limits *limits);

/*
 * Destroy every actor left, whatever its state, and the directory; NULL is fine. No worker or lane
 * runs any more. Runs on: main.
 */
void pal_directory_destroy(struct pal_directory *dir);

/*
 * Use `key` instead of the random one, so that a simulation meets the same order every time. The
 * directory is empty still. Runs on: main.
 */
void pal_directory_set_hash_key(struct pal_directory *dir, const uint8_t key[16]);

/* Change the limits from now on. Runs on: any. */
void pal_directory_set_limits(struct pal_directory *dir, const struct pal_directory_limits *limits);

/*
 * Put `msg` into the actor of `key` and see to it that a turn will come; the actor is made by
 * `make` if there is none.
 *  - PAL_PUT_QUEUED: the actor owns the message. In all other cases it is still the caller's:
 *  - PAL_PUT_FULL: the actor's inbox is full;
 *  - PAL_PUT_ABSENT: there is none and `make` is NULL;
 *  - PAL_PUT_REFUSED: none could be made (memory, or `count_max` or `bytes_max` reached and nothing
 *    could be let go), or the directory is draining.
 * Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_directory_send(struct pal_directory *dir, const struct pal_key *key,
					       struct pal_msg *msg, pal_make_fn *make);

/*
 * Enter `live` under its own key, with `msg` as its first message, or NULL when this is called in a
 * turn of its own. PAL_PUT_QUEUED; PAL_PUT_FULL when the key is taken; PAL_PUT_REFUSED as above.
 * Only then are both still the caller's. Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_directory_insert(struct pal_directory *dir, struct pal_live *live,
						 struct pal_msg *msg);

/*
 * Let `live` go as soon as it is idle, however recently it was used. Runs on: worker, in a turn of
 * its own.
 */
void pal_directory_retire(struct pal_directory *dir, struct pal_live *live);

/*
 * Look at about `visits_max` actors, continuing where the last sweep ended, at most all of them
 * once: let go those that are retired or idle for too long and, while the directory is within an
 * eighth of a limit, those that nobody used since the sweep last came by. Return how many went.
 * This is also the directory's clock: `now_ms` (monotonic) counts for every send until the next
 * sweep. Call it about once a second. Runs on: any one thread at a time.
 */
size_t pal_directory_sweep(struct pal_directory *dir, int64_t now_ms, size_t visits_max);

/*
 * Refuse every send and insert from now on, and let go everything that is idle. Return how many
 * actors are left, which still have work or were vetoed: call again until 0 or out of patience.
 * Runs on: as sweep.
 */
size_t pal_directory_drain(struct pal_directory *dir);

/* Counted without a lock, each right by itself. Runs on: any. */
struct pal_directory_counts pal_directory_counts(const struct pal_directory *dir);

#endif
