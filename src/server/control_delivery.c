/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deliveries on the control socket, by the service that the API uses. Lists go page by page, tenant
 * after tenant: an answer is one page of one tenant, and says where to go on. Whoever may open the
 * socket is the operator: nothing is refused here for want of a permission.
 */
#include "server/control_delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "server/parts.h"
#include "service/delivery/deliveries.h"
#include "service/view/view.h"

#define PAGE_MAX 100u	/* deliveries in an answer */

/* A command under way; its texts live in its arena. */
struct job {
	struct pal_deliveries_call call;	/* first */
	struct pal_caller caller;
	struct pal_server *server;
	struct pal_ctl_reply *reply;
	struct pal_arena arena;
	bool only;		/* the tenant was named: no other one is asked */
	bool retry;		/* one: what was found is to be tried again */
	struct pal_buf found;	/* one: the delivery; empty: not found yet */
	struct pal_tenant_key found_tenant;
	struct pal_str found_tenant_id;
};

static void free_job(struct job *job)
{
	struct pal_arena arena = job->arena;

	pal_buf_deinit(&job->call.data);
	pal_buf_deinit(&job->found);
	pal_arena_release(&arena);
}

static void fail(struct job *job, const struct pal_error *err)
{
	pal_ctl_reply_fail(job->reply, err, (struct pal_str){NULL, 0});
	free_job(job);
}

/* Answer that argument `name` is wrong. Always false. */
static bool refuse(struct job *job, const char *name, const char *why)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_VALIDATION, name, "%s", why);
	fail(job, &err);
	return false;
}

/* Write `object`, a JSON object that is not empty, with the tenant as its first member. */
static void put_with_tenant(struct pal_buf *out, struct pal_str tenant_id, struct pal_str object)
{
	pal_buf_add_char(out, '{');
	pal_view_text(out, "tenant", tenant_id);
	pal_buf_add(out, object.p + 1, object.n - 1);
}

static void run(struct job *job)
{
	job->call.now_ms = pal_clock_wall_ms(pal_clock_system());
	pal_deliveries_do(job->server->front, job->server->dispatch, &job->call);
}

/* --- Arguments -------------------------------------------------------------------------------- */

static struct job *begin(struct pal_server *server, struct pal_ctl_reply *reply,
			 enum pal_deliveries_verb verb)
{
	struct pal_arena arena = pal_arena_of(0);
	struct job *job = pal_arena_get(&arena, sizeof(*job));
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
	job->call.limit = PAGE_MAX;
	job->call.filter = (struct pal_deliveries_filter){.status = -1, .channel = -1};
	return job;
}

/* Keep a text beyond the handler's call; absent stays absent. False: the reply is answered. */
static bool keep(struct job *job, struct pal_str text, struct pal_str *ret)
{
	struct pal_error err;

	*ret = text.n ? pal_arena_copy(&job->arena, text) : (struct pal_str){NULL, 0};
	if (!text.n || ret->p)
		return true;
	(void)!pal_fail_memory(&err, "palaverd");
	fail(job, &err);
	return false;
}

/* Turn to tenant `id`. False: the reply is answered. */
static bool take_tenant(struct job *job, struct pal_str id)
{
	struct pal_error err;

	job->caller.tenant = pal_access_tenant(job->server->access, id);
	if (job->caller.tenant.n)
		return keep(job, id, &job->caller.tenant_id);
	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	fail(job, &err);
	return false;
}

static bool next_tenant(struct job *job)
{
	return pal_access_next_tenant(job->server->access, job->caller.tenant, &job->caller.tenant,
				      &job->caller.tenant_id);
}

static bool take_filter(struct job *job, const struct pal_ctl_args *args)
{
	struct pal_deliveries_filter *f = &job->call.filter;
	struct pal_str status = pal_ctl_arg(args, "status"), channel = pal_ctl_arg(args, "channel");
	enum pal_delivery_status by_status;
	enum pal_channel_type by_channel;

	if (status.p && !pal_delivery_status_parse(status, &by_status))
		return refuse(job, "status",
			      "status must be pending, retrying, sent, delivered, read or failed");
	if (channel.p && !pal_channel_parse(channel, &by_channel))
		return refuse(job, "channel", "channel must be the name of one, such as webhook");
	if (status.p)
		f->status = (int)by_status;
	if (channel.p)
		f->channel = (int)by_channel;
	return keep(job, pal_ctl_arg(args, "conversation_id"), &f->conversation_id);
}

static bool take_limit(struct job *job, struct pal_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n <= PAGE_MAX; i++)
		n = text.p[i] >= '0' && text.p[i] <= '9' ? n * 10 + (size_t)(text.p[i] - '0')
							 : PAGE_MAX + 1;
	if (text.p && (n == 0 || n > PAGE_MAX))
		return refuse(job, "limit", "limit must be a whole number, 1 to 100");
	job->call.limit = text.p ? n : PAGE_MAX;
	return true;
}

/* "TENANT PLACE", as an answer gave it: go on there. */
static bool take_cursor(struct job *job, struct pal_str cursor)
{
	const char *blank = cursor.n ? memchr(cursor.p, ' ', cursor.n) : NULL;
	size_t n = blank ? (size_t)(blank - cursor.p) : 0;
	struct pal_str tenant = {cursor.p, n};

	if (!n || (job->only && !pal_str_equal(tenant, job->caller.tenant_id)) ||
	    !pal_access_tenant(job->server->access, tenant).n)
		return refuse(job, "cursor", "cursor is none that an answer gave");
	return take_tenant(job, tenant) &&
	       keep(job, (struct pal_str){blank + 1, cursor.n - n - 1}, &job->call.after);
}

/* Whose deliveries, and from where on. False: the reply is answered. */
static bool take_place(struct job *job, const struct pal_ctl_args *args)
{
	struct pal_str tenant = pal_ctl_arg(args, "tenant"), cursor = pal_ctl_arg(args, "cursor");
	struct pal_error err;

	job->only = tenant.p != NULL;
	if (job->only && !take_tenant(job, tenant))
		return false;
	if (cursor.p)
		return take_cursor(job, cursor);
	if (job->only || next_tenant(job))
		return true;
	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no tenant yet");
	fail(job, &err);
	return false;
}

/* --- list, redrive ---------------------------------------------------------------------------- */

/* Where to go on: in this tenant, or with the next one. */
static void put_next(struct pal_buf *out, struct job *job)
{
	struct pal_buf text = pal_buf_of(0);
	bool more = job->call.next[0] != '\0' || (!job->only && next_tenant(job));

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
	struct job *job = (struct job *)call;
	struct pal_buf *out = pal_ctl_reply_body(job->reply);

	if (call->code != PAL_OK) {
		fail(job, &call->err);
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
	free_job(job);
}

void pal_control_delivery_list(void *arg, const struct pal_ctl_args *args,
			       struct pal_ctl_reply *reply)
{
	struct job *job = begin(arg, reply, PAL_DELIVERIES_LIST);

	if (!job || !take_filter(job, args) || !take_limit(job, pal_ctl_arg(args, "limit")) ||
	    !take_place(job, args))
		return;
	job->call.done = page_done;
	run(job);
}

static bool take_dry_run(struct job *job, struct pal_str text)
{
	job->call.dry_run = pal_str_equal(text, PAL_STR("true"));
	return !text.p || job->call.dry_run || pal_str_equal(text, PAL_STR("false")) ||
	       refuse(job, "dry_run", "dry_run must be true or false");
}

void pal_control_delivery_redrive(void *arg, const struct pal_ctl_args *args,
				  struct pal_ctl_reply *reply)
{
	struct job *job = begin(arg, reply, PAL_DELIVERIES_RETRY);

	if (!job || !take_filter(job, args) || !take_limit(job, pal_ctl_arg(args, "limit")) ||
	    !take_dry_run(job, pal_ctl_arg(args, "dry_run")) || !take_place(job, args))
		return;
	job->call.filter.status = PAL_DELIVERY_FAILED;
	job->call.done = page_done;
	run(job);
}

/* --- show, retry ------------------------------------------------------------------------------ */

static void one_done(struct pal_deliveries_call *call)
{
	struct job *job = (struct job *)call;

	if (call->code != PAL_OK) {
		fail(job, &call->err);
		return;
	}
	put_with_tenant(pal_ctl_reply_body(job->reply), job->caller.tenant_id,
			pal_buf_str(&call->data));
	pal_ctl_reply_send(job->reply);
	free_job(job);
}

static void retry_one(struct job *job)
{
	job->call.verb = PAL_DELIVERIES_RETRY;
	job->call.ids = &job->call.id;
	job->call.id_count = 1;
	job->call.done = one_done;
	run(job);
}

/* Every tenant was asked. */
static void end_search(struct job *job)
{
	struct pal_error err;

	if (!job->found_tenant.n) {
		pal_fail(&err, PAL_E_NOT_FOUND, "delivery", "no tenant has such a delivery");
		fail(job, &err);
		return;
	}
	job->caller.tenant = job->found_tenant;
	job->caller.tenant_id = job->found_tenant_id;
	if (job->retry) {
		retry_one(job);
		return;
	}
	put_with_tenant(pal_ctl_reply_body(job->reply), job->found_tenant_id,
			pal_buf_str(&job->found));
	pal_ctl_reply_send(job->reply);
	free_job(job);
}

/*
 * An id is a tenant's own; where two have it, the wrong one must not be tried again.
 * False: the reply is answered.
 */
static bool note_found(struct job *job)
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
	fail(job, &err);
	return false;
}

static void search_done(struct pal_deliveries_call *call)
{
	struct job *job = (struct job *)call;

	if (call->code != PAL_OK && call->code != PAL_E_NOT_FOUND) {
		fail(job, &call->err);
		return;
	}
	if (call->code == PAL_OK && !note_found(job))
		return;
	pal_buf_deinit(&call->data);
	if (next_tenant(job))
		run(job);
	else
		end_search(job);
}

static void do_one(struct pal_server *server, const struct pal_ctl_args *args,
		   struct pal_ctl_reply *reply, bool retry)
{
	struct job *job = begin(server, reply, PAL_DELIVERIES_GET);
	struct pal_str id = pal_ctl_arg(args, "id"), tenant = pal_ctl_arg(args, "tenant");

	if (!job)
		return;
	job->retry = retry;
	job->only = tenant.p != NULL;
	job->call.done = job->only ? one_done : search_done;
	if (!id.n) {
		refuse(job, "id", "id is required: of a delivery, or of the message it answers");
		return;
	}
	if (!keep(job, id, &job->call.id) || (job->only && !take_tenant(job, tenant)))
		return;
	if (!job->only && !next_tenant(job))
		end_search(job);
	else if (job->only && retry)
		retry_one(job);
	else
		run(job);
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
