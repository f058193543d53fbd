/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept is a heap whose root is the last in order: a conversation that comes before the root
 * takes its place. Details are read only when a filter or the order asks for them.
 */
#include "service/history/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "service/view/answer.h"

/* --- Order ------------------------------------------------------------------------------------ */

static bool is_before(const struct pal_selection *s, const struct pal_place *a,
		      const struct pal_place *b)
{
	if (a->value != b->value)
		return s->ascending ? a->value < b->value : a->value > b->value;
	return s->ascending ? a->key < b->key : a->key > b->key;
}

static void swap(struct pal_selected *a, struct pal_selected *b)
{
	const struct pal_selected was = *a;

	*a = *b;
	*b = was;
}

static void sift_up(struct pal_selection *s, size_t i)
{
	while (i > 0 && is_before(s, &s->kept[(i - 1) / 2].place, &s->kept[i].place)) {
		swap(&s->kept[i], &s->kept[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

/* Among the first `count`. */
static void sift_down(struct pal_selection *s, size_t i, size_t count)
{
	for (;;) {
		size_t last = i;
		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
			if (is_before(s, &s->kept[last].place, &s->kept[child].place))
				last = child;
		if (last == i)
			return;
		swap(&s->kept[i], &s->kept[last]);
		i = last;
	}
}

void pal_selection_sort(struct pal_selection *s)
{
	for (size_t n = s->count; n > 1; n--) {
		swap(&s->kept[0], &s->kept[n - 1]);
		sift_down(s, 0, n - 1);
	}
}

/* Room for twice as many, at most for `want`. */
static bool make_room(struct pal_selection *s)
{
	size_t n = s->count;

	if (n & (n - 1) || (n && n < 16))	/* grows at 0 and at powers of two from 16 on */
		return true;
	size_t room = n ? 2 * n : 16;
	struct pal_selected *kept = realloc(s->kept, room * sizeof(*kept));
	if (!kept)
		return false;
	s->kept = kept;
	return true;
}

static void keep(struct pal_selection *s, const struct pal_place *place, struct pal_str id)
{
	bool is_full = s->count == s->want;
	char *copy;

	if (is_full && !is_before(s, place, &s->kept[0].place))
		return;
	copy = malloc(id.n ? id.n : 1);
	if (!copy || (!is_full && !make_room(s))) {
		free(copy);
		s->failed = true;
		return;
	}
	memcpy(copy, id.p, id.n);
	size_t i = is_full ? 0 : s->count++;
	if (is_full)
		free(s->kept[0].id);
	s->kept[i] = (struct pal_selected){*place, copy, id.n};
	if (is_full)
		sift_down(s, 0, s->count);
	else
		sift_up(s, i);
}

int64_t pal_conversation_updated_ms(const struct pal_conversation *c,
				    const struct pal_details *details)
{
	struct pal_str raw = details->value[PAL_DETAIL_UPDATED_AT];
	int64_t ms;

	/* the string in quotes: we wrote it, so nothing in it is escaped */
	if (raw.n > 2 && pal_time_parse((struct pal_str){raw.p + 1, raw.n - 2}, &ms) &&
	    ms > c->last_activity_ms)
		return ms;
	return c->last_activity_ms;
}

static struct pal_place place_of(const struct pal_selection *s, const struct pal_conversation *c,
				 const struct pal_details *details)
{
	struct pal_place place = {c->last_activity_ms, c->key};

	if (s->sort == PAL_SORT_CREATED_AT)
		place.value = c->started_ms;
	else if (s->sort == PAL_SORT_UPDATED_AT)
		place.value = pal_conversation_updated_ms(c, details);
	else if (s->sort == PAL_SORT_STATUS)
		place.value = c->status;
	else if (s->sort == PAL_SORT_PRIORITY)
		place.value = pal_details_priority(details);
	return place;
}

/* --- Search ----------------------------------------------------------------------------------- */

/* Append every string in the JSON value `raw`, each on a line of its own. */
static void add_strings(struct pal_selection *s, struct pal_str raw)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (!raw.n || !pal_json_scan(json, raw, &fault))
		return;
	for (uint32_t i = 0; i < json->count; i++) {
		if (pal_json_type(json, i) != PAL_JSON_STRING)
			continue;
		struct pal_str text = pal_json_string(json, i, &s->arena);
		s->failed |= !text.p;
		if (text.n)
			pal_buf_add_str(&s->text, text);
		pal_buf_add_char(&s->text, '\n');
	}
}

static bool is_said_in_details(struct pal_selection *s, const struct pal_details *details)
{
	static const enum pal_detail searched[] = {
		PAL_DETAIL_TAGS,	  PAL_DETAIL_NOTES,    PAL_DETAIL_CLOSING_NOTES,
		PAL_DETAIL_TRANSFER_NOTES, PAL_DETAIL_CATEGORY, PAL_DETAIL_DEPARTMENT,
	};

	pal_buf_clear(&s->text);
	for (size_t i = 0; i < sizeof(searched) / sizeof(searched[0]); i++)
		add_strings(s, details->value[searched[i]]);
	s->failed |= s->text.failed;
	return s->text.len && pal_words_match(&s->words, pal_buf_str(&s->text));
}

static int compare_keys(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool is_found(struct pal_selection *s, const struct pal_conversation *c,
		     const struct pal_details *details)
{
	if (!s->filter->search.n)
		return true;
	if (s->found_count &&
	    bsearch(&c->key, s->found, s->found_count, sizeof(c->key), compare_keys))
		return true;
	if (!s->words.count && !pal_words_split(s->filter->search, &s->words))
		return false;
	return is_said_in_details(s, details);
}

/* --- Filters ---------------------------------------------------------------------------------- */

static bool needs_details(const struct pal_selection *s)
{
	const struct pal_filter *f = s->filter;

	return f->priority != PAL_ANY || f->assigned_agent.n || f->department.n || f->category.n ||
	       f->tag_count || f->search.n || f->updated_after || f->updated_before ||
	       s->sort == PAL_SORT_UPDATED_AT || s->sort == PAL_SORT_PRIORITY;
}

static bool is_within(int64_t ms, int64_t after, int64_t before)
{
	return (!after || ms > after) && (!before || ms < before);
}

static bool is_record_wanted(const struct pal_filter *f, const struct pal_conversation *c)
{
	return (f->include_deleted || !c->deleted) &&
	       (f->status == PAL_ANY || f->status == (int)c->status) &&
	       (f->channel == PAL_ANY || f->channel == (int)c->channel) &&
	       (!f->user_id.p || pal_str_equal(f->user_id, c->user_id)) &&
	       is_within(c->started_ms, f->created_after, f->created_before);
}

static bool has_text(struct pal_selection *s, const struct pal_details *details,
		     enum pal_detail detail, struct pal_str wanted)
{
	return !wanted.n || pal_str_equal(wanted, pal_details_text(details, detail,
								   pal_thread_json(), &s->arena));
}

static bool are_details_wanted(struct pal_selection *s, const struct pal_conversation *c,
			       const struct pal_details *details)
{
	const struct pal_filter *f = s->filter;

	if ((f->priority != PAL_ANY && f->priority != (int)pal_details_priority(details)) ||
	    !is_within(pal_conversation_updated_ms(c, details), f->updated_after,
		       f->updated_before) ||
	    !has_text(s, details, PAL_DETAIL_ASSIGNED_AGENT, f->assigned_agent) ||
	    !has_text(s, details, PAL_DETAIL_DEPARTMENT, f->department) ||
	    !has_text(s, details, PAL_DETAIL_CATEGORY, f->category))
		return false;
	for (size_t i = 0; i < f->tag_count; i++)
		if (!pal_details_have_tag(details, f->tags[i], pal_thread_json()))
			return false;
	return is_found(s, c, details);
}

void pal_selection_offer(struct pal_selection *s, const struct pal_conversation *c)
{
	struct pal_details details = {0};

	if (s->failed || !is_record_wanted(s->filter, c))
		return;
	if (needs_details(s)) {
		pal_arena_reset(&s->arena);
		details = pal_details_read(pal_thread_json(), c->details);
		if (!are_details_wanted(s, c, &details))
			return;
	}
	const struct pal_place place = place_of(s, c, &details);
	s->total++;
	if (!s->after || is_before(s, s->after, &place))
		keep(s, &place, c->id);
}

bool pal_search_is_good(struct pal_str search)
{
	struct pal_query_words words;

	return search.n <= PAL_QUERY_BYTES_MAX && pal_words_split(search, &words);
}

void pal_selection_deinit(struct pal_selection *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->kept[i].id);
	free(s->kept);
	pal_arena_release(&s->arena);
	pal_buf_deinit(&s->text);
	s->kept = NULL;
	s->count = 0;
}
