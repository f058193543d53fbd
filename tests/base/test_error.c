/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "suite.h"

TEST(every_code_has_its_name_status_and_retry_of_the_specification)
{
	static const struct {
		enum pal_code code;
		const char *name;
		int status;
		bool retry;
	} want[] = {
		{PAL_E_VALIDATION, "VALIDATION_ERROR", 422, false},
		{PAL_E_UNAUTHORIZED, "UNAUTHORIZED", 403, false},
		{PAL_E_NOT_FOUND, "NOT_FOUND", 404, false},
		{PAL_E_CONFLICT, "CONFLICT", 409, false},
		{PAL_E_PRECONDITION, "PRECONDITION_FAILED", 412, false},
		{PAL_E_RATE_LIMIT, "RATE_LIMIT_EXCEEDED", 429, true},
		{PAL_E_QUOTA, "QUOTA_EXCEEDED", 429, false},
		{PAL_E_EXTERNAL, "EXTERNAL_SERVICE_ERROR", 503, true},
		{PAL_E_CONFIG, "CONFIGURATION_ERROR", 500, false},
		{PAL_E_PROCESSING, "PROCESSING_ERROR", 422, false},
		{PAL_E_DELIVERY, "DELIVERY_ERROR", 502, true},
		{PAL_E_SERVICE, "SERVICE_ERROR", 500, true},
	};

	CU_ASSERT_EQUAL(sizeof(want) / sizeof(want[0]), PAL_CODE_COUNT - 1);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		CU_ASSERT_STRING_EQUAL(pal_code_name(want[i].code), want[i].name);
		CU_ASSERT_EQUAL(pal_code_status(want[i].code), want[i].status);
		CU_ASSERT_EQUAL(pal_code_is_retryable(want[i].code), want[i].retry);
	}
}

TEST(fail_fills_the_value_and_returns_the_code)
{
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_fail(&err, PAL_E_VALIDATION, "content.text", "at most %d", 4096),
			PAL_E_VALIDATION);
	CU_ASSERT_EQUAL(err.code, PAL_E_VALIDATION);
	CU_ASSERT_STRING_EQUAL(err.subject, "content.text");
	CU_ASSERT_STRING_EQUAL(err.message, "at most 4096");
	CU_ASSERT_EQUAL(pal_fail(NULL, PAL_E_CONFLICT, NULL, "x"), PAL_E_CONFLICT);
}

TEST(fail_errno_keeps_the_number_and_adds_its_text)
{
	struct pal_error err = {0};

	errno = ENOENT;
	pal_fail_errno(&err, PAL_E_CONFIG, "log.file", "cannot open it");
	CU_ASSERT_EQUAL(err.sys_errno, ENOENT);
	CU_ASSERT_STRING_EQUAL(err.message, "cannot open it: No such file or directory");
}

TEST(a_long_message_is_cut_between_characters)
{
	struct pal_error err = {0};
	char text[PAL_ERROR_MESSAGE_MAX + 8] = "x";

	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa4", 3);
	pal_fail(&err, PAL_E_SERVICE, NULL, "%s", text);
	size_t len = strlen(err.message);
	CU_ASSERT_EQUAL(len % 2, 1);	/* the x and whole two-byte characters */
	CU_ASSERT(len >= PAL_ERROR_MESSAGE_MAX - 3);
}

SUITE(error, CASE(every_code_has_its_name_status_and_retry_of_the_specification),
      CASE(fail_fills_the_value_and_returns_the_code),
      CASE(fail_errno_keeps_the_number_and_adds_its_text),
      CASE(a_long_message_is_cut_between_characters))
