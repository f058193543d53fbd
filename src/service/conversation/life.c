/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/life.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/id.h"
#include "service/conversation/behind.h"
#include "service/conversation/command.h"
#include "service/conversation/conversation.h"
#include "service/conversation/inbound.h"
#include "service/view/answer.h"

#define RETRY_AFTER_MS 1000u

bool pal_conversation_set_state(struct pal_conversation_actor *c, struct pal_str state)
{
	char *copy = NULL;

	if (state.n) {
		copy = realloc(c->state, state.n);
		if (!copy)
			return false;
		memcpy(copy, state.p, state.n);
	} else {
		free(c->state);
	}
	c->state = copy;
	c->record.state = (struct pal_str){copy, state.n};
	return true;
}

static struct pal_str move_text(char **at, struct pal_str s)
{
	struct pal_str copy = {s.p ? *at : NULL, s.n};

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

bool pal_conversation_set_facts(struct pal_conversation_actor *c,
				const struct pal_conversation *record)
{
	size_t bytes = record->user_id.n + record->session_id.n + record->previous_id.n +
		       record->details.n;
	char *texts = malloc(bytes ? bytes : 1);

	if (!texts)
		return false;
	struct pal_conversation fresh = *record;
	char *at = texts;
	fresh.id = c->id;
	fresh.user_id = move_text(&at, record->user_id);
	fresh.session_id = move_text(&at, record->session_id);
	fresh.previous_id = move_text(&at, record->previous_id);
	fresh.details = move_text(&at, record->details);
	fresh.state = c->record.state;
	c->record = fresh;	/* `record` may have viewed what goes now */
	free(c->texts);
	c->texts = texts;
	return true;
}

bool pal_conversation_set_record(struct pal_conversation_actor *c,
				 const struct pal_conversation *record)
{
	struct pal_str state = record->state;

	if (!pal_conversation_set_facts(c, record) || !pal_conversation_set_state(c, state))
		return false;
	c->standing = pal_state_read(pal_thread_json(), c->record.state);
	return true;
}

void pal_conversation_fail(struct pal_note *note, const struct pal_error *err)
{
	if (note->kind == PAL_NOTE_COMMAND)
		pal_command_fail((struct pal_command *)note, err);
	else
		pal_inbound_fail((struct pal_inbound *)note, err);
}

void pal_conversation_turn_away(struct pal_message_service *service, struct pal_inbound *inbound)
{
	struct pal_error err;

	if (atomic_load_explicit(&service->strict_conversation_id, memory_order_relaxed)) {
		pal_fail(&err, PAL_E_NOT_FOUND, "conversation", "there is no such conversation");
		pal_inbound_fail(inbound, &err);
		return;
	}
	pal_conversation_start(service, inbound, (struct pal_str){NULL, 0});
}

static struct pal_conversation_actor *create(struct pal_message_service *service,
					     struct pal_tenant_key tenant,
					     const struct pal_conversation *record,
					     enum pal_conversation_phase phase)
{
	struct pal_conversation_actor *c = calloc(1, sizeof(*c) + record->id.n);

	if (!c)
		return NULL;
	c->service = service;
	c->tenant = tenant;
	c->id = (struct pal_str){memcpy(c->id_text, record->id.p, record->id.n), record->id.n};
	c->phase = (uint8_t)phase;
	if (!pal_conversation_set_record(c, record)) {
		free(c);
		return NULL;
	}
	pal_actor_init(&c->live.actor, &pal_conversation_actor_class, service->options.pool,
		       service->options.mailbox_capacity);
	return c;
}

static void destroy(void *arg, struct pal_live *live)
{
	struct pal_conversation_actor *c = (struct pal_conversation_actor *)live;
	struct pal_msg_queue *const queues[] = {&c->duplicates, &c->failed, &c->waiting};
	struct pal_error err;

	(void)arg;
	pal_fail_retry(&err, PAL_E_SERVICE, RETRY_AFTER_MS, "conversation",
		       "the daemon is stopping");
	pal_actor_deinit(&live->actor);
	for (size_t i = 0; i < 3; i++)
		for (struct pal_msg *msg; (msg = pal_msg_shift(queues[i])) != NULL; )
			pal_conversation_fail((struct pal_note *)msg, &err);
	free(c->texts);
	free(c->state);
	free(c);
}

static struct pal_key key_of(const struct pal_live *live)
{
	const struct pal_conversation_actor *c = (const struct pal_conversation_actor *)live;

	return (struct pal_key){.tenant = c->tenant.n, .id = c->id};
}

static size_t size_of(const struct pal_live *live)
{
	const struct pal_conversation_actor *c = (const struct pal_conversation_actor *)live;
	const struct pal_conversation *r = &c->record;

	return sizeof(*c) + r->id.n + r->user_id.n + r->session_id.n + r->previous_id.n +
	       r->state.n + r->details.n;
}

static bool passivate(void *arg, struct pal_live *live)
{
	struct pal_conversation_actor *c = (struct pal_conversation_actor *)live;
	struct pal_message_service *service = arg;

	if (c->in_flight || c->waiting_count || c->duplicates.tail || c->broken)
		return false;
	if (c->dirty && !pal_behind_add(service->behind, c->tenant, &c->record))
		return false;
	c->dirty = false;
	return true;
}

const struct pal_directory_class pal_conversation_class = {
	.key = key_of,
	.size_bytes = size_of,
	.passivate = passivate,
	.destroy = destroy,
};

struct pal_live *pal_conversation_make(void *service, const struct pal_key *key,
				       const struct pal_msg *msg)
{
	struct pal_conversation record = {.id = key->id};
	struct pal_conversation_actor *c =
		create(service, (struct pal_tenant_key){key->tenant}, &record,
		       PAL_CONVERSATION_UNKNOWN);

	(void)msg;
	return c ? &c->live : NULL;
}

void pal_conversation_start(struct pal_message_service *service, struct pal_inbound *inbound,
			    struct pal_str previous_id)
{
	struct pal_uuid id = pal_uuid_v7(inbound->received_ms);
	char text[PAL_UUID_TEXT_SIZE];
	struct pal_conversation record = {
		.id = pal_str(pal_uuid_format(&id, text)),
		.user_id = inbound->request.user_id,
		.session_id = inbound->request.session_id,
		.previous_id = previous_id,
		.channel = inbound->request.channel,
		.status = PAL_CONVERSATION_ACTIVE,
		.started_ms = inbound->received_ms,
		.last_activity_ms = inbound->received_ms,
	};
	struct pal_conversation_actor *c =
		create(service, inbound->caller->tenant, &record, PAL_CONVERSATION_READY);

	if (!c) {
		pal_inbound_fail_for_now(inbound, "out of memory");
		return;
	}
	inbound->starts_conversation = true;
	if (pal_directory_insert(service->directory, &c->live, &inbound->note.msg) !=
	    PAL_PUT_QUEUED) {
		destroy(service, &c->live);
		pal_inbound_fail_for_now(inbound,
					 "there are more conversations than this node can hold");
	}
}
