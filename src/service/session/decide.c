/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/decide.h"

#include <stdio.h>

#include "base/metrics.h"
#include "base/scratch.h"
#include "model/patch.h"
#include "service/session/sessions.h"
#include "service/view/answer.h"

static pal_metric started, ended[2];

void pal_session_counters_register(void)
{
	static const char *const reasons[] = {"reason=\"explicit_logout\"", "reason=\"timeout\""};

	started = pal_metric_register(&(struct pal_metric_desc){
		.name = "sessions_started_total",
		.help = "Sessions begun.",
		.kind = PAL_METRIC_COUNTER});
	for (size_t i = 0; i < 2; i++)
		ended[i] = pal_metric_register(&(struct pal_metric_desc){
			.name = "sessions_ended_total",
			.help = "Sessions ended, by why.",
			.kind = PAL_METRIC_COUNTER,
			.labels = reasons[i]});
}

void pal_session_count_started(void)
{
	pal_metric_add(started, 1);
}

void pal_session_count_ended(bool by_timeout, uint64_t count)
{
	pal_metric_add(ended[by_timeout], count);
}

int64_t pal_session_extended(const struct pal_sessions *sessions,
			     const struct pal_session *session, int64_t now_ms, int64_t by_ms)
{
	int64_t last_ms = session->created_ms + atomic_load(&sessions->max_ms);
	int64_t wanted_ms = now_ms + by_ms < last_ms ? now_ms + by_ms : last_ms;

	return wanted_ms > session->expires_ms ? wanted_ms : session->expires_ms;
}

enum pal_code pal_session_not_found(struct pal_error *err)
{
	return pal_fail(err, PAL_E_NOT_FOUND, "session", "there is no such session");
}

/* --- Objects ---------------------------------------------------------------------------------- */

static struct pal_buf *thread_draft(void)
{
	static _Thread_local struct pal_scratch draft;

	return pal_scratch_get(&draft);
}

/* Put what was made of an object of the session in its place; `field` asked for it. */
static enum pal_code keep(struct pal_session_change *c, const struct pal_buf *draft,
			  const char *field, struct pal_str *object, struct pal_error *err)
{
	struct pal_str made = pal_buf_str(draft);

	if (made.n > PAL_SESSION_JSON_BYTES_MAX)
		return pal_fail(err, PAL_E_VALIDATION, field,
				"%s would make more than %u bytes of it", field,
				PAL_SESSION_JSON_BYTES_MAX);
	made = pal_arena_copy(&c->arena, made);
	if (draft->failed || !made.p)
		return pal_fail_memory(err, "session");
	*object = made;
	return PAL_OK;
}

static enum pal_code merge(struct pal_session_change *c, struct pal_str patch, const char *field,
			   struct pal_str *object, struct pal_error *err)
{
	struct pal_buf *draft = thread_draft();

	if (!patch.p)
		return PAL_OK;
	if (!pal_patch_merge(pal_thread_json(), *object, patch, &c->arena, draft))
		return pal_fail_memory(err, "session");
	return keep(c, draft, field, object, err);
}

static enum pal_code append(struct pal_session_change *c, struct pal_str items,
			    struct pal_error *err)
{
	struct pal_buf *draft = thread_draft();
	struct pal_str key = {NULL, 0};
	char field[PAL_ERROR_SUBJECT_MAX];

	if (!items.p)
		return PAL_OK;
	if (pal_patch_append(pal_thread_json(), c->session.context, items, PAL_SESSION_LIST_MAX,
			     &c->arena, draft, &key))
		return keep(c, draft, "append_to_history", &c->session.context, err);
	if (!key.p)
		return pal_fail_memory(err, "session");
	snprintf(field, sizeof(field), "append_to_history.%.*s", (int)key.n, key.p);
	return pal_fail(err, PAL_E_VALIDATION, field, "the context has something else than a list "
						      "there");
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void put_context(struct pal_buf *out, const struct pal_session *session)
{
	char text[PAL_TIME_TEXT_SIZE];

	pal_buf_add_lit(out, "{\"session_id\":");
	pal_json_put_string(out, session->id);
	pal_buf_add_lit(out, ",\"context\":");
	pal_buf_add_str(out, session->context.n ? session->context : PAL_STR("{}"));
	pal_buf_addf(out, ",\"last_activity\":\"%s\"",
		     pal_time_format(session->last_activity_ms, text));
	pal_buf_addf(out, ",\"expires_at\":\"%s\"}", pal_time_format(session->expires_ms, text));
}

static void put_deleted(struct pal_buf *out, const struct pal_session *session)
{
	pal_buf_add_lit(out, "{\"session_id\":");
	pal_json_put_string(out, session->id);
	pal_buf_add_lit(out, ",\"deleted\":true}");
}

static void put_answer(struct pal_session_call *call)
{
	const struct pal_session *session = &call->change.session;

	pal_buf_clear(&call->data);
	if (call->op == PAL_SESSION_GET_CONTEXT || call->op == PAL_SESSION_PUT_CONTEXT)
		put_context(&call->data, session);
	else if (call->op == PAL_SESSION_DELETE)
		put_deleted(&call->data, session);
	else
		pal_session_put_view(&call->data, session, call->caller->tenant_id,
				     call->change.now_ms);
}

/* --- Deeds ------------------------------------------------------------------------------------ */

static enum pal_code update(struct pal_session_change *c, const struct pal_session_update *ask,
			    struct pal_error *err)
{
	struct pal_session *s = &c->session;
	enum pal_code code = merge(c, ask->context, "context", &s->context, err);

	if (code == PAL_OK)
		code = append(c, ask->appends, err);
	if (code == PAL_OK)
		code = merge(c, ask->preferences, "preference_updates", &s->preferences, err);
	if (code == PAL_OK)
		code = merge(c, ask->features, "feature_updates", &s->features, err);
	if (code == PAL_OK)
		code = merge(c, ask->metadata, "metadata", &s->metadata, err);
	if (ask->extend)
		s->expires_ms = pal_session_extended(c->sessions, s, c->now_ms, s->lifetime_ms);
	return code;
}

static void transfer(struct pal_session *session, const struct pal_session_transfer *ask)
{
	session->channel = ask->channel;
	if (!ask->preserve_context)
		session->context = (struct pal_str){NULL, 0};
}

enum pal_code pal_session_decide(struct pal_session_change *c, enum pal_session_deed *ret,
				 struct pal_error *err)
{
	struct pal_session_call *call = (struct pal_session_call *)((char *)c -
					offsetof(struct pal_session_call, change));
	enum pal_code code = PAL_OK;

	if (!pal_caller_reaches(call->caller, c->session.user_id))
		return pal_session_not_found(err);
	*ret = PAL_SESSION_WRITE;
	if (call->op == PAL_SESSION_GET || call->op == PAL_SESSION_GET_CONTEXT)
		*ret = PAL_SESSION_KEEP;
	else if (call->op == PAL_SESSION_DELETE)
		*ret = PAL_SESSION_REMOVE;
	else if (call->op == PAL_SESSION_EXTEND)
		c->session.expires_ms = pal_session_extended(c->sessions, &c->session, c->now_ms,
							     call->ask.extend.extend_ms);
	else if (call->op == PAL_SESSION_TRANSFER)
		transfer(&c->session, &call->ask.transfer);
	else
		code = update(c, &call->ask.update, err);
	if (*ret == PAL_SESSION_WRITE)
		c->session.last_activity_ms = c->now_ms;
	if (code == PAL_OK)
		put_answer(call);
	return code;
}
