/* SPDX-License-Identifier: Apache-2.0 */
/* error.h - a failure as a value: fixed size, no allocation, safe to carry to another thread. */
#ifndef PALAVER_BASE_ERROR_H
#define PALAVER_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#define PAL_MUST_CHECK __attribute__((warn_unused_result))
#define PAL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/*
 * A local of the hot path that is kilobytes large and written before it is read: the compiler is not
 * to fill it with zeros first, as it does with all others (PAL_HARDEN_CFLAGS).
 */
#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define PAL_UNFILLED __attribute__((uninitialized))
#endif
#endif
#ifndef PAL_UNFILLED		/* a compiler that does not know it does not fill either */
#define PAL_UNFILLED
#endif

/* For the rarer case, so that the usual one need not set up its locals and their guard. */
#define PAL_NOINLINE __attribute__((noinline))

/*
 * The one list of failures: code, name on the wire of the service layer, HTTP status, API code
 * (domain.md section 1.7) and whether the same call may succeed later.
 */
#define PAL_ERROR_CODES(X)                                                                         \
	X(PAL_E_VALIDATION, "VALIDATION_ERROR", 422, "VALIDATION_ERROR", false)                    \
	X(PAL_E_UNAUTHORIZED, "UNAUTHORIZED", 403, "ACCESS_DENIED", false)                         \
	X(PAL_E_NOT_FOUND, "NOT_FOUND", 404, "RESOURCE_NOT_FOUND", false)                          \
	X(PAL_E_CONFLICT, "CONFLICT", 409, "RESOURCE_CONFLICT", false)                             \
	X(PAL_E_PRECONDITION, "PRECONDITION_FAILED", 412, "PRECONDITION_FAILED", false)            \
	X(PAL_E_RATE_LIMIT, "RATE_LIMIT_EXCEEDED", 429, "RATE_LIMIT_EXCEEDED", true)               \
	X(PAL_E_QUOTA, "QUOTA_EXCEEDED", 429, "QUOTA_EXCEEDED", false)                             \
	X(PAL_E_EXTERNAL, "EXTERNAL_SERVICE_ERROR", 503, "EXTERNAL_SERVICE_ERROR", true)           \
	X(PAL_E_CONFIG, "CONFIGURATION_ERROR", 500, "INTERNAL_ERROR", false)                       \
	X(PAL_E_PROCESSING, "PROCESSING_ERROR", 422, "PROCESSING_ERROR", false)                    \
	X(PAL_E_DELIVERY, "DELIVERY_ERROR", 502, "DELIVERY_FAILED", true)                          \
	X(PAL_E_SERVICE, "SERVICE_ERROR", 500, "SERVICE_ERROR", true)

enum pal_code {
	PAL_OK,
#define X(code, name, status, api, retry) code,
	PAL_ERROR_CODES(X)
#undef X
	PAL_CODE_COUNT
};

#define PAL_ERROR_SUBJECT_MAX 64
#define PAL_ERROR_MESSAGE_MAX 192

struct pal_error {
	enum pal_code code;
	int sys_errno;			/* 0 unless a system call failed */
	uint32_t retry_after_ms;	/* 0: unknown */
	char subject[PAL_ERROR_SUBJECT_MAX];	/* which field, resource, service, key, channel */
	char message[PAL_ERROR_MESSAGE_MAX]; /* one sentence fit for the client; never a secret */
};

/*
 * Fill `err` (NULL is fine) with `code`, `subject` (NULL: empty) and the formatted sentence, both
 * cut to fit at a character boundary. Return `code`. Runs on: any.
 */
enum pal_code pal_fail(struct pal_error *err, enum pal_code code, const char *subject,
		       const char *fmt, ...) PAL_PRINTF(4, 5);

/* As pal_fail, and keep errno, whose text is appended to the sentence. Runs on: any. */
enum pal_code pal_fail_errno(struct pal_error *err, enum pal_code code, const char *subject,
			     const char *fmt, ...) PAL_PRINTF(4, 5);

/* As pal_fail for a failure worth trying again after `retry_after_ms`. Runs on: any. */
enum pal_code pal_fail_retry(struct pal_error *err, enum pal_code code, uint32_t retry_after_ms,
			     const char *subject, const char *fmt, ...) PAL_PRINTF(5, 6);

/* PAL_E_SERVICE for a failed allocation in `component`. Runs on: any. */
enum pal_code pal_fail_memory(struct pal_error *err, const char *component);

/* The names and numbers of the list above; PAL_OK is "OK", 200, "OK", false. Runs on: any. */
const char *pal_code_name(enum pal_code code);
const char *pal_code_api(enum pal_code code);
int pal_code_status(enum pal_code code);
bool pal_code_is_retryable(enum pal_code code);

#endif
