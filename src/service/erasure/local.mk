# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/erasure/README.md
libpalaver_a_SOURCES += \
	src/service/erasure/records.c \
	src/service/erasure/steps.h \
	src/service/erasure/trail.c \
	src/service/erasure/webhooks.c \
	src/service/erasure/user_erasure.c src/service/erasure/user_erasure.h
