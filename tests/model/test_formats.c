/* SPDX-License-Identifier: Apache-2.0 */
#include "model/formats.h"

#include <stdio.h>

#include "suite.h"

#define EACH(list) for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++)

static void check_text(struct pal_str got, const char *want)
{
	char text[256];

	snprintf(text, sizeof(text), "%.*s", (int)got.n, got.p ? got.p : "");
	CHECK_STR(text, want);
}

TEST(the_host_of_a_url_is_what_is_left_without_user_and_port)
{
	static const char *const rows[][2] = {
		{"http://a", "a"},
		{"HTTPS://Example.ORG/x", "Example.ORG"},
		{"http://user:pw@host:80/p", "host"},
		{"http://a@b@c/", "c"},
		{"http://[::1]:8080/", "[::1]"},
		{"https://h?q=@x", "h"},
		{"https://h#@x", "h"},
		{"http://a\\@b", "a"},
		{"http://h:", "h"},
	};

	EACH(rows)
		check_text(pal_url_host(pal_str(rows[i][0])), rows[i][1]);
}

TEST(what_is_no_http_url_has_no_host)
{
	static const char *const rows[] = {"",		 "http",      "http:/a",   "http://",
					   "ftp://a",	 "//a",	      "http:///a", "http://:80",
					   "http://u@",	 "http://a b", "http://a\n", " http://a",
					   "http://\x7f", "javascript:alert(1)", "data:,x"};

	EACH(rows)
		CU_ASSERT_PTR_NULL(pal_url_host(pal_str(rows[i])).p);
}

TEST(the_path_of_a_url_ends_before_query_and_fragment)
{
	static const char *const rows[][2] = {
		{"http://a", ""},	   {"http://a/", "/"},	  {"http://a/b/c.jpg?d#e", "/b/c.jpg"},
		{"http://a?b/c", ""}, {"https://a#/b", ""}, {"http://a/b#c?d", "/b"},
	};

	EACH(rows)
		check_text(pal_url_path(pal_str(rows[i][0])), rows[i][1]);
}

TEST(a_phone_number_is_a_plus_and_two_to_fifteen_digits)
{
	static const char *const good[] = {"+12", "+4930123456", "+123456789012345"};
	static const char *const bad[] = {"",	  "+",	   "+1",	"12",	"+012345",
					  "+1234567890123456", "+49 30", "+4930a", "++49"};

	EACH(good)
		CU_ASSERT(pal_is_e164(pal_str(good[i])));
	EACH(bad)
		CU_ASSERT(!pal_is_e164(pal_str(bad[i])));
}

TEST(a_mail_address_has_a_local_part_labels_and_a_top_level)
{
	static const char *const good[] = {"a@b.cd", "Ann.B+tag%x@mail.Example.org", "a_b@c-d.museum"};
	static const char *const bad[] = {"",	     "@b.cd",  "a@",	  "a@b",     "a@b.c",
					  "a@b..cd", "a@.cd",  "a b@c.de", "a@b.c1",  "a@b@c.de",
					  "a@b.cd.", "a@b.c-", "\xc3\xa9@b.cd"};

	EACH(good)
		CU_ASSERT(pal_is_email(pal_str(good[i])));
	EACH(bad)
		CU_ASSERT(!pal_is_email(pal_str(bad[i])));
	CU_ASSERT(!pal_is_email((struct pal_str){"a\0@b.cd", 7}));
}

TEST(languages_and_uuids_have_their_one_form)
{
	CU_ASSERT(pal_is_language(PAL_STR("en")) && !pal_is_language(PAL_STR("EN")) &&
		  !pal_is_language(PAL_STR("eng")) && !pal_is_language(PAL_STR("")));
	CU_ASSERT(pal_is_uuid(PAL_STR("01A21A38-86d8-70ba-8aba-b3315325aaf1")));
	CU_ASSERT(!pal_is_uuid(PAL_STR("01a21a38-86d8-70ba-8aba-b3315325aaf")));
	CU_ASSERT(!pal_is_uuid(PAL_STR("01a21a38086d8-70ba-8aba-b3315325aaf1")));
	CU_ASSERT(!pal_is_uuid(PAL_STR("g1a21a38-86d8-70ba-8aba-b3315325aaf1")));
}

SUITE(formats, CASE(the_host_of_a_url_is_what_is_left_without_user_and_port),
      CASE(what_is_no_http_url_has_no_host), CASE(the_path_of_a_url_ends_before_query_and_fragment),
      CASE(a_phone_number_is_a_plus_and_two_to_fifteen_digits),
      CASE(a_mail_address_has_a_local_part_labels_and_a_top_level),
      CASE(languages_and_uuids_have_their_one_form))
