# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/delivery/README.md
libpalaver_a_SOURCES += \
	src/service/delivery/deliveries.c src/service/delivery/deliveries.h \
	src/service/delivery/deliveries_figures.c \
	src/service/delivery/deliveries_read.c \
	src/service/delivery/deliveries_walk.c \
	src/service/delivery/delivery.c src/service/delivery/delivery.h \
	src/service/delivery/delivery_ref.c src/service/delivery/delivery_ref.h \
	src/service/delivery/dispatch.c src/service/delivery/dispatch.h \
	src/service/delivery/dispatch_counts.c \
	src/service/delivery/dispatch_flight.c src/service/delivery/dispatch_flight.h \
	src/service/delivery/dispatch_inbox.c \
	src/service/delivery/dispatch_kept.c \
	src/service/delivery/dispatch_look.c \
	src/service/delivery/dispatch_pace.c \
	src/service/delivery/dispatch_parts.h \
	src/service/delivery/dispatch_read.c \
	src/service/delivery/dispatch_ready.c \
	src/service/delivery/dispatch_rest.c \
	src/service/delivery/dispatch_result.c \
	src/service/delivery/dispatch_send.c \
	src/service/delivery/dispatch_share.c \
	src/service/delivery/dispatch_track.c \
	src/service/delivery/dispatch_turn.c \
	src/service/delivery/judge.c src/service/delivery/judge.h \
	src/service/delivery/outbox.c src/service/delivery/outbox.h \
	src/service/delivery/pace.c src/service/delivery/pace.h
