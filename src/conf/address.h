/* SPDX-License-Identifier: Apache-2.0 */
/* address.h - network addresses as options write them: numbers only, so that none waits for DNS. */
#ifndef PALAVER_CONF_ADDRESS_H
#define PALAVER_CONF_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/str.h"

/*
 * Read "127.0.0.1:8001" or "[::1]:8001", port 0..65535, into *ret for bind(2). PAL_E_CONFIG with
 * the reason otherwise. Runs on: any.
 */
enum pal_code pal_endpoint_read(struct pal_str text, struct sockaddr_storage *ret,
				socklen_t *ret_size, struct pal_error *err) PAL_MUST_CHECK;

/* Whether `endpoint` is reachable from this host alone. Runs on: any. */
bool pal_endpoint_is_loopback(const struct sockaddr_storage *endpoint);

/* A block of addresses; IPv4 ones are kept as ::ffff:a.b.c.d. */
struct pal_network {
	uint8_t address[16];
	uint8_t bits;	/* of `address` that count, 0..128 */
};

/*
 * Read "10.0.0.0/8", "2001:db8::/32" or one address. PAL_E_CONFIG with the reason otherwise, also
 * when bits beyond the prefix are set. Runs on: any.
 */
enum pal_code pal_network_read(struct pal_str text, struct pal_network *ret, struct pal_error *err)
	PAL_MUST_CHECK;

/* Whether the peer address `peer` (AF_INET or AF_INET6) lies in `network`. Runs on: any. */
bool pal_network_has(const struct pal_network *network, const struct sockaddr *peer);

#endif
