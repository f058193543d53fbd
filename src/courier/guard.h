/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guard.h - where requests of tenants may go: judges a URL when it is configured and sent, and the
 * resolved address when a socket is about to be opened. Pure. promises.md section 5, SSRF.
 */
#ifndef PALAVER_COURIER_GUARD_H
#define PALAVER_COURIER_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/str.h"
#include "conf/address.h"

/* Every refusal: rule, its name, and what to tell who wrote the URL. */
#define PAL_GUARD_RULES(X)                                                                         \
	X(PAL_GUARD_PASS, "pass", "is fine")                                                       \
	X(PAL_GUARD_LENGTH, "url_length", "must have 1 to 2048 bytes")                             \
	X(PAL_GUARD_CHARACTERS, "url_characters",                                                  \
	  "holds a character that must be percent-encoded in a URL")                               \
	X(PAL_GUARD_SCHEME, "url_scheme", "must begin with https://")                              \
	X(PAL_GUARD_USERINFO, "url_userinfo", "must not hold a user name or password")             \
	X(PAL_GUARD_FRAGMENT, "url_fragment", "must not have a fragment")                          \
	X(PAL_GUARD_HOST, "url_host",                                                              \
	  "needs a host: a name of letters, digits and hyphens, an IPv4 address such as "          \
	  "192.0.2.1, or an IPv6 address in brackets")                                             \
	X(PAL_GUARD_HOST_NUMBER, "url_host_number",                                                \
	  "writes its IPv4 address in another form than four decimal numbers")                     \
	X(PAL_GUARD_PORT, "url_port", "needs the port 443, 80 for http, or one of 1024 to 65535")  \
	X(PAL_GUARD_FAMILY, "address_family", "leads to no internet address")                      \
	X(PAL_GUARD_UNSPECIFIED, "address_unspecified", "leads to an address of no host")          \
	X(PAL_GUARD_LOOPBACK, "address_loopback", "leads back to the server itself")               \
	X(PAL_GUARD_PRIVATE, "address_private", "leads into a private network")                    \
	X(PAL_GUARD_SHARED, "address_shared", "leads into a carrier's shared address space")       \
	X(PAL_GUARD_LINK_LOCAL, "address_link_local", "leads to a link-local address")             \
	X(PAL_GUARD_MULTICAST, "address_multicast", "leads to a multicast address")                \
	X(PAL_GUARD_DOCUMENTATION, "address_documentation",                                        \
	  "leads to an address kept for documentation")                                            \
	X(PAL_GUARD_BENCHMARK, "address_benchmark", "leads to an address kept for benchmarks")     \
	X(PAL_GUARD_EMBEDDED, "address_embedded",                                                  \
	  "leads to an IPv6 address that stands for an IPv4 one")                                  \
	X(PAL_GUARD_RESERVED, "address_reserved", "leads to a reserved address")

enum pal_guard_rule {
#define X(id, name, sentence) id,
	PAL_GUARD_RULES(X)
#undef X
	PAL_GUARD_RULE_COUNT
};

/* What an operator allows beyond the public internet over https. */
struct pal_guard {
	bool allow_http;
	/* Reachable although private; an IPv6 address that stands for an IPv4 one never is. */
	const struct pal_network *allowed;
	size_t allowed_count;
};

/* Where a URL that passed leads; `host` is a view into the URL, brackets and all. */
struct pal_guard_target {
	struct pal_str host;
	uint16_t port;
	bool https;
};

/*
 * Judge `url` as written; an address or `localhost` in it is judged, too. On PAL_GUARD_PASS *ret is
 * filled. Whoever connects still has to judge what the name resolves to. Runs on: any.
 */
enum pal_guard_rule pal_guard_judge_url(const struct pal_guard *guard, struct pal_str url,
					struct pal_guard_target *ret);

/* Judge an address about to be connected to. Runs on: any. */
enum pal_guard_rule pal_guard_judge_address(const struct pal_guard *guard,
					    const struct sockaddr *address, socklen_t size);

/* The name of a rule, as in answers and metrics, and its sentence. Runs on: any. */
const char *pal_guard_rule_name(enum pal_guard_rule rule);
const char *pal_guard_rule_sentence(enum pal_guard_rule rule);

/*
 * As pal_guard_judge_url for a field of a request: PAL_E_VALIDATION with the rule's name and
 * sentence, `field` as its subject. Runs on: any.
 */
enum pal_code pal_guard_check_url(const struct pal_guard *guard, const char *field,
				  struct pal_str url, struct pal_error *err) PAL_MUST_CHECK;

#endif
