/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "suite.h"

TEST(an_endpoint_becomes_a_socket_address)
{
	struct sockaddr_storage got;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	socklen_t size;

	CU_ASSERT_EQUAL(pal_endpoint_read(PAL_STR("192.0.2.7:8001"), &got, &size, NULL), PAL_OK);
	memcpy(&v4, &got, sizeof(v4));
	CU_ASSERT_EQUAL(size, sizeof(v4));
	CU_ASSERT_EQUAL(v4.sin_family, AF_INET);
	CU_ASSERT_EQUAL(ntohl(v4.sin_addr.s_addr), 0xC0000207u);
	CU_ASSERT_EQUAL(ntohs(v4.sin_port), 8001);
	CU_ASSERT_EQUAL(pal_endpoint_read(PAL_STR("[2001:db8::1]:65535"), &got, &size, NULL),
			PAL_OK);
	memcpy(&v6, &got, sizeof(v6));
	CU_ASSERT_EQUAL(size, sizeof(v6));
	CU_ASSERT_EQUAL(v6.sin6_family, AF_INET6);
	CU_ASSERT_EQUAL(v6.sin6_addr.s6_addr[15], 1);
	CU_ASSERT_EQUAL(ntohs(v6.sin6_port), 65535);
}

TEST(what_is_no_endpoint_is_refused)
{
	static const char *const bad[] = {
		"",	     ":80",	  "127.0.0.1",	  "127.0.0.1:",	    "127.0.0.1:65536",
		"127.0.0.1:-1", "127.0.0.1:080", "127.0.0.1:8 ",  "localhost:80",   "*:80",
		"::1:80",    "[::1]",	  "[::1:80",	  "[127.0.0.1]:80", "127.1:80",
		"[]:80",     "1.2.3.4.5:80", "[fe80::1%lo]:80", " 127.0.0.1:80",
	};
	struct sockaddr_storage got;
	socklen_t size;
	struct pal_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(pal_endpoint_read(pal_str(bad[i]), &got, &size, &err),
				PAL_E_CONFIG);
	CU_ASSERT_EQUAL(pal_endpoint_read(PAL_STR("127.0.0.1\0:80"), &got, &size, &err),
			PAL_E_CONFIG);
}

static bool is_loopback(const char *text)
{
	struct sockaddr_storage got;
	socklen_t size;

	CU_ASSERT_EQUAL_FATAL(pal_endpoint_read(pal_str(text), &got, &size, NULL), PAL_OK);
	return pal_endpoint_is_loopback(&got);
}

TEST(loopback_is_all_of_127_and_one_address_of_v6)
{
	CU_ASSERT_TRUE(is_loopback("127.0.0.1:1"));
	CU_ASSERT_TRUE(is_loopback("127.255.0.9:1"));
	CU_ASSERT_TRUE(is_loopback("[::1]:1"));
	CU_ASSERT_FALSE(is_loopback("0.0.0.0:1"));
	CU_ASSERT_FALSE(is_loopback("128.0.0.1:1"));
	CU_ASSERT_FALSE(is_loopback("[::]:1"));
}

static bool has(const char *network_text, const char *peer_text)
{
	struct pal_network network;
	struct sockaddr_storage peer;
	socklen_t size;

	CU_ASSERT_EQUAL_FATAL(pal_network_read(pal_str(network_text), &network, NULL), PAL_OK);
	CU_ASSERT_EQUAL_FATAL(pal_endpoint_read(pal_str(peer_text), &peer, &size, NULL), PAL_OK);
	return pal_network_has(&network, (const struct sockaddr *)&peer);
}

TEST(a_network_has_the_addresses_that_share_its_bits)
{
	CU_ASSERT_TRUE(has("10.0.0.0/8", "10.255.1.2:1"));
	CU_ASSERT_FALSE(has("10.0.0.0/8", "11.0.0.0:1"));
	CU_ASSERT_TRUE(has("192.0.2.128/25", "192.0.2.129:1"));
	CU_ASSERT_FALSE(has("192.0.2.128/25", "192.0.2.127:1"));
	CU_ASSERT_TRUE(has("192.0.2.1", "192.0.2.1:1"));
	CU_ASSERT_FALSE(has("192.0.2.1", "192.0.2.2:1"));
	CU_ASSERT_TRUE(has("0.0.0.0/0", "203.0.113.9:1"));
	CU_ASSERT_FALSE(has("0.0.0.0/0", "[2001:db8::1]:1"));
	CU_ASSERT_TRUE(has("::/0", "[2001:db8::1]:1"));
	CU_ASSERT_TRUE(has("2001:db8::/33", "[2001:db8:7fff::1]:1"));
	CU_ASSERT_FALSE(has("2001:db8::/33", "[2001:db8:8000::1]:1"));
	/* A dual-stack listener sees IPv4 peers as mapped ones. */
	CU_ASSERT_TRUE(has("10.0.0.0/8", "[::ffff:10.1.2.3]:1"));
}

TEST(a_peer_of_another_family_is_in_no_network)
{
	struct pal_network network;
	const struct sockaddr peer = {.sa_family = AF_UNIX};

	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("0.0.0.0/0"), &network, NULL), PAL_OK);
	CU_ASSERT_FALSE(pal_network_has(&network, &peer));
}

TEST(what_is_no_network_is_refused)
{
	static const char *const bad[] = {
		"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0/8",
		"::/129", "10.0.0.1/31", "2001:db8::1/32", "host", "10.0.0.0/255.0.0.0",
	};
	struct pal_network network;
	struct pal_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(pal_network_read(pal_str(bad[i]), &network, &err), PAL_E_CONFIG);
}

SUITE(address, CASE(an_endpoint_becomes_a_socket_address), CASE(what_is_no_endpoint_is_refused),
      CASE(loopback_is_all_of_127_and_one_address_of_v6),
      CASE(a_network_has_the_addresses_that_share_its_bits),
      CASE(a_peer_of_another_family_is_in_no_network), CASE(what_is_no_network_is_refused))
