/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/cleanup.h"

#include <stdlib.h>

#include "base/log.h"
#include "service/session/removal.h"
#include "service/session/sessions.h"
#include "store/store.h"

#define ROUNDS_MAX 256u	/* of PAL_SESSION_REMOVALS_MAX each; the rest waits for the next one */

/* One run through what is over; rounds of finding on a read lane and removing on the write lane. */
struct cleanup {
	struct pal_query query;		/* first */
	struct pal_sessions *sessions;
	struct pal_session_call *call;	/* NULL: in the background */
	struct pal_session_removal *removal;
	enum pal_code code;
	struct pal_error err;
	size_t removed, own;		/* in all; of the caller's tenant */
	unsigned rounds;
};

static void end(struct cleanup *job)
{
	struct pal_sessions *sessions = job->sessions;
	struct pal_session_call *call = job->call;

	if (job->removed || call)
		PAL_LOG(PAL_LOG_INFO, PAL_STR("session"), "cleanup_sessions",
			PAL_F_I64("removed", (int64_t)job->removed));
	if (call) {
		call->code = job->code;
		call->err = job->err;
		if (job->code == PAL_OK)
			pal_buf_addf(&call->data, "{\"cleaned\":%zu}", job->own);
		if (job->code == PAL_OK && call->data.failed)
			call->code = pal_fail_memory(&call->err, "session");
	}
	pal_session_removal_destroy(job->removal);
	free(job);
	if (call)
		call->done(call);
	else
		atomic_store(&sessions->cleans, false);
}

static bool take(void *arg, struct pal_tenant_key tenant, const struct pal_record *record)
{
	struct cleanup *job = arg;

	return pal_session_removal_add(job->removal, tenant, record);
}

static void find(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct cleanup *job = (struct cleanup *)query;

	job->code = PAL_OK;
	pal_session_removal_destroy(job->removal);
	job->removal = pal_session_removal_create();
	if (!job->removal) {
		job->code = pal_fail_memory(&job->err, "session");
		return;
	}
	job->code = pal_store_walk_expired(store, reader, PAL_SESSION_KIND, 0,
					   pal_sessions_now_ms(job->sessions),
					   PAL_SESSION_REMOVALS_MAX, take, job, &job->err);
}

static void start_round(struct cleanup *job);

static void clean(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct cleanup *job = (struct cleanup *)query;

	(void)reader;
	size_t removed = pal_session_removal_run(job->removal, store);
	pal_session_count_ended(true, removed);
	job->removed += removed;
	if (job->call)
		job->own += pal_session_removal_of(job->removal, job->call->caller->tenant);
	/* a round that removes nothing would only be repeated by the next */
	if (removed == 0)
		job->rounds = ROUNDS_MAX;
}

static void cleaned(struct pal_query *query)
{
	struct cleanup *job = (struct cleanup *)query;

	if (pal_session_removal_count(job->removal) == PAL_SESSION_REMOVALS_MAX &&
	    job->rounds < ROUNDS_MAX)
		start_round(job);
	else
		end(job);
}

static void found(struct pal_query *query)
{
	struct cleanup *job = (struct cleanup *)query;

	if (job->code != PAL_OK || pal_session_removal_count(job->removal) == 0) {
		end(job);
		return;
	}
	job->query = (struct pal_query){.run = clean, .done = cleaned};
	if (pal_store_front_write(job->sessions->front, &job->query) == PAL_PUT_FULL)
		end(job);
}

static void start_round(struct cleanup *job)
{
	job->rounds++;
	job->query = (struct pal_query){.run = find, .done = found};
	if (pal_store_front_query(job->sessions->front, &job->query) != PAL_PUT_FULL)
		return;
	job->code = pal_fail_retry(&job->err, PAL_E_SERVICE, PAL_SESSION_RETRY_AFTER_MS, "store",
				   "the store has more to read than it can take");
	end(job);
}

void pal_session_cleanup_start(struct pal_sessions *sessions)
{
	struct cleanup *job;

	if (atomic_exchange(&sessions->cleans, true))
		return;
	job = calloc(1, sizeof(*job));
	if (!job) {
		atomic_store(&sessions->cleans, false);
		return;
	}
	job->sessions = sessions;
	start_round(job);
}

void pal_session_cleanup_call(struct pal_sessions *sessions, struct pal_session_call *call)
{
	struct cleanup *job = calloc(1, sizeof(*job));

	if (!job) {
		call->code = pal_fail_memory(&call->err, "session");
		call->done(call);
		return;
	}
	job->sessions = sessions;
	job->call = call;
	start_round(job);
}
