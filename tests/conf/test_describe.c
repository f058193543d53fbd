/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/describe.h"

#include <string.h>

#include "suite.h"

static void check(const char *key, const char *want)
{
	struct pal_buf out = {0};
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_conf_explain(key, &out, &err), PAL_OK);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, want);
	pal_buf_deinit(&out);
}

TEST(an_option_is_explained_whole)
{
	check("http.body_max", "http.body_max\n"
			       "  Largest request body.\n"
			       "  value        size, 1KiB to 64MiB\n"
			       "  default      256KiB\n"
			       "  environment  PALAVER_HTTP_BODY_MAX\n"
			       "  a change     takes effect on reload\n");
	check("tls.listen", "tls.listen\n"
			    "  Addresses that serve HTTPS, written as in http.listen.\n"
			    "  value        list of addresses, at most 16\n"
			    "  default      none\n"
			    "  environment  PALAVER_TLS_LISTEN\n"
			    "  a change     takes effect at the next start\n");
}

TEST(a_secret_is_explained_with_its_file)
{
	const char *want = "auth.jwt.secret\n"
			   "  Key that signs HS256 tokens, at least 32 bytes.\n"
			   "  value        text, 32 to 4096 bytes\n"
			   "  default      none\n"
			   "  from a file  auth.jwt.secret_file\n"
			   "  environment  PALAVER_AUTH_JWT_SECRET\n"
			   "  a change     takes effect on reload\n";

	check("auth.jwt.secret", want);
	check("auth.jwt.secret_file", want);
}

TEST(a_section_is_explained_option_by_option)
{
	struct pal_buf out = {0};

	CU_ASSERT_EQUAL(pal_conf_explain("limits.tiers", &out, NULL), PAL_OK);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_EQUAL(strncmp(out.data, "limits.tiers.basic.per_minute\n", 30), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "\n\nlimits.tiers.enterprise.per_day\n"));
	CU_ASSERT_PTR_NULL(strstr(out.data, "limits.api_key"));
	CU_ASSERT_PTR_NULL(strstr(out.data, "limits.enabled"));
	pal_buf_deinit(&out);
}

TEST(what_is_no_option_is_not_found)
{
	struct pal_buf out = {0};
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_conf_explain("http.lisen", &out, &err), PAL_E_NOT_FOUND);
	CHECK_STR(err.message, "there is no option `http.lisen`, did you mean `http.listen`?");
	CU_ASSERT_EQUAL(pal_conf_explain("zzz", &out, &err), PAL_E_NOT_FOUND);
	CHECK_STR(err.message, "there is no option `zzz`");
	CU_ASSERT_EQUAL(pal_conf_explain("", &out, &err), PAL_E_NOT_FOUND);
	CU_ASSERT_EQUAL(out.len, 0);
}

SUITE(describe, CASE(an_option_is_explained_whole), CASE(a_secret_is_explained_with_its_file),
      CASE(a_section_is_explained_option_by_option), CASE(what_is_no_option_is_not_found))
