# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/server/README.md
libpalaver_a_SOURCES += \
	src/server/control.c \
	src/server/control_admin.c src/server/control_admin.h \
	src/server/control_audit.c src/server/control_audit.h \
	src/server/control_delivery.c src/server/control_delivery.h \
	src/server/control_delivery_job.c src/server/control_delivery_job.h \
	src/server/control_delivery_one.c \
	src/server/dev.c \
	src/server/notify.c src/server/notify.h \
	src/server/incoming.c \
	src/server/outgoing.c \
	src/server/parts.h \
	src/server/reload.c \
	src/server/server.c src/server/server.h \
	src/server/settings.c \
	src/server/settings_jwt.c \
	src/server/state.c \
	src/server/wiring.c
