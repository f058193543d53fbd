# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/conversation/README.md
libpalaver_a_SOURCES += \
	src/service/conversation/behind.c src/service/conversation/behind.h \
	src/service/conversation/command.c src/service/conversation/command.h \
	src/service/conversation/conversation.c src/service/conversation/conversation.h \
	src/service/conversation/counters.c src/service/conversation/counters.h \
	src/service/conversation/creation.c src/service/conversation/creation.h \
	src/service/conversation/erasure.c src/service/conversation/erasure.h \
	src/service/conversation/health.c src/service/conversation/health.h \
	src/service/conversation/idle.c src/service/conversation/idle.h \
	src/service/conversation/inbound.c src/service/conversation/inbound.h \
	src/service/conversation/life.c src/service/conversation/life.h \
	src/service/conversation/load.c src/service/conversation/load.h \
	src/service/conversation/message.c src/service/conversation/message.h \
	src/service/conversation/operation.c src/service/conversation/operation.h \
	src/service/conversation/operation_verbs.c \
	src/service/conversation/replay.c src/service/conversation/replay.h \
	src/service/conversation/session_gate.c src/service/conversation/session_gate.h \
	src/service/conversation/stored_delivery.c \
	src/service/conversation/stored_feedback.c \
	src/service/conversation/stored_message.c src/service/conversation/stored_message.h \
	src/service/conversation/stored_parts.h \
	src/service/conversation/stored_receipt.c \
	src/service/conversation/stored_status.c \
	src/service/conversation/stored_view.c \
	src/service/conversation/turn.c src/service/conversation/turn.h \
	src/service/conversation/turn_text.c src/service/conversation/turn_text.h
