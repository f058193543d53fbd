# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/courier/README.md
libpalaver_a_SOURCES += \
	src/courier/breaker.c src/courier/breaker.h \
	src/courier/counts.c src/courier/counts.h \
	src/courier/courier.c src/courier/courier.h \
	src/courier/drive.c src/courier/drive.h \
	src/courier/guard.c src/courier/guard.h \
	src/courier/handles.c src/courier/handles.h \
	src/courier/header.c src/courier/header.h \
	src/courier/library.c src/courier/library.h \
	src/courier/queue.c src/courier/queue.h \
	src/courier/schedule.c src/courier/schedule.h \
	src/courier/transfer.c src/courier/transfer.h \
	src/courier/version.c
