/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "service/session/removal.h"
#include "service/session/sessions.h"
#include "service/session/touch.h"
#include "service/view/answer.h"
#include "store/store.h"

#define PIECE 256u	/* records of one walk */

/* One list while the store has it. */
struct listing {
	struct pal_query query;		/* first */
	struct pal_sessions *sessions;
	struct pal_session_call *call;
	struct pal_arena arena;
	struct pal_session_removal *removal;	/* NULL: nothing was over yet */
	int64_t now_ms;
	int64_t left_out;		/* matches still to be passed over */
	size_t visited;			/* in the walk under way */
	bool is_full;			/* no more of it is wanted */
	int64_t at_ms;			/* the last one visited */
	char at_id[PAL_RECORD_ID_BYTES_MAX];
	size_t at_id_n;
	int64_t shown;
};

static void end(struct listing *l, enum pal_code code)
{
	struct pal_session_call *call = l->call;

	call->code = code;
	if (code == PAL_OK && call->data.failed)
		call->code = pal_fail_memory(&call->err, "session");
	if (call->code != PAL_OK)
		pal_buf_deinit(&call->data);
	PAL_LOG(PAL_LOG_DEBUG, PAL_STR("session"), "list_sessions",
		PAL_F_STR("request_id", call->request_id),
		PAL_F_STR("tenant_id", call->caller->tenant_id), PAL_F_I64("shown", l->shown));
	pal_session_removal_destroy(l->removal);
	pal_arena_release(&l->arena);
	free(l);
	call->done(call);
}

/* Where the page behind begins. */
static void mark(struct listing *l, const struct pal_record *record)
{
	snprintf(l->call->next, sizeof(l->call->next), "%lld %.*s", (long long)record->created_ms,
		 (int)record->id.n, record->id.p);
}

static void bury(struct listing *l, const struct pal_record *record)
{
	if (!l->removal)
		l->removal = pal_session_removal_create();
	if (l->removal)
		pal_session_removal_add(l->removal, l->call->caller->tenant, record);
}

static bool is_wanted(const struct listing *l, const struct pal_session *session)
{
	const struct pal_session_list *ask = &l->call->ask.list;

	if (pal_session_is_over(session, l->now_ms) &&
	    (l->call->op == PAL_SESSION_LIST_USER || ask->active_only))
		return false;
	return l->call->op == PAL_SESSION_LIST_USER || ask->channel < 0 ||
	       ask->channel == (int)session->channel;
}

static void remember(struct listing *l, const struct pal_record *record)
{
	l->visited++;
	l->at_ms = record->created_ms;
	l->at_id_n = record->id.n;
	memcpy(l->at_id, record->id.p, record->id.n);
}

static bool visit(void *arg, const struct pal_record *record)
{
	struct listing *l = arg;
	struct pal_session_call *call = l->call;
	struct pal_session session;

	pal_arena_reset(&l->arena);
	remember(l, record);
	if (!pal_session_read(record, pal_thread_json(), &l->arena, &session))
		return true;
	pal_session_touches_show(l->sessions, call->caller->tenant, &session);
	if (call->op == PAL_SESSION_LIST_USER && pal_session_is_over(&session, l->now_ms))
		bury(l, record);
	if (!is_wanted(l, &session) || l->left_out-- > 0)
		return true;
	if (l->shown == call->ask.list.limit) {
		call->has_more = l->is_full = true;
		return false;
	}
	pal_buf_add(&call->data, ",", l->shown++ ? 1 : 0);
	pal_session_put_view(&call->data, &session, call->caller->tenant_id, l->now_ms);
	mark(l, record);
	l->is_full = call->data.failed;
	return !l->is_full;
}

/* Begin behind the page before, if any. */
static void start_after(struct listing *l, struct pal_str after)
{
	const char *blank = after.n ? memchr(after.p, ' ', after.n) : NULL;

	l->at_ms = INT64_MIN;
	l->at_id_n = 0;
	if (!blank)
		return;
	l->at_ms = 0;
	for (const char *p = after.p; p < blank && l->at_ms < INT64_MAX / 16; p++)
		l->at_ms = l->at_ms * 10 + (*p - '0');
	l->at_id_n = after.n - (size_t)(blank + 1 - after.p);
	memcpy(l->at_id, blank + 1, l->at_id_n);
}

/* A piece at a time: a store may copy what a walk is to visit. */
static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct listing *l = (struct listing *)query;
	struct pal_session_call *call = l->call;
	struct pal_str owner = call->op == PAL_SESSION_LIST_USER ? call->ask.list.user_id
								 : (struct pal_str){NULL, 0};

	start_after(l, call->ask.list.after);
	l->now_ms = pal_sessions_now_ms(l->sessions);
	l->left_out = call->ask.list.offset;
	pal_buf_add_char(&call->data, '[');
	do {
		char id[sizeof(l->at_id)];	/* visits move the other one on */
		const struct pal_str at = {memcpy(id, l->at_id, l->at_id_n), l->at_id_n};
		l->visited = 0;
		call->code = pal_store_walk_records(store, reader, call->caller->tenant,
						    PAL_SESSION_KIND, owner, l->at_ms, at, PIECE,
						    visit, l, &call->err);
	} while (call->code == PAL_OK && l->visited == PIECE && !l->is_full);
	pal_buf_add_char(&call->data, ']');
}

static void remove_over(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct listing *l = (struct listing *)query;

	(void)reader;
	pal_session_count_ended(true, pal_session_removal_run(l->removal, store));
}

/* What is over is not shown, whether or not it could be removed. */
static void removed(struct pal_query *query)
{
	end((struct listing *)query, PAL_OK);
}

static void listed(struct pal_query *query)
{
	struct listing *l = (struct listing *)query;

	if (l->call->code == PAL_OK && l->removal) {
		l->query = (struct pal_query){.run = remove_over, .done = removed};
		if (pal_store_front_write(l->sessions->front, &l->query) != PAL_PUT_FULL)
			return;
	}
	end(l, l->call->code);
}

/* A user's sessions are the user's and the staff's; the tenant's are the staff's. */
static enum pal_code check(const struct pal_session_call *call, struct pal_error *err)
{
	if (pal_caller_is_staff(call->caller))
		return PAL_OK;
	if (call->op == PAL_SESSION_LIST)
		return pal_fail(err, PAL_E_UNAUTHORIZED, "sessions",
				"only staff may list the sessions of the tenant");
	if (pal_str_equal(call->caller->user_id, call->ask.list.user_id))
		return PAL_OK;
	return pal_fail(err, PAL_E_NOT_FOUND, "user", "there is no such user");
}

void pal_session_list_start(struct pal_sessions *sessions, struct pal_session_call *call)
{
	struct listing *l;

	call->has_more = false;
	call->next[0] = '\0';
	call->code = check(call, &call->err);
	if (call->code != PAL_OK) {
		call->done(call);
		return;
	}
	l = calloc(1, sizeof(*l));
	if (!l) {
		call->code = pal_fail_memory(&call->err, "session");
		call->done(call);
		return;
	}
	l->sessions = sessions;
	l->call = call;
	l->query = (struct pal_query){.run = run, .done = listed};
	if (pal_store_front_query(sessions->front, &l->query) == PAL_PUT_FULL)
		end(l, pal_fail_retry(&call->err, PAL_E_SERVICE, PAL_SESSION_RETRY_AFTER_MS,
				      "store", "the store has more to read than it can take"));
}
