# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-api
TESTS += tests/test-api
tests_test_api_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_api_LDADD = $(TEST_LDADD)
tests_test_api_SOURCES = $(TEST_SUPPORT) \
	tests/api/test_client.c \
	tests/api/test_contract.c \
	tests/api/test_endpoint.c \
	tests/api/test_etag.c \
	tests/api/test_page.c \
	tests/api/test_routes.c
