/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metrics.h"
#include "service/webhook/parts.h"

static const struct {
	const char *name, *help;
} families[] = {
	[PAL_COUNT_WEBHOOKS] = {"palaver_webhooks_received_total",
				"Webhooks that were signed and kept."},
	[PAL_COUNT_REPEATS] = {"palaver_webhooks_repeated_total",
			       "Webhooks answered again because their id was seen before."},
	[PAL_COUNT_REFUSED] = {"palaver_webhooks_refused_total",
			       "Webhooks refused for their signature."},
	[PAL_COUNT_FAULTY] = {"palaver_webhooks_faulty_total",
			      "Webhooks that were signed and could not be read."},
	[PAL_COUNT_EVENTS] = {"palaver_webhook_events_total", "Events of webhooks acted on."},
	[PAL_COUNT_EVENTS_FAILED] = {"palaver_webhook_events_failed_total",
				     "Events of webhooks that came to nothing."},
	[PAL_COUNT_ORPHANS] = {"palaver_webhook_orphans_total",
			       "Receipts whose message did not appear within ten minutes."},
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

static pal_metric metrics[FAMILIES];

void pal_webhook_counters_register(void)
{
	for (size_t i = 0; i < FAMILIES; i++)
		metrics[i] = pal_metric_register(&(struct pal_metric_desc){
			.name = families[i].name,
			.help = families[i].help,
			.kind = PAL_METRIC_COUNTER});
}

void pal_webhook_count(enum pal_webhook_count what)
{
	pal_metric_add(metrics[what], 1);
}
