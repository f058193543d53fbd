/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread's row is an array of cells that only its thread writes, with relaxed stores; readers
 * load them. A series is a run of cells: a counter and a gauge have one, a histogram one per bucket
 * and one for the sum. A thread that ends folds its row into `base`, whose cells anyone adds to.
 *
 * A pal_metric is the index of the series in its low bits and of its first cell above them, so that
 * counting needs no look-up.
 */
#include "base/metrics.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define SERIES_MAX 512u
#define BOUNDS_MAX 16u
#define CELLS_MAX (SERIES_MAX * (BOUNDS_MAX + 2))
#define SERIES_BITS 10

typedef _Atomic uint64_t cell;

struct row {
	struct row *next, **link;	/* guarded by `lock` */
	cell cells[CELLS_MAX];
};

struct series {
	struct pal_metric_desc desc;
	uint32_t first_cell, cells;
	uint32_t next;		/* of the same family, or SERIES_MAX */
	bool is_head;		/* the first of its family */
	cell set_bits;		/* GAUGE: the double last set */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* guards down to `rows` */
static struct series all[SERIES_MAX];
static uint32_t series_count, cells_count;
static struct row *rows;
static struct row base;		/* ended threads, and those without memory for a row */
static _Thread_local struct row *mine;
static pthread_key_t row_key;
static pthread_once_t row_once = PTHREAD_ONCE_INIT;

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

static double double_of(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static uint64_t load(const cell *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

static bool is_sum_cell(const struct series *s, uint32_t i)
{
	return s->desc.kind == PAL_METRIC_HISTOGRAM && i + 1 == s->cells;
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void base_add(cell *c, uint64_t n)
{
	atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static void base_add_double(cell *c, double v)
{
	uint64_t old = load(c);

	while (!atomic_compare_exchange_weak_explicit(c, &old, bits_of(double_of(old) + v),
						      memory_order_relaxed, memory_order_relaxed))
		;
}

static void fold_locked(struct row *row)
{
	for (uint32_t k = 0; k < series_count; k++) {
		const struct series *s = &all[k];
		for (uint32_t i = 0; i < s->cells; i++) {
			uint64_t v = load(&row->cells[s->first_cell + i]);
			if (is_sum_cell(s, i))
				base_add_double(&base.cells[s->first_cell + i], double_of(v));
			else
				base_add(&base.cells[s->first_cell + i], v);
		}
	}
}

static void end_row(void *arg)
{
	struct row *row = arg;

	pthread_mutex_lock(&lock);
	fold_locked(row);
	*row->link = row->next;
	if (row->next)
		row->next->link = row->link;
	pthread_mutex_unlock(&lock);
	mine = NULL;
	free(row);
}

static void create_key(void)
{
	if (pthread_key_create(&row_key, end_row) != 0)
		abort();	/* at the first count of the process; keys are plenty */
}

static struct row *create_row(void)
{
	pthread_once(&row_once, create_key);
	struct row *row = calloc(1, sizeof(*row));

	if (!row || pthread_setspecific(row_key, row) != 0) {
		free(row);
		return NULL;
	}
	pthread_mutex_lock(&lock);
	row->next = rows;
	row->link = &rows;
	if (rows)
		rows->link = &row->next;
	rows = row;
	pthread_mutex_unlock(&lock);
	mine = row;
	return row;
}

static inline struct row *my_row(void)
{
	return mine ? mine : create_row();
}

/* --- Registering ------------------------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static uint32_t cells_of(const struct pal_metric_desc *desc)
{
	return desc->kind == PAL_METRIC_HISTOGRAM ? (uint32_t)desc->bounds_count + 2 : 1;
}

static uint32_t add_series_locked(const struct pal_metric_desc *desc, struct series *family_last)
{
	uint32_t index = series_count++;

	assert(index < SERIES_MAX && desc->bounds_count <= BOUNDS_MAX);
	all[index] = (struct series){
		.desc = *desc,
		.first_cell = cells_count,
		.cells = cells_of(desc),
		.next = SERIES_MAX,
		.is_head = !family_last,
	};
	cells_count += all[index].cells;
	if (family_last)
		family_last->next = index;
	return index;
}

pal_metric pal_metric_register(const struct pal_metric_desc *desc)
{
	struct series *last = NULL;
	uint32_t index;

	pthread_mutex_lock(&lock);
	for (index = 0; index < series_count; index++) {
		struct series *s = &all[index];
		if (strcmp(s->desc.name, desc->name) != 0)
			continue;
		assert(s->desc.kind == desc->kind && cells_of(&s->desc) == cells_of(desc));
		if (same_text(s->desc.labels, desc->labels))
			break;
		last = s;
	}
	if (index == series_count)
		index = add_series_locked(desc, last);
	pal_metric m = all[index].first_cell << SERIES_BITS | index;
	pthread_mutex_unlock(&lock);
	return m;
}

/* --- Counting --------------------------------------------------------------------------------- */

static inline uint32_t cell_of(pal_metric m)
{
	return m >> SERIES_BITS;
}

static inline struct series *series_of(pal_metric m)
{
	return &all[m & ((1u << SERIES_BITS) - 1)];
}

static inline void count(uint32_t at, uint64_t n)
{
	struct row *row = my_row();

	if (!row)
		base_add(&base.cells[at], n);
	else
		atomic_store_explicit(&row->cells[at], load(&row->cells[at]) + n,
				      memory_order_relaxed);
}

void pal_metric_add(pal_metric m, uint64_t n)
{
	count(cell_of(m), n);
}

void pal_metric_gauge_add(pal_metric m, int64_t n)
{
	count(cell_of(m), (uint64_t)n);	/* modulo 2^64, read back as signed */
}

void pal_metric_set(pal_metric m, double v)
{
	atomic_store_explicit(&series_of(m)->set_bits, bits_of(v), memory_order_relaxed);
}

void pal_metric_observe(pal_metric m, double v)
{
	const struct pal_metric_desc *desc = &series_of(m)->desc;
	uint32_t sum = cell_of(m) + (uint32_t)desc->bounds_count + 1;
	uint32_t bucket = 0;

	if (isnan(v))
		return;		/* would spoil the sum for good */
	while (bucket < desc->bounds_count && v > desc->bounds[bucket])
		bucket++;
	count(cell_of(m) + bucket, 1);
	struct row *row = my_row();
	if (!row)
		base_add_double(&base.cells[sum], v);
	else
		atomic_store_explicit(&row->cells[sum],
				      bits_of(double_of(load(&row->cells[sum])) + v),
				      memory_order_relaxed);
}

/* --- Reading ---------------------------------------------------------------------------------- */

static uint64_t total_locked(uint32_t at)
{
	uint64_t sum = load(&base.cells[at]);

	for (const struct row *row = rows; row; row = row->next)
		sum += load(&row->cells[at]);
	return sum;
}

static double total_double_locked(uint32_t at)
{
	double sum = double_of(load(&base.cells[at]));

	for (const struct row *row = rows; row; row = row->next)
		sum += double_of(load(&row->cells[at]));
	return sum;
}

static uint64_t observed_locked(const struct series *s)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i <= s->desc.bounds_count; i++)
		sum += total_locked(s->first_cell + i);
	return sum;
}

static double gauge_locked(const struct series *s)
{
	return double_of(load(&s->set_bits)) + (double)(int64_t)total_locked(s->first_cell);
}

double pal_metric_value(pal_metric m)
{
	const struct series *s = series_of(m);

	double v = 0;

	pthread_mutex_lock(&lock);
	switch (s->desc.kind) {
	case PAL_METRIC_COUNTER:
		v = (double)total_locked(s->first_cell);
		break;
	case PAL_METRIC_GAUGE:
		v = gauge_locked(s);
		break;
	case PAL_METRIC_HISTOGRAM:
		v = (double)observed_locked(s);
		break;
	}
	pthread_mutex_unlock(&lock);
	return v;
}

static void put_number(struct pal_buf *out, double v)
{
	if (isnan(v))
		pal_buf_add_lit(out, "NaN");
	else if (isinf(v))
		pal_buf_add_str(out, v > 0 ? PAL_STR("+Inf") : PAL_STR("-Inf"));
	else
		pal_json_put_double(out, v);
}

/* `name suffix{labels,le="..."} `; `bound` is NULL but for a bucket. */
static void put_name(struct pal_buf *out, const struct pal_metric_desc *desc, const char *suffix,
		     const double *bound)
{
	pal_buf_add_str(out, pal_str(desc->name));
	pal_buf_add_str(out, pal_str(suffix));
	if (desc->labels || bound)
		pal_buf_add_char(out, '{');
	pal_buf_add_str(out, pal_str(desc->labels));
	if (bound) {
		pal_buf_add_str(out, desc->labels ? PAL_STR(",le=\"") : PAL_STR("le=\""));
		put_number(out, *bound);
		pal_buf_add_char(out, '"');
	}
	if (desc->labels || bound)
		pal_buf_add_char(out, '}');
	pal_buf_add_char(out, ' ');
}

static void put_histogram_locked(struct pal_buf *out, const struct series *s)
{
	const struct pal_metric_desc *desc = &s->desc;
	uint64_t cumulative = 0;

	for (uint32_t i = 0; i <= desc->bounds_count; i++) {
		double bound = i < desc->bounds_count ? desc->bounds[i] : INFINITY;
		cumulative += total_locked(s->first_cell + i);
		put_name(out, desc, "_bucket", &bound);
		pal_buf_add_u64(out, cumulative);
		pal_buf_add_char(out, '\n');
	}
	put_name(out, desc, "_sum", NULL);
	put_number(out, total_double_locked(s->first_cell + s->cells - 1));
	pal_buf_add_char(out, '\n');
	put_name(out, desc, "_count", NULL);
	pal_buf_add_u64(out, cumulative);
}

static void put_series_locked(struct pal_buf *out, const struct series *s)
{
	if (s->desc.kind == PAL_METRIC_HISTOGRAM) {
		put_histogram_locked(out, s);
	} else {
		put_name(out, &s->desc, "", NULL);
		if (s->desc.kind == PAL_METRIC_COUNTER)
			pal_buf_add_u64(out, total_locked(s->first_cell));
		else
			put_number(out, gauge_locked(s));
	}
	pal_buf_add_char(out, '\n');
}

static void put_head(struct pal_buf *out, const struct pal_metric_desc *desc)
{
	static const char *const kinds[] = {
		[PAL_METRIC_COUNTER] = " counter\n",
		[PAL_METRIC_GAUGE] = " gauge\n",
		[PAL_METRIC_HISTOGRAM] = " histogram\n",
	};

	pal_buf_add_lit(out, "# HELP ");
	pal_buf_add_str(out, pal_str(desc->name));
	pal_buf_add_char(out, ' ');
	for (const char *p = desc->help; *p; p++) {
		if (*p == '\\')
			pal_buf_add_lit(out, "\\\\");
		else if (*p == '\n')
			pal_buf_add_lit(out, "\\n");
		else
			pal_buf_add_char(out, *p);
	}
	pal_buf_add_lit(out, "\n# TYPE ");
	pal_buf_add_str(out, pal_str(desc->name));
	pal_buf_add_str(out, pal_str(kinds[desc->kind]));
}

void pal_metrics_write(struct pal_buf *out)
{
	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; i < series_count; i++) {
		if (!all[i].is_head)
			continue;
		put_head(out, &all[i].desc);
		for (uint32_t k = i; k < SERIES_MAX; k = all[k].next)
			put_series_locked(out, &all[k]);
	}
	pthread_mutex_unlock(&lock);
}
