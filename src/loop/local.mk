# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/loop/README.md
libpalaver_a_SOURCES += \
	src/loop/loop.c src/loop/loop.h
