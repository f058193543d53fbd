# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += scripts/README.md scripts/check-shape.sh scripts/embed.sh
SOURCE_TESTS = \
	scripts/check-api-manual.sh \
	scripts/check-architecture.sh \
	scripts/check-headers.sh \
	scripts/check-include-order.sh \
	scripts/check-manuals.sh
TESTS += $(SOURCE_TESTS)
EXTRA_DIST += $(SOURCE_TESTS)
AM_TESTS_ENVIRONMENT += PAL_HEADER_CC='$(CC) -std=c11 -D_GNU_SOURCE $(PAL_WARNINGS) -Werror \
	$(EVENT_CFLAGS) $(JSONC_CFLAGS) $(SQLITE_CFLAGS) $(OPENSSL_CFLAGS) $(FYAML_CFLAGS) \
	$(CJOSE_CFLAGS) $(CURL_CFLAGS)'; export PAL_HEADER_CC;

# Reports; never fails.
check-shape:
	@top_srcdir='$(top_srcdir)' $(SHELL) $(top_srcdir)/scripts/check-shape.sh src tests
.PHONY: check-shape
