# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-loop
TESTS += tests/test-loop
tests_test_loop_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_loop_LDADD = $(TEST_LDADD)
tests_test_loop_SOURCES = $(TEST_SUPPORT) \
	tests/loop/test_loop.c
