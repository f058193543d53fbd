/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/tail.h"

#include <assert.h>
#include <string.h>

#define KEY_WIDTH 2u

static void init_tables(struct pal_sqlite_table tables[PAL_SQLITE_LIST_COUNT])
{
	tables[PAL_SQLITE_MESSAGES].width = KEY_WIDTH;
	tables[PAL_SQLITE_REPLIES].width = KEY_WIDTH;
	tables[PAL_SQLITE_HEADS].width = PAL_SQLITE_HEAD_WIDTH;
}

void pal_sqlite_tail_init(struct pal_sqlite_tail *tail)
{
	memset(tail, 0, sizeof(*tail));
	pthread_mutex_init(&tail->lock, NULL);
	init_tables(tail->staged);
	init_tables(tail->recent);
}

void pal_sqlite_tail_deinit(struct pal_sqlite_tail *tail)
{
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++) {
		pal_sqlite_table_deinit(&tail->staged[i]);
		pal_sqlite_table_deinit(&tail->recent[i]);
		pal_sqlite_run_deinit(&tail->frozen[i]);
	}
	pthread_mutex_destroy(&tail->lock);
}

bool pal_sqlite_tail_stage(struct pal_sqlite_tail *tail, enum pal_sqlite_list list, int64_t key,
			   int64_t exchange)
{
	const int64_t row[KEY_WIDTH] = {key, exchange};

	if (!pal_sqlite_table_reserve(&tail->staged[list], 1))
		return false;
	pal_sqlite_table_add(&tail->staged[list], row);
	return true;
}

bool pal_sqlite_tail_stage_head(struct pal_sqlite_tail *tail, const struct pal_sqlite_head *head)
{
	const int64_t row[PAL_SQLITE_HEAD_WIDTH] = {head->conversation, head->exchange,
						    head->sequence, head->tenant,
						    head->received_ms};

	if (!pal_sqlite_table_reserve(&tail->staged[PAL_SQLITE_HEADS], 1))
		return false;
	pal_sqlite_table_put(&tail->staged[PAL_SQLITE_HEADS], row);
	return true;
}

void pal_sqlite_tail_unstage(struct pal_sqlite_tail *tail)
{
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++)
		pal_sqlite_table_clear(&tail->staged[i]);
}

bool pal_sqlite_tail_reserve(struct pal_sqlite_tail *tail)
{
	bool is_roomy = true;

	pthread_mutex_lock(&tail->lock);
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT && is_roomy; i++)
		is_roomy = pal_sqlite_table_reserve(&tail->recent[i], tail->staged[i].count);
	pthread_mutex_unlock(&tail->lock);
	return is_roomy;
}

void pal_sqlite_tail_publish(struct pal_sqlite_tail *tail, const struct pal_sqlite_totals *totals)
{
	pthread_mutex_lock(&tail->lock);
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++)
		pal_sqlite_table_move(&tail->recent[i], &tail->staged[i], i == PAL_SQLITE_HEADS);
	tail->totals = *totals;
	pthread_mutex_unlock(&tail->lock);
}

bool pal_sqlite_tail_freeze(struct pal_sqlite_tail *tail)
{
	struct pal_sqlite_run runs[PAL_SQLITE_LIST_COUNT] = {0};
	struct pal_sqlite_table fresh[PAL_SQLITE_LIST_COUNT] = {0};
	bool is_made = true;

	assert(!tail->is_frozen);
	init_tables(fresh);
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT && is_made; i++) {
		is_made = pal_sqlite_run_init(&runs[i], &tail->recent[i]) &&
			  pal_sqlite_table_reserve(&fresh[i], tail->recent[i].count);
	}
	if (is_made) {
		struct pal_sqlite_table emptied[PAL_SQLITE_LIST_COUNT];
		pthread_mutex_lock(&tail->lock);
		memcpy(emptied, tail->recent, sizeof(emptied));
		memcpy(tail->recent, fresh, sizeof(fresh));
		memcpy(tail->frozen, runs, sizeof(runs));
		memset(runs, 0, sizeof(runs));
		memcpy(fresh, emptied, sizeof(fresh));
		pthread_mutex_unlock(&tail->lock);
		tail->frozen_totals = tail->totals;
		tail->is_frozen = true;
	}
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++) {
		pal_sqlite_table_deinit(&fresh[i]);
		pal_sqlite_run_deinit(&runs[i]);
	}
	return is_made;
}

void pal_sqlite_tail_thaw(struct pal_sqlite_tail *tail)
{
	struct pal_sqlite_run runs[PAL_SQLITE_LIST_COUNT];

	assert(tail->is_frozen);
	pthread_mutex_lock(&tail->lock);
	memcpy(runs, tail->frozen, sizeof(runs));
	memset(tail->frozen, 0, sizeof(tail->frozen));
	pthread_mutex_unlock(&tail->lock);
	for (size_t i = 0; i < PAL_SQLITE_LIST_COUNT; i++)
		pal_sqlite_run_deinit(&runs[i]);
	tail->is_frozen = false;
}

int64_t pal_sqlite_tail_next(struct pal_sqlite_tail *tail, enum pal_sqlite_list list, int64_t key,
			     int64_t after)
{
	pthread_mutex_lock(&tail->lock);
	int64_t frozen = pal_sqlite_run_next(&tail->frozen[list], key, after);
	int64_t recent = pal_sqlite_table_next(&tail->recent[list], key, after);
	pthread_mutex_unlock(&tail->lock);
	return frozen ? frozen : recent;	/* every frozen exchange is lower than any recent */
}

int64_t pal_sqlite_tail_next_staged(const struct pal_sqlite_tail *tail, enum pal_sqlite_list list,
				    int64_t key, int64_t after)
{
	return pal_sqlite_table_next(&tail->staged[list], key, after);
}

static bool take_head(const int64_t *row, struct pal_sqlite_head *ret)
{
	if (row)
		*ret = (struct pal_sqlite_head){row[0], row[1], row[2], row[3], row[4]};
	return row != NULL;
}

bool pal_sqlite_tail_head(struct pal_sqlite_tail *tail, int64_t conversation,
			  struct pal_sqlite_head *ret)
{
	pthread_mutex_lock(&tail->lock);
	bool is_here =
		take_head(pal_sqlite_table_get(&tail->recent[PAL_SQLITE_HEADS], conversation),
			  ret) ||
		take_head(pal_sqlite_run_get(&tail->frozen[PAL_SQLITE_HEADS], conversation), ret);
	pthread_mutex_unlock(&tail->lock);
	return is_here;
}

bool pal_sqlite_tail_head_staged(const struct pal_sqlite_tail *tail, int64_t conversation,
				 struct pal_sqlite_head *ret)
{
	return take_head(pal_sqlite_table_get(&tail->staged[PAL_SQLITE_HEADS], conversation), ret);
}

bool pal_sqlite_tail_copy_heads(struct pal_sqlite_tail *tail, struct pal_sqlite_table *ret)
{
	const struct pal_sqlite_run *frozen = &tail->frozen[PAL_SQLITE_HEADS];
	const struct pal_sqlite_table *recent = &tail->recent[PAL_SQLITE_HEADS];

	/* Room for about as many is made before the lock is held for the time of the copy. */
	pthread_mutex_lock(&tail->lock);
	size_t count = frozen->count + recent->count;
	pthread_mutex_unlock(&tail->lock);
	if (!pal_sqlite_table_reserve(ret, count + count / 8))
		return false;
	pthread_mutex_lock(&tail->lock);
	bool is_roomy = pal_sqlite_table_reserve(ret, frozen->count + recent->count);

	for (size_t i = 0; is_roomy && i < frozen->count; i++)
		pal_sqlite_table_add(ret, frozen->rows + i * frozen->width);
	if (is_roomy)
		pal_sqlite_table_copy(ret, recent);
	pthread_mutex_unlock(&tail->lock);
	return is_roomy;
}

struct pal_sqlite_totals pal_sqlite_tail_totals(struct pal_sqlite_tail *tail)
{
	pthread_mutex_lock(&tail->lock);
	struct pal_sqlite_totals totals = tail->totals;
	pthread_mutex_unlock(&tail->lock);
	return totals;
}
