/* SPDX-License-Identifier: Apache-2.0 */
/* address.h - how many connections each address has open, over all loops. */
#ifndef PALAVER_HTTP_ADDRESS_H
#define PALAVER_HTTP_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

struct pal_http_addresses;

/* An empty count; NULL when out of memory. The caller owns it. Runs on: main. */
struct pal_http_addresses *pal_http_addresses_create(void);
void pal_http_addresses_destroy(struct pal_http_addresses *addresses);	/* NULL is fine */

/*
 * Count one more connection from the IPv6 (or v4-mapped) `address` unless it has `max` already. An
 * IPv6 host commands its whole /64, so that is what counts. True: leave must follow. False also
 * when out of memory. Runs on: any.
 */
bool pal_http_addresses_enter(struct pal_http_addresses *addresses, const uint8_t address[16],
			      uint32_t max);
void pal_http_addresses_leave(struct pal_http_addresses *addresses, const uint8_t address[16]);

#endif
