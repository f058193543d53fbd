/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

#define MS_PER_DAY 86400000ll

static int64_t system_wall_ms(const struct pal_clock *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_mono_ns(const struct pal_clock *self)
{
	struct timespec now;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const struct pal_clock *pal_clock_system(void)
{
	static const struct pal_clock clock = {
		.wall_ms = system_wall_ms,
		.mono_ns = system_mono_ns,
	};

	return &clock;
}

static int64_t fake_wall_ms(const struct pal_clock *self)
{
	return atomic_load(&((const struct pal_clock_fake *)self)->wall_ms);
}

static int64_t fake_mono_ns(const struct pal_clock *self)
{
	return atomic_load(&((const struct pal_clock_fake *)self)->mono_ns);
}

void pal_clock_fake_init(struct pal_clock_fake *fake, int64_t wall_ms)
{
	fake->clock = (struct pal_clock){.wall_ms = fake_wall_ms, .mono_ns = fake_mono_ns};
	atomic_init(&fake->wall_ms, wall_ms);
	atomic_init(&fake->mono_ns, 0);
}

void pal_clock_fake_advance_ms(struct pal_clock_fake *fake, int64_t ms)
{
	atomic_fetch_add(&fake->wall_ms, ms);
	atomic_fetch_add(&fake->mono_ns, ms * 1000000);
}

/* Days since 1970-01-01 and back, in years that begin in March so that the leap day comes last. */
static int64_t days_of(int year, unsigned month, unsigned day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (y >= 0 ? y : y - 399) / 400;
	unsigned year_of_era = (unsigned)(y - era * 400);
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era =
		year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (int64_t)era * 146097 + day_of_era - 719468;
}

static void date_of(unsigned days, unsigned *year, unsigned *month, unsigned *day)
{
	unsigned z = days + 719468;
	unsigned day_of_era = z % 146097;
	unsigned year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	unsigned day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned m = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = z / 146097 * 400 + year_of_era + (*month <= 2);
}

static char *put_pair(char *at, unsigned v)
{
	at[0] = (char)('0' + v / 10);
	at[1] = (char)('0' + v % 10);
	return at + 2;
}

char *pal_time_format(int64_t wall_ms, char out[PAL_TIME_TEXT_SIZE])
{
	unsigned year, month, day;
	char *at = out;

	if (wall_ms < 0)
		wall_ms = 0;
	if (wall_ms > PAL_TIME_MAX_MS)
		wall_ms = PAL_TIME_MAX_MS;
	date_of((unsigned)(wall_ms / MS_PER_DAY), &year, &month, &day);
	unsigned ms = (unsigned)(wall_ms % MS_PER_DAY);
	at = put_pair(put_pair(at, year / 100), year % 100);
	*at++ = '-';
	at = put_pair(at, month);
	*at++ = '-';
	at = put_pair(at, day);
	*at++ = 'T';
	at = put_pair(at, ms / 3600000);
	*at++ = ':';
	at = put_pair(at, ms / 60000 % 60);
	*at++ = ':';
	at = put_pair(at, ms / 1000 % 60);
	*at++ = '.';
	*at++ = (char)('0' + ms % 1000 / 100);
	at = put_pair(at, ms % 100);
	*at++ = 'Z';
	*at = '\0';
	return out;
}

/* A cursor over the text being read; the first mismatch clears `ok` for good. */
struct reader {
	const char *at, *end;
	bool ok;
};

static unsigned read_digits(struct reader *in, unsigned width)
{
	unsigned v = 0;

	for (unsigned i = 0; i < width; i++) {
		if (in->at == in->end || *in->at < '0' || *in->at > '9') {
			in->ok = false;
			return 0;
		}
		v = v * 10 + (unsigned)(*in->at++ - '0');
	}
	return v;
}

static bool read_if(struct reader *in, char c)
{
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

static void expect(struct reader *in, char c)
{
	if (!read_if(in, c))
		in->ok = false;
}

static unsigned read_fraction_ms(struct reader *in)
{
	unsigned ms = 0, count = 0;

	for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++, count++) {
		if (count < 3)
			ms = ms * 10 + (unsigned)(*in->at - '0');
	}
	if (count == 0 || count > 9)
		in->ok = false;
	for (; count < 3; count++)
		ms *= 10;
	return ms;
}

static int64_t read_offset_ms(struct reader *in)
{
	if (read_if(in, 'Z'))
		return 0;
	int sign = read_if(in, '-') ? -1 : 1;
	if (sign > 0)
		expect(in, '+');
	unsigned hours = read_digits(in, 2);
	expect(in, ':');
	unsigned minutes = read_digits(in, 2);
	if (hours > 23 || minutes > 59)
		in->ok = false;
	return sign * (int64_t)(hours * 60 + minutes) * 60000;
}

static bool day_exists(unsigned year, unsigned month, unsigned day)
{
	static const unsigned char lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= lengths[month - 1] + (month == 2 && leap ? 1u : 0u);
}

bool pal_time_parse(struct pal_str text, int64_t *ret_ms)
{
	struct reader in = {text.p, text.p ? text.p + text.n : NULL, true};

	unsigned year = read_digits(&in, 4);
	expect(&in, '-');
	unsigned month = read_digits(&in, 2);
	expect(&in, '-');
	unsigned day = read_digits(&in, 2);
	expect(&in, 'T');
	unsigned hour = read_digits(&in, 2);
	expect(&in, ':');
	unsigned minute = read_digits(&in, 2);
	expect(&in, ':');
	unsigned second = read_digits(&in, 2);
	unsigned ms = read_if(&in, '.') ? read_fraction_ms(&in) : 0;
	int64_t offset_ms = read_offset_ms(&in);

	if (!in.ok || in.at != in.end || hour > 23 || minute > 59 || second > 59 ||
	    !day_exists(year, month, day))
		return false;
	*ret_ms = days_of((int)year, month, day) * MS_PER_DAY + hour * 3600000ll +
		  minute * 60000ll + second * 1000ll + ms - offset_ms;
	return true;
}
