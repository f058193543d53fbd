/* SPDX-License-Identifier: Apache-2.0 */
#include "model/conversation_request.h"

#include <assert.h>

#include "base/clock.h"
#include "model/names.h"

#define WORD_POINTS_MAX 100u	/* of a flow, category, department, queue */
#define TRANSFER_NOTES_POINTS_MAX 1000u

static const struct pal_str none = {NULL, 0};

static const char *const resolution_names[] = {
#define X(id, name) [id] = name,
	PAL_RESOLUTIONS(X)
#undef X
};

const char *pal_resolution_name(enum pal_resolution resolution)
{
	assert((size_t)resolution < PAL_RESOLUTION_COUNT);
	return resolution_names[resolution];
}

/* --- Members ---------------------------------------------------------------------------------- */

/* A string by rule, as it stands in the text, quotes and escapes included. */
static struct pal_str raw_text(struct pal_fields *fields, const struct pal_fields_at *at,
			       const char *name, const struct pal_text_rule *rule)
{
	if (!pal_fields_text(fields, at, name, rule).p)
		return none;
	return pal_json_raw(fields->json, pal_json_member(fields->json, at->node, pal_str(name)));
}

static struct pal_str raw_reason(struct pal_fields *fields, const struct pal_fields_at *at,
				 const char *name, bool required)
{
	return raw_text(fields, at, name,
			&(struct pal_text_rule){.required = required,
						.trim = true,
						.min = 1,
						.max = PAL_REASON_POINTS_MAX});
}

static bool is_null(const struct pal_fields *fields, const struct pal_fields_at *at,
		    const char *name)
{
	uint32_t v = pal_json_member(fields->json, at->node, pal_str(name));

	return v != PAL_JSON_NONE && pal_json_type(fields->json, v) == PAL_JSON_NULL;
}

static struct pal_str raw_priority(struct pal_fields *fields, const struct pal_fields_at *at,
				   const char *name)
{
	static const struct pal_text_rule rule = {.min = 1, .max = 20};
	struct pal_str word = pal_fields_text(fields, at, name, &rule);
	enum pal_priority priority;

	if (!word.p)
		return none;
	if (!pal_priority_parse(word, &priority)) {
		pal_fields_wrong(fields, at, name,
				 "must be one of low, normal, high, urgent, critical");
		return none;
	}
	return pal_json_raw(fields->json, pal_json_member(fields->json, at->node, pal_str(name)));
}

static void check_tag(struct pal_fields *fields, const struct pal_fields_at *at, void *arg)
{
	struct pal_str tag = {NULL, 0};
	size_t points = 0;

	(void)arg;
	if (pal_json_type(fields->json, at->node) == PAL_JSON_STRING)
		tag = pal_json_string(fields->json, at->node, fields->arena);
	if (!tag.p || !pal_utf8_count(tag, &points) || points < 1 || points > PAL_TAG_POINTS_MAX)
		pal_fields_wrong(fields, at, NULL, "must be a string of 1 to %u characters",
				 PAL_TAG_POINTS_MAX);
}

static struct pal_str raw_tags(struct pal_fields *fields, const struct pal_fields_at *at)
{
	uint32_t v = pal_fields_value(fields, at, "tags", false);

	pal_fields_array(fields, at, "tags", PAL_TAGS_MAX, check_tag, NULL);
	return v == PAL_JSON_NONE ? none : pal_json_raw(fields->json, v);
}

/* Take member `name` into the edit as `detail`. */
static void edit_with(struct pal_edit *edit, enum pal_detail detail, struct pal_str raw,
		      bool cleared)
{
	edit->given[detail] = raw.p != NULL || cleared;
	edit->value[detail] = raw;
}

static void edit_text(struct pal_fields *fields, const struct pal_fields_at *at,
		      struct pal_edit *edit, enum pal_detail detail, size_t max)
{
	const struct pal_text_rule rule = {.min = 1, .max = max};
	const char *name = pal_detail_name(detail);

	edit_with(edit, detail, raw_text(fields, at, name, &rule), is_null(fields, at, name));
}

static void edit_object(struct pal_fields *fields, const struct pal_fields_at *at, const char *name,
			struct pal_edit *edit, enum pal_detail detail)
{
	edit_with(edit, detail,
		  pal_fields_verbatim(fields, at, name, PAL_DETAIL_BYTES_MAX, PAL_DETAIL_DEPTH_MAX),
		  is_null(fields, at, name));
}

/* What a request to create and one to update have in common. */
static void read_edit(struct pal_fields *fields, const struct pal_fields_at *root,
		      struct pal_edit *edit)
{
	edit_with(edit, PAL_DETAIL_TAGS, raw_tags(fields, root), is_null(fields, root, "tags"));
	edit_with(edit, PAL_DETAIL_PRIORITY, raw_priority(fields, root, "priority"),
		  is_null(fields, root, "priority"));
	edit_text(fields, root, edit, PAL_DETAIL_CATEGORY, WORD_POINTS_MAX);
	edit_object(fields, root, "metadata", edit, PAL_DETAIL_METADATA);
}

/* --- Create, update --------------------------------------------------------------------------- */

static void read_channel(struct pal_fields *fields, const struct pal_fields_at *root,
			 enum pal_channel_type *ret)
{
	static const struct pal_text_rule rule = {.required = true, .min = 1, .max = 32};
	struct pal_str name = pal_fields_text(fields, root, "channel", &rule);

	if (name.p && !pal_channel_parse(name, ret))
		pal_fields_wrong(fields, root, "channel", "is not a channel");
	else if (name.p && *ret != PAL_CHANNEL_WEB)
		pal_fields_wrong(fields, root, "channel", "%s is not enabled for this tenant",
				 pal_channel_name(*ret));
}

static bool is_blank(struct pal_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			return false;
	return true;
}

void pal_create_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_create_request *ret)
{
	static const struct pal_text_rule id = {.min = 1, .max = PAL_ID_POINTS_MAX};
	static const struct pal_text_rule user = {
		.required = true, .trim = true, .min = 1, .max = PAL_ID_POINTS_MAX};
	static const struct pal_text_rule text = {.min = 1, .max = PAL_TEXT_POINTS_MAX};

	*ret = (struct pal_create_request){.channel = PAL_CHANNEL_WEB};
	ret->conversation_id = pal_fields_text(fields, root, "conversation_id", &id);
	ret->user_id = pal_fields_text(fields, root, "user_id", &user);
	ret->session_id = pal_fields_text(fields, root, "session_id", &id);
	read_channel(fields, root, &ret->channel);
	ret->initial_message = pal_fields_text(fields, root, "initial_message", &text);
	if (ret->initial_message.p && is_blank(ret->initial_message))
		pal_fields_wrong(fields, root, "initial_message", "must not be blank");
	read_edit(fields, root, &ret->edit);
	edit_text(fields, root, &ret->edit, PAL_DETAIL_FLOW_ID, WORD_POINTS_MAX);
	edit_object(fields, root, "user_context", &ret->edit, PAL_DETAIL_CONTEXT);
}

void pal_update_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_update_request *ret)
{
	static const struct pal_text_rule word = {.min = 1, .max = 20};

	*ret = (struct pal_update_request){.has_status = false};
	struct pal_str status = pal_fields_text(fields, root, "status", &word);
	ret->has_status = status.p != NULL;
	if (status.p && !pal_conversation_status_parse(status, &ret->status))
		pal_fields_wrong(fields, root, "status", "is not a status of a conversation");
	read_edit(fields, root, &ret->edit);
	edit_text(fields, root, &ret->edit, PAL_DETAIL_ASSIGNED_AGENT, PAL_ID_POINTS_MAX);
	edit_text(fields, root, &ret->edit, PAL_DETAIL_DEPARTMENT, WORD_POINTS_MAX);
	edit_text(fields, root, &ret->edit, PAL_DETAIL_NOTES, PAL_NOTES_POINTS_MAX);
}

void pal_context_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			      struct pal_str *ret)
{
	const char *name = "context_updates";

	if (pal_fields_value(fields, root, name, false) == PAL_JSON_NONE &&
	    pal_fields_value(fields, root, "context", false) != PAL_JSON_NONE)
		name = "context";
	*ret = pal_fields_verbatim(fields, root, name, PAL_DETAIL_BYTES_MAX, PAL_DETAIL_DEPTH_MAX);
	if (!ret->p && fields->errors->count == 0)
		pal_fields_wrong(fields, root, name, "is required");
}

/* --- Close, escalate, transfer, reopen -------------------------------------------------------- */

static enum pal_resolution read_resolution(struct pal_fields *fields,
					   const struct pal_fields_at *root)
{
	static const struct pal_text_rule rule = {.required = true, .min = 1, .max = 20};
	struct pal_str word = pal_fields_text(fields, root, "resolution_type", &rule);
	size_t i = pal_name_index(resolution_names, PAL_RESOLUTION_COUNT, word);

	if (i < PAL_RESOLUTION_COUNT)
		return (enum pal_resolution)i;
	if (word.p)
		pal_fields_wrong(fields, root, "resolution_type",
				 "must be one of resolved, escalated, abandoned, timeout");
	return PAL_RESOLUTION_RESOLVED;
}

static void read_follow_up(struct pal_fields *fields, const struct pal_fields_at *root,
			   int64_t now_ms, struct pal_close_request *ret)
{
	bool given = pal_fields_value(fields, root, "follow_up_date", false) != PAL_JSON_NONE;

	ret->follow_up_required = pal_fields_bool(fields, root, "follow_up_required", false);
	ret->follow_up_ms = pal_fields_time(fields, root, "follow_up_date", now_ms + 1);
	if (ret->follow_up_required && !given)
		pal_fields_wrong(fields, root, "follow_up_date",
				 "is required with follow_up_required");
	else if (!ret->follow_up_required && given)
		pal_fields_wrong(fields, root, "follow_up_date",
				 "must not be given without follow_up_required");
	else if (given && (ret->follow_up_ms <= now_ms || ret->follow_up_ms > PAL_TIME_MAX_MS))
		pal_fields_wrong(fields, root, "follow_up_date",
				 "must lie in the future, before the year 10000");
}

void pal_close_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			    bool may_be_empty, int64_t now_ms, struct pal_close_request *ret)
{
	static const struct pal_text_rule notes = {.max = PAL_NOTES_POINTS_MAX};

	*ret = (struct pal_close_request){.reason = PAL_STR("\"completed\""),
					  .resolution = PAL_RESOLUTION_RESOLVED};
	if (may_be_empty &&
	    (root->node == PAL_JSON_NONE || fields->json->node[root->node].count == 0))
		return;
	ret->reason = raw_reason(fields, root, "reason", true);
	ret->resolution = read_resolution(fields, root);
	ret->rating = pal_fields_integer(fields, root, "satisfaction_rating", 1, 5, 0);
	ret->agent_notes = raw_text(fields, root, "agent_notes", &notes);
	read_follow_up(fields, root, now_ms, ret);
}

void pal_reason_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_str *ret)
{
	*ret = raw_reason(fields, root, "reason", false);
}

void pal_transfer_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       struct pal_transfer_request *ret)
{
	static const struct pal_text_rule agent = {.min = 1, .max = PAL_ID_POINTS_MAX};
	static const struct pal_text_rule word = {.min = 1, .max = WORD_POINTS_MAX};
	static const struct pal_text_rule notes = {.max = TRANSFER_NOTES_POINTS_MAX};
	static const char *const targets[] = {"target_agent", "target_department", "target_queue"};
	bool given = false;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		given |= pal_fields_value(fields, root, targets[i], false) != PAL_JSON_NONE;
	if (!given)
		pal_fields_wrong(fields, root, "target_agent",
				 "or target_department or target_queue is required");
	*ret = (struct pal_transfer_request){
		.target_agent = raw_text(fields, root, targets[0], &agent),
		.target_department = raw_text(fields, root, targets[1], &word),
		.target_queue = raw_text(fields, root, targets[2], &word),
		.reason = raw_reason(fields, root, "transfer_reason", true),
		.notes = raw_text(fields, root, "transfer_notes", &notes),
		.priority = raw_priority(fields, root, "priority_change"),
	};
}
