/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses hide: behind %-encoding, twice; as numbers that are no dotted quads; as IPv4 within
 * IPv6. They are looked at as a client that follows them would read them.
 */
#include "process/media_safety.h"

#include <arpa/inet.h>
#include <strings.h>

#include "model/formats.h"

#define HOST_MAX 255u
#define LARGE_BYTES (50ll << 20)
#define UNSAFE (PAL_SAFETY_EXTENSION | PAL_SAFETY_TRAVERSAL | PAL_SAFETY_PRIVATE)

static const struct {
	uint32_t flag;
	unsigned tenths;	/* of the score that it takes off */
} penalties[] = {
	{PAL_SAFETY_EXTENSION, 5}, {PAL_SAFETY_DOMAIN, 2},    {PAL_SAFETY_IP_ADDRESS, 3},
	{PAL_SAFETY_SHORTENED, 1}, {PAL_SAFETY_TRAVERSAL, 4}, {PAL_SAFETY_PRIVATE, 3},
};

static bool is_one_of(struct pal_str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (s.n == strlen(words[i]) && strncasecmp(s.p, words[i], s.n) == 0)
			return true;
	return false;
}
#define IS_ONE_OF(s, words) is_one_of(s, words, sizeof(words) / sizeof((words)[0]))

/* --- Encoding ---------------------------------------------------------------------------------- */

static unsigned hex_of(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Decode %XX once, in place. */
static size_t decode(char *p, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '%' && n - i > 2 && is_hex(p[i + 1]) && is_hex(p[i + 2])) {
			p[to++] = (char)(hex_of(p[i + 1]) << 4 | hex_of(p[i + 2]));
			i += 2;
		} else {
			p[to++] = p[i];
		}
	}
	return to;
}

/* --- Hosts ------------------------------------------------------------------------------------- */

/* RFC 6890: of this machine, of a private network, of a link, of nobody; multicast too. */
static bool is_private_v4(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 16 == 0xa9fe ||
	       a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 22 == 0x191 || a >> 28 >= 0xe;
}

static uint32_t v4_in(const struct in6_addr *a)
{
	const uint8_t *b = a->s6_addr + 12;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool is_private_v6(const struct in6_addr *a)
{
	static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
	const uint8_t *b = a->s6_addr;

	if (IN6_IS_ADDR_V4MAPPED(a) || IN6_IS_ADDR_V4COMPAT(a) || memcmp(b, nat64, 12) == 0)
		return is_private_v4(v4_in(a));
	return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || (b[0] & 0xfe) == 0xfc ||
	       (b[0] == 0xfe && b[1] >= 0x80) || b[0] == 0xff;
}

/* What `host`, NUL-terminated, is as an address: 0 when it is a name. */
static uint32_t judge_address(const char *host, size_t n)
{
	struct in6_addr six;
	struct in_addr four;
	char inner[HOST_MAX + 1];

	if (host[0] == '[' && n > 2) {
		memcpy(inner, host + 1, n - 2);
		inner[n - 2] = '\0';
		bool is_good = inet_pton(AF_INET6, inner, &six) == 1;
		return PAL_SAFETY_IP_ADDRESS |
		       (is_good && !is_private_v6(&six) ? 0u : (uint32_t)PAL_SAFETY_PRIVATE);
	}
	if (!inet_aton(host, &four))	/* takes 0x7f.1 and 2130706433 as browsers do */
		return 0;
	return PAL_SAFETY_IP_ADDRESS |
	       (is_private_v4(ntohl(four.s_addr)) ? (uint32_t)PAL_SAFETY_PRIVATE : 0u);
}

static bool ends_with(struct pal_str s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && strncasecmp(s.p + s.n - n, end, n) == 0;
}

static uint32_t judge_name(struct pal_str host)
{
	static const char *const shorteners[] = {"bit.ly", "tinyurl.com", "t.co", "goo.gl",
						 "ow.ly"};
	static const char *const tlds[] = {".tk", ".ml", ".ga", ".cf"};
	static const char *const inside[] = {".localhost", ".local", ".internal", ".home.arpa"};
	uint32_t flags = 0;

	if (pal_str_equal(host, PAL_STR("localhost")) || ends_with(host, "localhost"))
		flags |= PAL_SAFETY_PRIVATE;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (ends_with(host, inside[i]))
			flags |= PAL_SAFETY_PRIVATE;
	for (size_t i = 0; i < sizeof(tlds) / sizeof(tlds[0]); i++)
		if (ends_with(host, tlds[i]))
			flags |= PAL_SAFETY_DOMAIN;
	if (host.n > 4 && strncasecmp(host.p, "www.", 4) == 0)
		host = (struct pal_str){host.p + 4, host.n - 4};
	return flags | (IS_ONE_OF(host, shorteners) ? (uint32_t)PAL_SAFETY_SHORTENED : 0u);
}

static uint32_t judge_host(struct pal_str host)
{
	char text[HOST_MAX + 1];

	if (host.n > 1 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n > HOST_MAX)
		return PAL_SAFETY_PRIVATE;	/* no machine has such a name */
	memcpy(text, host.p, host.n);
	host = (struct pal_str){text, decode(text, host.n)};
	text[host.n] = '\0';
	uint32_t flags = judge_address(text, host.n);
	return flags ? flags : judge_name(host);
}

/* --- Paths and names --------------------------------------------------------------------------- */

static bool climbs(struct pal_str path)
{
	for (size_t i = 0; i + 2 < path.n; i++)
		if (path.p[i] == '.' && path.p[i + 1] == '.' &&
		    (path.p[i + 2] == '/' || path.p[i + 2] == '\\'))
			return true;
	return ends_with(path, "/..");
}

struct pal_str pal_media_extension(struct pal_str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '.' && path.p[at - 1] != '/' && path.p[at - 1] != '\\')
		at--;
	if (at < 2 || path.p[at - 1] != '.' || path.p[at - 2] == '/' || at == path.n)
		return PAL_STR("");
	return (struct pal_str){path.p + at, path.n - at};
}

static uint32_t judge_extension(struct pal_str extension)
{
	static const char *const dangerous[] = {"exe", "bat", "cmd", "com", "pif", "scr", "vbs",
						"js",  "jar", "msi", "dll", "sys", "drv", "bin",
						"run", "deb", "rpm"};

	if (extension.n && extension.p[0] == '.')
		extension = (struct pal_str){extension.p + 1, extension.n - 1};
	while (extension.n && memchr(". ", extension.p[extension.n - 1], 2))
		extension.n--;	/* "a.exe. " is run all the same */
	return IS_ONE_OF(extension, dangerous) ? (uint32_t)PAL_SAFETY_EXTENSION : 0u;
}

/* `name` with what hides at its end cut off. */
static uint32_t judge_filename(struct pal_str name)
{
	while (name.n && memchr(". ", name.p[name.n - 1], 2))
		name.n--;
	return judge_extension(pal_media_extension(name)) |
	       (climbs(name) ? (uint32_t)PAL_SAFETY_TRAVERSAL : 0u);
}

static uint32_t judge_url(struct pal_str url, struct pal_arena *arena)
{
	struct pal_str host = pal_url_host(url), path = pal_url_path(url);
	char *copy = pal_arena_get(arena, url.n + 1);

	if (!host.p || !copy)
		return PAL_SAFETY_PRIVATE;
	size_t n = (size_t)(url.p + url.n - path.p);	/* a query may name a path too */
	memcpy(copy, path.p, n);
	uint32_t flags = judge_host(host);
	for (unsigned round = 0; round < 3; round++, n = decode(copy, n))
		if (climbs((struct pal_str){copy, n}))
			flags |= PAL_SAFETY_TRAVERSAL;
	memcpy(copy, path.p, path.n);
	return flags | judge_filename((struct pal_str){copy, decode(copy, path.n)});
}

struct pal_media_safety pal_media_judge(const struct pal_media *media, struct pal_arena *arena)
{
	struct pal_media_safety safety = {.flags = judge_url(media->url, arena)};
	unsigned tenths = media->size_bytes > LARGE_BYTES ? 2 : 0;

	if (media->thumbnail_url.p)
		safety.flags |= judge_url(media->thumbnail_url, arena);
	safety.flags |= judge_filename(media->filename) | judge_extension(media->extension);
	for (size_t i = 0; i < sizeof(penalties) / sizeof(penalties[0]); i++)
		if (safety.flags & penalties[i].flag)
			tenths += penalties[i].tenths;
	safety.score = tenths < 10 ? (10 - tenths) / 10.0 : 0;
	safety.is_safe = !(safety.flags & UNSAFE);
	return safety;
}
