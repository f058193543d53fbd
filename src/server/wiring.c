/* SPDX-License-Identifier: Apache-2.0 */
/* How the parts are made from the configuration and joined. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/contract.h"
#include "base/log.h"
#include "respond/rules/rules.h"
#include "server/parts.h"
#include "store/store.h"

#define LINGER_US 500u	/* of a loop that waits for a store: above a commit on a fast disk */
#define TURNS_PER_TICK 64u /* conversation turns a loop runs before it looks at its sockets again  \
			    */

enum pal_code pal_start_store(struct pal_server *server, struct pal_error *err)
{
	const struct pal_conf *conf = server->conf;
	bool full =
		pal_conf_int(conf, PAL_OPT_STORE_SQLITE_SYNCHRONOUS) == PAL_CONF_SYNCHRONOUS_FULL;
	const struct pal_store_config config = {
		.kind = pal_conf_int(conf, PAL_OPT_STORE_KIND) == PAL_CONF_STORE_MEMORY ? "memory"
											: "sqlite",
		.path = pal_conf_str(conf, PAL_OPT_STORE_SQLITE_PATH),
		.synchronous = full ? PAL_STORE_SYNC_FULL : PAL_STORE_SYNC_NORMAL,
		.readers = (unsigned)pal_conf_int(conf, PAL_OPT_STORE_SQLITE_READERS),
		.cache_bytes = (size_t)pal_conf_int(conf, PAL_OPT_STORE_SQLITE_CACHE_SIZE),
		.checkpoint_pages =
			(unsigned)pal_conf_int(conf, PAL_OPT_STORE_SQLITE_CHECKPOINT_PAGES),
	};

	if (!full)
		pal_log_warning("store", "store.sqlite.synchronous is normal: a power cut may lose "
					 "accepted messages");
	return pal_store_open(&config, &server->store, err);
}

void pal_stop_store(struct pal_server *server)
{
	pal_store_destroy(server->store);
	server->store = NULL;
}

static enum pal_code read_cursor_key(struct pal_server *server, struct pal_error *err)
{
	uint8_t secret[32];
	enum pal_code code =
		pal_store_installation_secret(server->store, PAL_STR("cursor"), secret, err);

	if (code == PAL_OK)
		memcpy(server->api.cursor_key, secret, sizeof(server->api.cursor_key));
	return code;
}

enum pal_code pal_start_access(struct pal_server *server, struct pal_error *err)
{
	struct pal_access_options options = {
		.store = server->store,
		.clock = pal_clock_system(),
		.require_tenant_header =
			pal_conf_bool(server->conf, PAL_OPT_AUTH_REQUIRE_TENANT_HEADER),
		.leeway_ms = pal_conf_int(server->conf, PAL_OPT_AUTH_JWT_LEEWAY),
	};
	enum pal_code code = pal_settings_jwt(server->conf, &options.jwt, err);

	if (code != PAL_OK)
		return code;
	code = pal_access_create(&options, &server->access, err);
	if (code != PAL_OK) {
		pal_jwt_destroy(options.jwt);
		return code;
	}
	code = read_cursor_key(server, err);
	return code == PAL_OK && server->options->dev ? pal_dev_prepare(server, err) : code;
}

void pal_stop_access(struct pal_server *server)
{
	pal_access_destroy(server->access);
	server->access = NULL;
}

enum pal_code pal_start_limits(struct pal_server *server, struct pal_error *err)
{
	const struct pal_limits_table table = pal_settings_limits(server->conf);

	server->limits = pal_limits_create(pal_clock_system(), &table);
	server->proxies = pal_proxies_create();
	server->cors = pal_cors_create();
	if (!server->limits || !server->proxies || !server->cors)
		return pal_fail_memory(err, "limits");
	pal_settings_trust(server->conf, server->proxies);
	pal_settings_allow(server->conf, server->cors);
	return PAL_OK;
}

void pal_stop_limits(struct pal_server *server)
{
	pal_limits_destroy(server->limits);
	pal_proxies_destroy(server->proxies);
	pal_cors_destroy(server->cors);
	server->limits = NULL;
	server->proxies = NULL;
	server->cors = NULL;
}

enum pal_code pal_start_front(struct pal_server *server, struct pal_error *err)
{
	const struct pal_store_front_options options = {
		.queue_max = (uint32_t)pal_conf_int(server->conf, PAL_OPT_STORE_QUEUE_MAX)};

	return pal_store_front_create(server->store, &options, &server->front, err);
}

void pal_stop_front(struct pal_server *server)
{
	pal_store_front_destroy(server->front);
	server->front = NULL;
}

enum pal_code pal_start_audit(struct pal_server *server, struct pal_error *err)
{
	const struct pal_audit_log_options options = {
		.front = server->front,
		.access = server->access,
		.clock = pal_clock_system(),
		.retention_days = pal_conf_int(server->conf, PAL_OPT_AUDIT_RETENTION_DAYS),
	};
	enum pal_code code = pal_audit_log_create(&options, &server->audit, err);

	server->api.audit = server->audit;
	return code;
}

void pal_stop_audit(struct pal_server *server)
{
	pal_audit_log_destroy(server->audit);
	server->audit = server->api.audit = NULL;
}

enum pal_code pal_start_lanes(struct pal_server *server, struct pal_error *err)
{
	return pal_store_front_start(server->front, err);
}

void pal_stop_lanes(struct pal_server *server)
{
	pal_store_front_stop(server->front);
}

/* --- Loops and workers: by default the loops run the conversations' turns themselves ---------- */

struct guest {
	struct pal_loop_job job;	/* posted to wake the loop; does nothing */
	struct pal_loop *loop;
	struct pal_worker *worker;
	_Atomic bool posted;
};

static struct guest guests[PAL_SERVER_LOOPS_MAX];

static void awake(struct pal_loop_job *job)
{
	struct guest *guest = (struct guest *)((char *)job - offsetof(struct guest, job));

	atomic_store(&guest->posted, false);
}

static void wake_guest(void *arg)
{
	struct guest *guest = arg;

	if (!atomic_exchange(&guest->posted, true))
		pal_loop_post(guest->loop, &guest->job);
}

static bool run_guest(void *arg)
{
	struct guest *guest = arg;

	if (!pal_worker_current())
		pal_worker_attach(guest->worker);
	return pal_worker_run(guest->worker, TURNS_PER_TICK);
}

static void seat_guest(struct pal_server *server, unsigned i)
{
	guests[i] = (struct guest){.job = {.run = awake},
				   .loop = server->loops[i],
				   .worker = pal_pool_worker(server->pool, i)};
	pal_worker_set_wake(guests[i].worker, wake_guest, &guests[i]);
	pal_loop_set_tick(server->loops[i], run_guest, &guests[i]);
}

static size_t loops_wanted(const struct pal_conf *conf)
{
	int64_t n = pal_conf_int(conf, PAL_OPT_HTTP_LOOPS);

	if (n == 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > PAL_SERVER_LOOPS_MAX ? PAL_SERVER_LOOPS_MAX : (size_t)n;
}

enum pal_code pal_start_loops(struct pal_server *server, struct pal_error *err)
{
	size_t wanted = loops_wanted(server->conf);
	unsigned threads = (unsigned)pal_conf_int(server->conf, PAL_OPT_WORKERS_THREADS);

	server->pool = pal_pool_create(threads ? threads : (unsigned)wanted);
	if (!server->pool)
		return pal_fail_memory(err, "workers");
	for (; server->loops_count < wanted; server->loops_count++) {
		unsigned i = (unsigned)server->loops_count;
		enum pal_code code = pal_loop_create(i, &server->loops[i], err);
		if (code != PAL_OK)
			return code;
		pal_loop_set_linger(server->loops[i], LINGER_US);
		if (!threads)
			seat_guest(server, i);
	}
	return PAL_OK;
}

void pal_stop_loops(struct pal_server *server)
{
	for (size_t i = 0; i < server->loops_count; i++)
		pal_loop_destroy(server->loops[i]);
	server->loops_count = 0;
	pal_pool_destroy(server->pool);
	server->pool = NULL;
}

enum pal_code pal_start_threads(struct pal_server *server, struct pal_error *err)
{
	bool guest = pal_conf_int(server->conf, PAL_OPT_WORKERS_THREADS) == 0;
	unsigned roles = guest ? PAL_ROLE_LOOP | PAL_ROLE_WORKER : PAL_ROLE_LOOP;

	if (!guest) {
		enum pal_code code = pal_pool_start(server->pool, err);
		if (code != PAL_OK)
			return code;
		server->pool_started = true;
	}
	for (; server->loops_started < server->loops_count; server->loops_started++) {
		enum pal_code code =
			pal_loop_start(server->loops[server->loops_started], roles, err);
		if (code != PAL_OK)
			return code;
	}
	pal_http_server_start(server->http);
	return PAL_OK;
}

void pal_stop_threads(struct pal_server *server)
{
	if (server->pool_started)
		pal_pool_stop(server->pool);
	server->pool_started = false;
	for (size_t i = 0; i < server->loops_started; i++)
		pal_loop_stop(server->loops[i]);
	for (size_t i = 0; i < server->loops_started; i++)
		pal_loop_join(server->loops[i]);
	server->loops_started = 0;
}

/* --- The services and the front door ---------------------------------------------------------- */

enum pal_code pal_start_sessions(struct pal_server *server, struct pal_error *err)
{
	const struct pal_sessions_options options = {
		.front = server->front,
		.clock = pal_clock_system(),
		.limits = pal_settings_session_limits(server->conf),
	};

	server->sessions = pal_sessions_create(&options);
	server->api.sessions = server->sessions;
	return server->sessions ? PAL_OK : pal_fail_memory(err, "sessions");
}

void pal_stop_sessions(struct pal_server *server)
{
	pal_sessions_destroy(server->sessions);
	server->sessions = NULL;
}

enum pal_code pal_start_messages(struct pal_server *server, struct pal_error *err)
{
	static struct pal_rules_responder rules;

	rules = pal_rules_responder_of(NULL);
	server->responder = &rules.base;
	const struct pal_message_options options = {
		.pool = server->pool,
		.front = server->front,
		.responder = server->responder,
		.clock = pal_clock_system(),
		.sessions = server->sessions,
		.mailbox_capacity =
			(uint32_t)pal_conf_int(server->conf, PAL_OPT_CONVERSATION_MAILBOX),
		.limits = pal_settings_message_limits(server->conf),
		.live = pal_settings_live_limits(server->conf),
		.stored = pal_control_stored,
		.stored_arg = server,
		.pushed = pal_server_pushed,
		.pushed_arg = server,
	};
	const struct pal_request_rules read_by = pal_settings_request_rules(server->conf);
	enum pal_code code = pal_message_service_create(&options, &server->messages, err);
	server->api.messages = server->messages;
	pal_api_set_rules(&server->api, &read_by);
	return code;
}

void pal_stop_messages(struct pal_server *server)
{
	pal_message_service_destroy(server->messages);
	server->messages = NULL;
}

/* Split "[::1]:8001" or "127.0.0.1:8001"; the configuration has checked its form. */
static void split_endpoint(const char *text, struct pal_http_listener *ret, char *address,
			   size_t size)
{
	const char *colon = strrchr(text, ':');
	size_t len = (size_t)(colon - text);

	if (text[0] == '[') {
		text++;
		len -= 2;
	}
	snprintf(address, size, "%.*s", (int)len, text);
	ret->address = address;
	ret->port = (uint16_t)strtoul(colon + 1, NULL, 10);
}

struct listener_text {
	char address[64];
};

static enum pal_code list_listeners(struct pal_server *server, size_t *ret_count,
				    struct pal_error *err)
{
	static struct listener_text texts[PAL_HTTP_LISTENERS_MAX];
	const struct pal_conf *conf = server->conf;
	size_t plain = pal_conf_list_count(conf, PAL_OPT_HTTP_LISTEN);
	size_t count = plain + pal_conf_list_count(conf, PAL_OPT_TLS_LISTEN);

	if (count == 0 || count > PAL_HTTP_LISTENERS_MAX)
		return pal_fail(err, PAL_E_CONFIG, "http.listen",
				"http.listen and tls.listen must have 1 to %u addresses together",
				PAL_HTTP_LISTENERS_MAX);
	server->listeners = calloc(count, sizeof(server->listeners[0]));
	if (!server->listeners)
		return pal_fail_memory(err, "http");
	for (size_t i = 0; i < count; i++) {
		bool tls = i >= plain;
		split_endpoint(tls ? pal_conf_list_item(conf, PAL_OPT_TLS_LISTEN, i - plain)
				   : pal_conf_list_item(conf, PAL_OPT_HTTP_LISTEN, i),
			       &server->listeners[i], texts[i].address, sizeof(texts[i].address));
		server->listeners[i].tls = tls ? server->tls : NULL;
	}
	*ret_count = count;
	return PAL_OK;
}

struct pal_http_options pal_http_settings(const struct pal_conf *conf)
{
	struct pal_http_options o = PAL_HTTP_OPTIONS_DEFAULT;

	o.limits.body_bytes = (uint64_t)pal_conf_int(conf, PAL_OPT_HTTP_BODY_MAX);
	o.connections_max = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_MAX_CONNECTIONS);
	o.connections_per_address_max =
		(uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_MAX_CONNECTIONS_PER_ADDRESS);
	o.handshake_ms = o.head_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_HEADER_TIMEOUT);
	o.request_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_REQUEST_TIMEOUT);
	o.keep_alive_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_KEEPALIVE_TIMEOUT);
	o.write_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_WRITE_TIMEOUT);
	o.body_rate_min = (uint32_t)pal_conf_int(conf, PAL_OPT_HTTP_MIN_BODY_RATE);
	return o;
}

static bool is_trusted_proxy(const struct pal_http_peer *peer, void *app)
{
	const struct pal_api *api = app;

	return pal_proxies_have(api->proxies, peer);
}

static struct pal_http_options http_options(struct pal_server *server, size_t listeners)
{
	struct pal_http_options o = pal_http_settings(server->conf);

	o.listeners = server->listeners;
	o.listener_count = listeners;
	o.router = server->router;
	o.handler = pal_api_handle;
	o.answered = pal_api_answered;
	o.is_exempt = is_trusted_proxy;
	o.problem_base = "/docs#error-";
	o.app = &server->api;
	return o;
}

static void name_url(struct pal_server *server)
{
	const struct pal_http_listener *l = &server->listeners[0];
	bool v6 = strchr(l->address, ':') != NULL;

	snprintf(server->url, sizeof(server->url), "%s://%s%s%s:%u", l->tls ? "https" : "http",
		 v6 ? "[" : "", l->address, v6 ? "]" : "",
		 (unsigned)pal_http_server_port(server->http, 0));
}

enum pal_code pal_start_http(struct pal_server *server, struct pal_error *err)
{
	static const char *const environments[] = {"development", "staging", "production",
						   "testing"};
	const struct pal_conf *conf = server->conf;
	size_t routes_count = 0, listeners = 0;
	const struct pal_http_route *routes = pal_api_routes(&routes_count);
	enum pal_code code = PAL_OK;

	server->api.access = server->access;
	server->api.limits = server->limits;
	server->api.proxies = server->proxies;
	server->api.cors = server->cors;
	server->api.front = server->front;
	server->api.clock = pal_clock_system();
	server->api.started_ms = server->started_ms;
	server->api.environment = environments[pal_conf_int(conf, PAL_OPT_ENVIRONMENT)];
	atomic_store(&server->api.metrics_enabled, pal_conf_bool(conf, PAL_OPT_METRICS_ENABLED));
	pal_api_register_metrics();
	if (pal_conf_list_count(conf, PAL_OPT_TLS_LISTEN))
		code = pal_http_tls_create(pal_conf_str(conf, PAL_OPT_TLS_CERTIFICATE_FILE),
					   pal_conf_str(conf, PAL_OPT_TLS_KEY_FILE), &server->tls,
					   err);
	if (code == PAL_OK)
		code = list_listeners(server, &listeners, err);
	if (code == PAL_OK)
		code = pal_http_router_create(routes, routes_count, &server->router, err);
	server->contract = pal_contract_create(routes, routes_count);
	server->api.contract = server->contract;
	if (code == PAL_OK && !server->contract)
		code = pal_fail_memory(err, "http");
	if (code != PAL_OK)
		return code;
	const struct pal_http_options options = http_options(server, listeners);
	code = pal_http_server_create(&options, server->loops, server->loops_count, &server->http,
				      err);
	if (code == PAL_OK)
		name_url(server);
	return code;
}

void pal_stop_http(struct pal_server *server)
{
	pal_http_server_destroy(server->http);
	pal_http_router_destroy(server->router);
	pal_http_tls_destroy(server->tls);
	pal_contract_destroy(server->contract);
	free(server->listeners);
	server->contract = NULL;
	server->http = NULL;
	server->router = NULL;
	server->tls = NULL;
	server->listeners = NULL;
}
