/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/creation.h"

#include <stddef.h>

#include "service/view/view.h"

static void put_error(struct pal_buf *out, const struct pal_inbound *inbound)
{
	pal_view_key(out, "initial_error");
	pal_buf_add_char(out, '{');
	pal_view_text(out, "code", pal_str(pal_code_api(inbound->code)));
	pal_view_text(out, "message", pal_str(inbound->err.message));
	pal_view_close(out, '}');
	pal_buf_add_char(out, ',');
}

/* Add what became of the message to the conversation's object. */
static void finish(struct pal_creation *creation)
{
	const struct pal_str null = {NULL, 0};
	struct pal_command *command = &creation->op.command;
	struct pal_inbound *inbound = &creation->inbound;
	bool is_said = creation->has_message && inbound->code == PAL_OK;
	struct pal_buf *out = &command->data;

	out->len--;	/* its closing bracket */
	pal_buf_add_char(out, ',');
	pal_view_raw(out, "initial_response", is_said ? pal_buf_str(&inbound->answer) : null);
	if (creation->has_message && !is_said)
		put_error(out, inbound);
	else
		pal_view_raw(out, "initial_error", null);
	pal_view_close(out, '}');
	pal_buf_deinit(&inbound->answer);
	if (out->failed) {
		pal_buf_deinit(out);
		command->code = pal_fail_memory(&command->err, "conversation");
	}
	creation->done(creation);
}

static void is_answered(struct pal_inbound *inbound)
{
	finish((struct pal_creation *)((char *)inbound - offsetof(struct pal_creation, inbound)));
}

static void is_created(struct pal_operation *op)
{
	struct pal_creation *creation = (struct pal_creation *)op;

	if (op->command.code != PAL_OK) {
		creation->done(creation);
	} else if (!creation->has_message) {
		finish(creation);
	} else {
		creation->inbound.request.conversation_id = op->command.conversation_id;
		creation->inbound.done = is_answered;
		pal_message_submit(creation->service, &creation->inbound);
	}
}

void pal_conversation_create(struct pal_message_service *service, struct pal_creation *creation)
{
	creation->service = service;
	creation->op.verb = PAL_VERB_CREATE;
	creation->op.done = is_created;
	pal_operate(service, &creation->op);
}
