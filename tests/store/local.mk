# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-store
TESTS += tests/test-store
tests_test_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_store_LDADD = $(TEST_LDADD)
tests_test_store_SOURCES = $(TEST_SUPPORT) \
	tests/store/material.c tests/store/material.h \
	tests/store/test_front.c \
	tests/store/sqlite_fixture.c tests/store/sqlite_fixture.h \
	tests/store/test_sqlite.c
