/* SPDX-License-Identifier: Apache-2.0 */
/* findings.h - what was found in a text, and where: entity lists and spans, kept in an arena. */
#ifndef PALAVER_PROCESS_TEXT_FINDINGS_H
#define PALAVER_PROCESS_TEXT_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "palaver/processor.h"

/* A stretch of the text, in bytes; `pii` is an enum pal_pii bit, or 0 for an address of a page. */
struct pal_span {
	uint32_t at, end;
	uint32_t pii;
};

/* In order of `at`. */
struct pal_spans {
	struct pal_span *item;
	size_t count, cap;
};

struct pal_finding_list {
	struct pal_str *item;
	uint32_t count, cap;
};

struct pal_findings {
	struct pal_str text;	/* normalised */
	struct pal_arena *arena;
	struct pal_finding_list list[PAL_ENTITY_COUNT];
	struct pal_spans links;		/* pages and mail addresses: their words are not words */
	struct pal_spans numbers;	/* personal data made of digits */
	bool failed;			/* the arena is exhausted; everything since was ignored */
};

/*
 * Add `item` to the list of `kind` unless it is there already or the list has PAL_ENTITY_ITEMS_MAX.
 * Runs on: worker.
 */
void pal_findings_add(struct pal_findings *found, enum pal_entity kind, struct pal_str item);

/* Append a span that begins behind all others of `spans`. Runs on: worker. */
void pal_findings_mark(struct pal_findings *found, struct pal_spans *spans, struct pal_span span);

/* The entity lists of `found`, as the result has them. Runs on: worker. */
void pal_findings_publish(const struct pal_findings *found,
			  struct pal_str_list ret[PAL_ENTITY_COUNT]);

/*
 * The text with its personal data replaced by [EMAIL] [PHONE] [SSN] [CARD]; the text itself when
 * there is none. p is NULL when out of memory. Runs on: worker.
 */
struct pal_str pal_findings_mask(struct pal_findings *found);

#endif
