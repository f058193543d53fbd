/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of deliveries, and redriving, on the control socket: page by page, tenant after tenant. An
 * answer is one page of one tenant, and says where to go on.
 */
#include "server/control_delivery.h"

#include <string.h>

#include "server/control_delivery_job.h"
#include "service/view/view.h"

#define PAGE_MAX PAL_DELIVERIES_RETRY_MAX

/* --- Arguments -------------------------------------------------------------------------------- */

static bool take_filter(struct pal_delivery_job *job, const struct pal_ctl_args *args)
{
	struct pal_deliveries_filter *f = &job->call.filter;
	struct pal_str status = pal_ctl_arg(args, "status"), channel = pal_ctl_arg(args, "channel");
	enum pal_delivery_status by_status;
	enum pal_channel_type by_channel;

	if (status.p && !pal_delivery_status_parse(status, &by_status))
		return pal_delivery_job_refuse(
			job, "status",
			"status must be pending, retrying, sent, delivered, read or failed");
	if (channel.p && !pal_channel_parse(channel, &by_channel))
		return pal_delivery_job_refuse(
			job, "channel", "channel must be the name of one, such as webhook");
	if (status.p)
		f->status = (int)by_status;
	if (channel.p)
		f->channel = (int)by_channel;
	return pal_delivery_job_keep(job, pal_ctl_arg(args, "conversation_id"),
				     &f->conversation_id);
}

static bool take_limit(struct pal_delivery_job *job, struct pal_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n <= PAGE_MAX; i++)
		n = text.p[i] >= '0' && text.p[i] <= '9' ? n * 10 + (size_t)(text.p[i] - '0')
							 : PAGE_MAX + 1;
	if (text.p && (n == 0 || n > PAGE_MAX))
		return pal_delivery_job_refuse(job, "limit",
					       "limit must be a whole number, 1 to 100");
	job->call.limit = text.p ? n : PAGE_MAX;
	return true;
}

/* "TENANT PLACE", as an answer gave it: go on there. */
static bool take_cursor(struct pal_delivery_job *job, struct pal_str cursor)
{
	const char *blank = cursor.n ? memchr(cursor.p, ' ', cursor.n) : NULL;
	size_t n = blank ? (size_t)(blank - cursor.p) : 0;
	struct pal_str tenant = {cursor.p, n};

	if (!n || (job->only && !pal_str_equal(tenant, job->caller.tenant_id)) ||
	    !pal_access_tenant(job->server->access, tenant).n)
		return pal_delivery_job_refuse(job, "cursor", "cursor is none that an answer gave");
	return pal_delivery_job_take_tenant(job, tenant) &&
	       pal_delivery_job_keep(job, (struct pal_str){blank + 1, cursor.n - n - 1},
				     &job->call.after);
}

/* Whose deliveries, and from where on. False: the reply is answered. */
static bool take_place(struct pal_delivery_job *job, const struct pal_ctl_args *args)
{
	struct pal_str tenant = pal_ctl_arg(args, "tenant"), cursor = pal_ctl_arg(args, "cursor");
	struct pal_error err;

	job->only = tenant.p != NULL;
	if (job->only && !pal_delivery_job_take_tenant(job, tenant))
		return false;
	if (cursor.p)
		return take_cursor(job, cursor);
	if (job->only || pal_delivery_job_next_tenant(job))
		return true;
	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no tenant yet");
	pal_delivery_job_fail(job, &err);
	return false;
}

/* --- list, redrive ---------------------------------------------------------------------------- */

/* Where to go on: in this tenant, or with the next one. */
static void put_next(struct pal_buf *out, struct pal_delivery_job *job)
{
	struct pal_buf text = pal_buf_of(0);
	bool more = job->call.next[0] != '\0' || (!job->only && pal_delivery_job_next_tenant(job));

	if (more) {
		pal_buf_add_str(&text, job->caller.tenant_id);
		pal_buf_addf(&text, " %s", job->call.next);
	}
	pal_view_text(out, "next", pal_buf_str(&text));
	out->failed |= text.failed;
	pal_buf_deinit(&text);
}

static void page_done(struct pal_deliveries_call *call)
{
	struct pal_delivery_job *job = (struct pal_delivery_job *)call;
	struct pal_buf *out = pal_ctl_reply_body(job->reply);

	if (call->code != PAL_OK) {
		pal_delivery_job_fail(job, &call->err);
		return;
	}
	pal_buf_add_char(out, '{');
	pal_view_text(out, "tenant", job->caller.tenant_id);
	if (call->verb == PAL_DELIVERIES_LIST) {
		pal_view_raw(out, "deliveries", pal_buf_str(&call->data));
	} else {	/* the members of an object that goes on */
		pal_buf_add(out, call->data.data + 1, call->data.len - 2);
		pal_buf_add_char(out, ',');
	}
	put_next(out, job);
	pal_view_close(out, '}');
	pal_ctl_reply_send(job->reply);
	pal_delivery_job_end(job);
}

void pal_control_delivery_list(void *arg, const struct pal_ctl_args *args,
			       struct pal_ctl_reply *reply)
{
	struct pal_delivery_job *job = pal_delivery_job_begin(arg, reply, PAL_DELIVERIES_LIST);

	if (!job || !take_filter(job, args) || !take_limit(job, pal_ctl_arg(args, "limit")) ||
	    !take_place(job, args))
		return;
	job->call.done = page_done;
	pal_delivery_job_run(job);
}

static bool take_dry_run(struct pal_delivery_job *job, struct pal_str text)
{
	job->call.dry_run = pal_str_equal(text, PAL_STR("true"));
	return !text.p || job->call.dry_run || pal_str_equal(text, PAL_STR("false")) ||
	       pal_delivery_job_refuse(job, "dry_run", "dry_run must be true or false");
}

void pal_control_delivery_redrive(void *arg, const struct pal_ctl_args *args,
				  struct pal_ctl_reply *reply)
{
	struct pal_delivery_job *job = pal_delivery_job_begin(arg, reply, PAL_DELIVERIES_RETRY);

	if (!job || !take_filter(job, args) || !take_limit(job, pal_ctl_arg(args, "limit")) ||
	    !take_dry_run(job, pal_ctl_arg(args, "dry_run")) || !take_place(job, args))
		return;
	job->call.filter.status = PAL_DELIVERY_FAILED;
	job->call.done = page_done;
	pal_delivery_job_run(job);
}
