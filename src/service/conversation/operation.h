/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operation.h - what may be done with a conversation beside talking in it (domain.md section 2.4):
 * one verb each, in one table. An operation is a command (command.h) with a verb; it is audited in
 * the unit that stores it. What the verbs do stands in operation_verbs.c.
 */
#ifndef PALAVER_SERVICE_CONVERSATION_OPERATION_H
#define PALAVER_SERVICE_CONVERSATION_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "model/conversation_request.h"
#include "service/conversation/command.h"
#include "service/view/conversation.h"

/*
 * Rows: identifier, audited action, audited event, whether it reaches what is deleted, and what
 * does it.
 */
#define PAL_VERBS(X)                                                                               \
	X(PAL_VERB_CREATE, "create", "conversation.created", false, pal_verb_create)               \
	X(PAL_VERB_UPDATE, "update", "conversation.updated", false, pal_verb_update)               \
	X(PAL_VERB_UPDATE_CONTEXT, "update_context", "conversation.context_updated", false,        \
	  pal_verb_update_context)                                                                 \
	X(PAL_VERB_CLOSE, "close", "conversation.closed", false, pal_verb_close)                   \
	X(PAL_VERB_ESCALATE, "escalate", "conversation.escalated", false, pal_verb_escalate)       \
	X(PAL_VERB_TRANSFER, "transfer", "conversation.transferred", false, pal_verb_transfer)     \
	X(PAL_VERB_REOPEN, "reopen", "conversation.reopened", false, pal_verb_reopen)              \
	X(PAL_VERB_DELETE, "delete", "conversation.deleted", false, pal_verb_delete)               \
	X(PAL_VERB_RESTORE, "restore", "conversation.restored", true, pal_verb_restore)            \
	X(PAL_VERB_ERASE, "erase", "conversation.erased", true, pal_verb_erase)                    \
	X(PAL_VERB_ABANDON, "abandon", "conversation.abandoned", false, pal_verb_abandon)

enum pal_verb {
#define X(id, action, event, reaches_deleted, apply) id,
	PAL_VERBS(X)
#undef X
	PAL_VERB_COUNT
};

/*
 * One operation. The caller fills the first part, of `command` the caller and the ids; it keeps it
 * and all it points to until `done`, finds the outcome in `command`, and frees command.data.
 */
struct pal_operation {
	struct pal_command command;	/* first */
	enum pal_verb verb;
	int64_t now_ms;			/* wall clock */
	/*
	 * Present: only if the conversation is at one of these versions, separated by blanks; `*` is
	 * any. Nothing to CREATE.
	 */
	struct pal_str versions;
	union {
		struct pal_create_request create;
		struct pal_update_request update;
		struct pal_str context;			/* UPDATE_CONTEXT: raw JSON */
		struct pal_close_request close;
		struct pal_str reason;			/* ESCALATE, REOPEN: raw JSON, or absent */
		struct pal_transfer_request transfer;
		int64_t idle_ms;			/* ABANDON: only if idle for so long */
	} of;
	/* Called exactly once. Runs on: worker or lane, or within pal_operate. */
	void (*done)(struct pal_operation *operation);
	void *arg;			/* the caller's */

	/* the service's */
	struct pal_conversation fresh;	/* CREATE */
	char own_id[PAL_UUID_TEXT_SIZE];
	/* out */
	int64_t key;			/* the conversation's, for those in this room */
	char version[PAL_CONVERSATION_VERSION_SIZE];	/* PAL_OK: what it came to */
};

/*
 * Have it done. PAL_OK: command.data is the conversation as it is now, as a JSON object. Beside
 * what pal_message_command says: PAL_E_PRECONDITION when the conversation is at none of `versions`;
 * PAL_E_CONFLICT when the conversation's status does not allow it;
 * PAL_E_VALIDATION when a context would grow too large; PAL_E_UNAUTHORIZED for a conversation made
 * for somebody else by one who is not staff. Runs on: any.
 */
void pal_operate(struct pal_message_service *service, struct pal_operation *operation);

/* --- For the verbs ---------------------------------------------------------------------------- */

/* An operation being decided. */
struct pal_deciding {
	const struct pal_operation *operation;
	const struct pal_conversation *record;
	struct pal_arena *arena;
	struct pal_change *change;
	struct pal_details details;	/* of the record; becomes change->details */
	struct pal_error *err;
};

typedef enum pal_code pal_verb_fn(struct pal_deciding *deciding);

/* Each changes deciding->change and its details by its rules, or fails. Runs on: worker. */
pal_verb_fn pal_verb_create, pal_verb_update, pal_verb_update_context, pal_verb_close,
	pal_verb_escalate, pal_verb_transfer, pal_verb_reopen, pal_verb_delete, pal_verb_restore,
	pal_verb_erase, pal_verb_abandon;

/* Who is doing it: the token's subject or the id of the key. Runs on: any. */
struct pal_str pal_caller_name(const struct pal_caller *caller);

#endif
