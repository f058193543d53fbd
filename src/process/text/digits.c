/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/digits.h"

#include <strings.h>

#include "process/text/chars.h"
#include "process/text/lexicon.h"

#define PHONE_DIGITS_MIN 10u
#define PHONE_DIGITS_MAX 15u	/* E.164 */
#define CARD_DIGITS_MIN 13u
#define CARD_DIGITS_MAX 19u
#define SEPARATORS_MAX 4u	/* between two groups of a phone, as in "(555) - 123" */
#define UNIT_MAX 7u		/* bytes of "dollars" */

static const struct pal_str signs[] = {{"$", 1}, {"£", 2}, {"¥", 2}, {"€", 3}};
#define SIGNS (sizeof(signs) / sizeof(signs[0]))
#define EURO 3u	/* in `signs` */

struct search {
	struct pal_findings *found;
	struct pal_str text;
	struct pal_order_shape order;
	size_t link;		/* the first link that may still lie ahead */
	size_t taken;		/* the end of the last finding or link: its signs are not another's */
	/* Digits from `cluster` to `cluster_end` joined by phone separators: too few end all tries. */
	size_t cluster_end, cluster_digits;
};

static bool is_at(struct pal_str text, size_t at, unsigned classes)
{
	return at < text.n && pal_char_is(text.p[at], classes);
}

static size_t run_end(struct pal_str text, size_t at)
{
	while (is_at(text, at, PAL_CHAR_DIGIT))
		at++;
	return at;
}

static bool is_one_of(struct pal_str text, size_t at, char a, char b)
{
	return at < text.n && (text.p[at] == a || text.p[at] == b);
}

/* Three groups of digits joined by one of the two separators. Return the end, or `at` when not. */
static size_t match_groups(struct pal_str text, size_t at, const size_t min[3], const size_t max[3],
			   char separator, char other)
{
	size_t i = at;

	/* "01-23-45-67" is no date: neither side may go on in the same way. */
	if (at >= 2 && is_one_of(text, at - 1, separator, other) &&
	    is_at(text, at - 2, PAL_CHAR_DIGIT))
		return at;
	for (size_t group = 0; group < 3; group++) {
		if (group > 0 && !is_one_of(text, i++, separator, other))
			return at;
		size_t end = run_end(text, i);
		if (end - i < min[group] || end - i > max[group])
			return at;
		i = end;
	}
	if (is_at(text, i, PAL_CHAR_WORD) ||
	    (is_one_of(text, i, separator, other) && is_at(text, i + 1, PAL_CHAR_DIGIT)))
		return at;
	return i;
}

static size_t match_date(struct pal_str text, size_t at)
{
	static const size_t day_min[3] = {1, 1, 2}, day_max[3] = {2, 2, 4};
	static const size_t year_min[3] = {4, 1, 1}, year_max[3] = {4, 2, 2};
	size_t end = match_groups(text, at, day_min, day_max, '/', '-');

	return end > at ? end : match_groups(text, at, year_min, year_max, '/', '-');
}

static size_t match_ssn(struct pal_str text, size_t at)
{
	static const size_t size[3] = {3, 2, 4};

	return match_groups(text, at, size, size, '-', '-');
}

/* No digits dashed to the ones that begin at `at`. */
static bool is_start(struct pal_str text, size_t at)
{
	return at < 2 || text.p[at - 1] != '-' || !pal_char_is(text.p[at - 2], PAL_CHAR_DIGIT);
}

/* Nothing glued or dashed to the digits that end at `at`. */
static bool is_end(struct pal_str text, size_t at)
{
	return !is_at(text, at, PAL_CHAR_WORD) &&
	       !(is_one_of(text, at, '-', '-') && is_at(text, at + 1, PAL_CHAR_DIGIT));
}

/*
 * The end of the longest card number from `at`: 13 to 19 digits, single blanks or dashes between
 * them, Luhn's sum a multiple of ten; else `at`. Which digits count double is known only at the end,
 * so both sums are kept.
 */
static size_t match_card(struct pal_str text, size_t at)
{
	static const unsigned doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
	unsigned sum[2] = {0, 0};	/* [0]: the even places count double, [1]: the odd ones */
	size_t n = 0, best = at;

	for (size_t i = at; n <= CARD_DIGITS_MAX && is_at(text, i, PAL_CHAR_DIGIT); i++) {
		unsigned digit = (unsigned)(text.p[i] - '0');
		sum[n % 2] += doubled[digit];
		sum[!(n % 2)] += digit;
		n++;
		if (is_at(text, i + 1, PAL_CHAR_DIGIT))
			continue;
		if (n >= CARD_DIGITS_MIN && n <= CARD_DIGITS_MAX && sum[n % 2] % 10 == 0 &&
		    is_end(text, i + 1))
			best = i + 1;
		if (is_one_of(text, i + 1, ' ', '-'))
			i++;
	}
	return best;
}

static size_t skip_separators(struct pal_str text, size_t at)
{
	size_t end = at;

	while (end < text.n && end - at < SEPARATORS_MAX && memchr(" -()", text.p[end], 4))
		end++;
	return end;
}

static bool is_other_thing(struct pal_str text, size_t at)
{
	return match_date(text, at) > at || match_ssn(text, at) > at ||
	       (is_start(text, at) && match_card(text, at) > at);
}

/* The end of the longest phone number from `at`, 10 to 15 digits; else `at`. */
static size_t match_phone(struct pal_str text, size_t at)
{
	size_t digits = 0, best = at, end = at;

	for (size_t i = at; is_at(text, i, PAL_CHAR_DIGIT); i = skip_separators(text, end)) {
		end = run_end(text, i);
		digits += end - i;
		if (digits > PHONE_DIGITS_MAX || is_at(text, end, PAL_CHAR_WORD) ||
		    (i > at && is_other_thing(text, i)))
			break;
		if (digits >= PHONE_DIGITS_MIN && is_end(text, end))
			best = end;
	}
	return best;
}

/* The end of a number: digits, groups of three behind commas, decimals behind a point. */
static size_t match_number(struct pal_str text, size_t at)
{
	size_t end = run_end(text, at);

	while (is_one_of(text, end, ',', ',') && run_end(text, end + 1) == end + 4)
		end += 4;
	if (is_one_of(text, end, '.', '.') && is_at(text, end + 1, PAL_CHAR_DIGIT))
		end = run_end(text, end + 1);
	return end;
}

/* The end of an amount: as a number, but with two decimals or none, behind a point or a comma. */
static size_t match_amount(struct pal_str text, size_t at)
{
	size_t end = run_end(text, at);

	while (is_one_of(text, end, ',', ',') && run_end(text, end + 1) == end + 4)
		end += 4;
	if (is_one_of(text, end, '.', ',') && run_end(text, end + 1) == end + 3)
		end += 3;
	return end;
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

/* The end of "dollars", "€" or another unit of money behind the number that ends at `at`; else `at`. */
static size_t unit_end(struct pal_str text, size_t at)
{
	char word[UNIT_MAX];
	uint32_t hash = PAL_WORD_HASH_START;
	size_t n = 0, i = at + is_one_of(text, at, ' ', ' ');

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
	if (i < s->taken + prefix.n || strncasecmp(s->text.p + i - prefix.n, prefix.p, prefix.n) != 0)
		return at;
	i -= prefix.n;
	return i > 0 && pal_char_is(s->text.p[i - 1], PAL_CHAR_WORD) ? at : i;
}

/* Money or a plain number at `at`. Return where to go on. */
static size_t take_number(struct search *s, size_t at)
{
	size_t start = currency_start(s->text, at);
	if (start < s->taken)
		start = at;
	size_t end = start < at ? match_amount(s->text, at) : match_number(s->text, at);
	size_t unit = start < at ? end : unit_end(s->text, end);

	if (start < at || unit > end)
		pal_findings_add(s->found, PAL_ENTITY_MONEY, between(s->text, start, unit));
	else if (!is_at(s->text, end, PAL_CHAR_WORD))
		pal_findings_add(s->found, PAL_ENTITY_NUMBERS, between(s->text, at, end));
	return unit;
}

static void look_at_cluster(struct search *s, size_t at)
{
	size_t i = at, digits = 0;

	while (is_at(s->text, i, PAL_CHAR_DIGIT)) {
		size_t end = run_end(s->text, i);
		digits += end - i;
		s->cluster_end = end;
		i = skip_separators(s->text, end);
	}
	s->cluster_digits = digits;
}

/* A bracket or a plus before the first digit belongs to a phone; the bracket only when it is closed. */
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
	if (s->cluster_digits < PHONE_DIGITS_MIN || !is_start(s->text, at))
		return at;
	size_t end = match_card(s->text, at);
	if (end > at)
		return take_span(s, at, end, PAL_PII_CARD);
	end = match_phone(s->text, at);
	if (end == at)
		return at;
	size_t start = phone_start(s, at, end);
	pal_findings_add(s->found, PAL_ENTITY_PHONES, between(s->text, start, end));
	return take_span(s, start, end, PAL_PII_PHONE);
}

/* Decide what begins with the digit at `at`. Return where to go on. */
static size_t take_digits(struct search *s, size_t at)
{
	size_t end = run_end(s->text, at), start = order_start(s, at, end);

	if (start < at) {
		pal_findings_add(s->found, PAL_ENTITY_ORDER_NUMBERS, between(s->text, start, end));
		return end;
	}
	if (at > 0 && pal_char_is(s->text.p[at - 1], PAL_CHAR_WORD))
		return end;
	end = match_date(s->text, at);
	if (end > at) {
		pal_findings_add(s->found, PAL_ENTITY_DATES, between(s->text, at, end));
		return end;
	}
	end = match_ssn(s->text, at);
	if (end > at)
		return take_span(s, at, end, PAL_PII_SSN);
	end = take_long(s, at);
	return end > at ? end : take_number(s, at);
}

/* Past the link that holds `at`; `at` when none does. Then the text ends where the next link begins. */
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
