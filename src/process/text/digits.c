/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/digits.h"

#include <strings.h>

#include "process/text/chars.h"
#include "process/text/lexicon.h"
#include "process/text/shapes.h"

#define UNIT_MAX 7u		/* bytes of "dollars" */

static const struct pal_str signs[] = {{"$", 1}, {"£", 2}, {"¥", 2}, {"€", 3}};
#define SIGNS (sizeof(signs) / sizeof(signs[0]))
#define EURO 3u	/* in `signs` */

struct search {
	struct pal_findings *found;
	struct pal_str text;
	struct pal_order_shape order;
	size_t link;		/* the first link that may still lie ahead */
	size_t taken;		/* the end of the last finding or link: all before is gone */
	/* Digits joined as in a phone up to `cluster_end`: too few of them, and none is tried. */
	size_t cluster_end, cluster_digits;
};

static bool is_at(struct pal_str text, size_t at, unsigned classes)
{
	return at < text.n && pal_char_is(text.p[at], classes);
}

static bool starts_with(struct pal_str text, size_t at, struct pal_str s)
{
	return text.n - at >= s.n && memcmp(text.p + at, s.p, s.n) == 0;
}

/* Where the currency sign before `at` begins, one blank between them allowed; `at` without one. */
static size_t currency_start(struct pal_str text, size_t at)
{
	size_t i = at > 0 && text.p[at - 1] == ' ' ? at - 1 : at;

	for (size_t k = 0; k < SIGNS; k++)
		if (i >= signs[k].n && starts_with(text, i - signs[k].n, signs[k]))
			return i - signs[k].n;
	return at;
}

/*
 * The end of "dollars", "€" or another unit of money behind the number that ends at `at`; else
 * `at`.
 */
static size_t unit_end(struct pal_str text, size_t at)
{
	char word[UNIT_MAX];
	uint32_t hash = PAL_WORD_HASH_START;
	size_t n = 0, i = at + (at < text.n && text.p[at] == ' ');

	/* "25 €" is common; "25 $" may be the "$" of what follows. */
	for (size_t k = 0; k < SIGNS; k++)
		if ((i == at || k == EURO) && starts_with(text, i, signs[k]))
			return i + signs[k].n;
	while (n < UNIT_MAX && is_at(text, i + n, PAL_CHAR_LETTER)) {
		word[n] = (char)(text.p[i + n] | 0x20);
		hash = pal_word_hash_step(hash, word[n++]);
	}
	if (n == 0 || is_at(text, i + n, PAL_CHAR_WORD | PAL_CHAR_HIGH))
		return at;
	const struct pal_lexeme *lexeme =
		pal_lexicon_find(pal_lexicon_get(), (struct pal_str){word, n}, hash);
	return lexeme->roles & PAL_LEXEME_CURRENCY ? i + n : at;
}

static struct pal_str between(struct pal_str text, size_t at, size_t end)
{
	return (struct pal_str){text.p + at, end - at};
}

/* Where the order number that ends in the digits from `at` begins; `at` when it is none. */
static size_t order_start(const struct search *s, size_t at, size_t end)
{
	struct pal_str prefix = s->order.prefix;
	size_t i = at;

	if (end - at != s->order.digits || is_at(s->text, end, PAL_CHAR_WORD))
		return at;
	if (i > 0 && s->text.p[i - 1] == '-')
		i--;
	if (i < s->taken + prefix.n)
		return at;
	i -= prefix.n;
	if (strncasecmp(s->text.p + i, prefix.p, prefix.n) != 0)
		return at;
	return i > 0 && pal_char_is(s->text.p[i - 1], PAL_CHAR_WORD) ? at : i;
}

/* Money or a plain number at `at`. Return where to go on. */
static size_t take_number(struct search *s, size_t at)
{
	size_t start = currency_start(s->text, at), end;

	if (start < at && start >= s->taken) {
		end = pal_shape_amount(s->text, at);
		pal_findings_add(s->found, PAL_ENTITY_MONEY, between(s->text, start, end));
		return end;
	}
	end = pal_shape_number(s->text, at);
	size_t unit = unit_end(s->text, end);
	if (unit > end)
		pal_findings_add(s->found, PAL_ENTITY_MONEY, between(s->text, at, unit));
	else if (!is_at(s->text, end, PAL_CHAR_WORD))
		pal_findings_add(s->found, PAL_ENTITY_NUMBERS, between(s->text, at, end));
	return unit;
}

static void look_at_cluster(struct search *s, size_t at)
{
	size_t i = at, digits = 0;

	while (is_at(s->text, i, PAL_CHAR_DIGIT)) {
		size_t end = pal_shape_run(s->text, i);
		digits += end - i;
		s->cluster_end = end;
		i = pal_shape_gap(s->text, end);
	}
	s->cluster_digits = digits;
}

/*
 * A bracket or a plus before the first digit belongs to a phone; the bracket only when it is
 * closed.
 */
static size_t phone_start(const struct search *s, size_t at, size_t end)
{
	const char *text = s->text.p;

	if (at > s->taken && text[at - 1] == '(' && memchr(text + at, ')', end - at))
		at--;
	if (at > s->taken && text[at - 1] == '+')
		at--;
	return at;
}

static size_t take_span(struct search *s, size_t at, size_t end, uint32_t pii)
{
	pal_findings_mark(s->found, &s->found->numbers,
			  (struct pal_span){(uint32_t)at, (uint32_t)end, pii});
	return end;
}

/* A card or a phone at `at`. Return its end, or `at`. */
static size_t take_long(struct search *s, size_t at)
{
	if (at >= s->cluster_end)
		look_at_cluster(s, at);
	if (s->cluster_digits < PAL_PHONE_DIGITS_MIN || !pal_shape_may_start(s->text, at))
		return at;
	size_t end = pal_shape_card(s->text, at);
	if (end > at)
		return take_span(s, at, end, PAL_PII_CARD);
	end = pal_shape_phone(s->text, at);
	if (end == at)
		return at;
	size_t start = phone_start(s, at, end);
	pal_findings_add(s->found, PAL_ENTITY_PHONES, between(s->text, start, end));
	return take_span(s, start, end, PAL_PII_PHONE);
}

/* Decide what begins with the digit at `at`. Return where to go on. */
static size_t take_digits(struct search *s, size_t at)
{
	size_t end = pal_shape_run(s->text, at), start = order_start(s, at, end);

	if (start < at) {
		pal_findings_add(s->found, PAL_ENTITY_ORDER_NUMBERS, between(s->text, start, end));
		return end;
	}
	if (at > 0 && pal_char_is(s->text.p[at - 1], PAL_CHAR_WORD))
		return end;
	end = pal_shape_date(s->text, at);
	if (end > at) {
		pal_findings_add(s->found, PAL_ENTITY_DATES, between(s->text, at, end));
		return end;
	}
	end = pal_shape_ssn(s->text, at);
	if (end > at)
		return take_span(s, at, end, PAL_PII_SSN);
	end = take_long(s, at);
	return end > at ? end : take_number(s, at);
}

/*
 * Past the link that holds `at`; `at` when none does. Then the text ends where the next link
 * begins.
 */
static size_t skip_link(struct search *s, size_t at)
{
	const struct pal_spans *links = &s->found->links;

	for (; s->link < links->count && links->item[s->link].end <= at; s->link++)
		if (s->taken < links->item[s->link].end)
			s->taken = links->item[s->link].end;
	if (s->link == links->count)
		s->text.n = s->found->text.n;
	else if (links->item[s->link].at <= at)
		return links->item[s->link].end;
	else
		s->text.n = links->item[s->link].at;
	return at;
}

void pal_digits_find(struct pal_findings *found, size_t from, struct pal_order_shape order)
{
	struct search s = {.found = found, .text = found->text, .order = order};
	const char *p = found->text.p;
	size_t n = found->text.n;

	for (size_t i = from; i < n; i++) {
		if (!pal_char_is(p[i], PAL_CHAR_DIGIT))
			continue;
		size_t end = skip_link(&s, i);
		if (end == i)
			end = s.taken = take_digits(&s, i);
		i = end - 1;
	}
}
