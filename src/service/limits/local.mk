# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/limits/README.md
libpalaver_a_SOURCES += \
	src/service/limits/count.c src/service/limits/count.h \
	src/service/limits/judge.c \
	src/service/limits/limits.c src/service/limits/limits.h \
	src/service/limits/parts.h \
	src/service/limits/shard.c src/service/limits/shard.h
