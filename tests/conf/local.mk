# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-conf
TESTS += tests/test-conf
tests_test_conf_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/tests/conf
tests_test_conf_LDADD = $(TEST_LDADD)
tests_test_conf_LDFLAGS = $(SCARCE_WRAP)
tests_test_conf_SOURCES = $(TEST_SUPPORT) $(SCARCE) \
	tests/conf/fixture.c tests/conf/fixture.h \
	tests/conf/test_address.c \
	tests/conf/test_check.c \
	tests/conf/test_describe.c \
	tests/conf/test_diff.c \
	tests/conf/test_document.c \
	tests/conf/test_environment.c \
	tests/conf/test_include.c \
	tests/conf/test_load.c \
	tests/conf/test_memory.c \
	tests/conf/test_options.c \
	tests/conf/test_report.c \
	tests/conf/test_secret_file.c \
	tests/conf/test_token_key.c \
	tests/conf/test_value.c \
	tests/conf/test_yaml.c
