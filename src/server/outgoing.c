/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves the daemon: the courier, the channels of the tenants, the delivery service. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "conf/address.h"
#include "courier/courier.h"
#include "server/parts.h"
#include "service/channels.h"
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

enum pal_code pal_start_sending(struct pal_server *server, struct pal_error *err)
{
	enum pal_code code = pal_courier_start(server->courier, err);

	server->courier_started = code == PAL_OK;
	return code;
}

void pal_stop_sending(struct pal_server *server)
{
	if (!server->courier_started)
		return;
	pal_courier_stop(server->courier, 1000);
	server->courier_started = false;
}
