/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt goes to its message; one that is not there may be on its way. */
#include "base/clock.h"
#include "channel/channel.h"
#include "service/view/view.h"
#include "service/webhook/parts.h"

/* A message that is not there may be on its way: the receipt waits, but not for ever. */
static void end_unknown(struct pal_webhook_job *job, const struct pal_error *err)
{
	int64_t now_ms = pal_clock_wall_ms(job->webhooks->options.clock);

	if (now_ms - job->received_ms < PAL_WEBHOOK_ORPHAN_MS) {
		pal_webhook_event_ended(job, PAL_WEBHOOK_AGAIN, "waiting", err);
		return;
	}
	pal_webhook_count(PAL_COUNT_ORPHANS);
	pal_webhook_event_ended(job, PAL_WEBHOOK_FAILED, "orphan", err);
}

static void receipt_noted(struct pal_stored_call *call)
{
	struct pal_webhook_job *job =
		(struct pal_webhook_job *)((char *)call - offsetof(struct pal_webhook_job, stored));
	struct pal_error err = call->err;
	enum pal_code code = call->code;

	pal_buf_deinit(&call->data);
	if (code == PAL_OK)
		pal_webhook_event_ended(job, PAL_WEBHOOK_DONE, "processed", NULL);
	else if (code == PAL_E_NOT_FOUND)
		end_unknown(job, &err);
	else
		pal_webhook_event_ended(job, pal_webhook_may_pass_later(code) ? PAL_WEBHOOK_AGAIN
								  : PAL_WEBHOOK_FAILED,
					"failed", &err);
}

/* {"reason":"..."} of a failed delivery; absent when there is none. */
static struct pal_str reason_of(struct pal_webhook_job *job)
{
	const struct pal_channel_event *event = pal_webhook_event_of(job);
	struct pal_buf out = pal_buf_of(0);

	if (event->status != PAL_DELIVERY_FAILED || !event->reason.n)
		return (struct pal_str){NULL, 0};
	pal_buf_add_lit(&out, "{\"failure_reason\":");
	pal_json_put_string(&out, event->reason);
	pal_buf_add_char(&out, '}');
	return pal_arena_take_buf(&job->arena, &out);
}

void pal_webhook_receipt_start(struct pal_webhook_job *job)
{
	const struct pal_channel_event *event = pal_webhook_event_of(job);
	bool is_ours = pal_webhook_is_own_id(event->message_id);

	memset(&job->stored, 0, sizeof(job->stored));
	job->stored = (struct pal_stored_call){
		.verb = PAL_STORED_RECEIPT,
		.caller = &job->us,
		.id = pal_webhook_own_id(event->message_id),
		.now_ms = pal_clock_wall_ms(job->webhooks->options.clock),
		.channel = job->type,
		.platform_id = is_ours ? (struct pal_str){NULL, 0} : event->message_id,
		.of = {.status = {.status = event->kind == PAL_EVENT_READ_RECEIPT
						    ? PAL_DELIVERY_READ
						    : event->status,
				  .timestamp_ms = event->at_ms ? event->at_ms : job->received_ms,
				  .metadata = reason_of(job)}},
		.done = receipt_noted};
	pal_stored_message_do(job->webhooks->options.front, &job->stored);
}
