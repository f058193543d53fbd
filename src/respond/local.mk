# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/respond/README.md
libpalaver_a_SOURCES += \
	src/respond/respond.c src/respond/respond.h \
	src/respond/rules/rules.c src/respond/rules/rules.h \
	src/respond/rules/templates.c src/respond/rules/templates.h
