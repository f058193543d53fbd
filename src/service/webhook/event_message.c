/* SPDX-License-Identifier: Apache-2.0 */
/* A message that came by a webhook goes to its user's conversation. */
#include "base/clock.h"
#include "channel/channel.h"
#include "service/view/answer.h"
#include "service/view/view.h"
#include "service/webhook/parts.h"
#include "store/store.h"

#define DAY_MS (24 * 3600 * 1000ll)

static struct pal_webhook_job *job_of_query(struct pal_query *query)
{
	return (struct pal_webhook_job *)((char *)query - offsetof(struct pal_webhook_job, query));
}

static void answered(struct pal_inbound *inbound)
{
	struct pal_webhook_job *job =
		(struct pal_webhook_job *)((char *)inbound -
					   offsetof(struct pal_webhook_job, inbound));
	bool is_new = inbound->code == PAL_OK && !inbound->is_duplicate;

	pal_buf_deinit(&inbound->answer);
	if (!is_new)
		pal_usage_give_back(&job->hold, 1);
	if (inbound->code == PAL_OK)
		pal_webhook_event_ended(job, PAL_WEBHOOK_DONE,
					inbound->is_duplicate ? "duplicate" : "processed", NULL);
	else
		pal_webhook_event_ended(job,
					pal_webhook_may_pass_later(inbound->code) ? PAL_WEBHOOK_AGAIN
								      : PAL_WEBHOOK_FAILED,
					"failed", &inbound->err);
}

/* The event as the body of a message; absent without memory. */
static struct pal_str write_request(struct pal_webhook_job *job, const char *message_id,
				    struct pal_str conversation_id)
{
	const struct pal_channel_event *event = pal_webhook_event_of(job);
	struct pal_buf out = pal_buf_of(0);

	pal_buf_add_char(&out, '{');
	pal_view_text(&out, "message_id", pal_str(message_id));
	pal_view_text(&out, "conversation_id", conversation_id);
	pal_view_text(&out, "user_id", job->user_id);
	pal_view_text(&out, "channel", pal_str(pal_channel_name(job->type)));
	pal_buf_add_lit(&out, "\"channel_metadata\":{");
	pal_view_text(&out, "platform_message_id", event->message_id);
	pal_view_text(&out, "platform_user_id", job->user_id);
	pal_view_raw(&out, "additional_data", event->metadata);
	pal_view_close(&out, '}');
	pal_buf_add_char(&out, ',');
	if (event->at_ms)
		pal_view_time(&out, "timestamp", event->at_ms);
	pal_view_raw(&out, "content", event->content);
	pal_view_close(&out, '}');
	return pal_arena_take_buf(&job->arena, &out);
}

/* Read it by the rules of every message. */
static enum pal_code read_request(struct pal_webhook_job *job, struct pal_str text,
				  struct pal_send_request *ret, struct pal_error *err)
{
	struct pal_webhooks *webhooks = job->webhooks;
	struct pal_field_errors errors = {.count = 0};
	struct pal_fields fields = {
		.json = pal_thread_json(), .arena = &job->arena, .errors = &errors};
	struct pal_json_fault fault;

	if (!text.p)
		return pal_fail_memory(err, "webhook");
	if (!pal_json_scan(pal_thread_json(), text, &fault))
		return pal_fail(err, PAL_E_VALIDATION, "data", "the message is too large: %s",
				fault.why);
	pthread_mutex_lock(&webhooks->lock);
	struct pal_request_rules rules = webhooks->options.rules;
	pthread_mutex_unlock(&webhooks->lock);
	rules.channels = 1u << job->type;
	return pal_send_request_read(&fields, job->received_ms, &rules, ret, err);
}

static enum pal_code check_type(struct pal_webhook_job *job, enum pal_content_type type,
				struct pal_error *err)
{
	struct pal_channel_config *config =
		pal_channels_get(job->webhooks->options.channels, job->us.tenant, job->type);
	bool is_taken = !config || config->types & 1u << type;

	pal_channel_config_unref(config);
	return is_taken ? PAL_OK
			: pal_fail(err, PAL_E_VALIDATION, "content.type",
				   "the channel does not take messages of the type %s",
				   pal_content_type_name(type));
}

static void submit(struct pal_webhook_job *job, struct pal_str conversation_id)
{
	const struct pal_clock *clock = job->webhooks->options.clock;
	char message_id[PAL_UUID_TEXT_SIZE];
	struct pal_error err;

	pal_webhook_message_id(job->type, pal_webhook_event_of(job)->message_id, message_id);
	memset(&job->inbound, 0, sizeof(job->inbound));
	struct pal_inbound *inbound = &job->inbound;
	enum pal_code code = read_request(
		job, write_request(job, message_id, conversation_id), &inbound->request, &err);
	if (code == PAL_OK)
		code = check_type(job, inbound->request.content.type, &err);
	if (code != PAL_OK) {
		pal_webhook_event_ended(job, pal_webhook_may_pass_later(code) ? PAL_WEBHOOK_AGAIN
								  : PAL_WEBHOOK_FAILED,
					"failed", &err);
		return;
	}
	if (!pal_usage_take(job->us.live, 1, pal_clock_wall_ms(clock), &job->hold)) {
		pal_fail(&err, PAL_E_UNAUTHORIZED, "quota",
			 "the tenant's messages of this month are used up");
		pal_webhook_event_ended(job, PAL_WEBHOOK_FAILED, "failed", &err);
		return;
	}
	inbound->caller = &job->us;
	inbound->request_id = pal_str(job->id);
	inbound->received_ms = job->received_ms;
	inbound->start_ns = pal_clock_mono_ns(clock);
	inbound->done = answered;
	pal_message_submit(job->webhooks->options.messages, inbound);
}

/* The open conversation of the user on this channel that was spoken in last. */
struct search {
	struct pal_webhook_job *job;
	int64_t since_ms, best_ms;
	struct pal_str best;
	bool failed;			/* there was no memory for it */
};

static bool consider(void *arg, const struct pal_conversation *c)
{
	struct search *s = arg;

	if (c->deleted || c->channel != s->job->type || pal_conversation_status_is_end(c->status) ||
	    c->last_activity_ms < s->since_ms || c->last_activity_ms < s->best_ms)
		return true;
	s->best_ms = c->last_activity_ms;
	s->best = pal_arena_copy(&s->job->arena, c->id);
	s->failed = !s->best.p;
	return !s->failed;
}

/*
 * Where it goes. PAL_E_CONFLICT when it is stored already: after a kill it is acted on again, and
 * would now be said in the conversation that it began.
 */
static void find_conversation(struct pal_query *query, struct pal_store *store, unsigned reader)
{
	struct pal_webhook_job *job = job_of_query(query);
	int64_t now_ms = pal_clock_wall_ms(job->webhooks->options.clock);
	struct search search = {.job = job,
				.since_ms = now_ms - DAY_MS,
				.best = pal_webhook_event_of(job)->conversation_id};
	struct pal_stored_call *found = &job->stored;	/* its storage is free now */
	char message_id[PAL_UUID_TEXT_SIZE];
	struct pal_found_exchange seen;

	pal_webhook_message_id(job->type, pal_webhook_event_of(job)->message_id, message_id);
	found->code = pal_store_find_exchange(store, reader, job->us.tenant, pal_str(message_id),
					      false, &job->arena, &seen, &found->err);
	if (found->code == PAL_OK) {
		found->code = PAL_E_CONFLICT;
		return;
	}
	if (found->code == PAL_E_NOT_FOUND)
		found->code = search.best.n ? PAL_OK
					    : pal_store_walk_conversations(
						      store, reader, job->us.tenant, job->user_id,
						      consider, &search, &found->err);
	if (found->code == PAL_OK && search.failed)
		found->code = pal_fail_memory(&found->err, "webhook");
	found->id = search.best;
}

static void conversation_found(struct pal_query *query)
{
	struct pal_webhook_job *job = job_of_query(query);
	struct pal_error err = job->stored.err;

	if (job->stored.code == PAL_OK)
		submit(job, job->stored.id);
	else if (job->stored.code == PAL_E_CONFLICT)
		pal_webhook_event_ended(job, PAL_WEBHOOK_DONE, "duplicate", NULL);
	else
		pal_webhook_event_ended(job, PAL_WEBHOOK_AGAIN, "failed", &err);
}

void pal_webhook_message_start(struct pal_webhook_job *job)
{
	const struct pal_channel_event *event = pal_webhook_event_of(job);
	const struct pal_channel_ops *ops =
		pal_channel_find(pal_str(pal_channel_name(job->type)));
	struct pal_error err;

	if (pal_channel_check_recipient(ops, event->user_id, &job->arena, &job->user_id, &err) !=
	    PAL_OK) {
		pal_webhook_event_ended(job, PAL_WEBHOOK_FAILED, "failed", &err);
		return;
	}
	job->query = (struct pal_query){.run = find_conversation, .done = conversation_found};
	if (pal_store_front_query(job->webhooks->options.front, &job->query) != PAL_PUT_FULL)
		return;
	pal_fail(&err, PAL_E_SERVICE, "store", "the store has more to read than it can take");
	pal_webhook_event_ended(job, PAL_WEBHOOK_AGAIN, "failed", &err);
}
