/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/schedule.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

/* splitmix64: any state is a good one, zero included. */
static uint64_t next(struct pal_chance *chance)
{
	uint64_t z = chance->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

uint64_t pal_chance_below(struct pal_chance *chance, uint64_t bound)
{
	uint64_t uneven = (UINT64_MAX % bound + 1) % bound;	/* the last numbers, too few for a round */
	uint64_t n;

	do
		n = next(chance);
	while (n > UINT64_MAX - uneven);
	return n % bound;
}

uint32_t pal_backoff_ms(const struct pal_backoff *backoff, unsigned failures,
			struct pal_chance *chance)
{
	uint64_t step = backoff->first_ms;

	for (unsigned i = 1; i < failures && step < backoff->cap_ms; i++)
		step *= 2;
	if (step > backoff->cap_ms)
		step = backoff->cap_ms;
	return (uint32_t)pal_chance_below(chance, step + 1);
}

uint32_t pal_retry_after_spread(uint32_t asked_ms, struct pal_chance *chance)
{
	return asked_ms + (uint32_t)pal_chance_below(chance, asked_ms / 5 + 1);
}

/* --- HTTP-date -------------------------------------------------------------------------------- */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* What each form looks like: letters stand for themselves but D M Y y h m s, which are numbers, and
 * w, a day of the week of any length. */
static const char *const forms[] = {
	"w, DD MMM YYYY hh:mm:ss GMT",	/* IMF-fixdate; RFC 850 has hyphens */
	"w, DD-MMM-yy hh:mm:ss GMT",
	"w MMM DD hh:mm:ss YYYY",	/* asctime */
};

struct date {
	int year, month, day, hour, minute, second;
};

/* The number of `n` characters at `p`; asctime writes a blank for the first digit of a day. */
static bool read_digits(const char *p, size_t n, bool may_be_blank, int *ret)
{
	int value = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_blank = i == 0 && may_be_blank && p[0] == ' ';
		if (!is_blank && (p[i] < '0' || p[i] > '9'))
			return false;
		value = is_blank ? 0 : value * 10 + (p[i] - '0');
	}
	*ret = value;
	return true;
}

static bool read_month(const char *p, int *ret)
{
	for (int i = 0; i < 12; i++) {
		if (memcmp(p, months + 3 * i, 3) == 0) {
			*ret = i + 1;
			return true;
		}
	}
	return false;
}

static bool read_part(char kind, const char *p, size_t n, bool may_be_blank, struct date *date)
{
	switch (kind) {
	case 'D':
		return read_digits(p, n, may_be_blank, &date->day);
	case 'M':
		return read_month(p, &date->month);
	case 'Y':
	case 'y':
		return read_digits(p, n, false, &date->year);
	case 'h':
		return read_digits(p, n, false, &date->hour);
	case 'm':
		return read_digits(p, n, false, &date->minute);
	default:
		return read_digits(p, n, false, &date->second);
	}
}

static size_t skip_weekday(struct pal_str text)
{
	size_t n = 0;

	while (n < text.n && n < 9 && ((text.p[n] | 0x20) >= 'a' && (text.p[n] | 0x20) <= 'z'))
		n++;
	return n >= 3 ? n : 0;
}

static bool read_form(struct pal_str text, const char *form, struct date *date)
{
	size_t at = skip_weekday(text);
	bool is_asctime = form[1] == ' ';

	if (at == 0)
		return false;
	for (const char *f = form + 1; *f;) {
		size_t n = 1;
		while (f[n] == *f)
			n++;
		if (text.n - at < n)
			return false;
		if (strchr("DMYyhms", *f) && n >= 2) {
			if (!read_part(*f, text.p + at, n, is_asctime, date))
				return false;
		} else if (memcmp(text.p + at, f, n) != 0) {
			return false;
		}
		at += n;
		f += n;
	}
	return at == text.n;
}

/* RFC 9110: a two-digit year more than 50 years ahead is one of the past. */
static int full_year(int year, int64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return year + 2000;
	int this_year = tm.tm_year + 1900;
	year += this_year / 100 * 100;
	return year > this_year + 50 ? year - 100 : year;
}

bool pal_http_date_read(struct pal_str text, int64_t now_ms, int64_t *ret_ms)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct date date = {0};
		char iso[32];
		if (!read_form(text, forms[i], &date))
			continue;
		if (i == 1)
			date.year = full_year(date.year, now_ms);
		int leap = date.second == 60;	/* a leap second is the one after */
		int n = snprintf(iso, sizeof(iso), "%04d-%02d-%02dT%02d:%02d:%02dZ", date.year,
				 date.month, date.day, date.hour, date.minute, date.second - leap);
		if (n != 20 || !pal_time_parse((struct pal_str){iso, 20}, ret_ms))
			return false;
		*ret_ms += leap * 1000;
		return true;
	}
	return false;
}

/* --- Retry-After ------------------------------------------------------------------------------ */

static bool read_seconds(struct pal_str value, int64_t *ret_ms)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
		if (seconds <= PAL_RETRY_AFTER_MAX_MS)	/* beyond, only that it is beyond */
			seconds = seconds * 10 + (value.p[i] - '0');
	}
	*ret_ms = seconds * 1000;
	return value.n > 0;
}

bool pal_retry_after_read(struct pal_str value, int64_t now_ms, uint32_t *ret_ms)
{
	int64_t wait_ms, at_ms;

	if (!read_seconds(value, &wait_ms)) {
		if (!pal_http_date_read(value, now_ms, &at_ms))
			return false;
		wait_ms = at_ms - now_ms;
	}
	if (wait_ms < PAL_RETRY_AFTER_MIN_MS)
		wait_ms = PAL_RETRY_AFTER_MIN_MS;
	if (wait_ms > PAL_RETRY_AFTER_MAX_MS)
		wait_ms = PAL_RETRY_AFTER_MAX_MS;
	*ret_ms = (uint32_t)wait_ms;
	return true;
}
