/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include <string.h>

#include "suite.h"

static struct pal_arena arena;

/* Read `text`, check the number; NULL `error` means success. */
static void check(enum pal_option option, const char *text, int64_t number, const char *error)
{
	struct pal_value value = {0};
	struct pal_error err = {0};
	enum pal_code code = pal_value_read(option, pal_str(text), &arena, &value, &err);

	CU_ASSERT_EQUAL(code, error ? PAL_E_CONFIG : PAL_OK);
	if (!error)
		CU_ASSERT_EQUAL(value.number, number);
	if (error)
		CHECK_STR(err.subject, pal_option_get(option)->key);
	CHECK_STR(err.message, error ? error : "");
	pal_arena_release(&arena);
}

TEST(a_number_is_digits_in_range)
{
	check(PAL_OPT_HTTP_LOOPS, "0", 0, NULL);
	check(PAL_OPT_HTTP_LOOPS, "4", 4, NULL);
	check(PAL_OPT_HTTP_LOOPS, "5", 0, "`http.loops` must be 0 to 4, not 5");
	check(PAL_OPT_HTTP_LOOPS, "-1", 0, "`http.loops` must be a whole number, not `-1`");
	check(PAL_OPT_HTTP_LOOPS, "02", 0, "`http.loops` must be a whole number, not `02`");
	check(PAL_OPT_HTTP_LOOPS, "0x2", 0, "`http.loops` must be a whole number, not `0x2`");
	check(PAL_OPT_HTTP_LOOPS, "1e0", 0, "`http.loops` must be a whole number, not `1e0`");
	check(PAL_OPT_HTTP_LOOPS, "2.0", 0, "`http.loops` must be a whole number, not `2.0`");
	check(PAL_OPT_HTTP_LOOPS, "", 0, "`http.loops` must be a whole number, not ``");
	check(PAL_OPT_HTTP_LOOPS, "999999999999999999", 0,
	      "`http.loops` must be 0 to 4, not 999999999999999999");
	check(PAL_OPT_HTTP_LOOPS, "18446744073709551617", 0,
	      "`http.loops` must be a whole number, not `18446744073709551617`");
}

TEST(a_size_is_bytes_or_has_a_unit)
{
	check(PAL_OPT_HTTP_BODY_MAX, "2048", 2048, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "64KiB", 65536, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "64kib", 65536, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "1MB", 1000000, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "64MiB", 67108864, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "2048B", 2048, NULL);
	check(PAL_OPT_HTTP_BODY_MAX, "65MiB", 0,
	      "`http.body_max` must be 1KiB to 64MiB, not 65MiB");
	check(PAL_OPT_HTTP_BODY_MAX, "9999999999999GiB", 0,
	      "`http.body_max` must be 1KiB to 64MiB, not 9999999999999GiB");
	check(PAL_OPT_HTTP_BODY_MAX, "64 KiB", 0,
	      "`http.body_max` must be a size such as 64KiB or 1MB, not `64 KiB`");
	check(PAL_OPT_HTTP_BODY_MAX, "64K", 0,
	      "`http.body_max` must be a size such as 64KiB or 1MB, not `64K`");
	check(PAL_OPT_HTTP_BODY_MAX, "KiB", 0,
	      "`http.body_max` must be a size such as 64KiB or 1MB, not `KiB`");
}

TEST(a_duration_needs_its_unit)
{
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "500ms", 500, NULL);
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "10s", 10000, NULL);
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "5m", 300000, NULL);
	check(PAL_OPT_HTTP_KEEPALIVE_TIMEOUT, "1h", 3600000, NULL);
	check(PAL_OPT_CONVERSATION_IDLE_TIMEOUT, "1d", 86400000, NULL);
	check(PAL_OPT_AUTH_JWT_LEEWAY, "0", 0, NULL);
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "0", 0,
	      "`http.header_timeout` must be 100ms to 5m, not 0");
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "6m", 0,
	      "`http.header_timeout` must be 100ms to 5m, not 6m");
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "10", 0,
	      "`http.header_timeout` must be a duration with its unit, such as 500ms, 10s, 5m "
	      "or 1h, not `10`");
	check(PAL_OPT_HTTP_HEADER_TIMEOUT, "1.5s", 0,
	      "`http.header_timeout` must be a duration with its unit, such as 500ms, 10s, 5m "
	      "or 1h, not `1.5s`");
}

TEST(a_truth_is_one_of_six_words)
{
	check(PAL_OPT_LIMITS_ENABLED, "true", 1, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "Yes", 1, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "on", 1, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "FALSE", 0, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "no", 0, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "off", 0, NULL);
	check(PAL_OPT_LIMITS_ENABLED, "1", 0, "`limits.enabled` must be true or false, not `1`");
	check(PAL_OPT_LIMITS_ENABLED, "", 0, "`limits.enabled` must be true or false, not ``");
}

TEST(a_word_is_one_of_the_list_or_the_nearest_is_suggested)
{
	check(PAL_OPT_STORE_KIND, "sqlite", PAL_CONF_STORE_SQLITE, NULL);
	check(PAL_OPT_STORE_KIND, "sqllite", 0,
	      "`store.kind` must be memory or sqlite, not `sqllite`; did you mean `sqlite`?");
	check(PAL_OPT_STORE_KIND, "SQLite", 0,
	      "`store.kind` must be memory or sqlite, not `SQLite`; did you mean `sqlite`?");
	check(PAL_OPT_STORE_KIND, "mongo", 0, "`store.kind` must be memory or sqlite, not `mongo`");
	check(PAL_OPT_LOG_LEVEL, "sql|info", 0,
	      "`log.level` must be debug, info, warning, error or critical, not `sql|info`");
}

TEST(a_text_has_its_length_and_no_control_characters)
{
	check(PAL_OPT_AUTH_JWT_ISSUER, "", 0, "`auth.jwt.issuer` must not be empty");
	check(PAL_OPT_AUTH_JWT_ISSUER, "a\nb", 0,
	      "`auth.jwt.issuer` must be UTF-8 text without control characters");
	check(PAL_OPT_AUTH_JWT_ISSUER, "a\xC2\x85", 0,
	      "`auth.jwt.issuer` must be UTF-8 text without control characters");
	check(PAL_OPT_AUTH_JWT_ISSUER, "\xC0\xAF", 0,
	      "`auth.jwt.issuer` must be UTF-8 text without control characters");
	check(PAL_OPT_AUTH_JWT_ISSUER, "\xC3\xA4", 0, NULL);
	check(PAL_OPT_AUTH_JWT_SECRET, "", 0, NULL);
	check(PAL_OPT_AUTH_JWT_SECRET, "0123456789abcdef0123456789abcde", 0,
	      "`auth.jwt.secret` must have 32 to 4096 bytes, not 31");
}

TEST(a_nul_inside_a_text_is_refused)
{
	struct pal_value value;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_value_read(PAL_OPT_LOG_FILE, PAL_STR("a\0b"), &arena, &value, &err),
			PAL_E_CONFIG);
	CHECK_STR(err.message, "`log.file` must be UTF-8 text without control characters");
	pal_arena_release(&arena);
}

TEST(an_item_must_have_the_form_of_its_list)
{
	struct pal_value value;
	struct pal_error err = {0};

	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_HTTP_LISTEN, PAL_STR("[::1]:0"), &arena, &value,
					    &err), PAL_OK);
	CHECK_STR(value.text, "[::1]:0");
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_HTTP_LISTEN, PAL_STR("localhost:80"), &arena,
					    &value, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "`localhost:80` is no address and port in numbers, such as "
			       "127.0.0.1:8001 or [::1]:8001");
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_HTTP_TRUSTED_PROXIES, PAL_STR("10.0.0.0/8"),
					    &arena, &value, &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_HTTP_TRUSTED_PROXIES, PAL_STR("10.0.0.1/8"),
					    &arena, &value, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "`10.0.0.1/8` has bits set beyond its first 8");
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_MEDIA_TYPES, PAL_STR("video/webm"), &arena,
					    &value, &err), PAL_OK);
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_MEDIA_TYPES, PAL_STR("image/svg+xml"), &arena,
					    &value, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "`media.types` cannot hold `image/svg+xml`");
	CU_ASSERT_EQUAL(pal_value_read_item(PAL_OPT_MODERATION_BLOCK, PAL_STR("potential_spm"),
					    &arena, &value, &err), PAL_E_CONFIG);
	CHECK_STR(err.message, "`moderation.block` cannot hold `potential_spm`; did you mean "
			       "`potential_spam`?");
	pal_arena_release(&arena);
}

static void check_written(enum pal_option option, int64_t number, const char *want)
{
	struct pal_buf out = {0};
	struct pal_value value = {.number = number, .text = ""};

	pal_value_write(option, &value, &out);
	pal_buf_add_char(&out, '\0');
	CHECK_STR(out.data, want);
	if (number)
		check(option, want, number, NULL);
	pal_buf_deinit(&out);
}

TEST(a_number_is_written_in_its_largest_whole_unit_and_reads_back)
{
	check_written(PAL_OPT_HTTP_BODY_MAX, 262144, "256KiB");
	check_written(PAL_OPT_HTTP_BODY_MAX, 1000000, "1MB");
	check_written(PAL_OPT_HTTP_BODY_MAX, 1025, "1025B");
	check_written(PAL_OPT_CONVERSATION_MEMORY_MAX, PAL_GIB(3), "3GiB");
	check_written(PAL_OPT_HTTP_MIN_BODY_RATE, 0, "0");
	check_written(PAL_OPT_HTTP_HEADER_TIMEOUT, 1500, "1500ms");
	check_written(PAL_OPT_HTTP_HEADER_TIMEOUT, 90000, "90s");
	check_written(PAL_OPT_CONVERSATION_IDLE_TIMEOUT, 86400000, "1d");
	check_written(PAL_OPT_HTTP_LOOPS, 3, "3");
	check_written(PAL_OPT_LOG_LEVEL, 2, "warning");
	check_written(PAL_OPT_LIMITS_ENABLED, 1, "true");
}

SUITE(value, CASE(a_number_is_digits_in_range), CASE(a_size_is_bytes_or_has_a_unit),
      CASE(a_duration_needs_its_unit), CASE(a_truth_is_one_of_six_words),
      CASE(a_word_is_one_of_the_list_or_the_nearest_is_suggested),
      CASE(a_text_has_its_length_and_no_control_characters),
      CASE(a_nul_inside_a_text_is_refused), CASE(an_item_must_have_the_form_of_its_list),
      CASE(a_number_is_written_in_its_largest_whole_unit_and_reads_back))
