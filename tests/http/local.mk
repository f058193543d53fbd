# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-http
TESTS += tests/test-http
tests_test_http_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_http_LDADD = $(TEST_LDADD)
tests_test_http_SOURCES = $(TEST_SUPPORT) \
	tests/http/harness.c tests/http/harness.h \
	tests/http/test_address.c \
	tests/http/test_envelope.c \
	tests/http/test_flow.c \
	tests/http/test_limits.c \
	tests/http/test_parser.c \
	tests/http/test_query.c \
	tests/http/test_router.c \
	tests/http/test_server.c \
	tests/http/test_tls.c
