/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const char *api;
	int status;
	bool retry;
} codes[PAL_CODE_COUNT] = {
	[PAL_OK] = {"OK", "OK", 200, false},
#define X(code, name, status, api, retry) [code] = {name, api, status, retry},
	PAL_ERROR_CODES(X)
#undef X
};

/* Drop the bytes of a UTF-8 sequence that the end of the buffer cut in two. */
static void trim_cut_sequence(char *text, size_t size)
{
	size_t len = strnlen(text, size);
	size_t start = len;

	if (len + 1 < size)
		return;		/* nothing was cut */
	while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
	if (len - (start - 1) < want)
		text[start - 1] = '\0';
}

static void set(struct pal_error *err, enum pal_code code, const char *subject, const char *fmt,
		va_list args)
{
	assert(code > PAL_OK && code < PAL_CODE_COUNT);
	memset(err, 0, sizeof(*err));
	err->code = code;
	snprintf(err->subject, sizeof(err->subject), "%s", subject ? subject : "");
	trim_cut_sequence(err->subject, sizeof(err->subject));
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	trim_cut_sequence(err->message, sizeof(err->message));
}

enum pal_code pal_fail(struct pal_error *err, enum pal_code code, const char *subject,
		       const char *fmt, ...)
{
	if (err) {
		va_list args;
		va_start(args, fmt);
		set(err, code, subject, fmt, args);
		va_end(args);
	}
	return code;
}

enum pal_code pal_fail_errno(struct pal_error *err, enum pal_code code, const char *subject,
			     const char *fmt, ...)
{
	int saved = errno;

	if (err) {
		va_list args;
		va_start(args, fmt);
		set(err, code, subject, fmt, args);
		va_end(args);
		err->sys_errno = saved;
		size_t len = strlen(err->message);
		char text[64];
		snprintf(err->message + len, sizeof(err->message) - len, ": %s",
			 strerror_r(saved, text, sizeof(text)));
	}
	errno = saved;
	return code;
}

enum pal_code pal_fail_retry(struct pal_error *err, enum pal_code code, uint32_t retry_after_ms,
			     const char *subject, const char *fmt, ...)
{
	if (err) {
		va_list args;
		va_start(args, fmt);
		set(err, code, subject, fmt, args);
		va_end(args);
		err->retry_after_ms = retry_after_ms;
	}
	return code;
}

enum pal_code pal_fail_memory(struct pal_error *err, const char *component)
{
	return pal_fail_retry(err, PAL_E_SERVICE, 1000, component, "out of memory");
}

const char *pal_code_name(enum pal_code code)
{
	assert(code < PAL_CODE_COUNT);
	return codes[code].name;
}

const char *pal_code_api(enum pal_code code)
{
	assert(code < PAL_CODE_COUNT);
	return codes[code].api;
}

int pal_code_status(enum pal_code code)
{
	assert(code < PAL_CODE_COUNT);
	return codes[code].status;
}

bool pal_code_is_retryable(enum pal_code code)
{
	assert(code < PAL_CODE_COUNT);
	return codes[code].retry;
}
