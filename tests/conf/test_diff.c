/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diff.h"

#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suite.h"

#define KEY_HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c"
#define OTHER_HEX "60303ae22b998861bce3b28f33eec1be758a213c86c93c07"

static void note(void *user, const struct pal_conf_change *change)
{
	pal_buf_addf(user, "%s: %.*s -> %.*s (%s, %s)\n", change->key, (int)change->before.n,
		     change->before.n ? change->before.p : "", (int)change->after.n,
		     change->after.n ? change->after.p : "", change->origin,
		     pal_reload_name(change->reload));
}

/* Scopes and text of going from one file to another. */
static void check(const char *before, const char *after, unsigned scopes, const char *want)
{
	struct fixture f = {0};
	struct pal_buf seen = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, before), PAL_OK);
	struct pal_conf *old = pal_conf_ref(f.conf);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, after), PAL_OK);
	CU_ASSERT_EQUAL(pal_conf_diff(old, f.conf, note, &seen), scopes);
	CU_ASSERT_EQUAL(pal_conf_diff(old, f.conf, NULL, NULL), scopes);
	pal_buf_add_char(&seen, '\0');
	CHECK_STR(seen.data, want);
	pal_buf_deinit(&seen);
	pal_conf_unref(old);
	fixture_leave(&f);
}

TEST(the_same_values_from_another_place_are_no_change)
{
	check("log: {level: info}\n",
	      "http:\n  body_max: 262144\n  listen: [127.0.0.1:8001]\n", 0, "");
}

TEST(each_changed_option_is_told_with_both_values_and_its_scope)
{
	check("log: {level: debug}\nhttp: {listen: [127.0.0.1:1, 127.0.0.1:2]}\n",
	      "http: {body_max: 1MiB}\nconversation: {strict_id: yes}\nlog:\n  file: /x\n",
	      PAL_RELOAD_RESTART | PAL_RELOAD_HTTP | PAL_RELOAD_CONVERSATION | PAL_RELOAD_LOG,
	      "http.listen: 127.0.0.1:1, 127.0.0.1:2 -> 127.0.0.1:8001 (default, restart)\n"
	      "http.body_max: 256KiB -> 1MiB (palaver.yaml:1, http)\n"
	      "conversation.strict_id: false -> true (palaver.yaml:2, conversation)\n"
	      "log.level: debug -> info (default, log)\n"
	      "log.file:  -> /x (palaver.yaml:4, log)\n");
}

TEST(a_changed_list_item_is_a_change)
{
	check("http: {trusted_proxies: [10.0.0.0/8]}\n", "http: {trusted_proxies: [10.0.0.0/9]}\n",
	      PAL_RELOAD_HTTP,
	      "http.trusted_proxies: 10.0.0.0/8 -> 10.0.0.0/9 (palaver.yaml:1, http)\n");
}

TEST(a_changed_secret_is_told_but_not_shown)
{
	check("auth: {jwt: {algorithm: HS256, secret: " KEY_HEX "}}\n",
	      "auth: {jwt: {algorithm: HS256, secret: " OTHER_HEX "}}\n", PAL_RELOAD_AUTH,
	      "auth.jwt.secret: ******** -> ******** (palaver.yaml:1, auth)\n");
}

static const char *dump(struct fixture *f, struct pal_buf *out)
{
	pal_conf_dump(f->conf, out);
	pal_buf_add_char(out, '\0');
	return out->data;
}

TEST(a_dump_tells_every_value_with_its_origin)
{
	struct fixture f = {.env = {"LOG_LEVEL=debug", NULL}, .overrides = {"http.loops=2", NULL}};
	struct pal_buf out = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(fixture_load_yaml(&f, "limits: {tiers: {basic: {per_minute: 7}}}\n"
						    "auth: {jwt: {audience: 'a \"b\" \\ #c'}}\n"),
			      PAL_OK);
	const char *text = dump(&f, &out);
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
		"http:\n"
		"  listen: [\"127.0.0.1:8001\"]                            # default\n"
		"  loops: 2                                              # -D\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
		"  tiers:\n"
		"    basic:\n"
		"      per_minute: 7                                     # palaver.yaml:1\n"
		"      per_hour: 1000                                    # default\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
		"    audience: \"a \\\"b\\\" \\\\ #c\""
		"                           # palaver.yaml:2\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text,
		"  level: debug                                          "
		"# environment LOG_LEVEL\n"));
	pal_buf_deinit(&out);
	fixture_leave(&f);
}

TEST(a_dump_masks_secrets)
{
	struct fixture f = {0};
	struct pal_buf out = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(
		fixture_load_yaml(&f, "auth: {jwt: {algorithm: HS256, secret: " KEY_HEX "}}\n"),
		PAL_OK);
	const char *text = dump(&f, &out);
	CU_ASSERT_PTR_NULL(strstr(text, KEY_HEX));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "    # secret: ********"));
	pal_buf_deinit(&out);
	fixture_leave(&f);
}

TEST(a_dump_loads_again_to_the_same_values)
{
	struct fixture f = {0};
	struct pal_buf out = {0};

	fixture_enter(&f);
	CU_ASSERT_EQUAL_FATAL(
		fixture_load_yaml(&f, "environment: testing\n"
				      "http: {listen: [\"[::1]:1\", 127.0.0.1:2], body_max: 1025}\n"
				      "auth: {jwt: {issuer: '- ä: \"x\" \\', leeway: 0}}\n"
				      "log: {file: 'with blank'}\n"
				      "conversation: {idle_timeout: 1500ms}\n"),
		PAL_OK);
	struct pal_conf *old = pal_conf_ref(f.conf);
	CU_ASSERT_EQUAL(fixture_load_yaml(&f, dump(&f, &out)), PAL_OK);
	CHECK_STR(fixture_report(&f), "");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f.conf);
	CU_ASSERT_EQUAL(pal_conf_diff(old, f.conf, NULL, NULL), 0);
	pal_conf_unref(old);
	pal_buf_deinit(&out);
	fixture_leave(&f);
}

SUITE(diff, CASE(the_same_values_from_another_place_are_no_change),
      CASE(each_changed_option_is_told_with_both_values_and_its_scope),
      CASE(a_changed_list_item_is_a_change), CASE(a_changed_secret_is_told_but_not_shown),
      CASE(a_dump_tells_every_value_with_its_origin), CASE(a_dump_masks_secrets),
      CASE(a_dump_loads_again_to_the_same_values))
