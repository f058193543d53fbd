/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/session_gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "service/conversation/inbound.h"
#include "service/conversation/message.h"
#include "service/session/derive.h"
#include "service/session/touch.h"

static void free_bond(struct pal_session_bond *bond)
{
	pal_session_change_deinit(&bond->change);
	free(bond->kept_id);
	free(bond);
}

/* --- After the message ------------------------------------------------------------------------ */

/* The message is stored whatever becomes of this. */
static void bound(struct pal_session_change *c)
{
	struct pal_session_bond *bond = (struct pal_session_bond *)c;
	struct pal_inbound *inbound = bond->inbound;

	if (c->code != PAL_OK)
		PAL_LOG(PAL_LOG_WARNING, PAL_STR("session"), "not bound to its conversation",
			PAL_F_STR("session_id", c->id),
			PAL_F_STR("conversation_id", bond->conversation_id),
			PAL_F_TEXT("reason", c->err.message));
	free_bond(bond);
	inbound->done(inbound);
}

static enum pal_code bind(struct pal_session_change *c, enum pal_session_deed *ret,
			  struct pal_error *err)
{
	const struct pal_session_bond *bond = (const struct pal_session_bond *)c;

	(void)err;
	if (!c->session.conversation_id.n || bond->follows)
		c->session.conversation_id = bond->conversation_id;
	c->session.last_activity_ms = c->now_ms;
	c->session.expires_ms = pal_session_extended(c->sessions, &c->session, c->now_ms,
						     c->session.lifetime_ms);
	*ret = PAL_SESSION_WRITE;
	return PAL_OK;
}

/*
 * It is bound to none, be it that the daemon ended before it was; or it followed one that was closed
 * into the one that continues it, which a message of old does not.
 */
static bool is_to_be_bound(const struct pal_session_bond *bond, bool is_duplicate)
{
	struct pal_str now = bond->change.session.conversation_id;

	return bond->conversation_id.n &&
	       (!now.n || (bond->follows && !is_duplicate &&
			   !pal_str_equal(now, bond->conversation_id)));
}

static bool start_binding(struct pal_session_bond *bond)
{
	struct pal_session_change *c = &bond->change;

	bond->kept_id = malloc(bond->conversation_id.n);
	if (!bond->kept_id)
		return false;
	memcpy(bond->kept_id, bond->conversation_id.p, bond->conversation_id.n);
	bond->conversation_id.p = bond->kept_id;
	c->decide = bind;
	c->done = bound;
	c->attempts = 0;
	pal_session_change_start(c);
	return true;
}

/* The inbound's `done` while it has a bond. */
static void message_is_done(struct pal_inbound *inbound)
{
	struct pal_session_bond *bond = inbound->bond;

	inbound->bond = NULL;
	inbound->done = bond->done;
	if (inbound->code == PAL_OK && is_to_be_bound(bond, inbound->is_duplicate) &&
	    start_binding(bond))
		return;
	if (inbound->code == PAL_OK)
		pal_session_touch(bond->change.sessions, bond->change.tenant, bond->change.id);
	free_bond(bond);
	inbound->done(inbound);
}

/* --- Before it -------------------------------------------------------------------------------- */

/* A session is one user's, whoever sends the message. */
static enum pal_code look(struct pal_session_change *c, enum pal_session_deed *ret,
			  struct pal_error *err)
{
	const struct pal_session_bond *bond = (const struct pal_session_bond *)c;

	*ret = PAL_SESSION_KEEP;
	if (!pal_str_equal(c->session.user_id, bond->inbound->request.user_id))
		return pal_session_not_found(err);
	return PAL_OK;
}

static void go_on(struct pal_session_bond *bond)
{
	struct pal_inbound *inbound = bond->inbound;
	struct pal_str conversation_id = bond->change.session.conversation_id;

	inbound->bond = bond;
	bond->done = inbound->done;
	inbound->done = message_is_done;
	if (!inbound->request.conversation_id.p && conversation_id.n) {
		inbound->request.conversation_id = conversation_id;
		bond->follows = true;
	}
	bond->go_on(bond->messages, inbound);
}

static void looked(struct pal_session_change *c)
{
	struct pal_session_bond *bond = (struct pal_session_bond *)c;
	struct pal_inbound *inbound = bond->inbound;
	struct pal_error err = c->err;

	if (c->code == PAL_OK) {
		go_on(bond);
		return;
	}
	free_bond(bond);
	pal_inbound_fail(inbound, &err);
}

static void start_look(struct pal_session_bond *bond)
{
	const struct pal_send_request *r = &bond->inbound->request;
	struct pal_session_change *c = &bond->change;
	static const uint8_t key[16] = "palaver gate";
	struct pal_str line = r->conversation_id.p ? r->conversation_id : c->id;

	c->order = pal_siphash13(key, line.p, line.n) | 1;
	c->decide = look;
	c->done = looked;
	pal_session_change_start(c);
}

/* A conflict means that this message came before. */
static void made(struct pal_session_change *c)
{
	if (c->code == PAL_OK)
		pal_session_count_started();
	if (c->code == PAL_OK || c->code == PAL_E_CONFLICT)
		start_look((struct pal_session_bond *)c);
	else
		looked(c);
}

/* The message begins a conversation without a session: make one, the same for the same message. */
static void make(struct pal_session_bond *bond)
{
	struct pal_send_request *r = &bond->inbound->request;
	struct pal_session_change *c = &bond->change;
	int64_t life_ms = atomic_load(&c->sessions->default_ms);

	c->id = pal_str(pal_session_derive_id(PAL_STR("message"), r->user_id, r->message_id,
					      bond->own_id));
	r->session_id = c->id;
	c->now_ms = pal_sessions_now_ms(c->sessions);
	c->session = (struct pal_session){.id = c->id,
					  .user_id = r->user_id,
					  .channel = r->channel,
					  .created_ms = c->now_ms,
					  .last_activity_ms = c->now_ms,
					  .expires_ms = c->now_ms + life_ms,
					  .lifetime_ms = life_ms};
	c->done = made;
	pal_session_change_insert(c);
}

void pal_session_gate(struct pal_sessions *sessions, struct pal_inbound *inbound,
		      struct pal_message_service *messages,
		      void (*then)(struct pal_message_service *messages,
				   struct pal_inbound *inbound))
{
	struct pal_session_bond *bond = calloc(1, sizeof(*bond));

	if (!bond) {
		pal_inbound_fail_for_now(inbound, "out of memory");
		return;
	}
	bond->inbound = inbound;
	bond->messages = messages;
	bond->go_on = then;
	bond->change = (struct pal_session_change){.sessions = sessions,
						   .tenant = inbound->caller->tenant,
						   .id = inbound->request.session_id};
	if (inbound->request.session_id.p)
		start_look(bond);
	else
		make(bond);
}
