# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-process
TESTS += tests/test-process
tests_test_process_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_process_LDADD = $(TEST_LDADD)
tests_test_process_SOURCES = $(TEST_SUPPORT) \
	tests/process/analysed.c tests/process/analysed.h \
	tests/process/test_entities.c \
	tests/process/test_process.c
