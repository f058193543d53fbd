/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "suite.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct pal_buf out;

static const char *written(void)
{
	pal_buf_clear(&out);
	pal_metrics_write(&out);
	pal_buf_add_char(&out, '\0');
	return out.data;
}

static pal_metric counter(const char *name, const char *labels)
{
	const struct pal_metric_desc desc = {
		.name = name, .help = "A test.", .kind = PAL_METRIC_COUNTER, .labels = labels};

	return pal_metric_register(&desc);
}

TEST(a_counter_is_written_with_help_and_type)
{
	static const struct pal_metric_desc desc = {
		.name = "test_first_total",
		.help = "A \\ and\na line.",
		.kind = PAL_METRIC_COUNTER,
	};
	pal_metric m = pal_metric_register(&desc);

	pal_metric_add(m, 2);
	pal_metric_add(m, 3);
	CU_ASSERT_EQUAL(pal_metric_value(m), 5);
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "# HELP test_first_total A \\\\ and\\na line.\n"
						 "# TYPE test_first_total counter\n"
						 "test_first_total 5\n"));
	pal_buf_deinit(&out);
}

TEST(the_same_name_and_labels_are_the_same_series)
{
	pal_metric m = counter("test_same_total", "a=\"1\"");

	CU_ASSERT_EQUAL(counter("test_same_total", "a=\"1\""), m);
	CU_ASSERT_NOT_EQUAL(counter("test_same_total", "a=\"2\""), m);
	CU_ASSERT_NOT_EQUAL(counter("test_same_total", NULL), m);
	CU_ASSERT_NOT_EQUAL(counter("test_other_total", "a=\"1\""), m);
	pal_metric_add(m, 1);
	CU_ASSERT_EQUAL(pal_metric_value(counter("test_same_total", "a=\"2\"")), 0);
}

TEST(series_of_a_family_stand_together_under_one_head)
{
	pal_metric a = counter("test_family_total", "method=\"GET\"");
	pal_metric other = counter("test_between_total", NULL);
	pal_metric b = counter("test_family_total", "method=\"POST\"");

	pal_metric_add(a, 1);
	pal_metric_add(other, 2);
	pal_metric_add(b, 3);
	const char *text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "# TYPE test_family_total counter\n"
					    "test_family_total{method=\"GET\"} 1\n"
					    "test_family_total{method=\"POST\"} 3\n"));
	const char *first = strstr(text, "# TYPE test_family_total");
	CU_ASSERT_PTR_NULL(strstr(first + 1, "# TYPE test_family_total"));
	pal_buf_deinit(&out);
}

TEST(a_gauge_is_set_or_summed)
{
	const struct pal_metric_desc set = {
		.name = "test_set_ratio", .help = "Set.", .kind = PAL_METRIC_GAUGE};
	const struct pal_metric_desc sum = {
		.name = "test_open_items", .help = "Sum.", .kind = PAL_METRIC_GAUGE};
	pal_metric m = pal_metric_register(&set), n = pal_metric_register(&sum);

	pal_metric_set(m, 0.25);
	pal_metric_gauge_add(n, 5);
	pal_metric_gauge_add(n, -7);
	CU_ASSERT_EQUAL(pal_metric_value(m), 0.25);
	CU_ASSERT_EQUAL(pal_metric_value(n), -2);
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "\ntest_set_ratio 0.25\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "\ntest_open_items -2\n"));
	pal_metric_set(m, INFINITY);
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "\ntest_set_ratio +Inf\n"));
	pal_metric_set(m, NAN);
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "\ntest_set_ratio NaN\n"));
	pal_buf_deinit(&out);
}

static pal_metric histogram(const char *name, const char *labels)
{
	static const double bounds[] = {0.005, 0.1, 2.5};
	const struct pal_metric_desc desc = {.name = name, .help = "Times.",
					     .kind = PAL_METRIC_HISTOGRAM, .labels = labels,
					     .bounds = bounds, .bounds_count = COUNT(bounds)};

	return pal_metric_register(&desc);
}

TEST(a_histogram_counts_cumulatively_and_a_bound_belongs_to_its_bucket)
{
	static const double values[] = {0, 0.005, 0.0051, 0.1, 2, 2.5, 2.5001, 1e9, -1};
	pal_metric m = histogram("test_wait_seconds", NULL);

	for (size_t i = 0; i < COUNT(values); i++)
		pal_metric_observe(m, values[i]);
	pal_metric_observe(m, NAN);	/* ignored */
	CU_ASSERT_EQUAL(pal_metric_value(m), COUNT(values));
	CU_ASSERT_PTR_NOT_NULL(strstr(written(), "# TYPE test_wait_seconds histogram\n"
						 "test_wait_seconds_bucket{le=\"0.005\"} 3\n"
						 "test_wait_seconds_bucket{le=\"0.1\"} 5\n"
						 "test_wait_seconds_bucket{le=\"2.5\"} 7\n"
						 "test_wait_seconds_bucket{le=\"+Inf\"} 9\n"
						 "test_wait_seconds_sum 1000000006.1102\n"
						 "test_wait_seconds_count 9\n"));
	pal_buf_deinit(&out);
}

TEST(a_histogram_with_labels_adds_its_bound_to_them)
{
	pal_metric m = histogram("test_labelled_seconds", "path=\"/a\"");

	pal_metric_observe(m, 1);
	const char *text = written();
	CU_ASSERT_PTR_NOT_NULL(
		strstr(text, "test_labelled_seconds_bucket{path=\"/a\",le=\"2.5\"} 1\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "test_labelled_seconds_sum{path=\"/a\"} 1\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "test_labelled_seconds_count{path=\"/a\"} 1\n"));
	pal_buf_deinit(&out);
}

enum { THREADS = 4, TURNS = 20000 };

static pal_metric shared_counter, shared_gauge, shared_histogram;
static _Atomic int ready, leave;

static void *count_in_thread(void *unused)
{
	for (int i = 0; i < TURNS; i++) {
		pal_metric_add(shared_counter, 1);
		pal_metric_gauge_add(shared_gauge, i % 2 ? -3 : 2);
		pal_metric_observe(shared_histogram, 0.5);
	}
	atomic_fetch_add(&ready, 1);
	while (!atomic_load(&leave))
		sched_yield();
	return unused;
}

static void check_shared(void)
{
	CU_ASSERT_EQUAL(pal_metric_value(shared_counter), (double)THREADS * TURNS);
	CU_ASSERT_EQUAL(pal_metric_value(shared_gauge), -(double)THREADS * TURNS / 2);
	const char *text = written();
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "test_shared_seconds_bucket{le=\"0.1\"} 0\n"
					    "test_shared_seconds_bucket{le=\"2.5\"} 80000\n"
					    "test_shared_seconds_bucket{le=\"+Inf\"} 80000\n"
					    "test_shared_seconds_sum 40000\n"
					    "test_shared_seconds_count 80000\n"));
}

TEST(threads_are_summed_while_they_live_and_after_they_ended)
{
	const struct pal_metric_desc gauge = {
		.name = "test_shared_items", .help = "Sum.", .kind = PAL_METRIC_GAUGE};
	pthread_t threads[THREADS];
	double last = 0;

	shared_counter = counter("test_shared_total", NULL);
	shared_gauge = pal_metric_register(&gauge);
	shared_histogram = histogram("test_shared_seconds", NULL);
	atomic_store(&ready, 0);
	atomic_store(&leave, 0);
	for (int i = 0; i < THREADS; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, count_in_thread, NULL), 0);
	while (atomic_load(&ready) < THREADS) {
		double now = pal_metric_value(shared_counter);
		CU_ASSERT(now >= last);	/* a counter never goes back */
		last = now;
	}
	check_shared();
	atomic_store(&leave, 1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check_shared();
	pal_buf_deinit(&out);
}

TEST(every_line_is_a_comment_or_a_sample_and_the_text_ends_in_a_newline)
{
	const char *text = written();

	for (const char *p = text; *p; p = strchr(p, '\n') + 1) {
		size_t n = strcspn(p, "\n");
		CU_ASSERT_EQUAL_FATAL(p[n], '\n');
		if (strncmp(p, "# HELP ", 7) == 0 || strncmp(p, "# TYPE ", 7) == 0)
			continue;
		size_t name = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789_");
		CU_ASSERT(name > 0 && (p[name] == ' ' || p[name] == '{'));
		const char *value = memrchr(p, ' ', n);
		CU_ASSERT(value && value + 1 < p + n);
	}
	pal_buf_deinit(&out);
}

SUITE(metrics, CASE(a_counter_is_written_with_help_and_type),
      CASE(the_same_name_and_labels_are_the_same_series),
      CASE(series_of_a_family_stand_together_under_one_head), CASE(a_gauge_is_set_or_summed),
      CASE(a_histogram_counts_cumulatively_and_a_bound_belongs_to_its_bucket),
      CASE(a_histogram_with_labels_adds_its_bound_to_them),
      CASE(threads_are_summed_while_they_live_and_after_they_ended),
      CASE(every_line_is_a_comment_or_a_sample_and_the_text_ends_in_a_newline))
