/* SPDX-License-Identifier: Apache-2.0 */
/* Operations on conversations, and on messages that are stored. */
#include "api/docs.h"

#define MINE_OR_STAFF "Staff and backends reach every conversation of their tenant, people only their own. "

const struct pal_api_doc pal_doc_send_bulk = {
	.tag = "Messages",
	.about = "Each message as if it had come alone: what is wrong with one is its own result, and those of one "
		 "conversation keep their order. The whole is refused only when there is no list of 1 to 100.",
	.request = "BulkMessageRequest",
	.response = "BulkMessageResponse",
};

const struct pal_api_doc pal_doc_get_message = {
	.tag = "Messages",
	.about = "Inbound or outbound, by its id, with where its delivery stands.",
	.path = pal_doc_message_id,
	.response = "StoredMessage",
	.failures = "404",
};

const struct pal_api_doc pal_doc_retry_message = {
	.tag = "Messages",
	.about = "Deliver a reply again that failed; a conflict when it did not. The id of the message it answers will do.",
	.path = pal_doc_message_id,
	.response = "DeliveryState",
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_update_message_status = {
	.tag = "Messages",
	.about = "Say how far a reply has come. It moves forward only: sent, delivered, read; or failed, before it was "
		 "delivered. A step back is a conflict, the status it has is not. Metadata is merged key by key.",
	.path = pal_doc_message_id,
	.request = "MessageStatusUpdate",
	.response = "DeliveryState",
	.failures = "404 409",
};

const struct pal_api_doc pal_doc_give_feedback = {
	.tag = "Messages",
	.about = "What its reader thinks of a message. There is one for each user and message: given again, it replaces.",
	.path = pal_doc_message_id,
	.request = "MessageFeedbackRequest",
	.response = "MessageFeedback",
	.failures = "404",
};

const struct pal_api_doc pal_doc_get_message_analytics = {
	.tag = "Messages",
	.about = "What was measured of a message and its reply. response_relevance comes from the feedback of the "
		 "conversation's user.",
	.path = pal_doc_message_id,
	.response = "MessageAnalytics",
	.failures = "404",
};

const struct pal_api_doc pal_doc_show_typing = {
	.tag = "Messages",
	.about = "Say that somebody is writing. typing_sent tells whether a live client of the conversation was told; as "
		 "web clients fetch their messages, none is yet.",
	.request = "TypingRequest",
	.response = "TypingResult",
	.failures = "404",
};

const struct pal_api_doc pal_doc_create_conversation = {
	.tag = "Conversations",
	.about = "Begin a conversation, and say the first thing in it when there is an initial_message. An id that is taken, "
		 "by a deleted one too, is a conflict.",
	.request = "ConversationCreateRequest",
	.response = "ConversationCreated",
	.status = 201,
	.failures = "409",
};

const struct pal_api_doc pal_doc_update_conversation = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "Only what is named changes; null takes it away. A status moves along its table, anything "
			       "else is a conflict; to come back from completed or abandoned is to reopen.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ConversationUpdateRequest",
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_update_context = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "Each key replaces the one there is, null removes it, the others stay, whoever else writes at "
			       "the same time. 10 KiB and 256 keys in all.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ContextUpdateRequest",
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 412",
};

const struct pal_api_doc pal_doc_close_conversation = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "A message that comes later begins a new conversation, linked to this one.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ConversationCloseRequest",
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_close_chat = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "Without a body it is resolved, because \"completed\".",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ConversationCloseRequest",
	.request_is_optional = true,
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_escalate_conversation = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "The bot keeps quiet from then on, until the status is active again.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ReasonRequest",
	.request_is_optional = true,
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_transfer_conversation = {
	.tag = "Conversations",
	.about = "Hand it to an agent, a department or a queue; it is escalated then.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ConversationTransferRequest",
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_reopen_conversation = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "From completed or abandoned back to active; the bot speaks again.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.request = "ReasonRequest",
	.request_is_optional = true,
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

const struct pal_api_doc pal_doc_restore_conversation = {
	.tag = "Conversations",
	.about = "Bring back what was deleted, as it was. A conflict when it is not deleted.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.response = "ConversationRecord",
	.is_versioned = true,
	.failures = "404 409 412",
};

static const struct pal_api_param delete_query[] = {
	{.name = "permanent",
	 .schema = PAL_JSON_TEXT({"type": "boolean", "default": false}),
	 .about = "Erase it for good, its messages too; nothing brings it back."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_delete_conversation = {
	.tag = "Conversations",
	.about = MINE_OR_STAFF "What is deleted is as if absent until it is restored. Its id, and those of its messages, stay "
			       "taken even when it is erased.",
	.path = pal_doc_conversation_id,
	.headers = pal_doc_if_match,
	.query = delete_query,
	.response = "ConversationDeleted",
	.failures = "404 412",
};

static const struct pal_api_param user_path[] = {
	{.name = "user_id", .about = "Id of the user."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_erase_user = {
	.tag = "Conversations",
	.about = "Erase a user's conversations with all messages and deliveries, sessions and feedback for good, and tell how "
		 "many there were. Kept webhooks of the user lose what they told, records of the audit trail whom they "
		 "speak of. What the user wrote in conversations of others stays with those. The audit trail keeps that "
		 "it was done, under the name that `tombstone` tells. After 503 the same again goes on with the rest.",
	.path = user_path,
	.response = "UserErased",
};
