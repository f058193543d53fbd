/* SPDX-License-Identifier: Apache-2.0 */
#include "base/scratch.h"

#include <pthread.h>

#include "suite.h"

static _Thread_local struct pal_scratch one, two;

/* What it leaves behind is the leak sanitizer's to find. */
static void *use_both(void *arg)
{
	(void)arg;
	pal_buf_add_lit(pal_scratch_get(&one), "first");
	pal_buf_add_lit(pal_scratch_get(&two), "second");
	return one.is_known && two.is_known && one.buf.len == 5 && two.buf.len == 6 ? &one : NULL;
}

TEST(get_gives_an_empty_buffer_with_its_memory_kept)
{
	pal_buf_add_lit(pal_scratch_get(&one), "something");
	size_t capacity = one.buf.cap;

	CU_ASSERT(capacity >= 9);
	CU_ASSERT_EQUAL(pal_scratch_get(&one)->len, 0);
	CU_ASSERT_EQUAL(one.buf.cap, capacity);
	pal_buf_deinit(&one.buf);
}

TEST(each_thread_has_its_own_and_loses_it_with_its_end)
{
	pthread_t threads[4];
	void *result;

	pal_buf_add_lit(pal_scratch_get(&one), "mine");
	for (size_t i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(pthread_create(&threads[i], NULL, use_both, NULL), 0);
	for (size_t i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(pthread_join(threads[i], &result), 0);
		CU_ASSERT_PTR_NOT_NULL(result);
	}
	CU_ASSERT_EQUAL(one.buf.len, 4);
	pal_buf_deinit(&one.buf);
}

SUITE(scratch, CASE(get_gives_an_empty_buffer_with_its_memory_kept),
      CASE(each_thread_has_its_own_and_loses_it_with_its_end))
