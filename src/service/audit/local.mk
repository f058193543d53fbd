# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/audit/README.md
libpalaver_a_SOURCES += \
	src/service/audit/audit.c src/service/audit/audit.h \
	src/service/audit/log.c src/service/audit/log.h \
	src/service/audit/mention.c src/service/audit/mention.h \
	src/service/audit/report.c src/service/audit/report.h \
	src/service/audit/retention.c src/service/audit/retention.h \
	src/service/audit/view.c src/service/audit/view.h
