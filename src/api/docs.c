/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_tag tags[] = {
	{"Messages", "Messages in, replies out, and what became of them."},
	{"Conversations", "Conversations with their history: read, ended, handed on, taken out."},
	{"Sessions", "Sessions and the context they keep."},
	{"Channels", "Channels, how they are set up and how they do, and the webhooks that come back."},
	{"Deliveries", "Replies on their way out: where they stand, what failed, and another try."},
	{"Audit", "What was done, by whom, and the proof that nobody changed the record of it."},
	{"Access", "API keys, tokens and one's own tenant, for its administrators."},
	{"Service", "What the service says about itself; no credential needed."},
};

const struct pal_api_tag *pal_api_tags(size_t *ret_count)
{
	*ret_count = sizeof(tags) / sizeof(tags[0]);
	return tags;
}

const struct pal_api_param pal_doc_conversation_id[] = {
	{.name = "id", .about = "Id of the conversation."},
	{.name = NULL},
};

const struct pal_api_param pal_doc_if_match[] = {
	{.name = "If-Match",
	 .schema = PAL_JSON_TEXT({"type": "string", "examples": ["\"0f5f1b6e61b23b7a5d1f6f0b9b1c8a77\""]}),
	 .about = "Tags of the versions that are to be changed, or *; 412 when it is at none of them."},
	{.name = NULL},
};

const struct pal_api_param pal_doc_message_id[] = {
	{.name = "id", .about = "Id of the message."},
	{.name = NULL},
};
