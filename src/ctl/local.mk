# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/ctl/client.c src/ctl/client.h \
	src/ctl/conn.c src/ctl/conn.h \
	src/ctl/failure.c src/ctl/failure.h \
	src/ctl/listen.c src/ctl/listen.h \
	src/ctl/outbox.c src/ctl/outbox.h \
	src/ctl/request.c src/ctl/request.h \
	src/ctl/server.c src/ctl/server.h
EXTRA_DIST += src/ctl/README.md
