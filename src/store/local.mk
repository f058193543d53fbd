# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/store/README.md
libpalaver_a_SOURCES += \
	src/store/audit.c \
	src/store/count.c src/store/count.h \
	src/store/erase.c \
	src/store/front.c src/store/front.h \
	src/store/groups.c src/store/groups.h \
	src/store/health.c src/store/health.h \
	src/store/kinds.c src/store/kinds.h \
	src/store/limits.c src/store/limits.h \
	src/store/record.c \
	src/store/search.c \
	src/store/store.c src/store/store.h \
	src/store/words.c src/store/words.h
include src/store/memory/local.mk
include src/store/sqlite/local.mk
