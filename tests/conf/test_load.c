/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/load.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

TEST(without_sources_every_option_has_its_default)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_EQUAL(pal_conf_list_count(f.conf, PAL_OPT_HTTP_LISTEN), 1);
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_HTTP_LISTEN, 0), "127.0.0.1:8001");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_BODY_MAX), 262144);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_KEEPALIVE_TIMEOUT), 75000);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_STORE_KIND), PAL_CONF_STORE_SQLITE);
	CU_ASSERT_TRUE(pal_conf_bool(f.conf, PAL_OPT_LIMITS_ENABLED));
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_ISSUER), "chatbot-platform");
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STORE_SQLITE_PATH),
		  PAL_LOCALSTATEDIR "/lib/palaver/palaver.db");
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++)
		CHECK_STR(pal_conf_origin(f.conf, o), "default");
	fixture_leave(&f);
}

TEST(a_file_sets_values_of_every_type)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "environment: testing\n"
						    "state_dir: var\n"
						    "http:\n"
						    "  listen:\n"
						    "    - 0.0.0.0:80\n"
						    "    - \"[::1]:80\"\n"
						    "  loops: 2\n"
						    "  body_max: 1MB\n"
						    "  header_timeout: 1500ms\n"
						    "auth: {jwt: {issuer: 'no'}}\n"
						    "limits:\n"
						    "  enabled: off\n"),
			      PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_ENVIRONMENT), PAL_CONF_TESTING);
	CU_ASSERT_EQUAL_FATAL(pal_conf_list_count(f.conf, PAL_OPT_HTTP_LISTEN), 2);
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_HTTP_LISTEN, 1), "[::1]:80");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_LOOPS), 2);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_BODY_MAX), 1000000);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_HEADER_TIMEOUT), 1500);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_ISSUER), "no");
	CU_ASSERT_FALSE(pal_conf_bool(f.conf, PAL_OPT_LIMITS_ENABLED));
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_HTTP_LOOPS), "palaver.yaml:7");
	char path[128];
	snprintf(path, sizeof(path), "%s/var/palaverd.sock", f.folder);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_CONTROL_SOCKET), path);
	fixture_leave(&f);
}

TEST(the_stronger_source_wins)
{
	struct fixture f = {.env = {"PALAVER_HTTP_LOOPS=2", "LOG_LEVEL=ERROR",
				    "REQUEST_TIMEOUT_MS=9000", "PALAVER_LOG_LEVEL=debug",
				    "PORT=8100", NULL},
			    .overrides = {"http.loops=3", "http.loops=4", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "http: {loops: 1, listen: 127.0.0.1:1}\n"),
			      PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_LOOPS), 4);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_HTTP_LOOPS), "-D");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_LOG_LEVEL), 0);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_LOG_LEVEL), "environment PALAVER_LOG_LEVEL");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_REQUEST_TIMEOUT), 9000);
	CHECK_STR(pal_conf_list_item(f.conf, PAL_OPT_HTTP_LISTEN, 0), "127.0.0.1:8100");
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_HTTP_LISTEN), "environment PORT");
	fixture_leave(&f);
}

TEST(a_misspelt_option_is_told_with_line_caret_and_suggestion)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "http:\n  lisen: 127.0.0.1:8001\n  loops: 9\n"),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(f.conf);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:2:3: unknown option `http.lisen`, did you mean `http.listen`?\n"
		  "  lisen: 127.0.0.1:8001\n"
		  "  ^~~~~\n"
		  "palaver.yaml:3:10: `http.loops` must be 0 to 4, not 9\n"
		  "  loops: 9\n"
		  "         ^\n");
	fixture_leave(&f);
}

SUITE(load, CASE(without_sources_every_option_has_its_default),
      CASE(a_file_sets_values_of_every_type), CASE(the_stronger_source_wins),
      CASE(a_misspelt_option_is_told_with_line_caret_and_suggestion))
