/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change.h - one look at a session and what comes of it: load, decide, write against the
 * version that was loaded, and all over again when somebody else wrote in between. So concurrent
 * changes lose nothing (domain.md B36). A session that is found to be over is removed at once and
 * is absent.
 */
#ifndef PALAVER_SERVICE_SESSION_CHANGE_H
#define PALAVER_SERVICE_SESSION_CHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "model/audit.h"
#include "model/session.h"
#include "service/session/parts.h"
#include "store/front.h"

#define PAL_SESSION_ATTEMPTS_MAX 64u

enum pal_session_deed {
	PAL_SESSION_KEEP,	/* it was only looked at */
	PAL_SESSION_WRITE,	/* c->session is how it is to be */
	PAL_SESSION_REMOVE,
};

/* The caller's storage; zeroed but for the first part. */
struct pal_session_change {
	/* in; `id` stays valid until done */
	struct pal_sessions *sessions;
	struct pal_tenant_key tenant;
	struct pal_str id;
	uint64_t order;		/* changes of the same one are begun in order; 0: no matter */
	/*
	 * Look at c->session, loaded and alive at c->now_ms, change it if need be (texts that live
	 * in c->arena will do) and say what to do; or fail. May be called again from the start.
	 * Runs on: lane.
	 */
	enum pal_code (*decide)(struct pal_session_change *c, enum pal_session_deed *ret,
				struct pal_error *err);
	/* Called exactly once, maybe before start returns. Runs on: lane, or who started it. */
	void (*done)(struct pal_session_change *c);
	/*
	 * Goes to the audit trail with what is written; the event's type absent: nothing does. What
	 * it points to stays valid until done; resource and time are filled in.
	 */
	struct pal_audit_event audit;

	/* out, until deinit */
	enum pal_code code;	/* PAL_E_NOT_FOUND, PAL_E_SERVICE, or what `decide` says */
	struct pal_error err;
	struct pal_session session;
	int64_t now_ms;
	struct pal_arena arena;

	/* the module's */
	union {
		struct pal_query query;
		struct pal_record_commit commit;
	};
	enum pal_session_deed deed;
	int64_t version;
	struct pal_buf body;
	unsigned attempts;
};

/* Begin; `c` is left alone until done. Runs on: any. */
void pal_session_change_start(struct pal_session_change *c);

/*
 * Store c->session as a new one under c->id; PAL_E_CONFLICT when there is one already. `decide` is
 * not called. Runs on: any.
 */
void pal_session_change_insert(struct pal_session_change *c);

/* Free what it holds; twice is fine. Runs on: any, after done. */
void pal_session_change_deinit(struct pal_session_change *c);

#endif
