/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message.h - the message service: takes an inbound message through its conversation to an answer
 * (domain.md section 2.2). The conversation's actor numbers it, runs the processor and the
 * responder, commits question, answer, delivery, audit and state as one unit, and only then
 * answers.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_MESSAGE_H
#define PALAVER_SERVICE_CONVERSATION_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "actor/directory.h"
#include "actor/msg.h"
#include "actor/pool.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "model/send_request.h"
#include "palaver/processor.h"
#include "palaver/responder.h"
#include "service/access/caller.h"
#include "store/front.h"

struct pal_message_service;
struct pal_session_bond;
struct pal_sessions;

/* What may change with a reload; read once per turn. */
struct pal_message_limits {
	uint32_t batch_max;		/* messages a turn takes, 1..PAL_UNIT_EXCHANGES_MAX */
	bool strict_conversation_id; /* an unknown conversation id is 404, not a new conversation */
	enum pal_language_mode language_mode;
	uint32_t blocking_flags;	/* enum pal_safety bits that hold the reply back */
	int64_t abandon_after_ms;	/* idle active conversations are abandoned then; 0: never */
	bool accept_executables;	/* media named like programs is flagged, not refused */
};

struct pal_message_options {
	struct pal_pool *pool;
	struct pal_store_front *front;
	const struct pal_responder *responder;
	const struct pal_clock *clock;
	struct pal_sessions *sessions;	/* NULL: a session that a message names is not looked at */
	uint32_t mailbox_capacity;	/* messages that may wait in one conversation */
	struct pal_message_limits limits;
	struct pal_directory_limits live;	/* of the directory of live conversations */
	/*
	 * Called for each stored exchange, or NULL: the live feed. Runs on: worker; must not block.
	 */
	void (*stored)(void *arg, struct pal_str tenant_id, struct pal_str conversation_id,
		       const struct pal_exchange *exchange);
	void *stored_arg;
	/*
	 * Called for each stored exchange of a conversation whose replies are pushed, or NULL: the
	 * delivery service. Runs on: worker; must not block.
	 */
	void (*pushed)(void *arg, struct pal_tenant_key tenant,
		       const struct pal_conversation *conversation,
		       const struct pal_exchange *exchange);
	void *pushed_arg;
};

/* What a message that the conversation's actor takes is about. */
enum pal_note_kind {
	PAL_NOTE_INBOUND,
	PAL_NOTE_COMMITTED,
	PAL_NOTE_LOADED,
	PAL_NOTE_COMMAND,	/* struct pal_command, service/conversation/command.h */
	PAL_NOTE_COMMANDED,	/* one that comes back from the store */
};

struct pal_note {
	struct pal_msg msg;
	enum pal_note_kind kind;
};

/*
 * One inbound message on its way. The caller fills the first part, keeps everything it points to
 * until `done` is called, and finds the outcome in the last part then.
 */
struct pal_inbound {
	struct pal_note note;	/* the service's */

	const struct pal_caller *caller;
	struct pal_send_request request;
	struct pal_str request_id;
	struct pal_str ip_address;
	int64_t received_ms;		/* wall clock */
	int64_t start_ns;		/* monotonic: when the request began */
	/*
	 * Called exactly once. May run before pal_message_submit returns. Runs on: worker or lane.
	 */
	void (*done)(struct pal_inbound *inbound);

	/* the service's */
	bool starts_conversation;
	struct pal_session_bond *bond;	/* with the session it names; NULL: none */
	char own_id[PAL_UUID_TEXT_SIZE]; /* the message id we made, when the client gave none */
	uint8_t attempts;

	/* out */
	enum pal_code code;
	bool is_duplicate;		/* PAL_OK: the stored answer, given again */
	struct pal_error err;		/* unless PAL_OK */
	struct pal_buf answer;		/* PAL_OK: MessageResponse as JSON; the caller's to free */
};

/*
 * Create the service; what `options` points to must outlive it. The caller owns *ret. PAL_E_SERVICE
 * when out of memory. Runs on: main.
 */
enum pal_code pal_message_service_create(const struct pal_message_options *options,
					 struct pal_message_service **ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* Free it; no worker or lane runs any more. NULL is fine. Runs on: main. */
void pal_message_service_destroy(struct pal_message_service *service);

/*
 * Take `inbound` on. inbound->done tells the outcome, also of a refusal (a full mailbox is
 * PAL_E_RATE_LIMIT, a daemon that has no room or stops is PAL_E_SERVICE, both with a time to come
 * again). A request without a message id gets one. Runs on: any.
 */
void pal_message_submit(struct pal_message_service *service, struct pal_inbound *inbound);

/*
 * Let idle conversations go, and abandon those that nobody comes back to; about once a second. Runs
 * on: one thread at a time.
 */
void pal_message_sweep(struct pal_message_service *service);

/*
 * Take nothing new and let go what is idle, writing behind. Return how many conversations still
 * have work: call again until 0. Runs on: as pal_message_sweep.
 */
size_t pal_message_drain(struct pal_message_service *service);

/* Use `limits` from the next turn on. Runs on: main. */
void pal_message_set_limits(struct pal_message_service *service,
			    const struct pal_message_limits *limits);

/* As above for the directory of live conversations. Runs on: main. */
void pal_message_set_live_limits(struct pal_message_service *service,
				 struct pal_directory_limits limits);

/* Live conversations and what was made and let go. Runs on: any. */
struct pal_directory_counts pal_message_live(const struct pal_message_service *service);

#endif
