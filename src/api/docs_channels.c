/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param type_of_channel[] = {
	{.name = "type",
	 .about = "Name of the channel: web or webhook. The other channels are not built in this "
		  "version."},
	{.name = NULL},
};

static const struct pal_api_param tenant_id[] = {
	{.name = "tenant_id", .about = "Id of the tenant."},
	{.name = NULL},
};

static const struct pal_api_param integration[] = {
	{.name = "integration_id",
	 .schema = PAL_JSON_TEXT({"type": "string", "minLength": 1, "maxLength": 64}),
	 .about = "The integration_id of the channel's settings.",
	 .is_required = true},
	{.name = NULL},
};

static const struct pal_api_param signature[] = {
	{.name = "webhook-id",
	 .schema = PAL_JSON_TEXT({"type": "string", "maxLength": 255}),
	 .about = "Id of the event, the same whenever it is sent again."},
	{.name = "webhook-timestamp",
	 .schema = PAL_JSON_TEXT({"type": "string", "maxLength": 12}),
	 .about = "Unix seconds of this attempt, at most 300 off."},
	{.name = "webhook-signature",
	 .schema = PAL_JSON_TEXT({"type": "string", "maxLength": 4096}),
	 .about = "Blank-separated list; one is v1, and the base64 of the HMAC-SHA256 of "
		  "id.timestamp.body under a live secret. The svix- names of the three do too."},
	{.name = NULL},
};

static const struct pal_api_param platform[] = {
	{.name = "platform",
	 .schema = PAL_JSON_TEXT({"enum": ["generic", "webhook"], "default": "generic"}),
	 .about = "Whose webhook; both are names of the same."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_receive_webhook = {
	.tag = "Channels",
	.about = "Signed by Standard Webhooks 1.0.0 over the bytes of the body. It is kept, then "
		 "answered, then acted on: message.created goes to the user's conversation on this "
		 "channel, message.status and message.read move a reply on. Sent again it gets the "
		 "answer it got. What is signed but cannot be read is answered 200 with what is "
		 "wrong: sending it again would not help.",
	.path = tenant_id,
	.query = integration,
	.headers = signature,
	.request = "WebhookEvent",
	.response = "WebhookAck",
	.failures = "401 403 429 503",
	.request_example = PAL_JSON_TEXT({
		"type": "message.created",
		"timestamp": "2026-01-15T10:00:00.000Z",
		"data": {"id": "m-1", "user_id": "ann", "content": {"type": "text", "text": "hello"}}
	}),
};

const struct pal_api_doc pal_doc_get_webhook_status = {
	.tag = "Channels",
	.about = "For the caller's own tenant. Figures are counted since the start; of the events "
		 "that came to nothing the oldest twenty of the last 76 hours are shown.",
	.path = tenant_id,
	.response = "WebhookStatus",
	.failures = "404",
};

const struct pal_api_doc pal_doc_test_webhook = {
	.tag = "Channels",
	.about = "Makes an event of no effect, signs it by the channel's secrets and takes it as if "
		 "it had come from outside.",
	.path = tenant_id,
	.query = platform,
	.response = "WebhookTest",
	.failures = "404",
};

const struct pal_api_doc pal_doc_list_channels = {
	.tag = "Channels",
	.about = "Those that are built in this version, set up or not. Health is by the outcomes of "
		 "the last hour; figures are of a week, and of this run of the service.",
	.response = "ChannelList",
};

const struct pal_api_doc pal_doc_get_channel = {
	.tag = "Channels",
	.about = "Secrets are never shown; each is told by an id that is part of its hash.",
	.path = type_of_channel,
	.response = "ChannelView",
	.failures = "404",
};

const struct pal_api_doc pal_doc_configure_channel = {
	.tag = "Channels",
	.about = "What is not given is as usual, but for the secret: that stays as it is. A new one "
		 "signs at once; the one before it stays good for secret_overlap_hours. The URL must "
		 "lead to the public internet, by https, unless the operator allows more.",
	.path = type_of_channel,
	.request = "ChannelConfig",
	.response = "ChannelView",
	.failures = "404 409",
	.request_example = PAL_JSON_TEXT({
		"url": "https://shop.example/palaver",
		"webhook_secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	}),
};

const struct pal_api_doc pal_doc_delete_channel = {
	.tag = "Channels",
	.about = "It is then as it was before it was set up, its secrets gone.",
	.path = type_of_channel,
	.response = "ChannelDeleted",
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_get_channel_health = {
	.tag = "Channels",
	.path = type_of_channel,
	.response = "ChannelSummary",
	.failures = "404",
};

const struct pal_api_doc pal_doc_test_channel = {
	.tag = "Channels",
	.about = "That it does not arrive is an answer too: success is false then.",
	.path = type_of_channel,
	.request = "ChannelTestRequest",
	.request_is_optional = true,
	.response = "ChannelTest",
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_enable_channel = {
	.tag = "Channels",
	.path = type_of_channel,
	.response = "ChannelView",
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_disable_channel = {
	.tag = "Channels",
	.about = "Messages on it are refused from then on, webhooks too.",
	.path = type_of_channel,
	.response = "ChannelView",
	.failures = "404 409",
};
