/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/findings.h"

#include <assert.h>

#define FIRST_CAP 4u

void pal_findings_add(struct pal_findings *found, enum pal_entity kind, struct pal_str item)
{
	struct pal_finding_list *list = &found->list[kind];

	if (list->count == PAL_ENTITY_ITEMS_MAX || found->failed)
		return;
	for (uint32_t i = 0; i < list->count; i++)
		if (pal_str_equal(list->item[i], item))
			return;
	if (list->count == list->cap) {
		uint32_t cap = list->cap ? list->cap * 4 : FIRST_CAP;
		if (cap > PAL_ENTITY_ITEMS_MAX)
			cap = PAL_ENTITY_ITEMS_MAX;
		struct pal_str *bigger = pal_arena_get(found->arena, cap * sizeof(*bigger));
		if (!bigger) {
			found->failed = true;
			return;
		}
		if (list->count)
			memcpy(bigger, list->item, list->count * sizeof(*bigger));
		list->item = bigger;
		list->cap = cap;
	}
	list->item[list->count++] = item;
}

void pal_findings_mark(struct pal_findings *found, struct pal_spans *spans, struct pal_span span)
{
	assert(spans->count == 0 || spans->item[spans->count - 1].at <= span.at);
	if (found->failed)
		return;
	if (spans->count == spans->cap) {
		size_t cap = spans->cap ? spans->cap * 2 : FIRST_CAP;
		struct pal_span *bigger = pal_arena_get(found->arena, cap * sizeof(*bigger));
		if (!bigger) {
			found->failed = true;
			return;
		}
		if (spans->count)
			memcpy(bigger, spans->item, spans->count * sizeof(*bigger));
		spans->item = bigger;
		spans->cap = cap;
	}
	spans->item[spans->count++] = span;
}

void pal_findings_publish(const struct pal_findings *found,
			  struct pal_str_list ret[PAL_ENTITY_COUNT])
{
	for (size_t i = 0; i < PAL_ENTITY_COUNT; i++)
		ret[i] = (struct pal_str_list){found->list[i].item, found->list[i].count};
}

static struct pal_str label_of(uint32_t pii)
{
	switch (pii) {
	case PAL_PII_EMAIL:
		return PAL_STR("[EMAIL]");
	case PAL_PII_PHONE:
		return PAL_STR("[PHONE]");
	case PAL_PII_SSN:
		return PAL_STR("[SSN]");
	default:
		return PAL_STR("[CARD]");
	}
}

/*
 * The earlier of the next spans of the two lists, or NULL; links without personal data are passed
 * over.
 */
static const struct pal_span *next_span(const struct pal_findings *found, size_t *link,
					size_t *number)
{
	const struct pal_spans *links = &found->links, *numbers = &found->numbers;

	while (*link < links->count && !links->item[*link].pii)
		(*link)++;
	bool has_link = *link < links->count, has_number = *number < numbers->count;
	if (has_link && (!has_number || links->item[*link].at < numbers->item[*number].at))
		return &links->item[(*link)++];
	return has_number ? &numbers->item[(*number)++] : NULL;
}

struct pal_str pal_findings_mask(struct pal_findings *found)
{
	size_t link = 0, number = 0, at = 0, len = 0;
	const struct pal_span *span = next_span(found, &link, &number);

	if (!span)
		return found->text;
	/* No label is longer than the shortest thing it stands for but [EMAIL], for a@b.cd. */
	size_t room = found->text.n + found->links.count;
	char *out = pal_arena_get(found->arena, room);
	if (!out)
		return (struct pal_str){NULL, 0};
	for (; span; span = next_span(found, &link, &number)) {
		struct pal_str label = label_of(span->pii);
		assert(span->at >= at);	/* digits.c stops at links */
		memcpy(out + len, found->text.p + at, span->at - at);
		len += span->at - at;
		memcpy(out + len, label.p, label.n);
		len += label.n;
		at = span->end;
	}
	memcpy(out + len, found->text.p + at, found->text.n - at);
	len += found->text.n - at;
	assert(len <= room);
	return (struct pal_str){out, len};
}
