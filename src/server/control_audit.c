/* SPDX-License-Identifier: Apache-2.0 */
/* The audit trail on the control socket: chains are proven step by step, tenant after tenant. */
#include "server/control_audit.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "server/parts.h"
#include "service/audit/audit.h"
#include "service/view/view.h"
#include "store/store.h"

#define DAY_MS 86400000ll
#define LIST_MAX 1000

static void fail(struct pal_ctl_reply *reply, const struct pal_error *err)
{
	pal_ctl_reply_fail(reply, err, (struct pal_str){NULL, 0});
}

static void fail_busy(struct pal_ctl_reply *reply)
{
	struct pal_error err;

	pal_fail_retry(&err, PAL_E_SERVICE, 1000, "palaverd", "the store is too busy to be asked");
	fail(reply, &err);
}

static void fail_tenant(struct pal_ctl_reply *reply)
{
	struct pal_error err;

	pal_fail(&err, PAL_E_NOT_FOUND, "tenant", "there is no such tenant");
	fail(reply, &err);
}

/* --- verify ----------------------------------------------------------------------------------- */

struct verify {
	struct pal_query query;		/* first */
	struct pal_server *server;
	struct pal_ctl_reply *reply;
	struct pal_tenant_key tenant;	/* whose chain is being proven */
	struct pal_str name;
	bool only;			/* no other tenant follows */
	struct pal_audit_proof proof;
	enum pal_code code;
	struct pal_error err;
	size_t chains, broken;
	struct pal_buf list;
};

static void verify_run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct verify *v = (struct verify *)query;

	v->code = pal_store_verify_audit(store, reader, v->tenant, &v->proof, &v->err);
}

static void put_proof(struct verify *v)
{
	struct pal_buf *out = &v->list;

	pal_buf_add_str(out, v->chains++ ? PAL_STR(",{") : PAL_STR("{"));
	pal_view_text(out, "tenant", v->name);
	pal_view_number(out, "records", v->proof.seq - v->proof.cut);
	pal_view_number(out, "pruned", v->proof.cut);
	pal_view_number(out, "seq", v->proof.seq);
	pal_view_key(out, "hash");
	pal_buf_add_char(out, '"');
	pal_hex_encode(out, v->proof.hash, sizeof(v->proof.hash));
	pal_buf_add_lit(out, "\",");
	pal_view_number(out, "broken", v->proof.broken);
	pal_view_text(out, "what", pal_str(v->proof.what));
	pal_view_close(out, '}');
	v->broken += v->proof.broken != 0;
}

static void verify_end(struct verify *v)
{
	if (v->code == PAL_OK) {
		struct pal_buf *body = pal_ctl_reply_body(v->reply);
		pal_buf_add_char(body, '{');
		pal_view_flag(body, "whole", v->broken == 0);
		pal_buf_add_lit(body, "\"chains\":[");
		pal_buf_add_str(body, pal_buf_str(&v->list));
		pal_buf_add_lit(body, "]}");
		pal_ctl_reply_send(v->reply);
	} else {
		fail(v->reply, &v->err);
	}
	pal_buf_deinit(&v->list);
	free(v);
}

static void verify_done(struct pal_query *query);

static void verify_ask(struct verify *v)
{
	v->query = (struct pal_query){.run = verify_run, .done = verify_done};
	if (pal_store_front_query(v->server->front, &v->query) != PAL_PUT_FULL)
		return;
	v->code = pal_fail_retry(&v->err, PAL_E_SERVICE, 1000, "palaverd",
				 "the store is too busy to be asked");
	verify_end(v);
}

static void verify_done(struct pal_query *query)
{
	struct verify *v = (struct verify *)query;

	if (v->code != PAL_OK) {
		verify_end(v);
		return;
	}
	if (v->proof.is_done) {
		put_proof(v);
		v->proof = (struct pal_audit_proof){.seq = 0};
		if (v->only || !pal_access_next_tenant(v->server->access, v->tenant, &v->tenant,
						       &v->name)) {
			verify_end(v);
			return;
		}
	}
	verify_ask(v);
}

void pal_control_audit_verify(void *arg, const struct pal_ctl_args *args,
			      struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_str wanted = pal_ctl_arg(args, "tenant");
	struct verify *v = calloc(1, sizeof(*v));

	if (!v) {
		fail_busy(reply);
		return;
	}
	v->server = server;
	v->reply = reply;
	v->only = wanted.p != NULL;
	bool found = true;
	do
		found = pal_access_next_tenant(server->access, v->tenant, &v->tenant, &v->name);
	while (found && v->only && !pal_str_equal(wanted, v->name));
	if (found) {
		verify_ask(v);
	} else if (v->only) {
		free(v);
		fail_tenant(reply);
	} else {
		verify_end(v);
	}
}

/* --- list ------------------------------------------------------------------------------------- */

struct list {
	struct pal_audit_call audit;	/* first */
	struct pal_ctl_reply *reply;
};

static void list_done(struct pal_audit_call *audit)
{
	struct list *l = (struct list *)audit;

	if (audit->code == PAL_OK) {
		pal_buf_add_str(pal_ctl_reply_body(l->reply), pal_buf_str(&audit->data));
		pal_ctl_reply_send(l->reply);
	} else {
		fail(l->reply, &audit->err);
	}
	pal_audit_deinit(audit);
	free(l);
}

void pal_control_audit_list(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_str tenant = pal_ctl_arg(args, "tenant"), limit = pal_ctl_arg(args, "limit");
	struct pal_tenant_key key = tenant.p ? pal_access_tenant(server->access, tenant)
					     : (struct pal_tenant_key){0};
	struct list *l = key.n ? calloc(1, sizeof(*l)) : NULL;
	int64_t wanted = 0;

	if (!l) {
		if (key.n)
			fail_busy(reply);
		else
			fail_tenant(reply);
		return;
	}
	for (size_t i = 0; i < limit.n && limit.p[i] >= '0' && limit.p[i] <= '9'; i++)
		wanted = wanted > LIST_MAX ? wanted : wanted * 10 + limit.p[i] - '0';
	l->reply = reply;
	l->audit = (struct pal_audit_call){
		.kind = PAL_AUDIT_LIST,
		.caller = {.tenant = key, .key_id = PAL_STR("palaverctl")},
		.filter = {.category = PAL_AUDIT_ANY, .result = PAL_AUDIT_ANY, .to_ms = INT64_MAX},
		.limit = wanted < 1 ? 20 : wanted > LIST_MAX ? LIST_MAX : wanted,
		.now_ms = pal_clock_wall_ms(pal_clock_system()),
		.done = list_done,
	};
	l->audit.filter.from_ms = l->audit.now_ms - PAL_AUDIT_DAYS_DEFAULT * DAY_MS;
	pal_audit_begin(server->front, &l->audit);
}
