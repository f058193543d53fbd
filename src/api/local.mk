# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/api/api.c src/api/api.h \
	src/api/chat_message.c \
	src/api/conversations.c \
	src/api/health.c \
	src/api/routes.c
