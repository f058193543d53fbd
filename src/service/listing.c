/* SPDX-License-Identifier: Apache-2.0 */
#include "service/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "service/view.h"
#include "store/store.h"

#define RETRY_AFTER_MS 1000u

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

static enum pal_code list(struct pal_listing *l, struct pal_store *store, unsigned reader)
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
	enum pal_code code = pal_store_walk_conversations(store, reader, l->caller.tenant, user,
							  offer, &selection, &l->err);
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

	l->code = list(l, store, reader);
	if (l->code != PAL_OK)
		pal_buf_deinit(&l->data);
}

static void done(struct pal_query *query)
{
	struct pal_listing *l = listing_of(query);

	l->done(l);
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
	listing->data = pal_buf_of(0);
	listing->query = (struct pal_query){.run = run, .done = done};
	listing->code = check(listing);
	if (listing->code == PAL_OK) {
		if (pal_store_front_query(front, &listing->query) != PAL_PUT_FULL)
			return;
		listing->code = pal_fail_retry(&listing->err, PAL_E_SERVICE, RETRY_AFTER_MS,
					       "store",
					       "the store has more to read than it can take");
	}
	listing->done(listing);
}
