/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h - the HTTP API: the stages every request passes (domain.md section 6.1) and the one list of
 * routes. Endpoints decode, call one service, encode; one file per resource.
 */
#ifndef PALAVER_API_API_H
#define PALAVER_API_API_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "http/exchange.h"
#include "http/router.h"
#include "service/access/access.h"
#include "service/access/caller.h"
#include "service/conversation/message.h"

struct pal_channels;
struct pal_audit_log;
struct pal_contract;
struct pal_cors;
struct pal_limits;
struct pal_proxies;
struct pal_dispatch;
struct pal_sessions;
struct pal_store_front;
struct pal_webhooks;

/* What the endpoints use; the server's `app`. Fixed before the first request. */
struct pal_api {
	struct pal_access *access;
	struct pal_limits *limits;
	struct pal_proxies *proxies;
	struct pal_cors *cors;
	struct pal_message_service *messages;
	struct pal_sessions *sessions;
	struct pal_channels *channels;
	struct pal_webhooks *webhooks;
	struct pal_dispatch *dispatch;
	struct pal_store_front *front;
	struct pal_audit_log *audit;	/* NULL: requests are not told of */
	const struct pal_contract *contract;
	const struct pal_clock *clock;
	int64_t started_ms;		/* wall clock */
	const char *environment;
	uint8_t cursor_key[16];		/* what cursors are sealed with: of this installation */
	/* the parts of struct pal_request_rules, each set by main */
	_Atomic uint32_t media_types;
	_Atomic int64_t media_size_max;
	_Atomic bool reject_skewed_timestamps;
	_Atomic bool metrics_enabled;
	_Atomic bool stopping;		/* readiness says no */
};

/* The list of routes. Runs on: any. */
const struct pal_http_route *pal_api_routes(size_t *ret_count);

/* The handler of every request (struct pal_http_options.handler); `app` is a struct pal_api. */
void pal_api_handle(struct pal_http_exchange *exchange, const struct pal_http_request *request,
		    void *app);

/* Who asks, on a route with PAL_ROUTE_AUTH; lives as long as the exchange. Runs on: loop. */
const struct pal_caller *pal_api_caller(const struct pal_http_exchange *exchange);

/* Read messages by `rules` from now on. Runs on: main. */
void pal_api_set_rules(struct pal_api *api, const struct pal_request_rules *rules);

/* The rules by which a message of `caller`, whose tenant is known, is read now. Runs on: any. */
struct pal_request_rules pal_api_rules(struct pal_api *api, const struct pal_caller *caller);

/* Count an answered request (struct pal_http_options.answered). */
void pal_api_answered(const struct pal_http_request *request, int status, size_t body_bytes,
		      int64_t elapsed_ns, void *app);

/* Register the API's metrics. Runs on: main, before the first request. */
void pal_api_register_metrics(void);

/* Endpoints. Runs on: loop. */
pal_http_handler_fn pal_api_channel_delete;
pal_http_handler_fn pal_api_channel_disable;
pal_http_handler_fn pal_api_channel_enable;
pal_http_handler_fn pal_api_channel_get;
pal_http_handler_fn pal_api_channel_health;
pal_http_handler_fn pal_api_channel_list;
pal_http_handler_fn pal_api_channel_put;
pal_http_handler_fn pal_api_channel_test;
pal_http_handler_fn pal_api_webhook_generic;
pal_http_handler_fn pal_api_webhook_status;
pal_http_handler_fn pal_api_webhook_test;
pal_http_handler_fn pal_api_audit_export;
pal_http_handler_fn pal_api_audit_logs;
pal_http_handler_fn pal_api_audit_report;
pal_http_handler_fn pal_api_audit_search;
pal_http_handler_fn pal_api_chat_bulk;
pal_http_handler_fn pal_api_chat_close;
pal_http_handler_fn pal_api_key_create;
pal_http_handler_fn pal_api_key_get;
pal_http_handler_fn pal_api_key_list;
pal_http_handler_fn pal_api_key_revoke;
pal_http_handler_fn pal_api_key_rotate;
pal_http_handler_fn pal_api_tenant_get;
pal_http_handler_fn pal_api_tenant_settings;
pal_http_handler_fn pal_api_token_revoke;
pal_http_handler_fn pal_api_chat_message;
pal_http_handler_fn pal_api_conversation_analytics;
pal_http_handler_fn pal_api_conversation_export_get;
pal_http_handler_fn pal_api_conversation_export_post;
pal_http_handler_fn pal_api_conversation_get;
pal_http_handler_fn pal_api_conversation_history;
pal_http_handler_fn pal_api_conversation_list;
pal_http_handler_fn pal_api_conversation_list_own;
pal_http_handler_fn pal_api_conversation_search;
pal_http_handler_fn pal_api_conversation_summary;
pal_http_handler_fn pal_api_chat_typing;
pal_http_handler_fn pal_api_conversation_close;
pal_http_handler_fn pal_api_conversation_context;
pal_http_handler_fn pal_api_conversation_create;
pal_http_handler_fn pal_api_conversation_delete;
pal_http_handler_fn pal_api_conversation_escalate;
pal_http_handler_fn pal_api_conversation_reopen;
pal_http_handler_fn pal_api_conversation_restore;
pal_http_handler_fn pal_api_conversation_transfer;
pal_http_handler_fn pal_api_conversation_update;
pal_http_handler_fn pal_api_delivery_get;
pal_http_handler_fn pal_api_delivery_list;
pal_http_handler_fn pal_api_delivery_metrics;
pal_http_handler_fn pal_api_delivery_retry;
pal_http_handler_fn pal_api_docs;
pal_http_handler_fn pal_api_health;
pal_http_handler_fn pal_api_health_live;
pal_http_handler_fn pal_api_health_ready;
pal_http_handler_fn pal_api_info;
pal_http_handler_fn pal_api_message_analytics;
pal_http_handler_fn pal_api_message_feedback;
pal_http_handler_fn pal_api_message_get;
pal_http_handler_fn pal_api_message_retry;
pal_http_handler_fn pal_api_message_status;
pal_http_handler_fn pal_api_metrics;
pal_http_handler_fn pal_api_openapi;
pal_http_handler_fn pal_api_session_cleanup;
pal_http_handler_fn pal_api_session_context_get;
pal_http_handler_fn pal_api_session_context_put;
pal_http_handler_fn pal_api_session_create;
pal_http_handler_fn pal_api_session_delete;
pal_http_handler_fn pal_api_session_extend;
pal_http_handler_fn pal_api_session_get;
pal_http_handler_fn pal_api_session_list;
pal_http_handler_fn pal_api_session_list_user;
pal_http_handler_fn pal_api_session_transfer;
pal_http_handler_fn pal_api_session_update;
pal_http_handler_fn pal_api_user_erase;

#endif
