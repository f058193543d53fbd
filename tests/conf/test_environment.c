/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/environment.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

static void check_value(const struct fixture *f, enum pal_option option, const char *want)
{
	struct pal_buf text = {0};

	pal_value_write(option, &f->conf->value[option], &text);
	pal_buf_add_char(&text, '\0');
	CHECK_STR(text.data, want);
	pal_buf_deinit(&text);
}

TEST(every_legacy_name_sets_its_option)
{
	static const struct {
		const char *entry;
		enum pal_option option;
		const char *want;
	} names[] = {
		{"ENVIRONMENT=Testing", PAL_OPT_ENVIRONMENT, "testing"},
		{"WORKERS=8", PAL_OPT_WORKERS_THREADS, "8"},
		{"LOG_LEVEL=WARNING", PAL_OPT_LOG_LEVEL, "warning"},
		{"LOG_FORMAT=JSON", PAL_OPT_LOG_FORMAT, "json"},
		{"REQUEST_TIMEOUT_MS=12000", PAL_OPT_HTTP_REQUEST_TIMEOUT, "12s"},
		{"MAX_REQUEST_SIZE_MB=16", PAL_OPT_HTTP_BODY_MAX, "16MiB"},
		{"RATE_LIMIT_ENABLED=0", PAL_OPT_LIMITS_ENABLED, "false"},
		{"METRICS_ENABLED=False", PAL_OPT_METRICS_ENABLED, "false"},
		{"TRUSTED_PROXIES=10.0.0.0/8, ::1", PAL_OPT_HTTP_TRUSTED_PROXIES,
		 "10.0.0.0/8, ::1"},
		{"CONVERSATION_IDLE_MINUTES=60", PAL_OPT_CONVERSATION_IDLE_MINUTES, "60"},
		{"STRICT_CONVERSATION_ID=1", PAL_OPT_CONVERSATION_STRICT_ID, "true"},
		{"PORT=9000", PAL_OPT_HTTP_LISTEN, "127.0.0.1:9000"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture f = {0};
		char origin[64];
		fixture_enter(&f);
		CU_ASSERT_EQUAL_FATAL(fixture_load_env(&f, names[i].entry), PAL_OK);
		check_value(&f, names[i].option, names[i].want);
		snprintf(origin, sizeof(origin), "environment %.*s",
			 (int)strcspn(names[i].entry, "="), names[i].entry);
		CHECK_STR(pal_conf_origin(f.conf, names[i].option), origin);
		fixture_leave(&f);
	}
}

TEST(host_counts_only_with_port)
{
	struct fixture f = {.env = {"HOST=::1", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	check_value(&f, PAL_OPT_HTTP_LISTEN, "127.0.0.1:8001");
	f.env[1] = "PORT=80";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	check_value(&f, PAL_OPT_HTTP_LISTEN, "[::1]:80");
	f.env[0] = "HOST=0.0.0.0";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	check_value(&f, PAL_OPT_HTTP_LISTEN, "0.0.0.0:80");
	f.env[0] = "HOST=";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	check_value(&f, PAL_OPT_HTTP_LISTEN, "127.0.0.1:80");
	fixture_leave(&f);
}

TEST(an_empty_legacy_name_is_as_good_as_none)
{
	struct fixture f = {.env = {"LOG_LEVEL=", "PORT=", "JWT_SECRET_KEY=", "WORKERS=", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++)
		CHECK_STR(pal_conf_origin(f.conf, o), "default");
	fixture_leave(&f);
}

#define KEY_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"

TEST(a_legacy_key_turns_tokens_on_unless_the_algorithm_is_said)
{
	struct fixture f = {.env = {"JWT_SECRET_KEY=" KEY_HEX, NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_AUTH_JWT_ALGORITHM), PAL_CONF_JWT_HS256);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_SECRET), KEY_HEX);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_AUTH_JWT_ALGORITHM),
		  "environment JWT_SECRET_KEY");
	f.env[1] = "JWT_ALGORITHM=none";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_AUTH_JWT_ALGORITHM), PAL_CONF_JWT_NONE);
	fixture_leave(&f);
}

TEST(every_option_has_its_own_name)
{
	struct fixture f = {.env = {"PALAVER_LIMITS_TIERS_BASIC_PER_MINUTE=7",
				    "PALAVER_HTTP_LISTEN= 127.0.0.1:1 ,[::1]:2,",
				    "PALAVER_STORE_SQLITE_PATH=x.db",
				    "PALAVER_AUTH_JWT_SECRET=" KEY_HEX,
				    "PALAVER_AUTH_JWT_ALGORITHM=HS256", NULL}};
	char path[128];

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_LIMITS_TIERS_BASIC_PER_MINUTE), 7);
	check_value(&f, PAL_OPT_HTTP_LISTEN, "127.0.0.1:1, [::1]:2");
	snprintf(path, sizeof(path), "%s/x.db", f.folder);
	check_value(&f, PAL_OPT_STORE_SQLITE_PATH, path);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_SECRET), KEY_HEX);
	fixture_leave(&f);
}

TEST(a_wrong_value_is_shown_with_its_name)
{
	struct fixture f = {.env = {"PALAVER_HTTP_LISTEN=127.0.0.1:1, x", "REQUEST_TIMEOUT_MS=5",
				    "PALAVER_AUTH_JWT_SECRET=hunter2", "PORT=http", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "environment PORT: `127.0.0.1:http` is no address and port in numbers, such as "
		  "127.0.0.1:8001 or [::1]:8001\n"
		  "PORT=http\n"
		  "     ^~~~\n"
		  "environment PALAVER_HTTP_LISTEN: `x` is no address and port in numbers, such as "
		  "127.0.0.1:8001 or [::1]:8001\n"
		  "PALAVER_HTTP_LISTEN=127.0.0.1:1, x\n"
		  "                                 ^\n"
		  "environment REQUEST_TIMEOUT_MS: `http.request_timeout` must be 1s to 5m, "
		  "not 5ms\n"
		  "REQUEST_TIMEOUT_MS=5\n"
		  "                   ^\n"
		  "environment PALAVER_AUTH_JWT_SECRET: `auth.jwt.secret` must have 32 to 4096 "
		  "bytes, not 7\n"
		  "PALAVER_AUTH_JWT_SECRET=********\n"
		  "                        ^\n");
	fixture_leave(&f);
}

TEST(a_misspelt_name_is_warned_about_without_its_value)
{
	struct fixture f = {.env = {"PALAVER_AUTH_JWT_SECERT=hunter2",
				    "PALAVER_SERVICE_HOST=10.0.0.1",
				    "PALAVER_PORT_8001_TCP=tcp://10.0.0.1:8001", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f),
		  "environment: warning: `PALAVER_AUTH_JWT_SECERT` is no option, did you mean "
		  "`PALAVER_AUTH_JWT_SECRET`?\n"
		  "PALAVER_AUTH_JWT_SECERT\n"
		  "^~~~~~~~~~~~~~~~~~~~~~~\n");
	fixture_leave(&f);
}

TEST(arguments_are_checked_like_everything_else)
{
	struct fixture f = {.overrides = {"http.loops=9", "http.lop=3", "state_dir",
					  "auth.jwt.secret=hunter2", "log.level=", "=x", "", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "-D: unknown option `http.lop`\n"
		  "http.lop=3\n"
		  "^~~~~~~~\n"
		  "-D: write it as key=value\n"
		  "state_dir\n"
		  "^~~~~~~~~\n"
		  "-D: a secret on the command line can be read by every user; use "
		  "auth.jwt.secret_file\n"
		  "auth.jwt.secret=********\n"
		  "                ^\n"
		  "-D: unknown option ``\n"
		  "=x\n"
		  "^\n"
		  "-D: unknown option ``\n"
		  "-D: `http.loops` must be 0 to 4, not 9\n"
		  "http.loops=9\n"
		  "           ^\n"
		  "-D: `log.level` must be debug, info, warning, error or critical, not ``\n"
		  "log.level=\n"
		  "          ^\n");
	fixture_leave(&f);
}

TEST(an_empty_list_can_be_given)
{
	struct fixture f = {.overrides = {"tls.listen=", "http.trusted_proxies= , ", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_list_count(f.conf, PAL_OPT_TLS_LISTEN), 0);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_TLS_LISTEN), "-D");
	CU_ASSERT_EQUAL(pal_conf_list_count(f.conf, PAL_OPT_HTTP_TRUSTED_PROXIES), 0);
	fixture_leave(&f);
}

TEST(the_environment_is_searched_by_whole_names)
{
	static const char *const env[] = {"AB=1", "A=2", "A=3", "B", NULL};

	CHECK_STR(pal_environment_get((char *const *)env, "A"), "2");
	CU_ASSERT_PTR_NULL(pal_environment_get((char *const *)env, "B"));
	CU_ASSERT_PTR_NULL(pal_environment_get(NULL, "A"));
}

SUITE(environment, CASE(every_legacy_name_sets_its_option), CASE(host_counts_only_with_port),
      CASE(an_empty_legacy_name_is_as_good_as_none),
      CASE(a_legacy_key_turns_tokens_on_unless_the_algorithm_is_said),
      CASE(every_option_has_its_own_name), CASE(a_wrong_value_is_shown_with_its_name),
      CASE(a_misspelt_name_is_warned_about_without_its_value),
      CASE(arguments_are_checked_like_everything_else), CASE(an_empty_list_can_be_given),
      CASE(the_environment_is_searched_by_whole_names))
