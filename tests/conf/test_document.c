/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/schema.h"
#include "fixture.h"
#include "suite.h"

/* The text of a file of the source tree, NUL-terminated; the caller frees it. */
static char *read_source(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	struct pal_buf text = {0};

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	FILE *file = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	for (int c; (c = getc(file)) != EOF; )
		pal_buf_add_char(&text, (char)c);
	fclose(file);
	pal_buf_add_char(&text, '\0');
	CU_ASSERT_FALSE_FATAL(text.failed);
	return text.data;
}

static char *text_of(void (*write)(struct pal_buf *out))
{
	struct pal_buf out = {0};

	write(&out);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_FALSE_FATAL(out.failed);
	return out.data;
}

TEST(the_sample_in_etc_is_the_table)
{
	char *want = text_of(pal_conf_sample), *have = read_source("etc/palaver.yaml");

	CHECK_STR(have, want);
	free(want);
	free(have);
}

TEST(the_schema_in_etc_is_the_table)
{
	char *want = text_of(pal_conf_schema), *have = read_source("etc/palaver.schema.json");

	CHECK_STR(have, want);
	free(want);
	free(have);
}

TEST(the_options_in_the_manual_are_the_table)
{
	char *want = text_of(pal_conf_manual), *page = read_source("man/palaver.yaml.5");
	char *begin = strstr(page, ".\\\" BEGIN OPTIONS");
	CU_ASSERT_PTR_NOT_NULL_FATAL(begin);
	begin = strchr(begin, '\n') + 1;
	char *end = strstr(begin, ".\\\" END OPTIONS");
	CU_ASSERT_PTR_NOT_NULL_FATAL(end);
	*end = '\0';
	CHECK_STR(begin, want);
	free(want);
	free(page);
}

TEST(the_sample_as_it_is_changes_nothing)
{
	struct fixture f = {0};
	char *sample = text_of(pal_conf_sample);

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, sample), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++)
		CHECK_STR(pal_conf_origin(f.conf, o), "default");
	free(sample);
	fixture_leave(&f);
}

/* Remove the # in front of every option but those that name other files. */
static void uncomment(char *sample)
{
	char *to = sample;

	for (char *line = sample; *line; ) {
		size_t n = strcspn(line, "\n") + 1, blanks = strspn(line, " ");
		bool is_option = line[blanks] == '#' && line[blanks + 1] != ' ' &&
				 line[blanks + 1] != '\n';
		is_option = is_option && strncmp(line + blanks, "#secret_file", 12) != 0;
		memmove(to, line, blanks);
		to += blanks;
		memmove(to, line + blanks + is_option, n - blanks - is_option);
		to += n - blanks - is_option;
		line += n;
	}
	*to = '\0';
}

TEST(the_sample_with_every_option_set_gives_the_defaults)
{
	struct fixture f = {.env = {"STATE_DIRECTORY=/var/lib/palaver", NULL}};
	char *sample = text_of(pal_conf_sample);
	char *include = strstr(sample, "#include: conf.d/*.yaml\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(include);

	fixture_enter(&f);
	uncomment(include + strlen("#include: conf.d/*.yaml\n"));
	CU_ASSERT_EQUAL_FATAL(fixture_load(&f), PAL_OK);
	struct pal_conf *defaults = pal_conf_ref(f.conf);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, sample), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.conf);
	CU_ASSERT_EQUAL(pal_conf_diff(defaults, f.conf, NULL, NULL), 0);
	for (enum pal_option o = 0; o < PAL_OPT_COUNT; o++) {
		bool is_default = strcmp(pal_conf_origin(f.conf, o), "default") == 0;
		CU_ASSERT_EQUAL(is_default, o == PAL_OPT_AUTH_JWT_SECRET);
	}
	pal_conf_unref(defaults);
	free(sample);
	fixture_leave(&f);
}

SUITE(document, CASE(the_sample_in_etc_is_the_table), CASE(the_schema_in_etc_is_the_table),
      CASE(the_options_in_the_manual_are_the_table), CASE(the_sample_as_it_is_changes_nothing),
      CASE(the_sample_with_every_option_set_gives_the_defaults))
