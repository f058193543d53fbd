# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tests/fuzz/README.md
# A target is tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput, seeds in tests/fuzz/corpus/NAME
# and, if it helps, tests/fuzz/NAME.dict. With --enable-fuzzing (CC=clang) libFuzzer drives it;
# otherwise replay.c does, so that every `make check` runs the seeds and some mutants of them.
# To add one: its name in FUZZ_TARGETS and the two lines as for json below.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_audit \
	tests/fuzz/fuzz_channel \
	tests/fuzz/fuzz_conf \
	tests/fuzz/fuzz_content \
	tests/fuzz/fuzz_delivery \
	tests/fuzz/fuzz_hook \
	tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_jwt \
	tests/fuzz/fuzz_url \
	tests/fuzz/fuzz_webhook

if FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer,address,undefined
else
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif

tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c $(FUZZ_MAIN)
tests_fuzz_fuzz_conf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_content_SOURCES = tests/fuzz/fuzz_content.c $(FUZZ_MAIN)
tests_fuzz_fuzz_content_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_audit_SOURCES = tests/fuzz/fuzz_audit.c $(FUZZ_MAIN)
tests_fuzz_fuzz_audit_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_channel_SOURCES = tests/fuzz/fuzz_channel.c $(FUZZ_MAIN)
tests_fuzz_fuzz_channel_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_delivery_SOURCES = tests/fuzz/fuzz_delivery.c $(FUZZ_MAIN)
tests_fuzz_fuzz_delivery_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_hook_SOURCES = tests/fuzz/fuzz_hook.c $(FUZZ_MAIN)
tests_fuzz_fuzz_hook_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_jwt_SOURCES = tests/fuzz/fuzz_jwt.c $(FUZZ_MAIN)
tests_fuzz_fuzz_jwt_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c $(FUZZ_MAIN)
tests_fuzz_fuzz_url_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_webhook_SOURCES = tests/fuzz/fuzz_webhook.c $(FUZZ_MAIN)
tests_fuzz_fuzz_webhook_LDFLAGS = $(FUZZ_LINK)

TESTS += tests/fuzz/smoke.sh
EXTRA_DIST += tests/fuzz/smoke.sh tests/fuzz/corpus \
	tests/fuzz/conf.dict tests/fuzz/content.dict \
	tests/fuzz/http.dict tests/fuzz/json.dict tests/fuzz/jwt.dict \
	tests/fuzz/url.dict
