/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics of the delivery service: palaver_delivery_*. */
#include "base/metrics.h"
#include "channel/outcome.h"
#include "service/delivery/dispatch_parts.h"

static struct {
	pal_metric attempts[PAL_OUTCOME_COUNT];
	pal_metric sent, failed, doubles, opened, tracks, in_flight, paced, seconds;
} metrics;

static const char *const outcome_labels[] = {
#define X(id, name) "outcome=\"" name "\"",
	PAL_CHANNEL_OUTCOMES(X)
#undef X
};

static pal_metric counter(const char *name, const char *help, const char *labels)
{
	return pal_metric_register(&(struct pal_metric_desc){
		.name = name, .help = help, .kind = PAL_METRIC_COUNTER, .labels = labels});
}

static pal_metric gauge(const char *name, const char *help)
{
	return pal_metric_register(&(struct pal_metric_desc){
		.name = name, .help = help, .kind = PAL_METRIC_GAUGE});
}

void pal_dispatch_counts_register(void)
{
	static const double bounds[] = {0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300, 3600};

	for (size_t i = 0; i < PAL_OUTCOME_COUNT; i++)
		metrics.attempts[i] = counter("palaver_delivery_attempts_total",
					      "Attempts to deliver, by how they ended.",
					      outcome_labels[i]);
	metrics.sent = counter("palaver_deliveries_total", "Deliveries that ended.",
			       "status=\"sent\"");
	metrics.failed = counter("palaver_deliveries_total", "Deliveries that ended.",
				 "status=\"failed\"");
	metrics.doubles = counter("palaver_delivery_possible_duplicates_total",
				  "Deliveries that may have arrived more than once.", NULL);
	metrics.opened = counter("palaver_delivery_circuits_opened_total",
				 "How often an endpoint was left alone for failing.", NULL);
	metrics.tracks = gauge("palaver_delivery_conversations",
			       "Conversations in memory with something to deliver.");
	metrics.in_flight = gauge("palaver_delivery_in_flight", "Deliveries under way.");
	metrics.paced = gauge("palaver_delivery_paced",
			      "Conversations that wait since their channel may not be sent on more "
			      "often.");
	metrics.seconds = pal_metric_register(&(struct pal_metric_desc){
		.name = "palaver_delivery_seconds",
		.help = "From a reply to its delivery.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = bounds,
		.bounds_count = sizeof(bounds) / sizeof(bounds[0]),
	});
}

void pal_dispatch_count_attempt(const struct pal_attempt *attempt)
{
	pal_metric_add(metrics.attempts[attempt->outcome], 1);
}

void pal_dispatch_count_end(const struct pal_delivery_state *state, int64_t took_ms)
{
	bool failed = state->status == PAL_DELIVERY_FAILED;

	pal_metric_add(failed ? metrics.failed : metrics.sent, 1);
	if (state->may_be_double)
		pal_metric_add(metrics.doubles, 1);
	if (!failed)
		pal_metric_observe(metrics.seconds, (double)(took_ms > 0 ? took_ms : 0) / 1000);
}

void pal_dispatch_count_open(void)
{
	pal_metric_add(metrics.opened, 1);
}

void pal_dispatch_gauge(const struct pal_dispatch_counts *counts)
{
	pal_metric_set(metrics.tracks, counts->waiting);
	pal_metric_set(metrics.in_flight, counts->in_flight);
	pal_metric_set(metrics.paced, counts->paced);
}
