/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/change.h"

#include "service/session/touch.h"
#include "service/view/answer.h"
#include "store/store.h"

static void end(struct pal_session_change *c, enum pal_code code)
{
	c->code = code;
	c->done(c);
}

static void end_full(struct pal_session_change *c)
{
	end(c, pal_fail_retry(&c->err, PAL_E_SERVICE, PAL_SESSION_RETRY_AFTER_MS, "store",
			      "the store has more to do than it can take"));
}

static struct pal_session_change *change_of_query(struct pal_query *query)
{
	return (struct pal_session_change *)((char *)query -
					     offsetof(struct pal_session_change, query));
}

static struct pal_session_change *change_of_commit(struct pal_record_commit *commit)
{
	return (struct pal_session_change *)((char *)commit -
					     offsetof(struct pal_session_change, commit));
}

/*
 * The record must be readable when it comes back: what several requests put together may hold more
 * values or keys than one text may.
 */
static enum pal_code encode(struct pal_session_change *c, struct pal_error *err)
{
	struct pal_json_fault fault;

	pal_buf_clear(&c->body);
	pal_session_write(&c->session, &c->body);
	if (c->body.failed)
		return pal_fail_memory(err, "session");
	if (!pal_json_scan(pal_thread_json(), pal_buf_str(&c->body), &fault))
		return pal_fail(err, PAL_E_VALIDATION, "context",
				"the session would hold more than it may: %s", fault.why);
	return PAL_OK;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static void written(struct pal_record_commit *commit)
{
	struct pal_session_change *c = change_of_commit(commit);
	const struct pal_record_write *write = &commit->write;

	if (write->verdict == PAL_RECORD_STORED) {
		end(c, PAL_OK);
	} else if (write->verdict == PAL_RECORD_FAILED) {
		c->err = write->err;
		end(c, write->err.code);
	} else if (write->expected == 0) {
		end(c, pal_fail(&c->err, PAL_E_CONFLICT, "session_id",
				"there is such a session already"));
	} else if (c->attempts < PAL_SESSION_ATTEMPTS_MAX) {
		pal_session_change_start(c);
	} else {
		end(c, pal_fail_retry(&c->err, PAL_E_SERVICE, PAL_SESSION_RETRY_AFTER_MS,
				      "session", "too many change this session at once"));
	}
}

/* It was over: gone is gone, whoever took it out and whether or not that worked. */
static void buried(struct pal_record_commit *commit)
{
	struct pal_session_change *c = change_of_commit(commit);

	if (commit->write.verdict == PAL_RECORD_STORED)
		pal_session_count_ended(true, 1);
	end(c, pal_session_not_found(&c->err));
}

static void write(struct pal_session_change *c, int64_t expected, bool remove,
		  void (*then)(struct pal_record_commit *commit))
{
	c->audit.at_ms = c->now_ms;
	c->audit.resource_type = PAL_STR("session");
	c->audit.resource_id = c->id;
	c->audit.result = PAL_STR("success");
	c->commit = (struct pal_record_commit){
		.write = {.tenant = c->tenant,
			  .record = {.kind = PAL_SESSION_KIND,
				     .id = c->id,
				     .owner = c->session.user_id,
				     .body = pal_buf_str(&c->body),
				     .created_ms = c->session.created_ms,
				     .updated_ms = c->session.last_activity_ms,
				     .expires_ms = c->session.expires_ms},
			  .expected = expected,
			  .remove = remove,
			  .audit = c->audit.event_type.n && then == written ? &c->audit : NULL},
		.done = then};
	if (pal_store_front_record(c->sessions->front, &c->commit) == PAL_PUT_FULL)
		end_full(c);
}

void pal_session_change_insert(struct pal_session_change *c)
{
	enum pal_code code = encode(c, &c->err);

	if (code == PAL_OK)
		write(c, 0, false, written);
	else
		end(c, code);
}

/* --- Loading and deciding --------------------------------------------------------------------- */

static enum pal_code load(struct pal_session_change *c, struct pal_store *store, unsigned reader)
{
	struct pal_record record;

	if (c->id.n == 0 || c->id.n > PAL_RECORD_ID_BYTES_MAX)
		return pal_session_not_found(&c->err);
	enum pal_code code = pal_store_load_record(store, reader, c->tenant, PAL_SESSION_KIND,
						   c->id, &c->arena, &record, &c->err);
	if (code == PAL_E_NOT_FOUND)
		return pal_session_not_found(&c->err);
	if (code != PAL_OK)
		return code;
	if (!pal_session_read(&record, pal_thread_json(), &c->arena, &c->session))
		return pal_fail(&c->err, PAL_E_SERVICE, "session", "a stored session is damaged");
	c->version = record.version;
	pal_session_touches_show(c->sessions, c->tenant, &c->session);
	return PAL_OK;
}

static void run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_session_change *c = change_of_query(query);

	c->attempts++;
	pal_arena_reset(&c->arena);
	c->now_ms = pal_sessions_now_ms(c->sessions);
	c->deed = PAL_SESSION_KEEP;
	c->code = load(c, store, reader);
	if (c->code == PAL_OK && pal_session_is_over(&c->session, c->now_ms))
		c->deed = PAL_SESSION_REMOVE;
	else if (c->code == PAL_OK)
		c->code = c->decide(c, &c->deed, &c->err);
	if (c->code == PAL_OK && c->deed == PAL_SESSION_WRITE)
		c->code = encode(c, &c->err);
}

static void loaded(struct pal_query *query)
{
	struct pal_session_change *c = change_of_query(query);

	if (c->code != PAL_OK || c->deed == PAL_SESSION_KEEP)
		end(c, c->code);
	else if (c->deed == PAL_SESSION_WRITE)
		write(c, c->version, false, written);
	else
		write(c, c->version, true,
		      pal_session_is_over(&c->session, c->now_ms) ? buried : written);
}

void pal_session_change_start(struct pal_session_change *c)
{
	c->query = (struct pal_query){.run = run, .done = loaded};
	enum pal_put put = c->order ? pal_store_front_query_in_order(c->sessions->front,
								     &c->query, c->order)
				    : pal_store_front_query(c->sessions->front, &c->query);
	if (put == PAL_PUT_FULL)
		end_full(c);
}

void pal_session_change_deinit(struct pal_session_change *c)
{
	pal_buf_deinit(&c->body);
	pal_arena_release(&c->arena);
}
