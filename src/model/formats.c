/* SPDX-License-Identifier: Apache-2.0 */
#include "model/formats.h"

#include <strings.h>

#define UUID_LEN 36u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* --- URLs -------------------------------------------------------------------------------------- */

/* Where the authority of an http or https URL begins; 0 when it is none (RFC 3986 section 3.1). */
static size_t behind_scheme(struct pal_str url)
{
	if (url.n > 7 && strncasecmp(url.p, "http://", 7) == 0)
		return 7;
	if (url.n > 8 && strncasecmp(url.p, "https://", 8) == 0)
		return 8;
	return 0;
}

static size_t authority_end(struct pal_str url, size_t at)
{
	while (at < url.n && !memchr("/?#\\", url.p[at], 4))
		at++;
	return at;
}

/* The end of the host that begins at `at`: before the port, but behind an IPv6 address's bracket. */
static size_t host_end(struct pal_str url, size_t at, size_t end)
{
	const char *stop = NULL;

	if (at < end && url.p[at] == '[')
		stop = memchr(url.p + at, ']', end - at);
	if (stop)
		return (size_t)(stop - url.p) + 1;
	stop = end > at ? memchr(url.p + at, ':', end - at) : NULL;
	return stop ? (size_t)(stop - url.p) : end;
}

struct pal_str pal_url_host(struct pal_str url)
{
	size_t host = behind_scheme(url), end = authority_end(url, host);

	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return (struct pal_str){NULL, 0};
	if (!host)
		return (struct pal_str){NULL, 0};
	for (size_t i = host; i < end; i++)
		if (url.p[i] == '@')
			host = i + 1;
	end = host_end(url, host, end);
	return end > host ? (struct pal_str){url.p + host, end - host} : (struct pal_str){NULL, 0};
}

struct pal_str pal_url_path(struct pal_str url)
{
	size_t at = authority_end(url, behind_scheme(url)), end = at;

	while (end < url.n && url.p[end] != '?' && url.p[end] != '#')
		end++;
	return (struct pal_str){url.p + at, end - at};
}

/* --- The rest ---------------------------------------------------------------------------------- */

bool pal_is_e164(struct pal_str s)
{
	if (s.n < 3 || s.n > 16 || s.p[0] != '+' || s.p[1] == '0')
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

static bool is_mail_char(char c, const char *signs)
{
	return is_letter(c) || is_digit(c) || (c && strchr(signs, c));
}

bool pal_is_email(struct pal_str s)
{
	const char *sign = s.n ? memchr(s.p, '@', s.n) : NULL;
	size_t local = sign ? (size_t)(sign - s.p) : 0, dot = 0;

	if (local == 0)
		return false;
	for (size_t i = 0; i < local; i++)
		if (!is_mail_char(s.p[i], "._%+-"))
			return false;
	for (size_t i = local + 1; i < s.n; i++) {
		if (!is_mail_char(s.p[i], ".-"))
			return false;
		if (s.p[i] == '.' && (i == local + 1 || s.p[i - 1] == '.'))
			return false;	/* no label is empty */
		dot = s.p[i] == '.' ? i : dot;
	}
	if (dot == 0 || s.n - dot < 3)
		return false;
	for (size_t i = dot + 1; i < s.n; i++)
		if (!is_letter(s.p[i]))
			return false;
	return true;
}

bool pal_is_language(struct pal_str s)
{
	return s.n == 2 && s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] >= 'a' && s.p[1] <= 'z';
}

bool pal_is_uuid(struct pal_str s)
{
	if (s.n != UUID_LEN)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (is_dash ? s.p[i] != '-' : !memchr("0123456789abcdefABCDEF", s.p[i], 22))
			return false;
	}
	return true;
}
