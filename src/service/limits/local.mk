# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/limits/README.md
libpalaver_a_SOURCES += \
	src/service/limits/count.c src/service/limits/count.h \
	src/service/limits/limits.c src/service/limits/limits.h
