/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h - structured log: level, subject, message, fields. Callers format nothing that is filtered
 * and never wait: lines go through a bounded queue to one writer thread.
 */
#ifndef PALAVER_BASE_LOG_H
#define PALAVER_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum pal_log_level {
	PAL_LOG_DEBUG,
	PAL_LOG_INFO,
	PAL_LOG_WARNING,
	PAL_LOG_ERROR,
	PAL_LOG_CRITICAL,
};

enum pal_log_format {
	PAL_LOG_AUTO,	/* plain on a terminal, <N>logfmt under journald, JSON elsewhere */
	PAL_LOG_PLAIN,
	PAL_LOG_LOGFMT,
	PAL_LOG_JSON,
};

/*
 * A field of a line. Keys named by domain.md section 2.1 are redacted whatever their type. A key
 * must differ from time, level, subject and message; one that repeats a key of the context replaces
 * it. Texts beyond 1,024 bytes are cut and JSON beyond 4,096 left out; at most 32 fields are kept.
 */
struct pal_log_field {
	const char *key;
	enum { PAL_FIELD_STR, PAL_FIELD_I64, PAL_FIELD_SECRET, PAL_FIELD_JSON } kind;
	struct pal_str s;	/* STR, JSON (a valid JSON text; redacted inside, at any depth) */
	int64_t i;		/* I64 */
};

#define PAL_F_STR(k, v) ((struct pal_log_field){.key = (k), .kind = PAL_FIELD_STR, .s = (v)})
#define PAL_F_TEXT(k, v)                                                                           \
	((struct pal_log_field){.key = (k), .kind = PAL_FIELD_STR, .s = pal_str(v)})
#define PAL_F_I64(k, v) ((struct pal_log_field){.key = (k), .kind = PAL_FIELD_I64, .i = (v)})
#define PAL_F_SECRET(k) ((struct pal_log_field){.key = (k), .kind = PAL_FIELD_SECRET})
#define PAL_F_JSON(k, v) ((struct pal_log_field){.key = (k), .kind = PAL_FIELD_JSON, .s = (v)})

struct pal_log_options {
	enum pal_log_level level;
	enum pal_log_format format;
	const char *file;	/* NULL or "": standard error */
};

/*
 * Start the writer thread. Before this, and after stop, lines go straight to standard error. Fails
 * with PAL_E_CONFIG when the file cannot be opened. Runs on: main.
 */
enum pal_code pal_log_start(const struct pal_log_options *options, struct pal_error *err)
	PAL_MUST_CHECK;
/* Write what is queued and stop. Runs on: main. */
void pal_log_stop(void);
/* Close and open the file again, in the writer thread (logrotate). Runs on: main. */
void pal_log_reopen(void);
/* Change level and format at once. Runs on: main. */
void pal_log_configure(enum pal_log_level level, enum pal_log_format format);

extern _Atomic int pal_log_threshold;	/* read through pal_log_enabled */

static inline bool pal_log_enabled(enum pal_log_level level)
{
	return (int)level >= atomic_load_explicit(&pal_log_threshold, memory_order_relaxed);
}

/*
 * Per-request context of the calling thread: added to each line until cleared. The views must stay
 * valid until then. Runs on: any.
 */
struct pal_log_context {
	struct pal_str request_id, tenant, user;
};
void pal_log_set_context(const struct pal_log_context *context);	/* NULL clears */

/* Queue a line. `subject` names the conversation, connection, channel or room. Runs on: any. */
void pal_log_write(enum pal_log_level level, struct pal_str subject, const char *message,
		   const struct pal_log_field *fields, size_t count);

#define PAL_LOG(level, subject, message, ...)                                                      \
	do {                                                                                       \
		if (pal_log_enabled(level)) {                                                      \
			const struct pal_log_field pal_fields_[] = {__VA_ARGS__};                  \
			pal_log_write(level, subject, message, pal_fields_,                        \
				      sizeof(pal_fields_) / sizeof(pal_fields_[0]));               \
		}                                                                                  \
	} while (0)

/* For operators' lines off the hot path: a formatted message without fields. Runs on: any. */
void pal_logf(enum pal_log_level level, const char *subject, const char *fmt, ...) PAL_PRINTF(3, 4);

#define pal_log_debug(subject, ...) pal_log_at(PAL_LOG_DEBUG, subject, __VA_ARGS__)
#define pal_log_info(subject, ...) pal_log_at(PAL_LOG_INFO, subject, __VA_ARGS__)
#define pal_log_warning(subject, ...) pal_log_at(PAL_LOG_WARNING, subject, __VA_ARGS__)
#define pal_log_error(subject, ...) pal_log_at(PAL_LOG_ERROR, subject, __VA_ARGS__)
#define pal_log_critical(subject, ...) pal_log_at(PAL_LOG_CRITICAL, subject, __VA_ARGS__)
#define pal_log_at(level, subject, ...)                                                            \
	do {                                                                                       \
		if (pal_log_enabled(level))                                                        \
			pal_logf(level, subject, __VA_ARGS__);                                     \
	} while (0)

/*
 * At most `burst` lines per `interval_ms` pass; the first after a pause also says how many were
 * dropped. Zeroed storage with the two numbers set is ready. Return whether to log now, and how
 * many were dropped since. Runs on: any.
 */
struct pal_log_limit {
	uint32_t burst, interval_ms;
	_Atomic int64_t window_start_ms;
	_Atomic uint32_t passed, dropped;
};
bool pal_log_limit_pass(struct pal_log_limit *limit, uint32_t *ret_dropped);
/* The same at a monotonic time given by the caller. Runs on: any. */
bool pal_log_limit_pass_at(struct pal_log_limit *limit, int64_t now_ms, uint32_t *ret_dropped);

/* --- Redaction (domain.md section 2.1), also used by the audit trail -------------------------- */

/* Whether the words of `key` (split at _ - and case changes) name a secret. Runs on: any. */
bool pal_redact_is_secret(struct pal_str key);
/* Append the JSON text `json` on one line with every secret member's value replaced; a text that
 * the gate of json.h refuses is replaced as a whole. Runs on: any. */
struct pal_buf;
void pal_redact_json(struct pal_buf *out, struct pal_str json);

/* A secret held in memory: prints as [redacted], wiped when dropped. */
struct pal_secret {
	char *bytes;
	size_t len;
};
enum pal_code pal_secret_set(struct pal_secret *secret, struct pal_str value, struct pal_error *err)
	PAL_MUST_CHECK;
void pal_secret_deinit(struct pal_secret *secret);	/* explicit_bzero, then free */

#endif
