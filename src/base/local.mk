# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/error.c src/base/error.h \
	src/base/role.c src/base/role.h \
	src/base/str.h \
	src/base/suggest.c src/base/suggest.h
