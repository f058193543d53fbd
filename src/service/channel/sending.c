/* SPDX-License-Identifier: Apache-2.0 */
#include "service/channel/sending.h"

#include <stdlib.h>

#include "base/id.h"
#include "channel/channel.h"
#include "service/view/view.h"

#define RETRY_AFTER_MS 1000u

struct pal_channel_sending {
	struct pal_courier_request request;	/* first */
	struct pal_channel_call *call;
	const struct pal_clock *clock;
	struct pal_channel_config *config;
	struct pal_channel_account account;
	struct pal_arena arena;
	void (*finish)(struct pal_channel_call *call, enum pal_code code);
	char id[PAL_UUID_TEXT_SIZE];
};

static void destroy(struct pal_channel_sending *s)
{
	pal_buf_deinit(&s->request.answer.body);
	pal_channel_config_unref(s->config);
	pal_arena_release(&s->arena);
	free(s);
}

static void end(struct pal_channel_sending *s, enum pal_code code)
{
	struct pal_channel_call *call = s->call;
	void (*finish)(struct pal_channel_call *, enum pal_code) = s->finish;

	destroy(s);
	finish(call, code);
}

static const char *outcome_name(enum pal_channel_outcome outcome)
{
	static const char *const names[PAL_OUTCOME_COUNT] = {
#define X(id, name) [id] = name,
		PAL_CHANNEL_OUTCOMES(X)
#undef X
	};

	return names[outcome];
}

static void answered(struct pal_courier_request *request)
{
	struct pal_channel_sending *s = (struct pal_channel_sending *)request;
	const struct pal_answer *answer = &request->answer;
	struct pal_buf *out = &s->call->data;
	struct pal_channel_result result = {.outcome = PAL_OUTCOME_RETRY};

	s->config->ops->classify(answer, &result);
	bool success = result.outcome == PAL_OUTCOME_OK || result.outcome == PAL_OUTCOME_ACCEPTED;
	pal_channels_note(s->call->channels, s->config->tenant, s->config->type, result.outcome,
			  result.code, answer->total_ms);
	pal_buf_add_char(out, '{');
	pal_view_text(out, "channel_type", pal_str(s->config->ops->name));
	pal_view_flag(out, "success", success);
	pal_view_text(out, "outcome", pal_str(outcome_name(result.outcome)));
	pal_view_text(out, "error_code", success ? PAL_STR("") : pal_str(result.code));
	pal_view_text(out, "refused_by",
		      answer->refused_by ? pal_str(answer->refused_by) : PAL_STR(""));
	pal_view_number(out, "http_status", answer->status);
	pal_view_number(out, "processing_time_ms", answer->total_ms);
	pal_view_text(out, "message_id", pal_str(s->id));
	pal_view_close(out, '}');
	end(s, PAL_OK);
}

static enum pal_code format(struct pal_channel_sending *s, struct pal_error *err)
{
	const struct pal_channel_ops *ops = s->config->ops;
	int64_t now_ms = pal_clock_wall_ms(s->clock);
	struct pal_str recipient = s->call->recipient;
	const struct pal_message message = {
		.message_id = pal_str(s->id),
		.user_id = PAL_STR("bot"),
		.sequence = 1,
		.direction = PAL_OUTBOUND,
		.timestamp_ms = now_ms,
		.content = {.text = PAL_STR("This is a test of the channel."),
			    .raw = PAL_STR("{\"type\":\"text\",\"text\":\"This is a test of the "
					   "channel.\"}")}};
	struct pal_channel_send send = {.account = &s->account,
					.delivery_id = pal_str(s->id),
					.tenant_id = s->call->caller->tenant_id,
					.conversation_id = PAL_STR("test"),
					.channel = pal_str(ops->name),
					.message = &message,
					.content = message.content.raw,
					.now_ms = now_ms};

	if (!recipient.n)
		recipient = PAL_STR("test");
	enum pal_code code =
		pal_channel_check_recipient(ops, recipient, &s->arena, &send.recipient, err);
	if (code == PAL_OK)
		code = pal_channel_format(ops, &send, &s->arena, &s->request.outgoing, err);
	return code;
}

void pal_channel_sending_start(struct pal_channel_call *call, struct pal_courier *courier,
			       const struct pal_clock *clock, struct pal_channel_config *config,
			       void (*finish)(struct pal_channel_call *call, enum pal_code code))
{
	struct pal_channel_sending *s = calloc(1, sizeof(*s));
	struct pal_uuid id = pal_uuid_v4();

	if (!s) {
		finish(call, pal_fail_memory(&call->err, "channel"));
		return;
	}
	s->call = call;
	s->clock = clock;
	s->config = pal_channel_config_ref(config);
	s->finish = finish;
	s->request.tenant = config->tenant;
	s->request.done = answered;
	pal_uuid_format(&id, s->id);
	pal_channel_config_account(config, pal_clock_wall_ms(clock), &s->account);
	enum pal_code code = config->ops->is_pushed
				     ? format(s, &call->err)
				     : pal_fail(&call->err, PAL_E_CONFLICT, "channel",
						"what is sent on the channel %s waits in the history",
						config->ops->name);
	if (code == PAL_OK && (!courier || !pal_courier_send(courier, &s->request)))
		code = pal_fail_retry(&call->err, PAL_E_SERVICE, RETRY_AFTER_MS, "courier",
				      "nothing more can be sent now");
	if (code != PAL_OK)
		end(s, code);
}
