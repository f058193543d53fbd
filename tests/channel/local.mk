# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-channel
TESTS += tests/test-channel
tests_test_channel_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_channel_LDADD = $(TEST_LDADD)
tests_test_channel_LDFLAGS = $(SCARCE_WRAP)
tests_test_channel_SOURCES = $(TEST_SUPPORT) $(SCARCE) \
	tests/channel/test_channel.c \
	tests/channel/test_events.c \
	tests/channel/test_memory.c \
	tests/channel/test_parts.c \
	tests/channel/test_render.c \
	tests/channel/test_split.c \
	tests/channel/test_webhook.c
