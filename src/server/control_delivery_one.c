/* SPDX-License-Identifier: Apache-2.0 */
/* One delivery on the control socket: shown, or tried again. Without a tenant all are asked. */
#include "server/control_delivery.h"
#include "server/control_delivery_job.h"

static void one_done(struct pal_deliveries_call *call)
{
	struct pal_delivery_job *job = (struct pal_delivery_job *)call;

	if (call->code != PAL_OK) {
		pal_delivery_job_fail(job, &call->err);
		return;
	}
	pal_delivery_job_put(pal_ctl_reply_body(job->reply), job->caller.tenant_id,
			     pal_buf_str(&call->data));
	pal_ctl_reply_send(job->reply);
	pal_delivery_job_end(job);
}

static void retry_one(struct pal_delivery_job *job)
{
	job->call.verb = PAL_DELIVERIES_RETRY;
	job->call.ids = &job->call.id;
	job->call.id_count = 1;
	job->call.done = one_done;
	pal_delivery_job_run(job);
}

/* Every tenant was asked. */
static void end_search(struct pal_delivery_job *job)
{
	struct pal_error err;

	if (!job->found_tenant.n) {
		pal_fail(&err, PAL_E_NOT_FOUND, "delivery", "no tenant has such a delivery");
		pal_delivery_job_fail(job, &err);
		return;
	}
	job->caller.tenant = job->found_tenant;
	job->caller.tenant_id = job->found_tenant_id;
	if (job->retry) {
		retry_one(job);
		return;
	}
	pal_delivery_job_put(pal_ctl_reply_body(job->reply), job->found_tenant_id,
			     pal_buf_str(&job->found));
	pal_ctl_reply_send(job->reply);
	pal_delivery_job_end(job);
}

/*
 * An id is a tenant's own; where two have it, the wrong one must not be tried again.
 * False: the reply is answered.
 */
static bool note_found(struct pal_delivery_job *job)
{
	struct pal_error err;

	if (!job->found_tenant.n) {
		job->found_tenant = job->caller.tenant;
		job->found_tenant_id = job->caller.tenant_id;
		job->found = job->call.data;
		job->call.data = pal_buf_of(0);
		return true;
	}
	pal_fail(&err, PAL_E_CONFLICT, "tenant",
		 "more than one tenant has such a delivery; the tenant has to be named");
	pal_delivery_job_fail(job, &err);
	return false;
}

static void search_done(struct pal_deliveries_call *call)
{
	struct pal_delivery_job *job = (struct pal_delivery_job *)call;

	if (call->code != PAL_OK && call->code != PAL_E_NOT_FOUND) {
		pal_delivery_job_fail(job, &call->err);
		return;
	}
	if (call->code == PAL_OK && !note_found(job))
		return;
	pal_buf_deinit(&call->data);
	if (pal_delivery_job_next_tenant(job))
		pal_delivery_job_run(job);
	else
		end_search(job);
}

static void do_one(struct pal_server *server, const struct pal_ctl_args *args,
		   struct pal_ctl_reply *reply, bool retry)
{
	struct pal_delivery_job *job = pal_delivery_job_begin(server, reply, PAL_DELIVERIES_GET);
	struct pal_str id = pal_ctl_arg(args, "id"), tenant = pal_ctl_arg(args, "tenant");

	if (!job)
		return;
	job->retry = retry;
	job->only = tenant.p != NULL;
	job->call.done = job->only ? one_done : search_done;
	if (!id.n) {
		pal_delivery_job_refuse(
			job, "id", "id is required: of a delivery, or of the message it answers");
		return;
	}
	if (!pal_delivery_job_keep(job, id, &job->call.id) ||
	    (job->only && !pal_delivery_job_take_tenant(job, tenant)))
		return;
	if (!job->only && !pal_delivery_job_next_tenant(job))
		end_search(job);
	else if (job->only && retry)
		retry_one(job);
	else
		pal_delivery_job_run(job);
}

void pal_control_delivery_show(void *arg, const struct pal_ctl_args *args,
			       struct pal_ctl_reply *reply)
{
	do_one(arg, args, reply, false);
}

void pal_control_delivery_retry(void *arg, const struct pal_ctl_args *args,
				struct pal_ctl_reply *reply)
{
	do_one(arg, args, reply, true);
}
