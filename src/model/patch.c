/* SPDX-License-Identifier: Apache-2.0 */
#include "model/patch.h"

struct member {
	struct pal_str key, value;	/* as they stand in the text */
	bool used;
};

struct members {
	struct member *item;
	size_t count;
};

static bool list_members(struct pal_json *json, struct pal_str text, struct pal_arena *arena,
			 struct members *ret)
{
	struct pal_json_fault fault;

	*ret = (struct members){NULL, 0};
	if (!text.n)
		return true;
	if (!pal_json_scan(json, text, &fault) || pal_json_type(json, 0) != PAL_JSON_OBJECT)
		return false;
	size_t count = json->node[0].count;
	ret->item = pal_arena_get(arena, (count + 1) * sizeof(ret->item[0]));
	if (!ret->item)
		return false;
	uint32_t key = pal_json_first(json, 0);
	for (; ret->count < count; key = json->node[key + 1].next)
		ret->item[ret->count++] = (struct member){
			.key = {text.p + json->node[key].at, json->node[key].len},
			.value = pal_json_raw(json, key + 1)};
	return true;
}

static struct member *find(const struct members *members, struct pal_str key)
{
	for (size_t i = 0; i < members->count; i++)
		if (pal_str_equal(members->item[i].key, key))
			return &members->item[i];
	return NULL;
}

static void put_key(struct pal_buf *out, struct pal_str key)
{
	if (out->len && out->data[out->len - 1] != '{')
		pal_buf_add_char(out, ',');
	pal_buf_add_char(out, '"');
	pal_buf_add_str(out, key);
	pal_buf_add_lit(out, "\":");
}

static void put_unless_null(struct pal_buf *out, const struct member *member)
{
	if (pal_str_equal(member->value, PAL_STR("null")))
		return;
	put_key(out, member->key);
	pal_buf_add_str(out, member->value);
}

bool pal_patch_merge(struct pal_json *scratch, struct pal_str base, struct pal_str patch,
		     struct pal_arena *arena, struct pal_buf *out)
{
	struct members old, new;

	if (!list_members(scratch, base, arena, &old) || !list_members(scratch, patch, arena, &new))
		return false;
	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < old.count; i++) {
		struct member *over = find(&new, old.item[i].key);
		if (over)
			over->used = true;
		put_unless_null(out, over ? over : &old.item[i]);
	}
	for (size_t i = 0; i < new.count; i++)
		if (!new.item[i].used)
			put_unless_null(out, &new.item[i]);
	pal_buf_add_char(out, '}');
	return true;
}

/* The elements of `list` but for the oldest, so that one more makes at most `max`. */
static bool put_newest(struct pal_json *json, struct pal_str list, size_t max, struct pal_buf *out)
{
	struct pal_json_fault fault;

	if (!pal_json_scan(json, list, &fault) || pal_json_type(json, 0) != PAL_JSON_ARRAY)
		return false;
	size_t count = json->node[0].count;
	uint32_t at = pal_json_first(json, 0);
	for (size_t i = 0; i < count; i++, at = json->node[at].next) {
		if (i + max <= count)
			continue;
		pal_buf_add_str(out, pal_json_raw(json, at));
		pal_buf_add_char(out, ',');
	}
	return true;
}

bool pal_patch_append(struct pal_json *scratch, struct pal_str base, struct pal_str items,
		      size_t max, struct pal_arena *arena, struct pal_buf *out,
		      struct pal_str *ret_key)
{
	struct members old, new;

	if (!list_members(scratch, base, arena, &old) || !list_members(scratch, items, arena, &new))
		return false;
	pal_buf_add_char(out, '{');
	for (size_t i = 0; i < old.count; i++)
		if (!find(&new, old.item[i].key)) {
			put_key(out, old.item[i].key);
			pal_buf_add_str(out, old.item[i].value);
		}
	for (size_t i = 0; i < new.count; i++) {
		const struct member *list = find(&old, new.item[i].key);
		put_key(out, new.item[i].key);
		pal_buf_add_char(out, '[');
		if (list && !put_newest(scratch, list->value, max, out)) {
			*ret_key = new.item[i].key;
			return false;
		}
		pal_buf_add_str(out, new.item[i].value);
		pal_buf_add_char(out, ']');
	}
	pal_buf_add_char(out, '}');
	return true;
}
