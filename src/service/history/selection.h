/* SPDX-License-Identifier: Apache-2.0 */
/*
 * selection.h - which conversations a list shows, and in which order. Every conversation of a tenant
 * is offered; the first `want` in order are kept, so that memory is bounded however many there are.
 * All filters must hold. Pure but for memory and the thread's JSON scratch.
 */
#ifndef PALAVER_SERVICE_HISTORY_SELECTION_H
#define PALAVER_SERVICE_HISTORY_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/conversation.h"
#include "model/details.h"
#include "store/words.h"

#define PAL_FILTER_TAGS_MAX 5u
#define PAL_SEARCH_POINTS_MAX 200u

/* domain.md section 1.3, ConversationListRequest: what a list may be sorted by. */
#define PAL_SORTS(X)                                                                               \
	X(PAL_SORT_LAST_ACTIVITY_AT, "last_activity_at")                                           \
	X(PAL_SORT_CREATED_AT, "created_at")                                                       \
	X(PAL_SORT_UPDATED_AT, "updated_at")                                                       \
	X(PAL_SORT_STATUS, "status")                                                               \
	X(PAL_SORT_PRIORITY, "priority")

enum pal_sort {
#define X(id, name) id,
	PAL_SORTS(X)
#undef X
	PAL_SORT_COUNT
};

#define PAL_ANY (-1)

/* What must hold. Absent texts, PAL_ANY and 0 instants ask for nothing. */
struct pal_filter {
	int status, channel, priority;	/* PAL_ANY, or of the enumeration */
	struct pal_str user_id, assigned_agent, department, category;
	struct pal_str tags[PAL_FILTER_TAGS_MAX];	/* all of them */
	size_t tag_count;
	int64_t created_after, created_before;	/* wall ms; later than, earlier than */
	int64_t updated_after, updated_before;
	struct pal_str search; /* words that a message, or tags and notes, must hold: store/words.h */
	bool include_deleted;
};

/* Where a conversation stands in the order; ties go by key. */
struct pal_place {
	int64_t value, key;
};

/* One that is kept. */
struct pal_selected {
	struct pal_place place;
	char *id;
	size_t id_len;
};

struct pal_selection {
	/* set before the first is offered */
	const struct pal_filter *filter;
	enum pal_sort sort;
	bool ascending;
	const struct pal_place *after;	/* keep only what comes after it; NULL: all */
	size_t want;			/* >= 1 */
	const int64_t *found;		/* with a search: keys whose messages match, ascending */
	size_t found_count;

	/* out */
	int64_t total;			/* how many match, on whichever page */
	struct pal_selected *kept;	/* in order once sorted */
	size_t count;
	bool failed;			/* out of memory: what is kept is not right */

	/* its own; zeroed */
	struct pal_arena arena;
	struct pal_buf text;
	struct pal_query_words words;
};

/* Take `conversation` if it belongs. Runs on: the selection's one user. */
void pal_selection_offer(struct pal_selection *selection,
			 const struct pal_conversation *conversation);

/* Put what was kept in order. Runs on: the selection's one user. */
void pal_selection_sort(struct pal_selection *selection);

/* Free what it holds. Runs on: the selection's one user. */
void pal_selection_deinit(struct pal_selection *selection);

/* Whether `search` has no more words than can be looked for, PAL_QUERY_WORDS_MAX. Runs on: any. */
bool pal_search_is_good(struct pal_str search);

/* When the conversation was last changed, by a message or an operation. Runs on: any. */
int64_t pal_conversation_updated_ms(const struct pal_conversation *conversation,
				    const struct pal_details *details);

#endif
