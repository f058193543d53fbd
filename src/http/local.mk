# SPDX-License-Identifier: Apache-2.0
libpalaver_a_SOURCES += \
	src/http/chars.c src/http/chars.h \
	src/http/envelope.h \
	src/http/exchange.h \
	src/http/parser.c src/http/parser.h \
	src/http/query.h \
	src/http/router.h \
	src/http/server.h \
	src/http/tls.h
