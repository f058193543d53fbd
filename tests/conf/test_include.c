/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/yaml_settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "suite.h"

TEST(included_files_add_their_options_in_the_order_of_their_names)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("conf.d/20-b.yaml", "http: {loops: 2}\n");
	fixture_write("conf.d/10-a.yaml", "log: {level: debug}\n");
	fixture_write("conf.d/ignored.txt", "nonsense");
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "include: conf.d/*.yaml\n"), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_LOOPS), 2);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_HTTP_LOOPS), "conf.d/20-b.yaml:1");
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_LOG_LEVEL), "conf.d/10-a.yaml:1");
	fixture_leave(&f);
}

TEST(an_include_is_relative_to_the_file_and_so_are_its_paths)
{
	struct fixture f = {.sources = {.file = "etc/palaver.yaml"}};
	char want[128];

	fixture_enter(&f);
	fixture_write("etc/palaver.yaml", "include: [part.yaml, more-*.yaml]\n");
	fixture_write("etc/part.yaml", "log: {file: x.log}\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	snprintf(want, sizeof(want), "%s/etc/x.log", f.folder);
	CHECK_STR(pal_conf_str(f.conf, PAL_OPT_LOG_FILE), want);
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_LOG_FILE), "etc/part.yaml:1");
	fixture_leave(&f);
}

TEST(an_option_in_two_files_names_both_places)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("a.yaml", "log:\n  level: debug\n");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "log: {level: info}\ninclude: a.yaml\n"),
			PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "a.yaml:2:3: `log.level` is set a second time, first at palaver.yaml:1; "
		  "to replace it, put one of them under `override:`\n"
		  "  level: debug\n"
		  "  ^~~~~\n");
	fixture_leave(&f);
}

TEST(an_override_replaces_from_either_side)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("a.yaml", "log: {level: debug}\noverride: {http: {loops: 3}}\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "override: {log: {level: error}}\n"
						    "http: {loops: 1}\n"
						    "include: a.yaml\n"),
			      PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CHECK_STR(pal_conf_origin(f.conf, PAL_OPT_LOG_LEVEL), "palaver.yaml:1");
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_LOOPS), 3);
	fixture_leave(&f);
}

TEST(two_overrides_of_one_option_are_an_error)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("a.yaml", "override: {http: {loops: 3}}\n");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "override: {http: {loops: 1}}\ninclude: a.yaml\n"),
			PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "a.yaml:1:19: `http.loops` is set a second time, first at palaver.yaml:1\n"
		  "override: {http: {loops: 3}}\n"
		  "                  ^~~~~\n");
	fixture_leave(&f);
}

TEST(an_overridden_value_is_checked_all_the_same)
{
	struct fixture f = {.overrides = {"http.loops=1", NULL}};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "http: {loops: 9}\n"), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f), "palaver.yaml:1:15: `http.loops` must be 0 to 4, not 9\n"
				      "http: {loops: 9}\n"
				      "              ^\n");
	fixture_leave(&f);
}

TEST(an_include_that_cannot_be_followed_is_told)
{
	struct fixture f = {0};

	fixture_enter(&f);
	fixture_write("b.yaml", "include: c.yaml\n");
	fixture_write("d.d/keep", "");
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "include:\n"
					      "  - none.yaml\n"
					      "  - none-*.yaml\n"
					      "  - b.yaml\n"
					      "  - d.d\n"
					      "  - {a: b}\n"
					      "  - \"\"\n"),
			PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:2:5: `include` names a file that does not exist\n"
		  "  - none.yaml\n"
		  "    ^~~~~~~~~\n"
		  "palaver.yaml:5:5: d.d: this is no regular file\n"
		  "  - d.d\n"
		  "    ^~~\n"
		  "palaver.yaml:6:5: `include` takes file names such as conf.d/*.yaml\n"
		  "  - {a: b}\n"
		  "    ^\n"
		  "palaver.yaml:7:5: `include` names a file that does not exist\n"
		  "  - \"\"\n"
		  "    ^~\n"
		  "b.yaml:1:1: an included file may not include others\n"
		  "include: c.yaml\n"
		  "^~~~~~~\n");
	fixture_leave(&f);
}

TEST(includes_have_a_limit)
{
	struct fixture f = {0};

	fixture_enter(&f);
	for (unsigned i = 0; i <= PAL_CONF_INCLUDES_MAX; i++) {
		char name[32];
		snprintf(name, sizeof(name), "d/%03u.yaml", i);
		fixture_write(name, "# nothing\n");
	}
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, "include: d/*\n"), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f), "palaver.yaml:1:10: `include` finds more than 64 files\n"
				      "include: d/*\n"
				      "         ^~~\n");
	CU_ASSERT_EQUAL(unlink("d/000.yaml"), 0);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_OK);
	fixture_leave(&f);
}

TEST(a_folder_with_brackets_in_its_name_is_no_pattern)
{
	struct fixture f = {.sources = {.file = "a[b]*/palaver.yaml"}};

	fixture_enter(&f);
	fixture_write("a[b]*/palaver.yaml", "include: part-?.yaml\n");
	fixture_write("a[b]*/part-1.yaml", "http: {loops: 3}\n");
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_int(f.conf, PAL_OPT_HTTP_LOOPS), 3);
	fixture_leave(&f);
}

SUITE(include, CASE(included_files_add_their_options_in_the_order_of_their_names),
      CASE(an_include_is_relative_to_the_file_and_so_are_its_paths),
      CASE(an_option_in_two_files_names_both_places), CASE(an_override_replaces_from_either_side),
      CASE(two_overrides_of_one_option_are_an_error),
      CASE(an_overridden_value_is_checked_all_the_same),
      CASE(an_include_that_cannot_be_followed_is_told), CASE(includes_have_a_limit),
      CASE(a_folder_with_brackets_in_its_name_is_no_pattern))
