/* SPDX-License-Identifier: Apache-2.0 */
#include "http/address.h"

#include "suite.h"

static const uint8_t v4[16] = {[10] = 0xFF, [11] = 0xFF, 192, 0, 2, 1};
static const uint8_t other_v4[16] = {[10] = 0xFF, [11] = 0xFF, 192, 0, 2, 2};
static const uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
static const uint8_t same_net_v6[16] = {0x20, 0x01, 0x0d, 0xb8, [8] = 7, [15] = 9};
static const uint8_t other_net_v6[16] = {0x20, 0x01, 0x0d, 0xb8, [7] = 1, [15] = 1};

TEST(an_address_may_have_as_many_as_allowed)
{
	struct pal_http_addresses *addresses = pal_http_addresses_create();

	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, v4, 2));
	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, v4, 2));
	CU_ASSERT_FALSE(pal_http_addresses_enter(addresses, v4, 2));
	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, other_v4, 2));
	pal_http_addresses_leave(addresses, v4);
	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, v4, 2));
	pal_http_addresses_destroy(addresses);	/* with entries still in it */
}

TEST(an_ipv6_network_of_64_bits_counts_as_one)
{
	struct pal_http_addresses *addresses = pal_http_addresses_create();

	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, v6, 1));
	CU_ASSERT_FALSE(pal_http_addresses_enter(addresses, same_net_v6, 1));
	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, other_net_v6, 1));
	pal_http_addresses_leave(addresses, same_net_v6);
	CU_ASSERT_TRUE(pal_http_addresses_enter(addresses, same_net_v6, 1));
	pal_http_addresses_destroy(addresses);
}

SUITE(address, CASE(an_address_may_have_as_many_as_allowed),
      CASE(an_ipv6_network_of_64_bits_counts_as_one))
