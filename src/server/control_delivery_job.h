/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_delivery_job.h - a command of the control socket that concerns deliveries, from its
 * arguments to its reply: asked of the service that the API uses, as the operator. Whoever may open
 * the socket is the operator, so nothing is refused for want of a permission. Functions that return
 * bool have answered the reply and freed the job when they return false.
 */
#ifndef PALAVER_SERVER_CONTROL_DELIVERY_JOB_H
#define PALAVER_SERVER_CONTROL_DELIVERY_JOB_H

#include <stdbool.h>

#include "base/arena.h"
#include "ctl/server.h"
#include "server/parts.h"
#include "service/delivery/deliveries.h"

/* Lies in its own arena, as do its texts. */
struct pal_delivery_job {
	struct pal_deliveries_call call;	/* first */
	struct pal_caller caller;
	struct pal_server *server;
	struct pal_ctl_reply *reply;
	struct pal_arena arena;
	bool only;		/* the tenant was named: no other one is asked */
	bool retry;		/* one: what is found is to be tried again */
	struct pal_buf found;	/* one: the delivery, until all tenants were asked */
	struct pal_tenant_key found_tenant;	/* n 0: not found yet */
	struct pal_str found_tenant_id;
};

/* NULL: no memory, and the reply is answered. Runs on: ctl. */
struct pal_delivery_job *pal_delivery_job_begin(struct pal_server *server,
						struct pal_ctl_reply *reply,
						enum pal_deliveries_verb verb);
/* Free the job of a reply that was answered. Runs on: its one user. */
void pal_delivery_job_end(struct pal_delivery_job *job);

/* Answer with `err` and free the job. Runs on: its one user. */
void pal_delivery_job_fail(struct pal_delivery_job *job, const struct pal_error *err);
/* Answer that argument `name` is wrong and free the job. Always false. Runs on: ctl. */
bool pal_delivery_job_refuse(struct pal_delivery_job *job, const char *name, const char *why);

/* Keep a text beyond the handler's call; an empty one becomes absent. Runs on: ctl. */
bool pal_delivery_job_keep(struct pal_delivery_job *job, struct pal_str text, struct pal_str *ret);

/* Turn to tenant `id`. PAL_E_NOT_FOUND is answered when there is none. Runs on: ctl. */
bool pal_delivery_job_take_tenant(struct pal_delivery_job *job, struct pal_str id);
/* Turn to the tenant behind the job's, or to the first. False: there is none, and the job stays. */
bool pal_delivery_job_next_tenant(struct pal_delivery_job *job);

/* Ask the service; call.done is called. Runs on: its one user. */
void pal_delivery_job_run(struct pal_delivery_job *job);

/* Write `object`, a JSON object that is not empty, with the tenant as its first member. */
void pal_delivery_job_put(struct pal_buf *out, struct pal_str tenant_id, struct pal_str object);

#endif
