# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/channel/README.md
libpalaver_a_SOURCES += \
	src/service/channel/change.c \
	src/service/channel/channels.c src/service/channel/channels.h \
	src/service/channel/channels_parts.h \
	src/service/channel/config.c src/service/channel/config.h \
	src/service/channel/health.c src/service/channel/health.h \
	src/service/channel/notes.c \
	src/service/channel/parts.h \
	src/service/channel/record.c \
	src/service/channel/run.c \
	src/service/channel/sending.c src/service/channel/sending.h
