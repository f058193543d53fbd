/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig.h - the message service on a hand-cranked pool, a fake clock and a scripted store: nothing
 * happens but what the test cranks.
 */
#ifndef PALAVER_TESTS_SERVICE_RIG_H
#define PALAVER_TESTS_SERVICE_RIG_H

#include "base/arena.h"
#include "base/clock.h"
#include "respond/rules/rules.h"
#include "script.h"
#include "service/conversation/message.h"
#include "service/session/sessions.h"

#define RIG_START_MS 1790000000000ll

struct rig_spec {
	bool prompt;			/* the store does not block */
	uint32_t batch_max;		/* 0: 64 */
	uint32_t mailbox;		/* 0: 256 */
	uint32_t queue_max;		/* of the store's lanes; 0: 4096 */
	bool strict;
	uint32_t blocking_flags;	/* of moderation */
	int64_t abandon_after_ms;	/* 0: never */
	bool auto_create;		/* sessions */
	const struct pal_responder *responder;	/* NULL: by rules */
	struct pal_directory_limits live;	/* zeroed: plenty */
};

struct rig {
	struct script script;		/* the store */
	struct pal_clock_fake clock;
	struct pal_pool *pool;
	struct pal_store_front *front;
	struct pal_rules_responder rules;
	struct pal_sessions *sessions;
	struct pal_message_service *service;
	struct pal_caller backend;	/* an API key of tenant 1 */
	_Atomic unsigned outcomes;	/* messages done so far */
	_Atomic size_t stored;		/* exchanges the live feed told of */
	void *letters;			/* sent, for rig_close to free */
};

/* A message under way and what became of it. */
struct letter {
	struct pal_inbound inbound;	/* first member */
	struct rig *rig;
	struct letter *next;
	struct pal_arena arena;		/* holds the letter too */
	unsigned done;			/* how often `done` was called */
	unsigned rank;			/* among all outcomes, from 1 */
};

void rig_open(struct rig *rig, const struct rig_spec *spec);
/* Drain and check that nothing is left, then close and free every letter. */
void rig_close(struct rig *rig);
/* Stop the store's front and close without draining: what is under way is dropped. */
void rig_abandon(struct rig *rig);

/* Crank workers only; the store only, one batch of each lane; everything until all is quiet. */
void rig_work(struct rig *rig);
bool rig_store(struct rig *rig);
void rig_settle(struct rig *rig);

/* What a message says; NULL and 0 are absent. */
struct words {
	const char *user;		/* NULL: "u" */
	const char *conversation, *id, *text;	/* text NULL: "hello" */
	const char *content;		/* the whole of it as JSON; NULL: a text */
	const char *more;		/* further members of the request, with a comma in front */
	const struct pal_caller *caller;	/* NULL: the backend */
};

/* Read `words` as the API does; the rig owns the letter, which is to be submitted. */
struct letter *rig_write(struct rig *rig, const struct words *words);
/* The same and submit it. */
struct letter *rig_send(struct rig *rig, const struct words *words);
/* Send, settle, and check that it was answered. */
struct letter *rig_ask(struct rig *rig, const struct words *words);

/* The string, number or literal at `pointer` (RFC 6901) of the answer; "" when absent. */
const char *letter_at(struct letter *letter, const char *pointer);
/* The conversation it was answered in. */
const char *letter_home(struct letter *letter);

/* What is stored of conversation `id` of tenant 1, a line an exchange: "1 hello > 2" or "3 x". */
const char *rig_transcript(struct rig *rig, const char *id);
/* Exchanges stored in all. */
size_t rig_stored(struct rig *rig);
/* Load the stored record of conversation `id`; false when there is none. Views live in the rig. */
bool rig_load(struct rig *rig, const char *id, struct pal_conversation *ret);
/* Write `status` into the stored record of conversation `id`. */
void rig_set_status(struct rig *rig, const char *id, enum pal_conversation_status status);

/* Let every idle conversation go. */
void rig_passivate(struct rig *rig);

#endif
