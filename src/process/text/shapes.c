/* SPDX-License-Identifier: Apache-2.0 */
#include "process/text/shapes.h"

#include "process/text/chars.h"

#define PHONE_DIGITS_MAX 15u	/* E.164 */
#define CARD_DIGITS_MIN 13u
#define CARD_DIGITS_MAX 19u
#define SEPARATORS_MAX 4u	/* between two groups of a phone, as in "(555) - 123" */

static bool is_at(struct pal_str text, size_t at, unsigned classes)
{
	return at < text.n && pal_char_is(text.p[at], classes);
}

size_t pal_shape_run(struct pal_str text, size_t at)
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
		size_t end = pal_shape_run(text, i);
		if (end - i < min[group] || end - i > max[group])
			return at;
		i = end;
	}
	if (is_at(text, i, PAL_CHAR_WORD) ||
	    (is_one_of(text, i, separator, other) && is_at(text, i + 1, PAL_CHAR_DIGIT)))
		return at;
	return i;
}

size_t pal_shape_date(struct pal_str text, size_t at)
{
	static const size_t day_min[3] = {1, 1, 2}, day_max[3] = {2, 2, 4};
	static const size_t year_min[3] = {4, 1, 1}, year_max[3] = {4, 2, 2};
	size_t end = match_groups(text, at, day_min, day_max, '/', '-');

	return end > at ? end : match_groups(text, at, year_min, year_max, '/', '-');
}

size_t pal_shape_ssn(struct pal_str text, size_t at)
{
	static const size_t size[3] = {3, 2, 4};

	return match_groups(text, at, size, size, '-', '-');
}

bool pal_shape_may_start(struct pal_str text, size_t at)
{
	return at < 2 || text.p[at - 1] != '-' || !pal_char_is(text.p[at - 2], PAL_CHAR_DIGIT);
}

/* Nothing glued or dashed to the digits that end at `at`. */
static bool is_end(struct pal_str text, size_t at)
{
	return !is_at(text, at, PAL_CHAR_WORD) &&
	       !(is_one_of(text, at, '-', '-') && is_at(text, at + 1, PAL_CHAR_DIGIT));
}

/* Which digits count double is known only at the end, so both sums are kept. */
size_t pal_shape_card(struct pal_str text, size_t at)
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

size_t pal_shape_gap(struct pal_str text, size_t at)
{
	size_t end = at;

	while (end < text.n && end - at < SEPARATORS_MAX && memchr(" -()", text.p[end], 4))
		end++;
	return end;
}

static bool is_other_thing(struct pal_str text, size_t at)
{
	return pal_shape_date(text, at) > at || pal_shape_ssn(text, at) > at ||
	       (pal_shape_may_start(text, at) && pal_shape_card(text, at) > at);
}

size_t pal_shape_phone(struct pal_str text, size_t at)
{
	size_t digits = 0, best = at, end = at;

	for (size_t i = at; is_at(text, i, PAL_CHAR_DIGIT); i = pal_shape_gap(text, end)) {
		end = pal_shape_run(text, i);
		digits += end - i;
		if (digits > PHONE_DIGITS_MAX || is_at(text, end, PAL_CHAR_WORD) ||
		    (i > at && is_other_thing(text, i)))
			break;
		if (digits >= PAL_PHONE_DIGITS_MIN && is_end(text, end))
			best = end;
	}
	return best;
}

/* Digits, then groups of three behind commas. */
static size_t match_thousands(struct pal_str text, size_t at)
{
	size_t end = pal_shape_run(text, at);

	while (is_one_of(text, end, ',', ',') && pal_shape_run(text, end + 1) == end + 4)
		end += 4;
	return end;
}

size_t pal_shape_number(struct pal_str text, size_t at)
{
	size_t end = match_thousands(text, at);

	if (is_one_of(text, end, '.', '.') && is_at(text, end + 1, PAL_CHAR_DIGIT))
		end = pal_shape_run(text, end + 1);
	return end;
}

size_t pal_shape_amount(struct pal_str text, size_t at)
{
	size_t end = match_thousands(text, at);

	if (is_one_of(text, end, '.', ',') && pal_shape_run(text, end + 1) == end + 3)
		end += 3;
	return end;
}
