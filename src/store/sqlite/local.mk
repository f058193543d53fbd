# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/store/sqlite/README.md
libpalaver_a_SOURCES += \
	src/store/sqlite/admin.c \
	src/store/sqlite/audit.c \
	src/store/sqlite/chain.c src/store/sqlite/chain.h \
	src/store/sqlite/change.c src/store/sqlite/change.h \
	src/store/sqlite/check.c \
	src/store/sqlite/connection.c src/store/sqlite/connection.h \
	src/store/sqlite/erase.c \
	src/store/sqlite/erase_audit.c \
	src/store/sqlite/find.c src/store/sqlite/find.h \
	src/store/sqlite/list.c \
	src/store/sqlite/merge.c src/store/sqlite/merge.h \
	src/store/sqlite/proof.c src/store/sqlite/proof.h \
	src/store/sqlite/proof_file.c \
	src/store/sqlite/prune.c \
	src/store/sqlite/query.c src/store/sqlite/query.h \
	src/store/sqlite/read.c \
	src/store/sqlite/record.c \
	src/store/sqlite/row.c src/store/sqlite/row.h \
	src/store/sqlite/schema.c src/store/sqlite/schema.h \
	src/store/sqlite/seal.c src/store/sqlite/seal.h \
	src/store/sqlite/sqlite.c src/store/sqlite/sqlite.h \
	src/store/sqlite/store.h \
	src/store/sqlite/table.c src/store/sqlite/table.h \
	src/store/sqlite/tail.c src/store/sqlite/tail.h \
	src/store/sqlite/text.c src/store/sqlite/text.h \
	src/store/sqlite/trail.c src/store/sqlite/trail.h \
	src/store/sqlite/transaction.c src/store/sqlite/transaction.h \
	src/store/sqlite/version.c \
	src/store/sqlite/write.c
