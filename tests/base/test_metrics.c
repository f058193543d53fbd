/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metrics.h"

#include <string.h>

#include "suite.h"

TEST(a_counter_counts_and_is_written_with_help_and_type)
{
	static const struct pal_metric_desc desc = {
		.name = "test_first_total", .help = "A \\ and\na line.", .kind = PAL_METRIC_COUNTER};
	pal_metric m = pal_metric_register(&desc);
	struct pal_buf out = {0};

	pal_metric_add(m, 2);
	pal_metric_add(m, 3);
	CU_ASSERT_EQUAL(pal_metric_value(m), 5);
	pal_metrics_write(&out);
	pal_buf_add_char(&out, '\0');
	CU_ASSERT_PTR_NOT_NULL(strstr(out.data, "# HELP test_first_total A \\\\ and\\na line.\n"
						"# TYPE test_first_total counter\n"
						"test_first_total 5\n"));
	pal_buf_deinit(&out);
}

SUITE(metrics, CASE(a_counter_counts_and_is_written_with_help_and_type))
