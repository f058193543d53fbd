/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/load.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

TEST(all_errors_of_all_sources_are_told_at_once)
{
	struct fixture f = {.env = {"PALAVER_LOG_LEVEL=loud", NULL},
			    .overrides = {"http.loop=1", NULL}};

	fixture_enter(&f);
	fixture_write("a.yaml", "store: {kind: mongo}\n");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "include: a.yaml\nhttp: {body_max: 1}\n"),
			PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(f.conf);
	CU_ASSERT_EQUAL(f.report.errors_count, 4);
	CHECK_STR(fixture_report(&f),
		  "-D: unknown option `http.loop`, did you mean `http.loops`?\n"
		  "http.loop=1\n"
		  "^~~~~~~~~\n"
		  "a.yaml:1:15: `store.kind` must be memory or sqlite, not `mongo`\n"
		  "store: {kind: mongo}\n"
		  "              ^~~~~\n"
		  "palaver.yaml:2:18: `http.body_max` must be 1KiB to 64MiB, not 1\n"
		  "http: {body_max: 1}\n"
		  "                 ^\n"
		  "environment PALAVER_LOG_LEVEL: `log.level` must be debug, info, warning, error "
		  "or critical, not `loud`\n"
		  "PALAVER_LOG_LEVEL=loud\n"
		  "                  ^~~~\n");
	fixture_leave(&f);
}

TEST(a_file_that_cannot_be_read_is_told)
{
	struct fixture f = {.sources = {.file = "none.yaml"}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "none.yaml: cannot open the file: No such file or directory\n");
	f.sources.file = f.folder;
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(f.report.errors[0].message, "this is no regular file");
	fixture_leave(&f);
}

TEST(relative_paths_start_at_their_file_or_at_the_working_folder)
{
	struct fixture f = {.sources = {.file = "etc/palaver.yaml"},
			    .overrides = {"pid_file=x.pid", NULL}};
	char want[128];

	fixture_enter(&f);
	fixture_write("etc/palaver.yaml", "log: {file: x.log}\nstate_dir: /srv\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	snprintf(want, sizeof(want), "%s/etc/x.log", f.folder);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_LOG_FILE), want);
	snprintf(want, sizeof(want), "%s/x.pid", f.folder);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_PID_FILE), want);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STORE_SQLITE_PATH), "/srv/palaver.db");
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_TLS_KEY_FILE), "");
	fixture_leave(&f);
}

TEST(systemd_names_the_default_state_folder)
{
	struct fixture f = {.env = {"STATE_DIRECTORY=/var/lib/private/palaver:/other", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STATE_DIR), "/var/lib/private/palaver");
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_CONTROL_SOCKET),
		  "/var/lib/private/palaver/palaverd.sock");
	fixture_leave(&f);
}

TEST(dev_has_defaults_of_its_own_that_anyone_beats)
{
	struct fixture f = {.sources = {.dev = true}, .env = {"TMPDIR=/scratch", NULL}};
	char want[128];

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	snprintf(want, sizeof(want), "/scratch/palaver-dev-%lu", (unsigned long)geteuid());
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STATE_DIR), want);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_STATE_DIR), "--dev");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_MAX_CONNECTIONS_PER_ADDRESS), 0);
	CU_ASSERT_TRUE(f.conf->is_dev);

	f.sources.dev_state_dir = "/scratch/fresh";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STORE_SQLITE_PATH), "/scratch/fresh/palaver.db");
	f.overrides[0] = "state_dir=/srv";
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_STATE_DIR), "/srv");
	fixture_leave(&f);
}

TEST(a_state_folder_too_long_for_a_socket_is_told_where_it_was_set)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(
		fixture_load_override(&f, "state_dir=/1234567890/1234567890/1234567890/1234567890/"
					  "1234567890/1234567890/1234567890/1234567890/1234567890"),
		PAL_E_CONFIG);
	CU_ASSERT_EQUAL(f.report.errors_count, 1);
	CHECK_STR(f.report.errors[0].where, "-D");
	CHECK_STR(f.report.errors[0].message,
		  "`control.socket` must have 1 to 107 bytes, not 113");
	fixture_leave(&f);
}

TEST(a_relative_path_counts_with_its_folder)
{
	struct fixture f = {0};
	char override[sizeof("control.socket=") + 100];

	fixture_enter(&f);
	memset(override, 'x', sizeof(override) - 1);
	override[sizeof(override) - 1] = '\0';
	memcpy(override, "control.socket=", strlen("control.socket="));
	CU_ASSERT_EQUAL(fixture_load_override(&f, override), PAL_E_CONFIG);
	CHECK_STR(f.report.errors[0].message,
		  "`control.socket` is more than 107 bytes long as a whole path");
	fixture_leave(&f);
}

TEST(a_list_has_its_limit)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "http:\n  listen: [0.0.0.0:1, 0.0.0.0:2, 0.0.0.0:3, "
					      "0.0.0.0:4, 0.0.0.0:5, 0.0.0.0:6, 0.0.0.0:7, "
					      "0.0.0.0:8, 0.0.0.0:9, 0.0.0.0:10, 0.0.0.0:11, "
					      "0.0.0.0:12, 0.0.0.0:13, 0.0.0.0:14, 0.0.0.0:15, "
					      "0.0.0.0:16, 0.0.0.0:17]\n"),
			PAL_E_CONFIG);
	CHECK_STR(f.report.errors[0].message, "`http.listen` has 17 items, at most 16 are allowed");
	fixture_leave(&f);
}

TEST(a_snapshot_lives_as_long_as_its_last_reference)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "log: {file: /x}\n"), PAL_OK);
	struct pal_conf *turn = pal_conf_ref(f.conf);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "log: {file: /y}\n"), PAL_OK);
	CHECK_STR(pal_conf_str(turn, PAL_OPT_LOG_FILE), "/x");
	pal_conf_unref(turn);
	pal_conf_unref(NULL);
	fixture_leave(&f);
}

/*
 * Right, wrong and half-written files in turn: the address sanitizer finds what any of them keeps.
 */
TEST(two_hundred_reloads_leave_nothing_behind)
{
	static const struct {
		const char *yaml;
		enum pal_code code;
	} files[] = {
		{"http: {loops: 1, listen: [127.0.0.1:1]}\n", PAL_OK},
		{"http: {loops: 1, listen: [127.0.0.1:1\n", PAL_E_CONFIG},
		{"http: &a {loops: *a}\n? [x]\n: y\n", PAL_E_CONFIG},
		{"auth: {jwt: {algorithm: HS256, secret_file: jwt.key}}\n", PAL_OK},
		{"auth: {jwt: {secret: short}}\n\t", PAL_E_CONFIG},
		{"include: [conf.d/*, none]\n", PAL_E_CONFIG},
		{"", PAL_OK},
		{"a: 1\n---\nb: \"", PAL_E_CONFIG},
	};
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("jwt.key", "9f86d081884c7d659a2feaa0c55ad015\n");
	fixture_write("conf.d/a", "log: {level: debug}\n");
	for (int i = 0; i < 200; i++) {
		int n = i % (int)(sizeof(files) / sizeof(files[0]));
		CU_ASSERT_EQUAL(fixture_load_yaml(&f, files[n].yaml), files[n].code);
		CU_ASSERT_EQUAL(f.conf != NULL, files[n].code == PAL_OK);
		CU_ASSERT_EQUAL(f.report.errors_count == 0, files[n].code == PAL_OK);
	}
	fixture_leave(&f);
}

SUITE(load, CASE(without_sources_every_option_has_its_default),
      CASE(a_file_sets_values_of_every_type), CASE(the_stronger_source_wins),
      CASE(a_misspelt_option_is_told_with_line_caret_and_suggestion),
      CASE(all_errors_of_all_sources_are_told_at_once), CASE(a_file_that_cannot_be_read_is_told),
      CASE(relative_paths_start_at_their_file_or_at_the_working_folder),
      CASE(systemd_names_the_default_state_folder),
      CASE(dev_has_defaults_of_its_own_that_anyone_beats),
      CASE(a_state_folder_too_long_for_a_socket_is_told_where_it_was_set),
      CASE(a_relative_path_counts_with_its_folder), CASE(a_list_has_its_limit),
      CASE(a_snapshot_lives_as_long_as_its_last_reference),
      CASE(two_hundred_reloads_leave_nothing_behind))
