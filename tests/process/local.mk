# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += tests/test-process
TESTS += tests/test-process
tests_test_process_CPPFLAGS = $(TEST_CPPFLAGS)
tests_test_process_LDADD = $(TEST_LDADD)
tests_test_process_SOURCES = $(TEST_SUPPORT) \
	tests/process/analysed.c tests/process/analysed.h \
	tests/process/invariants.c tests/process/invariants.h \
	tests/process/test_analysis.c \
	tests/process/test_chars.c \
	tests/process/test_choice.c \
	tests/process/test_entities.c \
	tests/process/test_hostile.c \
	tests/process/test_intent.c \
	tests/process/test_judge.c \
	tests/process/test_keywords.c \
	tests/process/test_language.c \
	tests/process/test_lexicon.c \
	tests/process/test_location.c \
	tests/process/test_markup.c \
	tests/process/test_media.c \
	tests/process/test_normalise.c \
	tests/process/test_process.c \
	tests/process/test_text.c
