# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/ctl/client.h \
	src/ctl/server.h
EXTRA_DIST += src/ctl/README.md
