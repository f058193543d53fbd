/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.h - the store for those who must not wait: workers and loops put requests, lanes do them.
 *
 * A kind that blocks gets a write lane and `readers` read lanes. The write lane takes everything
 * that waits as one batch, commits all its units as one group and writes all its records as
 * another. A kind that does not block needs no lanes: its requests are done within the call that
 * puts them.
 *
 * Order: commits are done in the order they were put, and so are records; a record is written after
 * every commit put before it, a write is done after every commit, record and write put before it,
 * though commits and records put after it may join their group and go first. Nothing is promised
 * between reads and the rest, but that a read put after a `done` sees what was done.
 */
#ifndef PALAVER_STORE_FRONT_H
#define PALAVER_STORE_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actor/mailbox.h"
#include "actor/msg.h"
#include "base/clock.h"
#include "base/error.h"
#include "palaver/store.h"

#define PAL_STORE_QUEUE_DEFAULT 4096u
#define PAL_STORE_BATCH_DEFAULT 512u
#define PAL_STORE_HEALTH_TEXT_SIZE 256

struct pal_store_front;

enum pal_request_kind {
	PAL_REQUEST_QUERY,
	PAL_REQUEST_COMMIT,
	PAL_REQUEST_RECORD,
};

/* How the front tells its messages apart; only it touches `kind`. */
struct pal_request {
	struct pal_msg msg;
	enum pal_request_kind kind;
};

/* A unit to commit. The storage is the sender's, who leaves it alone until done. */
struct pal_commit {
	union {
		struct pal_msg msg;	/* first member */
		struct pal_request request;
	};
	struct pal_unit unit;
	/*
	 * Required. The verdict is in; `commit` is the sender's again. Must not block. Called
	 * exactly once. Runs on: the write lane, or who put it.
	 */
	void (*done)(struct pal_commit *commit);
};

/* A record to write. The storage is the sender's, who leaves it alone until done. */
struct pal_record_commit {
	union {
		struct pal_msg msg;	/* first member */
		struct pal_request request;
	};
	struct pal_record_write write;
	/*
	 * NULL, or what has to be there when `write` is: done right before it in the same group, so
	 * that a durable kind has it whenever it has `write`. Lives as `write` does.
	 */
	struct pal_record_write *before;
	/* Required. As in struct pal_commit. */
	void (*done)(struct pal_record_commit *commit);
};

/* Something to do with the store. The storage is the sender's, who leaves it alone until done. */
struct pal_query {
	union {
		struct pal_msg msg;	/* first member */
		struct pal_request request;
	};
	/*
	 * Required. Call the store: with `reader` on a read lane, or, put by pal_store_front_write,
	 * its writer's functions. Runs on: the lane, or who put it.
	 */
	void (*run)(struct pal_query *query, struct pal_store *store, unsigned reader);
	/* Required. As in struct pal_commit, on the thread that ran it. */
	void (*done)(struct pal_query *query);
};

struct pal_store_front_options {
	uint32_t queue_max; /* requests that may wait in each lane; 0: PAL_STORE_QUEUE_DEFAULT */
	uint32_t batch_max;	/* requests in one group; 0: PAL_STORE_BATCH_DEFAULT */
	const struct pal_clock *clock;	/* NULL: the system's */
};

/*
 * Create the front of `store`, borrowed, with as many read lanes as it has readers. Nothing runs
 * yet. The caller owns *ret. PAL_E_SERVICE when out of memory. Runs on: main.
 */
PAL_MUST_CHECK enum pal_code
pal_store_front_create(struct pal_store *store, const struct pal_store_front_options *options,
		       struct pal_store_front **ret, struct pal_error *err);

/* Start the lanes' threads. PAL_E_SERVICE when one cannot be had; stop it then. Runs on: main. */
PAL_MUST_CHECK enum pal_code pal_store_front_start(struct pal_store_front *front,
						   struct pal_error *err);

/* Refuse new requests, do all that wait, end the threads. Twice is fine. Runs on: main. */
void pal_store_front_stop(struct pal_store_front *front);

/* Free a stopped front, not its store; NULL is fine. Runs on: main. */
void pal_store_front_destroy(struct pal_store_front *front);

/*
 * Put a unit to commit. PAL_PUT_FULL: refused, `done` is never called; otherwise it is, maybe
 * before this returns. Runs on: any.
 */
PAL_MUST_CHECK enum pal_put pal_store_front_commit(struct pal_store_front *front,
						   struct pal_commit *commit);

/* Put a record to write. Returns as pal_store_front_commit. Runs on: any. */
PAL_MUST_CHECK enum pal_put pal_store_front_record(struct pal_store_front *front,
						   struct pal_record_commit *commit);

/* Put something to read. Returns as pal_store_front_commit. Runs on: any. */
PAL_MUST_CHECK enum pal_put pal_store_front_query(struct pal_store_front *front,
						  struct pal_query *query);

/*
 * As pal_store_front_query; what is put with the same `order` runs in the order it was put. Runs
 * on: any.
 */
PAL_MUST_CHECK enum pal_put pal_store_front_query_in_order(struct pal_store_front *front,
							   struct pal_query *query,
							   uint64_t order);

/* Put something to write that is neither a unit nor a record. Returns as pal_store_front_commit.
 * Runs on: any. */
PAL_MUST_CHECK enum pal_put pal_store_front_write(struct pal_store_front *front,
						  struct pal_query *query);

/*
 * Whether the store answers: a read lane is asked at most once a second, and what is told here is
 * what it last said. No answer for a second, or a group of units that failed within the last five,
 * is a no. Call it now and then (a timer, or whoever asks after health). Runs on: any.
 */
bool pal_store_front_is_healthy(struct pal_store_front *front);

/* One sentence to go with it, "ok" when healthy. Return `out`. Runs on: any. */
char *pal_store_front_health_text(struct pal_store_front *front,
				  char out[PAL_STORE_HEALTH_TEXT_SIZE]);

/*
 * Do one batch of each lane on the calling thread; return true while there is more. For tests that
 * do not start it. Runs on: the one thread that drives it.
 */
bool pal_store_front_step(struct pal_store_front *front);

#endif
