# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-base
TESTS += tests/test-base
tests_test_base_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_base_LDADD = $(TEST_LDADD)
tests_test_base_SOURCES = $(TEST_SUPPORT) \
	tests/base/test_arena.c \
	tests/base/test_buf.c \
	tests/base/test_clock.c \
	tests/base/test_crypto.c \
	tests/base/test_error.c \
	tests/base/test_hash.c \
	tests/base/test_id.c \
	tests/base/test_json.c \
	tests/base/test_json_read.c \
	tests/base/test_json_write.c \
	tests/base/test_log.c \
	tests/base/test_log_format.c \
	tests/base/test_metrics.c \
	tests/base/test_redact.c \
	tests/base/test_scratch.c \
	tests/base/test_seal.c \
	tests/base/test_spelling.c \
	tests/base/test_suggest.c
