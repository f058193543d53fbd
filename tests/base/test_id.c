/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define SAMPLES 2000

TEST(v4_carries_version_and_variant_and_never_repeats)
{
	struct pal_uuid seen[200];

	for (size_t i = 0; i < 200; i++) {
		seen[i] = pal_uuid_v4();
		CU_ASSERT_EQUAL(seen[i].b[6] >> 4, 4);
		CU_ASSERT_EQUAL(seen[i].b[8] >> 6, 2);
		for (size_t k = 0; k < i; k++)
			CU_ASSERT_NOT_EQUAL(memcmp(&seen[i], &seen[k], sizeof(seen[i])), 0);
	}
}

TEST(v7_begins_with_the_time_and_rises_within_a_millisecond)
{
	struct pal_uuid last = pal_uuid_v7(0x0123456789AB);
	static const uint8_t time[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB};

	for (int i = 0; i < SAMPLES; i++) {
		struct pal_uuid id = pal_uuid_v7(0x0123456789AB);
		CU_ASSERT_EQUAL(memcmp(id.b, time, sizeof(time)), 0);
		CU_ASSERT_EQUAL(id.b[6] >> 4, 7);
		CU_ASSERT_EQUAL(id.b[8] >> 6, 2);
		CU_ASSERT(memcmp(&last, &id, sizeof(id)) < 0);
		last = id;
	}
}

TEST(v7_rises_from_one_millisecond_to_the_next)
{
	struct pal_uuid last = pal_uuid_v7(1000);

	for (int64_t ms = 1001; ms < 1000 + SAMPLES; ms++) {
		struct pal_uuid id = pal_uuid_v7(ms);
		CU_ASSERT(memcmp(&last, &id, sizeof(id)) < 0);
		last = id;
	}
}

TEST(format_and_parse_agree_in_either_case)
{
	const char *lower = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
	const char *upper = "017F22E2-79B0-7CC3-98C4-DC0C0C07398F";
	struct pal_uuid id, same;
	char text[PAL_UUID_TEXT_SIZE];

	CU_ASSERT(pal_uuid_parse(pal_str(lower), &id));
	CU_ASSERT(pal_uuid_parse(pal_str(upper), &same));
	CU_ASSERT_EQUAL(memcmp(&id, &same, sizeof(id)), 0);
	CHECK_STR(pal_uuid_format(&id, text), lower);
	CU_ASSERT_EQUAL(id.b[0], 0x01);
	CU_ASSERT_EQUAL(id.b[15], 0x8f);
}

TEST(parse_refuses_other_spellings)
{
	static const char *const bad[] = {
		"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff",
		"017f22e279b0-7cc3-98c4-dc0c0c07398f-", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
		"017f22e2_79b0_7cc3_98c4_dc0c0c07398f", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
		"017f22e279b07cc398c4dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
	};
	struct pal_uuid id = {{42}};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_FALSE(pal_uuid_parse(pal_str(bad[i]), &id));
	CU_ASSERT_FALSE(pal_uuid_parse(pal_str(NULL), &id));
	CU_ASSERT_EQUAL(id.b[0], 42);
}

TEST(random_bytes_of_any_length_differ_from_call_to_call)
{
	static const size_t lengths[] = {16, 64, 256, 257, 1024, 5000};
	static uint8_t a[5000], b[5000];

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		pal_random_bytes(a, lengths[i]);
		pal_random_bytes(b, lengths[i]);
		CU_ASSERT_NOT_EQUAL(memcmp(a, b, lengths[i]), 0);
	}
}

TEST(a_forked_child_draws_other_numbers_than_its_parent)
{
	struct pal_uuid mine, theirs = {{0}};
	int ends[2];

	pal_random_bytes(&mine, sizeof(mine));	/* the pool now holds bytes that fork copies */
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	pid_t child = fork();
	CU_ASSERT_NOT_EQUAL_FATAL(child, -1);
	if (child == 0) {
		struct pal_uuid id;
		pal_random_bytes(&id, sizeof(id));
		_exit(write(ends[1], &id, sizeof(id)) == sizeof(id) ? 0 : 1);
	}
	pal_random_bytes(&mine, sizeof(mine));
	int status = -1;
	CU_ASSERT_EQUAL(read(ends[0], &theirs, sizeof(theirs)), (ssize_t)sizeof(theirs));
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_NOT_EQUAL(memcmp(&mine, &theirs, sizeof(mine)), 0);
	close(ends[0]);
	close(ends[1]);
}

SUITE(id, CASE(v4_carries_version_and_variant_and_never_repeats),
      CASE(v7_begins_with_the_time_and_rises_within_a_millisecond),
      CASE(v7_rises_from_one_millisecond_to_the_next), CASE(format_and_parse_agree_in_either_case),
      CASE(parse_refuses_other_spellings),
      CASE(random_bytes_of_any_length_differ_from_call_to_call),
      CASE(a_forked_child_draws_other_numbers_than_its_parent))
