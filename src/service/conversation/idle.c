/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/idle.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "model/details.h"
#include "service/conversation/conversation.h"
#include "service/conversation/erasure.h"
#include "service/view/answer.h"
#include "store/store.h"

#define BATCH_MAX 128u			/* conversations of one pass */
#define PASS_MS_MIN 1000
#define PASS_MS_MAX 600000
#define FIRST_PASS_MS 2000		/* after the start, at most */

enum phase {
	RESTING,	/* the sweeper's */
	LOOKING,	/* the lane's: `query` is under way */
	FOUND,		/* the sweeper's: a batch is to be sent */
	SENT,		/* the operations' */
};

/* A tenant as the pass goes through them. */
struct tenant {
	struct pal_tenant_key key;
	struct pal_str id;
	struct tenant *next;
};

/* A conversation of the batch. */
struct found {
	struct pal_erasure erasure;	/* first, with the operation first in it */
	int64_t marked_key;		/* to be erased; 0: to be abandoned */
	struct pal_idle *idle;
	struct pal_caller caller;
	struct found *next;
};

struct pal_idle {
	struct pal_message_service *service;	/* fixed at create */
	_Atomic int64_t idle_ms;
	_Atomic int phase;			/* enum phase: whose the rest is */
	struct pal_query query;
	struct pal_arena arena;			/* of a pass */
	struct tenant *tenants, *tenant;	/* all of them; the one looked through */
	struct found *batch;
	size_t count;
	int64_t now_ms;				/* wall clock of the pass */
	int64_t next_pass_ms;			/* monotonic */
	bool stopped, failed;
	atomic_size_t left;			/* operations to be answered */
	atomic_size_t abandoned;		/* of this batch */
};

struct pal_idle *pal_idle_create(struct pal_message_service *service)
{
	struct pal_idle *idle = calloc(1, sizeof(*idle));

	if (idle)
		idle->service = service;
	return idle;
}

void pal_idle_destroy(struct pal_idle *idle)
{
	if (!idle)
		return;
	pal_arena_release(&idle->arena);
	free(idle);
}

void pal_idle_set(struct pal_idle *idle, int64_t idle_ms)
{
	atomic_store(&idle->idle_ms, idle_ms);
}

void pal_idle_stop(struct pal_idle *idle)
{
	idle->stopped = true;
}

/* --- Looking, on a read lane ------------------------------------------------------------------ */

static bool take_tenant(void *arg, const struct pal_tenant *tenant)
{
	struct pal_idle *idle = arg;
	struct tenant *t = pal_arena_get(&idle->arena, sizeof(*t));

	if (!t)
		return false;
	*t = (struct tenant){tenant->key, pal_arena_copy(&idle->arena, tenant->id), idle->tenants};
	if (t->id.p)
		idle->tenants = t;
	return t->id.p != NULL;
}

/* A daemon died while it was being erased. */
static bool is_marked(const struct pal_conversation *c)
{
	return c->deleted && pal_details_read(pal_thread_json(), c->details)
				     .value[PAL_DETAIL_ERASING]
				     .p;
}

static bool is_idle(const struct pal_idle *idle, const struct pal_conversation *c)
{
	int64_t idle_ms = atomic_load(&idle->idle_ms);

	return idle_ms && c->status == PAL_CONVERSATION_ACTIVE && !c->deleted &&
	       idle->now_ms - c->last_activity_ms >= idle_ms;
}

static bool take_conversation(void *arg, const struct pal_conversation *c)
{
	struct pal_idle *idle = arg;
	bool marked = is_marked(c);

	if (!marked && !is_idle(idle, c))
		return true;
	struct found *f = pal_arena_get(&idle->arena, sizeof(*f));
	if (!f)
		return false;
	memset(f, 0, sizeof(*f));
	f->idle = idle;
	f->caller = (struct pal_caller){.tenant = idle->tenant->key,
					.tenant_id = idle->tenant->id,
					.user_id = PAL_STR("system"),
					.permissions = PAL_STR("*")};
	struct pal_command *command = &f->erasure.op.command;
	command->conversation_id = pal_arena_copy(&idle->arena, c->id);
	command->caller = &f->caller;
	f->marked_key = marked ? c->key : 0;
	f->next = idle->batch;
	if (command->conversation_id.p) {
		idle->batch = f;
		idle->count++;
	}
	return command->conversation_id.p && idle->count < BATCH_MAX;
}

static struct pal_idle *idle_of(struct pal_query *query)
{
	return (struct pal_idle *)((char *)query - offsetof(struct pal_idle, query));
}

static void look(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_idle *idle = idle_of(query);
	const struct pal_str anybody = {NULL, 0};
	struct pal_error err;
	enum pal_code code = pal_store_walk_tenants(store, reader, take_tenant, idle, &err);

	for (idle->tenant = idle->tenants;
	     code == PAL_OK && idle->tenant && idle->count < BATCH_MAX;
	     idle->tenant = idle->tenant->next)
		code = pal_store_walk_conversations(store, reader, idle->tenant->key, anybody,
						    take_conversation, idle, &err);
	idle->failed = code != PAL_OK;
}

static void looked(struct pal_query *query)
{
	atomic_store(&idle_of(query)->phase, FOUND);
}

/* --- Passes, on main -------------------------------------------------------------------------- */

static int64_t mono_ms(const struct pal_idle *idle)
{
	return pal_clock_mono_ms(idle->service->options.clock);
}

static int64_t pass_ms(const struct pal_idle *idle)
{
	int64_t ms = atomic_load(&idle->idle_ms) / 10;

	if (ms == 0)
		return PASS_MS_MAX;	/* there may be something to erase all the same */
	return ms < PASS_MS_MIN ? PASS_MS_MIN : ms > PASS_MS_MAX ? PASS_MS_MAX : ms;
}

static void begin_pass(struct pal_idle *idle)
{
	idle->tenants = NULL;
	idle->batch = NULL;
	idle->count = 0;
	idle->now_ms = pal_clock_wall_ms(idle->service->options.clock);
	idle->query = (struct pal_query){.run = look, .done = looked};
	atomic_store(&idle->phase, LOOKING);
	if (pal_store_front_query(idle->service->options.front, &idle->query) != PAL_PUT_FULL)
		return;
	atomic_store(&idle->phase, RESTING);	/* try again at the next sweep */
}

static void end_pass(struct pal_idle *idle)
{
	size_t abandoned = atomic_load(&idle->abandoned);

	if (abandoned)
		PAL_LOG(PAL_LOG_INFO, PAL_STR("conversation"), "idle conversations abandoned",
			PAL_F_I64("count", (int64_t)abandoned));
	bool more = abandoned > 0 && idle->count == BATCH_MAX && !idle->failed;
	idle->next_pass_ms = mono_ms(idle) + (more ? 0 : pass_ms(idle));
	pal_arena_release(&idle->arena);
	atomic_store(&idle->phase, RESTING);
}

static void is_abandoned(struct pal_operation *op)
{
	struct pal_idle *idle = ((struct found *)op)->idle;

	pal_buf_deinit(&op->command.data);
	if (op->command.code == PAL_OK)
		atomic_fetch_add(&idle->abandoned, 1);
	atomic_fetch_sub(&idle->left, 1);
}

static void is_erased(struct pal_erasure *erasure)
{
	struct pal_idle *idle = ((struct found *)erasure)->idle;

	pal_buf_deinit(&erasure->op.command.data);
	atomic_fetch_sub(&idle->left, 1);
}

static void send(struct pal_idle *idle, struct found *f)
{
	struct pal_operation *op = &f->erasure.op;

	f->erasure.done = is_erased;
	op->now_ms = idle->now_ms;
	if (f->marked_key) {
		pal_erase_marked(idle->service, &f->erasure, f->marked_key);
		return;
	}
	op->verb = PAL_VERB_ABANDON;
	op->of.idle_ms = atomic_load(&idle->idle_ms);
	op->done = is_abandoned;
	pal_operate(idle->service, op);
}

/* The actors decide, for somebody may have said something meanwhile. */
static void send_batch(struct pal_idle *idle)
{
	struct found *next;

	atomic_store(&idle->abandoned, 0);
	atomic_store(&idle->left, idle->count);
	atomic_store(&idle->phase, SENT);
	for (struct found *f = idle->batch; f; f = next) {
		next = f->next;
		send(idle, f);
	}
}

void pal_idle_sweep(struct pal_idle *idle)
{
	int64_t now_ms = mono_ms(idle);

	if (idle->next_pass_ms == 0)
		idle->next_pass_ms =
			now_ms + (pass_ms(idle) < FIRST_PASS_MS ? pass_ms(idle) : FIRST_PASS_MS);
	switch (atomic_load(&idle->phase)) {
	case RESTING:
		if (!idle->stopped && now_ms >= idle->next_pass_ms)
			begin_pass(idle);
		break;
	case FOUND:
		if (!idle->stopped)
			send_batch(idle);
		break;
	case SENT:
		if (atomic_load(&idle->left) == 0)
			end_pass(idle);
		break;
	default:
		break;
	}
}
