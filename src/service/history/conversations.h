/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conversations.h - the conversation service, reading half: one conversation, its history, how it
 * went, and the life of one message. What is read is what is committed. Nothing here touches an
 * actor.
 */
#ifndef PALAVER_SERVICE_HISTORY_CONVERSATIONS_H
#define PALAVER_SERVICE_HISTORY_CONVERSATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "service/access/caller.h"
#include "service/view/conversation.h"
#include "store/front.h"

#define PAL_PAGE_SIZE_MAX 100
#define PAL_PAGE_SIZE_DEFAULT 20

#define PAL_READING_TAG_SIZE (PAL_CONVERSATION_VERSION_SIZE + 1 + 16)

enum pal_reading_kind {
	PAL_READ_CONVERSATION,	/* summary, details, state and the newest messages */
	PAL_READ_SUMMARY,	/* how it went, without messages */
	PAL_READ_HISTORY,	/* one page of the messages, oldest first */
	PAL_READ_WHERE,		/* the life of the exchange that a message belongs to */
};

/*
 * One question and its answer. The caller fills the first part, keeps it and what it points to
 * until `done` is called, and then frees `data`.
 */
struct pal_reading {
	enum pal_reading_kind kind;
	struct pal_caller caller;
	struct pal_str id;		/* of the conversation; of the message for PAL_READ_WHERE */
	int64_t page;			/* HISTORY: >= 1 */
	int64_t after;	/* HISTORY: if > 0, what follows this sequence number, not a page */
	int64_t page_size; /* HISTORY and CONVERSATION: 1..PAL_PAGE_SIZE_MAX; 0: none */
	/* Called exactly once. Runs on: lane, or the caller's thread for a store that does not
	 * block. */
	void (*done)(struct pal_reading *reading);
	void *arg;			/* the caller's */

	/* out */
	enum pal_code code; /* PAL_E_NOT_FOUND: absent or not the caller's; PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf data;		/* PAL_OK: the JSON object of domain.md section 1.3 */
	int64_t next; /* HISTORY: the last one shown when more follow, to go on `after`; else 0 */

	/*
	 * CONVERSATION: the version of the conversation, a full stop, and what names this very text:
	 * how far replies have come is shown too and is not of the version.
	 */
	char tag[PAL_READING_TAG_SIZE];

	/* the service's */
	struct pal_query query;
};

/*
 * Load the conversation `id` as `caller` may see it: PAL_E_NOT_FOUND when it is absent, deleted, or
 * somebody else's and the caller no staff; else as pal_store_load_conversation. Runs on: lane, or
 * any for a store that does not block.
 */
PAL_MUST_CHECK enum pal_code pal_conversations_load(struct pal_store *store, unsigned reader,
						    const struct pal_caller *caller,
						    struct pal_str id, struct pal_arena *arena,
						    struct pal_conversation *ret,
						    struct pal_error *err);

/* Ask `reading` of the store behind `front`. Runs on: any. */
void pal_conversations_read(struct pal_store_front *front, struct pal_reading *reading);

#endif
