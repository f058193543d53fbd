/* SPDX-License-Identifier: Apache-2.0 */
#include "model/message_request.h"

#include <assert.h>

#include "base/clock.h"
#include "model/names.h"

#define METADATA_BYTES_MAX 10240u
#define METADATA_DEPTH_MAX 16u
#define COMMENT_POINTS_MAX 1000u

static const struct pal_text_rule word_rule = {.required = true, .min = 1, .max = 32};
static const struct pal_text_rule id_rule = {.required = true, .min = 1, .max = PAL_ID_POINTS_MAX};

static const char *const feedback_names[] = {
#define X(id, name, good) [id] = name,
	PAL_FEEDBACK_TYPES(X)
#undef X
};

const char *pal_feedback_type_name(enum pal_feedback_type type)
{
	assert((size_t)type < PAL_FEEDBACK_TYPE_COUNT);
	return feedback_names[type];
}

bool pal_feedback_type_parse(struct pal_str name, enum pal_feedback_type *ret)
{
	size_t i = pal_name_index(feedback_names, PAL_FEEDBACK_TYPE_COUNT, name);

	if (i == PAL_FEEDBACK_TYPE_COUNT)
		return false;
	*ret = (enum pal_feedback_type)i;
	return true;
}

bool pal_feedback_type_is_good(enum pal_feedback_type type)
{
	static const bool good[] = {
#define X(id, name, good) [id] = good,
		PAL_FEEDBACK_TYPES(X)
#undef X
	};

	return good[type];
}

static int64_t read_timestamp(struct pal_fields *fields, const struct pal_fields_at *root,
			      int64_t now_ms)
{
	int64_t ms = pal_fields_time(fields, root, "timestamp", now_ms);

	if (ms < 0 || ms > PAL_TIME_MAX_MS)
		pal_fields_wrong(fields, root, "timestamp", "must be in the years 1970 to 9999");
	return ms;
}

void pal_status_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     int64_t now_ms, struct pal_status_request *ret)
{
	struct pal_str word = pal_fields_text(fields, root, "status", &word_rule);

	*ret = (struct pal_status_request){.status = PAL_DELIVERY_PENDING};
	if (word.p && (!pal_delivery_status_parse(word, &ret->status) ||
		       ret->status < PAL_DELIVERY_SENT))
		pal_fields_wrong(fields, root, "status",
				 "must be one of sent, delivered, read, failed");
	ret->timestamp_ms = read_timestamp(fields, root, now_ms);
	ret->metadata = pal_fields_verbatim(fields, root, "metadata", METADATA_BYTES_MAX,
					    METADATA_DEPTH_MAX);
}

void pal_feedback_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			       int64_t now_ms, struct pal_feedback_request *ret)
{
	static const struct pal_text_rule comment_rule = {.max = COMMENT_POINTS_MAX};
	static const struct pal_text_rule user_rule = {
		.trim = true, .min = 1, .max = PAL_ID_POINTS_MAX};
	struct pal_str word = pal_fields_text(fields, root, "feedback_type", &word_rule);

	*ret = (struct pal_feedback_request){.type = PAL_FEEDBACK_THUMBS_UP};
	if (word.p && !pal_feedback_type_parse(word, &ret->type))
		pal_fields_wrong(fields, root, "feedback_type",
				 "must be one of thumbs_up, thumbs_down, helpful, not_helpful, "
				 "accurate, inaccurate");
	ret->user_id = pal_fields_text(fields, root, "user_id", &user_rule);
	ret->rating = pal_fields_integer(fields, root, "rating", 1, 5, 0);
	if (pal_fields_text(fields, root, "comment", &comment_rule).p)
		ret->comment = pal_json_raw(fields->json,
					    pal_json_member(fields->json, root->node,
							    PAL_STR("comment")));
	ret->timestamp_ms = read_timestamp(fields, root, now_ms);
}

void pal_typing_request_read(struct pal_fields *fields, const struct pal_fields_at *root,
			     struct pal_typing_request *ret)
{
	enum pal_channel_type channel;

	*ret = (struct pal_typing_request){
		.conversation_id = pal_fields_text(fields, root, "conversation_id", &id_rule),
		.user_id = pal_fields_text(fields, root, "user_id", &id_rule),
		.duration_ms = pal_fields_integer(fields, root, "typing_duration_ms", 0,
						  PAL_TYPING_MS_MAX, PAL_TYPING_MS_DEFAULT),
	};
	struct pal_str name = pal_fields_text(fields, root, "channel", &word_rule);
	if (name.p && !pal_channel_parse(name, &channel))
		pal_fields_wrong(fields, root, "channel", "is not a channel");
	else if (name.p && channel != PAL_CHANNEL_WEB)
		pal_fields_wrong(fields, root, "channel", "%s is not enabled for this tenant",
				 pal_channel_name(channel));
}
