# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-ctl
TESTS += tests/test-ctl
tests_test_ctl_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_ctl_LDADD = $(TEST_LDADD)
tests_test_ctl_SOURCES = $(TEST_SUPPORT) \
	tests/ctl/test_server.c
