/* SPDX-License-Identifier: Apache-2.0 */
#include "palaverctl/replay_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/content.h"
#include "palaverctl/ask.h"

/* The limits of domain.md section 1.2, so that a report can say what was not sent and why. */
static const char *why_skip(struct pal_str text)
{
	size_t points;

	if (!pal_utf8_count(text, &points))
		return "no valid text";
	if (strspn(text.p, " \t\r\n\v\f") == text.n)
		return "empty";
	return points > PAL_TEXT_POINTS_MAX ? "too long" : NULL;
}

static bool add_turn(struct pal_replay_dialog *dialog, struct json_object *text)
{
	struct pal_replay_turn *turn = &dialog->turns[dialog->count];
	size_t n = (size_t)json_object_get_string_len(text);
	char *copy = malloc(n + 1);

	if (!copy)
		return false;
	memcpy(copy, json_object_get_string(text), n + 1);
	turn->text = (struct pal_str){copy, n};
	turn->skipped = why_skip(turn->text);
	dialog->count++;
	return true;
}

/* NULL, or what is wrong. */
static const char *read_turns(struct pal_replay_dialog *dialog, struct json_object *turns)
{
	size_t count = json_object_array_length(turns);

	dialog->turns = calloc(count + 1, sizeof(*dialog->turns));
	if (!dialog->turns)
		return "out of memory";
	for (size_t i = 0; i < count; i++) {
		struct json_object *pair = json_object_array_get_idx(turns, i);
		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2)
			return "a turn is [speaker, text]";
		struct json_object *speaker = json_object_array_get_idx(pair, 0);
		struct json_object *text = json_object_array_get_idx(pair, 1);
		if (!json_object_is_type(speaker, json_type_string) ||
		    !json_object_is_type(text, json_type_string))
			return "speaker and text of a turn are strings";
		const char *who = json_object_get_string(speaker);
		if (strcmp(who, "user") == 0 ? !add_turn(dialog, text)
					     : strcmp(who, "assistant") != 0)
			return strcmp(who, "user") == 0 ? "out of memory" :
							  "a speaker is \"user\" or \"assistant\"";
	}
	return NULL;
}

static const char *read_dialog(struct pal_replay_dialog *dialog, struct pal_str line)
{
	struct json_object *root = pal_cli_parse(line);
	struct json_object *id = pal_cli_member(root, "dialog");
	struct json_object *turns = pal_cli_member(root, "turns");
	const char *wrong = NULL;

	if (!root)
		wrong = "this is no JSON";
	else if (!json_object_is_type(id, json_type_string))
		wrong = "\"dialog\" must be a string";
	else if (!json_object_is_type(turns, json_type_array))
		wrong = "\"turns\" must be an array";
	else if (!(dialog->id = strdup(json_object_get_string(id))))
		wrong = "out of memory";
	else
		wrong = read_turns(dialog, turns);
	json_object_put(root);
	return wrong;
}

static bool grow(struct pal_replay_plan *plan, size_t *capacity)
{
	if (plan->count < *capacity)
		return true;
	size_t more = *capacity ? 2 * *capacity : 64;
	struct pal_replay_dialog *dialogs = realloc(plan->dialogs, more * sizeof(*dialogs));
	if (!dialogs)
		return false;
	plan->dialogs = dialogs;
	*capacity = more;
	return true;
}

static enum pal_code read_lines(struct pal_replay_plan *plan, FILE *file, const char *path,
				size_t limit, struct pal_error *err)
{
	size_t capacity = 0, line_size = 0;
	char *line = NULL, place[PAL_ERROR_SUBJECT_MAX];
	enum pal_code code = PAL_OK;
	ssize_t n;

	for (size_t number = 1; code == PAL_OK && (limit == 0 || plan->count < limit) &&
				(n = getline(&line, &line_size, file)) >= 0; number++) {
		if ((size_t)n == strspn(line, " \t\r\n"))
			continue;
		if (!grow(plan, &capacity)) {
			code = pal_fail_memory(err, "replay");
			break;
		}
		struct pal_replay_dialog *dialog = &plan->dialogs[plan->count++];
		*dialog = (struct pal_replay_dialog){0};
		const char *wrong = read_dialog(dialog, (struct pal_str){line, (size_t)n});
		snprintf(place, sizeof(place), "%.40s:%zu", path, number);
		if (wrong)
			code = pal_fail(err, PAL_E_VALIDATION, place, "%s", wrong);
	}
	free(line);
	return code;
}

enum pal_code pal_replay_plan_read(struct pal_replay_plan *plan, const char *path, size_t limit,
				   struct pal_error *err)
{
	struct pal_uuid run = pal_uuid_v4();
	FILE *file = fopen(path, "re");

	*plan = (struct pal_replay_plan){0};
	pal_uuid_format(&run, plan->run);
	if (!file)
		return pal_fail_errno(err, PAL_E_NOT_FOUND, path, "cannot open it");
	enum pal_code code = read_lines(plan, file, path, limit, err);
	if (code == PAL_OK && ferror(file))
		code = pal_fail_errno(err, PAL_E_NOT_FOUND, path, "cannot read it");
	fclose(file);
	if (code == PAL_OK && plan->count == 0)
		code = pal_fail(err, PAL_E_VALIDATION, path, "there is no dialog in it");
	return code;
}

static void free_dialog(struct pal_replay_dialog *dialog)
{
	for (size_t i = 0; i < dialog->count; i++) {
		free((char *)dialog->turns[i].text.p);
		free(dialog->turns[i].response_id);
		free(dialog->turns[i].reply);
	}
	free(dialog->turns);
	free(dialog->id);
	free(dialog->conversation_id);
}

void pal_replay_plan_deinit(struct pal_replay_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		free_dialog(&plan->dialogs[i]);
	free(plan->dialogs);
	*plan = (struct pal_replay_plan){0};
}

char *pal_replay_message_id(const struct pal_replay_plan *plan, size_t dialog, size_t turn,
			    char out[PAL_REPLAY_ID_SIZE])
{
	snprintf(out, PAL_REPLAY_ID_SIZE, "%s-%zu-%zu", plan->run, dialog, turn);
	return out;
}

void pal_replay_note(struct pal_replay_dialog *dialog, const char *fmt, ...)
{
	va_list list;

	if (dialog->trouble[0])
		return;
	va_start(list, fmt);
	vsnprintf(dialog->trouble, sizeof(dialog->trouble), fmt, list);
	va_end(list);
}
