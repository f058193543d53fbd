/* SPDX-License-Identifier: Apache-2.0 */
/* Reload: the new configuration is used whole or not at all, and who asked for it is told. */
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/log.h"
#include "base/metrics.h"
#include "server/notify.h"
#include "server/parts.h"
#include "service/delivery/dispatch.h"
#include "service/webhook/webhooks.h"

struct report {
	struct pal_buf *body;	/* the control socket's answer, or NULL */
	bool first;
};

static void put_member(struct pal_buf *out, const char *key, struct pal_str value)
{
	pal_buf_addf(out, "\"%s\":", key);
	pal_json_put_string(out, value);
}

static void tell_change(void *arg, const struct pal_conf_change *change)
{
	struct report *report = arg;
	bool restart = change->reload == PAL_RELOAD_RESTART;

	pal_log_info("reload", "%s: %.*s -> %.*s%s", change->key, (int)change->before.n,
		     change->before.p ? change->before.p : "", (int)change->after.n,
		     change->after.p ? change->after.p : "", restart ? " (at the next start)" : "");
	if (!report->body)
		return;
	pal_buf_add(report->body, ",", report->first ? 0 : 1);
	report->first = false;
	pal_buf_add_char(report->body, '{');
	put_member(report->body, "key", pal_str(change->key));
	pal_buf_add_char(report->body, ',');
	put_member(report->body, "old", change->before.p ? change->before : PAL_STR(""));
	pal_buf_add_char(report->body, ',');
	put_member(report->body, "new", change->after.p ? change->after : PAL_STR(""));
	pal_buf_add_char(report->body, ',');
	put_member(report->body, "effect", restart ? PAL_STR("restart") : PAL_STR("applied"));
	pal_buf_add_char(report->body, '}');
}

/* What can fail, and fails before anything is changed. */
static enum pal_code prepare(struct pal_server *server, const struct pal_conf *conf,
			     struct pal_jwt **ret_jwt, struct pal_error *err)
{
	enum pal_code code = pal_settings_jwt(conf, ret_jwt, err);

	if (code == PAL_OK && server->tls)
		code = pal_http_tls_reload(server->tls,
					   pal_conf_str(conf, PAL_OPT_TLS_CERTIFICATE_FILE),
					   pal_conf_str(conf, PAL_OPT_TLS_KEY_FILE), err);
	if (code != PAL_OK) {
		pal_jwt_destroy(*ret_jwt);
		*ret_jwt = NULL;
	}
	return code;
}

static void apply(struct pal_server *server, struct pal_conf *conf, struct pal_jwt *jwt)
{
	const struct pal_message_limits limits = pal_settings_message_limits(conf);
	const struct pal_log_options log = pal_settings_log(conf);
	const struct pal_http_options http = pal_http_settings(conf);
	const struct pal_session_limits sessions = pal_settings_session_limits(conf);
	const struct pal_limits_table requests = pal_settings_limits(conf);
	const struct pal_dispatch_limits deliveries = pal_settings_dispatch_limits(conf);
	const struct pal_request_rules rules = pal_settings_request_rules(conf);

	pal_settings_trust(conf, server->proxies);	/* before a lower cap might count them */
	pal_settings_allow(conf, server->cors);
	pal_http_server_tune(server->http, &http);
	pal_log_configure(log.level, log.format);
	pal_access_set_jwt(server->access, jwt);
	pal_access_require_tenant_header(server->access,
					 pal_conf_bool(conf, PAL_OPT_AUTH_REQUIRE_TENANT_HEADER));
	pal_limits_set(server->limits, &requests);
	pal_sessions_set_limits(server->sessions, &sessions);
	pal_message_set_limits(server->messages, &limits);
	pal_dispatch_set_limits(server->dispatch, &deliveries);
	pal_api_set_rules(&server->api, &rules);
	pal_webhooks_set_rules(server->webhooks, &rules);
	pal_message_set_live_limits(server->messages, pal_settings_live_limits(conf));
	atomic_store(&server->api.metrics_enabled, pal_conf_bool(conf, PAL_OPT_METRICS_ENABLED));
	pthread_mutex_lock(&server->lock);
	struct pal_conf *old = server->conf;
	server->conf = conf;
	pthread_mutex_unlock(&server->lock);
	pal_conf_unref(old);
}

/* Load and use; on failure `detail` says for a person what is wrong. */
static enum pal_code reload(struct pal_server *server, struct pal_buf *body, struct pal_buf *detail,
			    struct pal_error *err)
{
	struct pal_conf_report problems = {.errors_count = 0};
	struct report report = {.body = body, .first = true};
	struct pal_conf *conf = NULL;
	struct pal_jwt *jwt = NULL;
	enum pal_code code = pal_conf_load(server->options->sources, &conf, &problems);

	if (code == PAL_OK) {
		code = prepare(server, conf, &jwt, err);
	} else {
		pal_conf_report_write(&problems, detail);
		pal_fail(err, PAL_E_CONFIG, "configuration", "%zu errors: %s: %s",
			 problems.errors_count, problems.errors[0].where,
			 problems.errors[0].message);
	}
	pal_conf_report_deinit(&problems);
	if (code != PAL_OK) {
		pal_conf_unref(conf);
		return code;
	}
	if (body)
		pal_buf_add_lit(body, "{\"changed\":[");
	pal_conf_diff(server->conf, conf, tell_change, &report);
	if (body)
		pal_buf_add_lit(body, "]}");
	apply(server, conf, jwt);
	return PAL_OK;
}

static void notify_reloading(void)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	pal_notify(text);
}

void pal_server_count_reload(bool successful)
{
	pal_metric_set(pal_metric_register(&(struct pal_metric_desc){
			       .name = "palaver_config_last_reload_successful",
			       .help = "Whether the configuration was loaded the last time it was to be.",
			       .kind = PAL_METRIC_GAUGE}),
		       successful);
}

void pal_server_reload(struct pal_server *server)
{
	struct pal_buf detail = {0};
	struct pal_error err;

	pthread_mutex_lock(&server->lock);
	struct pal_ctl_reply *reply = server->reload_reply;
	server->reload_reply = NULL;
	pthread_mutex_unlock(&server->lock);
	notify_reloading();
	enum pal_code code =
		reload(server, reply ? pal_ctl_reply_body(reply) : NULL, &detail, &err);
	pal_server_count_reload(code == PAL_OK);
	if (code != PAL_OK)
		pal_log_error("reload", "the old configuration stays: %s", err.message);
	if (reply && code == PAL_OK)
		pal_ctl_reply_send(reply);
	else if (reply)
		pal_ctl_reply_fail(reply, &err, pal_buf_str(&detail));
	pal_buf_deinit(&detail);
	pal_notify("READY=1");
}
