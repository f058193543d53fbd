/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.h - whose address a request is put down to: the peer of the connection, or whom a trusted
 * proxy (http.trusted_proxies) names in X-Forwarded-For.
 */
#ifndef PALAVER_API_CLIENT_H
#define PALAVER_API_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/address.h"
#include "http/exchange.h"

#define PAL_PROXIES_MAX 64u	/* networks: as many as http.trusted_proxies takes */

/* The networks that are trusted; may be replaced while others read. */
struct pal_proxies;

/* None trusted yet. NULL when out of memory. Runs on: main. */
struct pal_proxies *pal_proxies_create(void);
void pal_proxies_destroy(struct pal_proxies *proxies);	/* NULL is fine. Runs on: main. */

/* Trust these `count` <= PAL_PROXIES_MAX networks, which are copied, and no other. Runs on: any. */
void pal_proxies_set(struct pal_proxies *proxies, const struct pal_network *networks, size_t count);

/* Whether `peer` is a trusted proxy. Runs on: any. */
bool pal_proxies_have(struct pal_proxies *proxies, const struct pal_http_peer *peer);

/*
 * The client of `request`: its peer, unless that is trusted; then the right-most address in
 * X-Forwarded-For that is not, and the left-most one when all are. The peer too when the header is
 * absent, or something but an address stands at that place or to the right of it; what stands to
 * the left is the client's own say and not read. The port is 0 unless it is the peer. Runs on: any.
 */
struct pal_http_peer pal_client_of(struct pal_proxies *proxies,
				   const struct pal_http_request *request);

/*
 * The bytes of `client` that stand for one customer: an IPv4 address whole, of an IPv6 address the
 * first half, since a host commands its whole /64. Borrowed from `client`. Runs on: any.
 */
struct pal_str pal_client_bytes(const struct pal_http_peer *client);

#endif
