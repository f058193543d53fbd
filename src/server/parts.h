/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parts.h - what the daemon consists of, as the files of this folder see it. Everything is made and
 * ended on main; `lock` guards what the control thread shares with it.
 */
#ifndef PALAVER_SERVER_PARTS_H
#define PALAVER_SERVER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "actor/pool.h"
#include "api/api.h"
#include "api/client.h"
#include "api/cors.h"
#include "base/error.h"
#include "ctl/server.h"
#include "http/server.h"
#include "loop/loop.h"
#include "server/server.h"
#include "service/access/access.h"
#include "service/audit/log.h"
#include "service/conversation/message.h"
#include "service/limits/limits.h"
#include "service/session/sessions.h"
#include "store/front.h"

#define PAL_SERVER_LOOPS_MAX 4u
#define PAL_URL_SIZE 96

struct pal_server {
	const struct pal_server_options *options;
	struct pal_conf *conf;			/* replaced by main, under `lock` */
	struct pal_store *store;
	struct pal_store_front *front;
	struct pal_access *access;
	struct pal_audit_log *audit;
	struct pal_limits *limits;
	struct pal_proxies *proxies;
	struct pal_cors *cors;
	struct pal_loop *loops[PAL_SERVER_LOOPS_MAX];
	size_t loops_count, loops_started;
	struct pal_pool *pool;
	bool pool_started;			/* the workers have threads of their own */
	const struct pal_responder *responder;
	struct pal_sessions *sessions;
	struct pal_message_service *messages;
	struct pal_courier *courier;
	bool courier_started;
	struct pal_channels *channels;
	struct pal_webhooks *webhooks;
	struct pal_dispatch *dispatch;
	struct pal_http_router *router;
	struct pal_http_tls *tls;
	struct pal_contract *contract;		/* what /openapi.json and /docs serve */
	struct pal_http_server *http;
	struct pal_api api;
	struct pal_ctl *_Atomic ctl;
	struct pal_http_listener *listeners;
	int pid_fd;
	int state_fd;				/* the state folder's lock file */
	int64_t started_ms;
	char url[PAL_URL_SIZE];
	_Atomic bool http_drained;
	pthread_mutex_t lock;			/* guards the reply and changes of `conf` */
	struct pal_ctl_reply *reload_reply;	/* who waits for the reload to come */
};

/*
 * --- The parts. Each start is called once in order; each stop, in reverse, also after a failed
 * start of its own or of none. Runs on: main.
 */

enum pal_code pal_start_state(struct pal_server *server, struct pal_error *err);
void pal_stop_state(struct pal_server *server);
enum pal_code pal_start_store(struct pal_server *server, struct pal_error *err);
void pal_stop_store(struct pal_server *server);
enum pal_code pal_start_access(struct pal_server *server, struct pal_error *err);
void pal_stop_access(struct pal_server *server);
enum pal_code pal_start_limits(struct pal_server *server, struct pal_error *err);
void pal_stop_limits(struct pal_server *server);
enum pal_code pal_start_front(struct pal_server *server, struct pal_error *err);
void pal_stop_front(struct pal_server *server);
enum pal_code pal_start_lanes(struct pal_server *server, struct pal_error *err);
void pal_stop_lanes(struct pal_server *server);
enum pal_code pal_start_loops(struct pal_server *server, struct pal_error *err);
void pal_stop_loops(struct pal_server *server);
enum pal_code pal_start_courier(struct pal_server *server, struct pal_error *err);
void pal_stop_courier(struct pal_server *server);
enum pal_code pal_start_channels(struct pal_server *server, struct pal_error *err);
void pal_stop_channels(struct pal_server *server);
enum pal_code pal_start_webhooks(struct pal_server *server, struct pal_error *err);
void pal_stop_webhooks(struct pal_server *server);
enum pal_code pal_start_audit(struct pal_server *server, struct pal_error *err);
void pal_stop_audit(struct pal_server *server);
enum pal_code pal_start_deliveries(struct pal_server *server, struct pal_error *err);
void pal_stop_deliveries(struct pal_server *server);
enum pal_code pal_start_sending(struct pal_server *server, struct pal_error *err);
void pal_stop_sending(struct pal_server *server);
enum pal_code pal_start_sessions(struct pal_server *server, struct pal_error *err);
void pal_stop_sessions(struct pal_server *server);
enum pal_code pal_start_messages(struct pal_server *server, struct pal_error *err);
void pal_stop_messages(struct pal_server *server);
enum pal_code pal_start_http(struct pal_server *server, struct pal_error *err);
void pal_stop_http(struct pal_server *server);
enum pal_code pal_start_control(struct pal_server *server, struct pal_error *err);
void pal_stop_control(struct pal_server *server);
enum pal_code pal_start_threads(struct pal_server *server, struct pal_error *err);
void pal_stop_threads(struct pal_server *server);
enum pal_code pal_start_pid_file(struct pal_server *server, struct pal_error *err);
void pal_stop_pid_file(struct pal_server *server);

/* --- Development (dev.c) --------------------------------------------------------------------- */

/* Tenant `demo` with the key of <state_dir>/dev.key, both made if need be. Runs on: main. */
enum pal_code pal_dev_prepare(struct pal_server *server, struct pal_error *err);

/* --- HTTP (wiring.c) -------------------------------------------------------------------------- */

/* What `conf` says of the front's limits and deadlines, to tune it by. Runs on: main. */
struct pal_http_options pal_http_settings(const struct pal_conf *conf);

/* --- Replies that leave (outgoing.c) ---------------------------------------------------------- */

/* Feed the delivery service (struct pal_message_options.pushed). Runs on: worker. */
void pal_server_pushed(void *server, struct pal_tenant_key tenant,
		       const struct pal_conversation *conversation,
		       const struct pal_exchange *exchange);

struct pal_dispatch_limits;
struct pal_dispatch_limits pal_settings_dispatch_limits(const struct pal_conf *conf);

/* --- Settings taken from the configuration (settings.c) --------------------------------------- */

struct pal_message_limits pal_settings_message_limits(const struct pal_conf *conf);
struct pal_request_rules pal_settings_request_rules(const struct pal_conf *conf);
struct pal_directory_limits pal_settings_live_limits(const struct pal_conf *conf);
struct pal_session_limits pal_settings_session_limits(const struct pal_conf *conf);
struct pal_limits_table pal_settings_limits(const struct pal_conf *conf);
/* Trust the proxies that `conf` lists, and no others. */
void pal_settings_trust(const struct pal_conf *conf, struct pal_proxies *proxies);
/* Allow the origins that `conf` lists, and no others; want of memory leaves them as they are. */
void pal_settings_allow(const struct pal_conf *conf, struct pal_cors *cors);
struct pal_log_options;
struct pal_log_options pal_settings_log(const struct pal_conf *conf);
/* *ret is NULL when bearer tokens are off. */
enum pal_code pal_settings_jwt(const struct pal_conf *conf, struct pal_jwt **ret,
			       struct pal_error *err);

/* --- Reload (reload.c) ------------------------------------------------------------------------ */

/*
 * Load the configuration again, and use it if all of it is right; log what changed and answer who
 * asked through the control socket. Runs on: main.
 */
void pal_server_reload(struct pal_server *server);

/* Say in the metrics whether the configuration was loaded the last time. Runs on: main. */
void pal_server_count_reload(bool successful);

/* --- The live feed (control.c) ---------------------------------------------------------------- */

/*
 * Show a stored exchange to those who follow (struct pal_message_options.stored). Runs on: worker.
 */
void pal_control_stored(void *server, struct pal_str tenant_id, struct pal_str conversation_id,
			const struct pal_exchange *exchange);

#endif
