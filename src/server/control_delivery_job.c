/* SPDX-License-Identifier: Apache-2.0 */
#include "server/control_delivery_job.h"

#include <string.h>

#include "service/view/view.h"

void pal_delivery_job_end(struct pal_delivery_job *job)
{
	struct pal_arena arena = job->arena;

	pal_buf_deinit(&job->call.data);
	pal_buf_deinit(&job->found);
	pal_arena_release(&arena);
}

void pal_delivery_job_fail(struct pal_delivery_job *job, const struct pal_error *err)
{
	pal_ctl_reply_fail(job->reply, err, (struct pal_str){NULL, 0});
	pal_delivery_job_end(job);
}

bool pal_delivery_job_refuse(struct pal_delivery_job *job, const char *name, const char *why)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_VALIDATION, name, "%s", why);
	pal_delivery_job_fail(job, &err);
	return false;
}

void pal_delivery_job_put(struct pal_buf *out, struct pal_str tenant_id, struct pal_str object)
{
	pal_buf_add_char(out, '{');
	pal_view_text(out, "tenant", tenant_id);
	pal_buf_add(out, object.p + 1, object.n - 1);
}

void pal_delivery_job_run(struct pal_delivery_job *job)
{
	job->call.now_ms = pal_clock_wall_ms(pal_clock_system());
	pal_deliveries_do(job->server->front, job->server->dispatch, &job->call);
}

struct pal_delivery_job *pal_delivery_job_begin(struct pal_server *server,
						struct pal_ctl_reply *reply,
						enum pal_deliveries_verb verb)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_delivery_job *job = pal_arena_get(&arena, sizeof(*job));
	struct pal_error err;

	if (!job) {
		(void)!pal_fail_memory(&err, "palaverd");
		pal_ctl_reply_fail(reply, &err, (struct pal_str){NULL, 0});
		return NULL;
	}
	memset(job, 0, sizeof(*job));
	job->server = server;
	job->reply = reply;
	job->arena = arena;
	job->caller = (struct pal_caller){.key_id = PAL_STR("palaverctl"),
					  .permissions = PAL_STR("*")};
	job->call.verb = verb;
	job->call.caller = &job->caller;
	job->call.limit = PAL_DELIVERIES_RETRY_MAX;
	job->call.filter = (struct pal_deliveries_filter){.status = -1, .channel = -1};
	return job;
}

bool pal_delivery_job_keep(struct pal_delivery_job *job, struct pal_str text, struct pal_str *ret)
{
	struct pal_error err;

	*ret = text.n ? pal_arena_copy(&job->arena, text) : (struct pal_str){NULL, 0};
	if (!text.n || ret->p)
		return true;
	(void)!pal_fail_memory(&err, "palaverd");
	pal_delivery_job_fail(job, &err);
	return false;
}

bool pal_delivery_job_take_tenant(struct pal_delivery_job *job, struct pal_str id)
{
	struct pal_error err;

	job->caller.tenant = pal_access_tenant(job->server->access, id);
	if (job->caller.tenant.n)
		return pal_delivery_job_keep(job, id, &job->caller.tenant_id);
	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	pal_delivery_job_fail(job, &err);
	return false;
}

bool pal_delivery_job_next_tenant(struct pal_delivery_job *job)
{
	return pal_access_next_tenant(job->server->access, job->caller.tenant, &job->caller.tenant,
				      &job->caller.tenant_id);
}
