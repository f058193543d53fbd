# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/history/README.md
libpalaver_a_SOURCES += \
	src/service/history/analytics.c src/service/history/analytics.h \
	src/service/history/conversations.c src/service/history/conversations.h \
	src/service/history/export.c src/service/history/export.h \
	src/service/history/listing.c src/service/history/listing.h \
	src/service/history/reading.h \
	src/service/history/selection.c src/service/history/selection.h \
	src/service/history/tally.c src/service/history/tally.h \
	src/service/history/where.c
