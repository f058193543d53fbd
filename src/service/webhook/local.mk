# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/webhook/README.md
libpalaver_a_SOURCES += \
	src/service/webhook/count.c \
	src/service/webhook/event_message.c \
	src/service/webhook/event_receipt.c \
	src/service/webhook/events.c \
	src/service/webhook/forget.c src/service/webhook/forget.h \
	src/service/webhook/jobs.c src/service/webhook/jobs.h \
	src/service/webhook/parts.h \
	src/service/webhook/report.c \
	src/service/webhook/sweep.c \
	src/service/webhook/webhooks.c src/service/webhook/webhooks.h
