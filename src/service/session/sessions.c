/* SPDX-License-Identifier: Apache-2.0 */
#include "service/session/sessions.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/log.h"
#include "service/session/decide.h"
#include "service/session/derive.h"
#include "service/session/list.h"
#include "service/session/cleanup.h"
#include "service/session/touch.h"
#include "store/store.h"

/* --- Life cycle ------------------------------------------------------------------------------- */

struct pal_sessions *pal_sessions_create(const struct pal_sessions_options *options)
{
	struct pal_sessions *sessions = calloc(1, sizeof(*sessions));

	if (!sessions)
		return NULL;
	sessions->front = options->front;
	sessions->clock = options->clock;
	sessions->wall_ms = pal_clock_wall_ms(options->clock);
	sessions->mono_ms = pal_clock_mono_ms(options->clock);
	pal_sessions_set_limits(sessions, &options->limits);
	sessions->touches = pal_session_touches_create();
	if (!sessions->touches) {
		free(sessions);
		return NULL;
	}
	sessions->next_cleanup_ms = sessions->mono_ms + options->limits.cleanup_interval_ms;
	pal_session_counters_register();
	return sessions;
}

void pal_sessions_destroy(struct pal_sessions *sessions)
{
	if (!sessions)
		return;
	pal_session_touches_destroy(sessions->touches);
	free(sessions);
}

void pal_sessions_set_limits(struct pal_sessions *sessions, const struct pal_session_limits *limits)
{
	atomic_store(&sessions->default_ms, limits->default_ms < limits->max_ms
						    ? limits->default_ms
						    : limits->max_ms);
	atomic_store(&sessions->max_ms, limits->max_ms);
	atomic_store(&sessions->cleanup_interval_ms, limits->cleanup_interval_ms);
	atomic_store(&sessions->auto_create, limits->auto_create);
}

int64_t pal_sessions_max_ms(const struct pal_sessions *sessions)
{
	return atomic_load(&sessions->max_ms);
}

size_t pal_sessions_sweep(struct pal_sessions *sessions)
{
	int64_t now_ms = pal_clock_mono_ms(sessions->clock);

	if (now_ms >= sessions->next_cleanup_ms) {
		sessions->next_cleanup_ms = now_ms + atomic_load(&sessions->cleanup_interval_ms);
		pal_session_cleanup_start(sessions);
	}
	return pal_session_touches_flush(sessions);
}

/* --- One session ------------------------------------------------------------------------------ */

static struct pal_session_call *call_of(struct pal_session_change *c)
{
	return (struct pal_session_call *)((char *)c - offsetof(struct pal_session_call, change));
}

static void end(struct pal_session_call *call, enum pal_code code)
{
	call->code = code;
	if (code == PAL_OK && call->data.failed)
		call->code = pal_fail_memory(&call->err, "session");
	if (call->code != PAL_OK)
		pal_buf_deinit(&call->data);
	pal_session_change_deinit(&call->change);
	call->done(call);
}

/* How each operation is logged and, if it changes something, what the audit trail calls it. */
static const struct {
	const char *name, *event, *action;
} names[PAL_SESSION_OP_COUNT] = {
	[PAL_SESSION_CREATE] = {"create_session", "session.started", "create"},
	[PAL_SESSION_GET] = {"get_session", NULL, NULL},
	[PAL_SESSION_UPDATE] = {"update_session", "session.updated", "update"},
	[PAL_SESSION_GET_CONTEXT] = {"get_session_context", NULL, NULL},
	[PAL_SESSION_PUT_CONTEXT] = {"update_session_context", "session.updated", "update"},
	[PAL_SESSION_EXTEND] = {"extend_session", "session.extended", "extend"},
	[PAL_SESSION_TRANSFER] = {"transfer_session", "session.transferred", "transfer"},
	[PAL_SESSION_DELETE] = {"delete_session", "session.ended", "delete"},
};

static void log_call(const struct pal_session_call *call)
{
	bool reads = call->change.deed == PAL_SESSION_KEEP && call->op != PAL_SESSION_CREATE;

	PAL_LOG(reads ? PAL_LOG_DEBUG : PAL_LOG_INFO, PAL_STR("session"), names[call->op].name,
		PAL_F_STR("request_id", call->request_id),
		PAL_F_STR("tenant_id", call->caller->tenant_id),
		PAL_F_STR("session_id", call->change.id),
		PAL_F_STR("user_id", call->change.session.user_id));
}

static struct pal_audit_event audit_of(const struct pal_session_call *call)
{
	const struct pal_caller *caller = call->caller;

	return (struct pal_audit_event){
		.event_type = pal_str(names[call->op].event),
		.user_id = caller->user_id.p ? caller->user_id : caller->key_id,
		.action = pal_str(names[call->op].action),
		.request_id = call->request_id,
		.ip_address = call->ip_address,
	};
}

static void changed(struct pal_session_change *c)
{
	struct pal_session_call *call = call_of(c);

	if (c->code == PAL_OK) {
		log_call(call);
		if (c->deed == PAL_SESSION_REMOVE)
			pal_session_count_ended(false, 1);
	} else {
		call->err = c->err;
	}
	end(call, c->code);
}

static void change(struct pal_sessions *sessions, struct pal_session_call *call)
{
	call->change = (struct pal_session_change){.sessions = sessions,
						   .tenant = call->caller->tenant,
						   .id = call->id,
						   .audit = audit_of(call),
						   .decide = pal_session_decide,
						   .done = changed};
	pal_session_change_start(&call->change);
}

/* --- A new one -------------------------------------------------------------------------------- */

static void fill(struct pal_session_call *call)
{
	const struct pal_session_create *ask = &call->ask.create;
	struct pal_session_change *c = &call->change;
	int64_t life_ms = ask->lifetime_ms ? ask->lifetime_ms
					   : atomic_load(&c->sessions->default_ms);

	c->now_ms = pal_sessions_now_ms(c->sessions);
	c->session = (struct pal_session){.id = c->id,
					  .user_id = ask->user_id,
					  .conversation_id = ask->conversation_id,
					  .channel = ask->channel,
					  .created_ms = c->now_ms,
					  .last_activity_ms = c->now_ms,
					  .expires_ms = c->now_ms + life_ms,
					  .lifetime_ms = life_ms,
					  .context = ask->context,
					  .metadata = ask->metadata,
					  .client_info = ask->client_info,
					  .digest = pal_str(call->digest)};
	pal_buf_clear(&call->data);
	pal_session_put_view(&call->data, &c->session, call->caller->tenant_id, c->now_ms);
}

static void insert(struct pal_session_call *call);

/* The key was used before: for the same request? */
static enum pal_code recall(struct pal_session_change *c, enum pal_session_deed *ret,
			    struct pal_error *err)
{
	struct pal_session_call *call = call_of(c);

	if (!pal_str_equal(c->session.digest, pal_str(call->digest)))
		return pal_fail(err, PAL_E_CONFLICT, "Idempotency-Key",
				"this key was used for another request");
	pal_buf_clear(&call->data);
	pal_session_put_view(&call->data, &c->session, call->caller->tenant_id, c->now_ms);
	*ret = PAL_SESSION_KEEP;
	return PAL_OK;
}

static void recalled(struct pal_session_change *c)
{
	if (c->code == PAL_E_NOT_FOUND && c->attempts < PAL_SESSION_ATTEMPTS_MAX)
		insert(call_of(c));	/* it was over, and is gone */
	else
		changed(c);
}

static void inserted(struct pal_session_change *c)
{
	if (c->code == PAL_OK)
		pal_session_count_started();
	if (c->code != PAL_E_CONFLICT || !call_of(c)->idempotency_key.p) {
		changed(c);
		return;
	}
	c->decide = recall;
	c->done = recalled;
	pal_session_change_start(c);
}

static void insert(struct pal_session_call *call)
{
	fill(call);
	call->change.done = inserted;
	pal_session_change_insert(&call->change);
}

/* The conversation it is to be bound to must be the user's; any other is as if absent. */
static void find_conversation(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_session_change *c = (struct pal_session_change *)((char *)query -
					offsetof(struct pal_session_change, query));
	const struct pal_session_create *ask = &call_of(c)->ask.create;
	struct pal_conversation found;

	c->code = pal_store_load_conversation(store, reader, c->tenant, ask->conversation_id,
					      &c->arena, &found, &c->err);
	if (c->code == PAL_E_NOT_FOUND ||
	    (c->code == PAL_OK &&
	     (found.deleted || !pal_str_equal(found.user_id, ask->user_id))))
		c->code = pal_fail(&c->err, PAL_E_NOT_FOUND, "conversation",
				   "there is no such conversation");
}

static void conversation_found(struct pal_query *query)
{
	struct pal_session_change *c = (struct pal_session_change *)((char *)query -
					offsetof(struct pal_session_change, query));

	if (c->code == PAL_OK)
		insert(call_of(c));
	else
		changed(c);
}

/* A person has sessions of its own; a backend's key and staff make them for others. */
static enum pal_code check_owner(const struct pal_session_call *call, struct pal_error *err)
{
	if (pal_str_equal(call->caller->user_id, call->ask.create.user_id) ||
	    pal_caller_is_staff(call->caller))
		return PAL_OK;
	return pal_fail(err, PAL_E_UNAUTHORIZED, "user_id", "user_id must be the caller's own");
}

static void write_hex(const uint8_t *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

static void name_session(struct pal_session_call *call)
{
	const struct pal_caller *caller = call->caller;

	if (call->idempotency_key.p) {
		bool is_key = caller->key_id.p != NULL;
		pal_session_derive_id(is_key ? PAL_STR("key") : PAL_STR("user"),
				      is_key ? caller->key_id : caller->user_id,
				      call->idempotency_key, call->own_id);
		write_hex(call->ask.create.digest, PAL_DIGEST_SIZE, call->digest);
	} else {
		struct pal_uuid id = pal_uuid_v7(pal_sessions_now_ms(call->change.sessions));
		pal_uuid_format(&id, call->own_id);
	}
	call->change.id = pal_str(call->own_id);
}

static void create(struct pal_sessions *sessions, struct pal_session_call *call)
{
	struct pal_session_change *c = &call->change;

	*c = (struct pal_session_change){
		.sessions = sessions,
		.tenant = call->caller->tenant,
		.audit = audit_of(call),
		.done = changed};
	c->code = check_owner(call, &c->err);
	if (c->code != PAL_OK) {
		changed(c);
		return;
	}
	name_session(call);
	if (!call->ask.create.conversation_id.p) {
		insert(call);
		return;
	}
	c->query = (struct pal_query){.run = find_conversation, .done = conversation_found};
	if (pal_store_front_query(sessions->front, &c->query) == PAL_PUT_FULL) {
		c->code = pal_fail_retry(&c->err, PAL_E_SERVICE, PAL_SESSION_RETRY_AFTER_MS,
					 "store", "the store has more to read than it can take");
		changed(c);
	}
}

void pal_sessions_run(struct pal_sessions *sessions, struct pal_session_call *call)
{
	call->data = pal_buf_of(0);
	call->digest[0] = '\0';
	switch (call->op) {
	case PAL_SESSION_CREATE:
		create(sessions, call);
		break;
	case PAL_SESSION_LIST:
	case PAL_SESSION_LIST_USER:
		pal_session_list_start(sessions, call);
		break;
	case PAL_SESSION_CLEANUP:
		pal_session_cleanup_call(sessions, call);
		break;
	default:
		change(sessions, call);
		break;
	}
}
