# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-courier
TESTS += tests/test-courier
tests_test_courier_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_courier_LDADD = $(TEST_LDADD)
tests_test_courier_LDFLAGS = $(SCARCE_WRAP)
tests_test_courier_SOURCES = $(TEST_SUPPORT) $(SCARCE) \
	tests/courier/post.c tests/courier/post.h \
	tests/courier/receiver.c tests/courier/receiver.h \
	tests/courier/test_breaker.c \
	tests/courier/test_courier.c \
	tests/courier/test_flight.c \
	tests/courier/test_guard.c \
	tests/courier/test_memory.c \
	tests/courier/test_queue.c \
	tests/courier/test_schedule.c \
	tests/courier/test_secure.c \
	tests/http/harness.c tests/http/harness.h
