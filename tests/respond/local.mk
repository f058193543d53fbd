# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-respond
TESTS += tests/test-respond
tests_test_respond_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_respond_LDADD = $(TEST_LDADD)
tests_test_respond_SOURCES = $(TEST_SUPPORT) \
	tests/respond/test_respond.c \
	tests/respond/test_rules.c
