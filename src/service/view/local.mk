# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/service/view/README.md
libpalaver_a_SOURCES += \
	src/service/view/answer.c src/service/view/answer.h \
	src/service/view/conversation.c src/service/view/conversation.h \
	src/service/view/export_write.c src/service/view/export_write.h \
	src/service/view/view.c src/service/view/view.h
