/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "suite.h"

TEST(appended_bytes_stand_in_order)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_lit(&buf, "abc");
	pal_buf_add_char(&buf, 'd');
	pal_buf_add_str(&buf, PAL_STR("ef"));
	pal_buf_add_str(&buf, pal_str(NULL));
	pal_buf_addf(&buf, "%d-%s", 7, "x");
	CU_ASSERT(pal_str_equal(pal_buf_str(&buf), PAL_STR("abcdef7-x")));
	CU_ASSERT_FALSE(buf.failed);
	pal_buf_deinit(&buf);
	CU_ASSERT_PTR_NULL(buf.data);
}

TEST(numbers_are_written_to_their_ends)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_u64(&buf, 0);
	pal_buf_add_char(&buf, ' ');
	pal_buf_add_u64(&buf, UINT64_MAX);
	pal_buf_add_char(&buf, ' ');
	pal_buf_add_i64(&buf, INT64_MIN);
	pal_buf_add_char(&buf, ' ');
	pal_buf_add_i64(&buf, INT64_MAX);
	pal_buf_add_char(&buf, ' ');
	pal_buf_add_i64(&buf, -1);
	CU_ASSERT(pal_str_equal(pal_buf_str(&buf),
				PAL_STR("0 18446744073709551615 -9223372036854775808 "
					"9223372036854775807 -1")));
	pal_buf_deinit(&buf);
}

TEST(the_ceiling_is_reached_but_not_passed)
{
	struct pal_buf buf = pal_buf_of(100);
	char block[100];

	memset(block, 'x', sizeof(block));
	pal_buf_add(&buf, block, 60);
	pal_buf_add(&buf, block, 40);
	CU_ASSERT_EQUAL(buf.len, 100);
	CU_ASSERT_FALSE(buf.failed);
	CU_ASSERT(buf.cap <= 100);
	pal_buf_add_char(&buf, 'y');
	CU_ASSERT(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 100);
	pal_buf_deinit(&buf);
}

TEST(a_failure_sticks_until_cleared)
{
	struct pal_buf buf = pal_buf_of(8);

	pal_buf_add_lit(&buf, "123456789");
	CU_ASSERT(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 0);
	pal_buf_add_char(&buf, 'a');	/* would fit, but would leave a hole before it */
	CU_ASSERT_EQUAL(buf.len, 0);
	CU_ASSERT_PTR_NULL(pal_buf_reserve(&buf, 1));
	pal_buf_addf(&buf, "%d", 1);
	CU_ASSERT_EQUAL(buf.len, 0);
	pal_buf_clear(&buf);
	pal_buf_add_lit(&buf, "12345678");
	CU_ASSERT_FALSE(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 8);
	pal_buf_deinit(&buf);
	CU_ASSERT_EQUAL(buf.max, 8);
}

TEST(a_size_beyond_all_memory_fails_without_overflow)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_char(&buf, 'a');
	CU_ASSERT_PTR_NULL(pal_buf_reserve(&buf, SIZE_MAX));
	CU_ASSERT(buf.failed);
	CU_ASSERT_EQUAL(buf.len, 1);
	pal_buf_deinit(&buf);
}

TEST(draining_moves_the_rest_to_the_front)
{
	struct pal_buf buf = pal_buf_of(0);

	pal_buf_add_lit(&buf, "abcdef");
	pal_buf_drain(&buf, 2);
	CU_ASSERT(pal_str_equal(pal_buf_str(&buf), PAL_STR("cdef")));
	pal_buf_drain(&buf, 4);
	CU_ASSERT_EQUAL(buf.len, 0);
	pal_buf_deinit(&buf);
}

TEST(reserved_room_is_written_by_the_caller)
{
	struct pal_buf buf = pal_buf_of(0);

	for (size_t n = 1; n < 5000; n = n * 3 + 1) {
		char *at = pal_buf_reserve(&buf, n);
		CU_ASSERT_PTR_NOT_NULL_FATAL(at);
		memset(at, 'r', n);
		buf.len += n;
	}
	CU_ASSERT_EQUAL(buf.data[buf.len - 1], 'r');
	pal_buf_deinit(&buf);
}

SUITE(buf, CASE(appended_bytes_stand_in_order), CASE(numbers_are_written_to_their_ends),
      CASE(the_ceiling_is_reached_but_not_passed), CASE(a_failure_sticks_until_cleared),
      CASE(a_size_beyond_all_memory_fails_without_overflow),
      CASE(draining_moves_the_rest_to_the_front), CASE(reserved_room_is_written_by_the_caller))
