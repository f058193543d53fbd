/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back to the daemon: the webhooks of channels. */
#include "server/parts.h"
#include "service/webhook/webhooks.h"

enum pal_code pal_start_webhooks(struct pal_server *server, struct pal_error *err)
{
	const struct pal_webhooks_options options = {
		.front = server->front,
		.access = server->access,
		.channels = server->channels,
		.messages = server->messages,
		.limits = server->limits,
		.clock = pal_clock_system(),
		.rules = pal_settings_request_rules(server->conf),
	};

	server->webhooks = pal_webhooks_create(&options);
	server->api.channels = server->channels;
	server->api.webhooks = server->webhooks;
	return server->webhooks ? PAL_OK : pal_fail_memory(err, "webhooks");
}

void pal_stop_webhooks(struct pal_server *server)
{
	pal_webhooks_destroy(server->webhooks);
	server->webhooks = NULL;
}
