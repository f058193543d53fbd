/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h - counters, gauges and histograms. Each thread counts in its own row without atomic
 * read-modify-write; readers sum the rows. Families are registered before threads start.
 */
#ifndef PALAVER_BASE_METRICS_H
#define PALAVER_BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum pal_metric_kind { PAL_METRIC_COUNTER, PAL_METRIC_GAUGE, PAL_METRIC_HISTOGRAM };

/* Describe one series. Strings are static. `labels` is the inside of the braces, e.g.
 * `method="POST"` with its values escaped, or NULL. Series of one family share name, help, kind and
 * bounds. The description is copied, its strings are not. */
struct pal_metric_desc {
	const char *name;	/* base unit and suffix: _seconds, _bytes, _total, _ratio */
	const char *help;
	enum pal_metric_kind kind;
	const char *labels;
	const double *bounds;	/* HISTOGRAM: upper bounds, ascending, +Inf implied */
	size_t bounds_count;	/* at most 16 */
};

typedef uint32_t pal_metric;	/* a registered series */

/* Register a series; at most 512. Registering the same name and labels again gives the same one.
 * Runs on: main, before the first use. */
pal_metric pal_metric_register(const struct pal_metric_desc *desc);

/* Count. Runs on: any. */
void pal_metric_add(pal_metric m, uint64_t n);		/* COUNTER */
void pal_metric_set(pal_metric m, double v);		/* GAUGE: one value for the process */
void pal_metric_gauge_add(pal_metric m, int64_t n);	/* GAUGE: summed over threads */
void pal_metric_observe(pal_metric m, double v);	/* HISTOGRAM */

/* Sum of a counter or a gauge over all threads, including ended ones; of a histogram, how many
 * values it observed. Runs on: any. */
double pal_metric_value(pal_metric m);

/* Append all series in the Prometheus text format 0.0.4. Runs on: any. */
void pal_metrics_write(struct pal_buf *out);

#endif
