/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/report.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static struct pal_conf_input input_of(const char *text)
{
	return (struct pal_conf_input){
		.kind = PAL_CONF_INPUT_FILE, .label = "f", .folder = "/", .text = pal_str(text)};
}

/* What a report with one error at the spot says. */
static void check(const char *line, uint32_t column, uint32_t width, enum pal_conf_excerpt excerpt,
		  const char *want)
{
	const struct pal_conf_input input = input_of(line);
	struct pal_conf_report report = {0};
	struct pal_buf out = {0};
	const struct pal_conf_spot spot = {
		.input = &input, .line = 1, .column = column, .width = width};

	pal_conf_report_error(&report, spot, excerpt, "m");
	pal_conf_report_write(&report, &out);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, want);
	pal_buf_deinit(&out);
	pal_conf_report_deinit(&report);
}

TEST(the_caret_stands_under_the_spot)
{
	check("a: bcd", 4, 3, PAL_CONF_EXCERPT_PLAIN, "f:1:4: m\na: bcd\n   ^~~\n");
	check("a: bcd\nnext", 4, 99, PAL_CONF_EXCERPT_PLAIN, "f:1:4: m\na: bcd\n   ^~~\n");
	check("a: bcd", 7, 1, PAL_CONF_EXCERPT_PLAIN, "f:1:7: m\na: bcd\n      ^\n");
}

TEST(the_caret_counts_characters_and_repeats_tabs)
{
	check("\xC3\xA4\xE2\x82\xAC: x", 5, 1, PAL_CONF_EXCERPT_PLAIN,
	      "f:1:5: m\n\xC3\xA4\xE2\x82\xAC: x\n    ^\n");
	check("\ta:\tx", 5, 1, PAL_CONF_EXCERPT_PLAIN, "f:1:5: m\n\ta:\tx\n\t  \t^\n");
}

TEST(a_line_cannot_drive_the_terminal)
{
	check("a\x1B[2J\xC2\x9B\xFF\r", 1, 1, PAL_CONF_EXCERPT_PLAIN, "f:1:1: m\na?[2J??\n^\n");
}

TEST(a_long_line_is_cut_around_the_spot)
{
	char line[400], want[400];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	snprintf(want, sizeof(want), "f:1:300: m\n...%.100s\n...%60s^\n", line, "");
	check(line, 300, 1, PAL_CONF_EXCERPT_PLAIN, want);
	snprintf(want, sizeof(want), "f:1:1: m\n%.100s\n^~\n", line);
	check(line, 1, 2, PAL_CONF_EXCERPT_PLAIN, want);
}

TEST(a_secret_is_masked_from_the_spot_on)
{
	check("x: hunter2", 4, 7, PAL_CONF_EXCERPT_SECRET, "f:1:4: m\nx: ********\n   ^\n");
	check("secert: hunter2", 1, 6, PAL_CONF_EXCERPT_SECRET_KEY,
	      "f:1:1: m\nsecert:********\n^~~~~~\n");
}

TEST(a_secret_is_masked_also_when_the_error_is_elsewhere_in_its_line)
{
	check("{loops: 9, secret: hunter2}", 9, 1, PAL_CONF_EXCERPT_PLAIN,
	      "f:1:9: m\n{loops: 9, secret: ********\n        ^\n");
	check("{secret_file: a, secret: hunter2}", 2, 1, PAL_CONF_EXCERPT_PLAIN,
	      "f:1:2: m\n{secret_file: a, secret: ********\n ^\n");
	check("\"secret\" : hunter2", 1, 1, PAL_CONF_EXCERPT_PLAIN,
	      "f:1:1: m\n\"secret\" : ********\n^\n");
	check("secret_file: a", 1, 1, PAL_CONF_EXCERPT_PLAIN, "f:1:1: m\nsecret_file: a\n^\n");
	check("a: secret", 1, 1, PAL_CONF_EXCERPT_PLAIN, "f:1:1: m\na: secret\n^\n");
}

TEST(a_sentence_has_no_line_breaks)
{
	const struct pal_conf_input input = {.kind = PAL_CONF_INPUT_ARGUMENT, .label = "-D"};
	const struct pal_conf_spot whole = {.input = &input};
	struct pal_conf_report report = {0};

	pal_conf_report_warn(&report, whole, PAL_CONF_EXCERPT_PLAIN, "a\nb\t%s", "\x1B");
	CHECK_STR(report.warnings[0].message, "a?b\t?");
	CHECK_STR(report.warnings[0].where, "-D");
	CHECK_STR(report.warnings[0].excerpt, "");
	pal_conf_report_deinit(&report);
	CU_ASSERT_EQUAL(report.warnings_count, 0);
}

TEST(twenty_errors_are_told_and_the_rest_counted)
{
	const struct pal_conf_input input = input_of("x\n");
	struct pal_conf_report report = {0};
	struct pal_buf out = {0};

	for (uint32_t i = 1; i <= PAL_CONF_PROBLEMS_MAX + 3; i++) {
		const struct pal_conf_spot spot = {.input = &input, .line = 2, .column = i};
		pal_conf_report_error(&report, spot, PAL_CONF_EXCERPT_PLAIN, "m%u", (unsigned)i);
		pal_conf_report_warn(&report, spot, PAL_CONF_EXCERPT_PLAIN, "w%u", (unsigned)i);
	}
	CU_ASSERT_EQUAL(report.errors_count, 23);
	pal_conf_report_write(&report, &out);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(
		strstr(out.data, "f:2:20: m20\nand 3 more errors\nf:2:1: warning: w1\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "f:2:20: warning: w20\nand 3 more warnings\n"));
	CU_ASSERT_PTR_NULL(strstr(out.data, "m21"));
	pal_buf_deinit(&out);
	pal_conf_report_deinit(&report);
}

TEST(problems_of_an_input_are_sorted_by_place)
{
	const struct pal_conf_input a = input_of(""), b = input_of("");
	const struct pal_conf_spot spots[] = {
		{.input = &b, .line = 7, .column = 1},	{.input = &a, .line = 2, .column = 9},
		{.input = &b, .line = 1, .column = 5},	{.input = &a, .line = 2, .column = 3},
		{.input = &b, .line = 1, .column = 5},
	};
	struct pal_conf_report report = {0};
	char order[8] = "";

	for (int i = 0; i < 5; i++)
		pal_conf_report_error(&report, spots[i], PAL_CONF_EXCERPT_PLAIN, "%d", i);
	pal_conf_report_sort(&report);
	for (int i = 0; i < 5; i++)
		order[i] = report.errors[i].message[0];
	CHECK_STR(order, "24031");
	pal_conf_report_deinit(&report);
}

SUITE(report, CASE(the_caret_stands_under_the_spot),
      CASE(the_caret_counts_characters_and_repeats_tabs), CASE(a_line_cannot_drive_the_terminal),
      CASE(a_long_line_is_cut_around_the_spot), CASE(a_secret_is_masked_from_the_spot_on),
      CASE(a_secret_is_masked_also_when_the_error_is_elsewhere_in_its_line),
      CASE(a_sentence_has_no_line_breaks), CASE(twenty_errors_are_told_and_the_rest_counted),
      CASE(problems_of_an_input_are_sorted_by_place))
