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
	.response_example = PAL_JSON_TEXT({
		"message_id": "01a21a33-91ab-716e-b6dc-374d2f9d661d",
		"conversation_id": "01a21a33-91ab-716e-b6dc-fd605c6d70d0",
		"response": {
			"type": "text",
			"text": "I can help you with your order. Could you please give me your order number?",
			"language": "en"
		},
		"conversation_state": {
			"current_intent": "order_inquiry",
			"entities": {"order_numbers": ["ORD123456"]},
			"slots": {},
			"conversation_stage": null,
			"next_expected_inputs": ["order_number"]
		},
		"processing_metadata": {
			"processing_time_ms": 1,
			"delivery_status": "sent",
			"fallback_applied": false,
			"conversation_created": true,
			"duplicate": false,
			"warnings": []
		},
		"timestamp": "2026-11-26T09:30:00.000Z",
		"response_id": "01a21a33-91ab-716e-b6dc-29f3c8c421bf"
	}),
};
