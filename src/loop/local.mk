# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/loop/loop.c src/loop/loop.h
