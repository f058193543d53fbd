/* SPDX-License-Identifier: Apache-2.0 */
#include "service/conversation/counters.h"

#include "base/log.h"
#include "base/metrics.h"
#include "service/conversation/message.h"

static pal_metric received, processed, started, ended, duplicates, took;
static pal_metric messages[2][PAL_CONTENT_TYPE_COUNT];	/* by enum pal_direction; web so far */
static pal_metric errors[PAL_CODE_COUNT];

static pal_metric counter(const char *name, const char *help, const char *labels)
{
	return pal_metric_register(&(struct pal_metric_desc){
		.name = name, .help = help, .kind = PAL_METRIC_COUNTER, .labels = labels});
}

static void register_errors(void)
{
	static const char *const labels[PAL_CODE_COUNT] = {
#define X(code, name, status, api, retry) [code] = "code=\"" name "\"",
		PAL_ERROR_CODES(X)
#undef X
	};

	for (int code = PAL_OK + 1; code < PAL_CODE_COUNT; code++)
		errors[code] = counter("errors_total", "Messages that failed, by error code.",
				       labels[code]);
}

static void register_messages(void)
{
	static const char help[] = "Messages stored, by channel, direction and type.";
	static const char *const labels[2][PAL_CONTENT_TYPE_COUNT] = {
#define X(id, name)                                                                                \
	[PAL_INBOUND][id] = "channel=\"web\",direction=\"inbound\",message_type=\"" name "\"",     \
	[PAL_OUTBOUND][id] = "channel=\"web\",direction=\"outbound\",message_type=\"" name "\"",
		PAL_CONTENT_TYPES(X)
#undef X
	};

	for (size_t d = 0; d < 2; d++)
		for (size_t t = 0; t < PAL_CONTENT_TYPE_COUNT; t++)
			messages[d][t] =
				counter("messages_processed_total", help, labels[d][t]);
}

void pal_counters_register(void)
{
	static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
					0.25,  0.5,    1,     2.5,  5,     10};

	received = counter("chat_messages_received_total", "Inbound messages taken on.", NULL);
	processed = counter("chat_messages_processed_total", "Inbound messages stored.", NULL);
	started = counter("conversations_started_total", "Conversations begun.", NULL);
	ended = counter("conversations_completed_total", "Conversations completed or abandoned.",
			NULL);
	duplicates = counter("palaver_duplicate_messages_total",
			     "Messages answered again because their id was seen before.", NULL);
	register_messages();
	took = pal_metric_register(&(struct pal_metric_desc){
		.name = "palaver_message_duration_seconds",
		.help = "Time from the first byte of a message to its stored answer.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = bounds,
		.bounds_count = sizeof(bounds) / sizeof(bounds[0])});
	register_errors();
}

void pal_count_received(void)
{
	pal_metric_add(received, 1);
}

void pal_count_started(void)
{
	pal_metric_add(started, 1);
}

void pal_count_ended(void)
{
	pal_metric_add(ended, 1);
}

void pal_count_duplicate(void)
{
	pal_metric_add(duplicates, 1);
}

void pal_count_error(enum pal_code code)
{
	pal_metric_add(errors[code], 1);
}

double pal_counter_messages(void)
{
	return pal_metric_value(processed);
}

double pal_counter_errors(void)
{
	double sum = 0;

	for (int code = PAL_OK + 1; code < PAL_CODE_COUNT; code++)
		sum += pal_metric_value(errors[code]);
	return sum;
}

void pal_count_processed(const struct pal_inbound *inbound, const struct pal_exchange *exchange,
			 const struct pal_conversation *conversation, int64_t now_ns)
{
	pal_metric_add(processed, 1);
	pal_metric_add(messages[PAL_INBOUND][exchange->in.content.type], 1);
	if (exchange->out.sequence)
		pal_metric_add(messages[PAL_OUTBOUND][exchange->out.content.type], 1);
	pal_metric_observe(took, (double)(now_ns - inbound->start_ns) / 1e9);
	PAL_LOG(PAL_LOG_INFO, PAL_STR("message"), "process_message_complete",
		PAL_F_STR("request_id", inbound->request_id),
		PAL_F_STR("tenant_id", inbound->caller->tenant_id),
		PAL_F_STR("user_id", exchange->in.user_id),
		PAL_F_STR("conversation_id", conversation->id),
		PAL_F_STR("message_id", exchange->in.message_id),
		PAL_F_I64("sequence", exchange->in.sequence),
		PAL_F_I64("took_us", (now_ns - inbound->start_ns) / 1000));
}
