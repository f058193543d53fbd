# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += tests/README.md tests/requirements.txt
# One test program per folder; each folder's fragment adds its files to its own program.
TEST_SUPPORT = tests/support/main.c tests/support/suite.h
# For those whose test_memory*.c make allocations fail.
SCARCE = tests/support/scarce.c tests/support/scarce.h
SCARCE_WRAP = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/support -I$(top_srcdir)/tests
TEST_LDADD = $(LDADD) -lcunit

if HAVE_CUNIT
include tests/base/local.mk
include tests/model/local.mk
include tests/conf/local.mk
include tests/loop/local.mk
include tests/actor/local.mk
include tests/http/local.mk
include tests/courier/local.mk
include tests/store/local.mk
include tests/process/local.mk
include tests/respond/local.mk
include tests/channel/local.mk
include tests/service/local.mk
include tests/api/local.mk
include tests/ctl/local.mk
include tests/daemon/local.mk
endif
include tests/fuzz/local.mk
