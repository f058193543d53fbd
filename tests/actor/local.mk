# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-actor
TESTS += tests/test-actor
tests_test_actor_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_actor_LDADD = $(TEST_LDADD)
tests_test_actor_SOURCES = $(TEST_SUPPORT) \
	tests/actor/sim.c tests/actor/sim.h \
	tests/actor/test_directory.c \
	tests/actor/test_guest.c \
	tests/actor/test_lane.c \
	tests/actor/test_mailbox.c \
	tests/actor/test_pool.c \
	tests/actor/test_sim.c \
	tests/actor/test_threads.c
