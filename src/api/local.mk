# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/api/README.md
libpalaver_a_SOURCES += \
	src/api/api.c src/api/api.h \
	src/api/chat_message.c \
	src/api/client.c src/api/client.h \
	src/api/conversations.c \
	src/api/health.c \
	src/api/limit.c src/api/limit.h \
	src/api/routes.c
