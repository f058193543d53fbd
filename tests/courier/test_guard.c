/* SPDX-License-Identifier: Apache-2.0 */
#include "courier/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>

#include "suite.h"

static const struct pal_guard strict;
static const struct pal_guard http = {.allow_http = true};

static enum pal_guard_rule judge(const struct pal_guard *guard, const char *url)
{
	struct pal_guard_target target;

	return pal_guard_judge_url(guard, pal_str(url), &target);
}

static void expect(const struct pal_guard *guard, const char *url, enum pal_guard_rule rule)
{
	enum pal_guard_rule got = judge(guard, url);

	if (got != rule)
		printf("# %s: %s, not %s\n", url, pal_guard_rule_name(got),
		       pal_guard_rule_name(rule));
	CU_ASSERT_EQUAL(got, rule);
}

TEST(public_https_urls_pass_and_say_where_they_lead)
{
	struct pal_guard_target target;

	CU_ASSERT_EQUAL(pal_guard_judge_url(&strict, PAL_STR("https://Hooks.example.org/a?b=c@d"),
					    &target),
			PAL_GUARD_PASS);
	CU_ASSERT_TRUE(pal_str_equal(target.host, PAL_STR("Hooks.example.org")));
	CU_ASSERT_EQUAL(target.port, 443);
	CU_ASSERT_TRUE(target.https);
	CU_ASSERT_EQUAL(pal_guard_judge_url(&http, PAL_STR("http://[2606:4700::1111]:8080"),
					    &target),
			PAL_GUARD_PASS);
	CU_ASSERT_TRUE(pal_str_equal(target.host, PAL_STR("[2606:4700::1111]")));
	CU_ASSERT_EQUAL(target.port, 8080);
	CU_ASSERT_FALSE(target.https);
	expect(&strict, "HTTPS://example.org", PAL_GUARD_PASS);
	expect(&strict, "https://8.8.8.8/x", PAL_GUARD_PASS);
	expect(&strict, "https://xn--bcher-kva.example/", PAL_GUARD_PASS);
	expect(&strict, "https://example.org:65535/", PAL_GUARD_PASS);
	expect(&strict, "https://example.org?x", PAL_GUARD_PASS);
	expect(&strict, "https://_dmarc.a-b.example/", PAL_GUARD_PASS);
	expect(&strict, "https://127.0.0.1.example.org/", PAL_GUARD_PASS);
	expect(&strict, "https://notlocalhost/", PAL_GUARD_PASS);
}

TEST(every_rule_of_writing_is_named)
{
	char longest[2100] = "https://example.org/";

	for (size_t i = 20; i < 2049; i++)
		longest[i] = 'a';
	expect(&strict, longest, PAL_GUARD_LENGTH);
	longest[2048] = '\0';
	expect(&strict, longest, PAL_GUARD_PASS);
	static const struct {
		const char *url;
		enum pal_guard_rule rule;
	} cases[] = {
		{"", PAL_GUARD_LENGTH},
		{"https://example.org/a b", PAL_GUARD_CHARACTERS},
		{"https://example.org/\r\nHost: x", PAL_GUARD_CHARACTERS},
		{"https://example.org\\@evil.example/", PAL_GUARD_CHARACTERS},
		{"https://ex\xC3\xA4mple.org/", PAL_GUARD_CHARACTERS},
		{"https://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/", PAL_GUARD_CHARACTERS},
		{"https://example.org/\x7F", PAL_GUARD_CHARACTERS},
		{"\thttps://example.org/", PAL_GUARD_CHARACTERS},
		{"http://example.org/", PAL_GUARD_SCHEME},
		{"ftp://example.org/", PAL_GUARD_SCHEME},
		{"file:///etc/passwd", PAL_GUARD_SCHEME},
		{"gopher://example.org:6379/_x", PAL_GUARD_SCHEME},
		{"dict://example.org/", PAL_GUARD_SCHEME},
		{"example.org", PAL_GUARD_SCHEME},
		{"https:/example.org", PAL_GUARD_SCHEME},
		{"https:example.org", PAL_GUARD_SCHEME},
		{"https://", PAL_GUARD_SCHEME},
		{"https://user:pw@example.org/", PAL_GUARD_USERINFO},
		{"https://example.org@127.0.0.1/", PAL_GUARD_USERINFO},
		{"https://@example.org/", PAL_GUARD_USERINFO},
		{"https://example.org/#x", PAL_GUARD_FRAGMENT},
		{"https://127.0.0.1#@example.org/", PAL_GUARD_FRAGMENT},
		{"https:///x", PAL_GUARD_HOST},
		{"https://?x", PAL_GUARD_HOST},
		{"https://a..b/", PAL_GUARD_HOST},
		{"https://.a/", PAL_GUARD_HOST},
		{"https://example.org./", PAL_GUARD_HOST},
		{"https://-a.example/", PAL_GUARD_HOST},
		{"https://a-.example/", PAL_GUARD_HOST},
		{"https://a.example-/", PAL_GUARD_HOST},
		{"https://exa%6Dple.org/", PAL_GUARD_HOST},
		{"https://127.0.0.1%00.example.org/", PAL_GUARD_HOST},
		{"https://a,b/", PAL_GUARD_HOST},
		{"https://[::1/", PAL_GUARD_HOST},
		{"https://[]/", PAL_GUARD_HOST},
		{"https://[::g]/", PAL_GUARD_HOST},
		{"https://[fe80::1%25eth0]/", PAL_GUARD_HOST},
		{"https://[127.0.0.1]/", PAL_GUARD_HOST},
		{"https://[v1.a]/", PAL_GUARD_HOST},
		{"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
		 PAL_GUARD_HOST},
		{"https://example.org:/", PAL_GUARD_PORT},
		{"https://example.org:0/", PAL_GUARD_PORT},
		{"https://example.org:22/", PAL_GUARD_PORT},
		{"https://example.org:80/", PAL_GUARD_PORT},
		{"https://example.org:0443/", PAL_GUARD_PORT},
		{"https://example.org:65536/", PAL_GUARD_PORT},
		{"https://example.org:99999999999/", PAL_GUARD_PORT},
		{"https://example.org:4a3/", PAL_GUARD_PORT},
		{"https://[2606:4700::1]x/", PAL_GUARD_PORT},
		{"https://[2606:4700::1]443/", PAL_GUARD_PORT},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(&strict, cases[i].url, cases[i].rule);
	CU_ASSERT_EQUAL(pal_guard_judge_url(&strict, (struct pal_str){"https://a\0b/", 12}, NULL),
			PAL_GUARD_CHARACTERS);
}

/* Loopback and the metadata address in every spelling that some parser takes. */
TEST(no_spelling_of_an_inner_address_passes)
{
	static const char *const spellings[] = {
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001",
		"0x7f.0.0.1", "0177.0.0.1", "0x7F.1", "127.0.0.01", "127.000.000.001", "127.0.0.1.",
		"127.255.255.254", "0", "0.0.0.0", "0.0.0.1", "0x0", "00", "1.2.3.4.5", "256.1.1.1",
		"localhost", "LOCALHOST", "x.localhost", "a.b.LocalHost", "10.0.0.1", "10.255.1.2",
		"100.64.0.1", "100.127.255.255", "169.254.169.254", "2852039166", "0xA9FEA9FE",
		"172.16.0.1", "172.31.255.255", "192.168.0.1", "192.0.0.8", "192.0.2.1",
		"192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "[::]", "[::1]",
		"[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[64:ff9b::127.0.0.1]",
		"[64:ff9b::808:808]", "[64:ff9b:1::1]", "[2002:7f00:1::1]", "[2002:808:808::1]",
		"[2001::1]", "[2001:10::1]", "[2001:20::1]", "[2001:db8::1]", "[3fff::1]",
		"[fc00::1]", "[fd12:3456::1]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]",
		"[100::1]", "[4000::1]", "[5f00::1]", "[1::1]", "[::2]", "[::1:0:0:1]",
	};
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		char url[128];
		snprintf(url, sizeof(url), "http://%s:8080/", spellings[i]);
		enum pal_guard_rule rule = judge(&http, url);
		if (rule < PAL_GUARD_HOST)
			printf("# %s: %s\n", url, pal_guard_rule_name(rule));
		CU_ASSERT(rule >= PAL_GUARD_HOST);
	}
}

static enum pal_guard_rule judge_address(const struct pal_guard *guard, const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return pal_guard_judge_address(guard, (struct sockaddr *)&v4, sizeof(v4));
	CU_ASSERT_EQUAL_FATAL(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return pal_guard_judge_address(guard, (struct sockaddr *)&v6, sizeof(v6));
}

/* The first and the last address of each network, and their neighbours outside. */
TEST(networks_end_where_they_end)
{
	static const struct {
		const char *before, *first, *last, *after;
		enum pal_guard_rule rule;
	} networks[] = {
		{NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", PAL_GUARD_UNSPECIFIED},
		{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", PAL_GUARD_PRIVATE},
		{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", PAL_GUARD_SHARED},
		{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", PAL_GUARD_LOOPBACK},
		{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0",
		 PAL_GUARD_LINK_LOCAL},
		{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", PAL_GUARD_PRIVATE},
		{"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0", PAL_GUARD_RESERVED},
		{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", PAL_GUARD_DOCUMENTATION},
		{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0",
		 PAL_GUARD_EMBEDDED},
		{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0",
		 PAL_GUARD_PRIVATE},
		{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0",
		 PAL_GUARD_BENCHMARK},
		{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0",
		 PAL_GUARD_DOCUMENTATION},
		{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0",
		 PAL_GUARD_DOCUMENTATION},
		{"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL, PAL_GUARD_MULTICAST},
		{NULL, "240.0.0.0", "255.255.255.255", NULL, PAL_GUARD_RESERVED},
		{"2000:ffff::", "2001::", "2001:0:ffff::", NULL, PAL_GUARD_EMBEDDED},
		{NULL, "2001:1::", "2001:1ff:ffff::", "2001:200::", PAL_GUARD_RESERVED},
		{"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff::", "2001:db9::",
		 PAL_GUARD_DOCUMENTATION},
		{"2001:ffff::", "2002::", "2002:ffff::", "2003::", PAL_GUARD_EMBEDDED},
		{"3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::",
		 PAL_GUARD_DOCUMENTATION},
		{NULL, "fc00::", "fdff:ffff::", NULL, PAL_GUARD_PRIVATE},
		{NULL, "fe80::", "febf:ffff::", NULL, PAL_GUARD_LINK_LOCAL},
		{NULL, "fec0::", "feff:ffff::", NULL, PAL_GUARD_PRIVATE},
		{NULL, "ff00::", "ffff:ffff::", NULL, PAL_GUARD_MULTICAST},
		{NULL, "4000::", "fbff:ffff::", NULL, PAL_GUARD_RESERVED},
	};
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		CU_ASSERT_EQUAL(judge_address(&strict, networks[i].first), networks[i].rule);
		CU_ASSERT_EQUAL(judge_address(&strict, networks[i].last), networks[i].rule);
		if (networks[i].before)
			CU_ASSERT_EQUAL(judge_address(&strict, networks[i].before), PAL_GUARD_PASS);
		if (networks[i].after)
			CU_ASSERT_EQUAL(judge_address(&strict, networks[i].after), PAL_GUARD_PASS);
	}
	CU_ASSERT_EQUAL(judge_address(&strict, "2000::"), PAL_GUARD_PASS);
	CU_ASSERT_EQUAL(judge_address(&strict, "1fff::"), PAL_GUARD_RESERVED);
}

TEST(an_allowed_network_opens_itself_and_nothing_else)
{
	struct pal_network allowed[3];
	struct pal_error err;
	struct pal_guard guard = {.allow_http = true, .allowed = allowed, .allowed_count = 3};

	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("10.1.0.0/16"), &allowed[0], &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("fd00::/16"), &allowed[1], &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_network_read(PAL_STR("127.0.0.1"), &allowed[2], &err), PAL_OK);
	expect(&guard, "http://10.1.2.3:8080/", PAL_GUARD_PASS);
	expect(&guard, "http://10.2.2.3:8080/", PAL_GUARD_PRIVATE);
	expect(&guard, "http://[fd00::1]/", PAL_GUARD_PASS);
	expect(&guard, "http://[fd01::1]/", PAL_GUARD_PRIVATE);
	expect(&guard, "http://127.0.0.1/", PAL_GUARD_PASS);
	expect(&guard, "http://localhost/", PAL_GUARD_PASS);
	expect(&guard, "http://127.1/", PAL_GUARD_HOST_NUMBER);
	/* The kernel would take these to 10.1.2.3 and 127.0.0.1. */
	expect(&guard, "http://[::ffff:10.1.2.3]/", PAL_GUARD_EMBEDDED);
	expect(&guard, "http://[::ffff:127.0.0.1]/", PAL_GUARD_EMBEDDED);
}

TEST(what_is_no_internet_address_is_refused)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)};

	CU_ASSERT_EQUAL(pal_guard_judge_address(&strict, (struct sockaddr *)&local, sizeof(local)),
			PAL_GUARD_FAMILY);
	CU_ASSERT_EQUAL(pal_guard_judge_address(&strict, (struct sockaddr *)&v4, sizeof(v4)),
			PAL_GUARD_PASS);
	CU_ASSERT_EQUAL(pal_guard_judge_address(&strict, (struct sockaddr *)&v4, 4),
			PAL_GUARD_FAMILY);
}

TEST(a_check_names_field_and_rule)
{
	struct pal_error err;

	CU_ASSERT_EQUAL(pal_guard_check_url(&strict, "url", PAL_STR("https://example.org/"), &err),
			PAL_OK);
	CU_ASSERT_EQUAL(pal_guard_check_url(&strict, "settings.url",
					    PAL_STR("https://169.254.169.254/latest"), &err),
			PAL_E_VALIDATION);
	CHECK_STR(err.subject, "settings.url");
	CHECK_STR(err.message, "The URL leads to a link-local address (rule address_link_local).");
	for (enum pal_guard_rule rule = 0; rule < PAL_GUARD_RULE_COUNT; rule++) {
		CU_ASSERT_PTR_NOT_NULL(pal_guard_rule_name(rule));
		CU_ASSERT(strlen(pal_guard_rule_sentence(rule)) + 50 < PAL_ERROR_MESSAGE_MAX);
	}
}

SUITE(guard, CASE(public_https_urls_pass_and_say_where_they_lead),
      CASE(every_rule_of_writing_is_named), CASE(no_spelling_of_an_inner_address_passes),
      CASE(networks_end_where_they_end), CASE(an_allowed_network_opens_itself_and_nothing_else),
      CASE(what_is_no_internet_address_is_refused), CASE(a_check_names_field_and_rule))
