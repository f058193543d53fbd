/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "api/client.h"
#include "suite.h"

#define FROM(peer, headers) client_text(proxies, peer, headers)

/* 10.0.0.0/8, one IPv6 network and one address. */
static struct pal_proxies *trusting(void)
{
	static const char *const texts[] = {"10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"};
	struct pal_network networks[3];
	struct pal_proxies *proxies = pal_proxies_create();

	CU_ASSERT_PTR_NOT_NULL_FATAL(proxies);
	for (size_t i = 0; i < 3; i++)
		CU_ASSERT_EQUAL_FATAL(pal_network_read(pal_str(texts[i]), &networks[i], NULL),
				      PAL_OK);
	pal_proxies_set(proxies, networks, 3);
	return proxies;
}

static struct pal_http_peer peer_of(const char *text)
{
	struct pal_network network;
	struct pal_http_peer peer = {.port = 40000};

	CU_ASSERT_EQUAL_FATAL(pal_network_read(pal_str(text), &network, NULL), PAL_OK);
	memcpy(peer.address, network.address, sizeof(peer.address));
	return peer;
}

/* The client of a request that came from `peer` with these header lines. */
static const char *client_text(struct pal_proxies *proxies, const char *peer, const char *headers)
{
	static const struct pal_http_limits limits = {.request_line_bytes = 1024,
						      .headers_bytes = 8192,
						      .headers_max = PAL_HTTP_HEADERS_MAX};
	static char text[PAL_HTTP_PEER_TEXT_SIZE];
	static struct pal_http_parser parser;
	char data[1024];

	int n = snprintf(data, sizeof(data), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
	pal_http_parser_init(&parser, &limits);
	CU_ASSERT_EQUAL_FATAL(pal_http_parser_run(&parser, data, (size_t)n), PAL_HTTP_PARSE_HEAD);
	const struct pal_http_request request = {
		.peer = peer_of(peer), .parser = &parser, .data = data};
	const struct pal_http_peer client = pal_client_of(proxies, &request);
	return pal_http_peer_format(&client, text);
}

TEST(a_stranger_is_not_believed)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("198.51.100.1", "X-Forwarded-For: 203.0.113.5\r\n"), "198.51.100.1");
	CHECK_STR(FROM("11.0.0.1", "X-Forwarded-For: 203.0.113.5\r\n"), "11.0.0.1");
	CHECK_STR(FROM("192.0.2.8", "X-Forwarded-For: 203.0.113.5\r\n"), "192.0.2.8");
	pal_proxies_destroy(proxies);
}

TEST(a_trusted_proxy_is_believed_in_both_families)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: 203.0.113.5\r\n"), "203.0.113.5");
	CHECK_STR(FROM("192.0.2.7", "x-forwarded-for: 2001:db8:2::9\r\n"), "2001:db8:2::9");
	CHECK_STR(FROM("2001:db8:1::1", "X-Forwarded-For: 203.0.113.5\r\n"), "203.0.113.5");
	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: ::ffff:203.0.113.5\r\n"), "203.0.113.5");
	pal_proxies_destroy(proxies);
}

TEST(without_the_header_a_proxy_speaks_for_itself)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("10.1.2.3", ""), "10.1.2.3");
	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-Proto: https\r\n"), "10.1.2.3");
	pal_proxies_destroy(proxies);
}

TEST(the_right_most_hop_that_is_not_trusted_counts)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: 198.51.100.1, 203.0.113.5,10.9.9.9 ,"
				   "\t10.8.8.8\r\n"), "203.0.113.5");
	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: 10.0.0.9, 10.0.0.8\r\n"), "10.0.0.9");
	pal_proxies_destroy(proxies);
}

TEST(several_lines_are_one_list)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: 198.51.100.1\r\nAccept: */*\r\n"
				   "X-Forwarded-For: 203.0.113.5\r\n"), "203.0.113.5");
	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: 198.51.100.1\r\n"
				   "X-Forwarded-For: 10.0.0.1\r\n"), "198.51.100.1");
	pal_proxies_destroy(proxies);
}

TEST(what_the_client_wrote_to_the_left_does_no_harm)
{
	struct pal_proxies *proxies = trusting();

	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: rubbish, 203.0.113.5, 10.0.0.1\r\n"),
		  "203.0.113.5");
	CHECK_STR(FROM("10.1.2.3", "X-Forwarded-For: ,,,\r\nX-Forwarded-For: 203.0.113.5\r\n"),
		  "203.0.113.5");
	pal_proxies_destroy(proxies);
}

TEST(a_malformed_hop_makes_it_the_peer)
{
	static const char *const bad[] = {"unknown", "203.0.113.5:80", "[2001:db8::1]", "203.0.113",
					  "203.0.113.5/32", "0203.0.113.5", "203.0.113.5 x", "",
					  "203.0.113.5,", "rubbish, 10.0.0.1",
					  "fe80::1%eth0", "1:2:3:4:5:6:7:8:9"};
	struct pal_proxies *proxies = trusting();
	char headers[128];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(headers, sizeof(headers), "X-Forwarded-For: %s\r\n", bad[i]);
		CHECK_STR(FROM("10.1.2.3", headers), "10.1.2.3");
	}
	pal_proxies_destroy(proxies);
}

TEST(other_networks_may_be_set_and_none)
{
	struct pal_proxies *proxies = trusting();
	struct pal_network network;
	const struct pal_http_peer ten = peer_of("10.1.2.3"), one = peer_of("198.51.100.1");

	CU_ASSERT(pal_proxies_have(proxies, &ten));
	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("198.51.100.0/24"), &network, NULL), PAL_OK);
	pal_proxies_set(proxies, &network, 1);
	CU_ASSERT_FALSE(pal_proxies_have(proxies, &ten));
	CU_ASSERT(pal_proxies_have(proxies, &one));
	pal_proxies_set(proxies, NULL, 0);
	CU_ASSERT_FALSE(pal_proxies_have(proxies, &one));
	CHECK_STR(FROM("198.51.100.1", "X-Forwarded-For: 203.0.113.5\r\n"), "198.51.100.1");
	pal_proxies_destroy(proxies);
}

TEST(an_ipv6_customer_is_its_network_and_an_ipv4_one_its_address)
{
	const struct pal_http_peer a = peer_of("2001:db8:1:2::1"),
				   b = peer_of("2001:db8:1:2:ff::9"),
				   c = peer_of("2001:db8:1:3::1"), d = peer_of("192.0.2.1"),
				   e = peer_of("192.0.2.2");

	CU_ASSERT(pal_str_equal(pal_client_bytes(&a), pal_client_bytes(&b)));
	CU_ASSERT_FALSE(pal_str_equal(pal_client_bytes(&a), pal_client_bytes(&c)));
	CU_ASSERT_FALSE(pal_str_equal(pal_client_bytes(&d), pal_client_bytes(&e)));
	CU_ASSERT(pal_str_equal(pal_client_bytes(&d), pal_client_bytes(&d)));
}

SUITE(client,
      CASE(a_stranger_is_not_believed),
      CASE(a_trusted_proxy_is_believed_in_both_families),
      CASE(without_the_header_a_proxy_speaks_for_itself),
      CASE(the_right_most_hop_that_is_not_trusted_counts),
      CASE(several_lines_are_one_list),
      CASE(what_the_client_wrote_to_the_left_does_no_harm),
      CASE(a_malformed_hop_makes_it_the_peer),
      CASE(other_networks_may_be_set_and_none),
      CASE(an_ipv6_customer_is_its_network_and_an_ipv4_one_its_address))
