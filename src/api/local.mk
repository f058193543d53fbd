# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/api/README.md
libpalaver_a_SOURCES += \
	src/api/api.c src/api/api.h \
	src/api/chat_message.c \
	src/api/client.c src/api/client.h \
	src/api/conversations.c \
	src/api/doc.h \
	src/api/docs.c src/api/docs.h \
	src/api/docs_chat.c \
	src/api/docs_conversations.c \
	src/api/docs_service.c \
	src/api/endpoint.c src/api/endpoint.h \
	src/api/health.c \
	src/api/limit.c src/api/limit.h \
	src/api/page.c src/api/page.h \
	src/api/routes.c \
	src/api/schemas.c src/api/schemas.h \
	src/api/schemas_chat.c \
	src/api/schemas_conversations.c \
	src/api/schemas_service.c
