# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-model
TESTS += tests/test-model
tests_test_model_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/tests/model
tests_test_model_LDADD = $(TEST_LDADD)
tests_test_model_SOURCES = $(TEST_SUPPORT) \
	tests/model/request.c tests/model/request.h \
	tests/model/test_details.c \
	tests/model/test_content.c \
	tests/model/test_content_random.c \
	tests/model/test_fields.c \
	tests/model/test_formats.c \
	tests/model/test_media_type.c \
	tests/model/test_names.c \
	tests/model/test_operation_requests.c \
	tests/model/test_patch.c \
	tests/model/test_send_request.c \
	tests/model/test_session.c \
	tests/model/test_session_request.c \
	tests/model/test_state.c \
	tests/model/test_tenant_profile.c
