# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/channel/README.md
libpalaver_a_SOURCES += \
	src/channel/channel.c src/channel/channel.h \
	src/channel/events.c src/channel/events.h \
	src/channel/marks.h \
	src/channel/outcome.c src/channel/outcome.h \
	src/channel/parts.c src/channel/parts.h \
	src/channel/render.c src/channel/render.h \
	src/channel/shown.c src/channel/shown.h \
	src/channel/split.c src/channel/split.h \
	src/channel/web/web.c src/channel/web/web.h \
	src/channel/webhook/sign.c src/channel/webhook/sign.h \
	src/channel/webhook/webhook.c src/channel/webhook/webhook.h
