# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-actor
TESTS += tests/test-actor
tests_test_actor_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_actor_LDADD = $(TEST_LDADD)
tests_test_actor_SOURCES = $(TEST_SUPPORT) \
	tests/actor/test_mailbox.c
