/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/replay_check.h"

#include <inttypes.h>
#include <string.h>

#include "palaverctl/ask.h"

static bool is_text(struct json_object *object, const char *path, struct pal_str want)
{
	struct json_object *value = pal_cli_member(object, path);

	return json_object_is_type(value, json_type_string) &&
	       pal_str_equal(want, (struct pal_str){json_object_get_string(value),
						    (size_t)json_object_get_string_len(value)});
}

/* Skipped turns never reached the daemon; unanswered ones are counted as errors already. */
static struct pal_replay_turn *expected(struct pal_replay_dialog *dialog,
					struct pal_replay_cursor *cursor)
{
	while (cursor->turn < dialog->count && !dialog->turns[cursor->turn].is_answered)
		cursor->turn++;
	return cursor->turn < dialog->count ? &dialog->turns[cursor->turn] : NULL;
}

static void check_question(const struct pal_replay_plan *plan, size_t index,
			   struct pal_replay_cursor *cursor, const struct pal_replay_turn *turn,
			   struct json_object *message)
{
	struct pal_replay_dialog *dialog = &plan->dialogs[index];
	char id[PAL_REPLAY_ID_SIZE];

	pal_replay_message_id(plan, index, cursor->turn, id);
	if (!is_text(message, "direction", PAL_STR("inbound")))
		pal_replay_note(dialog, "message %zu is no question", cursor->seen);
	else if (!is_text(message, "message_id", pal_str(id)))
		pal_replay_note(dialog, "message %zu should be %s", cursor->seen, id);
	else if (!is_text(message, "content.text", turn->text))
		pal_replay_note(dialog, "message %zu has another text than was sent", cursor->seen);
}

static void check_reply(struct pal_replay_dialog *dialog, const struct pal_replay_cursor *cursor,
			const struct pal_replay_turn *turn, struct json_object *message)
{
	if (!is_text(message, "direction", PAL_STR("outbound")))
		pal_replay_note(dialog, "message %zu is no answer", cursor->seen);
	else if (!is_text(message, "message_id", pal_str(turn->response_id)))
		pal_replay_note(dialog, "message %zu should be the answer %s", cursor->seen,
				turn->response_id);
	else if (!is_text(message, "content.text", pal_str(turn->reply)))
		pal_replay_note(dialog, "message %zu has another text than was answered",
				cursor->seen);
}

static void check_message(const struct pal_replay_plan *plan, size_t index,
			  struct pal_replay_cursor *cursor, struct json_object *message)
{
	struct pal_replay_dialog *dialog = &plan->dialogs[index];
	int64_t number = json_object_get_int64(pal_cli_member(message, "sequence_number"));
	struct pal_replay_turn *turn = expected(dialog, cursor);

	cursor->seen++;
	if (number != (int64_t)cursor->seen)
		pal_replay_note(dialog, "message %zu is numbered %" PRId64, cursor->seen, number);
	if (!turn) {
		pal_replay_note(dialog, "message %zu was never sent", cursor->seen);
	} else if (cursor->wants_reply) {
		check_reply(dialog, cursor, turn, message);
		cursor->wants_reply = false;
		cursor->turn++;
	} else {
		check_question(plan, index, cursor, turn, message);
		cursor->wants_reply = turn->response_id != NULL;
		cursor->turn += !cursor->wants_reply;
	}
}

bool pal_replay_check_page(const struct pal_replay_plan *plan, size_t index,
			   struct pal_replay_cursor *cursor, struct json_object *page)
{
	struct pal_replay_dialog *dialog = &plan->dialogs[index];
	struct json_object *messages = pal_cli_member(page, "data.messages");

	if (!json_object_is_type(messages, json_type_array)) {
		pal_replay_note(dialog, "the history has no messages member");
		return false;
	}
	size_t count = json_object_array_length(messages);
	for (size_t i = 0; i < count; i++)
		check_message(plan, index, cursor, json_object_array_get_idx(messages, i));
	if (count > 0 && json_object_get_boolean(pal_cli_member(page, "data.has_next")))
		return true;
	int64_t total = json_object_get_int64(pal_cli_member(page, "data.total_messages"));
	if (expected(dialog, cursor))
		pal_replay_note(
			dialog,
			"the history ends after %zu messages, before all that were answered",
			cursor->seen);
	else if (total != (int64_t)cursor->seen)
		pal_replay_note(dialog, "total_messages is %" PRId64 ", the history has %zu", total,
				cursor->seen);
	return false;
}
