/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar is narrower than RFC 3986 on purpose: what two parsers could read in two ways is
 * refused, so that libcurl connects to the host that was judged here. The tables hold the special
 * purpose registries of IANA; of IPv6 only 2000::/3 is global unicast.
 */
#include "courier/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>

#include "palaver/outgoing.h"

#define NAME_BYTES_MAX 253u
#define LABEL_BYTES_MAX 63u

/* --- Addresses -------------------------------------------------------------------------------- */

static const struct {
	uint32_t network;
	unsigned bits;
	enum pal_guard_rule rule;
} special_v4[] = {
	{0x00000000, 8, PAL_GUARD_UNSPECIFIED},	  /* 0.0.0.0/8 */
	{0x0A000000, 8, PAL_GUARD_PRIVATE},	  /* 10.0.0.0/8 */
	{0x64400000, 10, PAL_GUARD_SHARED},	  /* 100.64.0.0/10 */
	{0x7F000000, 8, PAL_GUARD_LOOPBACK},	  /* 127.0.0.0/8 */
	{0xA9FE0000, 16, PAL_GUARD_LINK_LOCAL},	  /* 169.254.0.0/16, cloud metadata */
	{0xAC100000, 12, PAL_GUARD_PRIVATE},	  /* 172.16.0.0/12 */
	{0xC0000000, 24, PAL_GUARD_RESERVED},	  /* 192.0.0.0/24 */
	{0xC0000200, 24, PAL_GUARD_DOCUMENTATION}, /* 192.0.2.0/24 */
	{0xC0586300, 24, PAL_GUARD_EMBEDDED},	  /* 192.88.99.0/24, 6to4 relays */
	{0xC0A80000, 16, PAL_GUARD_PRIVATE},	  /* 192.168.0.0/16 */
	{0xC6120000, 15, PAL_GUARD_BENCHMARK},	  /* 198.18.0.0/15 */
	{0xC6336400, 24, PAL_GUARD_DOCUMENTATION}, /* 198.51.100.0/24 */
	{0xCB007100, 24, PAL_GUARD_DOCUMENTATION}, /* 203.0.113.0/24 */
	{0xE0000000, 4, PAL_GUARD_MULTICAST},	  /* 224.0.0.0/4 */
	{0xF0000000, 4, PAL_GUARD_RESERVED},	  /* 240.0.0.0/4, broadcast */
};

/* The first that fits holds. */
static const struct {
	uint8_t network[16];
	unsigned bits;
	enum pal_guard_rule rule;
} special_v6[] = {
	{{0}, 128, PAL_GUARD_UNSPECIFIED},				/* :: */
	{{[15] = 1}, 128, PAL_GUARD_LOOPBACK},				/* ::1 */
	{{0}, 80, PAL_GUARD_EMBEDDED},					/* ::a.b.c.d, ::ffff:a.b.c.d */
	{{0, 0x64, 0xFF, 0x9B}, 96, PAL_GUARD_EMBEDDED},		/* 64:ff9b::/96, NAT64 */
	{{0, 0x64, 0xFF, 0x9B, 0, 1}, 48, PAL_GUARD_EMBEDDED},		/* 64:ff9b:1::/48 */
	{{0x20, 0x01}, 32, PAL_GUARD_EMBEDDED},				/* 2001::/32, Teredo */
	{{0x20, 0x01}, 23, PAL_GUARD_RESERVED},				/* 2001::/23 */
	{{0x20, 0x01, 0x0D, 0xB8}, 32, PAL_GUARD_DOCUMENTATION},	/* 2001:db8::/32 */
	{{0x20, 0x02}, 16, PAL_GUARD_EMBEDDED},				/* 2002::/16, 6to4 */
	{{0x3F, 0xFF}, 20, PAL_GUARD_DOCUMENTATION},			/* 3fff::/20 */
	{{0x20}, 3, PAL_GUARD_PASS},					/* 2000::/3 */
	{{0xFC}, 7, PAL_GUARD_PRIVATE},					/* fc00::/7 */
	{{0xFE, 0x80}, 10, PAL_GUARD_LINK_LOCAL},			/* fe80::/10 */
	{{0xFE, 0xC0}, 10, PAL_GUARD_PRIVATE},				/* fec0::/10, site-local */
	{{0xFF}, 8, PAL_GUARD_MULTICAST},				/* ff00::/8 */
};

static enum pal_guard_rule rule_of_v4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special_v4) / sizeof(special_v4[0]); i++) {
		if (((address ^ special_v4[i].network) >> (32 - special_v4[i].bits)) == 0)
			return special_v4[i].rule;
	}
	return PAL_GUARD_PASS;
}

static bool has_prefix(const uint8_t *address, const uint8_t *network, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(address, network, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

static enum pal_guard_rule rule_of_v6(const uint8_t address[16])
{
	for (size_t i = 0; i < sizeof(special_v6) / sizeof(special_v6[0]); i++) {
		if (has_prefix(address, special_v6[i].network, special_v6[i].bits))
			return special_v6[i].rule;
	}
	return PAL_GUARD_RESERVED;
}

static enum pal_guard_rule rule_of(const struct sockaddr *address, socklen_t size)
{
	if (address->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
		struct sockaddr_in v4;
		memcpy(&v4, address, sizeof(v4));
		return rule_of_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 v6;
		memcpy(&v6, address, sizeof(v6));
		return rule_of_v6(v6.sin6_addr.s6_addr);
	}
	return PAL_GUARD_FAMILY;
}

enum pal_guard_rule pal_guard_judge_address(const struct pal_guard *guard,
					    const struct sockaddr *address, socklen_t size)
{
	enum pal_guard_rule rule = rule_of(address, size);

	if (rule == PAL_GUARD_PASS || rule == PAL_GUARD_FAMILY || rule == PAL_GUARD_EMBEDDED)
		return rule;
	for (size_t i = 0; i < guard->allowed_count; i++) {
		if (pal_network_has(&guard->allowed[i], address))
			return PAL_GUARD_PASS;
	}
	return rule;
}

/* --- URLs ------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

static bool is_url_char(char c)
{
	return c > 0x20 && c < 0x7F && !strchr("\"<>\\^`{|}", c);
}

/* Take the scheme off `rest`. */
static enum pal_guard_rule take_scheme(const struct pal_guard *guard, struct pal_str *rest,
				       struct pal_guard_target *target)
{
	size_t n = 0;

	if (rest->n > 8 && strncasecmp(rest->p, "https://", 8) == 0)
		n = 8;
	else if (guard->allow_http && rest->n > 7 && strncasecmp(rest->p, "http://", 7) == 0)
		n = 7;
	if (n == 0)
		return PAL_GUARD_SCHEME;
	target->https = n == 8;
	*rest = (struct pal_str){rest->p + n, rest->n - n};
	return PAL_GUARD_PASS;
}

/* Names whose last label is a number are IPv4 addresses to some: 0x7f.1, 2130706433, 0177.0.0.1. */
static bool is_last_label_a_number(struct pal_str name)
{
	const char *dot = memrchr(name.p, '.', name.n);
	struct pal_str label = dot ? (struct pal_str){dot + 1, name.n - (size_t)(dot + 1 - name.p)}
				   : name;

	if (label.n >= 2 && label.p[0] == '0' && (label.p[1] | 0x20) == 'x')
		return true;
	for (size_t i = 0; i < label.n; i++) {
		if (!is_digit(label.p[i]))
			return false;
	}
	return label.n > 0;
}

static bool is_name(struct pal_str name)
{
	size_t label = 0;

	if (name.n == 0 || name.n > NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '.') {
			if (label == 0 || name.p[i - 1] == '-')
				return false;
			label = 0;
		} else if (!is_name_char(name.p[i]) || ++label > LABEL_BYTES_MAX ||
			   (label == 1 && name.p[i] == '-')) {
			return false;
		}
	}
	return label > 0 && name.p[name.n - 1] != '-';
}

/* RFC 6761: the name, and all below it, are this host whatever a resolver says. */
static bool is_localhost(struct pal_str name)
{
	static const char local[] = "localhost";
	size_t n = sizeof(local) - 1;

	return name.n >= n && strncasecmp(name.p + name.n - n, local, n) == 0 &&
	       (name.n == n || name.p[name.n - n - 1] == '.');
}

/* An address of `family` in `text`, judged; PAL_GUARD_FAMILY when it is none. */
static enum pal_guard_rule judge_literal(const struct pal_guard *guard, int family,
					 struct pal_str text)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (text.n == 0 || text.n >= sizeof(copy))
		return PAL_GUARD_FAMILY;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	if (family == AF_INET && inet_pton(AF_INET, copy, &v4.sin_addr) == 1)
		return pal_guard_judge_address(guard, (const struct sockaddr *)&v4, sizeof(v4));
	if (family == AF_INET6 && inet_pton(AF_INET6, copy, &v6.sin6_addr) == 1)
		return pal_guard_judge_address(guard, (const struct sockaddr *)&v6, sizeof(v6));
	return PAL_GUARD_FAMILY;
}

static enum pal_guard_rule judge_host(const struct pal_guard *guard, struct pal_str host)
{
	enum pal_guard_rule rule;

	if (host.n >= 2 && host.p[0] == '[') {
		rule = judge_literal(guard, AF_INET6, (struct pal_str){host.p + 1, host.n - 2});
		return rule == PAL_GUARD_FAMILY ? PAL_GUARD_HOST : rule;
	}
	if (!is_name(host))
		return PAL_GUARD_HOST;
	if (is_last_label_a_number(host)) {
		rule = judge_literal(guard, AF_INET, host);
		return rule == PAL_GUARD_FAMILY ? PAL_GUARD_HOST_NUMBER : rule;
	}
	if (is_localhost(host)) {
		rule = judge_literal(guard, AF_INET, PAL_STR("127.0.0.1"));
		return rule == PAL_GUARD_PASS ? rule
					      : judge_literal(guard, AF_INET6, PAL_STR("::1"));
	}
	return PAL_GUARD_PASS;
}

/* `text` is what stands behind the host: nothing, or a colon and the port. */
static enum pal_guard_rule read_port(struct pal_str text, struct pal_guard_target *target)
{
	uint32_t port = 0;

	target->port = target->https ? 443 : 80;
	if (text.n == 0)
		return PAL_GUARD_PASS;
	if (text.n < 2 || text.n > 6 || text.p[0] != ':' || text.p[1] == '0')
		return PAL_GUARD_PORT;
	for (size_t i = 1; i < text.n; i++) {
		if (!is_digit(text.p[i]))
			return PAL_GUARD_PORT;
		port = port * 10 + (uint32_t)(text.p[i] - '0');
	}
	if (port > UINT16_MAX || (port < 1024 && port != target->port))
		return PAL_GUARD_PORT;
	target->port = (uint16_t)port;
	return PAL_GUARD_PASS;
}

static enum pal_guard_rule judge_authority(const struct pal_guard *guard, struct pal_str authority,
					   struct pal_guard_target *target)
{
	size_t n = 0;

	if (authority.n == 0)
		return PAL_GUARD_HOST;
	if (memchr(authority.p, '@', authority.n))
		return PAL_GUARD_USERINFO;
	if (authority.p[0] == '[') {
		const char *end = memchr(authority.p, ']', authority.n);
		if (!end)
			return PAL_GUARD_HOST;
		n = (size_t)(end + 1 - authority.p);
	} else {
		while (n < authority.n && authority.p[n] != ':')
			n++;
	}
	target->host = (struct pal_str){authority.p, n};
	enum pal_guard_rule rule =
		read_port((struct pal_str){authority.p + n, authority.n - n}, target);
	return rule == PAL_GUARD_PASS ? judge_host(guard, target->host) : rule;
}

enum pal_guard_rule pal_guard_judge_url(const struct pal_guard *guard, struct pal_str url,
					struct pal_guard_target *ret)
{
	struct pal_guard_target target = {0};
	struct pal_str rest = url;

	if (url.n == 0 || url.n > PAL_OUTGOING_URL_MAX)
		return PAL_GUARD_LENGTH;
	for (size_t i = 0; i < url.n; i++) {
		if (!is_url_char(url.p[i]))
			return PAL_GUARD_CHARACTERS;
	}
	enum pal_guard_rule rule = take_scheme(guard, &rest, &target);
	if (rule != PAL_GUARD_PASS)
		return rule;
	if (memchr(url.p, '#', url.n))
		return PAL_GUARD_FRAGMENT;
	size_t n = 0;
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	rule = judge_authority(guard, (struct pal_str){rest.p, n}, &target);
	if (rule == PAL_GUARD_PASS)
		*ret = target;
	return rule;
}

/* --- Words ------------------------------------------------------------------------------------ */

const char *pal_guard_rule_name(enum pal_guard_rule rule)
{
	static const char *const names[] = {
#define X(id, name, sentence) [id] = name,
		PAL_GUARD_RULES(X)
#undef X
	};

	return names[rule];
}

const char *pal_guard_rule_sentence(enum pal_guard_rule rule)
{
	static const char *const sentences[] = {
#define X(id, name, sentence) [id] = sentence,
		PAL_GUARD_RULES(X)
#undef X
	};

	return sentences[rule];
}

enum pal_code pal_guard_check_url(const struct pal_guard *guard, const char *field,
				  struct pal_str url, struct pal_error *err)
{
	struct pal_guard_target target;
	enum pal_guard_rule rule = pal_guard_judge_url(guard, url, &target);

	if (rule == PAL_GUARD_PASS)
		return PAL_OK;
	return pal_fail(err, PAL_E_VALIDATION, field, "The URL %s (rule %s).",
			pal_guard_rule_sentence(rule), pal_guard_rule_name(rule));
}
