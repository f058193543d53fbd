# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/session/README.md
libpalaver_a_SOURCES += \
	src/service/session/change.c src/service/session/change.h \
	src/service/session/cleanup.c src/service/session/cleanup.h \
	src/service/session/decide.c src/service/session/decide.h \
	src/service/session/derive.c src/service/session/derive.h \
	src/service/session/list.c src/service/session/list.h \
	src/service/session/parts.h \
	src/service/session/removal.c src/service/session/removal.h \
	src/service/session/sessions.c src/service/session/sessions.h \
	src/service/session/touch.c src/service/session/touch.h
