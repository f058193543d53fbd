/* SPDX-License-Identifier: Apache-2.0 */
#include "api/docs.h"

static const struct pal_api_param idempotency_key[] = {
	{.name = "Idempotency-Key",
	 .about = "Another spelling of message_id, in quotes; where both are given they must agree."},
	{.name = NULL},
};

const struct pal_api_doc pal_doc_send_message = {
	.tag = "Messages",
	.about = "The message is stored before it is answered: once the answer came, neither is "
		 "lost. The same message_id again gives the first answer again; with another body "
		 "it is a conflict.",
	.headers = idempotency_key,
	.request = "SendMessageRequest",
	.response = "MessageResponse",
	.shape = PAL_API_BARE,
	.failures = "404 409",
	.request_example = PAL_JSON_TEXT({
		"user_id": "user-1",
		"channel": "web",
		"content": {"type": "text", "text": "Hello, where is my order ORD123456?"}
	}),
};
