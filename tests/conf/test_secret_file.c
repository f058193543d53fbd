/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secret_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "suite.h"

#define KEY_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"

/* The code of reading `name`, its message in `err`, its text in `got` (256 bytes). */
static enum pal_code read_secret(const char *name, const char *credentials, char *got,
				 struct pal_error *err)
{
	struct pal_arena arena = {0};
	const struct pal_secret_places places = {.credentials = credentials, .folder = "."};
	struct pal_str text = {0};
	const char *path = NULL;

	*err = (struct pal_error){0};
	enum pal_code code = pal_secret_file_read(name, &places, &arena, &text, &path, err);
	snprintf(got, 256, "%.*s", (int)text.n, text.p ? text.p : "");
	pal_arena_release(&arena);
	return code;
}

static void check_read(const char *content, size_t n, const char *want, const char *error)
{
	struct pal_error err;
	char got[256];

	fixture_write_bytes("k", content, n);
	CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), error ? PAL_E_CONFIG : PAL_OK);
	CHECK_STR(got, want);
	CHECK_STR(err.message, error ? error : "");
}

TEST(one_newline_at_the_end_does_not_count)
{
	struct fixture f = {0};

	fixture_enter(&f);
	check_read("abc", 3, "abc", NULL);
	check_read("abc\n", 4, "abc", NULL);
	check_read("abc\r\n", 5, "abc", NULL);
	check_read("abc\n\n", 5, "abc\n", NULL);
	check_read(" abc ", 5, " abc ", NULL);
	check_read("", 0, "", "./k is empty");
	check_read("\n", 1, "", "./k is empty");
	fixture_leave(&f);
}

TEST(a_file_that_others_may_read_is_refused)
{
	static const mode_t open_modes[] = {0640, 0620, 0610, 0604, 0602, 0601};
	struct fixture f = {0};
	struct pal_error err;
	char got[256], want[128];

	fixture_enter(&f);
	fixture_write("k", "abc");
	for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
		CU_ASSERT_EQUAL(chmod("k", open_modes[i]), 0);
		CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), PAL_E_CONFIG);
		snprintf(want, sizeof(want), "./k has mode %04o; group and others must have no "
					     "access, use 0600", (unsigned)open_modes[i]);
		CHECK_STR(err.message, want);
		CHECK_STR(got, "");
	}
	CU_ASSERT_EQUAL(chmod("k", 0400), 0);
	CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), PAL_OK);
	fixture_leave(&f);
}

TEST(a_file_of_another_user_is_refused)
{
	struct fixture f = {0};
	struct pal_error err;
	char got[256];

	fixture_enter(&f);
	fixture_write("k", "abc");
	/* Only root can give a file away; others have nothing to prove here. */
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown("k", 12345, (gid_t)-1), 0);
		CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), PAL_E_CONFIG);
		CHECK_STR(err.message, "./k belongs to user 12345; it must belong to the user of "
				       "palaverd or root");
	}
	fixture_leave(&f);
}

TEST(what_is_no_regular_file_is_refused)
{
	struct fixture f = {0};
	struct pal_error err;
	char got[256];

	fixture_enter(&f);
	CU_ASSERT_EQUAL(mkfifo("fifo", 0600), 0);
	CU_ASSERT_EQUAL(read_secret("fifo", NULL, got, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "./fifo is no regular file");
	CU_ASSERT_EQUAL(read_secret(".", NULL, got, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "./. is no regular file");
	CU_ASSERT_EQUAL(read_secret("none", NULL, got, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "cannot open ./none: No such file or directory");
	fixture_leave(&f);
}

TEST(a_file_above_its_size_is_refused)
{
	struct fixture f = {0};
	char *big = malloc(PAL_SECRET_FILE_SIZE_MAX + 1), got[256];
	struct pal_error err;

	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	memset(big, 'x', PAL_SECRET_FILE_SIZE_MAX + 1);
	fixture_enter(&f);
	fixture_write_bytes("k", big, PAL_SECRET_FILE_SIZE_MAX);
	CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), PAL_OK);
	fixture_write_bytes("k", big, PAL_SECRET_FILE_SIZE_MAX + 1);
	CU_ASSERT_EQUAL(read_secret("k", NULL, got, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "./k holds more than 8192 bytes");
	free(big);
	fixture_leave(&f);
}

TEST(a_relative_name_is_a_credential_first)
{
	struct fixture f = {0};
	struct pal_error err;
	char got[256];

	fixture_enter(&f);
	fixture_write("credentials/k", "credential");
	fixture_write("k", "beside");
	fixture_write("other", "beside");
	CU_ASSERT_EQUAL(read_secret("k", "credentials", got, &err), PAL_OK);
	CHECK_STR(got, "credential");
	CU_ASSERT_EQUAL(read_secret("other", "credentials", got, &err), PAL_OK);
	CHECK_STR(got, "beside");
	char absolute[128];
	snprintf(absolute, sizeof(absolute), "%s/k", f.folder);
	CU_ASSERT_EQUAL(read_secret(absolute, "credentials", got, &err), PAL_OK);
	CHECK_STR(got, "beside");
	fixture_leave(&f);
}

TEST(a_credential_may_show_group_bits_but_never_others)
{
	struct fixture f = {0};
	struct pal_error err;
	char got[256];

	fixture_enter(&f);
	fixture_write("credentials/k", "credential");
	CU_ASSERT_EQUAL(chmod("credentials/k", 0440), 0);
	CU_ASSERT_EQUAL(read_secret("k", "credentials", got, &err), PAL_OK);
	CU_ASSERT_EQUAL(chmod("credentials/k", 0444), 0);
	CU_ASSERT_EQUAL(read_secret("k", "credentials", got, &err), PAL_E_CONFIG);
	fixture_leave(&f);
}

TEST(a_secret_comes_from_the_file_beside_the_configuration)
{
	struct fixture f = {.sources = {.file = "etc/palaver.yaml"}};
	char want[192];

	fixture_enter(&f);
	fixture_write("etc/palaver.yaml",
		      "auth:\n  jwt:\n    algorithm: HS256\n    secret_file: jwt.key\n");
	fixture_write("etc/jwt.key", KEY_HEX "\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_SECRET), KEY_HEX);
	snprintf(want, sizeof(want), "etc/palaver.yaml:4 (%s/etc/jwt.key)", f.folder);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_AUTH_JWT_SECRET), want);
	fixture_leave(&f);
}

TEST(a_secret_file_named_outside_the_configuration_is_found_beside_it_too)
{
	struct fixture f = {.sources = {.file = "etc/palaver.yaml"},
			    .overrides = {"auth.jwt.secret_file=jwt.key",
					  "auth.jwt.algorithm=HS256", NULL}};

	fixture_enter(&f);
	fixture_write("etc/palaver.yaml", "");
	fixture_write("etc/jwt.key", KEY_HEX "\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_SECRET), KEY_HEX);
	fixture_leave(&f);
}

TEST(systemd_credentials_are_found_through_the_environment)
{
	struct fixture f = {0};
	char entry[128];

	fixture_enter(&f);
	snprintf(entry, sizeof(entry), "CREDENTIALS_DIRECTORY=%s/credentials", f.folder);
	f.env[0] = entry;
	f.env[1] = "PALAVER_AUTH_JWT_SECRET_FILE=jwt";
	fixture_write("credentials/jwt", KEY_HEX);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "auth: {jwt: {algorithm: HS256}}\n"), PAL_OK);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_AUTH_JWT_SECRET), KEY_HEX);
	fixture_leave(&f);
}

TEST(a_secret_and_its_file_at_once_are_an_error)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("jwt.key", KEY_HEX);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth:\n  jwt:\n    secret: " KEY_HEX "\n"
					      "    secret_file: jwt.key\n"),
			PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:4:5: `auth.jwt.secret_file` is set a second time, first at "
		  "palaver.yaml:3; give the secret or the file, not both\n"
		  "    secret_file: jwt.key\n"
		  "    ^~~~~~~~~~~\n");
	fixture_leave(&f);
}

TEST(what_is_wrong_with_a_secret_file_is_told_where_it_is_named)
{
	struct fixture f = {0};
	char want[256];

	fixture_enter(&f);
	fixture_write("short", "hunter2\n");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth: {jwt: {secret_file: short}}\n"), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:1:27: `auth.jwt.secret` must have 32 to 4096 bytes, not 7\n"
		  "auth: {jwt: {secret_file: short}}\n"
		  "                          ^~~~~\n");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth: {jwt: {secret_file: none}}\n"), PAL_E_CONFIG);
	snprintf(want, sizeof(want),
		 "palaver.yaml:1:27: cannot open %s/none: No such file or directory\n"
		 "auth: {jwt: {secret_file: none}}\n"
		 "                          ^~~~\n", f.folder);
	CHECK_STR(fixture_report(&f), want);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "auth: {jwt: {secret_file: \"\"}}\n"), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:1:27: `auth.jwt.secret_file` must name a file\n"
		  "auth: {jwt: {secret_file: \"\"}}\n"
		  "                          ^~\n");
	fixture_leave(&f);
}

TEST(a_secret_in_a_file_for_everyone_is_warned_about)
{
	struct fixture f = {.sources = {.file = "palaver.yaml"}};

	fixture_enter(&f);
	fixture_write("palaver.yaml",
		      "auth:\n  jwt:\n    algorithm: HS256\n    secret: " KEY_HEX "\n");
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_EQUAL(chmod("palaver.yaml", 0644), 0);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_OK);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:4:5: warning: `auth.jwt.secret` stands in a file that everyone may "
		  "read; use `auth.jwt.secret_file`\n"
		  "    secret:********\n"
		  "    ^~~~~~\n");
	fixture_leave(&f);
}

SUITE(secret_file, CASE(one_newline_at_the_end_does_not_count),
      CASE(a_file_that_others_may_read_is_refused), CASE(a_file_of_another_user_is_refused),
      CASE(what_is_no_regular_file_is_refused), CASE(a_file_above_its_size_is_refused),
      CASE(a_relative_name_is_a_credential_first),
      CASE(a_credential_may_show_group_bits_but_never_others),
      CASE(a_secret_comes_from_the_file_beside_the_configuration),
      CASE(a_secret_file_named_outside_the_configuration_is_found_beside_it_too),
      CASE(systemd_credentials_are_found_through_the_environment),
      CASE(a_secret_and_its_file_at_once_are_an_error),
      CASE(what_is_wrong_with_a_secret_file_is_told_where_it_is_named),
      CASE(a_secret_in_a_file_for_everyone_is_warned_about))
