/* SPDX-License-Identifier: Apache-2.0 */
/* What YAML allows and a configuration does not, each with the text a person reads. */
#include "conf/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

static void refuse(const char *yaml, const char *want)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, yaml), PAL_E_CONFIG);
	CU_ASSERT_PTR_NULL(f.conf);
	CHECK_STR(fixture_report(&f), want);
	fixture_leave(&f);
}

static void accept(const char *yaml)
{
	struct fixture f = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, yaml), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	fixture_leave(&f);
}

TEST(nothing_and_comments_and_json_are_configurations)
{
	accept("");
	accept("# nothing\n");
	accept("---\n");
	accept("\xEF\xBB\xBFhttp: {loops: 1}\n");
	accept("%YAML 1.2\n---\nhttp:\n...\n");
	accept("{\"http\": {\"loops\": 1, \"listen\": [\"127.0.0.1:1\"]}}");
	accept("http:\r\n  loops: 1\r\n");
}

TEST(anchors_aliases_and_tags_are_refused)
{
	refuse("http: &a {loops: *b}\nlog: !x {level: info}\n",
	       "palaver.yaml:1:10: anchors are not allowed; write the value where it is needed\n"
	       "http: &a {loops: *b}\n"
	       "         ^\n"
	       "palaver.yaml:1:19: aliases are not allowed; write the value out\n"
	       "http: &a {loops: *b}\n"
	       "                  ^\n"
	       "palaver.yaml:2:9: tags are not allowed; an option has the type it has\n"
	       "log: !x {level: info}\n"
	       "        ^\n");
	refuse("&a log: {level: info}\n",
	       "palaver.yaml:1:4: anchors are not allowed; write the value where it is needed\n"
	       "&a log: {level: info}\n"
	       "   ^~~\n");
	refuse("log: {level: !!str info}\n",
	       "palaver.yaml:1:20: tags are not allowed; an option has the type it has\n"
	       "log: {level: !!str info}\n"
	       "                   ^~~~\n");
}

TEST(a_key_twice_is_refused_at_every_level)
{
	refuse("http:\n  loops: 1\n  loops: 2\nhttp:\n  body_max: 3\n",
	       "palaver.yaml:3:3: `loops` is here a second time, first in line 2\n"
	       "  loops: 2\n"
	       "  ^~~~~\n"
	       "palaver.yaml:4:1: `http` is here a second time, first in line 1\n"
	       "http:\n"
	       "^~~~\n");
	refuse("http: {\"loops\": 1, loops: 1}\n",
	       "palaver.yaml:1:20: `loops` is here a second time, first in line 1\n"
	       "http: {\"loops\": 1, loops: 1}\n"
	       "                   ^~~~~\n");
}

TEST(a_second_document_is_refused)
{
	refuse("http:\n---\nlog:\n",
	       "palaver.yaml:2:1: a second document begins here; there must be one\n"
	       "---\n"
	       "^~~\n");
}

TEST(a_key_must_be_a_name)
{
	refuse("? {a: b}\n: c\n", "palaver.yaml:1:3: a key must be a plain name\n"
				  "? {a: b}\n"
				  "  ^\n");
	refuse("[a, b]: x\n", "palaver.yaml:1:1: a key must be a plain name\n"
			      "[a, b]: x\n"
			      "^\n");
	refuse("\"\": x\n", "palaver.yaml:1:1: a key must be a plain name\n"
			    "\"\": x\n"
			    "^~\n");
	refuse("<<: {a: b}\n", "palaver.yaml:1:1: unknown option `<<`\n"
			       "<<: {a: b}\n"
			       "^~\n");
}

TEST(nesting_has_an_end)
{
	refuse("http: {listen: [[[[[[[x]]]]]]]}\n",
	       "palaver.yaml:1:17: `http.listen` is a list of plain values\n"
	       "http: {listen: [[[[[[[x]]]]]]]}\n"
	       "                ^\n"
	       "palaver.yaml:1:22: nested too deeply\n"
	       "http: {listen: [[[[[[[x]]]]]]]}\n"
	       "                     ^\n");
}

TEST(syntax_errors_show_their_line)
{
	refuse("http:\n\tloops: 1\n",
	       "palaver.yaml:2:1: tab character may not be used as indentation\n"
	       "\tloops: 1\n"
	       "^\n");
	refuse("http:\n  listen: [::1]:80\n",
	       "palaver.yaml:2:12: `::1` is no address and port in numbers, such as 127.0.0.1:8001 "
	       "or [::1]:8001\n"
	       "  listen: [::1]:80\n"
	       "           ^~~\n"
	       "palaver.yaml:2:16: invalid value after mapping\n"
	       "  listen: [::1]:80\n"
	       "               ^\n");
}

TEST(an_open_bracket_is_told_with_the_place_it_was_opened)
{
	refuse("log: {level: info}\nhttp: {listen: [\n",
	       "palaver.yaml:2:17: flow sequence without a closing bracket, opened at 2:16\n"
	       "http: {listen: [\n"
	       "                ^\n");
}

TEST(an_error_the_library_only_prints_is_told_too)
{
	refuse("log:\n  level: |0\n    debug\n",
	       "palaver.yaml:2:3: cannot be read from here on: indentation indicator 0\n"
	       "  level: |0\n"
	       "  ^~~~~\n");
}

TEST(an_empty_list_item_is_refused_behind_the_one_before)
{
	refuse("http:\n  listen:\n    - 127.0.0.1:1\n    -\n",
	       "palaver.yaml:3:7: `http.listen` is a list of plain values\n"
	       "    - 127.0.0.1:1\n"
	       "      ^~~~~~~~~~~\n");
}

TEST(errors_before_a_syntax_error_are_told_too)
{
	refuse("http:\n  loops: 9\nlog: \"x\n",
	       "palaver.yaml:2:10: `http.loops` must be 0 to 4, not 9\n"
	       "  loops: 9\n"
	       "         ^\n"
	       "palaver.yaml:3:7: double-quoted scalar without closing quote\n"
	       "log: \"x\n"
	       "      ^\n");
}

TEST(what_is_no_mapping_is_no_configuration)
{
	refuse("just text\n",
	       "palaver.yaml:1:1: a configuration is made of lines like `key: value`\n"
	       "just text\n"
	       "^~~~~~~~~\n");
	refuse("- a\n", "palaver.yaml:1:1: a configuration is made of lines like `key: value`\n"
			"- a\n"
			"^\n");
}

TEST(the_shape_of_a_value_must_fit_its_option)
{
	refuse("http:\n"
	       "  loops: [1]\n"
	       "  listen: {a: b}\n"
	       "  body_max:\n"
	       "  trusted_proxies: [[a], 10.0.0.0/8]\n"
	       "log: debug\n"
	       "limits: [a]\n"
	       "store: {kind: {a: b}}\n",
	       "palaver.yaml:2:10: `http.loops` takes one value, not a list\n"
	       "  loops: [1]\n"
	       "         ^\n"
	       "palaver.yaml:3:11: `http.listen` is a list of plain values, not a section\n"
	       "  listen: {a: b}\n"
	       "          ^\n"
	       "palaver.yaml:4:3: `http.body_max` has no value; give one or remove the line\n"
	       "  body_max:\n"
	       "  ^~~~~~~~\n"
	       "palaver.yaml:5:21: `http.trusted_proxies` is a list of plain values\n"
	       "  trusted_proxies: [[a], 10.0.0.0/8]\n"
	       "                    ^\n"
	       "palaver.yaml:6:6: `log` is a section of options, not a value\n"
	       "log: debug\n"
	       "     ^~~~~\n"
	       "palaver.yaml:7:9: `limits` is a section of options, not a value\n"
	       "limits: [a]\n"
	       "        ^\n"
	       "palaver.yaml:8:15: `store.kind` takes one value, not a section\n"
	       "store: {kind: {a: b}}\n"
	       "              ^\n");
}

TEST(dotted_keys_must_be_nested)
{
	refuse("http.listen: 127.0.0.1:1\nlimits.tiers: {}\n",
	       "palaver.yaml:1:1: `http.listen` must be nested: each part before a dot is a "
	       "section\n"
	       "http.listen: 127.0.0.1:1\n"
	       "^~~~~~~~~~~\n"
	       "palaver.yaml:2:1: `limits.tiers` must be nested: each part before a dot is a "
	       "section\n"
	       "limits.tiers: {}\n"
	       "^~~~~~~~~~~~\n");
}

static void refuse_bytes(const char *bytes, size_t n, const char *want)
{
	struct fixture f = {.sources = {.file = "palaver.yaml"}};

	fixture_enter(&f);
	fixture_write_bytes("palaver.yaml", bytes, n);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f), want);
	fixture_leave(&f);
}

#define NOT_TEXT "not UTF-8 text: a byte or control character that may not stand here\n"

TEST(what_is_not_utf8_text_is_refused_at_its_byte)
{
	refuse_bytes("a: b\nlog: \xFFx\n", 12, "palaver.yaml:2:6: " NOT_TEXT "log: ?x\n     ^\n");
	refuse_bytes("\xC3\xA4: \xC0\xAF\n", 7,
		     "palaver.yaml:1:4: " NOT_TEXT "\xC3\xA4: ??\n   ^\n");
	refuse_bytes("a: \xED\xA0\x80\n", 7, "palaver.yaml:1:4: " NOT_TEXT "a: ???\n   ^\n");
	refuse_bytes("a: b\0c\n", 7, "palaver.yaml:1:5: " NOT_TEXT "a: b?c\n    ^\n");
	refuse_bytes("a: \x1B[0m\n", 8, "palaver.yaml:1:4: " NOT_TEXT "a: ?[0m\n   ^\n");
	refuse_bytes("\xFF\xFE", 2, "palaver.yaml:1:1: " NOT_TEXT "??\n^\n");
}

TEST(an_escaped_nul_is_refused)
{
	refuse("log:\n  file: \"/var/log/x\\0.log\"\n",
	       "palaver.yaml:2:9: a NUL character may not stand here\n"
	       "  file: \"/var/log/x\\0.log\"\n"
	       "        ^~~~~~~~~~~~~~~~~~\n");
}

TEST(a_file_above_its_size_is_refused_unread)
{
	struct fixture f = {.sources = {.file = "palaver.yaml"}};
	char *text = malloc(PAL_CONF_FILE_SIZE_MAX + 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, '#', PAL_CONF_FILE_SIZE_MAX + 1);
	fixture_enter(&f);
	fixture_write_bytes("palaver.yaml", text, PAL_CONF_FILE_SIZE_MAX);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_OK);
	fixture_write_bytes("palaver.yaml", text, PAL_CONF_FILE_SIZE_MAX + 1);
	CU_ASSERT_EQUAL(fixture_load(&f), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f), "palaver.yaml: the file is larger than 1 MiB\n");
	free(text);
	fixture_leave(&f);
}

TEST(too_many_values_are_refused)
{
	struct fixture f = {0};
	struct pal_buf yaml = {0};

	pal_buf_add_lit(&yaml, "http:\n  listen:\n");
	for (unsigned i = 0; i < PAL_YAML_NODES_MAX; i++)
		pal_buf_add_lit(&yaml, "  - 127.0.0.1:1\n");
	pal_buf_add_char(&yaml, '\0');
	fixture_enter(&f);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, yaml.data), PAL_E_CONFIG);
	CHECK_STR(fixture_report(&f),
		  "palaver.yaml:2:3: `http.listen` has 4093 items, at most 16 are allowed\n"
		  "  listen:\n"
		  "  ^~~~~~\n"
		  "palaver.yaml:4096:5: the file holds more than 4096 values\n"
		  "  - 127.0.0.1:1\n"
		  "    ^~~~~~~~~~~\n");
	pal_buf_deinit(&yaml);
	fixture_leave(&f);
}

SUITE(yaml, CASE(nothing_and_comments_and_json_are_configurations),
      CASE(anchors_aliases_and_tags_are_refused), CASE(a_key_twice_is_refused_at_every_level),
      CASE(a_second_document_is_refused), CASE(a_key_must_be_a_name), CASE(nesting_has_an_end),
      CASE(syntax_errors_show_their_line),
      CASE(an_open_bracket_is_told_with_the_place_it_was_opened),
      CASE(an_error_the_library_only_prints_is_told_too),
      CASE(an_empty_list_item_is_refused_behind_the_one_before),
      CASE(errors_before_a_syntax_error_are_told_too),
      CASE(what_is_no_mapping_is_no_configuration),
      CASE(the_shape_of_a_value_must_fit_its_option), CASE(dotted_keys_must_be_nested),
      CASE(what_is_not_utf8_text_is_refused_at_its_byte), CASE(an_escaped_nul_is_refused),
      CASE(a_file_above_its_size_is_refused_unread), CASE(too_many_values_are_refused))
