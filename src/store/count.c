/* SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"

#include "base/clock.h"
#include "base/metrics.h"

static const double seconds_bounds[] = {
	0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
	0.05,	 0.1,	 0.25,	 0.5,	1.0,	2.5,   5.0,
};
static const double group_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};

#define BOUNDS(array) (array), sizeof(array) / sizeof((array)[0])
#define DURATION(id, label)                                                                        \
	[id] = {"database_query_duration_seconds", "Time a call of the store took.",               \
		PAL_METRIC_HISTOGRAM, "op=\"" label "\"", BOUNDS(seconds_bounds)},
static const struct pal_metric_desc duration_descs[PAL_OP_MAX] = {PAL_STORE_OPS(DURATION)};

#define UNITS(label)                                                                               \
	{                                                                                          \
		"store_units_total", "Units of work by what became of them.", PAL_METRIC_COUNTER,  \
			"verdict=\"" label "\"", NULL, 0                                           \
	}
static const struct pal_metric_desc unit_descs[PAL_UNIT_VERDICT_COUNT] = {
	[PAL_UNIT_STORED] = UNITS("stored"),
	[PAL_UNIT_DUPLICATE] = UNITS("duplicate"),
	[PAL_UNIT_STALE] = UNITS("stale"),
	[PAL_UNIT_FAILED] = UNITS("failed"),
};

/* Fixed once registered. */
static struct {
	pal_metric duration[PAL_OP_MAX];
	pal_metric units[PAL_UNIT_VERDICT_COUNT];
	pal_metric commits, group;
} metrics;

void pal_store_count_register(void)
{
	for (size_t i = 0; i < PAL_OP_MAX; i++)
		metrics.duration[i] = pal_metric_register(&duration_descs[i]);
	for (size_t i = 0; i < PAL_UNIT_VERDICT_COUNT; i++)
		metrics.units[i] = pal_metric_register(&unit_descs[i]);
	metrics.commits = pal_metric_register(&(struct pal_metric_desc){
		.name = "store_commits_total",
		.help = "Groups of units committed.",
		.kind = PAL_METRIC_COUNTER,
	});
	metrics.group = pal_metric_register(&(struct pal_metric_desc){
		.name = "store_group_units",
		.help = "Units committed as one group.",
		.kind = PAL_METRIC_HISTOGRAM,
		.bounds = group_bounds,
		.bounds_count = sizeof(group_bounds) / sizeof(group_bounds[0]),
	});
}

int64_t pal_store_now_ns(void)
{
	return pal_clock_mono_ns(pal_clock_system());
}

enum pal_code pal_store_timed(enum pal_store_op op, int64_t start_ns, enum pal_code code)
{
	pal_metric_observe(metrics.duration[op], (double)(pal_store_now_ns() - start_ns) * 1e-9);
	return code;
}

void pal_store_count_group(int64_t start_ns, size_t count)
{
	(void)pal_store_timed(PAL_OP_COMMIT, start_ns, PAL_OK);
	pal_metric_add(metrics.commits, 1);
	pal_metric_observe(metrics.group, (double)count);
}

void pal_store_count_verdicts(struct pal_unit *const *units, size_t count)
{
	uint64_t of[PAL_UNIT_VERDICT_COUNT] = {0};

	for (size_t i = 0; i < count; i++)
		of[units[i]->verdict]++;
	for (size_t v = 0; v < PAL_UNIT_VERDICT_COUNT; v++) {
		if (of[v])
			pal_metric_add(metrics.units[v], of[v]);
	}
}
