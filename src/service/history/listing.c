/* SPDX-License-Identifier: Apache-2.0 */
#include "service/history/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/view/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u
#define INDEX_STEPS_MAX 256u

/* The keys of conversations whose messages hold the words. */
struct found {
	int64_t *keys;
	size_t count, room;
	bool failed;
};

static bool add_found(void *arg, int64_t key)
{
	struct found *found = arg;

	if (found->count == found->room) {
		size_t room = found->room ? 2 * found->room : 256;
		int64_t *keys = realloc(found->keys, room * sizeof(*keys));
		if (!keys) {
			found->failed = true;
			return false;
		}
		found->keys = keys;
		found->room = room;
	}
	found->keys[found->count++] = key;
	return true;
}

static int compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static enum pal_code search(struct pal_listing *l, struct pal_store *store, unsigned reader,
			    struct found *found)
{
	if (!l->filter.search.n)
		return PAL_OK;
	enum pal_code code = pal_store_search_text(store, reader, l->caller.tenant,
						   l->filter.search, PAL_SEARCH_FOUND_MAX,
						   add_found, found, &l->err);
	if (code == PAL_OK && found->failed)
		code = pal_fail_memory(&l->err, "conversation");
	if (found->count)
		qsort(found->keys, found->count, sizeof(found->keys[0]), compare_keys);
	return code;
}

static bool offer(void *arg, const struct pal_conversation *conversation)
{
	struct pal_selection *selection = arg;

	pal_selection_offer(selection, conversation);
	return !selection->failed;
}

/* A place as it stands in a cursor. */
static bool read_place(struct pal_str text, struct pal_place *ret)
{
	char copy[PAL_PLACE_TEXT_SIZE];
	int end = 0;

	if (text.n >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	return sscanf(copy, "%" SCNd64 ":%" SCNd64 "%n", &ret->value, &ret->key, &end) == 2 &&
	       (size_t)end == text.n;
}

/* What one of the page says, as it is now: it may have changed, or gone, since the walk. */
static enum pal_code put_summary(struct pal_listing *l, struct pal_store *store, unsigned reader,
				 const struct pal_selected *one)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_conversation c;
	enum pal_code code = pal_store_load_conversation(
		store, reader, l->caller.tenant, (struct pal_str){one->id, one->id_len}, &arena, &c,
		&l->err);

	if (code == PAL_OK && (l->filter.include_deleted || !c.deleted)) {
		pal_view_summary(&l->data, &c);
		pal_buf_add_char(&l->data, ',');
	}
	pal_arena_release(&arena);
	return code == PAL_E_NOT_FOUND ? PAL_OK : code;
}

static enum pal_code put_page(struct pal_listing *l, struct pal_store *store, unsigned reader,
			      struct pal_selection *selection)
{
	size_t from = (size_t)l->offset, to = from + (size_t)l->limit;
	enum pal_code code = PAL_OK;

	pal_selection_sort(selection);
	l->total = selection->total;
	l->has_next = selection->count > to;
	if (to > selection->count)
		to = selection->count;
	pal_buf_add_char(&l->data, '[');
	for (size_t i = from; i < to && code == PAL_OK; i++)
		code = put_summary(l, store, reader, &selection->kept[i]);
	pal_view_close(&l->data, ']');
	if (l->has_next)
		snprintf(l->next, sizeof(l->next), "%" PRId64 ":%" PRId64,
			 selection->kept[to - 1].place.value, selection->kept[to - 1].place.key);
	if (code == PAL_OK && l->data.failed)
		code = pal_fail_memory(&l->err, "conversation");
	return code;
}

static enum pal_code list(struct pal_listing *l, struct pal_store *store, unsigned reader,
			  struct found *found)
{
	/* the user whose conversations are walked: who asks for his own sees no other's */
	bool is_person = l->own && !l->caller.key_id.p;
	struct pal_str user = is_person ? l->caller.user_id : l->filter.user_id;
	struct pal_place after = {0, 0};
	struct pal_selection selection = {
		.filter = &l->filter,
		.sort = l->sort,
		.ascending = l->ascending,
		.after = l->after.p ? &after : NULL,
		.want = (size_t)(l->offset + l->limit + 1),
	};

	if (l->after.p && !read_place(l->after, &after))
		return pal_fail(&l->err, PAL_E_VALIDATION, "cursor", "is not a cursor of this list");
	enum pal_code code = search(l, store, reader, found);
	selection.found = found->keys;
	selection.found_count = found->count;
	if (code == PAL_OK)
		code = pal_store_walk_conversations(store, reader, l->caller.tenant, user, offer,
						    &selection, &l->err);
	if (code == PAL_OK && selection.failed)
		code = pal_fail_memory(&l->err, "conversation");
	if (code == PAL_OK)
		code = put_page(l, store, reader, &selection);
	pal_selection_deinit(&selection);
	return code;
}

static struct pal_listing *listing_of(struct pal_query *query)
{
	return (struct pal_listing *)((char *)query - offsetof(struct pal_listing, query));
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_listing *l = listing_of(query);
	struct found found = {0};

	l->code = list(l, store, reader, &found);
	free(found.keys);
	if (l->code != PAL_OK)
		pal_buf_deinit(&l->data);
}

static void done(struct pal_query *query)
{
	struct pal_listing *l = listing_of(query);

	l->done(l);
}

/* --- Before a search: what was said lately has to be in the index ----------------------------- */

static void fail_full(struct pal_listing *l)
{
	l->code = pal_fail_retry(&l->err, PAL_E_SERVICE, RETRY_AFTER_MS, "store",
				 "the store has more to do than it can take");
	l->done(l);
}

static void ask(struct pal_listing *l)
{
	l->query = (struct pal_query){.run = run, .done = done};
	if (pal_store_front_query(l->front, &l->query) == PAL_PUT_FULL)
		fail_full(l);
}

static void run_index(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_listing *l = listing_of(query);

	(void)reader;
	l->index_behind = false;
	l->code = pal_store_index_text(store, &l->index_behind, &l->err);
}

static void ask_index(struct pal_listing *l);

/* Commits go between two steps. A store that is written faster than it is indexed is searched as
 * far as it is. */
static void indexed(struct pal_query *query)
{
	struct pal_listing *l = listing_of(query);

	if (l->code != PAL_OK)
		l->done(l);
	else if (l->index_behind && ++l->index_steps < INDEX_STEPS_MAX)
		ask_index(l);
	else
		ask(l);
}

static void ask_index(struct pal_listing *l)
{
	l->query = (struct pal_query){.run = run_index, .done = indexed};
	if (pal_store_front_write(l->front, &l->query) == PAL_PUT_FULL)
		fail_full(l);
}

static enum pal_code check(struct pal_listing *l)
{
	bool is_staff = pal_caller_is_staff(&l->caller);

	if (!l->caller.key_id.p && !l->caller.user_id.n)
		return pal_fail(&l->err, PAL_E_UNAUTHORIZED, "user", "the caller is nobody");
	if (!l->own && !is_staff)
		return pal_fail(&l->err, PAL_E_UNAUTHORIZED, "conversations:staff",
				"only staff may list the conversations of others");
	if (l->filter.include_deleted && !is_staff)
		return pal_fail(&l->err, PAL_E_UNAUTHORIZED, "include_deleted",
				"only staff may list deleted conversations");
	return PAL_OK;
}

void pal_conversations_list(struct pal_store_front *front, struct pal_listing *listing)
{
	listing->front = front;
	listing->data = pal_buf_of(0);
	listing->index_steps = 0;
	listing->code = check(listing);
	if (listing->code != PAL_OK)
		listing->done(listing);
	else if (listing->filter.search.n)
		ask_index(listing);
	else
		ask(listing);
}
