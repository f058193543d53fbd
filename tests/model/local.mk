# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-model
TESTS += tests/test-model
tests_test_model_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_model_LDADD = $(TEST_LDADD)
tests_test_model_SOURCES = $(TEST_SUPPORT) \
	tests/model/test_names.c
