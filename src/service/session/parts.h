/* SPDX-License-Identifier: Apache-2.0 */
/* parts.h - the session service as its own files see it. */
#ifndef PALAVER_SERVICE_SESSION_PARTS_H
#define PALAVER_SERVICE_SESSION_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/session.h"
#include "service/access/caller.h"
#include "store/front.h"

struct pal_session_touches;

#define PAL_SESSION_RETRY_AFTER_MS 1000u

struct pal_sessions {
	/* fixed at create */
	struct pal_store_front *front;
	const struct pal_clock *clock;
	int64_t wall_ms, mono_ms;	/* the same moment, by both clocks */
	struct pal_session_touches *touches;
	/* set by main, read by any */
	_Atomic int64_t default_ms, max_ms, cleanup_interval_ms;
	_Atomic bool auto_create;
	/* main's: monotonic; when expired sessions are looked for next */
	int64_t next_cleanup_ms;
	_Atomic bool cleans;		/* the background cleanup is under way */
};

/*
 * The time that sessions live by: the wall clock at the start of the daemon and the monotonic one
 * from then on, so that a clock that is set ends no session and lengthens none. Runs on: any.
 */
static inline int64_t pal_sessions_now_ms(const struct pal_sessions *sessions)
{
	return sessions->wall_ms + pal_clock_mono_ms(sessions->clock) - sessions->mono_ms;
}

/*
 * When `session` expires after it was given `by_ms` from now on: never sooner than it would have,
 * never beyond the maximum counted from its creation (domain.md B32). Runs on: any.
 */
int64_t pal_session_extended(const struct pal_sessions *sessions,
			     const struct pal_session *session, int64_t now_ms, int64_t by_ms);

/* PAL_E_NOT_FOUND: what all are told of absent, foreign and expired sessions alike. */
enum pal_code pal_session_not_found(struct pal_error *err);

/* Count sessions that were made, or that ended by themselves or were ended. Runs on: any. */
void pal_session_counters_register(void);
void pal_session_count_started(void);
void pal_session_count_ended(bool by_timeout, uint64_t count);

#endif
