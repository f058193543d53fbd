/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the control socket. src/ctl/README.md has their answers; a row here is a command.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/version.h"
#include "server/control_admin.h"
#include "server/control_audit.h"
#include "server/control_delivery.h"
#include "server/parts.h"
#include "service/conversation/counters.h"
#include "service/history/conversations.h"
#include "service/view/answer.h"
#include "store/store.h"

static void put_text(struct pal_buf *out, const char *key, const char *value)
{
	pal_buf_addf(out, "\"%s\":", key);
	if (value)
		pal_json_put_string(out, pal_str(value));
	else
		pal_buf_add_lit(out, "null");
	pal_buf_add_char(out, ',');
}

/* The counts wait for a read lane; the rest of the status is written when they are there. */
struct status {
	struct pal_query query;
	struct pal_server *server;
	struct pal_ctl_reply *reply;
	struct pal_store_counts counts;
	enum pal_code code;
	struct pal_error err;
};

static struct status *status_of(struct pal_query *query)
{
	return (struct status *)((char *)query - offsetof(struct status, query));
}

static void status_run(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct status *s = status_of(query);

	s->code = pal_store_count(store, reader, &s->counts, &s->err);
}

static void status_write(struct pal_buf *out, const struct status *s)
{
	struct pal_server *server = s->server;
	const char *file = server->options->sources->file;

	pal_buf_add_char(out, '{');
	put_text(out, "version", pal_version());
	pal_buf_addf(out, "\"pid\":%d,\"uptime_s\":%lld,", (int)getpid(),
		     (long long)(pal_clock_wall_ms(pal_clock_system()) - server->started_ms) /
			     1000);
	put_text(out, "url", server->url);
	put_text(out, "config", file);
	pal_buf_add_lit(out, "\"store\":{");
	put_text(out, "kind", server->store->ops->name);
	pal_buf_addf(out, "\"healthy\":%s,\"conversations\":%lld,\"messages\":%lld},",
		     pal_store_front_is_healthy(server->front) ? "true" : "false",
		     (long long)s->counts.conversations, (long long)s->counts.messages);
	pal_buf_addf(out, "\"live_conversations\":%zu,\"connections\":%u,",
		     pal_message_live(server->messages).live,
		     (unsigned)pal_http_server_connections(server->http));
	pal_buf_addf(out, "\"rates\":{\"messages_total\":%.0f,\"errors_total\":%.0f}}",
		     pal_counter_messages(), pal_counter_errors());
}

static void status_done(struct pal_query *query)
{
	struct status *s = status_of(query);

	if (s->code == PAL_OK) {
		status_write(pal_ctl_reply_body(s->reply), s);
		pal_ctl_reply_send(s->reply);
	} else {
		pal_ctl_reply_fail(s->reply, &s->err, (struct pal_str){NULL, 0});
	}
	free(s);
}

static void fail_busy(struct pal_ctl_reply *reply, const char *why)
{
	struct pal_error err;

	pal_fail_retry(&err, PAL_E_SERVICE, 1000, "palaverd", "%s", why);
	pal_ctl_reply_fail(reply, &err, (struct pal_str){NULL, 0});
}

static void do_status(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct status *s = calloc(1, sizeof(*s));

	(void)args;
	if (s) {
		*s = (struct status){.query = {.run = status_run, .done = status_done},
				     .server = server,
				     .reply = reply};
		if (pal_store_front_query(server->front, &s->query) != PAL_PUT_FULL)
			return;
		free(s);
	}
	fail_busy(reply, "the store is too busy to be asked");
}

/* Only main reloads: leave the reply where it finds it, and wake it. */
static void do_reload(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;

	(void)args;
	pthread_mutex_lock(&server->lock);
	bool busy = server->reload_reply != NULL;
	if (!busy)
		server->reload_reply = reply;
	pthread_mutex_unlock(&server->lock);
	if (busy)
		fail_busy(reply, "another reload is under way");
	else
		kill(getpid(), SIGHUP);
}

static void do_config_show(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_buf text = {0};
	struct pal_buf *body = pal_ctl_reply_body(reply);

	(void)args;
	pthread_mutex_lock(&server->lock);
	struct pal_conf *conf = pal_conf_ref(server->conf);
	pthread_mutex_unlock(&server->lock);
	pal_conf_dump(conf, &text);
	pal_conf_unref(conf);
	pal_buf_add_lit(body, "{\"text\":");
	pal_json_put_string(body, pal_buf_str(&text));
	pal_buf_add_char(body, '}');
	pal_buf_deinit(&text);
	pal_ctl_reply_send(reply);
}

/* A search for a message; without a tenant, tenant after tenant. */
struct where {
	struct pal_reading reading;	/* first */
	struct pal_server *server;
	struct pal_ctl_reply *reply;
	struct pal_arena arena;
	struct pal_tenant_key after;	/* the tenant asked last */
};

static void where_ask(struct where *w);

static void where_done(struct pal_reading *reading)
{
	struct where *w = (struct where *)reading;

	if (reading->code == PAL_E_NOT_FOUND && w->after.n) {
		pal_buf_deinit(&reading->data);
		where_ask(w);
		return;
	}
	if (reading->code == PAL_OK) {
		pal_buf_add_str(pal_ctl_reply_body(w->reply), pal_buf_str(&reading->data));
		pal_ctl_reply_send(w->reply);
	} else {
		pal_ctl_reply_fail(w->reply, &reading->err, (struct pal_str){NULL, 0});
	}
	pal_buf_deinit(&reading->data);
	struct pal_arena arena = w->arena;
	pal_arena_release(&arena);
}

/* Ask the next tenant; after the last one, the answer is that nobody has it. */
static void where_ask(struct where *w)
{
	struct pal_caller *caller = &w->reading.caller;

	if (!pal_access_next_tenant(w->server->access, w->after, &caller->tenant,
				    &caller->tenant_id)) {
		w->after.n = 0;
		w->reading.code = pal_fail(&w->reading.err, PAL_E_NOT_FOUND, "message",
					   "no tenant has such a message");
		where_done(&w->reading);
		return;
	}
	w->after = caller->tenant;
	pal_conversations_read(w->server->front, &w->reading);
}

static void do_message_where(void *arg, const struct pal_ctl_args *args,
			     struct pal_ctl_reply *reply)
{
	struct pal_server *server = arg;
	struct pal_str id = pal_ctl_arg(args, "message_id");
	struct pal_str tenant = pal_ctl_arg(args, "tenant");
	struct pal_arena arena = pal_arena_of(0);
	struct where *w = pal_arena_get(&arena, sizeof(*w));
	struct pal_error err;

	if (!w || !id.p) {
		pal_fail(&err, PAL_E_VALIDATION, "message_id", "message_id is required");
		pal_ctl_reply_fail(reply, &err, (struct pal_str){NULL, 0});
		pal_arena_release(&arena);
		return;
	}
	memset(w, 0, sizeof(*w));
	w->server = server;
	w->reply = reply;
	w->reading = (struct pal_reading){
		.kind = PAL_READ_WHERE,
		.id = pal_arena_copy(&arena, id),
		.caller = {.key_id = PAL_STR("palaverctl"), .permissions = PAL_STR("*")},
		.done = where_done};
	w->arena = arena;
	if (!tenant.p) {
		where_ask(w);
		return;
	}
	w->reading.caller.tenant = pal_access_tenant(server->access, tenant);
	w->reading.caller.tenant_id = pal_arena_copy(&w->arena, tenant);
	if (w->reading.caller.tenant.n) {
		pal_conversations_read(server->front, &w->reading);
		return;
	}
	w->reading.code = pal_fail(&w->reading.err, PAL_E_NOT_FOUND, "tenant",
				   "there is no such tenant");
	where_done(&w->reading);
}

static void do_tail(void *arg, const struct pal_ctl_args *args, struct pal_ctl_reply *reply)
{
	(void)arg;
	pal_ctl_reply_follow(reply, pal_ctl_arg(args, "tenant"));
}

static const struct pal_ctl_command commands[] = {
	{"status", "Show how the daemon is.", do_status},
	{"reload", "Load the configuration again.", do_reload},
	{"config.show", "Show the effective configuration.", do_config_show},
	{"message.where", "Show what became of a message.", do_message_where},
	{"tenant.add", "Make a tenant.", pal_control_tenant_add},
	{"tenant.list", "Show all tenants.", pal_control_tenant_list},
	{"tenant.show", "Show a tenant.", pal_control_tenant_show},
	{"tenant.set", "Change a tenant's plan, quotas, features.", pal_control_tenant_set},
	{"tenant.suspend", "Refuse a tenant's requests.", pal_control_tenant_suspend},
	{"tenant.activate", "Serve a tenant's requests.", pal_control_tenant_activate},
	{"key.create", "Make an API key.", pal_control_key_create},
	{"key.list", "Show a tenant's API keys.", pal_control_key_list},
	{"key.revoke", "Refuse an API key.", pal_control_key_revoke},
	{"key.rotate", "Replace an API key.", pal_control_key_rotate},
	{"limits.show", "Show what is counted of a caller.", pal_control_limits_show},
	{"limits.reset", "Forget what is counted of a caller.", pal_control_limits_reset},
	{"audit.verify", "Prove the audit trail.", pal_control_audit_verify},
	{"audit.list", "Show the newest audit records.", pal_control_audit_list},
	{"delivery.list", "Show deliveries, a page of one tenant.", pal_control_delivery_list},
	{"delivery.show", "Show a delivery.", pal_control_delivery_show},
	{"delivery.retry", "Try a failed delivery again.", pal_control_delivery_retry},
	{"delivery.redrive", "Try failed deliveries again, a page of one tenant.",
	 pal_control_delivery_redrive},
	{"tail", "Follow messages as they are stored.", do_tail},
};

enum pal_code pal_start_control(struct pal_server *server, struct pal_error *err)
{
	const struct pal_ctl_options options = {
		.path = pal_conf_str(server->conf, PAL_OPT_CONTROL_SOCKET),
		.commands = commands,
		.count = sizeof(commands) / sizeof(commands[0]),
		.arg = server,
	};
	struct pal_ctl *ctl = NULL;
	enum pal_code code = pal_ctl_create(&options, &ctl, err);

	atomic_store(&server->ctl, ctl);
	return code;
}

void pal_stop_control(struct pal_server *server)
{
	struct pal_ctl *ctl = atomic_load(&server->ctl);

	pthread_mutex_lock(&server->lock);
	struct pal_ctl_reply *reply = server->reload_reply;
	server->reload_reply = NULL;
	pthread_mutex_unlock(&server->lock);
	if (reply)
		fail_busy(reply, "the daemon is stopping");
	atomic_store(&server->ctl, NULL);
	pal_ctl_destroy(ctl);
}

/* Without personal data (domain.md section 4.2, privacy), when the analysis found any. */
static struct pal_str shown_text(const struct pal_message *m, struct pal_arena *arena)
{
	struct pal_json *json = pal_thread_json();
	struct pal_json_fault fault;

	if (m->direction != PAL_INBOUND || !m->analysis.n ||
	    !pal_json_scan(json, m->analysis, &fault))
		return m->content.text;
	uint32_t at = pal_json_member(json, 0, PAL_STR("privacy"));
	at = at == PAL_JSON_NONE ? at : pal_json_member(json, at, PAL_STR("masked_content"));
	return at == PAL_JSON_NONE ? m->content.text : pal_json_string(json, at, arena);
}

static void publish(struct pal_ctl *ctl, const char *type, struct pal_str tenant_id,
		    struct pal_str conversation_id, const struct pal_message *m)
{
	struct pal_arena arena = pal_arena_of(0);
	struct pal_buf event = {0};
	char at[PAL_TIME_TEXT_SIZE];

	pal_buf_add_char(&event, '{');
	put_text(&event, "type", type);
	put_text(&event, "at", pal_time_format(m->timestamp_ms, at));
	pal_buf_add_lit(&event, "\"tenant\":");
	pal_json_put_string(&event, tenant_id);
	pal_buf_add_lit(&event, ",\"conversation_id\":");
	pal_json_put_string(&event, conversation_id);
	pal_buf_add_lit(&event, ",\"message_id\":");
	pal_json_put_string(&event, m->message_id);
	pal_buf_add_lit(&event, ",\"sequence_number\":");
	pal_buf_add_i64(&event, m->sequence);
	pal_buf_addf(&event, ",\"message_type\":\"%s\",\"text\":",
		     pal_content_type_name(m->content.type));
	pal_json_put_string(&event, shown_text(m, &arena));
	pal_buf_add_char(&event, '}');
	if (!event.failed)
		pal_ctl_publish(ctl, tenant_id, pal_buf_str(&event));
	pal_arena_release(&arena);
	pal_buf_deinit(&event);
}

void pal_control_stored(void *arg, struct pal_str tenant_id, struct pal_str conversation_id,
			const struct pal_exchange *exchange)
{
	struct pal_server *server = arg;
	struct pal_ctl *ctl = atomic_load_explicit(&server->ctl, memory_order_acquire);

	if (!ctl || !pal_ctl_is_followed(ctl))
		return;
	publish(ctl, "message.received", tenant_id, conversation_id, &exchange->in);
	if (exchange->out.sequence)
		publish(ctl, "message.sent", tenant_id, conversation_id, &exchange->out);
}
