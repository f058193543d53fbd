/* SPDX-License-Identifier: Apache-2.0 */
#include "model/details.h"

#include <assert.h>

#include "model/names.h"

static const struct {
	const char *name;
	const char *fallback;
	enum pal_detail_audience audience;
} members[PAL_DETAIL_COUNT] = {
#define X(id, name, fallback, audience) [id] = {name, fallback, PAL_DETAIL_##audience},
	PAL_DETAILS(X)
#undef X
};

static const char *const priority_names[] = {
#define X(id, name) [id] = name,
	PAL_PRIORITIES(X)
#undef X
};

static const struct pal_str none = {NULL, 0};

const char *pal_detail_name(enum pal_detail detail)
{
	assert((size_t)detail < PAL_DETAIL_COUNT);
	return members[detail].name;
}

const char *pal_priority_name(enum pal_priority priority)
{
	assert((size_t)priority < PAL_PRIORITY_COUNT);
	return priority_names[priority];
}

bool pal_priority_parse(struct pal_str name, enum pal_priority *ret)
{
	size_t i = pal_name_index(priority_names, PAL_PRIORITY_COUNT, name);

	if (i == PAL_PRIORITY_COUNT)
		return false;
	*ret = (enum pal_priority)i;
	return true;
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct pal_details pal_details_read(struct pal_json *scratch, struct pal_str text)
{
	struct pal_details details = {.value = {{NULL, 0}}};
	struct pal_json_fault fault;

	if (text.n <= 2 || !pal_json_scan(scratch, text, &fault))
		return details;
	for (size_t i = 0; i < PAL_DETAIL_COUNT; i++) {
		uint32_t at = pal_json_member(scratch, 0, pal_str(members[i].name));
		if (at != PAL_JSON_NONE && pal_json_type(scratch, at) != PAL_JSON_NULL)
			details.value[i] = pal_json_raw(scratch, at);
	}
	return details;
}

/* Scan one member; false when it is not there. */
static bool scan(const struct pal_details *details, enum pal_detail detail,
		 struct pal_json *scratch)
{
	struct pal_json_fault fault;

	return details->value[detail].n && pal_json_scan(scratch, details->value[detail], &fault);
}

struct pal_str pal_details_text(const struct pal_details *details, enum pal_detail detail,
				struct pal_json *scratch, struct pal_arena *arena)
{
	if (!scan(details, detail, scratch) || pal_json_type(scratch, 0) != PAL_JSON_STRING)
		return none;
	return pal_json_string(scratch, 0, arena);
}

static uint32_t find_member(const struct pal_details *details, enum pal_detail detail,
			    struct pal_json *scratch, const char *name)
{
	return scan(details, detail, scratch) ? pal_json_member(scratch, 0, pal_str(name))
					      : PAL_JSON_NONE;
}

struct pal_str pal_details_member(const struct pal_details *details, enum pal_detail detail,
				  struct pal_json *scratch, const char *name)
{
	uint32_t at = find_member(details, detail, scratch, name);

	if (at == PAL_JSON_NONE || pal_json_type(scratch, at) == PAL_JSON_NULL)
		return none;
	return pal_json_raw(scratch, at);
}

int64_t pal_details_number(const struct pal_details *details, enum pal_detail detail,
			   struct pal_json *scratch, const char *name)
{
	uint32_t at = find_member(details, detail, scratch, name);
	int64_t n = 0;

	if (at == PAL_JSON_NONE || pal_json_type(scratch, at) != PAL_JSON_NUMBER ||
	    !pal_json_integer(scratch, at, &n))
		return 0;
	return n;
}

bool pal_details_have_tag(const struct pal_details *details, struct pal_str tag,
			  struct pal_json *scratch)
{
	struct pal_arena arena = pal_arena_of(0);
	bool found = false;

	if (!scan(details, PAL_DETAIL_TAGS, scratch) ||
	    pal_json_type(scratch, 0) != PAL_JSON_ARRAY)
		return false;
	uint32_t child = pal_json_first(scratch, 0);
	for (unsigned i = 0; i < scratch->node[0].count && !found; i++) {
		if (pal_json_type(scratch, child) == PAL_JSON_STRING)
			found = pal_str_equal(pal_json_string(scratch, child, &arena), tag);
		child = scratch->node[child].next;
	}
	pal_arena_release(&arena);
	return found;
}

enum pal_priority pal_details_priority(const struct pal_details *details)
{
	struct pal_str raw = details->value[PAL_DETAIL_PRIORITY];
	enum pal_priority priority = PAL_PRIORITY_NORMAL;

	if (raw.n > 2)
		pal_priority_parse((struct pal_str){raw.p + 1, raw.n - 2}, &priority);
	return priority;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void put(struct pal_buf *out, const char *name, struct pal_str raw)
{
	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, pal_str(name));
	pal_buf_add_lit(out, "\":");
	pal_buf_add_str(out, raw);
	pal_buf_add_char(out, ',');
}

/* Turn the comma behind the last member into the closing bracket. */
static void close_object(struct pal_buf *out)
{
	if (!out->failed && out->data[out->len - 1] == ',')
		out->len--;
	pal_buf_add_char(out, '}');
}

void pal_details_write(struct pal_buf *out, const struct pal_details *details)
{
	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < PAL_DETAIL_COUNT; i++)
		if (details->value[i].n)
			put(out, members[i].name, details->value[i]);
	close_object(out);
}

void pal_details_write_view(struct pal_buf *out, const struct pal_details *details, bool to_staff)
{
	enum pal_detail_audience audience = to_staff ? PAL_DETAIL_STAFF : PAL_DETAIL_ALL;

	for (size_t i = 0; i < PAL_DETAIL_COUNT; i++)
		if (members[i].audience <= audience)
			put(out, members[i].name,
			    details->value[i].n ? details->value[i] : pal_str(members[i].fallback));
}

/* --- Merging ---------------------------------------------------------------------------------- */

/* A key with its quotes and its value: a member of an object that is taken over as it stands. */
struct member {
	struct pal_str key, value;
	bool gone;
};

/* Copy out the members of `raw`; NULL when out of memory. */
static struct member *list_members(struct pal_str raw, struct pal_json *scratch,
				   struct pal_arena *arena, size_t *ret_count)
{
	struct pal_json_fault fault;

	*ret_count = 0;
	if (raw.n && pal_json_scan(scratch, raw, &fault) &&
	    pal_json_type(scratch, 0) == PAL_JSON_OBJECT)
		*ret_count = scratch->node[0].count;
	struct member *list = pal_arena_get(arena, (*ret_count + 1) * sizeof(*list));
	uint32_t key = *ret_count ? pal_json_first(scratch, 0) : 0;
	for (size_t i = 0; list && i < *ret_count; i++) {
		uint32_t value = scratch->node[key].next;
		list[i] = (struct member){pal_json_raw(scratch, key), pal_json_raw(scratch, value),
					  pal_json_type(scratch, value) == PAL_JSON_NULL};
		key = scratch->node[value].next;
	}
	return list;
}

/* Keys are compared as they are written: pal_fields_verbatim lets no escape into one. */
static bool has_key(const struct member *list, size_t count, struct pal_str key)
{
	for (size_t i = 0; i < count; i++)
		if (pal_str_equal(list[i].key, key))
			return true;
	return false;
}

static void put_member(struct pal_buf *out, const struct member *m, size_t *keys)
{
	pal_buf_add_str(out, m->key);
	pal_buf_add_char(out, ':');
	pal_buf_add_str(out, m->value);
	pal_buf_add_char(out, ',');
	++*keys;
}

enum pal_merge pal_details_merge(struct pal_str old, struct pal_str fresh, struct pal_json *scratch,
				 struct pal_arena *arena, struct pal_str *ret)
{
	size_t old_count, fresh_count, keys = 0;
	struct member *before = list_members(old, scratch, arena, &old_count);
	struct member *change = list_members(fresh, scratch, arena, &fresh_count);
	struct pal_buf out = {0};

	if (!before || !change)
		return PAL_MERGE_NO_MEMORY;
	pal_buf_add_char(&out, '{');
	for (size_t i = 0; i < old_count; i++)
		if (!has_key(change, fresh_count, before[i].key))
			put_member(&out, &before[i], &keys);
	for (size_t i = 0; i < fresh_count; i++)
		if (!change[i].gone)
			put_member(&out, &change[i], &keys);
	close_object(&out);
	bool fits = keys <= PAL_JSON_KEYS_MAX && out.len <= PAL_DETAIL_BYTES_MAX;
	struct pal_str merged = pal_arena_take_buf(arena, &out);
	if (!merged.p)
		return PAL_MERGE_NO_MEMORY;
	if (!fits)
		return PAL_MERGE_TOO_LARGE;
	*ret = merged;
	return PAL_MERGE_DONE;
}
