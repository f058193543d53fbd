/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the daemon: the courier, the channels of the tenants, the delivery service. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "conf/address.h"
#include "courier/courier.h"
#include "server/parts.h"
#include "service/channel/channels.h"
#include "service/delivery/dispatch.h"
#include "store/store.h"

#define NETWORKS_MAX 64u

static struct pal_network networks[NETWORKS_MAX];

static struct pal_guard guard_of(const struct pal_conf *conf)
{
	size_t listed = pal_conf_list_count(conf, PAL_OPT_COURIER_ALLOW_NETWORKS), count = 0;

	for (size_t i = 0; i < listed && count < NETWORKS_MAX; i++) {
		const char *text = pal_conf_list_item(conf, PAL_OPT_COURIER_ALLOW_NETWORKS, i);
		/* the configuration has checked its form */
		if (pal_network_read(pal_str(text), &networks[count], NULL) == PAL_OK)
			count++;
	}
	return (struct pal_guard){.allow_http = pal_conf_bool(conf, PAL_OPT_COURIER_ALLOW_HTTP),
				  .allowed = networks,
				  .allowed_count = count};
}

static const char *text_or_null(const struct pal_conf *conf, enum pal_option option)
{
	const char *text = pal_conf_str(conf, option);

	return *text ? text : NULL;
}

enum pal_code pal_start_courier(struct pal_server *server, struct pal_error *err)
{
	const struct pal_conf *conf = server->conf;
	const struct pal_courier_options options = {
		.max_in_flight = (unsigned)pal_conf_int(conf, PAL_OPT_COURIER_MAX_IN_FLIGHT),
		.max_per_host = (unsigned)pal_conf_int(conf, PAL_OPT_COURIER_MAX_PER_HOST),
		.max_per_tenant = (unsigned)pal_conf_int(conf, PAL_OPT_COURIER_MAX_PER_TENANT),
		.queue_max = (unsigned)pal_conf_int(conf, PAL_OPT_COURIER_QUEUE_MAX),
		.connect_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_COURIER_CONNECT_TIMEOUT),
		.total_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_COURIER_REQUEST_TIMEOUT),
		.idle_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_COURIER_IDLE_TIMEOUT),
		.guard = guard_of(conf),
		.user_agent = text_or_null(conf, PAL_OPT_COURIER_USER_AGENT),
		.ca_file = text_or_null(conf, PAL_OPT_COURIER_CA_FILE),
		.clock = pal_clock_system(),
	};

	return pal_courier_create(&options, &server->courier, err);
}

void pal_stop_courier(struct pal_server *server)
{
	pal_courier_destroy(server->courier);
	server->courier = NULL;
}

enum pal_code pal_start_channels(struct pal_server *server, struct pal_error *err)
{
	struct pal_channels_options options = {
		.front = server->front,
		.access = server->access,
		.clock = pal_clock_system(),
		.guard = pal_courier_guard(server->courier),
		.courier = server->courier,
	};
	enum pal_code code = pal_store_installation_secret(server->store, PAL_STR("channel-config"),
							   options.key, err);

	if (code == PAL_OK)
		code = pal_channels_create(&options, server->store, &server->channels, err);
	explicit_bzero(options.key, sizeof(options.key));
	return code;
}

void pal_stop_channels(struct pal_server *server)
{
	pal_channels_destroy(server->channels);
	server->channels = NULL;
}

/* --- What the delivery service asks of the channels ------------------------------------------- */

static bool get_account(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
			int64_t now_ms, struct pal_dispatch_account *ret)
{
	struct pal_server *server = arg;
	struct pal_channel_config *config = pal_channels_get(server->channels, tenant, channel);

	if (!config)
		return false;
	*ret = (struct pal_dispatch_account){
		.enabled = config->enabled,
		.attempts_max = 1 + (unsigned)config->number[PAL_CHANNEL_RETRIES],
		.retry_first_ms = (uint32_t)config->number[PAL_CHANNEL_RETRY_DELAY_S] * 1000,
		.timeout_ms = (uint32_t)config->number[PAL_CHANNEL_TIMEOUT_S] * 1000,
		.per_minute = (uint32_t)config->number[PAL_CHANNEL_PER_MINUTE],
		.per_day = (uint32_t)config->number[PAL_CHANNEL_PER_DAY],
		.text_units_max = (size_t)config->number[PAL_CHANNEL_LENGTH_MAX],
		.held = config,
	};
	pal_channel_config_account(config, now_ms, &ret->account);
	return true;
}

static void put_account(void *arg, struct pal_dispatch_account *account)
{
	(void)arg;
	pal_channel_config_unref(account->held);
}

static void note_attempt(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
			 enum pal_channel_outcome outcome, const char *code, int64_t took_ms)
{
	struct pal_server *server = arg;

	pal_channels_note(server->channels, tenant, channel, outcome, code, took_ms);
}

static void stop_channel(void *arg, struct pal_tenant_key tenant, enum pal_channel_type channel,
			 const char *why)
{
	struct pal_server *server = arg;

	pal_channels_stop(server->channels, tenant, channel, why);
}

static struct pal_str tenant_id(void *arg, struct pal_tenant_key tenant)
{
	struct pal_server *server = arg;
	const struct pal_tenant_key before = {tenant.n - 1};
	struct pal_tenant_key found = {0};
	struct pal_str id = {NULL, 0};

	if (!pal_access_next_tenant(server->access, before, &found, &id) || found.n != tenant.n)
		return (struct pal_str){NULL, 0};
	return id;
}

static bool send_request(void *arg, struct pal_courier_request *request)
{
	struct pal_server *server = arg;

	return pal_courier_send(server->courier, request);
}

/* --- The delivery service --------------------------------------------------------------------- */

struct pal_dispatch_limits pal_settings_dispatch_limits(const struct pal_conf *conf)
{
	return (struct pal_dispatch_limits){
		.max_in_flight = (uint32_t)pal_conf_int(conf, PAL_OPT_DELIVERY_MAX_IN_FLIGHT),
		.max_per_endpoint =
			(uint32_t)pal_conf_int(conf, PAL_OPT_DELIVERY_MAX_PER_ENDPOINT),
		.backoff_max_ms = (uint32_t)pal_conf_int(conf, PAL_OPT_DELIVERY_BACKOFF_MAX),
	};
}

enum pal_code pal_start_deliveries(struct pal_server *server, struct pal_error *err)
{
	struct pal_uuid seed = pal_uuid_v4();
	struct pal_dispatch_options options = {
		.front = server->front,
		.clock = pal_clock_system(),
		.channels = {.get = get_account,
			     .put = put_account,
			     .note = note_attempt,
			     .stop = stop_channel,
			     .tenant_id = tenant_id,
			     .arg = server},
		.send = send_request,
		.send_arg = server,
		.breaker = {PAL_BREAKER_DEFAULTS},
		.limits = pal_settings_dispatch_limits(server->conf),
	};

	options.breaker.failures =
		(unsigned)pal_conf_int(server->conf, PAL_OPT_DELIVERY_BREAKER_FAILURES);
	options.breaker.open_ms =
		(uint32_t)pal_conf_int(server->conf, PAL_OPT_DELIVERY_BREAKER_OPEN);
	memcpy(&options.seed, seed.b + 8, sizeof(options.seed));
	server->dispatch = pal_dispatch_create(&options);
	server->api.dispatch = server->dispatch;
	return server->dispatch ? PAL_OK : pal_fail_memory(err, "delivery");
}

void pal_stop_deliveries(struct pal_server *server)
{
	pal_dispatch_destroy(server->dispatch);
	server->dispatch = NULL;
}

enum pal_code pal_start_sending(struct pal_server *server, struct pal_error *err)
{
	enum pal_code code = pal_courier_start(server->courier, err);

	server->courier_started = code == PAL_OK;
	return code == PAL_OK ? pal_dispatch_start(server->dispatch, err) : code;
}

/* What is on the wire may end; its results are written while the store's lanes still run. */
void pal_stop_sending(struct pal_server *server)
{
	if (!server->courier_started)
		return;
	pal_dispatch_close(server->dispatch);
	pal_courier_stop(server->courier,
			 (uint32_t)pal_conf_int(server->conf, PAL_OPT_DELIVERY_DRAIN_TIMEOUT));
	pal_dispatch_stop(server->dispatch);
	server->courier_started = false;
}

void pal_server_pushed(void *arg, struct pal_tenant_key tenant,
		       const struct pal_conversation *conversation,
		       const struct pal_exchange *exchange)
{
	struct pal_server *server = arg;

	if (exchange->out.sequence && exchange->delivery.status == PAL_DELIVERY_PENDING)
		pal_dispatch_feed_reply(server->dispatch, tenant, conversation, exchange);
}
