/* SPDX-License-Identifier: Apache-2.0 */
/* Loading with each allocation of ours made to fail in turn; libfyaml's own are not touched. */
#include <stdlib.h>

#include "conf/document.h"
#include "conf/schema.h"
#include "fixture.h"
#include "scarce.h"
#include "suite.h"

/* Load until nothing fails any more; return how many loads that took. */
static long load_under_pressure(struct fixture *f, const char *yaml, enum pal_code at_last,
				enum pal_code *ret_other)
{
	long n = 0;

	fixture_write("palaver.yaml", yaml);
	f->sources.file = "palaver.yaml";
	for (bool is_hit = true; is_hit && n < SCARCE_MAX; n++) {
		scarce_begin(n);
		enum pal_code code = fixture_load(f);
		is_hit = scarce_end() < 0;
		CU_ASSERT_EQUAL(f->conf != NULL, code == PAL_OK);
		if (!is_hit)
			CU_ASSERT_EQUAL(code, at_last);
		if (is_hit && code != PAL_E_SERVICE)
			*ret_other = code;
	}
	return n;
}

TEST(a_load_without_memory_fails_and_leaves_nothing_behind)
{
	struct fixture f = {.env = {"PALAVER_HTTP_LISTEN=127.0.0.1:1,127.0.0.1:2", "PORT=1",
				    "LOG_LEVEL=INFO", NULL},
			    .overrides = {"http.loops=1", NULL}};
	enum pal_code other = PAL_E_SERVICE;

	fixture_enter(&f);
	fixture_write("jwt.key", "9f86d081884c7d659a2feaa0c55ad015\n");
	fixture_write("conf.d/a", "log: {format: json, file: x}\n");
	long loads = load_under_pressure(&f,
					 "include: conf.d/*\n"
					 "http: {listen: [\"[::1]:80\"], loops: 2}\n"
					 "auth: {jwt: {algorithm: HS256, secret_file: jwt.key}}\n",
					 PAL_OK, &other);
	CU_ASSERT(loads > 10);
	CU_ASSERT_EQUAL(other, PAL_E_SERVICE);	/* never a half-read snapshot */
	fixture_leave(&f);
}

TEST(a_wrong_file_is_never_right_for_want_of_memory)
{
	struct fixture f = {.env = {"PALAVER_HTTP_LOPS=1", NULL}, .overrides = {"a=b", NULL}};
	enum pal_code other = PAL_E_CONFIG;

	fixture_enter(&f);
	long loads = load_under_pressure(&f,
					 "http: {loops: 9, lisen: x}\n"
					 "http:\nstore: {kind: &a x}\nlog: [\n",
					 PAL_E_CONFIG, &other);
	CU_ASSERT(loads > 10);
	CU_ASSERT_EQUAL(other, PAL_E_CONFIG);
	fixture_leave(&f);
}

TEST(a_document_without_memory_says_so)
{
	static void (*const writers[])(struct pal_buf *out) = {pal_conf_sample, pal_conf_manual,
							       pal_conf_schema};

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		struct pal_buf whole = {0};
		bool is_hit = true;
		writers[i](&whole);
		for (long n = 0; is_hit && n < SCARCE_MAX; n++) {
			struct pal_buf out = {0};
			scarce_begin(n);
			writers[i](&out);
			is_hit = scarce_end() < 0;
			CU_ASSERT_EQUAL(out.failed, is_hit);
			bool is_same = pal_str_equal(pal_buf_str(&out), pal_buf_str(&whole));
			CU_ASSERT(is_hit || is_same);
			pal_buf_deinit(&out);
		}
		pal_buf_deinit(&whole);
	}
}

SUITE(memory, CASE(a_load_without_memory_fails_and_leaves_nothing_behind),
      CASE(a_wrong_file_is_never_right_for_want_of_memory),
      CASE(a_document_without_memory_says_so))
