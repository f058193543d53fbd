# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/store/memory/README.md
libpalaver_a_SOURCES += \
	src/store/memory/admin.c \
	src/store/memory/audit.c src/store/memory/audit.h \
	src/store/memory/chain.h \
	src/store/memory/change.c src/store/memory/change.h \
	src/store/memory/commit.c \
	src/store/memory/erase.c \
	src/store/memory/list.c \
	src/store/memory/memory.c src/store/memory/memory.h \
	src/store/memory/read.c \
	src/store/memory/record.c src/store/memory/record.h src/store/memory/record_parts.h \
	src/store/memory/record_read.c \
	src/store/memory/row.c src/store/memory/row.h \
	src/store/memory/slab.c src/store/memory/slab.h \
	src/store/memory/state.h \
	src/store/memory/table.c src/store/memory/table.h \
	src/store/memory/trail.c
