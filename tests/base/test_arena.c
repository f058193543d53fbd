/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/buf.h"

#include "suite.h"

TEST(pieces_are_aligned_and_do_not_overlap)
{
	struct pal_arena arena = pal_arena_of(0);
	unsigned char *pieces[200];

	for (size_t i = 0; i < 200; i++) {
		pieces[i] = pal_arena_get(&arena, i + 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(pieces[i]);
		CU_ASSERT_EQUAL((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		memset(pieces[i], (int)i, i + 1);
	}
	for (size_t i = 0; i < 200; i++) {
		CU_ASSERT_EQUAL(pieces[i][0], i);
		CU_ASSERT_EQUAL(pieces[i][i], i);
	}
	pal_arena_release(&arena);
}

TEST(a_piece_larger_than_a_block_gets_its_own)
{
	struct pal_arena arena = {0};
	char *large = pal_arena_get(&arena, 100000);

	CU_ASSERT_PTR_NOT_NULL_FATAL(large);
	memset(large, 1, 100000);
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 1));
	pal_arena_release(&arena);
}

TEST(the_ceiling_holds_and_a_smaller_piece_still_fits)
{
	struct pal_arena arena = pal_arena_of(8192);

	CU_ASSERT_PTR_NULL(pal_arena_get(&arena, 8192));	/* with its header beyond */
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 4000));
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 4000));
	CU_ASSERT_PTR_NULL(pal_arena_get(&arena, 4000));
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 16));
	CU_ASSERT(arena.used <= 8192);
	pal_arena_release(&arena);
}

TEST(sizes_beyond_memory_are_refused)
{
	struct pal_arena arena = {0};

	CU_ASSERT_PTR_NULL(pal_arena_get(&arena, SIZE_MAX));
	CU_ASSERT_PTR_NULL(pal_arena_get(&arena, SIZE_MAX - 15));
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 0));
	pal_arena_release(&arena);
}

TEST(copies_end_in_nul_and_live_apart)
{
	struct pal_arena arena = {0};
	char text[] = "abc";
	struct pal_str copy = pal_arena_copy(&arena, pal_str(text));

	text[0] = 'x';
	CHECK_STR(copy.p, "abc");
	CU_ASSERT_EQUAL(copy.n, 3);
	copy = pal_arena_copy(&arena, pal_str(NULL));
	CHECK_STR(copy.p, "");
	CU_ASSERT_EQUAL(copy.n, 0);
	pal_arena_release(&arena);
}

TEST(a_copy_without_room_is_absent)
{
	struct pal_arena arena = pal_arena_of(64);

	CU_ASSERT_PTR_NULL(pal_arena_copy(&arena, PAL_STR("abc")).p);
}

TEST(a_buffer_is_copied_or_taken_unless_it_failed)
{
	struct pal_arena arena = {0};
	struct pal_buf buf = pal_buf_of(4);

	pal_buf_add_lit(&buf, "abc");
	struct pal_str copy = pal_arena_copy_buf(&arena, &buf);
	CHECK_STR(copy.p, "abc");
	CU_ASSERT_PTR_NOT_EQUAL(copy.p, buf.data);
	CU_ASSERT_EQUAL(buf.len, 3);
	CHECK_STR(pal_arena_take_buf(&arena, &buf).p, "abc");
	CU_ASSERT_PTR_NULL(buf.data);
	buf = pal_buf_of(4);
	pal_buf_add_lit(&buf, "too long");
	CU_ASSERT(buf.failed);
	CU_ASSERT_PTR_NULL(pal_arena_copy_buf(&arena, &buf).p);
	CU_ASSERT_PTR_NULL(pal_arena_take_buf(&arena, &buf).p);
	pal_arena_release(&arena);
}

TEST(texts_are_copied_in_place_and_absent_ones_stay_absent)
{
	struct pal_arena arena = {0}, full = pal_arena_of(64);
	char text[] = "abc";
	struct pal_str first = pal_str(text), second = {NULL, 0};
	struct pal_str *texts[] = {&first, &second};

	CU_ASSERT(pal_arena_copy_texts(&arena, texts, 2));
	text[0] = 'x';
	CHECK_STR(first.p, "abc");
	CU_ASSERT_PTR_NULL(second.p);
	CU_ASSERT(!pal_arena_copy_texts(&full, texts, 2));
	pal_arena_release(&arena);
}

TEST(release_empties_and_the_arena_works_on)
{
	struct pal_arena arena = pal_arena_of(8192);

	for (int round = 0; round < 3; round++) {
		CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 4000));
		CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 4000));
		pal_arena_release(&arena);
		CU_ASSERT_EQUAL(arena.used, 0);
		CU_ASSERT_EQUAL(arena.max, 8192);
	}
}

TEST(a_reset_keeps_one_block_for_the_next_request)
{
	struct pal_arena arena = {0};
	char *first = pal_arena_get(&arena, 100);

	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	size_t used = arena.used;
	pal_arena_reset(&arena);
	CU_ASSERT_PTR_EQUAL(pal_arena_get(&arena, 100), first);
	CU_ASSERT_EQUAL(arena.used, used);	/* nothing came from the heap */
	pal_arena_release(&arena);
}

TEST(a_reset_gives_more_than_one_usual_block_back)
{
	struct pal_arena arena = {0};

	pal_arena_reset(&arena);	/* an empty one stays empty */
	CU_ASSERT_EQUAL(arena.used, 0);
	CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 100000));
	pal_arena_reset(&arena);
	CU_ASSERT_EQUAL(arena.used, 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_PTR_NOT_NULL(pal_arena_get(&arena, 4000));
	pal_arena_reset(&arena);
	CU_ASSERT_EQUAL(arena.used, 0);
	pal_arena_release(&arena);
}

SUITE(arena, CASE(a_reset_keeps_one_block_for_the_next_request),
      CASE(a_reset_gives_more_than_one_usual_block_back), CASE(pieces_are_aligned_and_do_not_overlap),
      CASE(a_piece_larger_than_a_block_gets_its_own),
      CASE(the_ceiling_holds_and_a_smaller_piece_still_fits), CASE(sizes_beyond_memory_are_refused),
      CASE(copies_end_in_nul_and_live_apart), CASE(a_copy_without_room_is_absent),
      CASE(a_buffer_is_copied_or_taken_unless_it_failed),
      CASE(texts_are_copied_in_place_and_absent_ones_stay_absent),
      CASE(release_empties_and_the_arena_works_on))
