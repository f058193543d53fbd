/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sessions.h - the session service (domain.md section 2.6): what clients keep about a user while
 * the user is there. Sessions live in the store as records; nothing here waits for it.
 */
#ifndef PALAVER_SERVICE_SESSION_SESSIONS_H
#define PALAVER_SERVICE_SESSION_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/id.h"
#include "model/session_request.h"
#include "service/access/caller.h"
#include "service/session/change.h"
#include "store/front.h"

#define PAL_SESSIONS_LIMIT_MAX 100
#define PAL_SESSIONS_LIMIT_DEFAULT 50
#define PAL_SESSIONS_OFFSET_MAX 100000
#define PAL_SESSION_NEXT_SIZE 64

struct pal_sessions;

/* What may change with a reload. */
struct pal_session_limits {
	int64_t default_ms, max_ms;	/* lifetimes: when none is asked for; counted from creation */
	int64_t cleanup_interval_ms;
	bool auto_create;	/* a message that begins a conversation begins a session too */
};

enum pal_session_op {
	PAL_SESSION_CREATE,
	PAL_SESSION_GET,
	PAL_SESSION_UPDATE,
	PAL_SESSION_GET_CONTEXT,
	PAL_SESSION_PUT_CONTEXT,
	PAL_SESSION_EXTEND,
	PAL_SESSION_TRANSFER,
	PAL_SESSION_DELETE,
	PAL_SESSION_LIST_USER,	/* live sessions of one user; what is over is removed */
	PAL_SESSION_LIST,	/* of the tenant; staff only */
	PAL_SESSION_CLEANUP,	/* remove what is over */
	PAL_SESSION_OP_COUNT
};

struct pal_session_list {
	struct pal_str user_id;		/* LIST_USER */
	int channel;			/* LIST: enum pal_channel_type; -1: any */
	bool active_only;		/* LIST */
	int64_t limit;			/* 1..PAL_SESSIONS_LIMIT_MAX */
	int64_t offset;			/* 0..PAL_SESSIONS_OFFSET_MAX: so many are passed over */
	struct pal_str after;		/* `next` of the page before; may be absent */
};

/*
 * One request and its answer. The caller fills the first part, keeps it and what it points to until
 * `done` is called, and then frees `data`.
 */
struct pal_session_call {
	enum pal_session_op op;
	const struct pal_caller *caller;
	struct pal_str request_id, ip_address;
	struct pal_str id;		/* of the session, where there is one */
	struct pal_str idempotency_key;	/* CREATE; may be absent: the same request again gives the
					   same session, another one under it is PAL_E_CONFLICT */
	union {
		struct pal_session_create create;
		struct pal_session_update update;	/* UPDATE and PUT_CONTEXT */
		struct pal_session_extend extend;
		struct pal_session_transfer transfer;
		struct pal_session_list list;
	} ask;
	/* Called exactly once, maybe before pal_sessions_run returns. Runs on: lane, or the caller. */
	void (*done)(struct pal_session_call *call);

	/* out */
	/*
	 * PAL_E_NOT_FOUND: absent, over, or not the caller's; PAL_E_UNAUTHORIZED: for another user,
	 * or LIST without being staff; PAL_E_VALIDATION: what would come of it is too large, or a
	 * list to append to is none; PAL_E_CONFLICT; PAL_E_SERVICE.
	 */
	enum pal_code code;
	struct pal_error err;
	struct pal_buf data;		/* PAL_OK: a JSON object; of a list, the array of views */
	bool has_more;			/* of a list: there is a page behind this one, */
	char next[PAL_SESSION_NEXT_SIZE];	/* which begins after this */

	/* the service's */
	struct pal_session_change change;
	char own_id[PAL_UUID_TEXT_SIZE];
	char digest[2 * PAL_DIGEST_SIZE + 1];
};

struct pal_sessions_options {
	struct pal_store_front *front;
	const struct pal_clock *clock;
	struct pal_session_limits limits;
};

/*
 * Create the service; what `options` points to must outlive it. NULL when out of memory. Runs on:
 * main.
 */
struct pal_sessions *pal_sessions_create(const struct pal_sessions_options *options);
void pal_sessions_destroy(struct pal_sessions *sessions);	/* NULL is fine. Runs on: main. */

/* Use `limits` from now on. Runs on: main. */
void pal_sessions_set_limits(struct pal_sessions *sessions,
			     const struct pal_session_limits *limits);

/* The longest lifetime now, for those who read requests. Runs on: any. */
int64_t pal_sessions_max_ms(const struct pal_sessions *sessions);

/* Do what `call` asks for. Runs on: any. */
void pal_sessions_run(struct pal_sessions *sessions, struct pal_session_call *call);

/*
 * Remove what is over, when that is due, and write what activity was noted; about once a second.
 * Return how much activity is not written yet. Runs on: one thread at a time.
 */
size_t pal_sessions_sweep(struct pal_sessions *sessions);

#endif
