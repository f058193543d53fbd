/* SPDX-License-Identifier: Apache-2.0 */
/* sqlite_fixture.h - a store in a folder of its own, and units to commit to it. */
#ifndef PALAVER_TESTS_STORE_SQLITE_FIXTURE_H
#define PALAVER_TESTS_STORE_SQLITE_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "palaver/store.h"
#include "store/sqlite/sqlite.h"

#define FIXTURE_EXCHANGES_MAX 8

struct fixture {
	char dir[64], path[96];
	struct pal_sqlite_options options;
	struct pal_store *store;
};

/* One unit and everything its views point to. */
struct turn {
	struct pal_unit unit;
	struct pal_conversation conversation;
	struct pal_exchange exchanges[FIXTURE_EXCHANGES_MAX];
	char conversation_id[64], texts[FIXTURE_EXCHANGES_MAX][256];
	char in_ids[FIXTURE_EXCHANGES_MAX][64], out_ids[FIXTURE_EXCHANGES_MAX][64];
};

/* Make a folder; nothing is open yet. */
void fixture_init(struct fixture *f);
/* Open with f->options; asserts success. */
void fixture_open(struct fixture *f);
void fixture_close(struct fixture *f);
/* Close and remove the folder. */
void fixture_deinit(struct fixture *f);

/*
 * Prepare a unit of `count` exchanges for conversation `id`, the first numbered `sequence`, their
 * message ids `prefix`-0, -1...; key 0 makes the conversation.
 */
void turn_init(struct turn *t, int64_t tenant, const char *id, int64_t key, int64_t sequence,
	       const char *prefix, size_t count);
/* Commit one, or several as one group. */
enum pal_unit_verdict commit_turn(struct fixture *f, struct turn *t);
void commit_turns(struct fixture *f, struct turn **turns, size_t count);

#endif
