# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-store
TESTS += tests/test-store
tests_test_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_store_LDADD = $(TEST_LDADD)
tests_test_store_SOURCES = $(TEST_SUPPORT) \
	tests/store/conformance.c tests/store/conformance.h \
	tests/store/conformance_admin.c \
	tests/store/conformance_audit.c \
	tests/store/conformance_change.c \
	tests/store/conformance_commit.c \
	tests/store/conformance_erase.c \
	tests/store/conformance_limits.c \
	tests/store/conformance_list.c \
	tests/store/conformance_load.c \
	tests/store/conformance_read.c \
	tests/store/conformance_record.c \
	tests/store/conformance_search.c \
	tests/store/conformance_unit_records.c \
	tests/store/material.c tests/store/material.h \
	tests/store/test_front.c \
	tests/store/test_health.c \
	tests/store/test_memory.c \
	tests/store/test_memory_limit.c \
	tests/store/test_store.c \
	tests/store/test_sqlite_conformance.c \
	tests/store/sqlite_fixture.c tests/store/sqlite_fixture.h \
	tests/store/disk.c tests/store/disk.h \
	tests/store/test_sqlite_audit.c \
	tests/store/test_sqlite.c \
	tests/store/test_sqlite_crash.c \
	tests/store/test_sqlite_crash_changes.c \
	tests/store/test_sqlite_erase.c \
	tests/store/test_sqlite_faults.c \
	tests/store/test_sqlite_flip.c \
	tests/store/test_sqlite_readers.c \
	tests/store/test_sqlite_schema.c \
	tests/store/test_sqlite_tail.c
