# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += src/base/README.md
libpalaver_a_SOURCES += \
	src/base/arena.c src/base/arena.h \
	src/base/baton.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/crypto.c src/base/crypto.h \
	src/base/error.c src/base/error.h \
	src/base/hash.c src/base/hash.h \
	src/base/hex.h \
	src/base/id.c src/base/id.h \
	src/base/json.h src/base/json_read.c src/base/json_scan.c src/base/json_write.c \
	src/base/json_escape.c src/base/json_escape.h src/base/json_tag.c src/base/json_tag.h \
	src/base/log.c src/base/log.h src/base/log_format.c src/base/log_limit.c \
	src/base/log_line.h src/base/log_pack.c \
	src/base/metrics.c src/base/metrics.h \
	src/base/redact.c \
	src/base/role.c src/base/role.h \
	src/base/scratch.c src/base/scratch.h \
	src/base/seal.c src/base/seal.h \
	src/base/spelling.c src/base/spelling.h \
	src/base/str.h src/base/utf8.h \
	src/base/suggest.c src/base/suggest.h \
	src/base/version.c src/base/version.h
