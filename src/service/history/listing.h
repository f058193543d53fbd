/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing.h - the conversation service: one page of the conversations that match. A read lane walks
 * the tenant's conversations and keeps those of the page; what they say is then loaded, so that
 * counts are those of the newest message. A search brings the index of the messages' words up to date
 * first.
 */
#ifndef PALAVER_SERVICE_HISTORY_LISTING_H
#define PALAVER_SERVICE_HISTORY_LISTING_H

#include "base/buf.h"
#include "base/error.h"
#include "service/access/caller.h"
#include "service/history/selection.h"
#include "store/front.h"

#define PAL_LISTING_OFFSET_MAX 10000	/* deeper pages are reached by cursor */
#define PAL_LISTING_LIMIT_MAX 100
#define PAL_SEARCH_FOUND_MAX 100000u	/* conversations that a search by text may find */
#define PAL_PLACE_TEXT_SIZE 48

/* The caller fills the first part and keeps it, and what it points to, until `done` is called. */
struct pal_listing {
	struct pal_caller caller;
	/*
	 * Only what is the caller's own: for a person its conversations; for an API key, which
	 * speaks for its tenant's users, all. Without it the caller must be staff.
	 */
	bool own;
	struct pal_filter filter;
	enum pal_sort sort;
	bool ascending;
	int64_t limit;			/* 1..PAL_LISTING_LIMIT_MAX */
	int64_t offset;			/* 0..PAL_LISTING_OFFSET_MAX */
	struct pal_str after;		/* where a page ended (`next`) instead; p NULL: none */
	/* Called exactly once. Runs on: lane, or the caller's thread for a store that does not
	 * block. */
	void (*done)(struct pal_listing *listing);

	/* out */
	enum pal_code code;	/* PAL_E_UNAUTHORIZED, PAL_E_VALIDATION (`after`), PAL_E_SERVICE */
	struct pal_error err;
	struct pal_buf data;		/* PAL_OK: array of ConversationSummary; the caller's to free */
	int64_t total;			/* on all pages */
	bool has_next;
	char next[PAL_PLACE_TEXT_SIZE];	/* with has_next: where this page ended */

	/* the service's */
	struct pal_query query;
	struct pal_store_front *front;
	bool index_behind;
	unsigned index_steps;
};

/* Ask `listing` of the store behind `front`. Runs on: any. */
void pal_conversations_list(struct pal_store_front *front, struct pal_listing *listing);

#endif
